"""The farmland of the sample: losses of parcels, measures, and what must be given up."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import numpy as np
import pytest
from affine import Affine
from pyproj import CRS

from spatial.areas import official_area_m2
from spatial.catalog import load_workspace
from spatial.erosion.farmland import Farmland, farmland_findings, farmland_of, loss_of, terraced
from spatial.erosion.plan import plan_table, price_table
from spatial.errors import InputError
from spatial.grid import Grid
from spatial.loading import LoadedLayer, load_layer
from tests import small

DAY = dt.date(2026, 11, 21)
GRID = Grid(CRS(small.CRS), Affine(20, 0, small.EAST, 0, -20, small.NORTH + 10_000), (500, 500))


def farm(folder: Path, *, announced: bool = True) -> Path:
    zones = {"SLOPE25": {"公告": small.at(3000, 0, 1000, 1000)}} if announced else {}
    small.workspace(
        folder, zones, extra='[[layer]]\nid = "farm"\nrole = "FARMLAND"\npath = "farm.parquet"\nedition = "2024"'
    )
    shapes = {
        "缓": small.at(0, 0, 500, 500),
        "坡": small.at(1000, 0, 500, 500),
        "梯": small.at(2000, 0, 500, 500),
        "陡": small.at(3100, 100, 500, 500),
        "峭": small.at(5000, 0, 500, 500),
    }
    small.write(
        folder / "farm.parquet", dict(shapes), slope_class=[1, 3, 3, 4, 5], field_form=["", "PD", "TT", "PD", "PD"],
        mean_slope_deg=[1.0, 10.0, 9.0, 20.0, 28.0],
    )  # fmt: skip
    return folder


def layers(folder: Path) -> tuple[tuple[LoadedLayer, ...], tuple[LoadedLayer, ...]]:
    workspace = load_workspace(folder)
    return tuple(
        tuple(load_layer(layer, CRS(small.CRS)) for layer in workspace.of_role(role, DAY))
        for role in ("FARMLAND", "SLOPE25")
    )


def farmland_on(folder: Path, loss: np.ndarray, slope: np.ndarray) -> Farmland:
    tables = plan_table(), price_table()
    return farmland_of(layers(folder), CRS(small.CRS), (loss, GRID), tables, base_tillage=0.40, slopes=lambda: slope)


def farmland(folder: Path) -> Farmland:
    loss = np.full(GRID.shape, 10.0, dtype=np.float32), GRID
    slopes = lambda: np.full(GRID.shape, 11.0, dtype=np.float32)  # noqa: E731
    return farmland_of(
        layers(folder), CRS(small.CRS), loss, (plan_table(), price_table()), base_tillage=0.40, slopes=slopes
    )


def test_losses_of_parcels_by_hand() -> None:
    raster = np.full(GRID.shape, 12.0, dtype=np.float32)
    raster[-10:] = np.nan
    zone = small.at(100, 100, 350, 200)
    found = loss_of(raster, GRID, np.array([zone], dtype=object), CRS(small.CRS))
    plane = CRS(small.CRS)
    assert found["area_m2"][0] == pytest.approx(float(official_area_m2([zone], plane)[0]), rel=1e-9)
    # The lowest ten rows, 200 m, have no loss.
    lossy = float(official_area_m2([small.at(100, 200, 350, 100)], plane)[0])
    assert found["loss_t_a"][0] == pytest.approx(12 * lossy / 1e4, rel=1e-8)
    assert found["with_loss_m2"][0] == pytest.approx(lossy, rel=1e-8)


def test_announced_land_goes_before_its_slope(tmp_path: Path) -> None:
    found = farmland(farm(tmp_path / "ws"))
    names = found.parcels["parcel"]
    # Of the sloping fields one is announced; the one of class V is not, and is only pointed at.
    assert dict(zip(found.conversion["parcel"], found.conversion["basis"], strict=True)) == {
        "陡": "announced",
        "峭": "steep",
    }
    assert names[found.measures.index].tolist() == ["坡"]
    assert found.known
    without = farmland(farm(tmp_path / "other", announced=False))
    assert names[without.measures.index].tolist() == ["坡", "陡"]
    assert without.conversion["parcel"].tolist() == ["峭"]
    assert not without.known


def test_fields_that_are_terraced_are_known_by_any_spelling(tmp_path: Path) -> None:
    folder = farm(tmp_path / "ws")
    small.write(
        folder / "farm.parquet", {"一": small.at(0, 0, 50, 50), "二": small.at(100, 0, 50, 50), "三": small.at(200, 0, 50, 50)},
        GDPDJB=["Ⅲ", "03", "4"], GDLX=["梯田", "PD", "TT"], mean_slope_deg=[8, 9, 20],
    )  # fmt: skip
    shapes = terraced(layers(folder)[0])
    assert shapes is not None
    assert [round(shape.bounds[0] - small.EAST) for shape in shapes] == [0, 200]
    assert farmland(folder).parcels["slope_class"].tolist() == [3, 3, 4]


def test_farmland_that_says_too_little_is_refused(tmp_path: Path) -> None:
    folder = farm(tmp_path / "ws")
    shapes = {"一": small.at(0, 0, 50, 50)}
    small.write(folder / "farm.parquet", dict(shapes), slope_class=[3], mean_slope_deg=[8])
    assert terraced(layers(folder)[0]) is None
    with pytest.raises(InputError, match="field_form"):
        farmland(folder)
    small.write(folder / "farm.parquet", dict(shapes), slope_class=[3], field_form=["PD"], mean_slope_deg=["steep"])
    with pytest.raises(InputError, match="一"):
        farmland(folder)


def test_a_layer_without_mean_slopes_takes_them_from_the_heights(tmp_path: Path) -> None:
    folder = farm(tmp_path / "ws")
    assert farmland(folder).slopes_stated
    small.write(folder / "farm.parquet", {"一": small.at(5, 0, 50, 50)}, GDPDJB=["3"], GDLX=["PD"])
    found = farmland(folder)
    assert not found.slopes_stated
    assert found.parcels["slope_deg"].tolist() == pytest.approx([11.0])


def test_a_mean_slope_is_that_of_the_cells_that_have_one(tmp_path: Path) -> None:
    folder = farm(tmp_path / "ws")
    small.write(folder / "farm.parquet", {"一": small.at(0, 0, 400, 400)}, GDPDJB=["3"], GDLX=["PD"])
    slope = np.full(GRID.shape, 11.0, dtype=np.float32)
    # The eastern half of the parcel.
    slope[:, 10:] = np.nan
    loss = np.where(np.isnan(slope), np.float32(np.nan), np.float32(10.0))
    found = farmland_on(folder, loss, slope)
    assert found.parcels["slope_deg"].tolist() == pytest.approx([11.0])
    half = float(official_area_m2([small.at(0, 0, 200, 400)], CRS(small.CRS))[0])
    assert found.parcels["without_loss_m2"][0] == pytest.approx(half, rel=1e-3)
    by_code = {one.code: one for one in farmland_findings(found, folder / "farm.parquet", CRS(small.CRS))}
    assert set(by_code) == {"farmland_masked"}
    assert float(str(by_code["farmland_masked"].values["area"])) == pytest.approx(half / 1e4, rel=1e-4)


def test_without_any_slope_there_is_no_earthwork_and_it_is_said(tmp_path: Path) -> None:
    folder = farm(tmp_path / "ws")
    shapes = {"一": small.at(0, 0, 400, 400), "二": small.at(1000, 0, 400, 400)}
    small.write(folder / "farm.parquet", dict(shapes), GDPDJB=["3", "3"], GDLX=["PD", "PD"])
    slope = np.full(GRID.shape, 11.0, dtype=np.float32)
    slope[:, 40:] = np.nan
    found = farmland_on(folder, np.full(GRID.shape, 10.0, dtype=np.float32), slope)
    assert found.measures.index.tolist() == [0]
    assert np.isnan(found.parcels["slope_deg"][1])
    (said,) = farmland_findings(found, folder / "farm.parquet", CRS(small.CRS))
    assert said.code == "farmland_no_slope"
    assert "二" in said.text("zh")
    assert "一、" not in said.text("zh")


def test_a_parcel_is_as_large_as_it_is_wherever_the_heights_end(tmp_path: Path) -> None:
    folder = farm(tmp_path / "ws")
    # Half beyond the heights, wholly beyond, within.
    shapes = {"半": small.at(-250, 0, 500, 500), "外": small.at(-5000, 0, 500, 500), "内": small.at(1000, 0, 500, 500)}
    small.write(
        folder / "farm.parquet", dict(shapes), slope_class=[3, 3, 3], field_form=["PD"] * 3, mean_slope_deg=[10.0] * 3
    )
    found = farmland(folder)
    plane = CRS(small.CRS)
    whole = official_area_m2(list(shapes.values()), plane)
    assert found.parcels["area_m2"].tolist() == pytest.approx(whole.tolist(), rel=1e-12)
    half = float(official_area_m2([small.at(-250, 0, 250, 500)], plane)[0])
    assert found.parcels["without_loss_m2"].tolist() == pytest.approx([half, whole[1], 0.0], rel=1e-6)
    # What has no loss is no saving and stands in no ranking.
    assert found.measures.index.tolist() == [0, 2]
    assert found.measures["area_hm2"].tolist() == pytest.approx([whole[0] / 1e4, whole[2] / 1e4])
    assert found.measures["without_loss_m2"].tolist() == pytest.approx([half, 0.0], rel=1e-6)
    by_code = {one.code: one for one in farmland_findings(found, folder / "farm.parquet", plane)}
    assert set(by_code) == {"farmland_beyond", "farmland_no_loss"}
    assert by_code["farmland_no_loss"].values["count"] == 1
    assert "外" in by_code["farmland_no_loss"].text("zh")
