"""What covers what, by numba: the plane is halved until few edges are left, then swept in slabs.

Every place of the plane has a combination: the label that comes first in each partition, and the
set of statuses that hold there. Boxes are halved, and the polygons clipped to the halves, until a
box holds few edges; within a box the x of all vertices and crossings bound slabs in which no edges
cross, so that what lies between two neighbouring edges is width times height at the slab's middle.
Polygons of one label need not be dissolved: a place is covered where any of them lies, and where one
fills a box the others of its label are forgotten. Rings stay closed when they are clipped, so a
misjudged crossing costs a sliver and never a wrong area.

Importing this module imports numba.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from spatial.overlay.compiled import compiled
from spatial.overlay.kernel import clip_ring
from spatial.overlay.ledger import Ledger, placed
from spatial.overlay.rings import Floats, Indices, Rings

_WORTHWHILE = 0.75
"""A half that keeps more than this share of the vertices has gained nothing: its edges run side by
side through both halves, and would go on doing so."""

_HOPELESS = 3
"""Number of such halvings in a row that are allowed: sometimes the next cut goes across."""

_SMALLEST_M = 1e-3
"""Boxes no longer than this, in metres, are not halved."""

_SAME_M = 1e-9
"""Edges closer than this, in metres, are one: coordinates near 4,600 km are rounded to half of it."""

_CORNERS = 5
"""Vertices of a closed ring that may fill a box."""


class Level(NamedTuple):
    """The boxes of one depth and what lies in them.

    Attributes
    ----------
    box : array of float, shape (boxes, 4)
        West, south, east, north.
    tries : array of int, shape (boxes,)
        Halvings in a row that gained nothing.
    pieces : Rings
        Clipped polygons, sorted by box; their owner is their label.
    piece_start : array of int, shape (boxes + 1,)
    full : array of int
        Labels that fill a box, sorted by box.
    full_start : array of int, shape (boxes + 1,)
    """

    box: Floats
    tries: Indices
    pieces: Rings
    piece_start: Indices
    full: Indices
    full_start: Indices


@compiled
def _fills(pieces: Rings, ring: int, box: Floats) -> bool:
    """Tell whether a clipped ring is the box itself."""
    start, stop = pieces.ring_start[ring], pieces.ring_start[ring + 1]
    if stop - start != _CORNERS:
        return False
    twice = 0.0
    for i in range(start, stop - 1):
        if not ((pieces.x[i] == box[0] or pieces.x[i] == box[2]) and (pieces.y[i] == box[1] or pieces.y[i] == box[3])):
            return False
        twice += pieces.x[i] * pieces.y[i + 1] - pieces.x[i + 1] * pieces.y[i]
    return twice > 0.0


@compiled
def _keep(pieces: Rings, piece: int, out: Rings, end: Indices) -> None:
    """Copy a piece down to where ``end`` stands."""
    for ring in range(pieces.first_ring[piece], pieces.first_ring[piece + 1]):
        start, stop = pieces.ring_start[ring], pieces.ring_start[ring + 1]
        for i in range(start, stop):
            out.x[end[0] + i - start], out.y[end[0] + i - start] = pieces.x[i], pieces.y[i]
        end[0] += stop - start
        end[1] += 1
        out.ring_start[end[1]] = end[0]
    out.owner[end[2]] = pieces.owner[piece]
    end[2] += 1
    out.first_ring[end[2]] = end[1]


@compiled
def _clip(pieces: Rings, piece: int, half: tuple[bool, float, float], out: Rings, end: Indices) -> None:
    """Append what a piece has in one half of its box: which way it is cut, where, and which side."""
    upright, limit, side = half
    first_ring = end[1]
    for ring in range(pieces.first_ring[piece], pieces.first_ring[piece + 1]):
        start, stop = pieces.ring_start[ring], pieces.ring_start[ring + 1]
        x, y = pieces.x[start:stop], pieces.y[start:stop]
        if upright:
            at = clip_ring((x, y), limit, side, (out.x, out.y), end[0])
        else:
            at = clip_ring((y, x), limit, side, (out.y, out.x), end[0])
        if at > end[0]:
            end[0] = at
            end[1] += 1
            out.ring_start[end[1]] = at
    if end[1] > first_ring:
        out.owner[end[2]] = pieces.owner[piece]
        end[2] += 1
        out.first_ring[end[2]] = end[1]


@compiled
def within(pieces: Rings, box: Floats) -> Rings:
    """Return what polygons have in a box: west, south, east, north."""
    for upright, limit, side in (
        (True, box[2], 1.0),
        (True, box[0], -1.0),
        (False, box[3], 1.0),
        (False, box[1], -1.0),
    ):
        room = 2 * pieces.x.size + 64
        out = Rings(
            np.empty(room),
            np.empty(room),
            np.zeros(pieces.ring_start.size, np.intp),
            np.zeros(pieces.first_ring.size, np.intp),
            np.empty(pieces.owner.size, np.intp),
        )
        end = np.zeros(4, np.intp)
        for piece in range(pieces.owner.size):
            _clip(pieces, piece, (upright, limit, side), out, end)
        pieces = _trimmed(out, end)
    return pieces


@compiled
def _trimmed(out: Rings, end: Indices) -> Rings:
    return Rings(
        out.x[: end[0]].copy(),
        out.y[: end[0]].copy(),
        out.ring_start[: end[1] + 1].copy(),
        out.first_ring[: end[2] + 1].copy(),
        out.owner[: end[2]].copy(),
    )


@compiled
def _settle(out: Rings, marks: tuple[Indices, Indices], box: Floats, full: Indices, is_full: NDArray[np.bool_]) -> None:
    """Turn the pieces that fill a box into full labels and forget the others of these labels.

    ``marks`` count vertices, rings, pieces and full labels before and after the box.
    """
    first, end = marks
    before = end[3]
    for piece in range(first[2], end[2]):
        ring = out.first_ring[piece]
        label = out.owner[piece]
        if out.first_ring[piece + 1] == ring + 1 and not is_full[label] and _fills(out, ring, box):
            is_full[label] = True
            full[end[3]] = label
            end[3] += 1
    if end[3] > before:
        last = end[2]
        for i in range(3):
            end[i] = first[i]
        for piece in range(first[2], last):
            if not is_full[out.owner[piece]]:
                _keep(out, piece, out, end)


@compiled
def halve(level: Level, keep: NDArray[np.bool_], n_labels: int) -> Level:
    """Halve the boxes that are to be kept across their longer side; the others are left out."""
    pieces = level.pieces
    n_boxes, room = 2 * int(keep.sum()), 3 * pieces.x.size + 64
    n_full = 0
    for b in np.flatnonzero(keep):
        n_full += level.full_start[b + 1] - level.full_start[b] + level.piece_start[b + 1] - level.piece_start[b]
    out = Rings(
        np.empty(room),
        np.empty(room),
        np.zeros(2 * pieces.ring_start.size + 1, np.intp),
        np.zeros(2 * pieces.first_ring.size + 1, np.intp),
        np.empty(2 * pieces.owner.size + 1, np.intp),
    )
    box, tries = np.empty((n_boxes, 4)), np.empty(n_boxes, np.intp)
    piece_start, full_start = np.zeros(n_boxes + 1, np.intp), np.zeros(n_boxes + 1, np.intp)
    full = np.empty(2 * n_full, np.intp)
    is_full = np.zeros(n_labels, np.bool_)
    end, first = np.zeros(4, np.intp), np.zeros(4, np.intp)
    child = 0
    for b in np.flatnonzero(keep):
        west, south, east, north = level.box[b, 0], level.box[b, 1], level.box[b, 2], level.box[b, 3]
        upright = east - west >= north - south
        limit = 0.5 * (west + east) if upright else 0.5 * (south + north)
        enough = _WORTHWHILE * _vertices(level, int(b))
        for side in (1.0, -1.0):
            for i in range(4):
                box[child, i] = level.box[b, i]
            box[child, (2 if side > 0 else 0) + (0 if upright else 1)] = limit
            for i in range(4):
                first[i] = end[i]
            for i in range(level.full_start[b], level.full_start[b + 1]):
                full[end[3]] = level.full[i]
                is_full[level.full[i]] = True
                end[3] += 1
            for piece in range(level.piece_start[b], level.piece_start[b + 1]):
                _clip(pieces, piece, (upright, limit, side), out, end)
            _settle(out, (first, end), box[child], full, is_full)
            for i in range(first[3], end[3]):
                is_full[full[i]] = False
            tries[child] = 0 if end[0] - first[0] < enough else level.tries[b] + 1
            child += 1
            piece_start[child], full_start[child] = end[2], end[3]
    return Level(box, tries, _trimmed(out, end), piece_start, full[: end[3]].copy(), full_start)


@compiled
def _vertices(level: Level, b: int) -> int:
    pieces = level.pieces
    first, last = pieces.first_ring[level.piece_start[b]], pieces.first_ring[level.piece_start[b + 1]]
    return int(pieces.ring_start[last] - pieces.ring_start[first])


@compiled
def to_halve(level: Level, max_vertices: int) -> NDArray[np.bool_]:
    """Return which boxes are too full to be swept."""
    chosen = np.zeros(level.tries.size, np.bool_)
    for b in range(level.tries.size):
        west, south, east, north = level.box[b, 0], level.box[b, 1], level.box[b, 2], level.box[b, 3]
        roomy = max(east - west, north - south) > _SMALLEST_M
        chosen[b] = roomy and level.tries[b] < _HOPELESS and _vertices(level, b) > max_vertices
    return chosen


@compiled
def sweep(level: Level, skip: NDArray[np.bool_], ledger: Ledger) -> Ledger:
    """Sum up the combinations of the boxes that are not skipped; return the ledger, grown where needed."""
    place = np.full(ledger.labels.value.size, -1, np.intp)
    for b in range(level.tries.size):
        if not skip[b]:
            own = _local(level, b, place)
            edge, label = _edges(level, b, place)
            for at in range(own.size):
                place[own[at]] = -1
            if own.size:
                ledger = _sweep_box(level, b, (edge, label, own), ledger)
    return ledger


@compiled
def _sweep_box(level: Level, b: int, content: tuple[Floats, Indices, Indices], ledger: Ledger) -> Ledger:
    edge, label, own = content
    count = np.zeros(own.size, np.intp)
    for i in range(level.full_start[b + 1] - level.full_start[b]):
        count[i] = 1
    slabs = _slabs(edge, level.box[b])
    active, height = np.empty(edge.shape[0], np.intp), np.empty(edge.shape[0])
    order = _order(edge[:, 0], edge.shape[0])
    n_active, following = 0, 0
    for s in range(slabs.size - 1):
        width = slabs[s + 1] - slabs[s]
        middle = 0.5 * (slabs[s] + slabs[s + 1])
        # An edge holds from its west end to just before its east end, or a ring would be open there.
        while following < order.size and edge[order[following], 0] <= middle:
            active[n_active] = order[following]
            n_active += 1
            following += 1
        n_active = _sorted(edge, active, n_active, height, middle)
        top = level.box[b, 3]
        for i in range(n_active):
            one = label[active[i]]
            after = count[one] + (1 if edge[active[i], 4] > 0.0 else -1)
            # Inside a label that overlaps itself nothing changes, and needs no line in the ledger.
            if (after > 0) != (count[one] > 0) and top - height[i] > _SAME_M:
                ledger = placed(ledger, own, count, width * (top - height[i]))
                top = height[i]
            count[one] = after
        ledger = placed(ledger, own, count, width * (top - level.box[b, 1]))
    return ledger


@compiled
def _local(level: Level, b: int, place: Indices) -> Indices:
    """Return the labels met in a box, the full ones first; ``place`` says where each stands."""
    fulls = level.full[level.full_start[b] : level.full_start[b + 1]]
    pieces = level.pieces.owner[level.piece_start[b] : level.piece_start[b + 1]]
    own = np.empty(fulls.size + pieces.size, np.intp)
    size = 0
    for i in range(fulls.size + pieces.size):
        label = fulls[i] if i < fulls.size else pieces[i - fulls.size]
        if place[label] < 0:
            place[label] = size
            own[size] = label
            size += 1
    return own[:size]


@compiled
def _edges(level: Level, b: int, place: Indices) -> tuple[Floats, Indices]:
    """Return the edges in a box: west x, y there, east x, y there, sign, piece; and their labels' places."""
    pieces = level.pieces
    edge = np.empty((_vertices(level, b), 6))
    label = np.empty(edge.shape[0], np.intp)
    size = 0
    for piece in range(level.piece_start[b], level.piece_start[b + 1]):
        for ring in range(pieces.first_ring[piece], pieces.first_ring[piece + 1]):
            for i in range(pieces.ring_start[ring], pieces.ring_start[ring + 1] - 1):
                a, c = (i, i + 1) if pieces.x[i] < pieces.x[i + 1] else (i + 1, i)
                if pieces.x[a] == pieces.x[c]:
                    continue
                edge[size, 0], edge[size, 1], edge[size, 2], edge[size, 3] = (
                    pieces.x[a],
                    pieces.y[a],
                    pieces.x[c],
                    pieces.y[c],
                )
                # Going down through an edge that runs west, one enters what it bounds.
                edge[size, 4] = 1.0 if a == i + 1 else -1.0
                edge[size, 5] = piece
                label[size] = place[pieces.owner[piece]]
                size += 1
    return edge[:size], label[:size]


