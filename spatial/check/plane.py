"""How the coordinates of a file become metres, whatever the file says, or does not say, of its plane."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import CRS

from spatial.areas import official_area_m2
from spatial.crs import require_same_datum
from spatial.errors import InputError
from spatial.words import Text

Geometries = NDArray[np.object_]
Floats = NDArray[np.float64]

_CIRCLE_DEG, _QUARTER_DEG = 360.0, 90.0
# Metres of a degree of latitude on the ellipsoid at 36 degrees, and of longitude on the equator:
# good to 1 % anywhere in China, for thresholds only; areas that are printed never come from these.
_WIDEST_M = 6_000_000.0
_DEGREE_LAT_M, _DEGREE_LON_M = 110_960.0, 111_320.0


@dataclass(frozen=True)
class Plane:
    """The plane a layer's coordinates lie in.

    Parameters
    ----------
    crs
        ``None`` where the file states none, or one that its coordinates contradict.
    is_degrees
        Whether coordinates are longitude and latitude.
    unit_m
        Metres per unit of a projected plane.
    origin
        Near the middle of the data, in file coordinates.
    """

    crs: CRS | None
    is_degrees: bool
    unit_m: float
    origin: tuple[float, float]

    @property
    def is_official(self) -> bool:
        """Whether official areas can be had: the datum is CGCS2000 or WGS 84."""
        if self.crs is None:
            return False
        try:
            require_same_datum(self.crs)
        except InputError:
            return False
        return True

    @property
    def unit(self) -> Text:
        """What areas are given in."""
        if self.is_official:
            return Text("check_unit_official")
        return Text("check_unit_plane" if self.crs is not None else "check_unit_own")

    def scale(self, latitude: Floats) -> Floats:
        """Return metres per unit of x and y, shape (n, 2), at some latitudes (or northings, unused)."""
        if not self.is_degrees:
            return np.full((len(latitude), 2), self.unit_m)
        across = _DEGREE_LON_M * np.cos(np.radians(np.clip(latitude, -_QUARTER_DEG, _QUARTER_DEG)))
        return np.column_stack([across, np.full(len(latitude), _DEGREE_LAT_M)])

    def local(self, geometry: Geometries) -> Geometries:
        """Return geometries in metres from the origin: one scale for the whole layer, so straight lines stay straight."""
        scale = self.scale(np.array([self.origin[1]]))[0]
        flat = shapely.force_2d(np.asarray(geometry, dtype=object))
        return np.asarray(shapely.transform(flat, lambda xy: (xy - self.origin) * scale), dtype=object)

    def point(self, x: float, y: float) -> tuple[float, float]:
        """Return a local point in the file's coordinates."""
        across, along = self.scale(np.array([self.origin[1]]))[0]
        return float(x / across + self.origin[0]), float(y / along + self.origin[1])

    def back(self, geometry: Geometries) -> Geometries:
        """Return local geometries in the file's coordinates."""
        scale = self.scale(np.array([self.origin[1]]))[0]
        geoms = np.asarray(geometry, dtype=object)
        return np.asarray(shapely.transform(geoms, lambda xy: xy / scale + self.origin), dtype=object)

    def areas_m2(self, geometry: Geometries) -> Floats:
        """Return areas of polygons in file coordinates: official where that can be had, else of the plane.

        Without a coordinate system they are in squares of the file's own unit, taken as metres;
        degrees are scaled to metres roughly. :attr:`unit` says which. A polygon wider than China, or
        outside the reach of its plane, keeps its planar area.
        """
        geoms = np.asarray(geometry, dtype=object)
        areas = np.asarray(shapely.area(self.local(geoms)), dtype=np.float64)
        if not self.is_official or self.crs is None:
            return areas
        # A stray vertex makes an edge across the world: cut every 50 m it would fill the memory.
        bounds = shapely.bounds(geoms)
        span = (bounds[:, 2:] - bounds[:, :2]) * self.scale(np.array([self.origin[1]]))[0]
        rows = np.flatnonzero((span < _WIDEST_M).all(axis=1))
        with np.errstate(invalid="ignore"):
            official = official_area_m2(geoms[rows], self.crs)
        known = np.isfinite(official)
        areas[rows[known]] = official[known]
        return areas


def plane_of(geometry: Geometries, crs: CRS | None) -> Plane:
    """Return the plane of a layer.

    Parameters
    ----------
    geometry : ndarray of shapely geometries, shape (n,)
    crs
        What is known of it; ``None`` lets the size of the coordinates tell degrees from metres.
    """
    bounds = shapely.bounds(geometry)
    bounds = bounds[np.isfinite(bounds).all(axis=1)]
    west, south, east, north = (
        (*bounds[:, :2].min(axis=0).tolist(), *bounds[:, 2:].max(axis=0).tolist()) if len(bounds) else (0.0,) * 4
    )
    if crs is None:
        is_degrees = bool(
            len(bounds) and max(abs(west), abs(east)) <= _CIRCLE_DEG and max(abs(south), abs(north)) <= _QUARTER_DEG
        )
        unit_m = 1.0
    else:
        is_degrees = crs.is_geographic
        unit_m = 1.0 if is_degrees or not crs.axis_info else crs.axis_info[0].unit_conversion_factor
    middle = ((west + east) / 2, (south + north) / 2)
    origin = middle if is_degrees else (float(np.round(middle[0])), float(np.round(middle[1])))
    return Plane(crs, is_degrees, unit_m, origin)
