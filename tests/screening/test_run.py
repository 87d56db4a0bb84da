"""A screening from files: provenance, editions, JSON, and the golden result of the sample district."""

from __future__ import annotations

import datetime as dt
import json
from importlib.resources import files
from pathlib import Path

import geopandas as gpd
import jsonschema
import pytest
import shapely
from pyproj import CRS

from spatial.areas import official_area_m2, stored_vertex_area_m2
from spatial.catalog import load_workspace
from spatial.cli.places import sample_folder
from spatial.errors import InputError
from spatial.loading import load_context
from spatial.provenance import sha256_of
from spatial.roles import zone_roles
from spatial.screening.run import run_screening
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
    gpd.read_file(here).to_crs(4490).to_file(tmp_path / "b.gpkg")
    first, second = (run_screening([path], place, TODAY)[0].projects[0] for path in (here, tmp_path / "b.gpkg"))
    assert first.official_area_m2 == pytest.approx(second.official_area_m2, rel=1e-7)
    assert first.rows[0].gross_area_m2 == pytest.approx(second.rows[0].gross_area_m2, rel=2e-6)


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


def test_long_edges_in_degrees_are_cut_before_they_are_moved(place, tmp_path: Path) -> None:
    """A strip 2 m high and 9 km long whose upper edge has a vertex more: moving bare vertices loses its area."""
    west, east, south = 113.0120, 113.1100, 35.9700
    north = south + 2 / 111_000
    strip = shapely.Polygon([(west, south), (east, south), (east, north), ((west + east) / 2, north), (west, north)])
    frame = gpd.GeoDataFrame({"nature": ["LIN"]}, geometry=[strip], crs=4490)
    frame.to_parquet(tmp_path / "p.parquet")
    found = run_screening([tmp_path / "p.parquet"], place, TODAY)[0].projects[0]
    direct = float(official_area_m2([strip], CRS(4490))[0])
    assert direct == pytest.approx(2 * 8_840, rel=0.01)
    assert found.official_area_m2 == pytest.approx(direct, rel=1e-6)
    assert found.stored_area_m2 == pytest.approx(float(stored_vertex_area_m2([strip], CRS(4490))[0]), rel=1e-9)


def test_a_zone_layer_that_misses_the_district_is_refused(tmp_path: Path) -> None:
    """The trap of two planes without prefix: the numbers fit, the place is 270 km off."""
    folder = workspace(tmp_path / "ws", {"PBF": {"田": at(0, 0, 100, 100)}})
    gpd.read_parquet(folder / "pbf.parquet").to_crs(4546).set_crs(4547, allow_override=True).to_parquet(
        folder / "pbf.parquet"
    )
    path = write(tmp_path / "p.gpkg", {"厂": at(50, 50, 100, 100)}, nature=["WWTP"])
    with pytest.raises(
        InputError, match=r"pbf\.parquet: in .* do not lie in the district .* the numbers fit EPSG:4546"
    ):
        run_screening([path], load_workspace(folder), TODAY)


def test_a_zone_layer_without_geometry_is_no_layer(tmp_path: Path) -> None:
    folder = workspace(tmp_path / "ws", {"PBF": {"田": at(0, 0, 100, 100)}})
    path = write(tmp_path / "p.gpkg", {"厂": at(50, 50, 100, 100)}, nature=["WWTP"])
    write(folder / "pbf.parquet", {"田": None})
    with pytest.raises(InputError, match=r"pbf\.parquet: the layer has no features"):
        run_screening([path], load_workspace(folder), TODAY)
    write(folder / "pbf.parquet", {"田": at(0, 0, 100, 100), "空": None})
    result, _ = run_screening([path], load_workspace(folder), TODAY)
    assert "features_without_geometry" in [finding.code for finding in result.findings]
    assert result.projects[0].verdict == "X"


def test_receptors_keep_their_kinds_when_one_has_no_place(tmp_path: Path) -> None:
    extra = '[[layer]]\nid = "receptor"\nrole = "RECEPTOR"\npath = "receptor.parquet"\nedition = "x"'
    write(
        tmp_path / "receptor.parquet", {"无": None, "甲": point(10, 10), "乙": point(20, 20)}, kind=["K0", "K1", "K2"]
    )
    place = load_workspace(workspace(tmp_path, {"PBF": {"田": at(0, 0, 100, 100)}}, extra=extra))
    path = write(tmp_path / "p.gpkg", {"厂": at(50, 50, 100, 100)}, nature=["WWTP"])
    result, _ = run_screening([path], place, TODAY)
    assert {hit.name: hit.kind for hit in result.projects[0].receptors} == {"甲": "K1", "乙": "K2"}


def test_no_receptor_layer_is_said(place, tmp_path: Path) -> None:
    path = write(tmp_path / "p.gpkg", {"厂": at(50, 50, 100, 100)}, nature=["WWTP"])
    assert "receptors_missing" in [finding.code for finding in run_screening([path], place, TODAY)[0].findings]


