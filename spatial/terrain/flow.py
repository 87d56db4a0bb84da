"""Where water flows on a grid: filled hollows, directions, contributing areas, basins, slope lengths.

The flood is a kernel of our own: pyflwdir, against which it is checked cell by cell, takes one heap for all
cells, and its directions are those of the flood, not of steepest descent.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from spatial.errors import InputError
from spatial.settings import setting

if TYPE_CHECKING:
    from spatial.terrain.flow_kernels import Ground

Floats = NDArray[np.float64]
Heights = NDArray[np.float32]

#: Codes of directions as GIS programs write them: east, then clockwise; 0 leaves the grid, 247 is no cell.
ESRI_CODES = np.array([1, 2, 4, 8, 16, 32, 64, 128, 0, 247], dtype=np.uint8)

_CELLS_A_BUCKET = 256
"""Cells that wait in one bucket of height on average; between 64 and 1,024 the speed hardly changes."""

#: Bytes per cell that routing takes at its peak: heights twice, order, buckets, heap, directions, one amount.
BYTES_PER_CELL = 34


@dataclass(frozen=True)
class Flow:
    """How water runs over a grid.

    Parameters
    ----------
    filled : ndarray of float32, shape (rows, columns)
        Heights, hollows filled to the brim; nan where there is no cell.
    direction : ndarray of uint8, shape (rows, columns)
        0 to 7 from the east clockwise, 8 off the grid, 9 no cell; :data:`ESRI_CODES` translates.
    order : ndarray of int32
        Cells, every one after the cell it flows to.
    width_m : ndarray of float, shape (rows,)
        Width of a cell in each row.
    height_m
        Height of a cell.
    """

    filled: Heights
    direction: NDArray[np.uint8]
    order: NDArray[np.int32]
    width_m: Floats
    height_m: float

    @property
    def esri(self) -> NDArray[np.uint8]:
        """Directions as GIS programs write them."""
        codes: NDArray[np.uint8] = ESRI_CODES[self.direction]
        return codes

    @property
    def ground(self) -> Ground:
        """The surface as kernels take it."""
        from spatial.terrain.flow_kernels import Ground

        return Ground(self.filled.ravel(), self.filled.shape[1], self.width_m, self.height_m)


def route(heights: NDArray[np.floating], width_m: Floats, height_m: float) -> Flow:
    """Fill hollows and find where every cell flows to.

    Parameters
    ----------
    heights : ndarray of float, shape (rows, columns)
        nan where there is no cell. Water leaves over every cell at the edge of the grid or beside nan.
    width_m : ndarray of float, shape (rows,)
        Width of a cell in each row: grids in degrees have narrower cells farther north.
    height_m
        Height of a cell.

    Returns
    -------
    Flow
        Directions of steepest descent on the filled heights (D8, O'Callaghan and Mark 1984); in flats, towards
        the way out by which the flood came (Wang and Liu 2006).

    Raises
    ------
    InputError
        If the grid has no cells, or routing would need more memory than the setting ``memory_mib``.

    Examples
    --------
    >>> flow = route(np.array([[9.0, 9, 9], [3, 1, 9], [9, 9, 9]]), np.full(3, 10.0), 10.0)
    >>> flow.filled[1].tolist(), flow.esri[1].tolist()
    ([3.0, 3.0, 9.0], [0, 16, 16])
    """
    from spatial.terrain import flow_kernels

    rows, columns = heights.shape
    require_room((rows, columns))
    z = np.array(heights, dtype=np.float32).ravel()
    known = np.isfinite(z)
    z[~known] = np.nan
    if not known.any():
        raise InputError("raster_empty")
    low, high = float(np.nanmin(z)), float(np.nanmax(z))
    buckets = max(int(known.sum()) // _CELLS_A_BUCKET, 1)
    per_metre = buckets / (high - low) if high > low else 0.0
    edge = _edge(known.reshape(rows, columns)).astype(np.uint8).ravel()
    head, parent = np.full(buckets, -1, np.int32), np.full(z.size, flow_kernels.UNKNOWN, np.uint8)
    following, heap, order = (np.empty(z.size, np.int32) for _ in range(3))
    waiting = flow_kernels.Waiting(head, following, heap, order, parent)
    reached = flow_kernels.flood(z, columns, edge, flow_kernels.Buckets(low, per_metre, buckets), waiting)
    del following, heap, waiting
    width = np.ascontiguousarray(width_m, dtype=np.float64)
    direction = flow_kernels.descend(flow_kernels.Ground(z, columns, width, float(height_m)), parent)
    return Flow(z.reshape(rows, columns), direction.reshape(rows, columns), order[:reached], width, float(height_m))


def require_room(shape: tuple[int, int]) -> float:
    """Return the memory that routing a grid needs [MiB], refusing one that needs too much.

    Raises
    ------
    InputError
        If the estimate exceeds the setting ``memory_mib``.

    Examples
    --------
    >>> round(require_room((4000, 4000)))
    519
    """
    needed, most = shape[0] * shape[1] * BYTES_PER_CELL / 2**20, setting("memory_mib")
    if needed > most:
        raise InputError("memory_basin", rows=shape[0], columns=shape[1], needed=f"{needed:.0f}", most=f"{most:.0f}")
    return needed


def _edge(known: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return the cells that have a neighbour that is none."""
    padded = np.pad(known, 1)
    inner = padded[1:-1, 1:-1].copy()
    for row in range(3):
        for column in range(3):
            inner &= padded[row : row + known.shape[0], column : column + known.shape[1]]
    edge: NDArray[np.bool_] = known & ~inner
    return edge


def accumulated(flow: Flow, amount: Floats) -> Floats:
    """Return what drains through each cell, its own amount counted (D8).

    Parameters
    ----------
    flow
        As :func:`route` returns it.
    amount : ndarray of float, shape (rows, columns)
        Of each cell: 1 counts cells, their areas give the contributing area [m2].

    Returns
    -------
    ndarray of float, shape (rows, columns)
        nan where there is no cell.
    """
    from spatial.terrain import flow_kernels

    total = np.array(amount, dtype=np.float64).ravel()
    flow_kernels.accumulate(flow.order, flow.direction.ravel(), flow.filled.shape[1], total)
    return _known(total, flow)


def accumulated_shared(flow: Flow, amount: Floats, power: float = 1.1) -> Floats:
    """Return what drains through each cell when water is shared among all lower neighbours.

    Parameters
    ----------
    flow, amount
        As :func:`accumulated`.
    power
        Of the slope, by which a neighbour's share is weighed: 1.1 (Freeman 1991), 1 (Quinn et al. 1991).

    Returns
    -------
    ndarray of float, shape (rows, columns)
    """
    from spatial.terrain import flow_kernels

    total = np.array(amount, dtype=np.float64).ravel()
    flow_kernels.accumulate_shared(flow.order, flow.ground, flow.direction.ravel(), power, total)
    return _known(total, flow)


def _known(total: Floats, flow: Flow) -> Floats:
    grid: Floats = total.reshape(flow.filled.shape)
    grid[np.isnan(flow.filled)] = np.nan
    return grid


def watersheds(flow: Flow, outlets: NDArray[np.int32]) -> NDArray[np.int32]:
    """Return the basin of each cell.

    Parameters
    ----------
    flow
        As :func:`route` returns it.
    outlets : ndarray of int, shape (rows, columns)
        A positive number at each outlet, 0 elsewhere. Basins of outlets upstream are their own.

    Returns
    -------
    ndarray of int32, shape (rows, columns)
        The number of the outlet that a cell drains to, 0 where there is none.
    """
    from spatial.terrain import flow_kernels

    label = np.array(outlets, dtype=np.int32).ravel()
    flow_kernels.label_upstream(flow.order, flow.direction.ravel(), flow.filled.shape[1], label)
    return label.reshape(flow.filled.shape)


def inlet_length_m(flow: Flow, slope_deg: NDArray[np.floating], streams: NDArray[np.bool_] | None = None) -> Floats:
    """Return the longest way that water has run when it enters each cell [m].

    Parameters
    ----------
    flow
        As :func:`route` returns it.
    slope_deg : ndarray of float, shape (rows, columns)
        The slope ends, and a new one begins, in a cell whose slope is less than a share of the steepest
        cell that flows to it: 0.7 below 5 degrees, 0.5 from there on, where soil settles (Hickey 2000;
        Van Remortel et al. 2001).
    streams : ndarray of bool, optional
        Cells of streams, where slopes end.

    Returns
    -------
    ndarray of float, shape (rows, columns)
        0 at divides; nan where there is no cell.
    """
    from spatial.terrain import flow_kernels

    starts = _settles(flow, np.asarray(slope_deg, dtype=np.float64)).ravel()
    if streams is not None:
        starts |= streams.ravel()
    inlet = np.zeros(flow.filled.size)
    flow_kernels.lengthen(flow.order, flow.ground, flow.direction.ravel(), starts, inlet)
    return _known(inlet, flow)


def _settles(flow: Flow, slope_deg: Floats) -> NDArray[np.bool_]:
    """Return the cells so much gentler than one that flows to them that soil settles there."""
    steepest = np.zeros(flow.filled.size)
    rows, columns = flow.filled.shape
    step = np.array([1, columns + 1, columns, columns - 1, -1, -columns - 1, -columns, -columns + 1])
    flows = np.flatnonzero(flow.direction.ravel() < len(step))
    slopes = slope_deg.ravel()
    np.maximum.at(steepest, flows + step[flow.direction.ravel()[flows]], np.nan_to_num(slopes[flows]))
    kept = np.where(slopes < setting("slope_end_deg"), setting("slope_end_gentle"), setting("slope_end_steep"))
    settles: NDArray[np.bool_] = (slopes < kept * steepest).reshape(rows, columns)
    return settles
