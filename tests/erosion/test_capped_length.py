"""Slope lengths up to a cap: by hand, against the flow over the whole grid, and by blocks."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spatial.erosion.capped_length import halo_of, inlet_lengths_m, ls_monitoring
from spatial.erosion.slope_length import length_exponent_liu, length_factor, segment_length_factor, slope_factor
from spatial.terrain.flow import inlet_length_m, route


def steps(rows: int, metres: float = 30.0) -> np.ndarray:
    return np.full((rows, 2), metres)


def hill(seed: int, rows: int, columns: int) -> np.ndarray:
    """A rough cone, falling everywhere, so that nothing is to be filled."""
    rng = np.random.default_rng(seed)
    row, column = np.mgrid[:rows, :columns]
    return 5000.0 - 40 * np.hypot(row - rows / 2, column - columns / 3) + rng.random((rows, columns))


def test_a_slope_by_hand() -> None:
    heights = np.array([[50.0, 40, 30, 20, 10, 0]])
    degrees = np.full((1, 6), 18.0, np.float32)
    assert inlet_lengths_m(heights, degrees, steps(1), 100)[0].tolist() == [0, 30, 60, 90, 100, 100]
    length, steep = ls_monitoring(heights, degrees, steps(1))
    m = length_exponent_liu(18.0)
    assert length[0, :3] == pytest.approx(segment_length_factor([0, 30, 60], [30, 60, 90], m))
    # Beyond the cap a cell is the last segment before it.
    assert length[0, 4] == pytest.approx(float(segment_length_factor(70, 100, m)))
    assert steep[0, 0] == pytest.approx(float(slope_factor(18.0)))
    whole = length[0, :3].mean()
    assert whole == pytest.approx(float(length_factor(90, m)))


@pytest.mark.parametrize("side_m", [(15.0, 15.0), (12.0, 16.0), (25.03 / 2, 30.82 / 2)])
@pytest.mark.parametrize(("down", "right"), [(0, 1), (1, 0), (1, 1), (1, -1), (-1, 1)])
def test_segments_tile_a_slope_whichever_way_it_falls(side_m: tuple[float, float], down: int, right: int) -> None:
    size = 12
    row, column = np.mgrid[:size, :size]
    # Along the diagonal of its cells.
    heights = 1000.0 - 5.0 * (row * down + column * right)
    degrees = np.full((size, size), 18.0, np.float32)
    length, _ = ls_monitoring(heights, degrees, np.tile(side_m, (size, 1)))
    step_m = float(np.hypot(side_m[0] * right, side_m[1] * down))
    first = (0 if down >= 0 else size - 1, 0 if right >= 0 else size - 1)
    # As many cells as end before the cap of 100 m.
    count = int(100 // step_m)
    cells = [length[first[0] + down * place, first[1] + right * place] for place in range(count)]
    assert count >= 4
    assert np.mean(cells) == pytest.approx(float(length_factor(count * step_m, 0.5)), rel=1e-9)


def test_a_diagonal_of_three_cells_by_hand() -> None:
    row, column = np.mgrid[:5, :5]
    length, _ = ls_monitoring(500.0 - 10.0 * (row + column), np.full((5, 5), 18.0, np.float32), steps(5))
    # 42.4 m a cell: (42.4 / 22.13)^0.5 and, of two, (84.9 / 22.13)^0.5.
    assert length[0, 0] == pytest.approx(1.38461, abs=1e-5)
    assert (length[0, 0] + length[1, 1]) / 2 == pytest.approx(1.95813, abs=1e-5)


def test_slopes_beyond_the_cap_count_as_the_cap() -> None:
    degrees = np.full((1, 3), 50.0, np.float32)
    _, steep = ls_monitoring(np.array([[90.0, 60, 30]]), degrees, steps(1))
    assert steep[0] == pytest.approx(float(slope_factor(30.0)))


def test_cells_wider_than_the_cap_are_one_segment() -> None:
    length, _ = ls_monitoring(np.array([[90.0, 60, 30]]), np.full((1, 3), 10.0, np.float32), steps(1, 250.0))
    assert length[0] == pytest.approx(float(length_factor(250, 0.5)))


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32 - 1), st.sampled_from([40.0, 100.0, 300.0]))
def test_the_flow_over_the_whole_grid_says_the_same(seed: int, cap: float) -> None:
    heights = hill(seed, 23, 31).astype(np.float32)
    degrees = np.random.default_rng(seed).uniform(1, 30, heights.shape).astype(np.float32)
    flow = route(heights, np.full(23, 30.0), 30.0)
    np.testing.assert_array_equal(flow.filled, heights)
    whole = np.minimum(inlet_length_m(flow, degrees), cap)
    np.testing.assert_allclose(inlet_lengths_m(heights, degrees, steps(23), cap), whole, rtol=1e-12)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(8, 30))
def test_blocks_do_not_matter(seed: int, cut: int) -> None:
    rng = np.random.default_rng(seed)
    heights = rng.normal(0, 5, (40, 17))
    heights[rng.random(heights.shape) < 0.05] = np.nan
    degrees = rng.uniform(0, 40, heights.shape).astype(np.float32)
    whole = inlet_lengths_m(heights, degrees, steps(40), 100)
    halo = halo_of(steps(40), 100)
    upper = inlet_lengths_m(heights[: cut + halo], degrees[: cut + halo], steps(40)[: cut + halo], 100)[:cut]
    first = max(cut - halo, 0)
    lower = inlet_lengths_m(heights[first:], degrees[first:], steps(40)[first:], 100)[cut - first :]
    np.testing.assert_array_equal(np.vstack([upper, lower]), whole)


def test_what_is_missing_has_no_factor() -> None:
    length, steep = ls_monitoring(np.array([[2.0, 1.0]]), np.array([[np.nan, 5]], np.float32), steps(1))
    assert np.isnan(length[0, 0])
    assert np.isnan(steep[0, 0])
