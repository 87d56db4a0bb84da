"""Where projects and zones meet: gross overlaps per role, each place counted once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import CRS
from shapely.geometry.base import BaseGeometry

from spatial.areas import ellipsoidal_length_m, planar_area_m2, stored_vertex_area_m2
from spatial.crs import equal_area_crs
from spatial.equal_area import to_equal_area
from spatial.overlay import ZoneIndex, merge_by_project, net_parts
from spatial.roles import Role
from spatial.screening.result import Project
from spatial.settings import setting

GeometryArray = NDArray[np.object_]

_AREAL = 2


@dataclass(frozen=True)
class Zones:
    """All zones of one role that are valid on the date, in the analysis plane.

    Parameters
    ----------
    geometry : ndarray of shapely polygons, shape (n,)
    names : name of each zone
    layer_ids, editions
        The layers the zones come from.
    """

    role: Role
    geometry: GeometryArray
    names: tuple[str, ...]
    layer_ids: tuple[str, ...]
    editions: tuple[str, ...]
    illustrative: bool


@dataclass(frozen=True)
class Site:
    """A located project prepared for the overlay.

    Parameters
    ----------
    whole, inside, outside
        The footprint (polygon, line or point) in the equal-area plane, and its parts inside and
        outside the district: what is outside is not assessed.
    area_m2, stored_m2, planar_m2
        Official, stored-vertex and planar area of a footprint, ``None`` for lines and points.
    length_m
        Ellipsoidal length of the centre line, ``None`` where there is none.
    """

    project: Project
    whole: BaseGeometry
    inside: BaseGeometry
    outside: BaseGeometry
    area_m2: float | None
    stored_m2: float | None
    planar_m2: float | None
    length_m: float | None

    def measure(self, geometry: BaseGeometry) -> float:
        """Return the area [m2] of a part of the footprint, or the length [m] of a part of a line."""
        return area_m2(geometry) if self.area_m2 is not None else length_m(geometry)

    @property
    def size(self) -> float:
        """The whole in the unit of :meth:`measure`; 0 for a point."""
        return self.area_m2 if self.area_m2 is not None else self.length_m or 0.0


@dataclass(frozen=True)
class Sites:
    """All located projects, as arrays for the overlay and as :class:`Site` one by one.

    Parameters
    ----------
    plane
        Footprints in the analysis plane, for distances.
    inside
        Parts inside the district, in the equal-area plane.
    lines
        Centre lines inside the district of line projects with a width, else empty lines.
    """

    plane: GeometryArray
    inside: GeometryArray
    lines: GeometryArray
    sites: tuple[Site, ...]


@dataclass(frozen=True)
class Contact:
    """The overlap of one project with all zones of one role, in the equal-area plane.

    Parameters
    ----------
    geometry
        The overlap: polygons of a footprint, lines of a line, the point itself.
    claim
        What the role takes from the project when places are given to the strictest zone: the
        overlap of a footprint, but for a line the zones. Cutting a line by another one fails
        where rounding has moved their points apart; cutting it by a polygon does not.
    line
        The overlap of the centre line of a project with a width.
    names
        The zones met.
    """

    geometry: BaseGeometry
    claim: BaseGeometry
    line: BaseGeometry
    names: tuple[str, ...]


#: Distance [m] and names of zones that are near a project without touching it, the nearest first.
Near = tuple[float, tuple[str, ...]]


@dataclass(frozen=True)
class RoleContacts:
    """What the zones of one role mean for each project, by the project's place in the list."""

    touching: dict[int, Contact]
    near: dict[int, Near]


def prepare_sites(projects: list[Project], district: BaseGeometry, crs: CRS) -> Sites:
    """Bring located projects to the equal-area plane and cut them at the district's outline.

    Parameters
    ----------
    projects
        All with a geometry, in ``crs``.
    district
        Outline in ``crs``.
    crs
        The analysis plane.
    """
    plane = np.array([project.geometry for project in projects], dtype=object)
    whole = to_equal_area(plane, crs)
    outline = to_equal_area([district], crs)[0]
    inside, outside = _divide(whole, outline)
    widened = [project.line if project.width_m else shapely.LineString() for project in projects]
    lines, _ = _divide(to_equal_area(widened, crs), outline)
    centre = to_equal_area([project.line or shapely.LineString() for project in projects], crs)
    lengths = ellipsoidal_length_m(centre, equal_area_crs())
    official, stored, planar = shapely.area(whole), stored_vertex_area_m2(plane, crs), planar_area_m2(plane, crs)
    sites = []
    for place, project in enumerate(projects):
        areal = shapely.get_dimensions(whole[place]) == _AREAL
        sites.append(
            Site(
                project=project,
                whole=whole[place],
                inside=inside[place],
                outside=outside[place],
                area_m2=float(official[place]) if areal else None,
                stored_m2=float(stored[place]) if areal else None,
                planar_m2=float(planar[place]) if areal else None,
                length_m=float(lengths[place]) if project.line is not None else None,
            )
        )
    return Sites(plane, inside, lines, tuple(sites))


