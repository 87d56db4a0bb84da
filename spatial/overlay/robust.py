"""Set operations that never let an exception of GEOS escape.

GEOS can refuse geometries that are valid to the eye: edges that nearly coincide, or rings
that a reader repaired badly. Each operation here runs on whole arrays first; only when GEOS
refuses are the pairs taken one at a time, repaired, and at last put on a precision grid.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from spatial.overlay.rings import Floats, Geometries

FALLBACK_GRIDS_M = (1e-8, 1e-6, 1e-4)
"""Grids, in metres, on which a refused pair is overlaid, one after the other: from ten times the
spacing of doubles at 4,000 km to a tenth of the millimetre to which surveyed coordinates are
recorded. The first one does in nearly all cases and moves areas by less than their last digits."""

_BATCH = 128
"""Pairs overlaid by one call."""

_COLLECTORS = {0: shapely.multipoints, 1: shapely.multilinestrings, 2: shapely.multipolygons}
_COLLECTION = int(shapely.GeometryType.GEOMETRYCOLLECTION)
_FIRST_MULTI = int(shapely.GeometryType.MULTIPOINT)


def intersection(left: Geometries, right: Geometries) -> Geometries:
    """Return the intersections of pairs of geometries, whatever GEOS thinks of them.

    Parameters
    ----------
    left, right : array of geometries, shape (n,)
        In one planar coordinate system, metres.

    Returns
    -------
    array of geometries, shape (n,)
    """
    return _pairwise(shapely.intersection, left, right)


def difference(left: Geometries, right: Geometries) -> Geometries:
    """Return ``left`` without ``right``, pair by pair; see :func:`intersection`."""
    return _pairwise(shapely.difference, left, right)


def union(geometries: Geometries) -> shapely.Geometry:
    """Return the union of all geometries as one; see :func:`intersection`."""
    try:
        return shapely.union_all(geometries)
    except shapely.GEOSException:
        pass
    mended = _mended(geometries)
    try:
        return shapely.union_all(mended)
    except shapely.GEOSException:
        return _on_grid(lambda gridded, grid_m: shapely.union_all(gridded, grid_size=grid_m), mended)


def valid(geometries: Geometries) -> Geometries:
    """Return the geometries with the invalid ones repaired; each keeps its dimension.

    Both ways of repair go wrong at times where rings touch: one fills a hair-thin ring that meets its
    own hole with square metres, the other drops a part that meets its neighbour in a point. The one
    that changes the area less is right.
    """
    broken = ~shapely.is_valid(geometries) & ~shapely.is_missing(geometries)
    if not broken.any():
        return geometries
    result = geometries.copy()
    before, dimension = geometries[broken], shapely.get_dimensions(geometries[broken])
    traced = of_dimension(shapely.make_valid(before), dimension)
    built = of_dimension(shapely.make_valid(before, method="structure", keep_collapsed=False), dimension)
    area = shapely.area(before)
    result[broken] = np.where(np.abs(shapely.area(built) - area) < np.abs(shapely.area(traced) - area), built, traced)
    return result


def holds(
    predicate: Callable[..., NDArray[np.bool_]], left: Geometries, right: Geometries, *, in_doubt: bool
) -> NDArray[np.bool_]:
    """Ask a predicate about pairs of geometries; ``in_doubt`` answers where GEOS refuses.

    Parameters
    ----------
    predicate : function of shapely
        Such as ``shapely.intersects``.
    left, right : array of geometries, shape (n,)
    in_doubt : bool

    Returns
    -------
    array of bool, shape (n,)
    """
    try:
        answers: NDArray[np.bool_] = predicate(left, right)
    except shapely.GEOSException:
        pairs = zip(left, right, strict=True)
        return np.array([_holds(predicate, pair, in_doubt=in_doubt) for pair in pairs], dtype=bool)
    return answers


def clip_by_rect(geometry: shapely.Geometry, window: Floats) -> shapely.Geometry:
    """Clip a geometry to a window: west, south, east, north, in metres.

    The result has the geometry's dimension. It may be invalid where a cut touches rings, but
    hardly where a cut avoids vertices.
    """
    try:
        clipped = shapely.clip_by_rect(geometry, *window)
    except shapely.GEOSException:
        clipped = _single(shapely.intersection, geometry, shapely.box(*window))
    dimension = shapely.get_dimensions(geometry)
    if shapely.get_type_id(clipped) != _COLLECTION and shapely.get_dimensions(clipped) == dimension:
        return clipped
    return _collect(clipped, int(dimension))


def of_dimension(geometries: Geometries, dimension: int | NDArray[np.integer]) -> Geometries:
    """Keep the points (0), lines (1) or polygons (2) of each geometry.

    An intersection of polygons may bring points and lines where borders only touch; they
    have no area and are left out here.

    Parameters
    ----------
    geometries : array of geometries, shape (n,)
    dimension : int or array of int, shape (n,)

    Returns
    -------
    array of geometries, shape (n,)
        An empty geometry where nothing of that dimension is left.
    """
    wanted = np.broadcast_to(np.asarray(dimension), geometries.shape)
    mixed = shapely.get_type_id(geometries) == _COLLECTION
    unfit = (mixed | (shapely.get_dimensions(geometries) != wanted)) & ~shapely.is_empty(geometries)
    unfit &= ~shapely.is_missing(geometries)
    result = geometries.copy()
    for place in np.flatnonzero(unfit):
        result[place] = _collect(geometries[place], int(wanted[place]))
    return result


def _collect(geometry: shapely.Geometry, dimension: int) -> shapely.Geometry:
    parts = shapely.get_parts(geometry)
    while (shapely.get_type_id(parts) >= _FIRST_MULTI).any():
        parts = shapely.get_parts(parts)
    chosen = parts[(shapely.get_dimensions(parts) == dimension) & ~shapely.is_empty(parts)]
    return chosen[0] if chosen.size == 1 else _COLLECTORS[dimension](chosen)


def _pairwise(operation: Callable[..., Any], left: Geometries, right: Geometries) -> Geometries:
    results = np.empty(len(left), dtype=object)
    # One refused pair spoils its batch, so batches are small.
    for start in range(0, len(left), _BATCH):
        batch = slice(start, start + _BATCH)
        try:
            results[batch] = operation(left[batch], right[batch])
        except shapely.GEOSException:
            pairs = zip(left[batch], right[batch], strict=True)
            results[batch] = [_single(operation, one, other) for one, other in pairs]
    return results


def _single(operation: Callable[..., Any], left: shapely.Geometry, right: shapely.Geometry) -> shapely.Geometry:
    try:
        return operation(left, right)
    except shapely.GEOSException:
        pass
    pair = _mended(np.array([left, right], dtype=object))
    try:
        return operation(*pair)
    except shapely.GEOSException:
        return _on_grid(lambda gridded, grid_m: operation(*gridded, grid_size=grid_m), pair)


def _mended(geometries: Geometries) -> Geometries:
    # Repair may leave lines beside the polygons, and GEOS overlays no mixtures.
    return of_dimension(shapely.make_valid(geometries), shapely.get_dimensions(geometries))


def _on_grid(operation: Callable[[Geometries, float], shapely.Geometry], geometries: Geometries) -> shapely.Geometry:
    *finer, coarsest = FALLBACK_GRIDS_M
    for grid_m in finer:
        try:
            return operation(shapely.set_precision(geometries, grid_m), grid_m)
        except shapely.GEOSException:
            continue
    return operation(shapely.set_precision(geometries, coarsest), coarsest)


def _holds(predicate: Callable[..., Any], pair: tuple[shapely.Geometry, shapely.Geometry], *, in_doubt: bool) -> bool:
    try:
        return bool(predicate(*pair))
    except shapely.GEOSException:
        return in_doubt
