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
from spatial.erosion.farmland import farmland_of, loss_of
from spatial.erosion.measures import plan_table, price_table
from spatial.errors import InputError
from spatial.grid import Grid
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


def test_announced_land_goes_before_its_slope(tmp_path: Path) -> None:
    loss = np.full(GRID.shape, 10.0, dtype=np.float32), GRID
    tables = plan_table(), price_table()
    found = farmland_of(load_workspace(farm(tmp_path / "ws")), DAY, loss, tables)
    names = found.parcels["parcel"]
    # Of the sloping fields one is announced; the one of class V is not, and is only pointed at.
    assert dict(zip(found.conversion["parcel"], found.conversion["basis"], strict=True)) == {
        "陡": "announced",
        "峭": "steep",
    }
    assert names[found.measures.index].tolist() == ["坡"]
    assert found.known
    without = farmland_of(load_workspace(farm(tmp_path / "other", announced=False)), DAY, loss, tables)
    assert names[without.measures.index].tolist() == ["坡", "陡"]
    assert without.conversion["parcel"].tolist() == ["峭"]
    assert not without.known


def test_a_workspace_without_farmland_is_refused(tmp_path: Path) -> None:
    workspace = load_workspace(small.workspace(tmp_path / "ws", {}))
    with pytest.raises(InputError, match="FARMLAND"):
        farmland_of(workspace, DAY, (np.zeros(GRID.shape, dtype=np.float32), GRID), (plan_table(), price_table()))
