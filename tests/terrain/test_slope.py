from __future__ import annotations

import math

import numpy as np
import pytest
from affine import Affine
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from pyproj import CRS

from spatial.errors import InputError
from spatial.grid import Grid
from spatial.runtime.blocks import blocks_of
from spatial.terrain.rows import with_rim
from spatial.terrain.slope import aspect_deg, slope_deg, slope_of_rows, steps_of
from tests.terrain.dems import grid, rough

WORKED = np.array([[10.0, 12, 15], [11, 13, 17], [13, 16, 20]])
METHODS = ["horn", "zevenbergen-thorne"]
heights = hnp.arrays(np.float64, st.tuples(st.integers(3, 9), st.integers(3, 9)), elements=st.floats(0, 3000, width=32))


@pytest.mark.parametrize(("cell", "expected"), [(5, 35.795760), (10, 19.827029), (30, 6.853225)])
def test_the_worked_values_of_domain_5_3(cell: float, expected: float) -> None:
    assert slope_deg(WORKED, grid(3, 3, cell))[1, 1] == pytest.approx(expected, abs=2e-6)


def test_zevenbergen_and_thorne_use_the_four_sides_only() -> None:
    # East: from 11 to 17 m over 20 m; south: from 12 to 16 m.
    expected = math.degrees(math.atan(math.hypot(0.3, 0.2)))
    found = slope_deg(WORKED, grid(3, 3, 10), method="zevenbergen-thorne")[1, 1]
    assert found == pytest.approx(expected, abs=2e-6)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("kind", [np.float32, np.float64])
@given(east=st.floats(-2, 2), south=st.floats(-2, 2))
def test_a_plane_has_one_slope_and_one_aspect(method: str, kind: type, east: float, south: float) -> None:
    y, x = np.mgrid[0:6, 0:7]
    surface = (500 + 30 * (east * x + south * y)).astype(kind)
    on = grid(6, 7)
    steep = math.degrees(math.atan(math.hypot(east, south)))
    inner = slope_deg(surface, on, method=method)[1:-1, 1:-1]
    assert inner == pytest.approx(np.full((4, 5), steep), abs=1e-5 if kind is np.float64 else 2e-3)
    if math.hypot(east, south) > 1e-3 and kind is np.float64:
        falls = math.degrees(math.atan2(-east, south)) % 360
        apart = (aspect_deg(surface, on, method=method)[1:-1, 1:-1] - falls + 180) % 360 - 180
        assert np.abs(apart).max() < 1e-2


def test_level_ground_has_slope_nothing_and_no_aspect() -> None:
    flat = np.full((4, 5), 900.0)
    assert (slope_deg(flat, grid(4, 5))[1:-1, 1:-1] == 0).all()
    assert np.isnan(aspect_deg(flat, grid(4, 5))).all()


@pytest.mark.parametrize(
    ("rise", "bearing"), [((0, 1), 0.0), ((-1, 0), 90.0), ((0, -1), 180.0), ((1, 0), 270.0), ((-1, -1), 135.0)]
)
def test_aspect_is_the_bearing_in_which_the_ground_falls(rise: tuple[int, int], bearing: float) -> None:
    y, x = np.mgrid[0:3, 0:3]
    assert aspect_deg(100.0 + rise[0] * x + rise[1] * y, grid(3, 3))[1, 1] == bearing


@given(heights)
def test_turning_the_ground_turns_the_aspect(z: np.ndarray) -> None:
    straight, turned = aspect_deg(z, grid(*z.shape)), aspect_deg(np.rot90(z), grid(*z.shape[::-1]))
    # A quarter turn against the clock takes a quarter off every bearing.
    apart = (np.rot90(straight) - 90 - turned + 180) % 360 - 180
    known = ~np.isnan(turned)
    assert (np.isnan(np.rot90(straight)) == ~known).all()
    assert np.abs(apart[known]).max(initial=0) < 1e-3
    steep = slope_deg(z, grid(*z.shape))
    assert np.rot90(steep) == pytest.approx(slope_deg(np.rot90(z), grid(*z.shape[::-1])), abs=1e-4, nan_ok=True)


