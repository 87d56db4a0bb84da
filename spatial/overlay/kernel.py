"""Overlap areas by numba: no geometry is built, only signed edges are summed.

A polygon whose shells run counter-clockwise and holes clockwise is the signed sum of the
strips under its edges: an edge going west adds its strip, an edge going east takes it away.
The overlap of two polygons is then the sum, over every edge of the one and every edge of the
other, of the signed area under the lower of the two::

    area(A and B) = sum_e sum_f  s_e s_f  integral of min(e(x), f(x)) dx

over the x that both edges span. Holes and multipolygons need nothing special, no crossing has
to be classified, and every term is continuous in every coordinate: edges that nearly coincide
cost a rounding error and never a wrong area.

Importing this module imports numba.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from spatial.overlay.compiled import compiled
from spatial.overlay.rings import Floats, Indices, Rings

_WORTHWHILE = 1.7
"""Halving is undone where the halves have this many times the vertices of the piece: its edges run
side by side through both, and would go on doing so."""

_SMALLEST_M = 1e-3
"""Pieces no longer than this, in metres, are not halved: their vertices all but coincide."""

_STRETCH = 24
"""Edges that have a box in common; between 16 and 48 the speed hardly changes."""

_GROUP = 8
"""Edges that are passed over together; between 8 and 16 the speed hardly changes."""

_COLUMNS = 7
"""Of an edge's row: west x, east x, y at the west end, slope, sign, and those of a group, see ``_grouped``."""

_CORNERS = 3

_VERTICAL_M = 1e-15
"""An edge narrower than this, in metres, is upright and has no strip under it."""


class Stretches(NamedTuple):
    """Short stretches of rings and their boxes.

    Attributes
    ----------
    first : array of int, shape (rings + 1,)
        Ring ``r`` has the stretches ``first[r]`` up to ``first[r + 1]``.
    box : array of float, shape (stretches, 4)
        West, south, east, north.
    """

    first: Indices
    box: Floats


class Side(NamedTuple):
    """The polygons of one side of an overlay.

    Attributes
    ----------
    rings : Rings
        Oriented, counted from one origin, metres.
    box : array of float, shape (polygons, 4)
        West, south, east, north of each.
    short : Stretches
    """

    rings: Rings
    box: Floats
    short: Stretches


