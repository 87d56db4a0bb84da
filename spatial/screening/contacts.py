"""Where projects and zones meet: gross overlaps per role, each place counted once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import CRS
from shapely.geometry.base import BaseGeometry

from spatial.equal_area import to_equal_area
from spatial.overlay import ZoneIndex, entered_part, merge_by_project, net_parts
from spatial.roles import Role
from spatial.screening.judge import is_noise
from spatial.screening.sites import Sites, areas_m2, lengths_m
from spatial.settings import setting

GeometryArray = NDArray[np.object_]
Places = NDArray[np.intp]

#: Of so few projects it is asked whether zones come near them, of more only whether their boxes do.
FEW_SITES = 64

_CORRIDOR_M = 1.0
"""Zones are cut to this distance [m] around lines and points: any will do that is well above touch_m."""


@dataclass(frozen=True)
class Zones:
    """All zones of one role that are valid on the date, in the analysis plane.

    Parameters
    ----------
    geometry : ndarray of shapely polygons, shape (n,)
    names : name of each zone
    layer_ids, editions
        The layers the zones come from.
    equal_area
        Geometries in the equal-area plane, by place, of zones that are there already.
    """

    role: Role
    geometry: GeometryArray
    names: tuple[str, ...]
    layer_ids: tuple[str, ...]
    editions: tuple[str, ...]
    illustrative: bool
    equal_area: Mapping[int, BaseGeometry] = field(default_factory=dict)

    def in_equal_area(self, places: Places, crs: CRS) -> GeometryArray:
        """Return some of the zones in the equal-area plane."""
        there = np.array([place in self.equal_area for place in places.tolist()], dtype=bool)
        found = np.empty(len(places), dtype=object)
        found[~there] = to_equal_area(self.geometry[places[~there]], crs)
        found[there] = [self.equal_area[place] for place in places[there].tolist()]
        return found


@dataclass(frozen=True)
class Contact:
    """The overlap of one project with all zones of one role, in the equal-area plane.

    Parameters
    ----------
    geometry
        The overlap: polygons of a footprint, lines of a line, the point itself. The project's own
        object where one zone covers it.
    claim
        What the role takes from the project when places are given to the strictest zone: the
        overlap of a footprint, but for a line the zones around it. Cutting a line by another one
        fails where rounding has moved their points apart; cutting it by a polygon does not.
    line_claim
        The same for the centre line of a project with a width.
    names
        The zones met.
    gross_area_m2, gross_length_m
        Official area of the overlap, and ellipsoidal length of the overlap of the line.
    noise
        Whether the overlap is digitising noise.
    """

    geometry: BaseGeometry
    claim: BaseGeometry
    line_claim: BaseGeometry
    names: tuple[str, ...]
    gross_area_m2: float
    gross_length_m: float
    noise: bool


#: Distance [m] and names of zones that are near a project without being occupied, the nearest first.
Near = tuple[float, tuple[str, ...]]


@dataclass(frozen=True)
class RoleContacts:
    """What the zones of one role mean for each project, by the project's place in the list.

    Parameters
    ----------
    touching
        Overlaps, of whatever size.
    near
        Zones without an overlap, of projects whose overlap with the role is noise at most.
    """

    touching: dict[int, Contact]
    near: dict[int, Near]


@dataclass(frozen=True)
class _Overlap:
    """An overlap before it is measured: as in :class:`Contact`, with the zones' places."""

    geometry: BaseGeometry
    claim: BaseGeometry
    zones: Places


def find_contacts(sites: Sites, zones: Zones, crs: CRS, near_m: float) -> RoleContacts:
    """Overlay all projects with the zones of one role.

    Parameters
    ----------
    sites
        As :func:`spatial.screening.sites.prepare_sites` returns them.
    zones
        In the analysis plane ``crs``.
    near_m
        Zones within this distance that are not occupied count as near [m].

    Returns
    -------
    RoleContacts
        Overlapping zones of the role are united: no place counts twice. Shapes that only share a
        border, a line along a border and a point on it do not overlap: they are near, at 0 m.
    """
    met = _meeting(zones.geometry, sites.plane, near_m)
    if not met.size:
        return RoleContacts({}, {})
    names = np.array(zones.names, dtype=object)[met]
    planar = zones.geometry[met]
    index = ZoneIndex(zones.in_equal_area(met, crs))
    footprints = _footprint_overlaps(index, ZoneIndex(planar), sites, zones.role)
    routes = _route_overlaps(index, sites)
    touching = _measured(sites, footprints, routes, names, zones.role)
    occupied = {
        (place, zone)
        for place in touching
        for zone in (footprints[place] if place in footprints else routes[place]).zones.tolist()
    }
    open_sites = [place for place in range(len(sites.plane)) if place not in touching or touching[place].noise]
    near = _near(ZoneIndex(planar), sites.plane, np.array(open_sites, dtype=np.intp), near_m, occupied)
    return RoleContacts(touching, {place: (distance, tuple(names[found])) for place, (distance, found) in near.items()})


def _meeting(zones: GeometryArray, sites: GeometryArray, near_m: float) -> Places:
    """Return the zones that come near the box of any project: only these are projected."""
    margin = np.array([-near_m, -near_m, near_m, near_m])
    boxes = shapely.box(*(shapely.bounds(sites) + margin).T)
    found = shapely.STRtree(zones).query(boxes, predicate="intersects" if len(sites) <= FEW_SITES else None)[1]
    return np.unique(found)


