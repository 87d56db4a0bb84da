from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from pyproj import CRS

from spatial.areas import official_area_m2
from spatial.cli.places import sample_folder
from spatial.errors import InputError
from spatial.io.elevation import open_dem
from spatial.terrain.parcels import (
    Ridge,
    net_farmland_m2,
    parcel_classes,
    ridge_table,
)
from spatial.terrain.rule import ParcelRule, rule_of_2008
from spatial.terrain.slope import slope_deg
from tests.terrain.dems import EAST, NORTH, grid

PLANE = CRS(4526)
AS_IS = ParcelRule(min_patch_m2=0.0, tie_m2=0.005)
ON = grid(8, 8)


def cells(row: int, column: int, height: float, width: float) -> shapely.Polygon:
    x, y = EAST + 30 * column, NORTH - 30 * row
    return shapely.box(x, y - 30 * height, x + 30 * width, y)


def halves(upper: float = 4.0, lower: float = 20.0) -> np.ndarray:
    slope = np.full((8, 8), upper, np.float32)
    slope[4:] = lower
    return slope


def one(slope: np.ndarray, parcel: shapely.Polygon, **more: object) -> pd.Series:
    return parcel_classes(slope, ON, np.array([parcel]), PLANE, **({"rule": AS_IS} | more)).iloc[0]


def test_the_class_with_the_largest_area_by_hand() -> None:
    found = one(halves(), cells(2, 1, 3, 4))
    assert (found["code"], found["basis"]) == (2, "dem")
    assert [found[f"class_{code}_m2"] / 900 for code in range(1, 6)] == pytest.approx([0, 8, 0, 4, 0], rel=1e-3)
    assert found["mean_slope_deg"] == pytest.approx((8 * 4 + 4 * 20) / 12, rel=1e-6)
    assert found["max_slope_deg"] == 20
    assert one(halves(), cells(3, 1, 3, 4))["code"] == 4


def test_ties_go_to_the_lower_class() -> None:
    # Cells of one row have the same area to 0.01 m2 here, but not to the last digit.
    slope = np.full((8, 8), 4.0, np.float32)
    slope[:, 4:] = 20
    assert one(slope, cells(2, 3, 2, 2))["code"] == 2
    slope = np.full((8, 8), 20.0, np.float32)
    slope[:, 4:] = 4
    assert one(slope, cells(2, 3, 2, 2))["code"] == 2


def test_the_steepest_is_of_cells_half_within() -> None:
    slope = halves()
    slope[0, 0] = 40
    # A tenth of the steep corner cell lies in the parcel.
    corner = cells(0, 0.9, 2, 3)
    assert one(slope, corner)["max_slope_deg"] == 4
    # A parcel within it has no other cell.
    assert one(slope, cells(0.2, 0.2, 0.3, 0.3))["max_slope_deg"] == 40


def test_small_patches_do_not_decide() -> None:
    slope = np.full((8, 8), 4.0, np.float32)
    slope[2:4, 2:4] = 20
    parcel = cells(2, 2, 2, 2)
    assert one(slope, parcel, rule=rule_of_2008())["code"] == 4
    found = one(slope, parcel, rule=ParcelRule(min_patch_m2=4000.0, tie_m2=0.005))
    assert (found["code"], found["max_slope_deg"]) == (2, 20)


def test_announced_land_is_steep_whatever_the_heights_say() -> None:
    announced = np.array([cells(0, 0, 8, 2.5), cells(0, 0, 4, 2)])
    found = one(halves(), cells(0, 0, 3, 4), announced=announced)
    assert (found["code"], found["basis"]) == (5, "announced")
    assert found["announced_m2"] / 900 == pytest.approx(7.5, rel=1e-3)
    assert [found[f"class_{code}_m2"] / 900 for code in (2, 5)] == pytest.approx([4.5, 7.5], rel=1e-3)


def test_steep_by_heights_alone_is_marked() -> None:
    found = one(halves(40, 40), cells(0, 0, 3, 4), announced=np.array([cells(6, 6, 1, 1)]))
    assert (found["code"], found["basis"], found["announced_m2"]) == (5, "dem", 0)


def test_announced_land_that_only_touches_changes_nothing() -> None:
    beside = np.array([cells(0, 4, 3, 2)])
    assert one(halves(), cells(0, 0, 3, 4), announced=beside)["announced_m2"] == 0


