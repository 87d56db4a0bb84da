"""Classes of cells as the polygons of a layer: coarser where the cells are very many, small patches merged."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from affine import Affine
from numpy.typing import NDArray
from pyproj import CRS
from rasterio.features import geometry_mask, shapes, sieve

from spatial.equal_area import reproject
from spatial.grid import Grid
from spatial.publish.sources.scene import GeometryArray, styles
from spatial.settings import setting

Codes = NDArray[np.uint8]
NO_CLASS = 0
_PASSES = 20


@dataclass(frozen=True)
class Patches:
    """Polygons of classes, one of all its patches for each class: what is known of a class is said once.

    Parameters
    ----------
    shapes, code
        In the grid's system; the class of each, ascending.
    merged_m
        Side of a square as large as the largest patch that was given to its neighbours [m].
    """

    shapes: GeometryArray
    code: NDArray[np.int64]
    merged_m: float


def patches_of(codes: Codes, grid: Grid, within: GeometryArray, plane: CRS) -> Patches:
    """Return the outlines of classes of cells inside a district, for a map; tables keep the cells.

    Parameters
    ----------
    codes : ndarray of uint8, shape (rows, columns)
        0 where there is none.
    grid
        Their cells.
    within, plane
        Polygons of the district and their system; cells whose centre lies elsewhere are left out.
    """
    inside = reproject(within, plane, grid.crs)
    outside = geometry_mask(list(inside), codes.shape, grid.transform)
    factor = int(np.ceil(np.sqrt(codes.size / setting("publish_most_cells"))))
    chosen = coarser(np.where(outside, NO_CLASS, codes).astype(np.uint8), factor)
    drawn, least = _outlined(chosen, grid.transform @ Affine.scale(factor))
    kinds = sorted({code for _, code in drawn})
    found = np.empty(len(kinds), dtype=object)
    found[:] = [
        shapely.MultiPolygon([shapely.geometry.shape(one) for one, of in drawn if of == code]) for code in kinds
    ]
    side_m = abs(grid.transform.a) * factor * float(np.sqrt(least - 1))
    return Patches(found, np.array(kinds, dtype=np.int64), side_m)


def _outlined(codes: Codes, transform: Affine) -> tuple[list[tuple[Any, int]], int]:
    """Return outlines with their classes, and below how many cells patches went to their neighbours.

    Merging feeds the classes that are common and starves the rare ones, so it is done only as far as a page of so many
    patches needs it.
    """
    table = styles()["sieve"]
    least = int(table["cells"])
    while True:
        merged = _sieved(codes, least)
        drawn = [(shape, int(code)) for shape, code in shapes(merged, mask=merged != NO_CLASS, transform=transform)]
        if len(drawn) <= table["most_patches"] or least >= codes.size:
            return drawn, least
        least *= 2


def _sieved(codes: Codes, least: int) -> Codes:
    """Give patches of fewer cells to their largest neighbour, until none is left: that one may be small itself."""
    merged = codes
    for _ in range(_PASSES):
        again: Codes = sieve(merged, least, connectivity=4, mask=codes != NO_CLASS)
        again[codes == NO_CLASS] = NO_CLASS
        if np.array_equal(again, merged):
            break
        merged = again
    return merged


def coarser(codes: Codes, factor: int) -> Codes:
    """Return the most frequent class of squares of cells, the lower one of two; at the far edges of fewer cells.

    Examples
    --------
    >>> coarser(np.array([[1, 1, 2], [1, 2, 2]], dtype=np.uint8), 2).tolist()
    [[1, 2]]
    """
    if factor <= 1:
        return codes
    rows, columns = (-(-size // factor) for size in codes.shape)
    padded = np.zeros((rows * factor, columns * factor), dtype=np.uint8)
    padded[: codes.shape[0], : codes.shape[1]] = codes
    squares = padded.reshape(rows, factor, columns, factor)
    known: Sequence[int] = np.unique(codes[codes != NO_CLASS]).tolist()
    counts: Mapping[int, NDArray[np.int64]] = {code: (squares == code).sum(axis=(1, 3)) for code in known}
    best = np.zeros((rows, columns), dtype=np.int64)
    found = np.zeros((rows, columns), dtype=np.uint8)
    for code, count in counts.items():
        found[count > best] = code
        best = np.maximum(best, count)
    return found