def _footprint_overlaps(index: ZoneIndex, planar: ZoneIndex, sites: Sites, role: Role) -> dict[int, _Overlap]:
    """Return the overlaps of polygons, by the project's place."""
    places = np.flatnonzero(sites.areal)
    pieces = index.pieces(sites.inside[places])
    merged = merge_by_project(pieces, places.size)
    area_m2 = shapely.area(merged)
    tiny = np.flatnonzero((area_m2 > 0) & (area_m2 < role.noise_m2))
    overlaps = area_m2 > 0
    overlaps[tiny[_only_touches(planar, sites.plane[places[tiny]])]] = False
    bounds = np.searchsorted(pieces.project, np.arange(places.size + 1))
    large = shapely.area(pieces.geometry) >= setting("touch_m2")
    found: dict[int, _Overlap] = {}
    for number in np.flatnonzero(overlaps).tolist():
        own = slice(bounds[number], bounds[number + 1])
        zones = pieces.zone[own][large[own]] if large[own].any() else pieces.zone[own]
        found[int(places[number])] = _Overlap(merged[number], merged[number], zones)
    return found


def _only_touches(planar: ZoneIndex, sites: GeometryArray) -> NDArray[np.bool_]:
    """Return whether tiny overlaps are made by cutting the edges, not by the shapes themselves.

    A straight border shared by shapes with other vertices is cut at other points, and between them
    the equal-area plane bends it by some hundredths of a millimetre. In their own plane the shapes
    do not overlap then.
    """
    overlaps = merge_by_project(planar.pieces(sites), len(sites))
    touches: NDArray[np.bool_] = shapely.area(overlaps) < setting("touch_m2")
    return touches


def _route_overlaps(index: ZoneIndex, sites: Sites) -> dict[int, _Overlap]:
    """Return the overlaps of lines, centre lines and points, by the project's place."""
    routes = np.where(sites.areal, sites.lines, sites.inside)
    places = np.flatnonzero(~shapely.is_empty(routes))
    pieces = index.pieces(shapely.buffer(routes[places], _CORRIDOR_M))
    around = merge_by_project(pieces, places.size)
    bounds = np.searchsorted(pieces.project, np.arange(places.size + 1))
    found: dict[int, _Overlap] = {}
    for number in np.flatnonzero(np.diff(bounds)).tolist():
        route = routes[places[number]]
        claim = entered_part(around[number], route, touch_m=setting("touch_m"), along_m=setting("along_m"))
        (overlap,), _ = net_parts(route, [claim])
        lineal = shapely.get_dimensions(route) == 1
        if shapely.is_empty(overlap) or (lineal and shapely.length(overlap) < setting("touch_m")):
            continue
        own = slice(bounds[number], bounds[number + 1])
        zones = pieces.zone[own][_enters(pieces.geometry[own], overlap)]
        found[int(places[number])] = _Overlap(overlap, claim, zones)
    return found


def _enters(zones: GeometryArray, overlap: BaseGeometry) -> NDArray[np.bool_]:
    """Return which of some united zones hold a part of an overlap; on their joint both do."""
    touch_m = setting("touch_m")
    if shapely.get_dimensions(overlap) == 0:
        enters: NDArray[np.bool_] = shapely.dwithin(zones, overlap, touch_m)
    else:
        shares = shapely.intersection(shapely.buffer(zones, touch_m), overlap)
        enters = shapely.length(shares) > 2 * touch_m
    return enters if enters.any() else ~enters


def _measured(
    sites: Sites,
    footprints: dict[int, _Overlap],
    routes: dict[int, _Overlap],
    names: GeometryArray,
    role: Role,
) -> dict[int, Contact]:
    areal = sites.areal
    overlaps = footprints | {place: route for place, route in routes.items() if not areal[place]}
    nowhere = _Overlap(shapely.LineString(), shapely.Polygon(), np.empty(0, dtype=np.intp))
    areas = areas_m2([overlap.geometry for overlap in overlaps.values()])
    lengths = lengths_m([routes.get(place, nowhere).geometry for place in overlaps])
    touching = {}
    for (place, overlap), area_m2, length_m in zip(overlaps.items(), areas, lengths, strict=True):
        touching[place] = Contact(
            geometry=overlap.geometry,
            claim=overlap.claim,
            line_claim=routes.get(place, nowhere).claim,
            names=tuple(dict.fromkeys(names[overlap.zones].tolist())),
            gross_area_m2=area_m2,
            gross_length_m=length_m,
            noise=is_noise(role.code, area_m2, sites.sites[place].area_m2),
        )
    return touching


def _near(
    zones: ZoneIndex, sites: GeometryArray, places: Places, near_m: float, occupied: set[tuple[int, int]]
) -> dict[int, tuple[float, list[int]]]:
    pairs = zones.distances(sites[places], near_m)
    found: dict[int, tuple[float, list[int]]] = {}
    for at in np.argsort(pairs.distance_m, kind="stable").tolist():
        place, zone = int(places[pairs.project[at]]), int(pairs.zone[at])
        if (place, zone) not in occupied:
            found.setdefault(place, (float(pairs.distance_m[at]), []))[1].append(zone)
    return found
