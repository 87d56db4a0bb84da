from __future__ import annotations

import numpy as np
import pytest
import shapely
from affine import Affine
from hypothesis import given
from hypothesis import strategies as st
from pyproj import CRS

from spatial.areas import official_area_m2
from spatial.crs import ELLIPSOID
from spatial.equal_area import to_equal_area
from spatial.errors import InputError
from spatial.grid import Grid, cell_areas_m2, common_window, differences, require_same

SECOND = 1 / 3600
PLANE = Grid(CRS(4526), Affine(30, 0, 38_405_040, 0, -30, 4_005_360), (40, 30))


def test_steps_of_a_geographic_grid_are_those_of_domain_2_2() -> None:
    at = Grid(CRS(4490), Affine(SECOND, 0, 113.05, 0, -SECOND, 36.05 + SECOND / 2), (1, 1))
    east, north = at.steps_m()
    assert (east[0] * 3600, north[0] * 3600) == pytest.approx((90_106.738, 110_959.928), abs=1e-3)


@given(st.floats(3.5, 53.5), st.floats(1e-5, 1e-2))
def test_steps_are_lengths_on_the_ellipsoid(latitude: float, cell: float) -> None:
    at = Grid(CRS(4490), Affine(cell, 0, 113, 0, -cell, latitude + cell / 2), (1, 1))
    east, north = at.steps_m()
    _, _, to_north = ELLIPSOID.inv(113, latitude - cell / 2, 113, latitude + cell / 2)
    _, _, to_east = ELLIPSOID.inv(113, latitude, 113 + cell, latitude)
    assert (east[0], north[0]) == pytest.approx((to_east, to_north), rel=1e-6)


def test_steps_of_a_plane_are_its_cells() -> None:
    oblong = Grid(CRS(4526), Affine(30, 0, 38_405_040, 0, -20, 4_005_360), (2, 3))
    assert [step.tolist() for step in oblong.steps_m()] == [[30, 30], [20, 20]]
    assert oblong.cell_m == pytest.approx(600**0.5)


def test_a_plane_that_stretches_lengths_is_refused_with_how_much() -> None:
    mercator = Grid(CRS(3857), Affine(30, 0, 12_584_668, 0, -30, 4_307_503), (10, 10))
    with pytest.raises(InputError, match=r"\+23\.7 %.*Gauss-Kruger"):
        mercator.steps_m()


@pytest.mark.parametrize("transform", [Affine(1, 1, 0, 1, -1, 0), Affine(1, 0, 0, 0, 1, 0), Affine(-1, 0, 0, 0, -1, 0)])
def test_turned_and_mirrored_grids_are_refused(transform: Affine) -> None:
    with pytest.raises(InputError, match="north up"):
        Grid(CRS(4526), transform, (2, 2))


def test_empty_grids_and_other_datums_are_refused() -> None:
    with pytest.raises(InputError, match="no cells"):
        Grid(CRS(4526), Affine(1, 0, 0, 0, -1, 0), (0, 2))
    with pytest.raises(InputError, match="Beijing 1954"):
        Grid(CRS(2414), Affine(1, 0, 0, 0, -1, 0), (2, 2))


@pytest.mark.parametrize(
    ("crs", "cell", "corner"),
    [
        (4526, 30.0, (38_405_040.0, 4_005_360.0)),
        (4547, 5.0, (405_040.0, 4_005_360.0)),
        (32649, 90.0, (684_657.0, 3_991_438.0)),
        (4490, SECOND, (112.8, 36.3)),
        (4326, 3 * SECOND, (108.3, 33.2)),
    ],
)
def test_cells_have_their_official_areas_and_sum_to_that_of_the_grid(crs: int, cell: float, corner: tuple) -> None:
    on = Grid(CRS(crs), Affine(cell, 0, corner[0], 0, -cell, corner[1]), (70, 90))
    areas = cell_areas_m2(on)
    whole = official_area_m2([shapely.box(*on.bounds)], on.crs)[0]
    assert areas.sum() == pytest.approx(float(whole), rel=1e-9)
    west, _, _, north = on.bounds
    for row, column in ((0, 0), (69, 0), (35, 44), (69, 89)):
        x, y = west + column * cell, north - (row + 1) * cell
        one = shapely.area(to_equal_area([shapely.box(x, y, x + cell, y + cell)], on.crs))[0]
        assert areas[row, column] == pytest.approx(float(one), rel=2e-9)


