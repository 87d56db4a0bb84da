"""What is done with the pieces of an overlay: merge, rank, sum, set slivers apart."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely

from spatial.overlay import robust
from spatial.overlay.rings import Geometries
from spatial.overlay.zones import Pieces

_BATCH = 4096
"""Wholes that are shared out together, which bounds the memory it takes."""

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
    offset = robust.offsets(geometries[0])
    united = robust.of_dimension(np.array([robust.union(robust.moved(geometries, -offset))], dtype=object), dimension)
    if dimension == _LINEAL:
        united = shapely.line_merge(united)
    return robust.valid(robust.moved(united, offset))[0]


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
    (shares,) = share_out(np.array([whole], dtype=object), [parts_in_order])
    return shares.net, shares.left[-1]


@dataclass(frozen=True)
class Shares:
    """A whole given to its claims in turn.

    Attributes
    ----------
    net : list of geometries, n
        What each claim keeps.
    left : list of geometries, n + 1
        What is left before the first claim, after it, and so on; the last is the remainder.
    """

    net: list[shapely.Geometry]
    left: list[shapely.Geometry]


def share_out(
    wholes: Geometries, claims: Sequence[Sequence[shapely.Geometry]], *, within: bool = False
) -> list[Shares]:
    """Do what :func:`net_parts` does for many wholes at once.

    Parameters
    ----------
    wholes : array of geometries, shape (n,)
    claims : sequence of n sequences of geometries
        Of each whole, strictest first. A claim that is the whole itself, the same object, takes all
        that is left without any cutting.
    within : bool
        Every claim lies in its whole, so that the first one keeps what it claims, the same object.

    Returns
    -------
    list of Shares
        In the order of the wholes.
    """
    shares = [Shares([], [whole]) for whole in wholes]
    for start in range(0, len(wholes), _BATCH):
        batch = slice(start, start + _BATCH)
        _share_out(wholes[batch], claims[batch], shares[batch], within=within)
    return shares


def _share_out(
    wholes: Geometries, claims: Sequence[Sequence[shapely.Geometry]], shares: list[Shares], *, within: bool
) -> None:
    offset = robust.offsets(wholes)
    rest = robust.moved(wholes, -offset)
    counts = np.array([len(own) for own in claims], dtype=np.intp)
    for turn in range(counts.max(initial=0)):
        rows = np.flatnonzero(counts > turn)
        given = np.array([claims[row][turn] for row in rows.tolist()], dtype=object)
        partial = np.array([claim is not whole for claim, whole in zip(given, wholes[rows], strict=True)], dtype=bool)
        cut = partial & ~shapely.is_empty(rest[rows])
        taken = np.array([shares[row].left[-1] for row in rows.tolist()], dtype=object)
        left = np.array([shapely.Polygon()] * rows.size, dtype=object)
        own, claim = rest[rows[cut]], robust.moved(given[cut], -offset[rows[cut]])
        first_within = within and turn == 0
        inner, outer = robust.split(own, claim, within=first_within)
        if first_within:
            taken[cut] = given[cut]
        else:
            taken[cut] = robust.valid(robust.moved(inner, offset[rows[cut]]))
        left[cut] = robust.valid(robust.moved(outer, offset[rows[cut]]))
        rest[rows] = left
        rest[rows[cut]] = outer
        for row, net, remainder in zip(rows.tolist(), taken, left, strict=True):
            shares[row].net.append(net)
            shares[row].left.append(remainder)


def entered_part(
    zones: shapely.Geometry, route: shapely.Geometry, *, touch_m: float, along_m: float
) -> shapely.Geometry:
    """Return the part of some zones that a line or a point is really in, not only on the border of.

    Whether a line along a border is in or out hangs on the last digit of its coordinates. So a
    stretch that keeps within a hair of the border is out, unless it is too short to run along it:
    then it crosses it, and is cut where the border is. Gaps of a hair between tiles are closed.

    Parameters
    ----------
    zones : polygon or multipolygon
        United, metres.
    route : line or point, single or multi
    touch_m : float
        The hair: a point no deeper than this is out.
    along_m : float
        Stretches shorter than this cross the border.

    Returns
    -------
    polygon or multipolygon
        What to cut the route by.

    Examples
    --------
    >>> zone, limits = shapely.box(0, 0, 10, 10), {"touch_m": 0.005, "along_m": 0.5}
    >>> along = shapely.LineString([(0, 0), (10, 0), (10, 0), (10, 5), (5, 5)])
    >>> round(along.intersection(entered_part(zone, along, **limits)).length, 1)
    5.0
    """
    offset = robust.offsets(route)
    moved = robust.moved(np.array([zones, route], dtype=object), -offset)
    outline, path = moved[:1], moved[1:]
    grown = shapely.buffer(outline, touch_m, join_style="mitre")
    core = shapely.buffer(grown, -2 * touch_m, join_style="mitre")
    entered = core
    if shapely.get_dimensions(route) == _LINEAL:
        fringe = robust.difference(robust.intersection(path, grown), core)
        stretches = shapely.get_parts(shapely.line_merge(robust.of_dimension(fringe, _LINEAL)))
        along = stretches[shapely.length(stretches) >= along_m]
        entered = np.array([robust.union(np.concatenate([outline, core]))], dtype=object)
        if along.size:
            band = np.array([robust.union(shapely.buffer(along, 2 * touch_m))], dtype=object)
            entered = robust.difference(entered, band)
    return robust.valid(robust.moved(robust.of_dimension(entered, _POLYGONAL), offset))[0]


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
    if not small.any():
        return geometry, shapely.Polygon()
    return _as_one(parts[~small]), _as_one(parts[small])


def _as_one(parts: Geometries) -> shapely.Geometry:
    if parts.size == 0:
        return shapely.Polygon()
    return parts[0] if parts.size == 1 else shapely.multipolygons(parts)
