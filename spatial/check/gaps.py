"""What lies between parcels: holes of their union and narrow slits that are open at an end.

Where two parcels share a border, each holds the same edge, in opposite directions. Edges without
such a partner are the only ones that can bound a gap; in a layer that tiles they are few. A hole is
a face of those edges that no parcel covers. A slit lies between two of them that are close.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray

from spatial.overlay import meeting, robust
from spatial.overlay.zones import MAX_VERTICES
from spatial.settings import setting

Geometries = NDArray[np.object_]
Floats = NDArray[np.float64]
Indices = NDArray[np.intp]

_NONE: Geometries = np.empty(0, dtype=object)
_AREA = 2


class FreeEdges(NamedTuple):
    """Edges of parcels that have no neighbour, in the order of the rings.

    Parameters
    ----------
    start, end : ndarray of float, shape (m, 2)
        The parcel lies on the left.
    owner : ndarray of int, shape (m,)
        Row of the parcel.
    """

    start: Floats
    end: Floats
    owner: Indices


def free_edges(parcels: Geometries) -> FreeEdges:
    """Return the edges that no neighbour holds in the other direction.

    Parameters
    ----------
    parcels : ndarray of Polygon or MultiPolygon, shape (n,)
        Valid.

    Examples
    --------
    >>> start, _, owner = free_edges(np.array([shapely.box(0, 0, 1, 1), shapely.box(1, 0, 2, 1)]))
    >>> len(start), owner.tolist()
    (6, [0, 0, 0, 1, 1, 1])
    """
    parts, owner = shapely.get_parts(shapely.orient_polygons(parcels), return_index=True)
    rings, of_part = shapely.get_rings(parts, return_index=True)
    xy, ring = shapely.get_coordinates(rings, return_index=True)
    xy = xy + 0.0  # minus zero and zero are one place
    inner = ring[1:] == ring[:-1]
    vertex = _numbered(xy)
    start, end = vertex[:-1][inner], vertex[1:][inner]
    place = np.flatnonzero(inner)
    long = start != end
    start, end, place = start[long], end[long], place[long]
    count = np.int64(vertex.max() + 1) if len(vertex) else np.int64(1)
    free = ~_among(start * count + end, end * count + start)
    place = place[free]
    return FreeEdges(xy[place], xy[place + 1], owner[of_part[ring[place]]])


def _among(keys: NDArray[np.int64], others: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Return which keys are among the others; sorting beats hashing here."""
    ordered = np.sort(others)
    place = np.minimum(np.searchsorted(ordered, keys), max(len(ordered) - 1, 0))
    return np.asarray(ordered[place] == keys) if len(ordered) else np.zeros(len(keys), dtype=bool)


def _numbered(xy: Floats) -> NDArray[np.int64]:
    """Return a number for each point that equal points share."""
    order = np.lexsort((xy[:, 1], xy[:, 0]))
    new = np.ones(len(xy), dtype=bool)
    new[1:] = (np.diff(xy[order], axis=0) != 0).any(axis=1)
    numbers = np.empty(len(xy), dtype=np.int64)
    numbers[order] = np.cumsum(new) - 1
    return numbers


def holes_between(parcels: Geometries, edges: FreeEdges | None = None) -> Geometries:
    """Return the holes of the union of some parcels, a parcel's own unfilled holes among them.

    Parameters
    ----------
    parcels : ndarray of Polygon or MultiPolygon, shape (n,)
        Valid, in metres.
    edges
        Their free edges, where they are known already.

    Returns
    -------
    ndarray of Polygon
        From west to east; islands inside a hole are taken out of it.

    Examples
    --------
    >>> ring = shapely.box(0, 0, 9, 9).difference(shapely.box(3, 3, 6, 6))
    >>> [hole.area for hole in holes_between(np.array([ring]))]
    [9.0]
    """
    start, end, _ = edges or free_edges(parcels)
    if len(start) == 0:
        return _NONE
    lines = robust.union(_strung(start, end))
    faces = shapely.get_parts(shapely.polygonize(shapely.get_parts(lines)))
    faces = faces[shapely.area(faces) > 0]
    if len(faces) == 0:
        return _NONE
    return _sorted(faces[~_covered(parcels, shapely.point_on_surface(faces))])


def _strung(start: Floats, end: Floats) -> Geometries:
    """Join edges that follow each other into lines."""
    follows = np.zeros(len(start), dtype=bool)
    follows[1:] = (start[1:] == end[:-1]).all(axis=1)
    line = np.cumsum(~follows) - 1
    firsts = np.flatnonzero(~follows)
    coords = np.insert(end, firsts, start[firsts], axis=0)
    numbers = np.insert(line, firsts, line[firsts])
    return np.asarray(shapely.linestrings(coords, indices=numbers), dtype=object)


