"""Outlines cut where they meet: a border that two shapes share is one arc, stored, simplified and drawn once.

A vertex is a junction where its neighbours differ between the outlines that pass through it (Bostock's
TopoJSON rule). Between junctions every outline runs the same way, so an arc is known by its first edge.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from spatial.publish.model import GeometryArray

Ints = NDArray[np.int64]

#: Kinds of parts.
POINT, LINE, SHELL, HOLE = 0, 1, 2, 3

_COLLECTIONS = shapely.GeometryType.MULTIPOINT
_POLYGON = shapely.GeometryType.POLYGON


@dataclass(frozen=True)
class Outlines:
    """Points, lines and rings of shapes as whole numbers of the quantum.

    Parameters
    ----------
    feature, kind : ndarray, shape (parts,)
        Place of the shape that a part belongs to, in ascending order, and one of the four kinds.
    start : ndarray, shape (parts + 1,)
        Where each part's vertices begin; the closing vertex of a ring is left out.
    x, y : ndarray, shape (vertices,)
        Longitude and latitude in quanta.
    """

    feature: Ints
    kind: NDArray[np.uint8]
    start: Ints
    x: Ints
    y: Ints


@dataclass(frozen=True)
class Arcs:
    """Arcs, and which of them each part runs along.

    Parameters
    ----------
    start : ndarray, shape (arcs + 1,)
        Where each arc's vertices begin.
    x, y : ndarray, shape (vertices,)
        In quanta; both ends of an arc included.
    feature, kind : ndarray, shape (parts,)
        As of :class:`Outlines`.
    part_start : ndarray, shape (parts + 1,)
        Where each part's references begin.
    arc, backward : ndarray, shape (references,)
        The arc, and whether it is run through from its end.
    """

    start: Ints
    x: Ints
    y: Ints
    feature: Ints
    kind: NDArray[np.uint8]
    part_start: Ints
    arc: Ints
    backward: NDArray[np.bool_]


def outlines(shapes: GeometryArray, quantum_deg: float) -> Outlines:
    """Take shapes apart and put their vertices on a grid; missing and empty shapes have no parts.

    Parameters
    ----------
    shapes : ndarray of shapely geometries, shape (n,)
        Longitude and latitude in degrees.
    quantum_deg
        Step of the grid [degrees].

    Examples
    --------
    >>> found = outlines(np.array([shapely.box(0, 0, 1, 1)], dtype=object), 1.0)
    >>> found.x.tolist(), found.kind.tolist()
    ([1, 1, 0, 0], [2])
    """
    parts, feature = _single(shapes)
    polygons = shapely.get_type_id(parts) == _POLYGON
    rings, polygon = shapely.get_rings(parts[polygons], return_index=True)
    # A polygon's first ring is its shell.
    shell = np.diff(polygon, prepend=-1) > 0
    others = parts[~polygons]
    kind = np.concatenate(
        [np.where(shell, SHELL, HOLE), np.where(shapely.get_dimensions(others) == 0, POINT, LINE)]
    ).astype(np.uint8)
    owner = np.concatenate([feature[polygons][polygon], feature[~polygons]]).astype(np.int64)
    order = np.argsort(owner, kind="stable")
    pieces = np.concatenate([rings, others])[order]
    return _on_grid(pieces, owner[order], kind[order], quantum_deg)


def _single(shapes: GeometryArray) -> tuple[GeometryArray, Ints]:
    """Return the single geometries of collections and the shape each comes from."""
    parts, feature = np.asarray(shapes, dtype=object), np.arange(len(shapes), dtype=np.int64)
    while True:
        filled = ~(shapely.is_missing(parts) | shapely.is_empty(parts))
        parts, feature = parts[filled], feature[filled]
        if not (shapely.get_type_id(parts) >= _COLLECTIONS).any():
            return parts, feature
        parts, place = shapely.get_parts(parts, return_index=True)
        feature = feature[place]


def _on_grid(pieces: GeometryArray, feature: Ints, kind: NDArray[np.uint8], quantum_deg: float) -> Outlines:
    coords, part = shapely.get_coordinates(pieces, return_index=True)
    grid = np.rint(coords / quantum_deg).astype(np.int64)
    new = np.ones(len(part), dtype=bool)
    new[1:] = (np.diff(part) > 0) | (np.diff(grid, axis=0) != 0).any(axis=1)
    part, grid = part[new], grid[new]
    start = np.searchsorted(part, np.arange(len(pieces) + 1))
    first, last = start[:-1], start[1:] - 1
    closing = (kind >= SHELL) & (last > first) & (grid[first] == grid[last]).all(axis=1)
    kept = np.ones(len(part), dtype=bool)
    kept[last[closing]] = False
    start = np.searchsorted(part[kept], np.arange(len(pieces) + 1)).astype(np.int64)
    return Outlines(feature, kind, start, grid[kept, 0], grid[kept, 1])


def cut(lines: Outlines) -> Arcs:
    """Cut outlines at their junctions; what several of them share becomes one arc.

    Examples
    --------
    >>> squares = np.array([shapely.box(0, 0, 1, 1), shapely.box(1, 0, 2, 1)], dtype=object)
    >>> arcs = cut(outlines(squares, 1.0))
    >>> len(arcs.start) - 1, len(arcs.arc)
    (3, 4)
    """
    vertex, count = _numbered(lines)
    ring = lines.kind >= SHELL
    size = np.diff(lines.start)
    junction = _junctions(lines, vertex, count, ring)
    # A ring that meets nothing starts at its lowest vertex, so that equal rings are equal arcs.
    free = ring & (np.add.reduceat(junction, lines.start[:-1]) == 0) if len(size) else ring
    part_of = np.repeat(np.arange(len(size)), size)
    junction |= free[part_of] & (vertex == np.repeat(_least(vertex, lines.start), size))
    junction &= _first_of_free(junction, free, part_of)
    begin, steps = _spans(junction, lines, part_of, ring)
    part = part_of[begin]
    run = _Run(lines.start[part], size[part], begin, steps)
    ends = [
        vertex[run.at(place)] for place in (np.zeros_like(steps), np.minimum(1, steps), steps, np.maximum(steps - 1, 0))
    ]
    forward, back = ends[0] * count + ends[1], ends[2] * count + ends[3]
    _, first, arc = np.unique(np.minimum(forward, back), return_index=True, return_inverse=True)
    # Arcs in the order in which they are first met, as they are first met.
    order = np.argsort(first)
    rank = np.empty_like(order)
    rank[order] = np.arange(len(order))
    kept = first[order]
    turned = back < forward
    places = run.picked(kept).all()
    return Arcs(
        start=np.concatenate([[0], np.cumsum(steps[kept] + 1)]).astype(np.int64),
        x=lines.x[places],
        y=lines.y[places],
        feature=lines.feature,
        kind=lines.kind,
        part_start=np.searchsorted(part, np.arange(len(size) + 1)).astype(np.int64),
        arc=rank[arc],
        backward=turned ^ turned[kept][rank[arc]],
    )


@dataclass(frozen=True)
class _Run:
    """Runs of vertices within parts, which go on from a ring's last vertex to its first."""

    base: Ints
    size: Ints
    begin: Ints
    steps: Ints

    def at(self, step: Ints) -> Ints:
        return self.base + (self.begin - self.base + step) % self.size

    def picked(self, places: Ints) -> _Run:
        return _Run(self.base[places], self.size[places], self.begin[places], self.steps[places])

    def all(self) -> Ints:
        """Return the places of all vertices of all runs, one run after the other."""
        length = self.steps + 1
        run = np.repeat(np.arange(len(length)), length)
        step = np.arange(len(run)) - np.repeat(np.cumsum(length) - length, length)
        return self.picked(run).at(step)


