"""Set operations that never let an exception of GEOS escape.

GEOS can refuse geometries that are valid to the eye: edges that nearly coincide, or rings
that a reader repaired badly. Each operation here runs on whole arrays first; only when GEOS
refuses are the pairs taken one at a time, repaired, and at last put on a precision grid.
"""

from __future__ import annotations

import itertools
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

_CLOSURE = 1e-9
"""Part of a geometry's area, and metres along its outline, by which its parts may miss it: coordinates
near the origin are rounded to a millionth of that."""

_FINE_GRID_M = 1e-10
"""Grid for geometries near the origin, where coordinates of kilometres are stored to 1e-12 m."""

_BATCH = 128
"""Pairs overlaid by one call."""

_TRACED: dict[str, Any] = {"method": "linework"}
_BUILT: dict[str, Any] = {"method": "structure", "keep_collapsed": False}
"""The two ways in which GEOS repairs: trace all lines anew, or build from the rings."""

_COLLECTORS = {0: shapely.multipoints, 1: shapely.multilinestrings, 2: shapely.multipolygons}
_AREAL = 2
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


def split(left: Geometries, right: Geometries, *, within: bool = False) -> tuple[Geometries, Geometries]:
    """Return what each left geometry shares with the right one, and what is left of it.

    Where edges nearly coincide GEOS can give one of the two wrong by many square metres and say
    nothing. Polygons that do not sum up are cut again on a grid, where GEOS is exact.

    Parameters
    ----------
    left, right : array of geometries, shape (n,)
        Near the origin, metres; see :func:`moved`.
    within : bool
        The right ones lie in the left ones, and are what they share.
    """
    dimension = shapely.get_dimensions(left)
    inner = right.copy() if within else of_dimension(intersection(left, right), dimension)
    outer = of_dimension(difference(left, right), dimension)
    areal = dimension == _AREAL
    for row in np.flatnonzero(areal & ~_sums_up(left, inner, outer, _CLOSURE)).tolist():
        pair = np.array([left[row], right[row]], dtype=object)
        inner[row], outer[row] = _split_on_grid(pair, inner[row], outer[row])
    return inner, outer


def _split_on_grid(
    pair: Geometries, inner: shapely.Geometry, outer: shapely.Geometry
) -> tuple[shapely.Geometry, shapely.Geometry]:
    for grid_m, gridded in itertools.product((_FINE_GRID_M, *FALLBACK_GRIDS_M), (_snapped, _rounded)):
        try:
            whole, other = gridded(pair, grid_m)
            parts = (
                shapely.intersection(whole, other, grid_size=grid_m),
                shapely.difference(whole, other, grid_size=grid_m),
            )
        except shapely.GEOSException:
            continue
        one, rest = (of_dimension(np.array([part], dtype=object), _AREAL) for part in parts)
        if _sums_up(pair[:1], one, rest, grid_m)[0]:
            return one[0], rest[0]
    return inner, outer


def _sums_up(whole: Geometries, inner: Geometries, outer: Geometries, width_m: float) -> NDArray[np.bool_]:
    one, other = shapely.area(inner), shapely.area(outer)
    allowed = _CLOSURE * shapely.area(whole) + width_m * shapely.length(whole)
    closes = np.abs(one + other - shapely.area(whole)) <= allowed
    found: NDArray[np.bool_] = closes & shapely.is_valid(inner) & shapely.is_valid(outer)
    return found


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


def offsets(geometries: Geometries) -> Floats:
    """Return the middle of each geometry in whole metres, so that moving it near the origin is exact.

    There GEOS rounds and snaps ten thousand times finer than in a district, and what one operation
    leaves fits what the next one is given.

    Parameters
    ----------
    geometries : geometry or array of geometries, shape (n,)

    Returns
    -------
    array of float, shape (2,) or (n, 2)
        Easting and northing, metres; 0 for what is empty or missing.
    """
    bounds = shapely.bounds(geometries)
    middle: Floats = np.nan_to_num(np.round((bounds[..., :2] + bounds[..., 2:]) / 2))
    return middle


def moved(geometries: Geometries, offset: Floats) -> Geometries:
    """Return the geometries moved, all by one offset of shape (2,) or each by its own of shape (n, 2)."""
    if offset.ndim == 1:
        offset = np.tile(offset, (len(geometries), 1))
    by_vertex = np.repeat(offset, shapely.get_num_coordinates(geometries), axis=0)
    there: Geometries = shapely.transform(geometries, lambda xy: xy + by_vertex)
    return there


