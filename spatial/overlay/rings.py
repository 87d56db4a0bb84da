"""Polygons as flat arrays of rings, the form in which compiled kernels take them."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray

Geometries = NDArray[np.object_]
Floats = NDArray[np.float64]
Indices = NDArray[np.intp]


class Rings(NamedTuple):
    """Polygons as flat arrays.

    Attributes
    ----------
    x, y : array of float, shape (vertices,)
        Metres; every ring ends where it starts.
    ring_start : array of int, shape (rings + 1,)
        Ring ``r`` has the vertices ``ring_start[r]`` up to ``ring_start[r + 1]``.
    first_ring : array of int, shape (polygons + 1,)
        Polygon ``p`` has the rings ``first_ring[p]`` up to ``first_ring[p + 1]``.
    owner : array of int, shape (polygons,)
        The geometry that the polygon is, or was cut from.
    """

    x: Floats
    y: Floats
    ring_start: Indices
    first_ring: Indices
    owner: Indices


def flatten(geometries: Geometries, origin: tuple[float, float]) -> tuple[Rings, NDArray[np.bool_]]:
    """Lay the polygons among some geometries out as flat arrays.

    Parameters
    ----------
    geometries : array of geometries, shape (n,)
        Valid; planar, metres. Lines, points, empty and missing geometries are passed over.
    origin : tuple of float
        Easting and northing from which coordinates shall count, metres. Near the data, so that
        products of coordinates keep all their digits.

    Returns
    -------
    rings : Rings
        One polygon, of any number of shells and holes, per polygonal geometry.
    is_shell : array of bool, shape (rings,)
        Whether a ring is a shell; otherwise it is a hole.
    """
    polygonal = (shapely.get_dimensions(geometries) == 2) & ~shapely.is_empty(geometries)  # noqa: PLR2004
    owner = np.flatnonzero(polygonal)
    if owner.size == 0:
        none, zero = np.empty(0), np.zeros(1, dtype=np.intp)
        return Rings(none, none.copy(), zero, zero.copy(), owner), np.empty(0, dtype=bool)
    _, coordinates, offsets = shapely.to_ragged_array(geometries[owner], include_z=False)
    ring_start, polygon_start = (np.asarray(offset, dtype=np.intp) for offset in offsets[:2])
    first_ring = polygon_start if len(offsets) == 2 else polygon_start[offsets[2]]  # noqa: PLR2004
    is_shell = np.zeros(ring_start.size - 1, dtype=bool)
    is_shell[polygon_start[:-1]] = True
    x, y = coordinates[:, 0] - origin[0], coordinates[:, 1] - origin[1]
    return Rings(x, y, ring_start, first_ring, owner), is_shell
