"""Whether coordinates fit the coordinate system they are labelled with (DOMAIN 2.4)."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import CRS

from spatial.errors import InputError

# China in degrees and in the Gauss-Kruger plane. DOMAIN 2.4.
_LON = (73.0, 136.0)
_LAT = (3.0, 54.0)
_NORTHING_M = (330_000.0, 6_000_000.0)
_EASTING_M = (-500_000.0, 1_500_000.0)
_ZONE_M = 1_000_000.0


def check_coordinates(path: Path, geometry: NDArray[np.object_], crs: CRS) -> None:
    """Refuse a layer whose coordinates contradict its coordinate system.

    Parameters
    ----------
    path
        For the message.
    geometry : ndarray of shapely geometries, shape (n,)
        As read, x first.
    crs
        The system the file or the catalogue states.

    Raises
    ------
    InputError
        Degrees labelled metres and the reverse, swapped axes, a zone prefix too many or too few.
    """
    bounds = shapely.total_bounds(geometry)
    if not np.isfinite(bounds).all():
        return
    west, south, east, north = map(float, bounds)
    values = {"file": path, "crs": crs.name, "x": f"{west:.6g}", "y": f"{south:.6g}"}
    if crs.is_geographic:
        if max(abs(west), abs(east)) > 360 or max(abs(south), abs(north)) > 90:  # noqa: PLR2004 -- degrees of a circle
            swapped = _within((south, north), _LON) and _within((west, east), _LAT)
            raise InputError("axes_swapped" if swapped else "metres_labelled_degrees", **values)
        return
    if max(map(abs, (west, south, east, north))) <= 360:  # noqa: PLR2004 -- degrees of a circle
        raise InputError("degrees_labelled_metres", **values)
    if "Transverse Mercator" not in _method(crs):
        return
    false_easting = _false_easting(crs)
    easting = (_EASTING_M[0] + false_easting - 500_000.0, _EASTING_M[1] + false_easting - 500_000.0)
    if _within((west, east), easting) and _within((south, north), _NORTHING_M):
        return
    if _within((south, north), easting) and _within((west, east), _NORTHING_M):
        raise InputError("axes_swapped", **values)
    if west > _ZONE_M * 10 and false_easting < _ZONE_M:
        raise InputError("zone_prefix_extra", **values, zone=int(west // _ZONE_M))
    if false_easting > _ZONE_M * 10 and abs(east) < _ZONE_M * 10:
        raise InputError("zone_prefix_missing", **values, zone=int(false_easting // _ZONE_M))
    raise InputError("coordinates_outside", **values)


def _within(span: tuple[float, float], limits: tuple[float, float]) -> bool:
    return limits[0] <= span[0] and span[1] <= limits[1]


def _method(crs: CRS) -> str:
    return crs.coordinate_operation.method_name if crs.coordinate_operation is not None else ""


def _false_easting(crs: CRS) -> float:
    parameters = crs.coordinate_operation.params if crs.coordinate_operation is not None else []
    return next((float(p.value) for p in parameters if p.name == "False easting"), 0.0)
