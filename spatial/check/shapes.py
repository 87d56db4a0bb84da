"""Faults of whole features: nothing there, invalid, flat, thin, of another kind than the rest."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from spatial.check.cleaning import CERTAIN, cleaned, is_flat
from spatial.check.codes import found
from spatial.check.paths import Paths, flatten, lengths_m, signed_areas_m2
from spatial.check.plane import Plane
from spatial.findings import Finding
from spatial.settings import setting

Geometries = NDArray[np.object_]
Flags = NDArray[np.bool_]

_AT = re.compile(r"\[(\S+) (\S+)\]")
_KINDS = ("point", "line", "area")
_AREA = 2

#: How GEOS begins its reason, and what we call the fault where a repair would be a decision.
_REASONS = (
    ("Self-intersection", "self_intersection"),
    ("Ring Self-intersection", "self_intersection"),
    ("Hole lies outside shell", "hole_misplaced"),
    ("Holes are nested", "hole_misplaced"),
    ("Nested shells", "parts_overlap"),
    ("Duplicate Rings", "parts_overlap"),
)


@dataclass(frozen=True)
class Sound:
    """Which features can be looked at further.

    Parameters
    ----------
    geometry : ndarray of shapely geometries, shape (n,)
        ``None`` where there is nothing, where coordinates are not finite, or where a polygon is flat.
    """

    geometry: Geometries
    findings: list[Finding]


def check_presence(geometry: Geometries, source: str, names: list[str]) -> Sound:
    """Find missing and empty geometries and coordinates that are not finite."""
    findings = [found("null_geometry", source, names[row]) for row in np.flatnonzero(shapely.is_missing(geometry))]
    findings += [found("empty_geometry", source, names[row]) for row in np.flatnonzero(shapely.is_empty(geometry))]
    coords, owner = shapely.get_coordinates(geometry, return_index=True)
    broken = np.unique(owner[~np.isfinite(coords).all(axis=1)])
    findings += [found("not_finite", source, names[row]) for row in broken]
    sound = np.array(geometry, dtype=object)
    sound[shapely.is_empty(sound)] = None
    sound[broken] = None
    return Sound(sound, findings)


def check_kinds(geometry: Geometries, source: str, names: list[str]) -> list[Finding]:
    """Find heights, measures, collections and layers of several kinds."""
    findings = []
    for code, has in (("has_z", shapely.has_z(geometry)), ("has_m", shapely.has_m(geometry))):
        if has.any():
            findings.append(found(code, source, names[int(np.argmax(has))], count=int(has.sum())))
    types = shapely.get_type_id(geometry)
    collections = types == int(shapely.GeometryType.GEOMETRYCOLLECTION)
    for row in np.flatnonzero(collections):
        x, y = shapely.get_coordinates(geometry[row])[0].tolist()
        inside = Counter(part.geom_type for part in shapely.get_parts(geometry[row]))
        held = ", ".join(f"{count} {kind}" for kind, count in inside.items())
        findings.append(found("collection", source, names[row], at=(x, y), parts=held))
    dimensions = shapely.get_dimensions(geometry[~collections & ~shapely.is_missing(geometry)])
    count = np.bincount(dimensions, minlength=3)
    if (count > 0).sum() > 1:
        rare = int(np.argmin(np.where(count > 0, count, count.sum() + 1)))
        first = int(np.flatnonzero((shapely.get_dimensions(geometry) == rare) & ~collections)[0])
        values: dict[str, Any] = {f"{kind}s": int(count[place]) for place, kind in enumerate(_KINDS)}
        findings.append(found("mixed_kinds", source, names[first], **values))
    return findings


def check_flat(geometry: Geometries, plane: Plane, source: str, names: list[str]) -> Sound:
    """Find rings that enclose nothing; a polygon with no other ring is not looked at further."""
    paths = flatten(geometry, plane)
    area, length = np.abs(signed_areas_m2(paths)), lengths_m(paths)
    seems = paths.is_ring & (area <= setting("zero_width_m") * length / 2)
    flat = np.zeros(len(paths.owner), dtype=bool)
    for path in np.flatnonzero(seems).tolist():
        flat[path] = is_flat(paths.xy[paths.start[path] : paths.start[path + 1]], plane)
    sound = geometry.copy()
    findings = []
    whole = np.zeros(len(geometry), dtype=bool)
    shells = paths.is_ring & ~paths.is_hole
    whole[paths.owner[shells]] = True
    whole[paths.owner[shells & ~flat]] = False
    for path in np.flatnonzero(flat).tolist():
        row = int(paths.owner[path])
        if whole[row]:
            continue
        at = paths.point(int(paths.start[path]))
        findings.append(found("zero_area_ring", source, names[row], at=at, length=f"{length[path]:.3f}"))
    for row in np.flatnonzero(whole).tolist():
        at = paths.point(int(paths.start[np.flatnonzero(paths.owner == row)[0]]))
        findings.append(found("zero_area_feature", source, names[row], at=at))
        sound[row] = None
    return Sound(sound, findings)


def check_validity(geometry: Geometries, plane: Plane, source: str, names: list[str]) -> list[Finding]:
    """Find invalid polygons, and say whether a repair is certain or needs a person's decision."""
    findings = []
    areal = shapely.get_dimensions(geometry) == _AREA
    for row in np.flatnonzero(areal & ~shapely.is_valid(geometry)).tolist():
        reason = shapely.is_valid_reason(geometry[row])
        after = cleaned(geometry[row], plane)
        mended = CERTAIN & set(after.steps)
        if not after.left and not mended:
            continue  # only a spike or a flat ring made it invalid, which is a finding of its own
        code = code_of(after.left) if after.left else min(mended)
        readings = after.readings
        values: dict[str, object] = {"reason": _AT.sub("", after.left or reason), "unit": plane.unit}
        if readings is not None:
            values |= {name: f"{getattr(readings, name):.2f}" for name in ("stored", "outlines", "alternating")}
        findings.append(found(code, source, names[row], at=_at(after.left or reason), **values))
    lines = (shapely.get_dimensions(geometry) == 1) & ~shapely.is_simple(geometry)
    for row in np.flatnonzero(lines).tolist():
        x, y = shapely.get_coordinates(geometry[row])[0].tolist()
        findings.append(found("line_crossing", source, names[row], at=(x, y)))
    return findings