@compiled
def _slabs(edge: Floats, box: Floats) -> Floats:
    """Return the x of the box's sides, of all ends of edges and of all their crossings, sorted."""
    n = edge.shape[0]
    xs = np.empty(2 * n + 2 + 64)
    xs[0], xs[1] = box[0], box[2]
    size = 2
    for i in range(n):
        xs[size], xs[size + 1] = edge[i, 0], edge[i, 2]
        size += 2
    for i in range(n):
        for j in range(i):
            west, east = max(edge[i, 0], edge[j, 0]), min(edge[i, 2], edge[j, 2])
            if east <= west or edge[i, 5] == edge[j, 5]:
                continue
            begin, end = _at(edge, i, west) - _at(edge, j, west), _at(edge, i, east) - _at(edge, j, east)
            if (begin < 0.0 < end) or (end < 0.0 < begin):
                if size == xs.size:
                    xs = _longer(xs)
                xs[size] = west + (east - west) * (begin / (begin - end))
                size += 1
    order = _order(xs, size)
    slabs = np.empty(size)
    slabs[0] = xs[order[0]]
    kept = 1
    for i in range(1, size):
        if xs[order[i]] - slabs[kept - 1] > _SAME_M:
            slabs[kept] = xs[order[i]]
            kept += 1
    # The last side of the box stays where it is, or a hair would be missing.
    slabs[kept - 1] = box[2]
    return slabs[:kept]