@given(heights, st.floats(0.1, 10))
def test_only_the_ratio_of_heights_and_cells_matters(z: np.ndarray, scale: float) -> None:
    one, other = slope_deg(z, grid(*z.shape, 10.0)), slope_deg(z * scale, grid(*z.shape, 10.0 * scale))
    assert one == pytest.approx(other, abs=1e-4, nan_ok=True)


@pytest.mark.parametrize("method", METHODS)
def test_a_cell_has_a_slope_where_all_nine_are_known(method: str) -> None:
    z = rough(7, 8)
    z[3, 4] = np.nan
    expected = np.zeros((7, 8), dtype=bool)
    expected[1:-1, 1:-1] = True
    expected[2:5, 3:6] = False
    for found in (slope_deg(z, grid(7, 8), method=method), aspect_deg(z, grid(7, 8), method=method)):
        assert (~np.isnan(found) == expected).all()


@pytest.mark.parametrize("shape", [(1, 1), (2, 5), (5, 2)])
def test_grids_without_an_inside_have_no_slope(shape: tuple[int, int]) -> None:
    assert np.isnan(slope_deg(np.zeros(shape), grid(*shape))).all()


@pytest.mark.parametrize("crs", [4526, 4490])
@given(height=st.integers(1, 30), kind=st.sampled_from([np.float32, np.float64]))
def test_blocks_give_the_same_bits(crs: int, height: int, kind: type) -> None:
    z = rough(29, 17).astype(kind)
    z[11, 5] = np.nan
    on = grid(29, 17, 30.0 if crs == 4526 else 1 / 3600, crs)
    steps = steps_of(on)
    parts = []
    for block in blocks_of(29, halo=1, height=height):
        padded, own = with_rim(block, z[slice(*block.read)], steps[slice(*block.read)], 1)
        parts.append(slope_of_rows(padded, own)[1:-1])
    assert np.concatenate(parts).tobytes() == slope_deg(z, on).tobytes()


def test_a_geographic_grid_agrees_with_its_projection() -> None:
    """A cone of known slope, sampled in degrees at 36 N; one scale for both ways would be 0.9 degrees off."""
    from spatial.crs import ELLIPSOID

    cell = 1 / 3600
    on = grid(41, 41, cell, 4490)
    longitude = on.transform.c + cell * (np.arange(41) + 0.5)
    x, y = np.meshgrid(longitude, on.latitudes_deg())
    _, _, far = ELLIPSOID.inv(np.full_like(x, longitude[20]), np.full_like(y, on.latitudes_deg()[20]), x, y)
    steep = slope_deg(0.3 * np.asarray(far), on)
    ring = (np.asarray(far) > 300) & ~np.isnan(steep)
    assert ring.sum() > 500
    assert np.abs(steep[ring] - math.degrees(math.atan(0.3))).max() < 0.05


def test_cells_that_are_not_square_count_each_way() -> None:
    oblong = Grid(CRS(4526), Affine(20, 0, 38_410_000, 0, -10, 3_980_000), (3, 3))
    y, x = np.mgrid[0:3, 0:3]
    assert slope_deg(20.0 * x, oblong)[1, 1] == pytest.approx(45, abs=1e-6)
    assert slope_deg(10.0 * y, oblong)[1, 1] == pytest.approx(45, abs=1e-6)


def test_wrong_shapes_and_methods_are_refused() -> None:
    with pytest.raises(InputError, match="must agree"):
        slope_deg(np.zeros((3, 4)), grid(4, 3))
    with pytest.raises(InputError, match="horn, zevenbergen-thorne"):
        slope_deg(np.zeros((3, 4)), grid(3, 4), method="steepest")  # type: ignore[arg-type]
