"""Reading grids of classes, such as land cover."""

from __future__ import annotations

import warnings
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import rasterio
from affine import Affine
from numpy.typing import NDArray
from pyproj import CRS

from spatial.crs import known_crs
from spatial.errors import InputError
from spatial.grid import Grid
from spatial.io.stated import Stated

#: A grid with more different values than this is no grid of classes.
_MOST_CLASSES = 1000


@dataclass(frozen=True)
class ClassGrid:
    """A grid whose cells hold class codes.

    Parameters
    ----------
    codes : ndarray of int, shape (rows, columns)
        Row 0 is where the transform says, mostly in the north.
    valid : ndarray of bool, shape (rows, columns)
        False where the grid has no data.
    transform
        From column and row to x (east) and y (north).
    crs
        CGCS2000 or WGS 84.
    names
        Names of the classes, as far as the file states them.
    """

    codes: NDArray[np.int32]
    valid: NDArray[np.bool_]
    transform: Affine
    crs: CRS
    names: dict[int, str] = field(default_factory=dict)

    @property
    def cells(self) -> Grid:
        """Where the cells lie; a turned or mirrored grid is refused."""
        return Grid(self.crs, self.transform, (self.codes.shape[0], self.codes.shape[1]))

    def name(self, code: int) -> str:
        """Return a class by code and name."""
        return f"{code} {self.names[code]}" if code in self.names else str(code)


def read_classes(path: Path, stated: Stated | None = None) -> ClassGrid:
    """Read the first band of a grid of classes.

    Parameters
    ----------
    path
        A GeoTIFF or any other grid that GDAL reads. Band tags that are whole numbers name the classes.
    stated
        Coordinate system, where the file has none.

    Raises
    ------
    InputError
        If the file is missing or damaged, has no coordinate system, or holds measurements instead of
        classes: decimals, or very many different values.
    """
    if not path.is_file():
        raise InputError("file_missing", file=path)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with rasterio.open(path) as source:
                band, valid = source.read(1), source.read_masks(1) > 0
                transform, label, tags = source.transform, source.crs, source.tags(1)
    except rasterio.errors.RasterioError as error:
        raise InputError("file_unreadable", file=path, fault=str(error).splitlines()[0]) from error
    valid &= np.isfinite(band)
    codes = np.unique(band[valid])
    if len(codes) > _MOST_CLASSES or (codes != np.round(codes)).any():
        raise InputError("raster_no_classes", file=path, count=len(codes))
    crs = (stated or Stated()).crs or (label.to_wkt() if label else "")
    if not crs:
        raise InputError("raster_no_crs", file=path)
    names = {int(key): text for key, text in tags.items() if key.lstrip("-").isdigit()}
    return ClassGrid(np.where(valid, band, 0).astype(np.int32), valid, transform, known_crs(crs), names)