def valid(geometries: Geometries) -> Geometries:
    """Return the geometries with the invalid ones repaired; each keeps its dimension.

    They are repaired near the origin, and where rounding undoes that on the way back, laid on the grid
    of the coordinates that can be stored there. Both ways of repair go wrong at times where rings touch: one fills a hair-thin ring that meets its
    own hole with square metres, the other drops a part that meets its neighbour in a point. The one
    that changes the area less is right.
    """
    broken = ~shapely.is_valid(geometries) & ~shapely.is_missing(geometries)
    if not broken.any():
        return geometries
    result = geometries.copy()
    before, dimension = geometries[broken], shapely.get_dimensions(geometries[broken])
    offset = offsets(before)
    near = moved(before, -offset)
    traced = of_dimension(_repaired(near, _TRACED), dimension)
    built = of_dimension(_repaired(near, _BUILT), dimension)
    area = shapely.area(near)
    mended = np.where(np.abs(shapely.area(built) - area) < np.abs(shapely.area(traced) - area), built, traced)
    back = moved(mended, offset)
    undone = np.flatnonzero(~shapely.is_valid(back))
    if undone.size:
        gridded = _storable(mended[undone], np.abs(offset[undone]).max(axis=1))
        back[undone] = moved(of_dimension(gridded, dimension[undone]), offset[undone])
    result[broken] = back
    return result


def _storable(geometries: Geometries, farthest_m: Floats) -> Geometries:
    """Lay geometries near the origin on a grid that moving them so far leaves as it is."""
    # A grid line in two is enough for what lies beyond the middle of the geometry.
    for factor in (2.0, 16.0, 256.0):
        try:
            storable: Geometries = shapely.set_precision(geometries, factor * np.spacing(farthest_m))
        except shapely.GEOSException:
            continue
        return storable
    return geometries


def _repaired(geometries: Geometries, way: dict[str, Any]) -> Geometries:
    repaired: Geometries
    try:
        repaired = shapely.make_valid(geometries, **way)
    except shapely.GEOSException:
        repaired = np.empty(len(geometries), dtype=object)
        repaired[:] = [_repaired_one(geometry, way) for geometry in geometries]
    return repaired


def _repaired_one(geometry: shapely.Geometry, way: dict[str, Any]) -> shapely.Geometry:
    for one_way in (way, _TRACED, _BUILT):
        try:
            return shapely.make_valid(geometry, **one_way)
        except shapely.GEOSException:
            continue
    return shapely.buffer(geometry, 0.0)


def sound(geometries: Geometries) -> Geometries:
    """Return the geometries flat and valid: readers repair and say so, but moving to another plane can undo it.

    Parameters
    ----------
    geometries : array of geometries, shape (n,)

    Returns
    -------
    array of geometries, shape (n,)
        Each of its own dimension, perhaps empty; missing ones stay missing.

    Raises
    ------
    ValueError
        If a coordinate is not finite.
    """
    require_finite(geometries)
    return valid(shapely.force_2d(geometries) if shapely.has_z(geometries).any() else geometries)


def require_finite(geometries: Geometries) -> None:
    """Raise where a coordinate is missing or infinite: GEOS hides a missing one, and chokes on it later.

    Parameters
    ----------
    geometries : array of geometries, shape (n,)

    Raises
    ------
    ValueError
        If a coordinate is not finite; heights do not matter.

    Examples
    --------
    >>> require_finite(np.array([shapely.Point(0, 0), None]))
    """
    # A missing coordinate does not show in the box of a polygon, but in its length.
    finite = np.isfinite(shapely.bounds(geometries)).all(axis=1) & np.isfinite(shapely.length(geometries))
    broken = np.flatnonzero(~finite & ~shapely.is_missing(geometries) & ~shapely.is_empty(geometries))
    if broken.size:
        raise ValueError(f"geometry {broken[0]} has a coordinate that is not finite")


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
    return of_dimension(_repaired(geometries, _TRACED), shapely.get_dimensions(geometries))


def _on_grid(operation: Callable[[Geometries, float], shapely.Geometry], geometries: Geometries) -> shapely.Geometry:
    for grid_m, gridded in itertools.product(FALLBACK_GRIDS_M, (_snapped, _rounded)):
        try:
            return operation(gridded(geometries, grid_m), grid_m)
        except shapely.GEOSException:
            continue
    coarsest = FALLBACK_GRIDS_M[-1]
    return operation(shapely.buffer(_rounded(geometries, coarsest), 0.0), coarsest)


def _snapped(geometries: Geometries, grid_m: float) -> Geometries:
    snapped: Geometries = shapely.set_precision(geometries, grid_m)
    return snapped


def _rounded(geometries: Geometries, grid_m: float) -> Geometries:
    # Each vertex by itself, which GEOS never refuses; what that tangles is repaired.
    return _mended(shapely.set_precision(geometries, grid_m, mode="pointwise"))


def _holds(predicate: Callable[..., Any], pair: tuple[shapely.Geometry, shapely.Geometry], *, in_doubt: bool) -> bool:
    try:
        return bool(predicate(*pair))
    except shapely.GEOSException:
        return in_doubt
