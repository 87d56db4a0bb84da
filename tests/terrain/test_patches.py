from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from spatial.terrain.kernels import label
from spatial.terrain.patches import merge_small_patches
from tests.terrain.dems import grid

CELL = 100.0
codes = hnp.arrays(np.uint8, st.tuples(st.integers(1, 9), st.integers(1, 9)), elements=st.integers(0, 4))


def merged(rows: list[str], cells: float) -> list[str]:
    """Merge patches of fewer than ``cells`` cells of 10 m."""
    given_codes = np.array([[int(code) for code in row] for row in rows], dtype=np.uint8)
    found = merge_small_patches(given_codes, grid(*given_codes.shape, 10.0), cells * CELL * 0.9998)
    return ["".join(map(str, row)) for row in found.tolist()]


def test_a_small_patch_goes_to_its_lowest_neighbour() -> None:
    # Class 4 is steeper than both its neighbours; 2 is the lower, though it shares less border.
    assert merged(["22333", "22433", "33333", "33333"], 2) == ["22333", "22233", "33333", "33333"]


def test_a_small_hollow_joins_what_surrounds_it() -> None:
    assert merged(["3333", "3113", "3333", "3333"], 3) == ["3333", "3333", "3333", "3333"]


def test_what_is_large_enough_stays() -> None:
    rows = ["333333", "333333", "331133", "331133", "333333", "333333"]
    assert merged(rows, 4) == rows


def test_stripes_of_one_cell_go_however_long() -> None:
    rows = ["222222", "222222", "444444", "333333", "333333"]
    assert merged(rows, 1) == ["222222", "222222", "222222", "333333", "333333"]
    # Two cells wide is a patch.
    assert merged([*rows[:3], *rows[2:]], 1) == [*rows[:3], *rows[2:]]


def test_a_patch_may_come_to_size_by_another() -> None:
    # Three cells of 3 are too few, until the single 4 has gone to them, the lowest beside it.
    rows = ["555555", "555555", "554355", "553355", "555555", "555555"]
    assert merged(rows, 4) == ["555555", "555555", "553355", "553355", "555555", "555555"]


def test_cells_without_a_slope_take_and_give_nothing() -> None:
    assert merged(["0000", "0300", "0000"], 5) == ["0000", "0300", "0000"]


@given(codes, st.floats(0, 12))
def test_afterwards_nothing_small_or_narrow_is_left_but_what_stands_alone(before: np.ndarray, cells: float) -> None:
    after = merge_small_patches(before, grid(*before.shape, 10.0), cells * CELL)
    assert ((after == 0) == (before == 0)).all()
    assert set(np.unique(after)) <= set(np.unique(before))
    labels = np.empty(after.shape, np.int32)
    for patch in range(label(after, labels)):
        own = labels == patch
        code = after[own][0]
        wide = (own[:-1, :-1] & own[1:, :-1] & own[:-1, 1:] & own[1:, 1:]).any()
        if code and (own.sum() * CELL < cells * CELL * 0.999 or not wide):
            around = np.zeros(np.add(after.shape, 2), bool)
            for row, column in ((0, 1), (2, 1), (1, 0), (1, 2)):
                around[row : row + after.shape[0], column : column + after.shape[1]] |= own
            beside = around[1:-1, 1:-1] & ~own
            assert not after[beside].any()


@given(codes)
def test_doing_it_twice_changes_nothing(before: np.ndarray) -> None:
    once = merge_small_patches(before, grid(*before.shape, 10.0), 300)
    assert np.array_equal(merge_small_patches(once, grid(*before.shape, 10.0), 300), once)


@given(codes)
def test_patches_are_those_of_another_labelling(of: np.ndarray) -> None:
    ndimage = pytest.importorskip("scipy.ndimage")
    labels = np.empty(of.shape, np.int32)
    count = label(of, labels)
    theirs, total = np.zeros(of.shape, int), 0
    for code in np.unique(of):
        parts, number = ndimage.label(of == code)
        theirs[parts > 0] = parts[parts > 0] + total
        total += number
    assert count == total == len(set(zip(labels.ravel(), theirs.ravel(), strict=True)))
    # Numbered in the order in which they are met.
    assert (np.diff(np.unique(labels.ravel(), return_index=True)[1]) > 0).all()
