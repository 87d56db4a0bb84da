"""Coverage of workspaces: by hand on boxes, and on the sample district."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from unittest.mock import patch

import geopandas as gpd
import numpy as np
import pytest
import rasterio
from affine import Affine
from openpyxl import load_workbook
from pyproj import CRS

from spatial.areas import official_area_m2
from spatial.catalog import load_workspace
from spatial.cli.main import main
from spatial.coverage.run import Asked, run_coverage
from spatial.errors import InputError
from spatial.tables.coverage import awarded_table, totals_table, units_table
from tests import small

DAY = dt.date(2026, 11, 21)
SAMPLE = Path(__file__).parents[2] / "layers" / "shangdang"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    zones = {
        "ECO_RED": {"甲": small.at(0, 0, 5000, 5000)},
        "SCENIC": {"乙": small.at(2500, 0, 5000, 5000)},
        "TOWNSHIP": {"东乡": small.at(0, 0, 5000, 10_000), "西乡": small.at(5000, 0, 5000, 10_000)},
        "FOREST": {"林": small.at(0, 4000, 1000, 2000)},
    }
    return small.workspace(tmp_path / "ws", zones, absent=("PA_CORE",))


def area(*sides: float) -> float:
    return float(official_area_m2([small.at(*sides)], CRS(small.CRS))[0])


def test_a_small_district_by_hand(folder: Path) -> None:
    result = run_coverage(load_workspace(folder), DAY, Asked(by=("TOWNSHIP",), wanted=("FOREST",)))
    found = result.coverage
    assert found.covered_m2 == pytest.approx(area(0, 0, 7500, 5000), rel=1e-8)
    towns = found.by_unit().set_index("TOWNSHIP")["covered_m2"]
    assert towns["东乡"] == pytest.approx(area(0, 0, 5000, 5000), rel=1e-8)
    assert towns["西乡"] == pytest.approx(area(5000, 0, 2500, 5000), rel=1e-8)
    assert found.gaps()["gap_m2"].tolist() == pytest.approx([area(0, 5000, 1000, 1000)], rel=1e-8)
    # What is not there is unknown or declared absent, and never zero.
    assert "WS1" in result.missing
    assert set(result.absent) == {"PA_CORE"}


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (Asked(roles=("ECORED",)), "ECO_RED"),
        (Asked(by=("LANDCOVER",)), "no layer of LANDCOVER"),
        (Asked(by=("TOWNSHIP.area",)), 'no field "area"'),
        (Asked(by=("grid:x",)), "--by grid:x is not understood"),
        (Asked(by=("grid:1e9",)), "no larger than the district"),
        (Asked(by=("grid:inf",)), "no larger than the district"),
        (Asked(by=("TOWNSHIP", "township")), "--by TOWNSHIP is given twice"),
        (Asked(by=("grid:5000", "grid:5000.0")), "grid_5000m is given twice"),
        (Asked(by=("TOWNSHIP.geometry",)), 'no field "geometry"'),
        (Asked(roles=("WS1",)), "none of the roles"),
        (Asked(roles=("ECO_RED",), wanted=("ECO_RED",)), "none of the roles"),
    ],
)
def test_what_cannot_be_asked_is_said(folder: Path, asked: Asked, said: str) -> None:
    with pytest.raises(InputError, match=said):
        run_coverage(load_workspace(folder), DAY, asked)


def test_the_command_writes_workbook_parquet_and_json(folder: Path, tmp_path: Path, capsys) -> None:
    args = [
        "coverage",
        "-w",
        str(folder),
        "--by",
        "TOWNSHIP",
        "--by",
        "grid:2500",
        "--out",
        str(tmp_path / "out"),
        "--json",
    ]
    assert main([*args, "--date", "2026-11-21"]) == 0
    printed = json.loads(capsys.readouterr().out)
    assert json.loads((tmp_path / "out" / "coverage.json").read_text(encoding="utf-8")) == printed
    assert printed["covered_m2"] == pytest.approx(area(0, 0, 7500, 5000), rel=1e-8)
    book = load_workbook(tmp_path / "out" / "coverage.xlsx")
    charted = [sheet.title for sheet in book if sheet._charts]
    assert charted == ["总体", "按单元", "按类型", "重叠层数", "按最严类型"]
    units = gpd.read_parquet(tmp_path / "out" / "units.parquet")
    assert units["partition"].unique().tolist() == ["TOWNSHIP", "grid_2500m"]
    own = units[units["partition"] == "TOWNSHIP"]
    assert official_area_m2(own.geometry.array, CRS(own.crs)) == pytest.approx(own["area_m2"], rel=1e-6)


def test_tables_are_printed_in_both_languages(folder: Path, capsys) -> None:
    for lang, said in (("zh", "至少一类分区覆盖"), ("en", "covered by at least one role")):
        assert main(["coverage", "-w", str(folder), "--lang", lang, "--date", "2026-11-21"]) == 0
        assert said in capsys.readouterr().out
    assert main(["coverage", "-w", str(folder), "--lang", "en", *["--by", "TOWNSHIP"] * 4]) == 2
    assert "at most 3" in capsys.readouterr().err


def test_the_same_coverage_gives_the_same_bytes(folder: Path, tmp_path: Path, capsys) -> None:
    for name in ("a", "b"):
        main(["coverage", "-w", str(folder), "--by", "TOWNSHIP", "--out", str(tmp_path / name), "--date", "2026-11-21"])
    capsys.readouterr()
    for file in ("coverage.xlsx", "coverage.json", "units.parquet"):
        assert (tmp_path / "a" / file).read_bytes() == (tmp_path / "b" / file).read_bytes()


def test_the_sample_balances_by_township_class_and_cover() -> None:
    workspace = load_workspace(SAMPLE)
    asked = Asked(by=("TOWNSHIP", "LANDCOVER", "FARMLAND.slope_class"))
    table = run_coverage(workspace, DAY, asked).coverage.by_unit()
    alone = {
        name: run_coverage(workspace, DAY, Asked(by=(name,))).coverage.by_unit().set_index(name) for name in asked.by
    }
    for name, own in alone.items():
        for column in ("area_m2", "covered_m2"):
            summed = table.groupby(name)[column].sum()
            assert summed.to_numpy() == pytest.approx(own[column].reindex(summed.index).to_numpy(), rel=1e-9, abs=0.01)
    assert table["area_m2"].sum() == pytest.approx(484_510_073.379, rel=1e-9)


def test_the_samples_redline_and_scenic_area_are_the_published_ones() -> None:
    table = run_coverage(load_workspace(SAMPLE), DAY, Asked()).coverage.by_role().set_index("role")["area_m2"]
    assert table["ECO_RED"] == pytest.approx(1.04e6, rel=1e-4)
    assert table["SCENIC"] + table["SCENIC_CORE"] == pytest.approx(41.04e6, rel=1e-4)


def dated_workspace(folder: Path, dates: list[str]) -> Path:
    """Two reserves of one role that overlap, and a redline over a part of both."""
    zones = {"ECO_RED": {"红": small.at(0, 0, 3000, 1000)}, "SCENIC": {"甲": small.at(0, 0, 4000, 1000)}}
    small.workspace(folder, zones)
    shapes = {"甲": small.at(0, 0, 4000, 1000), "乙": small.at(2000, 0, 4000, 1000)}
    small.write(folder / "scenic.parquet", shapes, since=dates)
    red = gpd.read_parquet(folder / "eco_red.parquet").assign(since=[""])
    red.to_parquet(folder / "eco_red.parquet")
    return folder


def test_places_go_to_the_strictest_role_and_there_to_the_earliest_date(tmp_path: Path) -> None:
    folder = dated_workspace(tmp_path / "ws", ["2018年", "2003-06-01"])
    result = run_coverage(load_workspace(folder), DAY, Asked(dated="since"))
    assert result.dated is not None
    taken = {(row.role, row.date): row.area_m2 for row in result.dated.itertuples()}
    assert taken == pytest.approx(
        {
            ("ECO_RED", ""): area(0, 0, 3000, 1000),
            ("SCENIC", "2003-06-01"): area(3000, 0, 3000, 1000),
        },
        rel=1e-8,
    )
    assert sum(taken.values()) == pytest.approx(result.coverage.covered_m2, rel=1e-12)
    earlier = dated_workspace(tmp_path / "other", ["2001", "2003-06-01"])
    result = run_coverage(load_workspace(earlier), DAY, Asked(roles=("SCENIC",), dated="since"))
    assert result.dated is not None
    assert result.dated["area_m2"].tolist() == pytest.approx(
        [area(0, 0, 4000, 1000), area(4000, 0, 2000, 1000)], rel=1e-8
    )


def test_a_date_that_is_none_is_refused(tmp_path: Path) -> None:
    folder = dated_workspace(tmp_path / "ws", ["long ago", ""])
    with pytest.raises(InputError) as caught:
        run_coverage(load_workspace(folder), DAY, Asked(roles=("SCENIC",), dated="since"))
    assert "long ago" in caught.value.text("en")


def test_a_role_may_cover_and_divide_at_once(folder: Path) -> None:
    result = run_coverage(load_workspace(folder), DAY, Asked(roles=("ECO_RED",), by=("ECO_RED",)))
    by_unit = result.coverage.by_unit().set_index("ECO_RED.name")["covered_m2"]
    assert by_unit["甲"] == pytest.approx(area(0, 0, 5000, 5000), rel=1e-8)
    assert by_unit[""] == 0


def test_land_in_a_nameless_unit_is_in_a_unit(folder: Path) -> None:
    towns = gpd.read_parquet(folder / "township.parquet")
    towns.loc[1, "name"] = None
    towns.to_parquet(folder / "township.parquet")
    result = run_coverage(load_workspace(folder), DAY, Asked(by=("TOWNSHIP",)))
    assert set(result.coverage.by_unit()["TOWNSHIP"]) == {"东乡", "?"}


def test_one_division_twice_is_refused(folder: Path) -> None:
    with pytest.raises(InputError) as caught:
        run_coverage(load_workspace(folder), DAY, Asked(by=("TOWNSHIP", "TOWNSHIP")))
    assert "given twice" in caught.value.text("en")


def test_two_editions_in_force_at_once_are_said(folder: Path) -> None:
    small.write(folder / "old.parquet", {"旧": small.at(0, 0, 6000, 5000)}, type=["水源涵养"])
    catalog = folder / "catalog.toml"
    old = '[[layer]]\nid = "old"\nrole = "ECO_RED"\npath = "old.parquet"\nedition = "2018"'
    catalog.write_text(f"{catalog.read_text(encoding='utf-8')}\n{old}\n", encoding="utf-8")
    result = run_coverage(load_workspace(folder), DAY, Asked())
    assert [finding.code for finding in result.findings].count("role_editions_overlap") == 1


def test_a_township_without_a_name_is_not_taken_for_a_gap(tmp_path: Path) -> None:
    zones = {
        "ECO_RED": {"甲": small.at(0, 0, 1000, 1000)},
        "TOWNSHIP": {"": small.at(0, 0, 4000, 10_000), "西乡": small.at(5000, 0, 5000, 10_000)},
    }
    result = run_coverage(load_workspace(small.workspace(tmp_path, zones)), DAY, Asked(by=("TOWNSHIP",)))
    areas = result.coverage.by_unit().set_index("TOWNSHIP")["area_m2"]
    assert areas["?"] == pytest.approx(area(0, 0, 4000, 10_000), rel=1e-8)
    assert areas[""] == pytest.approx(area(4000, 0, 1000, 10_000), rel=1e-8)
    assert {row[0] for row in units_table(result, "zh").rows} == {"（未命名）", "（不属于任何单元）", "西乡"}


@pytest.mark.parametrize("value", ["2018-13-45", "2018-02-30", "0000", "2018-00"])
def test_a_day_that_never_was_is_no_date(tmp_path: Path, value: str) -> None:
    folder = small.workspace(tmp_path, {"WS1": {"源": small.at(0, 0, 1000, 1000)}})
    small.write(folder / "ws1.parquet", {"源": small.at(0, 0, 1000, 1000)}, since=[value])
    with pytest.raises(InputError, match="is no date"):
        run_coverage(load_workspace(folder), DAY, Asked(roles=("WS1",), dated="since"))


@pytest.mark.parametrize(("east", "nodata"), [(300_000.0, 255), (0.0, 1)])
def test_a_grid_of_classes_beyond_the_district_is_refused(folder: Path, east: float, nodata: int) -> None:
    _grid(folder / "cover.tif", east, nodata)
    _with_cover(folder, "cover")
    with pytest.raises(InputError, match="no unit of LANDCOVER lies in the district"):
        run_coverage(load_workspace(folder), DAY, Asked(by=("LANDCOVER",)))


def test_of_two_grids_of_classes_none_is_dropped_in_silence(folder: Path) -> None:
    for name in ("north", "south"):
        _grid(folder / f"{name}.tif", 0.0, 255)
        _with_cover(folder, name)
    with pytest.raises(InputError, match="one raster is possible"):
        run_coverage(load_workspace(folder), DAY, Asked(by=("LANDCOVER",)))


def _grid(path: Path, east: float, nodata: int) -> None:
    where = Affine(1000, 0, small.EAST + east, 0, -1000, small.NORTH + 10_000)
    codes = np.ones((10, 10), dtype=np.uint8)
    with rasterio.open(
        path, "w", "GTiff", 10, 10, 1, crs=small.CRS, transform=where, dtype="uint8", nodata=nodata
    ) as file:
        file.write(codes, 1)


def _with_cover(folder: Path, name: str) -> None:
    catalog = folder / "catalog.toml"
    block = f'[[layer]]\nid = "{name}"\nrole = "LANDCOVER"\npath = "{name}.tif"\nedition = "1"'
    catalog.write_text(f"{catalog.read_text(encoding='utf-8')}\n{block}\n", encoding="utf-8")


def test_what_is_covered_whole_leaves_no_minus_nothing(tmp_path: Path) -> None:
    zones = {"ECO_RED": {"甲": small.at(-10, -10, 10_020, 10_020)}}
    result = run_coverage(load_workspace(small.workspace(tmp_path, zones)), DAY, Asked())
    assert str(totals_table(result, "zh").rows[1][1]) == "0.0"


def test_the_strictest_role_stands_first_among_those_awarded(tmp_path: Path) -> None:
    zones = {"SCENIC": {"乙": small.at(0, 0, 1000, 1000)}, "ECO_RED": {"甲": small.at(5000, 0, 1000, 1000)}}
    result = run_coverage(load_workspace(small.workspace(tmp_path, zones)), DAY, Asked())
    assert [row[0].split()[-1] for row in awarded_table(result, "zh").rows] == ["ECO_RED", "SCENIC", "没有分区覆盖"]


def test_a_name_of_ten_thousand_signs_does_not_flood_the_terminal(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    names = {"长" * 10_000: small.at(0, 0, 5000, 10_000), "西\n\x1b[2J乡": small.at(5000, 0, 5000, 10_000)}
    folder = small.workspace(tmp_path, {"ECO_RED": {"甲": small.at(0, 0, 1000, 1000)}, "TOWNSHIP": names})
    assert main(["coverage", "-w", str(folder), "--by", "TOWNSHIP", "--lang", "en"]) == 0
    told = capsys.readouterr().out
    assert max(map(len, told.splitlines())) < 400
    assert "西 \ufffd[2J乡" in told


def test_bars_of_a_role_and_township_are_named_by_both(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    assert main(["coverage", "-w", str(folder), "--by", "TOWNSHIP", "--wanted", "FOREST", "--out", str(out)]) == 0
    sheet = next(sheet for sheet in load_workbook(out / "coverage.xlsx") if sheet.title == "应覆盖而未覆盖")
    (chart,) = sheet._charts
    assert {series.cat.multiLvlStrRef.f for series in chart.series} == {"'应覆盖而未覆盖'!$A$4:$B$4"}


def test_files_are_written_though_nobody_reads_the_tables_to_their_end(folder: Path, tmp_path: Path) -> None:
    with patch("spatial.cli.coverage.echo_tables", side_effect=RuntimeError):
        main(["coverage", "-w", str(folder), "--out", str(tmp_path / "out")])
    assert (tmp_path / "out" / "coverage.xlsx").is_file()
