"""`ecopattern slope --parcels` and `--surface`: by hand on tilted planes, against the functions, and what is refused."""

from __future__ import annotations

import json
import math
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import rasterio
import shapely
from affine import Affine
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook
from pyproj import CRS

from spatial.areas import official_area_m2
from spatial.cli.main import main
from spatial.grid import Grid
from spatial.terrain.classes import scheme_of
from spatial.terrain.parcels import ridge_table, ridges_of
from spatial.terrain.surface import surface_by_zone
from tests import small

CELL_M, SIZE = 10.0, 120
RIDGES = "province,code,kind,coefficient_pct,source,confidence\n*,1,,0,rule,H\n140000,3,TT,10,our table,M\n140000,4,,20,our table,M\n"


def workspace(folder: Path, *, fields: bool = True) -> Path:
    """Heights that fall to the east by 8 degrees in the west and 20 in the east; four fields, the last one announced."""
    step = CELL_M * np.tan(np.radians(np.where(np.arange(SIZE) < SIZE // 2, 8.0, 20.0)))
    heights = 2000 - np.cumsum(step) * np.ones((SIZE, 1))
    transform = Affine(CELL_M, 0, small.EAST, 0, -CELL_M, small.NORTH + SIZE * CELL_M)
    profile = {"width": SIZE, "height": SIZE, "count": 1, "dtype": "float64", "crs": small.CRS, "transform": transform}
    with rasterio.open(folder / "dem.tif", "w", driver="GTiff", **profile) as file:
        file.write(heights, 1)
    shapes = [small.at(100, 100, 300, 300), small.at(700, 100, 300, 300), small.at(100, 700, 300, 300)]
    shapes.append(small.at(700, 700, 300, 300))
    frame = {"TBBH": ["a", "b", "c", "d"], "GDPDJB": ["3", "3", "3", "4"], "GDLX": ["TT", "PD", "PD", "TT"]}
    if fields:
        gpd.GeoDataFrame(frame, geometry=shapes, crs=small.CRS).to_file(folder / "farmland.gpkg")
    small.write(folder / "steep.gpkg", {"announced": small.at(690, 690, 320, 320)})
    small.write(folder / "district.gpkg", {"all": small.at(50, 50, 1100, 1100)})
    layers = {"district": "DISTRICT", "dem": "DEM", "steep": "SLOPE25"} | ({"farmland": "FARMLAND"} if fields else {})
    text = (
        'schema = 1\n[district]\nname_zh = "某区"\nname_en = "Some District"\ncode = "140404"\n'
        f'analysis_crs = "{small.CRS}"\noutline_layer = "district"\n'
    )
    for name, role in layers.items():
        file = f"{name}.tif" if name == "dem" else f"{name}.gpkg"
        text += (
            f'[[layer]]\nid = "{name}"\nrole = "{role}"\npath = "{file}"\nname_zh = "{name}"\nname_en = "{name}"\n'
            f'source = "test"\nlicence = "none"\nedition = "2024"\nvalid_from = 2024-01-01\ncrs = "{small.CRS}"\n'
            "illustrative = false\n"
        )
    (folder / "catalog.toml").write_text(text, encoding="utf-8")
    return folder


def run(folder: Path, capsys: pytest.CaptureFixture[str], *more: str) -> dict:
    assert main(["--lang", "en", "slope", "-w", str(folder), "--date", "2026-11-21", *more, "--json"]) == 0
    found: dict = json.loads(capsys.readouterr().out)
    return found


def test_fields_by_hand(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    place = workspace(tmp_path)
    (place / "ridges.csv").write_text(RIDGES, encoding="utf-8")
    out = tmp_path / "out"
    told = run(place, capsys, "--parcels", "--ridges", str(place / "ridges.csv"), "--out", str(out))
    own = gpd.read_file(out / "parcels.gpkg").set_index("parcel")
    # 8 degrees are class III, 20 are IV, announced land is V whatever the heights say.
    assert own["code"].to_dict() == {"a": 3, "b": 4, "c": 3, "d": 5}
    assert own["stated"].to_dict() == {"a": 3, "b": 3, "c": 3, "d": 4}
    assert own["basis"].to_dict() == {"a": "dem", "b": "dem", "c": "dem", "d": "announced"}
    area = float(official_area_m2([small.at(100, 100, 300, 300)], CRS(small.CRS))[0])
    assert own["net_m2"]["a"] == pytest.approx(0.9 * area, rel=1e-9)
    assert own["net_m2"]["b"] == pytest.approx(0.8 * own["area_m2"]["b"], rel=1e-12)
    # No coefficient stands for sloping fields of class III, and none for class V.
    assert np.isnan(own.loc[["c", "d"], "net_m2"]).all()
    assert told["farmland"]["without_ridge"] == [{"code": 3, "form": "PD"}, {"code": 5, "form": "TT"}]
    assert sum(row["area_m2"] for row in told["farmland"]["classes"]) == pytest.approx(own["area_m2"].sum())
    assert [row["net_m2"] is None for row in told["farmland"]["classes"]] == [True, False, False, True]
    assert told["date"] == "2026-11-21"


def test_the_workbook_compares_and_says_its_date(tmp_path: Path) -> None:
    out = tmp_path / "out"
    args = ["slope", "-w", str(workspace(tmp_path)), "--parcels", "--surface", "--date", "2026-11-21"]
    assert main(["--lang", "zh", "--quiet", *args, "--out", str(out)]) == 0
    book = load_workbook(out / "slope.xlsx")
    assert all(sheet.oddFooter.right.text == "2026-11-21" for sheet in book.worksheets)
    assert book.worksheets[0]["A1"].value.startswith("某区：")
    assert "）。" not in book.worksheets[0]["A2"].value.replace("非坡面）。", "")
    compared = [[cell.value for cell in row] for row in book["与图层所写坡度级比较"].iter_rows(min_row=4)]
    assert [row[2] for row in compared] == ["一致", "不一", "不一"]
    assert {row[0].value for row in book["两者不一的图斑"].iter_rows(min_row=4)} == {"b", "d"}
    names = [cell.value for cell in book.worksheets[0][3]]
    assert "坡面面积（公顷）" in names


def test_class_polygons_are_the_cells_of_the_raster(tmp_path: Path) -> None:
    out = tmp_path / "out"
    args = ["slope", str(workspace(tmp_path) / "dem.tif"), "--out", str(out)]
    assert main(["--lang", "zh", "--quiet", *args]) == 0
    drawn = gpd.read_file(out / "classes.gpkg")
    with rasterio.open(out / "classes.tif") as file:
        codes = file.read(1)
    for code, own in drawn.groupby("code"):
        assert own.area.sum() == pytest.approx((codes == code).sum() * CELL_M**2)
    assert drawn["area_m2"].sum() == pytest.approx(
        float(official_area_m2([shapely.union_all(drawn.geometry)], CRS(small.CRS))[0]), rel=1e-8
    )
    book = load_workbook(out / "slope.xlsx")
    # No edition was asked for, so no date is printed; and the title says that it is a file.
    assert not book.worksheets[0].oddFooter.right.text
    assert "dem.tif" in book.worksheets[0]["A1"].value


@settings(max_examples=20, deadline=None)
@given(st.floats(0.5, 60.0))
def test_the_surface_of_a_plane_is_its_plan_area_over_the_cosine(degrees: float) -> None:
    grid = Grid(CRS(small.CRS), Affine(10, 0, small.EAST, 0, -10, small.NORTH + 400), (40, 40))
    zone = np.array([small.at(55, 55, 205, 190)], dtype=object)
    slope = np.full(grid.shape, degrees, dtype=np.float32)
    found = surface_by_zone(slope, grid, zone, CRS(small.CRS), scheme_of("survey"))["surface_m2"].sum()
    plan = float(official_area_m2(zone, CRS(small.CRS))[0])
    assert found == pytest.approx(plan / math.cos(math.radians(np.float32(degrees))), rel=1e-6)


def test_a_province_goes_before_all(tmp_path: Path) -> None:
    path = tmp_path / "r.csv"
    path.write_text(RIDGES.replace("140000,4,,20", "140000,1,,5"), encoding="utf-8")
    known = ridges_of(ridge_table(path), "140000")
    assert known[1, ""].coefficient == 0.05
    assert ridges_of(ridge_table(path), "610000")[1, "TT"].coefficient == 0.0
    assert (3, "TT") not in ridges_of(ridge_table(path), "610000")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["{place}/dem.tif", "--parcels"], "--parcels"),
        (["{place}/dem.tif", "--date", "2026-11-21"], "--date"),
        (["-w", "{place}", "--ridges", "{place}/none.csv"], "--parcels only"),
        (["-w", "{place}", "--parcels", "--scheme", "sl190"], "rule of 2008"),
        (["-w", "{place}", "--parcels", "--ridges", "{place}/none.csv"], "none.csv"),
        (["-w", "{place}", "--date", "tomorrow"], "tomorrow"),
        (["-w", "{place}", "--date", "2020-01-01"], "DEM"),
        (["-w", "{bare}", "--parcels"], "FARMLAND"),
    ],
)
def test_what_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], said: str) -> None:
    folders = {name: tmp_path / name for name in ("place", "bare")}
    for name, folder in folders.items():
        folder.mkdir()
        workspace(folder, fields=name == "place")
    given_out = [argument.format(**folders) for argument in arguments]
    assert main(["--lang", "en", "slope", *given_out, "--out", str(tmp_path / "out")]) == 2
    assert said in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_too_large_a_grid_is_refused_or_loses_its_polygons(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from spatial.runtime import blocks

    place = workspace(tmp_path)
    real = blocks.setting
    least = {"memory_mib": 0.5}
    from spatial.terrain import result

    def refuse(*args: object, **more: object) -> float:
        monkeypatch.setattr(blocks, "setting", lambda name: least.get(name, real(name)))
        try:
            return blocks.require_memory(*args, **more)  # type: ignore[arg-type]
        finally:
            monkeypatch.setattr(blocks, "setting", real)

    monkeypatch.setattr(result, "require_memory", refuse)
    assert main(["--lang", "en", "slope", "-w", str(place), "--surface"]) == 2
    assert "MiB" in capsys.readouterr().err
    out = tmp_path / "out"
    assert main(["--lang", "en", "slope", "-w", str(place), "--out", str(out)]) == 0
    assert "classes.gpkg" in capsys.readouterr().err
    assert not (out / "classes.gpkg").exists()
    assert (out / "slope.xlsx").exists()
