"""Whether coordinates fit the coordinate system they are labelled with (DOMAIN 2.4)."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import CRS

from spatial.crs import to_degrees, transverse_mercator
from spatial.errors import InputError
from spatial.io.placing import fitting
from spatial.recognition.candidates import EASTING_M, LAT_DEG, LON_DEG, MERCATOR_M, NORTHING_M, ZONE_M, within
from spatial.recognition.place import Place

_CIRCLE = 360.0


def check_coordinates(
    path: Path, geometry: NDArray[np.object_], crs: CRS, names: Sequence[str], place: Place | None = None
) -> None:
    """Refuse a layer whose coordinates contradict its coordinate system.

    Parameters
    ----------
    path, names
        File, and one name per feature, for the message.
    geometry : ndarray of shapely geometries, shape (n,)
        As read, x first.
    crs
        The system the file or the catalogue states.
    place
        Where the layer should lie, where that is known: it helps to name the system that fits.

    Raises
    ------
    InputError
        Degrees labelled metres and the reverse, swapped axes, a zone prefix too many or too few, any
        place outside China; the message names the first feature that is wrong, and the system that would fit.
    """
    bounds = shapely.bounds(geometry)
    present = np.isfinite(bounds).all(axis=1)
    if not present.any() or _plausible(bounds[present], crs):
        return
    for row, (west, south, east, north) in zip(np.flatnonzero(present), bounds[present].tolist(), strict=True):
        fault = _fault((west, south, east, north), crs)
        if fault is not None:
            values: dict[str, object] = {"crs": crs.name, "x": f"{west:.6g}", "y": f"{south:.6g}"}
            key, zone = fault
            points = shapely.get_coordinates(geometry[row])
            raise InputError(
                key, file=path, feature=names[int(row)], zone=zone, fits=fitting(points, place, crs), **values
            )


def _plausible(bounds: NDArray[np.float64], crs: CRS) -> bool:
    """Whether nothing can be wrong with any feature, since nothing is with the box around all of them."""
    west, south = (float(value) for value in bounds[:, :2].min(axis=0))
    east, north = (float(value) for value in bounds[:, 2:].max(axis=0))
    if _is_other_plane(crs) and not _in_china(bounds, crs):
        return False
    # A few degrees among metres do not show in the box.
    degrees = not crs.is_geographic and bool((np.abs(bounds).max(axis=1) <= _CIRCLE).any())
    return not degrees and _fault((west, south, east, north), crs) is None


def _fault(box: tuple[float, float, float, float], crs: CRS) -> tuple[str, int] | None:
    """Return what is wrong with a feature's box, and the zone that the message names."""
    if crs.is_geographic:
        return _fault_in_degrees(box)
    if max(map(abs, box)) <= _CIRCLE:
        return "degrees_labelled_metres", 0
    west, south, east, north = box
    method = _method(crs)
    if "Pseudo Mercator" in method:
        fits = within((west, east), MERCATOR_M[0]) and within((south, north), MERCATOR_M[1])
        return None if fits else ("coordinates_outside", 0)
    if _is_other_plane(crs):
        return None if _in_china(np.array([box]), crs) else ("coordinates_outside", 0)
    return _fault_in_zone(box, _false_easting(crs))


def _fault_in_degrees(box: tuple[float, float, float, float]) -> tuple[str, int] | None:
    west, south, east, north = box
    if within((west, east), LON_DEG) and within((south, north), LAT_DEG):
        return None
    if within((south, north), LON_DEG) and within((west, east), LAT_DEG):
        return "axes_swapped", 0
    degrees = max(abs(west), abs(east)) <= _CIRCLE and max(abs(south), abs(north)) <= _CIRCLE / 4
    return ("coordinates_outside" if degrees else "metres_labelled_degrees"), 0


def _fault_in_zone(box: tuple[float, float, float, float], false_easting: float) -> tuple[str, int] | None:
    west, south, east, north = box
    easting = (EASTING_M[0] + false_easting - 500_000.0, EASTING_M[1] + false_easting - 500_000.0)
    if within((west, east), easting) and within((south, north), NORTHING_M):
        return None
    if within((south, north), easting) and within((west, east), NORTHING_M):
        return "axes_swapped", 0
    if west > ZONE_M * 10 and false_easting < ZONE_M:
        return "zone_prefix_extra", int(west // ZONE_M)
    if false_easting > ZONE_M * 10 and abs(east) < ZONE_M * 10:
        return "zone_prefix_missing", int(false_easting // ZONE_M)
    return "coordinates_outside", 0


def _is_other_plane(crs: CRS) -> bool:
    """Whether a plane is neither a zone, whose numbers say much by themselves, nor Web Mercator."""
    return crs.is_projected and transverse_mercator(crs) is None and "Pseudo Mercator" not in _method(crs)


def _in_china(bounds: NDArray[np.float64], crs: CRS) -> bool:
    """Whether the middles of all boxes lie in China: the corners of a box in a cone need not."""
    lon, lat = to_degrees(crs).transform((bounds[:, 0] + bounds[:, 2]) / 2, (bounds[:, 1] + bounds[:, 3]) / 2)
    return within((lon.min(), lon.max()), LON_DEG) and within((lat.min(), lat.max()), LAT_DEG)


def _method(crs: CRS) -> str:
    return crs.coordinate_operation.method_name if crs.coordinate_operation is not None else ""


def _false_easting(crs: CRS) -> float:
    parameters = crs.coordinate_operation.params if crs.coordinate_operation is not None else []
    return next((float(p.value) for p in parameters if p.name == "False easting"), 0.0)
