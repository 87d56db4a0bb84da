"""Flow by hand, against pyflwdir cell by cell, and against InVEST."""

from __future__ import annotations

import numpy as np
import pyflwdir
import pytest
import rasterio
from hypothesis import given, settings
from hypothesis import strategies as st

from spatial.errors import InputError
from spatial.terrain import flow as water
from tests.shared import shared

CELL_M = 30.0


def routed(heights: np.ndarray) -> water.Flow:
    return water.route(heights, np.full(heights.shape[0], CELL_M), CELL_M)


def ground(seed: int, rows: int, columns: int, *, whole: bool = False, holes: float = 0.0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    heights = rng.normal(0, 10, (rows, columns)) + np.linspace(0, 60, columns)
    if whole:
        heights = np.round(heights / 4)
    heights[rng.random((rows, columns)) < holes] = np.nan
    return heights.astype(np.float32)


seeds = st.integers(0, 2**32 - 1)


def test_a_valley_by_hand() -> None:
    flow = routed(np.array([[5, 5, 5, 5], [1, 2, 3, 5], [5, 5, 5, 5]], dtype=float))
    assert flow.esri[1].tolist() == [0, 16, 16, 16]
    # (0, 2) falls 3 m in 42 m to (1, 1), and 2 m in 30 m to (1, 2): the first is steeper.
    cells = water.accumulated(flow, np.ones((3, 4)))
    assert cells[1].tolist() == [12.0, 9.0, 4.0, 1.0]


def test_a_hollow_is_filled_to_its_brim() -> None:
    heights = np.full((5, 5), 9.0)
    heights[2, 2], heights[2, 3], heights[2, 4] = 1.0, 4.0, 3.0
    flow = routed(heights)
    assert flow.filled[2].tolist() == [9, 9, 4, 4, 3]
    assert flow.esri[2, 2:].tolist() == [1, 1, 0]


@pytest.mark.parametrize("whole", [False, True])
@pytest.mark.parametrize("seed", range(4))
def test_pyflwdir_fills_alike_cell_by_cell(seed: int, whole: bool) -> None:
    heights = ground(seed, 60, 80, whole=whole)
    filled, codes = pyflwdir.dem.fill_depressions(np.where(np.isnan(heights), -9999, heights).astype(np.float32))
    flow = routed(heights)
    # It adds a depth to a height where we take the brim, which rounds otherwise unless heights are whole.
    np.testing.assert_allclose(flow.filled, filled, rtol=0, atol=0 if whole else 5e-6)
    if not whole:
        return
    # Where one neighbour only is lower, steepest descent and the flood's way are the same.
    inner = (slice(1, -1), slice(1, -1))
    lower = sum(
        np.roll(filled, shift, (0, 1))[inner] < filled[inner]
        for shift in [(r, c) for r in (-1, 0, 1) for c in (-1, 0, 1) if (r, c) != (0, 0)]
    )
    alone = lower == 1
    assert alone.sum() > 100
    np.testing.assert_array_equal(flow.esri[inner][alone], codes[inner][alone])


@settings(max_examples=60, deadline=None)
@given(seeds, st.integers(1, 25), st.integers(1, 25), st.booleans(), st.sampled_from([0.0, 0.1, 0.5]))
def test_all_water_arrives(seed: int, rows: int, columns: int, whole: bool, holes: float) -> None:
    heights = ground(seed, rows, columns, whole=whole, holes=holes)
    known = ~np.isnan(heights)
    if not known.any():
        return
    flow = routed(heights)
    assert (flow.filled[known] >= heights[known]).all()
    assert sorted(flow.order.tolist()) == np.flatnonzero(known.ravel()).tolist()
    amount = np.random.default_rng(seed).random(heights.shape)
    out = flow.direction == 8
    for total in (water.accumulated(flow, amount), water.accumulated_shared(flow, amount)):
        # What leaves the grid is what fell on it: every cell reaches an end, and none twice.
        assert np.nansum(total[out]) == pytest.approx(amount[known].sum(), rel=1e-9)
        assert (total[known] >= amount[known]).all()


def test_shared_water_by_hand() -> None:
    heights = np.array([[9, 9, 9], [9, 8, 9], [4, 9, 4.0]])
    flow = routed(heights)
    total = water.accumulated_shared(flow, np.ones((3, 3)), 1.0)
    # Two neighbours of equal slope get one half each of the middle and what drains to it.
    assert total[2, 0] == total[2, 2]


def test_basins_by_hand() -> None:
    flow = routed(np.array([[1.0, 2, 3, 3, 2, 1]]))
    outlets = np.array([[7, 0, 0, 0, 0, 9]], dtype=np.int32)
    assert water.watersheds(flow, outlets).tolist() == [[7, 7, 7, 9, 9, 9]]
    assert water.watersheds(flow, np.array([[0, 5, 0, 0, 0, 0]], dtype=np.int32)).tolist() == [[0, 5, 5, 0, 0, 0]]


def test_lengths_grow_downhill_and_end_where_soil_settles() -> None:
    flow = routed(np.array([[10.0, 8, 6, 4, 2]]))
    assert water.inlet_length_m(flow, np.full((1, 5), 10.0))[0].tolist() == [0, 30, 60, 90, 120]
    # From 10 to 4.9 degrees is less than seven tenths; from 10 to 5 is one half and goes on.
    assert water.inlet_length_m(flow, np.array([[10.0, 10, 4.9, 10, 10]]))[0].tolist() == [0, 30, 0, 30, 60]
    assert water.inlet_length_m(flow, np.array([[10.0, 10, 5, 10, 10]]))[0].tolist() == [0, 30, 60, 90, 120]
    stream = np.array([[False, False, False, True, False]])
    assert water.inlet_length_m(flow, np.full((1, 5), 10.0), stream)[0].tolist() == [0, 30, 60, 0, 30]


def test_narrow_cells_count_as_they_are() -> None:
    flow = water.route(np.array([[3.0, 2, 1]]), np.array([25.0]), 30.0)
    assert water.inlet_length_m(flow, np.full((1, 3), 3.0))[0].tolist() == [0, 25, 50]


def test_a_grid_without_cells_is_refused() -> None:
    with pytest.raises(InputError):
        routed(np.full((3, 3), np.nan))


def _band(path: object) -> np.ndarray:
    with rasterio.open(path) as source:
        return source.read(1, masked=True).filled(np.nan).astype(float)


def test_invest_d8() -> None:
    folder = shared("cases", "invest_sdr_synthetic") / "D8" / "intermediate_outputs"
    flow = routed(_band(folder / "masked_dem.tif"))
    np.testing.assert_allclose(flow.filled, _band(folder / "pit_filled_dem.tif"), rtol=1e-6)
    cells = water.accumulated(flow, np.ones(flow.filled.shape))
    np.testing.assert_allclose(cells, _band(folder / "flow_accumulation.tif"), rtol=1e-5)


def test_a_grid_too_large_for_memory_is_refused_before_anything_is_done() -> None:
    # A view of one number: nothing of this size is ever made.
    province = np.broadcast_to(np.float32(1), (13_200, 13_200))
    with pytest.raises(InputError, match="13200 x 13200 cells would take about 5650 MiB, more than the limit of 4096"):
        water.route(province, np.full(13_200, CELL_M), CELL_M)
