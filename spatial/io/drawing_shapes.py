"""From the entities of a drawing to lines, outlines and points."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from spatial.io.curves import Chords, arc, bulged

FloatArray = NDArray[np.float64]
Kind = Literal["outline", "line", "point", "hatch"]

#: Entities that carry words and dimensions, not shapes.
WORDS = frozenset(
    {
        *("TEXT", "MTEXT", "ATTDEF", "ATTRIB", "TOLERANCE", "LEADER", "MLEADER", "MULTILEADER"),
        *("DIMENSION", "ARC_DIMENSION", "LARGE_RADIAL_DIMENSION"),
    }
)
_POLYLINE_3D = frozenset({"AcDb3dPolyline"})
_POLYLINE_2D = frozenset({"AcDb2dPolyline"})


@dataclass(frozen=True)
class Shape:
    """A shape as drawn, in the coordinates of its block or of the drawing.

    Parameters
    ----------
    kind
        ``hatch`` holds several rings, the others one run of points.
    runs : tuple of ndarray of float, shape (n, 2)
        Points; closed outlines end on their first point.
    height
        Whether the entity has heights, which are left out.
    """

    kind: Kind
    runs: tuple[FloatArray, ...]
    height: bool = False


def shape_of(entity: Any, chords: Chords, gap: float) -> Shape | None:
    """Return the shape of an entity, ``None`` for kinds that hold none.

    Parameters
    ----------
    entity
        Of ezdxf, not an INSERT.
    chords
        How curves are cut.
    gap
        Ends no further apart than this close an outline [drawing units].

    Raises
    ------
    ValueError
        If the entity cannot be drawn: too many vertices, or coordinates that are no numbers.
    """
    draw = _DRAWN.get(entity.dxftype())
    if draw is None:
        return None
    found: Shape | None = draw(entity, chords, gap)
    if found is not None and not all(np.isfinite(run).all() for run in found.runs):
        raise ValueError("not finite")
    return found


def _run(points: FloatArray, gap: float, *, height: bool = False) -> Shape:
    """Return an outline where the ends meet, else a line."""
    if len(points) < 2:  # noqa: PLR2004 -- a line has two ends
        raise ValueError("one point is no line")
    ends = math.hypot(*(points[0] - points[-1]))
    if len(points) > 2 and ends <= gap:  # noqa: PLR2004 -- fewer points enclose nothing
        if ends > 0:
            points = np.vstack([points[:-1], points[:1]])
        if len(np.unique(points, axis=0)) > 2:  # noqa: PLR2004
            return Shape("outline", (points,), height)
    return Shape("line", (points,), height)


def _in_world(entity: Any, points: FloatArray) -> tuple[FloatArray, bool]:
    """Turn the plane of an entity into that of the drawing; also whether it is seen from behind."""
    extrusion = entity.dxf.extrusion
    if extrusion.isclose((0, 0, 1)):
        return points, False
    level = float(entity.dxf.get("elevation", 0.0)) if entity.dxftype() == "LWPOLYLINE" else 0.0
    turned = [(v.x, v.y) for v in entity.ocs().points_to_wcs([(x, y, level) for x, y in points.tolist()])]
    return np.array(turned), bool(extrusion.z < 0)


def _lwpolyline(entity: Any, chords: Chords, gap: float) -> Shape | None:
    values = np.array(entity.lwpoints.values, dtype=np.float64).reshape(-1, 5)
    return _bulged(entity, values[:, :2], values[:, 4], chords, gap, height=bool(entity.dxf.get("elevation", 0.0)))


def _bulged(
    entity: Any, flat: FloatArray, bulges: FloatArray, chords: Chords, gap: float, *, height: bool
) -> Shape | None:
    if not len(flat):
        return None
    points, behind = _in_world(entity, flat)
    points = bulged(points, -bulges if behind else bulges, chords, closed=entity.is_closed and len(points) > 1)
    return _run(points, gap, height=height)


def _polyline(entity: Any, chords: Chords, gap: float) -> Shape | None:
    mode = entity.get_mode()
    if mode not in _POLYLINE_2D | _POLYLINE_3D or not len(entity.vertices):
        return None
    located = np.array([tuple(vertex.dxf.location) for vertex in entity.vertices], dtype=np.float64).reshape(-1, 3)
    height = bool(located[:, 2].any())
    if mode in _POLYLINE_3D:
        points = np.vstack([located, located[:1]]) if entity.is_closed else located
        return _run(points[:, :2], gap, height=height)
    bulges = np.array([vertex.dxf.get("bulge", 0.0) for vertex in entity.vertices], dtype=np.float64)
    return _bulged(entity, located[:, :2], bulges, chords, gap, height=height)


def _line(entity: Any, chords: Chords, gap: float) -> Shape:
    del chords, gap
    start, end = entity.dxf.start, entity.dxf.end
    return Shape("line", (np.array([(start.x, start.y), (end.x, end.y)]),), bool(start.z or end.z))


def _point(entity: Any, chords: Chords, gap: float) -> Shape:
    del chords, gap
    at = entity.dxf.location
    return Shape("point", (np.array([(at.x, at.y)]),), bool(at.z))


def _circle(entity: Any, chords: Chords, gap: float) -> Shape | None:
    if entity.dxf.radius <= 0:
        return None
    center = entity.dxf.center
    start = end = 0.0
    if entity.dxftype() == "ARC":
        start, end = math.radians(entity.dxf.start_angle), math.radians(entity.dxf.end_angle)
    points = arc((center.x, center.y), entity.dxf.radius, start, end, chords)
    return _run(_in_world(entity, points)[0], gap, height=bool(center.z))


def _smooth(entity: Any, chords: Chords, gap: float) -> Shape | None:
    """Cut an ellipse or a spline."""
    points = _flattened(entity, chords)
    return None if points is None else _run(points[:, :2], gap, height=bool(points[:, 2].any()))


def _flattened(curve: Any, chords: Chords) -> FloatArray | None:
    found = []
    for point in curve.flattening(chords.largest):
        found.append(tuple(point))
        if len(found) > chords.most:
            raise ValueError("too many vertices")
    if len(found) < 2:  # noqa: PLR2004
        return None
    chords.note(1, chords.largest)
    return np.array([(*point, 0.0)[:3] for point in found], dtype=np.float64)


def _hatch(entity: Any, chords: Chords, gap: float) -> Shape | None:
    runs = []
    for path in entity.paths:
        if hasattr(path, "vertices"):
            values = np.array([(x, y, bulge) for x, y, bulge in path.vertices], dtype=np.float64).reshape(-1, 3)
            run = bulged(values[:, :2], values[:, 2], chords, closed=True) if len(values) > 1 else None
        else:
            run = _edges(path.edges, chords)
        if run is not None and len(np.unique(run, axis=0)) > 2:  # noqa: PLR2004
            ring = run if (run[0] == run[-1]).all() else np.vstack([run, run[:1]])
            runs.append(_in_world(entity, ring)[0])
    del gap
    return Shape("hatch", tuple(runs)) if runs else None


def _edges(edges: list[Any], chords: Chords) -> FloatArray | None:
    """Join the edges of a hatch's boundary, which follow each other."""
    runs = []
    for edge in edges:
        kind = type(edge).__name__
        if kind == "LineEdge":
            run = np.array([tuple(edge.start)[:2], tuple(edge.end)[:2]], dtype=np.float64)
        elif kind == "ArcEdge":
            start, end = math.radians(edge.start_angle), math.radians(edge.end_angle)
            run = arc((edge.center.x, edge.center.y), edge.radius, start, end, chords)
            run = run if edge.ccw else run[::-1]
        else:
            cut = _flattened(edge.construction_tool(), chords)
            if cut is None:
                continue
            run = cut[:, :2] if getattr(edge, "ccw", True) else cut[::-1, :2]
        runs.append(run)
    if not runs:
        return None
    joined = [runs[0]]
    for run in runs[1:]:
        end = joined[-1][-1]
        backwards = math.hypot(*(run[-1] - end)) < math.hypot(*(run[0] - end))
        joined.append(run[::-1] if backwards else run)
    return np.vstack(joined)


_DRAWN: dict[str, Any] = {
    "LWPOLYLINE": _lwpolyline,
    "POLYLINE": _polyline,
    "LINE": _line,
    "POINT": _point,
    "CIRCLE": _circle,
    "ARC": _circle,
    "ELLIPSE": _smooth,
    "SPLINE": _smooth,
    "HATCH": _hatch,
}
