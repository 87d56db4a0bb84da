"""Ways to divide a district: by name, by grid cell, by the classes of a raster."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import rasterio.features
import shapely
from numpy.typing import NDArray
from pyproj import CRS

from spatial.coverage.cover import UNNAMED, Partition
from spatial.equal_area import to_equal_area
from spatial.errors import InputError
from spatial.io.rasters import ClassGrid

GeometryArray = NDArray[np.object_]

#: A partition of more cells than this is a mistake in the cell size.
_MOST_CELLS = 1_000_000


def by_name(name: str, geometry: GeometryArray, names: Sequence[str]) -> Partition:
    """Return a partition whose units are the features of one name.

    Parameters
    ----------
    name
        What the partition is called.
    geometry : ndarray of Polygon or MultiPolygon, shape (n,)
        In the equal-area plane.
    names
        Name of each feature; units stand in the order of their first one. Nameless features are one unit,
        ``?``: land in a unit without a name is not land in no unit.

    Examples
    --------
    >>> boxes = np.array([shapely.box(0, 0, 1, 1), shapely.box(1, 0, 2, 1), shapely.box(2, 0, 3, 1)])
    >>> found = by_name("TOWNSHIP", boxes, ["b", "a", "b"])
    >>> found.units, found.unit.tolist()
    (('b', 'a'), [0, 1, 0])
    """
    called = [unit or UNNAMED for unit in names]
    units = tuple(dict.fromkeys(called))
    place = {unit: number for number, unit in enumerate(units)}
    return Partition(name, units, geometry, np.array([place[unit] for unit in called], dtype=np.intp))


def by_cell(district: GeometryArray, size_m: float, plane: CRS) -> Partition:
    """Return square cells over a district, on whole multiples of their size.

    Parameters
    ----------
    district : ndarray of Polygon or MultiPolygon, shape (n,)
        In ``plane``.
    size_m
        Side of a cell [m].
    plane
        A Gauss-Kruger plane [m].

    Returns
    -------
    Partition
        In the equal-area plane; a cell is called by the easting and northing of its south-west corner [m].

    Raises
    ------
    InputError
        If the size is not positive or larger than the district, or there would be more than a million cells.
    """
    west, south, east, north = shapely.total_bounds(district)
    widest_m = max(east - west, north - south)
    if not 0 < size_m <= widest_m or (east - west) * (north - south) > _MOST_CELLS * size_m**2:
        raise InputError("grid_size", size=f"{size_m:g}", most=_MOST_CELLS)
    xs = np.arange(np.floor(west / size_m), np.ceil(east / size_m)) * size_m
    ys = np.arange(np.floor(south / size_m), np.ceil(north / size_m)) * size_m
    x, y = (side.ravel() for side in np.meshgrid(xs, ys))
    cells = shapely.box(x, y, x + size_m, y + size_m)
    met = np.unique(shapely.STRtree(cells).query(district, predicate="intersects")[1])
    names = [f"{east:.0f} {north:.0f}" for east, north in zip(x[met].tolist(), y[met].tolist(), strict=True)]
    return by_name(f"grid_{size_m:g}m", to_equal_area(cells[met], plane), names)


def by_class(name: str, grid: ClassGrid) -> Partition:
    """Return the classes of a raster as polygons along the edges of its cells.

    Parameters
    ----------
    name
        What the partition is called.
    grid
        Cells without data are in no unit.

    Returns
    -------
    Partition
        In the equal-area plane; units in the order of their codes. Zones cut cells where they really
        run, so that areas are those of exact cell fractions.
    """
    shapes, codes = [], []
    for geometry, code in rasterio.features.shapes(grid.codes, mask=grid.valid, transform=grid.transform):
        shapes.append(shapely.geometry.shape(geometry))
        codes.append(int(code))
    known = sorted(set(codes))
    place = {code: number for number, code in enumerate(known)}
    outlines = np.empty(len(shapes), dtype=object)
    outlines[:] = shapes
    units = tuple(grid.name(code) for code in known)
    return Partition(name, units, to_equal_area(outlines, grid.crs), np.array([place[c] for c in codes], dtype=np.intp))