@compiled
def _longer(values: Floats) -> Floats:
    longer = np.empty(2 * values.size)
    for i in range(values.size):
        longer[i] = values[i]
    return longer


@compiled
def _order(key: Floats, size: int) -> Indices:
    """Return the places of the first keys in order of the keys (shell sort: numba's own take seconds to compile)."""
    order = np.empty(size, np.intp)
    for i in range(size):
        order[i] = i
    gap = 1
    while 9 * gap < 4 * size:
        gap = (9 * gap) // 4 + 1
    while gap > 0:
        for i in range(gap, size):
            one = order[i]
            at = i
            while at >= gap and key[order[at - gap]] > key[one]:
                order[at] = order[at - gap]
                at -= gap
            order[at] = one
        gap = (4 * gap) // 9
    return order


@compiled
def _at(edge: Floats, i: int, x: float) -> float:
    return float(edge[i, 1] + (edge[i, 3] - edge[i, 1]) * ((x - edge[i, 0]) / (edge[i, 2] - edge[i, 0])))


@compiled
def _sorted(edge: Floats, active: Indices, n_active: int, height: Floats, middle: float) -> int:
    """Drop the edges that end before a slab, and sort the others from north to south."""
    size = 0
    for i in range(n_active):
        one = active[i]
        if edge[one, 2] <= middle:
            continue
        y = _at(edge, one, middle)
        at = size
        # They stand almost in the order of the last slab.
        while at > 0 and height[at - 1] < y:
            height[at], active[at] = height[at - 1], active[at - 1]
            at -= 1
        height[at], active[at] = y, one
        size += 1
    return size
