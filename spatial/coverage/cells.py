"""Class areas of a raster within zones, by the exact fraction of each cell (exactextract)."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
from exactextract import exact_extract
from exactextract.raster import NumPyRasterSource
from numpy.typing import NDArray
from pyproj import CRS

from spatial.crs import equal_area_crs, transformers
from spatial.equal_area import densify, reproject
from spatial.errors import InputError
from spatial.io.rasters import ClassGrid

GeometryArray = NDArray[np.object_]
FloatArray = NDArray[np.float64]


def cell_areas_m2(grid: ClassGrid) -> FloatArray:
    """Return the official area of each cell.

    Parameters
    ----------
    grid
        In any plane; its cells' corners are moved to the equal-area plane.

    Returns
    -------
    ndarray of float, shape (rows, columns)
        Square metres. Sides of a cell are taken as straight there, which for a side of 30 m errs by less
        than 1e-9 of its area.
    """
    rows, columns = grid.codes.shape
    column, row = np.meshgrid(np.arange(columns + 1.0), np.arange(rows + 1.0))
    a, b, c, d, e, f = grid.transform[:6]
    x, y = (a * column + b * row + c).ravel(), (d * column + e * row + f).ravel()
    for step in transformers(grid.crs.srs, equal_area_crs().srs):
        x, y = step.transform(x, y)
    at = np.column_stack([x, y]).reshape(rows + 1, columns + 1, 2)
    first, second = at[1:, 1:] - at[:-1, :-1], at[1:, :-1] - at[:-1, 1:]
    # The area of a quadrilateral is half the cross product of its diagonals.
    areas: FloatArray = np.abs(first[..., 0] * second[..., 1] - first[..., 1] * second[..., 0]) / 2
    return areas


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
    a, b, c, d, e, f = grid.transform[:6]
    if b or d or a <= 0 or e >= 0:
        raise InputError("raster_turned")
    rows, columns = grid.codes.shape
    wkt = grid.crs.to_wkt()
    source = NumPyRasterSource(grid.codes, xmin=c, ymin=f + e * rows, xmax=c + a * columns, ymax=f, srs_wkt=wkt)
    frame = gpd.GeoDataFrame(geometry=reproject(densify(zones, crs), crs, grid.crs), crs=grid.crs)
    found = exact_extract(source, frame, ["cell_id", "coverage"], output="pandas")
    areas = cell_areas_m2(grid).ravel()
    codes, valid = grid.codes.ravel(), grid.valid.ravel()
    parts = []
    for zone, (cell, fraction) in enumerate(zip(found["cell_id"], found["coverage"], strict=True)):
        inside = np.asarray(cell, dtype=np.intp)
        kept = valid[inside]
        classes, place = np.unique(codes[inside[kept]], return_inverse=True)
        summed = np.bincount(place, weights=(np.asarray(fraction) * areas[inside])[kept], minlength=len(classes))
        parts.append(pd.DataFrame({"zone": zone, "code": classes, "area_m2": summed}))
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=["zone", "code", "area_m2"])
