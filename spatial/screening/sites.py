"""Located projects prepared for the overlay: in the equal-area plane, cut at the district's outline."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import CRS
from shapely.geometry.base import BaseGeometry

from spatial.areas import ellipsoidal_length_m, planar_area_m2, stored_vertex_area_m2
from spatial.crs import equal_area_crs
from spatial.equal_area import to_equal_area
from spatial.overlay import net_parts
from spatial.screening.result import Project

GeometryArray = NDArray[np.object_]

_AREAL = 2
_LINEAL = 1


@dataclass(frozen=True)
class Site:
    """A located project prepared for the overlay.

    Parameters
    ----------
    whole, inside, outside
        The footprint (polygon, line or point) in the equal-area plane, and its parts inside and
        outside the district: what is outside is not assessed.
    line, line_outside
        Parts of the centre line inside and outside the district; empty where there is no line.
    area_m2, stored_m2, planar_m2
        Official, stored-vertex and planar area of a footprint, ``None`` for lines and points.
    length_m
        Ellipsoidal length of the centre line, ``None`` where there is none.
    """

    project: Project
    whole: BaseGeometry
    inside: BaseGeometry
    outside: BaseGeometry
    line: BaseGeometry
    line_outside: BaseGeometry
    area_m2: float | None
    stored_m2: float | None
    planar_m2: float | None
    length_m: float | None

    def measure(self, parts: Sequence[BaseGeometry]) -> list[float]:
        """Return the areas [m2] of parts of the footprint, or the lengths [m] of parts of a line."""
        return areas_m2(parts) if self.area_m2 is not None else lengths_m(parts)

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
    inside, lines
        Parts of the footprints and of the centre lines inside the district, in the equal-area plane.
    """

    plane: GeometryArray
    inside: GeometryArray
    lines: GeometryArray
    sites: tuple[Site, ...]

    @property
    def areal(self) -> NDArray[np.bool_]:
        """Which of them have an area."""
        found: NDArray[np.bool_] = shapely.get_dimensions(self.plane) == _AREAL
        return found


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
    plane = shapely.force_2d(np.array([project.geometry for project in projects], dtype=object))
    whole = to_equal_area(plane, crs)
    outline = to_equal_area([district], crs)[0]
    inside, outside = _divide(whole, outline)
    centre = to_equal_area([project.line or shapely.LineString() for project in projects], crs)
    line, line_outside = _divide(centre, outline)
    lengths = ellipsoidal_length_m(centre, equal_area_crs())
    official, stored, planar = shapely.area(whole), stored_vertex_area_m2(plane, crs), planar_area_m2(plane, crs)
    # A layer that was moved had its edges cut on the way: the file's own vertices are counted where it was read.
    stated = [project.stored_area_m2 for project in projects]
    areal = shapely.get_dimensions(whole) == _AREAL
    sites = tuple(
        Site(
            project=project,
            whole=whole[place],
            inside=inside[place],
            outside=outside[place],
            line=line[place],
            line_outside=line_outside[place],
            area_m2=float(official[place]) if areal[place] else None,
            stored_m2=(stated[place] or float(stored[place])) if areal[place] else None,
            planar_m2=float(planar[place]) if areal[place] else None,
            length_m=float(lengths[place]) if project.line is not None else None,
        )
        for place, project in enumerate(projects)
    )
    return Sites(plane, inside, line, sites)


def _divide(whole: GeometryArray, outline: BaseGeometry) -> tuple[GeometryArray, GeometryArray]:
    """Cut geometries at an outline; most lie inside it and need no cutting."""
    inside = whole.copy()
    outside = np.array([shapely.Polygon()] * len(whole), dtype=object)
    shapely.prepare(outline)
    for place in np.flatnonzero(~shapely.covers(outline, whole) & ~shapely.is_empty(whole)):
        (inside[place],), outside[place] = net_parts(whole[place], [outline])
    return inside, outside


def areas_m2(parts: Sequence[BaseGeometry] | GeometryArray) -> list[float]:
    """Return the official areas [m2] of geometries given in the equal-area plane."""
    return [float(area) for area in shapely.area(np.array(parts, dtype=object))]


def lengths_m(parts: Sequence[BaseGeometry] | GeometryArray) -> list[float]:
    """Return the ellipsoidal lengths [m] of geometries given in the equal-area plane; 0 for polygons."""
    geometries = np.array(parts, dtype=object)
    if not ((shapely.get_dimensions(geometries) == _LINEAL) & ~shapely.is_empty(geometries)).any():
        return [0.0] * len(geometries)
    return [float(length) for length in ellipsoidal_length_m(geometries, equal_area_crs())]
