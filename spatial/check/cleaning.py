"""Cleaning one geometry: only what is certain, each step named, and what is left said with its reason."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from spatial.check.plane import Plane
from spatial.check.vertices import corners
from spatial.settings import setting

Floats = NDArray[np.float64]

_FEWEST = 3
_ROUNDS = 8  # cleaning and making valid in turn ends after two rounds; more mean that something is odd
_POLYGON, _MULTIPOLYGON = int(shapely.GeometryType.POLYGON), int(shapely.GeometryType.MULTIPOLYGON)
#: How GEOS begins its reason, and what we call the fault where every reading has the same area.
_CERTAIN = (("Ring Self-intersection", "self_touch"), ("Interior is disconnected", "interior_disconnected"))
CERTAIN = frozenset({*(code for _, code in _CERTAIN), "small_crossing"})
_LINE, _MULTILINE = int(shapely.GeometryType.LINESTRING), int(shapely.GeometryType.MULTILINESTRING)


@dataclass(frozen=True)
class Readings:
    """What an invalid outline may mean: areas in the plane's unit.

    Parameters
    ----------
    stored
        Sum of the signed areas of its rings: the halves of a bow-tie cancel.
    outlines
        Outer rings taken as filled, holes taken out, overlaps counted once.
    alternating
        Each crossing of an edge changes between inside and outside.
    """

    stored: float
    outlines: float
    alternating: float

    @property
    def agree(self) -> bool:
        """Whether all readings are one to within the tolerance of a repair."""
        allowed = max(setting("repair_area_m2"), setting("repair_area_share") * self.stored)
        return max(abs(self.outlines - self.stored), abs(self.outlines - self.alternating)) <= allowed


@dataclass(frozen=True)
class Cleaned:
    """A geometry after cleaning.

    Parameters
    ----------
    geometry
        The very same object where nothing was to be done.
    steps
        Codes of what was mended, in order, each once.
    left
        Why it is still invalid; empty where it is valid.
    readings
        The areas the invalid outline may mean, before it was made valid or left.
    """

    geometry: Any
    steps: tuple[str, ...] = ()
    left: str = ""
    readings: Readings | None = None


def cleaned(geometry: Any, plane: Plane) -> Cleaned:
    """Clean a geometry of what can be mended without a decision.

    Parameters
    ----------
    geometry
        A geometry with finite coordinates, in file coordinates; heights are kept.
    plane
        Where it lies.

    Returns
    -------
    Cleaned
        Cleaning the result again changes nothing.
    """
    result = Cleaned(geometry)
    for _ in range(_ROUNDS):
        once = _once(result.geometry, plane)
        steps = tuple(dict.fromkeys((*result.steps, *once.steps)))
        readings = once.readings or result.readings
        result = replace(once, steps=steps, readings=readings)
        if not once.steps or once.left:
            break
    return result


def _once(geometry: Any, plane: Plane) -> Cleaned:
    steps: list[str] = []
    tidy = _tidied(geometry, plane, steps)
    if shapely.is_valid(tidy) or shapely.get_dimensions(tidy) < 2:  # noqa: PLR2004 -- areas only
        return Cleaned(tidy, tuple(steps))
    reason = shapely.is_valid_reason(tidy)
    built = shapely.make_valid(tidy, method="structure", keep_collapsed=False)
    readings = readings_of(tidy, plane)
    polygonal = shapely.get_type_id(built) in {_POLYGON, _MULTIPOLYGON}
    if not polygonal or built.is_empty or not readings.agree:
        return Cleaned(tidy, tuple(steps), reason, readings)
    step = next((code for beginning, code in _CERTAIN if reason.startswith(beginning)), "small_crossing")
    return Cleaned(built, (*steps, step), "", readings)


def readings_of(geometry: Any, plane: Plane) -> Readings:
    """Return the areas an invalid polygon may mean."""
    built = shapely.make_valid(geometry, method="structure", keep_collapsed=False)
    rings = shapely.polygons(shapely.get_rings(_polygons(geometry)))
    traced = [shapely.union_all(_polygons(shapely.make_valid(ring, method="linework"))) for ring in rings]
    crossing = _alternating(traced)
    outlines, alternating = (float(sum(plane.areas_m2(_polygons(shape)))) for shape in (built, crossing))
    stored = abs(float(sum(plane.areas_m2(_polygons(geometry)))))
    return Readings(stored, outlines, alternating)


def _alternating(shapes: list[Any]) -> Any:
    """Return what lies in an odd number of shapes; halves first, so that many rings do not take long."""
    while len(shapes) > 1:
        odd = shapes[-1:] if len(shapes) % 2 else []
        shapes = [*map(shapely.symmetric_difference, shapes[0:-1:2], shapes[1::2]), *odd]
    return shapes[0]


def _polygons(geometry: Any) -> NDArray[np.object_]:
    parts = shapely.get_parts(shapely.get_parts(geometry))
    return np.asarray(parts[shapely.get_type_id(parts) == _POLYGON], dtype=object)


def _tidied(geometry: Any, plane: Plane, steps: list[str]) -> Any:
    kind = int(shapely.get_type_id(geometry))
    if kind in {_POLYGON, _MULTIPOLYGON}:
        return _tidied_polygons(geometry, plane, steps)
    if kind in {_LINE, _MULTILINE}:
        return _tidied_lines(geometry, steps)
    return geometry


def _tidied_lines(geometry: Any, steps: list[str]) -> Any:
    lines = shapely.get_parts(geometry)
    tidy = [_without_repeats(_coordinates(line), closed=False) for line in lines]
    short = any(len(line) < 2 for line in tidy)  # noqa: PLR2004 -- a line needs two points
    if short or all(len(new) == len(_coordinates(old)) for new, old in zip(tidy, lines, strict=True)):
        return geometry
    steps.append("repeated_point")
    made = [shapely.LineString(line) for line in tidy]
    return made[0] if shapely.get_type_id(geometry) == _LINE else shapely.multilinestrings(made)


def _tidied_polygons(geometry: Any, plane: Plane, steps: list[str]) -> Any:
    """Return the polygons with clean rings; the very same geometry where nothing changed."""
    if geometry.is_empty:
        return geometry
    own: list[str] = []
    made = []
    parts = shapely.get_parts(geometry)
    kept = [part for part in parts if not is_flat(_coordinates(part.exterior), plane)]
    if not kept:
        return geometry
    if len(kept) < len(parts):
        own.append("zero_area_ring")
    for part in kept:
        shell = _tidied_ring(_coordinates(part.exterior), plane, own)
        holes = [_coordinates(hole) for hole in part.interiors]
        wide = [_tidied_ring(hole, plane, own) for hole in holes if not is_flat(hole, plane)]
        if len(wide) < len(holes):
            own.append("zero_area_ring")
        turned = [ring[::-1] if _turns_like(ring, shell) else ring for ring in wide]
        if any(new is not old for new, old in zip(turned, wide, strict=True)):
            own.append("hole_orientation")
        made.append(shapely.Polygon(shell, turned))
    if not own:
        return geometry
    steps.extend(dict.fromkeys(own))
    if shapely.get_type_id(geometry) == _POLYGON or len(made) == 1:
        return made[0] if shapely.get_type_id(geometry) == _POLYGON else shapely.multipolygons(made)
    return shapely.multipolygons(made)


def _coordinates(line: Any) -> Floats:
    return np.asarray(shapely.get_coordinates(line, include_z=bool(line.has_z)), dtype=np.float64)


def _turns_like(ring: Floats, shell: Floats) -> bool:
    """Return whether two closed rings turn the same way, by the sign of the area they enclose."""
    one, other = (_signed_area(points[:, :2] - points[0, :2]) for points in (ring, shell))
    return one * other > 0


def _signed_area(xy: Floats) -> float:
    return float((xy[:-1, 0] * xy[1:, 1] - xy[1:, 0] * xy[:-1, 1]).sum()) / 2


def _without_repeats(xy: Floats, *, closed: bool) -> Floats:
    new = np.ones(len(xy), dtype=bool)
    new[1:] = (xy[1:, :2] != xy[:-1, :2]).any(axis=1)
    if closed and not new[-1]:
        # The closing point stays: it may be the one with the height people expect.
        new[-1] = True
        new[np.flatnonzero(new[:-1])[-1]] = False
    return xy[new]


def _metres(ring: Floats, plane: Plane) -> Floats:
    return np.asarray((ring[:, :2] - ring[0, :2]) * plane.scale(ring[:1, 1])[0])


def is_flat(ring: Floats, plane: Plane) -> bool:
    """Return whether a closed ring encloses nothing: less than ``zero_width_m`` wide on average.

    A bow-tie's halves cancel in the sum, so a ring that seems flat is looked at again, traced.
    """
    metres = _metres(ring, plane)
    length = float(np.hypot(*np.diff(metres, axis=0).T).sum())
    area = abs(_signed_area(metres))
    limit = setting("zero_width_m") * length / 2
    if area > limit:
        return False
    if length == 0:
        return True
    traced = shapely.make_valid(shapely.Polygon(metres), method="linework")
    return bool(shapely.area(traced) <= limit)


def _tidied_ring(ring: Floats, plane: Plane, steps: list[str]) -> Floats:
    """Take repeats and spikes out of a closed ring; the ring itself where there are none."""
    tidy = _without_repeats(ring, closed=True)
    if len(tidy) < len(ring):
        steps.append("repeated_point")
    while len(tidy) > _FEWEST + 1:
        metres = _metres(tidy, plane)[:-1]
        place = np.arange(len(metres))
        tips = np.flatnonzero(corners(metres, place - 1, (place + 1) % len(metres)).is_spike)
        # Neighbours of a vertex that goes have new edges: they are looked at in the next round.
        tips = tips[np.diff(tips, prepend=-2) > 1][: len(metres) - _FEWEST]
        if tips.size > 1 and tips[0] == 0 and tips[-1] == len(metres) - 1:
            tips = tips[:-1]
        if not tips.size:
            break
        open_ring = np.delete(tidy[:-1], tips, axis=0)
        shorter = _without_repeats(np.vstack([open_ring, open_ring[:1]]), closed=True)
        if len(shorter) <= _FEWEST:
            break
        steps.append("spike")
        tidy = shorter
    return tidy
