"""Zones prepared once and laid over any number of projects."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely
from numpy.typing import ArrayLike

from spatial.overlay import meeting, robust
from spatial.overlay.rings import Floats, Geometries, Indices, flatten

if TYPE_CHECKING:
    from types import ModuleType

    from spatial.overlay.kernel import Side

MAX_VERTICES = 256
"""Vertices above which a geometry is cut; between 128 and 512 the speed hardly changes."""

_PER_PIECE = 3
"""Times as many vertices that a polygon may have where only areas are asked: nothing is constructed there."""

_AT_A_TIME = 8192
"""Pairs that a thread takes at once. The results do not depend on it: every pair is summed by itself."""

_NOISE = 1e-12
"""Share of the common box of two polygons below which their overlap is a rounding error: 1,000
times the error of one sum, a millionth of a square metre in a square kilometre."""


@dataclass(frozen=True)
class Pairs:
    """Overlap areas: one row per project and zone that share area, sorted by both.

    Attributes
    ----------
    project, zone : array of int, shape (n,)
        Positions in the arrays of projects and zones.
    area_m2 : array of float, shape (n,)
        Square metres, always positive.
    """

    project: Indices
    zone: Indices
    area_m2: Floats


@dataclass(frozen=True)
class Pieces:
    """Overlap geometries: one row per project and zone that meet, sorted by both.

    Attributes
    ----------
    project, zone : array of int, shape (n,)
        Positions in the arrays of projects and zones.
    geometry : array of geometries, shape (n,)
        Of the project's own dimension: the polygons of a polygon, the lines of a line, the points
        of a point. Never empty. The project itself where a zone covers it.
    """

    project: Indices
    zone: Indices
    geometry: Geometries


@dataclass(frozen=True)
class Distances:
    """One row per project and zone within a distance of each other, sorted by both.

    Attributes
    ----------
    project, zone : array of int, shape (n,)
        Positions in the arrays of projects and zones.
    distance_m : array of float, shape (n,)
        0 where they meet.
    """

    project: Indices
    zone: Indices
    distance_m: Floats


class ZoneIndex:
    """Zones to be laid over projects, any number of times.

    Building it costs next to nothing; zones are cut when, and as far as, projects ask for it.

    Parameters
    ----------
    zones : array of Polygon or MultiPolygon, shape (n,)
        Valid, in one planar equal-area coordinate system, metres. They may overlap. Missing and
        empty zones are allowed and meet nothing.
    max_vertices : int, optional
        Geometries with more vertices than this are cut. It changes the speed, not the results.

    Raises
    ------
    ValueError
        If a zone is not polygonal, or a coordinate is not finite.

    Examples
    --------
    >>> index = ZoneIndex([shapely.box(0, 0, 10, 10), shapely.box(5, 0, 20, 10)])
    >>> pieces = index.pieces([shapely.box(4, 4, 8, 8), shapely.Point(1, 1)])
    >>> pieces.project.tolist(), pieces.zone.tolist(), shapely.area(pieces.geometry).tolist()
    ([0, 0, 1], [0, 1, 0], [16.0, 12.0, 0.0])
    """

    def __init__(self, zones: ArrayLike, *, max_vertices: int = MAX_VERTICES) -> None:
        self._zones = _planar(zones)
        self._boxes = shapely.bounds(self._zones)
        self._max_vertices = max_vertices
        self._cut: Side | None = None
        unfit = np.flatnonzero(~np.isin(shapely.get_dimensions(self._zones), (-1, 2)) & ~shapely.is_empty(self._zones))
        if unfit.size:
            raise ValueError(f"zone {unfit[0]} is a {self._zones[unfit[0]].geom_type}; zones are polygons")

    def areas(self, projects: ArrayLike) -> Pairs:
        """Return the area that each polygon project shares with each zone, by compiled code.

        No geometry is built, which is several times faster than :meth:`pieces` once there are
        thousands of projects; the first call of a process loads numba.

        Parameters
        ----------
        projects : array of geometries, shape (n,)
            Valid, in the zones' coordinate system. Lines and points have no area and no row.

        Returns
        -------
        Pairs

        Notes
        -----
        The sum is explained in :mod:`spatial.overlay.kernel`. An overlap below a millionth of a
        millionth of the box common to project and zone is a rounding error and is left out.

        Examples
        --------
        >>> ZoneIndex([shapely.box(0, 0, 10, 10)]).areas([shapely.box(4, 4, 12, 8)]).area_m2
        array([24.])
        """
        from spatial.overlay import kernel

        zones = self._cut_zones(kernel)
        own = _side(kernel, _planar(projects), self._origin, _PER_PIECE * self._max_vertices)
        if own.rings.owner.size == 0 or zones.rings.owner.size == 0:
            return Pairs(np.empty(0, np.intp), np.empty(0, np.intp), np.empty(0))
        zone_part, part = shapely.STRtree(shapely.box(*own.box.T)).query(shapely.box(*zones.box.T))
        order = np.argsort(part, kind="stable")
        zone_part, part = zone_part[order], part[order]
        area_m2 = _in_threads(kernel, own, zones, (part, zone_part))
        return _summed(own.rings.owner[part], zones.rings.owner[zone_part], area_m2, len(self._zones))

    def pieces(self, projects: ArrayLike) -> Pieces:
        """Return what each project shares with each zone, as geometries.

        Parameters
        ----------
        projects : array of geometries, shape (n,)
            Polygons, lines and points may be mixed; valid, in the zones' coordinate system.

        Returns
        -------
        Pieces

        Notes
        -----
        Where GEOS refuses a pair it is repaired and laid on a grid, the finest of
        :data:`spatial.overlay.robust.FALLBACK_GRIDS_M` that does; no exception of GEOS escapes.
        """
        own = _planar(projects)
        own = robust.of_dimension(own, shapely.get_dimensions(own))
        zone, project = shapely.STRtree(own).query(self._zones)
        vertices = shapely.get_num_coordinates(own)[project]
        by_project = vertices > np.maximum(shapely.get_num_coordinates(self._zones)[zone], self._max_vertices)
        one = meeting.shared(self._zones, own, (zone[~by_project], project[~by_project]), self._max_vertices)
        two = meeting.shared(own, self._zones, (project[by_project], zone[by_project]), self._max_vertices)
        project, zone = np.concatenate([one[1], two[0]]), np.concatenate([one[0], two[1]])
        geometry = robust.of_dimension(np.concatenate([one[2], two[2]]), shapely.get_dimensions(own)[project])
        order = np.lexsort((zone, project))
        order = order[~shapely.is_empty(geometry[order])]
        return Pieces(project[order], zone[order], geometry[order])

    def distances(self, projects: ArrayLike, within_m: float) -> Distances:
        """Return the distance between each project and each zone that is near it.

        Parameters
        ----------
        projects : array of geometries, shape (n,)
            Valid, in the zones' coordinate system, which need not be an equal-area one here.
        within_m : float
            Zones farther away have no row, metres.

        Returns
        -------
        Distances

        Examples
        --------
        >>> ZoneIndex([shapely.box(0, 0, 10, 10)]).distances([shapely.Point(13, 14)], 30).distance_m
        array([5.])
        """
        own = _planar(projects)
        reach = shapely.box(*(shapely.bounds(own) + within_m * np.array([-1, -1, 1, 1])).T)
        zone, project = shapely.STRtree(reach).query(shapely.box(*self._boxes.T))
        zone, project, distance_m = meeting.near(self._zones, own, (zone, project), within_m, self._max_vertices)
        order = np.lexsort((zone, project))
        return Distances(project[order], zone[order], distance_m[order])

    @property
    def _origin(self) -> tuple[float, float]:
        # Whole metres near the middle, so that taking it away is exact.
        boxes = self._boxes[~np.isnan(self._boxes[:, 0])]
        if boxes.size == 0:
            return 0.0, 0.0
        middle = np.round((boxes[:, :2].min(axis=0) + boxes[:, 2:].max(axis=0)) / 2)
        return float(middle[0]), float(middle[1])

    def _cut_zones(self, kernel: ModuleType) -> Side:
        if self._cut is None:
            self._cut = _side(kernel, self._zones, self._origin, _PER_PIECE * self._max_vertices)
        return self._cut


def _planar(geometries: ArrayLike) -> Geometries:
    array = np.asarray(geometries, dtype=object).ravel()
    if shapely.has_z(array).any():
        array = shapely.force_2d(array)
    robust.require_finite(array)
    return array


def _side(kernel: ModuleType, geometries: Geometries, origin: tuple[float, float], max_vertices: int) -> Side:
    rings, is_shell = flatten(geometries, origin)
    kernel.orient(rings, is_shell)
    cut = kernel.cut(rings, max_vertices)
    side: Side = kernel.Side(cut, kernel.boxes(cut), kernel.stretches(cut))
    return side


def _in_threads(kernel: ModuleType, own: Side, zones: Side, pairs: tuple[Indices, Indices]) -> Floats:
    starts = range(0, pairs[0].size, _AT_A_TIME)
    with ThreadPoolExecutor() as pool:
        areas = pool.map(
            lambda at: kernel.overlap_areas(
                own, zones, pairs[0][at : at + _AT_A_TIME], pairs[1][at : at + _AT_A_TIME], _NOISE
            ),
            starts,
        )
        return np.concatenate([np.empty(0), *areas])


def _summed(project: Indices, zone: Indices, area_m2: Floats, n_zones: int) -> Pairs:
    shares = np.flatnonzero(area_m2)
    key, row = np.unique(project[shares] * n_zones + zone[shares], return_inverse=True)
    return Pairs(key // n_zones, key % n_zones, np.bincount(row, area_m2[shares], key.size).astype(np.float64))
