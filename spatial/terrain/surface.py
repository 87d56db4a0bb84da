"""The area of the ground's surface, for earthworks only: statutory areas are plan areas."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pyproj import CRS

from spatial.grid import Grid, cell_area_series, cell_areas_m2
from spatial.terrain.classes import Scheme, classify
from spatial.terrain.fractions import zone_spans

#: Columns of the kernel's sums before those of the codes.
_SLOPE_SUMS = 4


def surface_areas_m2(slope: NDArray[np.float32], grid: Grid) -> NDArray[np.float64]:
    """Return the area of each cell along the ground, its plan area divided by the cosine of its slope.

    Never for a figure of land use, of a red line or of a plan: those are plan areas (DOMAIN 5.6).

    Parameters
    ----------
    slope : ndarray of float32, shape (rows, columns)
        Degrees, nan where there is none.
    grid
        Where the cells lie.

    Returns
    -------
    ndarray of float, shape (rows, columns)
        Square metres; nan without a slope.
    """
    areas: NDArray[np.float64] = cell_areas_m2(grid) / np.cos(np.radians(slope.astype(np.float64)))
    return areas


def surface_by_zone(
    slope: NDArray[np.float32], grid: Grid, zones: NDArray[np.object_], crs: CRS, scheme: Scheme
) -> pd.DataFrame:
    """Return the area of the ground's surface of each slope class in each zone.

    Parameters
    ----------
    slope : ndarray of float32, shape (rows, columns)
        Degrees, nan where there is none.
    grid
        Where the cells lie.
    zones : ndarray of Polygon or MultiPolygon, shape (n,)
        In ``crs``; cells count by the exact part in a zone.
    crs
        CGCS2000 or WGS 84.
    scheme
        Of slope classes.

    Returns
    -------
    DataFrame
        ``zone``, ``code``, ``surface_m2``: all zones with all classes; cells without a slope have no surface.
    """
    from spatial.terrain.kernels import parcel_sums

    codes, areas, spans = classify(slope, scheme), cell_area_series(grid), zone_spans(zones, crs, grid)
    times = (surface_areas_m2(slope, grid) / cell_areas_m2(grid)).astype(np.float32)
    found = []
    for one in scheme.classes:
        sums = np.zeros((len(zones), _SLOPE_SUMS + 1 + len(scheme.classes)))
        parcel_sums(codes, np.where(codes == one.code, times, np.float32(np.nan)), areas, spans, sums)
        found.append(pd.DataFrame({"zone": np.arange(len(zones)), "code": one.code, "surface_m2": sums[:, 0]}))
    return pd.concat(found, ignore_index=True)
