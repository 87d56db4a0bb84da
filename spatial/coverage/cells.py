"""Class areas of a raster within zones, by the exact fraction of each cell (exactextract)."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
from exactextract import exact_extract
from exactextract.raster import NumPyRasterSource
from numpy.typing import NDArray
from pyproj import CRS

from spatial.equal_area import densify, reproject
from spatial.grid import cell_areas_m2
from spatial.io.rasters import ClassGrid

GeometryArray = NDArray[np.object_]


def class_areas(grid: ClassGrid, zones: GeometryArray, crs: CRS) -> pd.DataFrame:
    """Return the official area of each class within each zone.

    Parameters
    ----------
    grid
        North up: rows run south, columns run east.
    zones : ndarray of Polygon or MultiPolygon, shape (n,)
        In ``crs``; each is measured by itself, so overlapping zones count twice.
    crs
        CGCS2000 or WGS 84.

    Returns
    -------
    DataFrame
        ``zone`` (position), ``code``, ``area_m2``; no row where a zone has none of a class.

    Raises
    ------
    InputError
        If the grid is turned or mirrored.
    """
    west, south, east, north = grid.cells.bounds
    wkt = grid.crs.to_wkt()
    source = NumPyRasterSource(grid.codes, xmin=west, ymin=south, xmax=east, ymax=north, srs_wkt=wkt)
    frame = gpd.GeoDataFrame(geometry=reproject(densify(zones, crs), crs, grid.crs), crs=grid.crs)
    found = exact_extract(source, frame, ["cell_id", "coverage"], output="pandas")
    areas = cell_areas_m2(grid.cells).ravel()
    codes, valid = grid.codes.ravel(), grid.valid.ravel()
    parts = []
    for zone, (cell, fraction) in enumerate(zip(found["cell_id"], found["coverage"], strict=True)):
        inside = np.asarray(cell, dtype=np.intp)
        kept = valid[inside]
        classes, place = np.unique(codes[inside[kept]], return_inverse=True)
        summed = np.bincount(place, weights=(np.asarray(fraction) * areas[inside])[kept], minlength=len(classes))
        parts.append(pd.DataFrame({"zone": zone, "code": classes, "area_m2": summed}))
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=["zone", "code", "area_m2"])
