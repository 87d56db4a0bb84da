"""A screening from files: provenance, editions, JSON, and the golden result of the sample district."""

from __future__ import annotations

import datetime as dt
import json
from importlib.resources import files
from pathlib import Path

import jsonschema
import pytest

from spatial.catalog import load_workspace
from spatial.cli.places import sample_folder
from spatial.errors import InputError
from spatial.provenance import sha256_of
from spatial.screening.run import load_context, run_screening
from spatial.screening.to_json import to_json
from tests.small import at, point, workspace, write
from tools.golden import GOLDEN, sample_summary

TODAY = dt.date(2026, 11, 21)
SCHEMA = json.loads(files("spatial").joinpath("data", "screening.schema.json").read_text(encoding="utf-8"))


@pytest.fixture
def place(tmp_path: Path):
    return load_workspace(workspace(tmp_path / "ws", {"PBF": {"田": at(0, 0, 100, 100)}}))


def test_json_follows_its_schema(place, tmp_path: Path) -> None:
    shapes = {"厂": at(50, 50, 100, 100), "站": point(5, 5), "待": None}
    path = write(tmp_path / "p.gpkg", shapes, nature=["WWTP", "MON", "ECO"], location=[None, None, "needed"])
    result, _ = run_screening([path], place, TODAY)
    for lang in ("zh", "en"):
        jsonschema.validate(json.loads(json.dumps(to_json(result, lang), allow_nan=False)), SCHEMA)


def test_provenance_goes_with_the_result(place, tmp_path: Path) -> None:
    path = write(tmp_path / "p.gpkg", {"厂": at(50, 50, 100, 100)}, nature=["WWTP"])
    result, _ = run_screening([path], place, TODAY)
    assert result.provenance.inputs["p.gpkg"] == sha256_of(path)
    assert result.provenance.inputs["pbf"] == sha256_of(place.root / "pbf.parquet")
    assert result.provenance.software["ecopattern"]
    assert "EPSG:4526" in result.provenance.crs_path[0]
    assert [(layer.role, layer.edition) for layer in result.layers] == [("DISTRICT", "2024"), ("PBF", "2024")]


def test_the_same_input_gives_the_same_result(place, tmp_path: Path) -> None:
    path = write(tmp_path / "p.gpkg", {"厂": at(50, 50, 100, 100)}, nature=["WWTP"])
    first, second = (to_json(run_screening([path], place, TODAY)[0], "zh") for _ in range(2))
    assert first == second


def test_several_files_are_one_screening(place, tmp_path: Path) -> None:
    one = write(tmp_path / "a.gpkg", {"厂": at(50, 50, 100, 100)}, nature=["WWTP"], project_id=["a"])
    two = write(tmp_path / "b.gpkg", {"路": at(500, 500, 100, 100)}, nature=["LIN"], project_id=["b"])
    result, _ = run_screening([one, two], place, TODAY)
    assert [found.project.project_id for found in result.projects] == ["a", "b"]
    with pytest.raises(InputError, match="stands twice"):
        run_screening([one, one], place, TODAY)


def test_projects_in_another_plane_give_the_same_areas(place, tmp_path: Path) -> None:
    here = write(tmp_path / "a.gpkg", {"厂": at(50, 50, 100, 100)}, nature=["WWTP"])
    import geopandas as gpd

    gpd.read_file(here).to_crs(4490).to_file(tmp_path / "b.gpkg")
    first, second = (run_screening([path], place, TODAY)[0].projects[0] for path in (here, tmp_path / "b.gpkg"))
    assert first.official_area_m2 == pytest.approx(second.official_area_m2, rel=1e-7)
    assert first.rows[0].gross_area_m2 == pytest.approx(second.rows[0].gross_area_m2, rel=1e-6)


def test_an_edition_not_valid_on_the_day_is_missing(tmp_path: Path) -> None:
    extra = '[[layer]]\nid = "ws1"\nrole = "WS1"\npath = "pbf.parquet"\nedition = "x"\nvalid_from = 2027-01-01'
    place = load_workspace(workspace(tmp_path / "ws", {"PBF": {"田": at(0, 0, 100, 100)}}, extra=extra))
    path = write(tmp_path / "p.gpkg", {"厂": at(50, 50, 100, 100)}, nature=["WWTP"])
    assert "WS1" in run_screening([path], place, TODAY)[0].projects[0].missing_roles
    assert "WS1" not in run_screening([path], place, dt.date(2027, 6, 1))[0].projects[0].missing_roles


def test_declared_areas_that_differ_are_noted(place, tmp_path: Path) -> None:
    for declared, noted in ((10_000.0, 0), (9_000.0, 1)):
        path = write(tmp_path / "p.gpkg", {"厂": at(50, 50, 100, 100)}, nature=["WWTP"], declared_area_m2=[declared])
        codes = [finding.code for finding in run_screening([path], place, TODAY)[0].findings]
        assert codes.count("declared_differs") == noted


def test_zones_must_be_polygons(tmp_path: Path) -> None:
    place = load_workspace(workspace(tmp_path / "ws", {"PBF": {"田": point(0, 0)}}))
    path = write(tmp_path / "p.gpkg", {"厂": at(50, 50, 100, 100)}, nature=["WWTP"])
    with pytest.raises(InputError, match="not polygons"):
        run_screening([path], place, TODAY)


def test_the_sample_as_it_was() -> None:
    """Golden: verdicts, areas and documents of the plan's register (tools/golden.py regenerates it)."""
    assert sample_summary() == json.loads(GOLDEN.read_text(encoding="utf-8"))


def test_the_sample_closes_everywhere() -> None:
    folder = sample_folder("shangdang")
    place = load_workspace(folder)
    result, _ = run_screening([folder / "projects.gpkg"], place, TODAY)
    assert result.illustrative
    assert max(found.closure.relative for found in result.projects if found.closure is not None) < 1e-9
    assert load_context(place, TODAY)
    jsonschema.validate(json.loads(json.dumps(to_json(result, "zh"), allow_nan=False)), SCHEMA)