def _divide(whole: GeometryArray, outline: BaseGeometry) -> tuple[GeometryArray, GeometryArray]:
    """Cut geometries at an outline; most lie inside it and need no cutting."""
    inside = whole.copy()
    outside = np.array([shapely.Polygon()] * len(whole), dtype=object)
    shapely.prepare(outline)
    for place in np.flatnonzero(~shapely.covers(outline, whole) & ~shapely.is_empty(whole)):
        (inside[place],), outside[place] = net_parts(whole[place], [outline])
    return inside, outside


def find_contacts(sites: Sites, zones: Zones, crs: CRS, near_m: float) -> RoleContacts:
    """Overlay all projects with the zones of one role.

    Parameters
    ----------
    sites
        As :func:`prepare_sites` returns them.
    zones
        In the analysis plane ``crs``.
    near_m
        Zones within this distance that are not touched count as near [m].

    Returns
    -------
    RoleContacts
        Overlapping zones of the role are united: no place counts twice.
    """
    met = _meeting(zones.geometry, sites.plane, near_m)
    if not met.size:
        return RoleContacts({}, {})
    names = [zones.names[place] for place in met]
    planar = zones.geometry[met]
    equal_area = to_equal_area(planar, crs)
    pieces = ZoneIndex(equal_area).pieces(sites.inside)
    merged = merge_by_project(pieces, len(sites.inside))
    touching = {}
    bounds = np.searchsorted(pieces.project, np.arange(len(sites.inside) + 1))
    for project in np.flatnonzero(np.diff(bounds)).tolist():
        found = pieces.zone[bounds[project] : bounds[project + 1]]
        if _only_touches(merged[project], sites.plane[project], planar[found], zones.role):
            continue
        met_names = tuple(dict.fromkeys(names[zone] for zone in found.tolist()))
        touching[project] = _contact(merged[project], sites, project, equal_area[found], met_names)
    return RoleContacts(touching, _near(sites.plane, planar, names, near_m, set(touching)))


def _only_touches(overlap: BaseGeometry, site: BaseGeometry, zones: GeometryArray, role: Role) -> bool:
    """Return whether a tiny overlap is made by cutting the edges, not by the shapes themselves.

    A straight border shared by shapes with other vertices is cut at other points, and between them
    the equal-area plane bends it by some hundredths of a millimetre. In their own plane the shapes
    do not overlap then.
    """
    if shapely.get_dimensions(overlap) != _AREAL or shapely.area(overlap) >= role.noise_m2:
        return False
    planar = shapely.area(shapely.intersection(site, shapely.union_all(zones)))
    return bool(planar < setting("touch_m2"))


def _contact(
    overlap: BaseGeometry, sites: Sites, project: int, zones: GeometryArray, names: tuple[str, ...]
) -> Contact:
    site, line = sites.inside[project], sites.lines[project]
    if shapely.get_dimensions(site) == _AREAL and shapely.is_empty(line):
        return Contact(overlap, overlap, line, names)
    united = shapely.union_all(zones)
    (along,), _ = net_parts(line, [united])
    if shapely.get_dimensions(site) == _AREAL:
        return Contact(overlap, overlap, along, names)
    (overlap,), _ = net_parts(site, [united])
    return Contact(overlap, united, along, names)


def _meeting(zones: GeometryArray, sites: GeometryArray, near_m: float) -> NDArray[np.intp]:
    """Return the zones whose box comes near any project's: only these are projected."""
    margin = np.array([-near_m, -near_m, near_m, near_m])
    boxes = shapely.box(*(shapely.bounds(sites) + margin).T)
    found = shapely.STRtree(zones).query(boxes)[1]
    return np.unique(found)


def _near(
    sites: GeometryArray, zones: GeometryArray, names: list[str], near_m: float, touching: set[int]
) -> dict[int, Near]:
    project, zone = shapely.STRtree(zones).query(sites, predicate="dwithin", distance=near_m)
    distance = shapely.distance(sites[project], zones[zone])
    found: dict[int, Near] = {}
    for place in np.argsort(distance, kind="stable").tolist():
        number = int(project[place])
        if number not in touching:
            nearest, before = found.get(number, (float(distance[place]), ()))
            found[number] = (nearest, (*before, names[int(zone[place])]))
    return found


def area_m2(geometry: BaseGeometry) -> float:
    """Return the official area of a geometry given in the equal-area plane [m2]."""
    return float(shapely.area(geometry))


def length_m(geometry: BaseGeometry) -> float:
    """Return the ellipsoidal length of a line given in the equal-area plane [m]."""
    return float(ellipsoidal_length_m([geometry], equal_area_crs())[0])
