"""Giant zones cut into pieces, and the order in which pieces that lie near each other stand near each other."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from spatial.overlay import robust

FloatArray = NDArray[np.float64]
GeometryArray = NDArray[np.object_]

_SMALLEST_M = 1.0
"""Cells smaller than this are not cut: a thousand parts may touch in one point."""


def cut_into_cells(zone: BaseGeometry, most: int) -> tuple[FloatArray, GeometryArray]:
    """Cut a polygon by halves until no piece has more than so many vertices.

    Parameters
    ----------
    zone
        Valid polygon, planar.
    most
        Vertices of a piece.

    Returns
    -------
    boxes : ndarray of float, shape (n, 4)
        West, south, east, north of the cells. Every point of the zone lies in one of them: a cell is
        left out only if the zone itself, uncut, does not meet it.
    pieces : ndarray of shapely geometries, shape (n,)
        What the cells hold; empty where the zone only touches one.

    Examples
    --------
    >>> boxes, pieces = cut_into_cells(shapely.Point(0, 0).buffer(100, quad_segs=100), 150)
    >>> len(boxes), round(float(shapely.area(pieces).sum()))
    (4, 31415)
    """
    shapely.prepare(zone)
    waiting: list[tuple[tuple[float, float, float, float], BaseGeometry]] = [(zone.bounds, zone)]
    boxes: list[tuple[float, float, float, float]] = []
    pieces: list[BaseGeometry] = []
    while waiting:
        box, piece = waiting.pop()
        if shapely.get_num_coordinates(piece) <= most or max(box[2] - box[0], box[3] - box[1]) < _SMALLEST_M:
            boxes.append(box)
            pieces.append(piece)
            continue
        # Cutting may lose a part that is hair-thin; asking the zone itself does not.
        met = [half for half in _halves(box) if shapely.intersects(zone, shapely.box(*half))]
        waiting.extend((half, _within(piece, half)) for half in met)
    shapely.destroy_prepared(zone)
    found = np.empty(len(pieces), dtype=object)
    found[:] = pieces
    return np.array(boxes), found


def _within(piece: BaseGeometry, box: tuple[float, float, float, float]) -> BaseGeometry:
    # Not clipped by GEOS's own clipping, which goes wrong where a vertex lies on the edge of the window.
    one, other = np.array([piece], dtype=object), np.array([shapely.box(*box)], dtype=object)
    found: BaseGeometry = robust.of_dimension(robust.intersection(one, other), 2)[0]
    return found


def _halves(
    box: tuple[float, float, float, float],
) -> tuple[tuple[float, float, float, float], tuple[float, float, float, float]]:
    west, south, east, north = box
    if east - west > north - south:
        middle = (west + east) / 2
        return (west, south, middle, north), (middle, south, east, north)
    middle = (south + north) / 2
    return (west, south, east, middle), (west, middle, east, north)


def hilbert_order(boxes: FloatArray) -> NDArray[np.intp]:
    """Return the order of boxes along a Hilbert curve through their middles.

    Parameters
    ----------
    boxes : ndarray of float, shape (n, 4)
        West, south, east, north.
    """
    middles = (boxes[:, :2] + boxes[:, 2:]) / 2
    return np.argsort(gpd.GeoSeries(shapely.points(middles)).hilbert_distance().to_numpy(), kind="stable")
