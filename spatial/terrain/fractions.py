"""Which part of each cell lies in each zone, exactly.

An outline that passes through a cell covers, of all cells east of it in the same row, the share of
the height by which it passes. Adding these heights from west to east, positive where the outline
goes south and negative where it goes north, gives every cell's share; in the cells that the outline
itself passes the part east of it counts. So only border cells are looked at one by one, and what
lies between them is a stretch with one share (the method of anti-aliased font rasterisers, in double
precision).
"""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import CRS

from spatial.equal_area import densify, reproject
from spatial.grid import Grid
from spatial.terrain.forms import Floats, Indices, Spans

GeometryArray = NDArray[np.object_]

#: Shares this close to a whole number are whole: what is left of the sums of a row's heights.
_ROUNDING = 1e-9


def zone_spans(zones: GeometryArray, crs: CRS, grid: Grid) -> Spans:
    """Return the cells of each zone, as stretches along the rows.

    Parameters
    ----------
    zones : ndarray of Polygon or MultiPolygon, shape (n,)
        Valid, in ``crs``; they may overlap each other and reach beyond the grid.
    crs
        CGCS2000 or WGS 84; the edges are straight in it, and cut before they are moved to the grid.
    grid

    Returns
    -------
    Spans
        No stretch with a share of nothing.
    """
    return spans_of(placed(zones, crs, grid), grid)


def placed(zones: GeometryArray, crs: CRS, grid: Grid) -> GeometryArray:
    """Return zones in the grid's system, their edges cut before, shells against the clock and holes with it."""
    moved = reproject(densify(zones, crs), crs, grid.crs)
    return np.asarray(shapely.orient_polygons(moved, exterior_cw=False), dtype=object)


def spans_of(zones: GeometryArray, grid: Grid) -> Spans:
    """Return the cells of each zone, which :func:`placed` has put on the grid."""
    from spatial.terrain.kernels import trace

    edges, group = _edges(zones, grid)
    low, high = np.minimum(edges[:, :2], edges[:, 2:]), np.maximum(edges[:, :2], edges[:, 2:])
    crossed = np.floor(high) - np.floor(low)
    within = np.clip(high, 0, grid.shape[::-1]) - np.clip(low, 0, grid.shape[::-1])
    # No edge passes more cells than it crosses lines between them, and one; four for its cut ends.
    most = int(np.minimum(crossed, np.ceil(within) + 1).sum()) + 4 * len(edges)
    key, weights = np.empty(most, dtype=np.int64), np.empty((most, 2))
    count = trace(edges, group, grid.shape, key, weights) if most else 0
    if not count:
        none = np.empty(0, dtype=np.int64)
        return Spans(np.zeros(grid.shape[0] + 1, dtype=np.int64), none, none, none, np.empty(0))
    return _spans(key[:count], weights[:count], int(group[-1]) + 1, grid.shape)


def _edges(zones: GeometryArray, grid: Grid) -> tuple[Floats, Indices]:
    """Return the edges of all zones in cells from the grid's corner, and the zone of each."""
    parts, owner = shapely.get_parts(zones, return_index=True)
    rings, part = shapely.get_rings(parts, return_index=True)
    coords, ring = shapely.get_coordinates(rings, return_index=True)
    a, _, west, _, e, north = grid.transform[:6]
    at = np.column_stack([(coords[:, 0] - west) / a, (coords[:, 1] - north) / e])
    same = ring[1:] == ring[:-1]
    edges = np.ascontiguousarray(np.column_stack([at[:-1], at[1:]])[same])
    return edges, owner[part[ring[:-1][same]]].astype(np.int64)


def _spans(key: Indices, weights: Floats, zones: int, shape: tuple[int, int]) -> Spans:
    """Add the heights up from west to east; every border cell and every stretch between two is a span."""
    rows, columns = shape
    order = np.argsort(key, kind="stable")
    key = key[order]
    begin = np.flatnonzero(np.diff(key, prepend=-1))
    cells = key[begin]
    height, inside = np.add.reduceat(weights[order], begin, axis=0).T
    line = cells // columns
    column = cells - line * columns
    fresh = np.flatnonzero(np.diff(line, prepend=-1))
    so_far = np.cumsum(height)
    before_line = (so_far - height)[fresh]
    so_far -= np.repeat(before_line, np.diff(fresh, append=cells.size))
    following = np.append(column[1:], columns)
    following[np.append(fresh[1:] - 1, cells.size - 1)] = columns
    # Border cells at even places, what lies between them at odd ones.
    share = np.column_stack([so_far - height + inside, so_far]).ravel()
    start = np.column_stack([column, column + 1]).ravel()
    stop = np.column_stack([column + 1, following]).ravel()
    whole = np.round(share)
    share = np.where(np.abs(share - whole) < _ROUNDING, whole, share)
    kept = np.flatnonzero((share != 0) & (stop > start))
    zone = line % zones
    first = np.searchsorted(line[kept // 2], zones * np.arange(rows + 1)).astype(np.int64)
    return Spans(first, zone[kept // 2], start[kept], stop[kept], share[kept])