@pytest.mark.parametrize("crs", ["EPSG:3857", "EPSG:4513", "EPSG:32648"])
def test_an_analysis_plane_that_stretches_is_refused(tmp_path: Path, crs: str) -> None:
    folder = workspace(tmp_path / "ws", {"PBF": {"田": at(0, 0, 100, 100)}})
    catalog = folder / "catalog.toml"
    catalog.write_text(catalog.read_text(encoding="utf-8").replace("EPSG:4526", crs), encoding="utf-8")
    path = write(tmp_path / "p.gpkg", {"厂": at(50, 50, 100, 100)}, nature=["WWTP"])
    with pytest.raises(InputError, match="stretches areas"):
        run_screening([path], load_workspace(folder), TODAY)


def test_touching_the_outline_from_outside_is_outside(place, tmp_path: Path) -> None:
    path = write(tmp_path / "p.gpkg", {"厂": at(-100, 50, 100, 100)}, nature=["WWTP"])
    with pytest.raises(InputError, match="wholly outside"):
        run_screening([path], place, TODAY)


def test_a_part_outside_is_never_a_pass(tmp_path: Path) -> None:
    others = tuple(role for role in zone_roles() if role != "PBF")
    place = load_workspace(workspace(tmp_path / "ws", {"PBF": {"田": at(5000, 5000, 1, 1)}}, absent=others))
    for x, verdict in ((50, "P"), (-50, "U")):
        path = write(tmp_path / "p.gpkg", {"站": at(x, 50, 100, 100)}, nature=["MON"])
        found = run_screening([path], place, TODAY)[0].projects[0]
        assert found.verdict == verdict
        said = " ".join(text.say("en") for text in found.conclusion)
        assert ("outside the district" in said) is (verdict == "U")


def test_unfilled_catalogues_are_said(tmp_path: Path) -> None:
    folder = workspace(tmp_path / "ws", {"PBF": {"田": at(0, 0, 100, 100)}})
    catalog = folder / "catalog.toml"
    catalog.write_text(catalog.read_text(encoding="utf-8").replace("试验区", "（请填写）"), encoding="utf-8")
    path = write(tmp_path / "p.gpkg", {"厂": at(50, 50, 100, 100)}, nature=["WWTP"])
    assert "catalog_placeholder" in [f.code for f in run_screening([path], load_workspace(folder), TODAY)[0].findings]


def test_files_of_one_name_and_no_ids(place, tmp_path: Path) -> None:
    (tmp_path / "x").mkdir()
    one = write(tmp_path / "p.gpkg", {"厂": at(50, 50, 100, 100)}, nature=["WWTP"])
    two = write(tmp_path / "x" / "q.gpkg", {"路": at(500, 500, 100, 100)}, nature=["LIN"])
    result, _ = run_screening([one, two], place, TODAY)
    assert [found.project.project_id for found in result.projects] == ["p-1", "q-1"]


def test_columns_of_a_shapefile_and_half_width_brackets(place, tmp_path: Path) -> None:
    path = write(
        tmp_path / "p.gpkg",
        {"厂": at(50, 50, 100, 100)},
        **{"申报面积(亩)": [15.0], "项目性质": ["WWTP"], "颜色": ["红"]},
    )
    result, _ = run_screening([path], place, TODAY)
    assert result.projects[0].project.declared_area_m2 == 10_000
    unused = [finding.values["columns"] for finding in result.findings if finding.code == "columns_unused"]
    assert unused == ["颜色"]


def test_the_stored_area_is_that_of_the_file(place, tmp_path: Path) -> None:
    """Oblique edges of 3 km in degrees: the area of the stored vertices alone is another one."""
    shape = shapely.Polygon([(113.01, 35.96), (113.04, 35.97), (113.03, 36.0), (113.015, 35.99)])
    gpd.GeoDataFrame({"nature": ["LIN"]}, geometry=[shape], crs=4490).to_parquet(tmp_path / "p.parquet")
    found = run_screening([tmp_path / "p.parquet"], place, TODAY)[0].projects[0]
    assert found.stored_area_m2 == pytest.approx(float(stored_vertex_area_m2([shape], CRS(4490))[0]), rel=1e-12)
    assert found.official_area_m2 == pytest.approx(float(official_area_m2([shape], CRS(4490))[0]), rel=1e-6)
    assert abs(found.stored_area_m2 - found.official_area_m2) > 1


def test_two_editions_in_force_at_once_are_said(tmp_path: Path) -> None:
    entry = '[[layer]]\nid = "old"\nrole = "ECO_RED"\npath = "eco_red.parquet"\nedition = "2018"'
    folder = workspace(tmp_path, {"ECO_RED": {"r": at(0, 0, 100, 100)}}, extra=entry)
    path = write(tmp_path / "p.gpkg", {"a": at(500, 500, 10, 10)}, nature=["污水处理厂"])
    result, _ = run_screening([path], load_workspace(folder), dt.date(2026, 11, 21))
    (found,) = [finding for finding in result.findings if finding.code == "role_editions_overlap"]
    assert "eco_red 2024, old 2018" in found.text("en")
