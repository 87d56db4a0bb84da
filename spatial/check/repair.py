"""Repair of a layer: what is certain is mended, everything else is left and said, and nothing else is touched."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import CRS

from spatial.check.cleaning import Readings, cleaned
from spatial.check.plane import Plane, plane_of
from spatial.check.shapes import check_flat, check_presence

Geometries = NDArray[np.object_]


@dataclass(frozen=True)
class Repair:
    """What was done to a feature, or why it was left.

    Parameters
    ----------
    row
        Position in the layer, from 0.
    steps
        Codes of ``data/checks.toml`` that were mended, in order; empty where the feature was left as it was.
    left
        Reason of GEOS why it is still invalid; empty where it is valid.
    at
        x (east) and y (north) of its first vertex, in file coordinates.
    before, after
        Areas in the plane's unit, official where that can be had; 0 for lines.
    readings
        For an invalid outline: the areas it may mean.
    """

    row: int
    steps: tuple[str, ...]
    left: str
    at: tuple[float, float]
    before: float
    after: float
    readings: Readings | None

    @property
    def change(self) -> float:
        """What the repair did to the area."""
        return self.after - self.before


def repair(frame: gpd.GeoDataFrame, *, crs: CRS | None) -> tuple[gpd.GeoDataFrame, tuple[Repair, ...]]:
    """Repair what can be repaired without a decision.

    Repeated points and spikes are taken out, rings that enclose nothing dropped, holes turned, and
    polygons made valid where every reading of their outline has the same area. A bow-tie is left:
    its points are in the wrong order, and only the survey knows the right one. Missing and empty
    geometries keep their rows, duplicates are kept both, overlaps and gaps stay: whose land it is
    is not for a program to say.

    Parameters
    ----------
    frame
        Features as read.
    crs
        The plane to believe, as for :func:`spatial.check.layer.check_layer`.

    Returns
    -------
    frame : GeoDataFrame
        The same rows; features that needed nothing are the same to the last bit.
    log : tuple of Repair
        What was mended, and what was invalid and left.

    Examples
    --------
    >>> from shapely import Polygon
    >>> frame = gpd.GeoDataFrame(geometry=[Polygon([(0, 0), (9, 0), (9, 0), (9, 9)])], crs=4526)
    >>> fixed, log = repair(frame, crs=None)
    >>> fixed.geometry[0].wkt, log[0].steps
    ('POLYGON ((0 0, 9 0, 9 9, 0 0))', ('repeated_point',))
    """
    raw = np.asarray(frame.geometry.array, dtype=object)
    sound = check_presence(raw, "", [""] * len(raw)).geometry
    plane = plane_of(sound, crs)
    sound = check_flat(sound, plane, "", [""] * len(raw)).geometry
    result = np.array(raw, dtype=object)
    log = []
    for row in np.flatnonzero(~shapely.is_missing(sound)).tolist():
        after = cleaned(sound[row], plane)
        if not after.steps and not after.left:
            continue
        result[row] = after.geometry
        log.append(_entry(row, sound[row], after.geometry, plane, after))
    return frame.set_geometry(gpd.GeoSeries(result, index=frame.index, crs=frame.crs)), tuple(log)


def _entry(row: int, before: Any, after: Any, plane: Plane, done: Any) -> Repair:
    areas = plane.areas_m2(np.array([before, after], dtype=object))
    x, y = shapely.get_coordinates(before)[0].tolist()
    return Repair(row, done.steps, done.left, (x, y), float(areas[0]), float(areas[1]), done.readings)
