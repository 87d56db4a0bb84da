"""Rasters of factors and land cover that lie on the cells of the heights."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rasterio.windows import Window

from spatial.crs import known_crs
from spatial.errors import InputError
from spatial.grid import Grid, Span, common_window, differences
from spatial.io.elevation import UNREADABLE, grid_of, opened
from spatial.io.gdal import tried
from spatial.io.stated import Stated
from spatial.words import Listed

#: Differences that leave the cells of two grids on one lattice.
_HARMLESS = {"grid_other_origin", "grid_other_size", "grid_common"}


@dataclass(frozen=True)
class Aligned:
    """A raster whose cells coincide with those of the heights, perhaps on a part of them only.

    Parameters
    ----------
    path
    rows, columns
        Of the heights' grid that the raster covers.
    origin
        Row and column of the raster at which that part begins.
    width
        Columns of the heights' grid.
    scaling
        Factor and offset from stored numbers to values.
    """

    path: Path
    rows: Span
    columns: Span
    origin: tuple[int, int]
    width: int
    scaling: tuple[float, float] = (1.0, 0.0)

    def read(self, rows: Span, fill: float) -> NDArray[Any]:
        """Read rows of the heights' grid, ``fill`` where the raster has no data or does not reach.

        Parameters
        ----------
        rows
            First row and the one after the last, of the heights' grid.
        fill
            Its kind of number is the result's.
        """
        out = np.full((rows[1] - rows[0], self.width), fill)
        first, last = max(rows[0], self.rows[0]), min(rows[1], self.rows[1])
        if first < last:
            count = self.columns[1] - self.columns[0]
            window = Window(self.origin[1], self.origin[0] + first - self.rows[0], count, last - first)
            with opened(self.path) as source:
                band = tried(self.path, lambda: source.read(1, window=window), key=UNREADABLE)
                valid = tried(self.path, lambda: source.read_masks(1, window=window), key=UNREADABLE) > 0
            if band.dtype.kind == "f":
                # Not every program that writes nan declares it.
                valid &= ~np.isnan(band)
            factor, offset = self.scaling
            if (factor, offset) != (1.0, 0.0):
                band = band * factor + offset
            part = out[first - rows[0] : last - rows[0], self.columns[0] : self.columns[1]]
            part[valid] = band[valid]
        return out


def aligned(path: Path, grid: Grid, heights: Path, stated: Stated | None = None) -> Aligned:
    """Say how a raster lies on the grid of the heights.

    Raises
    ------
    InputError
        If the raster cannot be read or is none of one number a cell, its cells do not coincide with those of the heights, or it lies
        elsewhere.
    """
    with opened(path) as source:
        definition = (stated or Stated()).crs or (source.crs.to_wkt() if source.crs else "")
        transform, shape = source.transform, (source.height, source.width)
        count, kind = source.count, source.dtypes[0]
        scaling = float(source.scales[0]), float(source.offsets[0])
    if count != 1 or np.dtype(kind).kind not in "iuf":
        raise InputError("raster_bands", file=path, count=count, kind=kind)
    if not definition:
        raise InputError("raster_no_crs", file=path)
    own = grid_of(path, known_crs(definition), transform, shape)
    found = differences(grid, own)
    if any(text.key not in _HARMLESS for text in found):
        raise InputError("grid_differs", first=heights, second=path, what=Listed(tuple(found)))
    window = common_window(grid, own)
    if window is None:
        raise InputError("raster_elsewhere", file=path, heights=heights)
    rows, columns = window
    # Where the common part begins in the raster itself.
    row = round((grid.transform.f - own.transform.f) / grid.transform.e) + rows[0]
    column = round((grid.transform.c - own.transform.c) / grid.transform.a) + columns[0]
    return Aligned(path, rows, columns, (row, column), grid.shape[1], scaling)
