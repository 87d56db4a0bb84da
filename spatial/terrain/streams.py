"""Streams as lines: reaches from head or confluence to the next confluence, with their order by Strahler."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from spatial.grid import Grid
from spatial.terrain.flow import Flow

Floats = NDArray[np.float64]

#: Rows and columns to the eight neighbours, from the east clockwise, as directions count them.
_ROWS = np.array([0, 1, 1, 1, 0, -1, -1, -1])
_COLUMNS = np.array([1, 1, 0, -1, -1, -1, 0, 1])
_NOWHERE = -1


def downstream(flow: Flow, cells: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the cell that each cell flows to, -1 where water leaves the grid.

    Parameters
    ----------
    flow
        As :func:`spatial.terrain.flow.route` returns it.
    cells : ndarray of int
        Places in the flattened grid.
    """
    direction = flow.direction.ravel()[cells]
    inside = direction < len(_ROWS)
    step = np.where(inside, direction, 0)
    return np.where(inside, cells + _ROWS[step] * flow.filled.shape[1] + _COLUMNS[step], _NOWHERE)


def stream_lines(flow: Flow, drained_km2: Floats, least_km2: float, grid: Grid) -> gpd.GeoDataFrame:
    """Return the reaches of all streams.

    Parameters
    ----------
    flow
        As :func:`spatial.terrain.flow.route` returns it.
    drained_km2 : ndarray of float, shape (rows, columns)
        What drains through each cell by D8, so that a stream goes on as a stream.
    least_km2
        Cells that drain this much are streams.
    grid
        Where the cells lie.

    Returns
    -------
    GeoDataFrame
        In the grid's system, through the middles of cells: ``reach`` (from 1), ``flows_to`` (reach, 0 where water
        leaves the grid), ``strahler``, ``length_m``, ``drains_km2`` (of its last cell before the next reach),
        ``from_m`` and ``to_m`` (filled heights). A reach of one cell that leaves the grid has no line and is not
        here.

    Notes
    -----
    Strahler 1957: a head is 1; where two or more reaches of the highest order meet, the order grows by one.
    """
    at = np.flatnonzero((drained_km2 >= least_km2).ravel())
    following = downstream(flow, at)
    place = {int(cell): number for number, cell in enumerate(at)}
    to = np.array([place.get(int(cell), _NOWHERE) for cell in following], dtype=np.int64)
    inflows = np.bincount(to[to != _NOWHERE], minlength=at.size)
    order = _strahler(flow, at, to)
    # A reach begins at a head or where reaches meet; a cell that only one stream enters lies within one.
    starts = np.flatnonzero(inflows != 1)
    paths = [_path(start, to, inflows) for start in starts.tolist()]
    numbers = {path[0]: number for number, path in enumerate((one for one in paths if len(one) > 1), start=1)}
    rows, columns = np.divmod(at, grid.shape[1])
    x = grid.transform.c + grid.transform.a * (columns + 0.5)
    y = grid.transform.f + grid.transform.e * (rows + 0.5)
    steps_m = _steps_m(flow, at)
    found, lines = [], []
    for path in (one for one in paths if len(one) > 1):
        last = path[-2] if inflows[path[-1]] > 1 else path[-1]
        found.append(
            {
                "reach": numbers[path[0]],
                "flows_to": numbers.get(path[-1], 0),
                "strahler": int(order[path[0]]),
                "length_m": float(steps_m[path[:-1]].sum()),
                "drains_km2": float(drained_km2.ravel()[at[last]]),
                "from_m": float(flow.filled.ravel()[at[path[0]]]),
                "to_m": float(flow.filled.ravel()[at[path[-1]]]),
            }
        )
        lines.append(shapely.linestrings(x[path], y[path]))
    columns_of = ["reach", "flows_to", "strahler", "length_m", "drains_km2", "from_m", "to_m"]
    data = {name: [row[name] for row in found] for name in columns_of}
    return gpd.GeoDataFrame(data, geometry=lines, crs=grid.crs)


def _path(start: int, to: NDArray[np.int64], inflows: NDArray[np.int64]) -> list[int]:
    path = [start]
    while to[path[-1]] != _NOWHERE:
        path.append(int(to[path[-1]]))
        if inflows[path[-1]] != 1:
            break
    return path


def _strahler(flow: Flow, at: NDArray[np.int64], to: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the order of each cell of a stream; cells are met upstream first, the flood's order backwards."""
    rank = np.empty(flow.filled.size, dtype=np.int32)
    rank[flow.order] = np.arange(flow.order.size, dtype=np.int32)
    order, highest = np.ones(at.size, dtype=np.int64), np.zeros(at.size, dtype=np.int64)
    often = np.zeros(at.size, dtype=np.int64)
    for cell in np.argsort(-rank[at], kind="stable").tolist():
        if highest[cell]:
            order[cell] = highest[cell] + (often[cell] > 1)
        into = to[cell]
        if into == _NOWHERE:
            continue
        if order[cell] > highest[into]:
            highest[into], often[into] = order[cell], 1
        elif order[cell] == highest[into]:
            often[into] += 1
    return order


def _steps_m(flow: Flow, at: NDArray[np.int64]) -> Floats:
    """Return the way from each cell to the next one; 0 where water leaves the grid."""
    direction = flow.direction.ravel()[at]
    step = np.where(direction < len(_ROWS), direction, 0)
    width = flow.width_m[at // flow.filled.shape[1]]
    way = np.hypot(_COLUMNS[step] * width, _ROWS[step] * flow.height_m)
    return np.where(direction < len(_ROWS), way, 0.0)