@compiled
def orient(rings: Rings, is_shell: NDArray[np.bool_]) -> None:
    """Turn shells counter-clockwise and holes clockwise, in place."""
    x, y, ring_start = rings.x, rings.y, rings.ring_start
    for ring in range(ring_start.size - 1):
        start, stop = ring_start[ring], ring_start[ring + 1]
        twice = 0.0
        for i in range(start, stop - 1):
            twice += (x[i] - x[start]) * (y[i + 1] - y[start])
            twice -= (x[i + 1] - x[start]) * (y[i] - y[start])
        if (twice > 0.0) != is_shell[ring]:
            for i in range((stop - start) // 2):
                a, b = start + i, stop - 1 - i
                x[a], x[b] = x[b], x[a]
                y[a], y[b] = y[b], y[a]


@compiled
def boxes(rings: Rings) -> Floats:
    """Return west, south, east, north of each polygon, shape (polygons, 4)."""
    x, y, ring_start, first_ring, _ = rings
    pieces = first_ring.size - 1
    box = np.empty((pieces, 4))
    for piece in range(pieces):
        start, stop = ring_start[first_ring[piece]], ring_start[first_ring[piece + 1]]
        box[piece, 0] = box[piece, 1] = np.inf
        box[piece, 2] = box[piece, 3] = -np.inf
        for i in range(start, stop):
            box[piece, 0] = min(box[piece, 0], x[i])
            box[piece, 1] = min(box[piece, 1], y[i])
            box[piece, 2] = max(box[piece, 2], x[i])
            box[piece, 3] = max(box[piece, 3], y[i])
    return box


@compiled
def clip_ring(ring: tuple[Floats, Floats], limit: float, side: float, out: tuple[Floats, Floats], at: int) -> int:
    """Write the part of a closed ring with ``side * (along - limit) <= 0``; return the new end.

    A ring of which only strokes along the cut are left has no area and is not written.
    """
    along, across = ring
    first = at
    beyond = False
    for i in range(along.size - 1):
        here = side * (along[i] - limit)
        there = side * (along[i + 1] - limit)
        if here <= 0.0:
            at = _add(out, first, at, (along[i], across[i]), limit)
            beyond |= here < 0.0
        if (here < 0.0 < there) or (there < 0.0 < here):
            # From the lesser end, so that both halves and both neighbours get the same point.
            a, b = (i, i + 1) if along[i] < along[i + 1] else (i + 1, i)
            share = (limit - along[a]) / (along[b] - along[a])
            at = _add(out, first, at, (limit, across[a] + share * (across[b] - across[a])), limit)
    if not beyond or at - first < _CORNERS:
        return first
    out[0][at], out[1][at] = out[0][first], out[1][first]
    return at + 1


@compiled
def _add(out: tuple[Floats, Floats], first: int, at: int, vertex: tuple[float, float], limit: float) -> int:
    # Strokes to and fro along the cut are joined, or they would outnumber the true edges.
    along, across = out
    if vertex[0] == limit and at - first > 1 and along[at - 1] == limit and along[at - 2] == limit:
        at -= 1
    along[at], across[at] = vertex
    return at + 1


@compiled
def _clip(polygons: Rings, piece: int, cut: tuple[bool, float, float], out: Rings, end: Indices) -> None:
    """Append one side of a piece to ``out``; ``end`` counts its vertices, rings and polygons.

    ``cut`` says whether it runs north, where, and which side is kept: 1 below, -1 above, 0 both.
    """
    upright, limit, side = cut
    first_ring = end[1]
    for ring in range(polygons.first_ring[piece], polygons.first_ring[piece + 1]):
        start, stop, at = polygons.ring_start[ring], polygons.ring_start[ring + 1], end[0]
        x, y = polygons.x[start:stop], polygons.y[start:stop]
        if side == 0.0:
            for i in range(x.size):
                out.x[at + i], out.y[at + i] = x[i], y[i]
            at += x.size
        elif upright:
            at = clip_ring((x, y), limit, side, (out.x, out.y), at)
        else:
            at = clip_ring((y, x), limit, side, (out.y, out.x), at)
        if at > end[0]:
            end[0], end[1] = at, end[1] + 1
            out.ring_start[end[1]] = at
    if end[1] > first_ring:
        out.owner[end[2]] = polygons.owner[piece]
        end[2] += 1
        out.first_ring[end[2]] = end[1]


@compiled
def _halve(polygons: Rings, box: Floats, large: NDArray[np.bool_], out: Rings, may_halve: NDArray[np.bool_]) -> Indices:
    """Halve the large pieces across their longer side, into ``out``; say which results may be halved again.

    What is returned counts the vertices, rings and polygons written.
    """
    end, before = np.zeros(3, np.intp), np.zeros(3, np.intp)
    for piece in range(polygons.owner.size):
        for i in range(3):
            before[i] = end[i]
        west, south, east, north = box[piece, 0], box[piece, 1], box[piece, 2], box[piece, 3]
        upright = east - west >= north - south
        limit = 0.5 * (west + east) if upright else 0.5 * (south + north)
        halved = large[piece] and max(east - west, north - south) > _SMALLEST_M
        if halved:
            _clip(polygons, piece, (upright, limit, 1.0), out, end)
            _clip(polygons, piece, (upright, limit, -1.0), out, end)
            vertices = (
                polygons.ring_start[polygons.first_ring[piece + 1]] - polygons.ring_start[polygons.first_ring[piece]]
            )
            halved = end[0] - before[0] < _WORTHWHILE * vertices
        if not halved:
            for i in range(3):
                end[i] = before[i]
            _clip(polygons, piece, (upright, limit, 0.0), out, end)
        for i in range(before[2], end[2]):
            may_halve[i] = halved
    return end


def cut(polygons: Rings, max_vertices: int) -> Rings:
    """Halve polygons until each has at most ``max_vertices`` vertices; owners are kept.

    The pieces may have edges that run to and fro along a cut; as signed edges they cancel.
    """
    may_halve = np.ones(polygons.owner.size, np.bool_)
    while True:
        large = may_halve & (np.diff(polygons.ring_start[polygons.first_ring]) > max_vertices)
        if not large.any():
            return polygons
        room = 3 * polygons.x.size
        out = Rings(
            np.empty(room),
            np.empty(room),
            np.zeros(2 * polygons.ring_start.size, np.intp),
            np.zeros(2 * polygons.first_ring.size, np.intp),
            np.empty(2 * polygons.owner.size, np.intp),
        )
        may_halve = np.zeros(out.owner.size, np.bool_)
        vertices, rings, pieces = _halve(polygons, boxes(polygons), large, out, may_halve)
        may_halve = may_halve[:pieces]
        polygons = Rings(
            out.x[:vertices].copy(),
            out.y[:vertices].copy(),
            out.ring_start[: rings + 1].copy(),
            out.first_ring[: pieces + 1].copy(),
            out.owner[:pieces].copy(),
        )


@compiled
def stretches(polygons: Rings) -> Stretches:
    """Return the boxes of short stretches of the rings: what lies far from a place is passed over by them."""
    x, y, ring_start = polygons.x, polygons.y, polygons.ring_start
    first = np.zeros(ring_start.size, np.intp)
    for ring in range(ring_start.size - 1):
        edges = ring_start[ring + 1] - ring_start[ring] - 1
        first[ring + 1] = first[ring] + (edges + _STRETCH - 1) // _STRETCH
    box = np.empty((first[-1], 4))
    for ring in range(ring_start.size - 1):
        for stretch in range(first[ring], first[ring + 1]):
            start = ring_start[ring] + (stretch - first[ring]) * _STRETCH
            west, south, east, north = x[start], y[start], x[start], y[start]
            for i in range(start + 1, min(start + _STRETCH, ring_start[ring + 1] - 1) + 1):
                west, east = min(west, x[i]), max(east, x[i])
                south, north = min(south, y[i]), max(north, y[i])
            box[stretch, 0], box[stretch, 1], box[stretch, 2], box[stretch, 3] = west, south, east, north
    return Stretches(first, box)


@compiled
def _edges_in(side: Side, polygon: int, box: Floats, edge: Floats) -> int:
    """Fill ``edge`` with a polygon's edges that matter inside a box; return how many there are.

    A row is west x, east x, y at the west end, slope, sign. Edges below the box matter
    nothing; runs of edges above it become one level edge; the rest is clipped to the box's
    west, east and south. Coordinates count from the box's south-west corner.
    """
    rings, short = side.rings, side.short
    count = 0
    run = np.zeros(2)
    for ring in range(rings.first_ring[polygon], rings.first_ring[polygon + 1]):
        run[0] = run[1] = 0.0
        for stretch in range(short.first[ring], short.first[ring + 1]):
            own = short.box[stretch]
            if own[3] <= box[1] or own[2] <= box[0] or own[0] >= box[2]:
                continue
            start = rings.ring_start[ring] + (stretch - short.first[ring]) * _STRETCH
            stop = min(start + _STRETCH, rings.ring_start[ring + 1] - 1)
            # A stretch above the box is like one edge there.
            step = stop - start if own[1] >= box[3] else 1
            count = _along(rings, (start, stop, step), box, run, (edge, count))
        if run[1] != run[0]:
            count = _level(edge, count, run[0], run[1], box[3] - box[1])
    return count


@compiled
def _along(rings: Rings, stretch: tuple[int, int, int], box: Floats, run: Floats, found: tuple[Floats, int]) -> int:
    """Append the edges of a stretch; ``run`` is where the run of edges above the box begins and ends."""
    (start, stop, step), (edge, count) = stretch, found
    width, height = box[2] - box[0], box[3] - box[1]
    x1, y1 = rings.x[start] - box[0], rings.y[start] - box[1]
    for i in range(start + step, stop + 1, step):
        x0, y0 = x1, y1
        x1, y1 = rings.x[i] - box[0], rings.y[i] - box[1]
        if abs(x1 - x0) < _VERTICAL_M or (y0 <= 0.0 and y1 <= 0.0):
            continue
        if (x0 <= 0.0 and x1 <= 0.0) or (x0 >= width and x1 >= width):
            continue
        if y0 >= height and y1 >= height:
            begin, end = min(max(x0, 0.0), width), min(max(x1, 0.0), width)
            if run[1] != begin:
                if run[1] != run[0]:
                    count = _level(edge, count, run[0], run[1], height)
                run[0] = begin
            run[1] = end
            continue
        count = _sloped(edge, count, (x0, y0), (x1, y1), width)
    return count


@compiled
def _sloped(edge: Floats, count: int, begin: tuple[float, float], end: tuple[float, float], width: float) -> int:
    sign, (a, ya), (b, yb) = -1.0, begin, end
    if a > b:
        sign, (a, ya), (b, yb) = 1.0, end, begin
    slope = (yb - ya) / (b - a)
    west, east = max(a, 0.0), min(b, width)
    if ya < 0.0:
        west = max(west, a - ya / slope)
    elif yb < 0.0:
        east = min(east, b - yb / slope)
    if west >= east:
        return count
    edge[count, 0], edge[count, 1] = west, east
    edge[count, 2], edge[count, 3] = ya + (west - a) * slope, slope
    edge[count, 4] = sign
    return count + 1


@compiled
def _level(edge: Floats, count: int, begin: float, end: float, height: float) -> int:
    edge[count, 0], edge[count, 1] = min(begin, end), max(begin, end)
    edge[count, 2], edge[count, 3] = height, 0.0
    edge[count, 4] = 1.0 if begin > end else -1.0
    return count + 1


@compiled
def _grouped(edge: Floats, n: int) -> int:
    """Note from where to where each group of edges reaches, in the last columns; return how many groups there are.

    Edges of a group follow each other in a ring and so lie together: most groups are passed over.
    """
    groups = (n + _GROUP - 1) // _GROUP
    for group in range(groups):
        west, east = math.inf, -math.inf
        for j in range(group * _GROUP, min(group * _GROUP + _GROUP, n)):
            west, east = min(west, edge[j, 0]), max(east, edge[j, 1])
        edge[group, 5], edge[group, 6] = west, east
    return groups


@compiled
def _overlap(edge: Floats, n: int, other: Floats, m: int) -> float:
    groups = _grouped(other, m)
    total = 0.0
    for i in range(n):
        west_e, east_e, y_e, slope_e = edge[i, 0], edge[i, 1], edge[i, 2], edge[i, 3]
        under = 0.0
        for group in range(groups):
            if other[group, 5] >= east_e or other[group, 6] <= west_e:
                continue
            for j in range(group * _GROUP, min(group * _GROUP + _GROUP, m)):
                west, east = max(west_e, other[j, 0]), min(east_e, other[j, 1])
                width = east - west
                if width <= 0.0:
                    continue
                f0 = other[j, 2] + (west - other[j, 0]) * other[j, 3]
                f1 = f0 + width * other[j, 3]
                d0 = y_e + (west - west_e) * slope_e - f0
                d1 = d0 + width * (slope_e - other[j, 3])
                # min(e, f) = f + min(e - f, 0), and e - f runs straight from d0 to d1.
                twice_mean = f0 + f1
                if d0 < 0.0:
                    twice_mean += d0 + d1 if d1 <= 0.0 else d0 * d0 / (d0 - d1)
                elif d1 < 0.0:
                    twice_mean += d1 * d1 / (d1 - d0)
                under += other[j, 4] * width * twice_mean
        total += edge[i, 4] * under
    return 0.5 * total


@compiled
def _room(edge: Floats, polygons: Rings, polygon: int) -> Floats:
    first, last = polygons.first_ring[polygon], polygons.first_ring[polygon + 1]
    needed = polygons.ring_start[last] - polygons.ring_start[first]
    return edge if needed <= edge.shape[0] else np.empty((2 * needed, _COLUMNS))


@compiled
def overlap_areas(one: Side, two: Side, left: Indices, right: Indices, noise: float) -> Floats:
    """Return the area that each pair of polygons shares.

    Parameters
    ----------
    one, two : Side
        Counted from the same origin.
    left, right : array of int, shape (pairs,)
        A polygon of the first side and one of the second.
    noise : float
        Areas below this share of the common box are rounding errors of polygons that only
        touch: they become 0.

    Returns
    -------
    array of float, shape (pairs,)
        Square metres.
    """
    edge, other = np.empty((256, _COLUMNS)), np.empty((256, _COLUMNS))
    areas = np.zeros(left.size)
    common = np.empty(4)
    for pair in range(left.size):
        a, b = one.box[left[pair]], two.box[right[pair]]
        common[0], common[1] = max(a[0], b[0]), max(a[1], b[1])
        common[2], common[3] = min(a[2], b[2]), min(a[3], b[3])
        if common[0] >= common[2] or common[1] >= common[3]:
            continue
        edge, other = _room(edge, one.rings, left[pair]), _room(other, two.rings, right[pair])
        n = _edges_in(one, left[pair], common, edge)
        if n == 0:
            continue
        m = _edges_in(two, right[pair], common, other)
        area = _overlap(edge, n, other, m)
        if area > noise * (common[2] - common[0]) * (common[3] - common[1]):
            areas[pair] = area
    return areas
