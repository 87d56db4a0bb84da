"""What is done with the pieces of an overlay: merge, rank, sum, set slivers apart."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely

from spatial.overlay import robust
from spatial.overlay.rings import Floats, Geometries
from spatial.overlay.zones import Pieces

_POLYGONAL = 2
_LINEAL = 1


@dataclass(frozen=True)
class Closure:
    """How well parts sum to their whole; all in the unit of the whole.

    Attributes
    ----------
    whole : float
    parts : float
        Sum of the parts.
    difference : float
        ``parts - whole``.
    relative : float
        ``|difference| / |whole|``; 0 when both are 0, infinite when only the whole is.
    """

    whole: float
    parts: float
    difference: float
    relative: float


def closure(whole: float, parts: Sequence[float]) -> Closure:
    """Compare a whole with the sum of its parts.

    Examples
    --------
    >>> closure(10.0, [4.0, 6.0])
    Closure(whole=10.0, parts=10.0, difference=0.0, relative=0.0)
    """
    total = math.fsum(parts)
    difference = total - whole
    if difference == 0.0:
        return Closure(whole, total, 0.0, 0.0)
    relative = abs(difference) / abs(whole) if whole else math.inf
    return Closure(whole, total, difference, relative)


def merge_by_project(pieces: Pieces, n_projects: int) -> Geometries:
    """Unite the pieces of each project, so that overlapping zones count once.

    Parameters
    ----------
    pieces : Pieces
        As :meth:`ZoneIndex.pieces` returns them.
    n_projects : int
        Number of projects that were asked about.

    Returns
    -------
    array of geometries, shape (n_projects,)
        An empty polygon for a project that meets no zone.
    """
    merged = np.empty(n_projects, dtype=object)
    merged[:] = [shapely.Polygon()] * n_projects
    bounds = np.searchsorted(pieces.project, np.arange(n_projects + 1))
    for project in np.flatnonzero(np.diff(bounds)):
        own = pieces.geometry[bounds[project] : bounds[project + 1]]
        merged[project] = own[0] if own.size == 1 else unite(own)
    return merged


def unite(geometries: Geometries) -> shapely.Geometry:
    """Unite geometries of one dimension into one, lines joined end to end.

    Parameters
    ----------
    geometries : array of geometries, shape (n,), n >= 1

    Returns
    -------
    geometry
        Of the dimension of the first geometry.
    """
    dimension = int(shapely.get_dimensions(geometries[0]))
    offset = _offset(geometries[0])
    united = robust.of_dimension(np.array([robust.union(_moved(geometries, -offset))], dtype=object), dimension)
    if dimension == _LINEAL:
        united = shapely.line_merge(united)
    return robust.valid(_moved(united, offset))[0]


def net_parts(
    whole: shapely.Geometry, parts_in_order: Sequence[shapely.Geometry]
) -> tuple[list[shapely.Geometry], shapely.Geometry]:
    """Give every place of a whole to the first part that claims it.

    Parameters
    ----------
    whole : geometry
        A project: polygon, line or point; planar, metres.
    parts_in_order : sequence of geometries
        Strictest first. What a part covers outside the whole is ignored.

    Returns
    -------
    net : list of geometries
        What each part keeps, in the same order.
    remainder : geometry
        What no part claims. The net parts and the remainder sum to the whole.

    Examples
    --------
    >>> whole = shapely.box(0, 0, 4, 1)
    >>> net, rest = net_parts(whole, [shapely.box(0, 0, 2, 1), shapely.box(1, 0, 3, 1)])
    >>> [part.area for part in net], rest.area
    ([2.0, 1.0], 1.0)
    """
    dimension = int(shapely.get_dimensions(whole))
    offset = _offset(whole)
    claims = _moved(np.array([whole, *parts_in_order], dtype=object), -offset)
    rest, found = claims[:1], []
    for place in range(1, claims.size):
        claim = claims[place : place + 1]
        found.append(robust.of_dimension(robust.intersection(rest, claim), dimension)[0])
        rest = robust.of_dimension(robust.difference(rest, claim), dimension)
    *net, remainder = robust.valid(_moved(np.array([*found, rest[0]], dtype=object), offset))
    return net, remainder


def _offset(geometry: shapely.Geometry) -> Floats:
    # Whole metres, so that moving there is exact. Near the origin GEOS rounds and snaps ten
    # thousand times finer, and what one operation leaves fits what the next one is given.
    bounds = shapely.bounds(geometry)
    middle: Floats = np.nan_to_num(np.round((bounds[:2] + bounds[2:]) / 2))
    return middle


def _moved(geometries: Geometries, offset: Floats) -> Geometries:
    moved: Geometries = shapely.transform(geometries, lambda xy: xy + offset)
    return moved


def split_slivers(geometry: shapely.Geometry, limit_m2: float) -> tuple[shapely.Geometry, shapely.Geometry]:
    """Set the polygon parts that are smaller than a limit apart from the others.

    Parameters
    ----------
    geometry : geometry
        Lines and points have no slivers and are kept whole.
    limit_m2 : float
        Parts with an area below this, in square metres, are slivers.

    Returns
    -------
    kept, slivers : geometry
        Together they are ``geometry``; either may be empty.

    Examples
    --------
    >>> two = shapely.MultiPolygon([shapely.box(0, 0, 9, 9), shapely.box(20, 0, 20.1, 1)])
    >>> kept, slivers = split_slivers(two, 1.0)
    >>> kept.area, round(slivers.area, 6)
    (81.0, 0.1)
    """
    if shapely.get_dimensions(geometry) != _POLYGONAL:
        return geometry, shapely.Polygon()
    parts = shapely.get_parts(geometry)
    small = shapely.area(parts) < limit_m2
    return _as_one(parts[~small]), _as_one(parts[small])


def _as_one(parts: Geometries) -> shapely.Geometry:
    if parts.size == 0:
        return shapely.Polygon()
    return parts[0] if parts.size == 1 else shapely.multipolygons(parts)