def _numbered(lines: Outlines) -> tuple[Ints, int]:
    """Return the same number for equal vertices, and how many there are."""
    low = int(lines.y.min(initial=0))
    height = int(lines.y.max(initial=0)) - low + 1
    known, vertex = np.unique(lines.x * height + (lines.y - low), return_inverse=True)
    return vertex.astype(np.int64), max(len(known), 1)


def _junctions(lines: Outlines, vertex: Ints, count: int, ring: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return which vertices have different neighbours in different outlines, or end a line."""
    first, last = lines.start[:-1], lines.start[1:] - 1
    before, after = np.roll(vertex, 1), np.roll(vertex, -1)
    before[first], after[last] = vertex[last], vertex[first]
    pair = np.minimum(before, after) * count + np.maximum(before, after)
    order = np.argsort(vertex, kind="stable")
    edges = np.searchsorted(vertex[order], np.arange(count))
    met = np.zeros(count, dtype=bool)
    if len(order):
        met = np.minimum.reduceat(pair[order], edges) != np.maximum.reduceat(pair[order], edges)
    met[vertex[first[~ring]]] = True
    met[vertex[last[~ring]]] = True
    return np.asarray(met[vertex], dtype=bool)


def _least(vertex: Ints, start: Ints) -> Ints:
    return np.minimum.reduceat(vertex, start[:-1]) if len(start) > 1 else vertex[:0]


def _first_of_free(junction: NDArray[np.bool_], free: NDArray[np.bool_], part_of: Ints) -> NDArray[np.bool_]:
    """Return all vertices but repeated starts of a ring that meets nothing."""
    place = np.flatnonzero(junction & free[part_of])
    repeated = place[1:][np.diff(part_of[place]) == 0]
    kept = np.ones(len(junction), dtype=bool)
    kept[repeated] = False
    return kept


def _spans(junction: NDArray[np.bool_], lines: Outlines, part_of: Ints, ring: NDArray[np.bool_]) -> tuple[Ints, Ints]:
    """Return where arcs begin and how many steps each takes."""
    begin = np.flatnonzero(junction)
    part = part_of[begin]
    following = np.roll(begin, -1)
    same = np.zeros(len(part), dtype=bool)
    same[:-1] = part[1:] == part[:-1]
    group = np.searchsorted(part, part)
    # The last arc of a ring ends where its first begins.
    around = begin[group] + np.diff(lines.start)[part] if len(part) else begin
    steps = np.where(same, following - begin, np.where(ring[part], around - begin, 0))
    point = lines.kind[part] == POINT
    # The last vertex of a line begins nothing.
    used = same | ring[part] | point | (group == np.arange(len(part)))
    return begin[used], steps[used].astype(np.int64)
