"""Surroundings of a workspace's zones: by hand on boxes, and by the command on the sample district."""

from __future__ import annotations

import datetime as dt
import json
import math
from pathlib import Path

import geopandas as gpd
import pytest
from openpyxl import load_workbook
from pyproj import CRS

from spatial.areas import official_area_m2
from spatial.catalog import load_workspace
from spatial.cli.main import main
from spatial.errors import InputError
from spatial.surroundings.run import run_surroundings
from spatial.tables.surroundings import surroundings_tables
from tests import small

DAY = dt.date(2026, 11, 21)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    zones = {
        "WS1": {"源": small.at(0, 4000, 1000, 1000)},
        "RESERVOIR": {"库": small.at(1000, 3000, 3000, 3000)},
        "RECEPTOR": {"近": small.point(-50, 4500), "远": small.point(9000, 9000)},
    }
    return small.workspace(tmp_path / "ws", zones)


def test_bands_and_fence_by_hand(folder: Path) -> None:
    result = run_surroundings(load_workspace(folder), DAY, "WS1", [100, 300], ["RECEPTOR"])
    first, second = result.bands["area_m2"]
    plane = CRS(small.CRS)
    scale = official_area_m2([small.at(0, 4000, 1000, 1000)], plane)[0] / 1e6
    assert first == pytest.approx(scale * (4 * 1000 * 100 + math.pi * 100**2), rel=1e-4)
    assert first + second == pytest.approx(scale * (4 * 1000 * 300 + math.pi * 300**2), rel=1e-4)
    # West of the district's edge lies the strip along one side and its two corners.
    outside = scale * (1000 * 100 + math.pi * 100**2 / 2)
    assert result.bands["in_district_m2"][0] == pytest.approx(first - outside, rel=1e-4)
    assert result.border_m == pytest.approx(4000, rel=2e-4)
    # The side along the reservoir is shore; a metre at either end of it is taken for shore too.
    assert result.fence_m == pytest.approx(2998, rel=2e-4)
    (row,) = result.exposure.itertuples()
    assert (row.zone, row.source, row.band_m) == ("源", "近", 100.0)
    assert row.distance_m == pytest.approx(50)
    assert result.sources == {"RECEPTOR": 2}


def test_projects_from_a_file_are_sources(folder: Path, tmp_path: Path) -> None:
    path = small.write(tmp_path / "p.gpkg", {"跨": small.at(900, 4900, 200, 200), "外": small.at(1250, 4000, 10, 10)})
    result = run_surroundings(load_workspace(folder), DAY, "WS1", [100, 300], [str(path)])
    inside = official_area_m2([small.at(900, 4900, 100, 100)], CRS(small.CRS))[0]
    assert result.exposure["inside_m2"].tolist() == pytest.approx([inside, 0.0], rel=1e-6)
    assert result.exposure["band_m"].tolist() == [0.0, 300.0]
    assert set(result.exposure["source_layer"]) == {"p.gpkg"}


def test_sources_of_one_name_are_several(folder: Path, tmp_path: Path) -> None:
    stations = gpd.GeoDataFrame(
        {"name": ["加油站"] * 3}, geometry=[small.point(-x, 4500) for x in (10, 20, 30)], crs=small.CRS
    )
    stations.to_file(tmp_path / "s.gpkg", engine="pyogrio")
    result = run_surroundings(load_workspace(folder), DAY, "WS1", [100], [str(tmp_path / "s.gpkg")])
    (table,) = [table for table in surroundings_tables(result, "en") if table.key == "around_counts"]
    assert table.rows[0][1:] == (3.0, 0.0, 3.0)


