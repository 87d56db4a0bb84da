"""Compiled loops of flow: flooding from the edge, steepest descent, accumulation, slope length.

Grids are flat arrays, row by row. Directions count the eight neighbours from the east clockwise;
``OUT`` leaves the grid. The order of a flood is the order of everything after it: a cell flows to one
that was reached before it. Importing this module imports numba.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from spatial.overlay.compiled import compiled

Heights = NDArray[np.float32]
Floats = NDArray[np.float64]
Cells = NDArray[np.int32]
Bytes = NDArray[np.uint8]
#: All of one width, so that every function is compiled once.
Cell = int | np.signedinteger[Any]

OUT = 8
UNKNOWN = 9
_WAITING = 254
_EDGE = 253

_ROW = (0, 1, 1, 1, 0, -1, -1, -1)
_COLUMN = (1, 1, 0, -1, -1, -1, 0, 1)


class Ground(NamedTuple):
    """A surface for water to run over.

    Attributes
    ----------
    z : array of float32, shape (rows * columns,)
        Filled heights; nan where there is no cell.
    columns : int
    width : array of float, shape (rows,)
        Width of the cells of each row, metres.
    height : float
        Height of a cell, metres.
    """

    z: Heights
    columns: int
    width: Floats
    height: float


class Buckets(NamedTuple):
    """Classes of height in which cells wait: the lowest height, classes per metre, and how many."""

    low: float
    per_metre: float
    number: int


class Waiting(NamedTuple):
    """Where a flood keeps its cells; made by the caller, as compiled code takes longest to make arrays.

    Attributes
    ----------
    head, following : array of int32
        First cell of each bucket and the next one after each cell, -1 at the end.
    heap, order : array of int32, shape (cells,)
        The heap of the lowest bucket, and the cells in the order in which they are reached.
    parent : array of uint8, shape (cells,)
        Direction to the neighbour from which each was reached: ``UNKNOWN`` at first, ``OUT`` at the edge.
    """

    head: Cells
    following: Cells
    heap: Cells
    order: Cells
    parent: Bytes


@compiled
def _before(z: Heights, is_edge: Bytes, a: Cell, b: Cell) -> bool:
    if z[a] != z[b]:
        return bool(z[a] < z[b])
    if is_edge[a] != is_edge[b]:
        return bool(is_edge[a] < is_edge[b])
    return bool(a < b)


@compiled
def _push(heap: Cells, size: Cell, z: Heights, is_edge: Bytes, cell: Cell) -> None:
    at = size
    while at > 0:
        above = (at - 1) >> 1
        other = np.int64(heap[above])
        if not _before(z, is_edge, cell, other):
            break
        heap[at] = other
        at = above
    heap[at] = cell


@compiled
def _sink(heap: Cells, size: Cell, z: Heights, is_edge: Bytes) -> None:
    """Put the last cell of the heap where the first was taken away; ``size`` counts without it."""
    cell = np.int64(heap[size])
    at = 0
    while True:
        below = 2 * at + 1
        if below >= size:
            break
        lower = np.int64(heap[below])
        if below + 1 < size:
            other = np.int64(heap[below + 1])
            if _before(z, is_edge, other, lower):
                below += 1
                lower = other
        if not _before(z, is_edge, lower, cell):
            break
        heap[at] = lower
        at = below
    heap[at] = cell


@compiled
def _bucket(height: float, buckets: Buckets) -> int:
    return min(int((height - buckets.low) * buckets.per_metre), buckets.number - 1)


@compiled
def flood(z: Heights, columns: int, is_edge: Bytes, buckets: Buckets, waiting: Waiting) -> Cell:
    """Raise every cell to the lowest level at which water leaves it, in place (priority flood).

    Cells wait in buckets of height; only the lowest bucket is kept as a heap, which fits the cache. nan
    are no cells. Order and parents are written; the number of cells that were reached is returned.
    """
    rows = z.size // columns
    head, following, heap, order, parent = waiting
    for cell in range(z.size):
        if is_edge[cell]:
            bucket = _bucket(z[cell], buckets)
            following[cell] = head[bucket]
            head[bucket] = cell
            parent[cell] = OUT
    done = size = np.int64(0)
    for bucket in range(buckets.number):
        first = np.int64(head[bucket])
        while first >= 0:
            _push(heap, size, z, is_edge, first)
            size += 1
            first = np.int64(following[first])
        while size:
            here = np.int64(heap[0])
            size -= 1
            _sink(heap, size, z, is_edge)
            order[done] = here
            done += 1
            row, column = here // columns, here % columns
            for k in range(8):
                r, c = row + _ROW[k], column + _COLUMN[k]
                if r < 0 or r >= rows or c < 0 or c >= columns:
                    continue
                there = r * columns + c
                if parent[there] != UNKNOWN or np.isnan(z[there]):
                    continue
                parent[there] = (k + 4) % 8
                z[there] = max(z[there], z[here])
                own = _bucket(z[there], buckets)
                if own <= bucket:
                    _push(heap, size, z, is_edge, there)
                    size += 1
                else:
                    following[there] = head[own]
                    head[own] = there
    return done


@compiled
def descend(ground: Ground, parent: Bytes) -> Bytes:
    """Return the direction of steepest descent; where nothing is lower, the parent's of the flood."""
    z, columns, dx, dy = ground
    rows = z.size // columns
    direction = parent.copy()
    for row in range(rows):
        slant = np.sqrt(dx[row] * dx[row] + dy * dy)
        for column in range(columns):
            here = row * columns + column
            if parent[here] == UNKNOWN:
                continue
            steepest = 0.0
            for k in range(8):
                r, c = row + _ROW[k], column + _COLUMN[k]
                if r < 0 or r >= rows or c < 0 or c >= columns:
                    continue
                drop = float(z[here]) - float(z[r * columns + c])
                # Not so for nan.
                if drop > 0.0:
                    away = dx[row] if _ROW[k] == 0 else (dy if _COLUMN[k] == 0 else slant)
                    if drop / away > steepest:
                        steepest = drop / away
                        direction[here] = k
    return direction


