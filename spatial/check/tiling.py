"""Parcels against each other: the same one twice, overlaps, gaps and slits between them.

Everything here is found from the parcels' own edges and by a spatial index; no step compares
every parcel with every other one, or walks a giant outline once for each of its neighbours.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from spatial.check.codes import found
from spatial.check.gaps import free_edges, holes_between, slits_between
from spatial.check.plane import Plane
from spatial.findings import Finding
from spatial.overlay import meeting, robust
from spatial.overlay.zones import MAX_VERTICES, ZoneIndex
from spatial.settings import setting

Geometries = NDArray[np.object_]
Floats = NDArray[np.float64]
Indices = NDArray[np.intp]

_AREA = 2
_NOISE_M2 = 1e-6
"""A border of 100 m times the 7e-9 m between doubles of metres with a zone prefix."""
_BY_GEOS = 2_000
"""Below this many candidate pairs GEOS answers before the compiled kernel has been loaded."""


@dataclass(frozen=True)
class Layer:
    """What findings need to know of the layer they are about."""

    source: str
    names: list[str]
    plane: Plane

    def name(self, rows: Indices) -> str:
        """Return the names of some features as one text."""
        return ", ".join(self.names[row] for row in rows[:4]) + (", ..." if len(rows) > 4 else "")  # noqa: PLR2004


def check_duplicates(geometry: Geometries, layer: Layer) -> list[Finding]:
    """Find features with the same geometry, wherever their rings begin and whichever way they turn.

    Parameters
    ----------
    geometry : ndarray of shapely geometries, shape (n,)
        Missing ones are passed over.

    Returns
    -------
    list of Finding
        One for each feature after the first of its kind; ``other`` names the first.
    """
    present = np.flatnonzero(~shapely.is_missing(geometry))
    flat = shapely.remove_repeated_points(shapely.force_2d(geometry[present]))
    texts = shapely.to_wkb(shapely.normalize(flat))
    first: dict[bytes, int] = {}
    findings = []
    for row, text in zip(present.tolist(), texts.tolist(), strict=True):
        earlier = first.setdefault(text, row)
        if earlier != row:
            x, y = shapely.get_coordinates(geometry[row])[0].tolist()
            findings.append(found("duplicate", layer.source, layer.names[row], at=(x, y), other=layer.names[earlier]))
    return findings


def duplicate_pairs(findings: list[Finding]) -> set[tuple[str, str]]:
    """Return the pairs of names that are the same geometry twice."""
    return {(str(finding.values["other"]), finding.feature) for finding in findings}


def check_tiling(geometry: Geometries, layer: Layer, *, tiles: bool, same: set[tuple[str, str]]) -> list[Finding]:
    """Find overlaps, holes and narrow slits between the polygons of a layer.

    Parameters
    ----------
    geometry : ndarray of shapely geometries, shape (n,)
        In file coordinates. Lines and points are passed over; invalid polygons are compared as repaired.
    tiles
        Whether the polygons should leave nothing between them: then gaps are errors.
    same
        Pairs of names that are duplicates, whose overlap says nothing new.
    """
    rows = np.flatnonzero(shapely.get_dimensions(geometry) == _AREA)
    if rows.size == 0:
        return []
    local = robust.valid(layer.plane.local(geometry[rows]))
    findings = _overlaps(local, rows, layer, same)
    edges = free_edges(local)
    holes = holes_between(local, edges)
    slits = slits_between(local, holes, edges)
    findings += _rounding("gap_rounding", holes[~_matters(holes)], layer)
    holes, slits = holes[_matters(holes)], slits[_matters(slits)]
    if not tiles:
        return findings + _spaces(np.concatenate([holes, slits]), layer)
    return findings + _gaps("gap", holes, local, rows, layer) + _gaps("narrow_gap", slits, local, rows, layer)


def _matters(shapes: Geometries) -> NDArray[np.bool_]:
    """Return which areas are more than the rounding of coordinates."""
    wide = _width_m(shapes) >= setting("overlap_width_m")
    return np.asarray(wide & (shapely.area(shapes) >= setting("overlap_area_m2")))


def _overlaps(local: Geometries, rows: Indices, layer: Layer, same: set[tuple[str, str]]) -> list[Finding]:
    one, other = _overlapping(local)
    if one.size == 0:
        return []
    by_size = shapely.get_num_coordinates(local[one]) >= shapely.get_num_coordinates(local[other])
    large, small = np.where(by_size, one, other), np.where(by_size, other, one)
    large, small, shared = meeting.shared(local, local, (large, small), MAX_VERTICES)
    shared = robust.of_dimension(shared, np.full(len(shared), _AREA))
    wide = _matters(shared)
    findings = _rounding("overlap_rounding", shared[~wide], layer)
    one, other, shared = np.minimum(large, small)[wide], np.maximum(large, small)[wide], shared[wide]
    order = np.lexsort((other, one))
    one, other, shared = one[order], other[order], shared[order]
    width = _width_m(shared)
    area = layer.plane.areas_m2(layer.plane.back(shared))
    points = shapely.get_coordinates(shapely.point_on_surface(shared))
    for place in range(len(shared)):
        first, second = layer.names[rows[one[place]]], layer.names[rows[other[place]]]
        if (first, second) in same:
            continue
        values = {"other": second, "area": f"{area[place]:.3f}", "width": f"{width[place]:.3f}"}
        at = layer.plane.point(*points[place].tolist())
        findings.append(found("overlap", layer.source, first, at=at, unit=layer.plane.unit, **values))
    return findings


def _overlapping(local: Geometries) -> tuple[Indices, Indices]:
    """Return pairs, each once, that share an area."""
    boxes = shapely.box(*shapely.bounds(local).T)
    one, other = shapely.STRtree(boxes).query(boxes)
    if (one < other).sum() <= _BY_GEOS:
        return _overlapping_few(local, one[one < other], other[one < other])
    pairs = ZoneIndex(local).areas(local)
    upper = pairs.project < pairs.zone
    return pairs.project[upper], pairs.zone[upper]


def _overlapping_few(local: Geometries, one: Indices, other: Indices) -> tuple[Indices, Indices]:
    by_size = shapely.get_num_coordinates(local[one]) >= shapely.get_num_coordinates(local[other])
    large, small = np.where(by_size, one, other), np.where(by_size, other, one)
    large, small, shared = meeting.shared(local, local, (large, small), MAX_VERTICES)
    areal = shapely.area(shared) > 0
    return np.minimum(large, small)[areal], np.maximum(large, small)[areal]


def _width_m(shapes: Geometries) -> Floats:
    """Return the mean width of areas: twice the area over the perimeter."""
    length = shapely.length(shapes)
    return np.asarray(np.divide(2 * shapely.area(shapes), length, out=np.zeros(len(length)), where=length > 0))


def _rounding(code: str, shapes: Geometries, layer: Layer) -> list[Finding]:
    """Return one note on everything too narrow to be more than the rounding of coordinates."""
    shapes = shapes[shapely.area(shapes) > _NOISE_M2]
    if len(shapes) == 0:
        return []
    area = float(shapely.area(shapes).sum())
    x, y = shapely.get_coordinates(shapes[int(np.argmax(shapely.area(shapes)))])[0].tolist()
    values: dict[str, Any] = {
        "count": len(shapes),
        "area": f"{area:.4f}",
        "width": f"{setting('overlap_width_m') * 1000:g}",
    }
    return [found(code, layer.source, at=layer.plane.point(x, y), unit=layer.plane.unit, **values)]


def _spaces(spaces: Geometries, layer: Layer) -> list[Finding]:
    """Return one note on the spaces in a layer that nobody said should tile."""
    if len(spaces) == 0:
        return []
    x, y = shapely.get_coordinates(shapely.point_on_surface(spaces[int(np.argmax(shapely.area(spaces)))]))[0].tolist()
    values: dict[str, Any] = {
        "count": len(spaces),
        "area": f"{layer.plane.areas_m2(layer.plane.back(spaces)).sum():.3f}",
        "narrow": int((_width_m(spaces) < setting("slit_width_m")).sum()),
        "width": f"{setting('slit_width_m'):g}",
    }
    return [found("gaps_seen", layer.source, at=layer.plane.point(x, y), unit=layer.plane.unit, **values)]


def _gaps(code: str, gaps: Geometries, local: Geometries, rows: Indices, layer: Layer) -> list[Finding]:
    if len(gaps) == 0:
        return []
    width = _width_m(gaps)
    area = layer.plane.areas_m2(layer.plane.back(gaps))
    points = shapely.get_coordinates(shapely.point_on_surface(gaps))
    gap, parcel = shapely.STRtree(local).query(gaps, predicate="dwithin", distance=setting("overlap_width_m"))
    starts = np.searchsorted(gap, np.arange(len(gaps) + 1))
    findings = []
    for place in range(len(gaps)):
        beside = rows[np.sort(parcel[starts[place] : starts[place + 1]])]
        values: dict[str, Any] = {
            "area": f"{area[place]:.3f}",
            "width": f"{width[place]:.3f}",
            "unit": layer.plane.unit,
        }
        at = layer.plane.point(*points[place].tolist())
        findings.append(found(code, layer.source, layer.name(beside), at=at, **values))
    return findings
