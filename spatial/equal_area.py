"""The way into the equal-area plane: densify where the edges are straight, then project.

Survey lines are straight in the plane they were surveyed in. Between two vertices the equal-area
plane draws another curve, so edges are first cut into short ones (DOMAIN 1.2). A shared border
gets the same points from both of its sides, so tiles still tile afterwards.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import CRS

from spatial.crs import ELLIPSOID, equal_area_crs, known_crs, transformers
from spatial.errors import InputError
from spatial.settings import setting

GeometryArray = NDArray[np.object_]
FloatArray = NDArray[np.float64]

#: Edges at most this long change an area by less than 1e-9 of itself (DOMAIN 1.2: error ~ length cubed).
DENSIFY_STEP_M = setting("densify_step_m")


def to_equal_area(geometry: Any, crs: CRS, *, step_m: float = DENSIFY_STEP_M) -> GeometryArray:
    """Project geometries to the equal-area plane, their edges cut to ``step_m`` first.

    Parameters
    ----------
    geometry : array_like of shapely geometries, shape (n,)
        Points, lines or polygons, single or multi, in ``crs``; ``None`` stays ``None``. Heights are dropped.
    crs
        CGCS2000 or WGS 84, geographic or projected in metres; x is east.
    step_m
        Longest edge after cutting [m]; ``inf`` keeps the stored vertices.

    Returns
    -------
    ndarray of shapely geometries, shape (n,)
        In :func:`spatial.crs.equal_area_crs`, in metres.

    Raises
    ------
    DatumShiftRequiredError
        If the datum is neither CGCS2000 nor WGS 84.
    """
    dense = densify(geometry, crs, step_m=step_m)
    return reproject(dense, crs, equal_area_crs())


def reproject(geometry: Any, source: CRS, target: CRS) -> GeometryArray:
    """Move vertices from one coordinate system to another of the same datum; no vertex is added.

    Parameters
    ----------
    geometry : array_like of shapely geometries, shape (n,)
    source, target
        CGCS2000 or WGS 84 systems; x is east.
    """
    steps = transformers(source.srs, target.srs)
    geoms = np.asarray(shapely.force_2d(np.asarray(geometry, dtype=object)), dtype=object)
    if not steps:
        return geoms

    def move(coords: FloatArray) -> FloatArray:
        x, y = coords[:, 0], coords[:, 1]
        for step in steps:
            x, y = step.transform(x, y)
        return np.column_stack([x, y])

    return np.asarray(shapely.transform(geoms, move), dtype=object)


def densify(geometry: Any, crs: CRS, *, step_m: float = DENSIFY_STEP_M) -> GeometryArray:
    """Cut every edge into equal parts no longer than ``step_m``.

    Both directions of a border give the same points, to the last bit: the end points are put in
    order before the points between them are computed.

    Parameters
    ----------
    geometry : array_like of shapely geometries, shape (n,)
        No geometry collections.
    crs
        The plane the edges are straight in; for a geographic one lengths are taken on the ellipsoid.
    step_m
        Longest edge after cutting [m].

    Examples
    --------
    >>> from shapely import LineString
    >>> densify([LineString([(500000, 0), (500100, 0)])], CRS(4547), step_m=50)[0].wkt
    'LINESTRING (500000 0, 500050 0, 500100 0)'
    """
    geoms = np.array(shapely.force_2d(np.asarray(geometry, dtype=object)), dtype=object)
    if np.isinf(step_m):
        return geoms
    known = known_crs(crs.srs)
    types = shapely.get_type_id(geoms)
    if (types == shapely.GeometryType.GEOMETRYCOLLECTION).any():
        raise InputError("geometry_collection")
    # A ragged array holds one kind of geometry; empty and missing ones have no edges to cut.
    filled = ~shapely.is_empty(geoms)
    for kinds in ((1, 5), (2,), (3, 6)):
        chosen = np.flatnonzero(filled & np.isin(types, kinds))
        if chosen.size:
            geoms[chosen] = _densify_kind(geoms[chosen], known, step_m)
    return geoms


def _densify_kind(geoms: GeometryArray, crs: CRS, step_m: float) -> GeometryArray:
    """Densify lines only, rings only, or polygons only."""
    kind, coords, offsets = shapely.to_ragged_array(geoms)
    last = np.zeros(len(coords), dtype=bool)
    last[offsets[0][1:] - 1] = True
    following = np.roll(coords, -1, axis=0)
    edges = np.where(last, 0.0, _edge_lengths_m(coords, following, crs))
    parts = np.maximum(np.ceil(edges / step_m), 1).astype(np.int64)
    starts = np.concatenate([[0], np.cumsum(parts)])
    new_offsets = (starts[offsets[0]], *offsets[1:])
    owner = np.repeat(np.arange(len(coords)), parts)
    place = np.arange(starts[-1]) - starts[owner]
    dense = _between(coords[owner], following[owner], place, parts[owner])
    return np.asarray(shapely.from_ragged_array(kind, dense, new_offsets), dtype=object)


def _between(start: FloatArray, end: FloatArray, place: NDArray[np.int64], parts: NDArray[np.int64]) -> FloatArray:
    """Return the point ``place`` of ``parts`` along each edge, the same from both directions."""
    backwards = (start[:, 0] > end[:, 0]) | ((start[:, 0] == end[:, 0]) & (start[:, 1] > end[:, 1]))
    low = np.where(backwards[:, None], end, start)
    high = np.where(backwards[:, None], start, end)
    share = np.where(backwards, parts - place, place) / parts
    points: FloatArray = low + (high - low) * share[:, None]
    # A stored vertex is kept as it is: low + (high - low) need not give high back.
    return np.where((place == 0)[:, None], start, points)


def _edge_lengths_m(start: FloatArray, end: FloatArray, crs: CRS) -> FloatArray:
    if crs.is_projected:
        return np.asarray(np.hypot(*(end - start).T) * crs.axis_info[0].unit_conversion_factor)
    # Metres per degree at the edge's middle latitude: enough to choose a number of parts.
    middle = np.radians((start[:, 1] + end[:, 1]) / 2)
    curvature = 1 - ELLIPSOID.es * np.sin(middle) ** 2
    across = ELLIPSOID.a / np.sqrt(curvature)
    along = ELLIPSOID.a * (1 - ELLIPSOID.es) / curvature**1.5
    d_lon, d_lat = np.radians((end - start).T)
    return np.asarray(np.hypot(d_lon * across * np.cos(middle), d_lat * along))