@compiled
def accumulate(order: Cells, direction: Bytes, columns: int, amount: Floats) -> None:
    """Add to every cell what drains into it, in place."""
    for at in range(order.size - 1, -1, -1):
        here = order[at]
        k = direction[here]
        if k < OUT:
            amount[here + _ROW[k] * columns + _COLUMN[k]] += amount[here]


@compiled
def accumulate_shared(order: Cells, ground: Ground, direction: Bytes, power: float, amount: Floats) -> None:
    """Add to every cell what drains into it, shared among all lower neighbours by slope, in place."""
    z, columns, dx, dy = ground
    rows = z.size // columns
    share = np.empty(8)
    for at in range(order.size - 1, -1, -1):
        here = order[at]
        row, column = here // columns, here % columns
        slant = np.sqrt(dx[row] * dx[row] + dy * dy)
        total = 0.0
        for k in range(8):
            share[k] = 0.0
            r, c = row + _ROW[k], column + _COLUMN[k]
            if r < 0 or r >= rows or c < 0 or c >= columns:
                continue
            drop = float(z[here]) - float(z[r * columns + c])
            if drop > 0.0:
                away = dx[row] if _ROW[k] == 0 else (dy if _COLUMN[k] == 0 else slant)
                share[k] = (drop / away) ** power
                total += share[k]
        if total > 0.0:
            for k in range(8):
                if share[k] > 0.0:
                    amount[here + _ROW[k] * columns + _COLUMN[k]] += amount[here] * (share[k] / total)
        elif direction[here] < OUT:
            k = direction[here]
            amount[here + _ROW[k] * columns + _COLUMN[k]] += amount[here]


@compiled
def label_upstream(order: Cells, direction: Bytes, columns: int, label: Cells) -> None:
    """Give every cell without a label of its own that of the cell it flows to, in place."""
    for at in range(order.size):
        here = order[at]
        k = direction[here]
        if label[here] == 0 and k < OUT:
            label[here] = label[here + _ROW[k] * columns + _COLUMN[k]]


@compiled
def lengthen(order: Cells, ground: Ground, direction: Bytes, starts: NDArray[np.bool_], inlet: Floats) -> None:
    """Set the longest way [m] that water has come when it enters each cell, in place; it starts anew where told."""
    _, columns, dx, dy = ground
    for at in range(order.size - 1, -1, -1):
        here = order[at]
        if starts[here]:
            inlet[here] = 0.0
        k = direction[here]
        if k < OUT:
            row = here // columns
            away = dx[row] if _ROW[k] == 0 else (dy if _COLUMN[k] == 0 else np.sqrt(dx[row] * dx[row] + dy * dy))
            below = here + _ROW[k] * columns + _COLUMN[k]
            inlet[below] = max(inlet[below], inlet[here] + away)
