"""Cut large geometries down to the windows in which they meet small ones.

Overlay costs grow with the vertices of both sides, however small the place where they meet. A
zone of 100,000 vertices met by 20,000 projects is therefore clipped to the window of all of
them, the projects are divided in two by place, each half clips again, and so on until little
is left of the zone. Every project ends in exactly one window that holds it whole, with room to
spare: no cut ever runs through a result, so there are no seams to mend.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import shapely

from spatial.overlay import robust
from spatial.overlay.rings import Floats, Indices

_ROOM_M = 0.7853
"""Distance, metres, from the small geometries to the edges of their window: any will do that
keeps the cuts clear of them."""

_MORE_ROOM = 1.6180
"""Factor by which the room grows while a vertex of the large geometry lies exactly on an edge of
the window. Clipping there is legal, but GEOS then gives a wrong area about once in 400 cases."""


@dataclass(frozen=True)
class Fragment:
    """What is left of a large geometry in a window, and the small ones that lie there."""

    geometry: shapely.Geometry
    members: Indices


def fragments(large: shapely.Geometry, small_boxes: Floats, max_vertices: int) -> Iterator[Fragment]:
    """Divide small geometries among fragments of a large one.

    Parameters
    ----------
    large : geometry
        Valid; planar, metres.
    small_boxes : array of float, shape (n, 4)
        West, south, east, north of each small geometry, metres.
    max_vertices : int
        A fragment with more vertices than this is divided further.

    Yields
    ------
    Fragment
        Its members are rows of ``small_boxes``. Each row comes at most once; a row that does not
        come does not meet ``large``. Within its members' boxes a fragment equals ``large``.

    Examples
    --------
    >>> ring = shapely.Point(0, 0).buffer(1000, quad_segs=500).boundary.buffer(1)
    >>> boxes = np.array([[990.0, 0, 1010, 20], [-10, -1010, 10, -990], [-900, 0, -880, 20]])
    >>> parts = fragments(ring, boxes, 100)
    >>> [(part.members.tolist(), len(shapely.get_coordinates(part.geometry)) < 100) for part in parts]
    [([1], True), ([0], True)]
    """
    waiting = [Fragment(large, np.arange(len(small_boxes)))]
    while waiting:
        part = waiting.pop()
        if shapely.get_num_coordinates(part.geometry) > max_vertices:
            part = _clipped(part, small_boxes)
        if part.geometry.is_empty or part.members.size == 0:
            continue
        if part.members.size == 1 or shapely.get_num_coordinates(part.geometry) <= max_vertices:
            yield part if part.geometry is large else Fragment(_mended(part, large, small_boxes), part.members)
        else:
            waiting.extend(_divided(part, small_boxes))


def _window(boxes: Floats) -> Floats:
    return np.concatenate([boxes[:, :2].min(axis=0), boxes[:, 2:].max(axis=0)])


def _clipped(part: Fragment, boxes: Floats) -> Fragment:
    own = shapely.bounds(part.geometry)
    near = boxes[part.members]
    meets = (near[:, 0] <= own[2]) & (near[:, 2] >= own[0]) & (near[:, 1] <= own[3]) & (near[:, 3] >= own[1])
    members = part.members[meets]
    if members.size == 0:
        return Fragment(part.geometry, members)
    tight = _window(boxes[members])
    outward = np.array([-1.0, -1.0, 1.0, 1.0])
    vertices = shapely.get_coordinates(part.geometry)
    room = _ROOM_M
    while _on_edge(vertices, tight + room * outward):
        room *= _MORE_ROOM
    window = tight + room * outward
    if (window[:2] < own[:2]).all() and (window[2:] > own[2:]).all():
        return Fragment(part.geometry, members)
    return Fragment(robust.clip_by_rect(part.geometry, window), members)


def _on_edge(vertices: Floats, window: Floats) -> bool:
    return bool((vertices == window[:2]).any() or (vertices == window[2:]).any())


def _divided(part: Fragment, boxes: Floats) -> list[Fragment]:
    near = boxes[part.members]
    centres = near[:, :2] + near[:, 2:]
    axis = int(np.argmax(np.ptp(centres, axis=0)))
    half = part.members.size // 2
    order = np.argpartition(centres[:, axis], half)
    return [Fragment(part.geometry, part.members[side]) for side in (order[half:], order[:half])]


def _mended(part: Fragment, large: shapely.Geometry, boxes: Floats) -> shapely.Geometry:
    if part.geometry.is_valid:
        return part.geometry
    # Rings left touching along the cut: rare, so the whole geometry may be cut the slow way.
    west, south, east, north = _window(boxes[part.members])
    window = shapely.box(west - _ROOM_M, south - _ROOM_M, east + _ROOM_M, north + _ROOM_M)
    whole, frame = np.array([large], dtype=object), np.array([window], dtype=object)
    return robust.of_dimension(robust.intersection(whole, frame), int(shapely.get_dimensions(large)))[0]