def test_areas_of_some_rows_are_those_of_all() -> None:
    assert (cell_areas_m2(PLANE, (7, 20)) == cell_areas_m2(PLANE)[7:20]).all()


def test_cells_of_a_whole_province_still_have_their_areas() -> None:
    province = Grid(CRS(4526), Affine(500, 0, 38_200_000, 0, -500, 4_500_000), (1300, 900))
    areas = cell_areas_m2(province)
    one = official_area_m2([shapely.box(38_200_000, 4_499_500, 38_200_500, 4_500_000)], province.crs)[0]
    assert areas[0, 0] == pytest.approx(float(one), rel=1e-9)


def test_a_window_is_a_part_of_the_grid() -> None:
    part = PLANE.window((10, 20), (5, 9))
    assert part.shape == (10, 4)
    assert part.bounds == (38_405_190, 4_004_760, 38_405_310, 4_005_060)
    assert common_window(PLANE, part) == ((10, 20), (5, 9))
    assert common_window(part, PLANE) == ((0, 10), (0, 4))
    beyond = Grid(PLANE.crs, PLANE.transform @ Affine.translation(100, 0), (5, 5))
    assert common_window(PLANE, beyond) is None


@pytest.mark.parametrize(
    ("other", "said"),
    [
        (
            Grid(CRS(4547), Affine(30, 0, 405_040, 0, -30, 4_005_360), (40, 30)),
            "the systems are EPSG:4526 and EPSG:4547",
        ),
        (
            Grid(CRS(4526), Affine(25, 0, 38_405_040, 0, -30, 4_005_360), (40, 30)),
            "the cells measure 30 x 30 and 25 x 30",
        ),
        (
            Grid(CRS(4526), Affine(30, 0, 38_405_055, 0, -30, 4_005_360), (40, 30)),
            "0.500 (east) and 0.000 (south) of a cell",
        ),
        (
            Grid(CRS(4526), Affine(30, 0, 38_405_340, 0, -30, 4_005_360), (40, 20)),
            "the origins are 10 (east) and 0 (south) cells apart, the sizes are 30 x 40 and 20 x 40, 66.7 % of the first",
        ),
    ],
)
def test_what_differs_is_said(other: Grid, said: str) -> None:
    with pytest.raises(InputError) as refused:
        require_same(PLANE, other, ("dem.tif", "rain.tif"))
    assert str(refused.value).startswith("dem.tif and rain.tif")
    assert said in str(refused.value)
    assert "像元不重合" in refused.value.text("zh")


def test_rounded_origins_are_the_same_grid() -> None:
    rounded = Grid(CRS(4526), Affine(30.0000001, 0, 38_405_040.001, 0, -30, 4_005_360), (40, 30))
    assert differences(PLANE, rounded) == []
    require_same(PLANE, rounded, ("a", "b"))


def test_names_of_one_plane_do_not_matter() -> None:
    assert Grid(CRS(CRS(4526).to_wkt("WKT1_ESRI")), PLANE.transform, PLANE.shape).crs == PLANE.crs


@given(st.integers(0, 39), st.integers(1, 40))
def test_blocks_of_areas_join_without_seams(start: int, height: int) -> None:
    stop = min(start + height, 40)
    assert np.array_equal(cell_areas_m2(PLANE, (start, stop)), cell_areas_m2(PLANE)[start:stop])