def code_of(reason: str) -> str:
    """Return what we call a reason of GEOS where making the polygon valid would be a decision."""
    return next((code for beginning, code in _REASONS if reason.startswith(beginning)), "invalid_other")


def _at(reason: str) -> tuple[float, float] | None:
    match = _AT.search(reason)
    return (float(match.group(1)), float(match.group(2))) if match else None


def check_orientation(paths: Paths, source: str, names: list[str]) -> list[Finding]:
    """Find holes that turn like their outline, and layers whose outlines turn both ways."""
    turns = np.sign(signed_areas_m2(paths))
    shell = np.maximum.accumulate(np.where(paths.is_hole, 0, np.arange(len(turns))))
    wrong = paths.is_hole & (turns == turns[shell]) & (turns != 0)
    findings = []
    rows, places = np.unique(paths.owner[wrong], return_index=True)
    for row, place in zip(rows.tolist(), np.flatnonzero(wrong)[places].tolist(), strict=True):
        at = paths.point(int(paths.start[place]))
        findings.append(found("hole_orientation", source, names[row], at=at))
    outer = paths.is_ring & ~paths.is_hole
    left, right = outer & (turns > 0), outer & (turns < 0)
    if left.any() and right.any():
        rare = right if right.sum() <= left.sum() else left
        row = int(paths.owner[int(np.argmax(rare))])
        counts: dict[str, Any] = {"left": int(left.sum()), "right": int(right.sum())}
        findings.append(found("orientation_mixed", source, names[row], **counts))
    return findings


def check_slivers(paths: Paths, source: str, names: list[str]) -> list[Finding]:
    """Find outer rings so thin or small that they are left over from an overlay rather than drawn.

    The mean width is twice the area over the perimeter; thinness is 4 pi area / perimeter squared,
    1 for a circle. Widths are those of the outer ring; holes are not taken out.
    """
    area, length = np.abs(signed_areas_m2(paths)), lengths_m(paths)
    # A ring that encloses nothing, or whose halves cancel, is a finding of its own.
    outer = paths.is_ring & ~paths.is_hole & (area > setting("zero_width_m") * length / 2)
    long = np.where(length > 0, length, 1.0)
    width, thinness = 2 * area / long, 4 * np.pi * area / long**2
    thin = (width < setting("sliver_width_m")) & (thinness < setting("sliver_thinness"))
    small = area < setting("sliver_area_m2")
    findings = []
    for path in np.flatnonzero(outer & (thin | small)).tolist():
        values = {"area": f"{area[path]:.3f}", "width": f"{width[path]:.3f}", "thinness": f"{thinness[path]:.4f}"}
        at = paths.point(int(paths.start[path]))
        findings.append(found("sliver", source, names[int(paths.owner[path])], at=at, **values))
    return findings