@pytest.mark.parametrize(
    ("role", "distances", "sources", "said"),
    [
        ("WSX", [100], [], "WSQ"),
        ("ECO_RED", [100], [], "no layer of ECO_RED"),
        ("RECEPTOR", [100], [], "no polygons"),
        ("WS1", [300, 100], [], "300, 100"),
        ("WS1", [100], ["nowhere.gpkg"], "nowhere.gpkg"),
    ],
)
def test_bad_input_is_said_in_a_sentence(
    folder: Path, role: str, distances: list[float], sources: list[str], said: str
) -> None:
    with pytest.raises(InputError) as caught:
        run_surroundings(load_workspace(folder), DAY, role, distances, sources)
    assert said in caught.value.text("en")


def test_the_command_writes_all_and_labels_the_sample(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "out"
    arguments = [
        "surroundings",
        "eco_red",
        "-w",
        "sample:shangdang",
        "--distances",
        "200,1000",
        "--sources",
        "RECEPTOR",
    ]
    assert main(["--lang", "en", *arguments, "--date", "2026-11-21", "--out", str(out), "--json"]) == 0
    printed = json.loads(capsys.readouterr().out)
    assert printed == json.loads((out / "surroundings.json").read_text(encoding="utf-8"))
    assert printed["illustrative"]
    bands = gpd.read_parquet(out / "bands.parquet")
    assert bands.crs.to_epsg() == 4526
    assert bands["illustrative"].all()
    assert bands["area_m2"].tolist() == [band["area_m2"] for band in printed["bands"]]
    book = load_workbook(out / "surroundings.xlsx")
    assert len(book.worksheets[0]._charts) == 1
    assert all("llustrative" in sheet["A2"].value for sheet in book.worksheets)


def test_distances_that_are_no_numbers_are_usage(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--lang", "en", "surroundings", "WS1", "-w", "sample:shangdang", "--distances", "near"]) == 2
    assert "near" in capsys.readouterr().err


def test_sources_without_a_place_are_said_and_not_counted(folder: Path, tmp_path: Path) -> None:
    path = small.write(tmp_path / "p.gpkg", {"有": small.point(-50, 4500), "无": None})
    result = run_surroundings(load_workspace(folder), DAY, "WS1", [100], [str(path)])
    assert result.sources == {"p.gpkg": 1}
    assert [finding.code for finding in result.findings].count("features_without_geometry") == 1
    small.write(path, {"无": None})
    with pytest.raises(InputError, match="no features with geometry"):
        run_surroundings(load_workspace(folder), DAY, "WS1", [100], [str(path)])


def test_a_source_named_twice_counts_once_and_two_files_of_one_name_are_two(folder: Path, tmp_path: Path) -> None:
    paths = []
    for name, count in (("a", 1), ("b", 2)):
        (tmp_path / name).mkdir()
        shapes = {f"点{place}": small.point(-50, 4500 + place) for place in range(count)}
        paths.append(str(small.write(tmp_path / name / "p.gpkg", dict(shapes))))
    result = run_surroundings(load_workspace(folder), DAY, "WS1", [100], [*paths, paths[0], "receptor", "RECEPTOR"])
    assert result.sources == {paths[0]: 1, paths[1]: 2, "RECEPTOR": 2}
    assert len(result.exposure) == 4


@pytest.mark.parametrize("distance_m", [1e12, 1e308])
def test_distances_beyond_the_plane_are_refused(folder: Path, distance_m: float) -> None:
    with pytest.raises(InputError, match="at most 100000"):
        run_surroundings(load_workspace(folder), DAY, "WS1", [100, distance_m])


def test_two_editions_in_force_at_once_are_said(folder: Path) -> None:
    small.write(folder / "old.parquet", {"旧": small.at(0, 4000, 900, 900)})
    catalog = folder / "catalog.toml"
    old = '[[layer]]\nid = "old"\nrole = "WS1"\npath = "old.parquet"\nedition = "2018"'
    catalog.write_text(f"{catalog.read_text(encoding='utf-8')}\n{old}\n", encoding="utf-8")
    result = run_surroundings(load_workspace(folder), DAY, "WS1", [100])
    assert [finding.code for finding in result.findings].count("role_editions_overlap") == 1
