"""Slope classes as polygons, for a map or another program."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
from rasterio.features import shapes

from spatial.grid import Grid, cell_areas_m2
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
    from spatial.terrain.kernels import label

    labels = np.empty(codes.shape, dtype=np.int32)
    count = label(np.ascontiguousarray(codes), labels)
    # A polygon is its cells and has their areas: what a class has is the same in both, to the last digit.
    area_m2 = np.bincount(labels.ravel(), cell_areas_m2(grid).ravel(), minlength=count)
    code = np.zeros(count, dtype=np.uint8)
    code[labels.ravel()] = codes.ravel()
    drawn = shapes(labels, mask=codes != NO_SLOPE, connectivity=4, transform=grid.transform)
    found = {int(patch): shapely.geometry.shape(outline) for outline, patch in drawn}
    # Patches are numbered in the order in which they are met from the north-west.
    order = np.array(sorted(found, key=lambda patch: (code[patch], patch)), dtype=np.int64)
    named = {one.code: one.name for one in scheme.classes}
    return gpd.GeoDataFrame(
        {
            "code": code[order],
            "name_zh": [named[one].zh for one in code[order].tolist()],
            "name_en": [named[one].en for one in code[order].tolist()],
            "area_m2": area_m2[order],
        },
        geometry=[found[patch] for patch in order.tolist()],
        crs=grid.crs,
    )