def test_where_nothing_is_known_no_class_is_given() -> None:
    found = one(np.full((8, 8), np.nan, np.float32), cells(0, 0, 3, 4))
    assert (found["code"], found["basis"]) == (0, "")
    assert np.isnan(found["mean_slope_deg"])
    assert np.isnan(found["max_slope_deg"])
    assert found["without_m2"] == pytest.approx(found["area_m2"])
    beyond = one(halves(), shapely.affinity.translate(cells(0, 0, 3, 4), 1e4))
    assert (beyond["code"], beyond["without_m2"]) == (0, beyond["area_m2"])


def test_parts_sum_to_the_parcel() -> None:
    rng = np.random.default_rng(2)
    slope = rng.uniform(0, 40, (8, 8)).astype(np.float32)
    slope[0] = np.nan
    zones = np.array([cells(*rng.uniform(0, 5, 2), *rng.uniform(0.1, 4, 2)) for _ in range(20)])
    found = parcel_classes(slope, ON, zones, PLANE, announced=np.array([cells(2, 2, 2, 2)]))
    parts = found[[f"class_{code}_m2" for code in range(1, 6)]].sum(axis=1) + found["without_m2"]
    assert parts.to_numpy() == pytest.approx(found["area_m2"].to_numpy(), rel=1e-6)
    assert found["area_m2"].to_numpy() == pytest.approx(official_area_m2(zones, PLANE), rel=1e-12)


def test_the_sample_farmland_has_classes() -> None:
    folder = sample_folder("shangdang")
    dem = open_dem(folder / "dem.tif")
    rows, columns = (500, 700), (300, 500)
    part = dem.grid.window(rows, columns)
    farmland = gpd.read_parquet(folder / "farmland.parquet")
    farmland = farmland[farmland.within(shapely.box(*part.bounds))]
    slope = slope_deg(dem.read(), dem.grid)[slice(*rows), slice(*columns)]
    found = parcel_classes(slope, part, farmland.geometry.to_numpy(), farmland.crs)
    known = found[found["without_m2"] < 1e-3 * found["area_m2"]]
    assert len(known) > 20
    assert (known["code"] > 0).all()
    assert (known["mean_slope_deg"] <= known["max_slope_deg"] + 1e-9).all()


TABLE = (Ridge("*", 1, "", 0.0, "", "H"), Ridge("140000", 3, "TT", 0.12, "", "L"), Ridge("*", 3, "TT", 0.5, "", "L"))


def test_ridges_are_taken_off_by_class_and_kind() -> None:
    net = net_farmland_m2(
        np.array([1000.0, 1000, 1000]),
        np.array([1, 3, 0], np.uint8),
        np.array(["PD", "TT", "PD"]),
        table=TABLE,
        province="140000",
    )
    assert net == pytest.approx([1000, 880, np.nan], nan_ok=True)


def test_a_coefficient_that_nobody_gave_is_not_made_up() -> None:
    with pytest.raises(InputError, match=r"none for class 3 PD .* in 140000"):
        net_farmland_m2(
            np.array([1.0]), np.array([3], np.uint8), np.array(["PD"]), table=ridge_table(), province="140000"
        )


def test_the_users_own_table_is_read(tmp_path: Path) -> None:
    path = tmp_path / "ridges.csv"
    head = "province,code,kind,coefficient_pct,source,confidence\n"
    path.write_text("\ufeff" + head + "140000,2,PD,8.5,县表,M\n140000,3,PD,,,\n", encoding="utf-8")
    assert ridge_table(path) == (Ridge("140000", 2, "PD", 0.085, "县表", "M"),)
    assert [(one.code, one.coefficient) for one in ridge_table()] == [(1, 0.0)]


@pytest.mark.parametrize("number", ["many", "100", "-1"])
def test_coefficients_that_cannot_be_are_refused(tmp_path: Path, number: str) -> None:
    path = tmp_path / "ridges.csv"
    path.write_text(f"province,code,kind,coefficient_pct,source,confidence\n*,2,PD,{number},,\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"ridges\.csv.*\*, 2, PD"):
        ridge_table(path)
    with pytest.raises(InputError, match="does not exist"):
        ridge_table(tmp_path / "gone.csv")
