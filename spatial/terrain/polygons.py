"""Slope classes as polygons, for a map or another program."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
from rasterio.features import shapes

from spatial.areas import official_area_m2
from spatial.grid import Grid
from spatial.terrain.classes import NO_SLOPE, Scheme


def class_polygons(codes: NDArray[np.uint8], grid: Grid, scheme: Scheme) -> gpd.GeoDataFrame:
    """Return the outline of every patch of a class, along the sides of cells.

    Parameters
    ----------
    codes : ndarray of uint8, shape (rows, columns)
        From :func:`spatial.terrain.classes.classify`; cells without a slope have no polygon.
    grid
        Where the cells lie.
    scheme
        The one that the codes are of.

    Returns
    -------
    GeoDataFrame
        In the grid's system: ``code``, ``name_zh``, ``name_en``, ``area_m2`` (official); by class, in a
        class from the north. Patches hang together along sides of cells, not corners.
    """
    found = [
        (int(code), shapely.geometry.shape(outline))
        for outline, code in shapes(codes, mask=codes != NO_SLOPE, connectivity=4, transform=grid.transform)
    ]
    found.sort(key=lambda one: (one[0], -one[1].bounds[3], one[1].bounds[0]))
    outlines = np.array([outline for _, outline in found], dtype=object)
    named = {one.code: one.name for one in scheme.classes}
    return gpd.GeoDataFrame(
        {
            "code": np.array([code for code, _ in found], dtype=np.uint8),
            "name_zh": [named[code].zh for code, _ in found],
            "name_en": [named[code].en for code, _ in found],
            "area_m2": official_area_m2(outlines, grid.crs) if found else np.empty(0),
        },
        geometry=outlines,
        crs=grid.crs,
    )
