"""Compiled loops of erosion by blocks. Importing this module imports numba."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from spatial.overlay.compiled import compiled
from spatial.terrain.forms import Spans
from spatial.terrain.kernels import row_areas

Floats = NDArray[np.float64]

_ROW = (0, 1, 1, 1, 0, -1, -1, -1)
_COLUMN = (1, 1, 0, -1, -1, -1, 0, 1)
_NOWHERE = 8


class Slopes(NamedTuple):
    """Ground on which water runs a short way.

    Attributes
    ----------
    z : array of float32 or float64, shape (rows, columns)
        Heights, nan where missing.
    degrees : array of float32, shape (rows, columns)
    steps : array of float64, shape (rows, 2)
        Metres to the next cell in the east and in the north.
    """

    z: NDArray[np.floating]
    degrees: NDArray[np.float32]
    steps: Floats


class Ends(NamedTuple):
    """Where a slope ends: in a cell gentler than a share of the steepest one that flows to it.

    Attributes
    ----------
    degrees : float
        Below this ``gentle`` is the share, from it on ``steep``.
    """

    degrees: float
    gentle: float
    steep: float


@compiled
def _away(steps: Floats, row: int, k: int) -> float:
    if _ROW[k] == 0:
        return float(steps[row, 0])
    if _COLUMN[k] == 0:
        return float(steps[row, 1])
    return math.sqrt(steps[row, 0] * steps[row, 0] + steps[row, 1] * steps[row, 1])


@compiled
def lowest_neighbours(ground: Slopes, direction: NDArray[np.uint8]) -> None:
    """Write the direction of steepest descent of each cell, ``8`` where no neighbour is lower."""
    z = ground.z
    rows, columns = z.shape
    for row in range(rows):
        for column in range(columns):
            direction[row, column] = _NOWHERE
            here, steepest = float(z[row, column]), 0.0
            for k in range(8):
                r, c = row + _ROW[k], column + _COLUMN[k]
                if r < 0 or r >= rows or c < 0 or c >= columns:
                    continue
                drop = here - float(z[r, c])
                # Not so for nan.
                if drop > 0.0:
                    fall = drop / _away(ground.steps, row, k)
                    if fall > steepest:
                        steepest = fall
                        direction[row, column] = k


@compiled
def slope_ends(ground: Slopes, direction: NDArray[np.uint8], ends: Ends, starts: NDArray[np.bool_]) -> None:
    """Write in which cells soil settles, so that a slope begins anew there."""
    degrees = ground.degrees
    rows, columns = degrees.shape
    for row in range(rows):
        for column in range(columns):
            own = degrees[row, column]
            share = ends.gentle if own < ends.degrees else ends.steep
            starts[row, column] = False
            for k in range(8):
                r, c = row - _ROW[k], column - _COLUMN[k]
                if r < 0 or r >= rows or c < 0 or c >= columns:
                    continue
                if direction[r, c] == k and own < share * degrees[r, c]:
                    starts[row, column] = True


@compiled
def ways(
    steps: Floats, direction: NDArray[np.uint8], starts: NDArray[np.bool_], cap_m: float, lengths: tuple[Floats, Floats]
) -> None:
    """Write how far water has come at most when it enters each cell, from how far it had when it entered those above."""
    before, after = lengths
    rows, columns = direction.shape
    for row in range(rows):
        for column in range(columns):
            longest = 0.0
            if not starts[row, column]:
                for k in range(8):
                    r, c = row - _ROW[k], column - _COLUMN[k]
                    if r < 0 or r >= rows or c < 0 or c >= columns:
                        continue
                    if direction[r, c] == k:
                        longest = max(longest, before[r, c] + _away(steps, r, k))
            after[row, column] = min(longest, cap_m)


@compiled
def own_steps(steps: Floats, direction: NDArray[np.uint8], own: Floats) -> None:
    """Write how far it is from each cell to the one it flows to, or the side of a square as large where it flows nowhere."""
    rows, columns = direction.shape
    for row in range(rows):
        still = math.sqrt(steps[row, 0] * steps[row, 1])
        for column in range(columns):
            k = direction[row, column]
            own[row, column] = still if k == _NOWHERE else _away(steps, row, k)


@compiled
def code_sums(codes: NDArray[np.int32], loss: Floats, areas: Floats, spans: Spans, sums: tuple[Floats, Floats]) -> None:
    """Add area, and area times loss, of each code in each zone; rows of all arguments count alike.

    ``sums`` have a row per zone and a column per code; ``areas`` are the series of
    :func:`spatial.grid.cell_area_series`. Cells without a loss add nothing to the second.
    """
    by_area, by_loss = sums
    area = np.empty(codes.shape[1])
    for row in range(codes.shape[0]):
        if spans.first[row] == spans.first[row + 1]:
            continue
        row_areas(areas[row], area)
        for k in range(spans.first[row], spans.first[row + 1]):
            zone, share = spans.zone[k], spans.share[k]
            for column in range(spans.start[k], spans.stop[k]):
                part = share * area[column]
                by_area[zone, codes[row, column]] += part
                if loss[row, column] >= 0.0:
                    by_loss[zone, codes[row, column]] += part * loss[row, column]


@compiled
def add_shares(spans: Spans, shares: Floats) -> None:
    """Add which part of each cell lies in any zone; rows of both arguments count alike."""
    for row in range(shares.shape[0]):
        for k in range(spans.first[row], spans.first[row + 1]):
            for column in range(spans.start[k], spans.stop[k]):
                shares[row, column] += spans.share[k]