def _covered(parcels: Geometries, points: Geometries) -> NDArray[np.bool_]:
    """Return which points lie in some parcel; each parcel is prepared once, however many points it meets."""
    point, parcel = shapely.STRtree(parcels).query(points)
    used, place = np.unique(parcel, return_inverse=True)
    own = shapely.force_2d(parcels[used])
    shapely.prepare(own)
    inside = robust.holds(shapely.intersects, own[place], points[point], in_doubt=True)
    covered = np.zeros(len(points), dtype=bool)
    covered[point[inside]] = True
    return covered


def _sorted(shapes: Geometries) -> Geometries:
    bounds = shapely.bounds(shapes)
    return shapes[np.lexsort((bounds[:, 1], bounds[:, 0]))]


def slits_between(parcels: Geometries, holes: Geometries, edges: FreeEdges | None = None) -> Geometries:
    """Return narrow spaces between two parcels that are open somewhere, so that they are no holes.

    Parameters
    ----------
    parcels : ndarray of Polygon or MultiPolygon, shape (n,)
        Valid, in metres.
    holes : ndarray of Polygon
        Holes of their union, which are not reported twice.
    edges
        Their free edges, where they are known already.

    Returns
    -------
    ndarray of Polygon
        No wider than ``slit_width_m`` and clearly longer: the notch where two corners meet is none.

    Examples
    --------
    >>> pair = np.array([shapely.box(0, 0, 10, 50), shapely.box(10.1, 0, 20, 50)])
    >>> [round(slit.area, 6) for slit in slits_between(pair, np.empty(0, dtype=object))]
    [5.0]
    """
    width_m = setting("slit_width_m")
    start, end, owner = edges or free_edges(parcels)
    lines = shapely.linestrings(np.stack([start, end], axis=1))
    if len(lines) == 0:
        return _NONE
    one, other = shapely.STRtree(lines).query(lines, predicate="dwithin", distance=width_m)
    facing = (owner[one] < owner[other]) & _opposed(end - start, one, other)
    one, other = one[facing], other[facing]
    if one.size == 0:
        return _NONE
    hulls = _between(lines[one], lines[other], width_m)
    keys = owner[one] * np.int64(len(parcels)) + owner[other]
    kept = shapely.area(hulls) > 0
    return _open_space(parcels, holes, hulls[kept], keys[kept], width_m)


def _opposed(direction: Floats, one: Indices, other: Indices) -> NDArray[np.bool_]:
    """Return which edges run roughly against each other, as the two banks of a slit do."""
    return np.asarray((direction[one] * direction[other]).sum(axis=1) < 0)


def _between(one: Geometries, other: Geometries, width_m: float) -> Geometries:
    """Return the space between the stretches of two edges that are near each other."""
    near_one = shapely.intersection(one, shapely.buffer(other, width_m, quad_segs=4))
    near_other = shapely.intersection(other, shapely.buffer(one, width_m, quad_segs=4))
    both = shapely.multilinestrings(np.stack([_line(near_one), _line(near_other)], axis=1))
    return np.asarray(robust.of_dimension(shapely.convex_hull(both), np.full(len(one), _AREA)), dtype=object)


def _line(shapes: Geometries) -> Geometries:
    """Return the stretches as lines; a single point stands as a line without length."""
    result = np.array(shapes, dtype=object)
    points = shapely.get_type_id(result) == int(shapely.GeometryType.POINT)
    xy = shapely.get_coordinates(result[points])
    result[points] = shapely.linestrings(np.stack([xy, xy], axis=1)) if points.any() else result[points]
    return result


def _open_space(
    parcels: Geometries, holes: Geometries, hulls: Geometries, keys: NDArray[np.int64], width_m: float
) -> Geometries:
    """Return what of the hulls, joined for each pair of parcels, no parcel and no hole covers."""
    _, place = np.unique(keys, return_inverse=True)
    order = np.argsort(place, kind="stable")
    cuts = np.flatnonzero(np.diff(place[order])) + 1
    joined = np.array([robust.union(group) for group in np.split(hulls[order], cuts) if len(group)], dtype=object)
    if len(joined) == 0:
        return _NONE
    taken = np.concatenate([parcels, holes])
    small, large = shapely.STRtree(taken).query(joined)
    _, small, shared = meeting.shared(taken, joined, (large, small), MAX_VERTICES)
    free = joined.copy()
    order = np.argsort(small, kind="stable")
    touched, starts = np.unique(small[order], return_index=True)
    for row, pieces in zip(touched.tolist(), np.split(shared[order], starts[1:]), strict=True):
        covered = robust.of_dimension(np.array([robust.union(pieces)], dtype=object), _AREA)
        free[row] = robust.difference(joined[row : row + 1], covered)[0]
    parts = shapely.get_parts(free)
    parts = parts[shapely.get_dimensions(parts) == _AREA]
    # Shorter than a few times the width it is a notch between corners, not a slit.
    length = shapely.length(parts) / 2
    kept = length >= setting("slit_length_ratio") * width_m
    return _sorted(parts[kept])
