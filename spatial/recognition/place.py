"""Where a layer is supposed to lie: the outline of a district."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import CRS
from shapely.geometry.base import BaseGeometry

from spatial.crs import CGCS2000_GEOGRAPHIC, gauss_kruger_of
from spatial.equal_area import densify, reproject
from spatial.settings import setting

GeometryArray = NDArray[np.object_]
FloatArray = NDArray[np.float64]


@dataclass(frozen=True)
class Place:
    """The district that data must lie in.

    Parameters
    ----------
    outline : ndarray of shapely polygons or lines, shape (n,)
        Longitude and latitude in degrees, CGCS2000.
    source
        File it was read from, for messages.
    """

    outline: GeometryArray
    source: str = ""

    @cached_property
    def _around(self) -> tuple[CRS, BaseGeometry]:
        """The district with its margin, and the plane it is in."""
        west, _, east, _ = shapely.total_bounds(self.outline).tolist()
        plane = CRS(gauss_kruger_of((west + east) / 2))
        inside = shapely.union_all(reproject(self.outline, CRS(CGCS2000_GEOGRAPHIC), plane))
        around = shapely.buffer(inside, setting("place_margin_m"))
        shapely.prepare(around)
        return plane, around

    def share_inside(self, lon: FloatArray, lat: FloatArray) -> float:
        """Return the share of points that lie in the district or within its margin.

        Parameters
        ----------
        lon, lat : ndarray of float, shape (n,)
            Degrees; values that are no longitude and latitude are outside.
        """
        box = shapely.total_bounds(self.outline)
        # A wrong system puts points anywhere on earth: only those nearby are worth projecting.
        near = (np.abs(lon - (box[0] + box[2]) / 2) < 3 + box[2] - box[0]) & (np.abs(lat) < 90)  # noqa: PLR2004
        if not near.any():
            return 0.0
        plane, around = self._around
        points = reproject(shapely.points(lon[near], lat[near]), CRS(CGCS2000_GEOGRAPHIC), plane)
        x, y = shapely.get_coordinates(points).T
        return float(shapely.contains_xy(around, x, y).sum() / len(lon))

    def holds(self, lon: FloatArray, lat: FloatArray) -> bool:
        """Whether a layer with these points lies in the district and its margin."""
        return self.share_inside(lon, lat) >= setting("place_share")

    def middle(self) -> tuple[float, float]:
        """Return longitude and latitude of the outline's middle [degrees]."""
        west, south, east, north = shapely.total_bounds(self.outline).tolist()
        return (west + east) / 2, (south + north) / 2

    def lies_within(self, box: tuple[float, float, float, float]) -> bool:
        """Whether a layer's box in degrees (west, south, east, north) takes in the whole district."""
        west, south, east, north = shapely.total_bounds(self.outline).tolist()
        return bool(box[0] <= west and box[1] <= south and box[2] >= east and box[3] >= north)


def place_of(geometry: GeometryArray, crs: CRS, source: str = "") -> Place:
    """Return the place of an outline in any plane.

    Parameters
    ----------
    geometry : ndarray of shapely polygons, shape (n,)
    crs
        CGCS2000 or WGS 84.
    source
        File it was read from.
    """
    dense = densify(geometry, crs, step_m=setting("place_margin_m") / 10)
    return Place(reproject(dense, crs, CRS(CGCS2000_GEOGRAPHIC)), source)
