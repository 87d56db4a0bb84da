"""Reading heights: a grid of metres, with nothing where the file has no data."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import rasterio
from numpy.typing import NDArray
from pyproj import CRS
from rasterio.enums import MaskFlags
from rasterio.windows import Window

from spatial.crs import require_usable, system_of
from spatial.errors import InputError
from spatial.grid import Grid, Span
from spatial.io.gdal import tried
from spatial.io.stated import Stated
from spatial.roles import data_rows
from spatial.settings import setting, span

#: Heights as read: single precision where the file has no more digits than that.
Heights = NDArray[np.floating[Any]]

_LON_DEG, _LAT_DEG, _EDGES = 180.0, 90.0, ("west", "south", "east", "north")
_TAGS = ("unit", "units", "UNIT", "UNITS", "Units", "unittype", "UNITTYPE")
#: Sentence of a raster that cannot be read.
UNREADABLE = "raster_unreadable"
#: Kinds of numbers that single precision holds without loss.
_SHORT = {"float32", "int16", "uint16", "uint8", "int8"}


@dataclass(frozen=True)
class Dem:
    """A file of heights that may be read by rows; cheap to hand to another process.

    Parameters
    ----------
    path
    grid
    dtype
        ``"float32"`` or ``"float64"``: what is read is of this kind.
    nodata
        Number that stands for no data, ``None`` where there is none.
    masked
        Whether the file marks missing cells by a mask beside the numbers.
    scaling
        Factor and offset from stored numbers to metres.
    """

    path: Path
    grid: Grid
    dtype: str
    nodata: float | None
    masked: bool
    scaling: tuple[float, float]

    def read(self, rows: Span | None = None) -> Heights:
        """Read full rows of heights.

        Parameters
        ----------
        rows
            First row and the one after the last; all where left out.

        Returns
        -------
        ndarray of float32 or float64, shape (rows, columns)
            Metres, nan where there are no data.

        Raises
        ------
        InputError
            If the file is damaged, or holds numbers that cannot be heights: nodata that it does not
            declare, or another unit.
        """
        return next(self.read_many([rows or (0, self.grid.shape[0])]))

    def read_many(self, spans: Iterable[Span], *, threads: int = 1) -> Iterator[Heights]:
        """Read several spans of rows one after the other; one file opened once, as :meth:`read` does.

        Parameters
        ----------
        spans
            Best in order: GDAL then keeps what neighbouring spans share.
        threads
            With which GDAL unpacks a GeoTIFF.
        """
        is_tiff = self.path.suffix.lower() in {".tif", ".tiff"}
        with opened(self.path, **({"num_threads": threads} if is_tiff and threads > 1 else {})) as source:
            for rows in spans:
                yield self._read(source, rows)

    def _read(self, source: Any, rows: Span) -> Heights:
        window = Window(0, rows[0], self.grid.shape[1], rows[1] - rows[0])
        stored = tried(self.path, lambda: source.read(1, window=window), key=UNREADABLE)
        missing = (
            tried(self.path, lambda: source.read_masks(1, window=window), key=UNREADABLE) == 0 if self.masked else None
        )
        if self.nodata is not None and not np.isnan(self.nodata):
            missing = stored == np.asarray(self.nodata).astype(stored.dtype)
        heights: Heights = stored.astype(self.dtype, copy=False)
        factor, offset = self.scaling
        if (factor, offset) != (1.0, 0.0):
            heights = (heights * factor + offset).astype(self.dtype)
        if missing is not None:
            heights[missing] = np.nan
        self._require_heights(heights, rows[0])
        return heights

    def _require_heights(self, heights: Heights, first: int) -> None:
        low, high = span("elevation_range_m")
        least = np.fmin.reduce(heights, axis=None)
        if low <= least and np.fmax.reduce(heights, axis=None) <= high:
            if least == 0:
                self._require_no_zeros(heights, first)
            return
        wrong = (heights < low) | (heights > high)
        if not wrong.any():
            return
        row, column = np.argwhere(wrong)[0]
        value = f"{heights[row, column]:.10g}"
        place = {"row": first + int(row) + 1, "column": int(column) + 1, "count": int(wrong.sum())}
        raise InputError("dem_no_heights", file=self.path, value=value, low=f"{low:g}", high=f"{high:g}", **place)

    def _require_no_zeros(self, heights: Heights, first: int) -> None:
        """Refuse zeros among heights far above them: cells without data, not the sea."""
        zero = heights == 0
        above = heights[~zero]
        gap = setting("dem_void_gap_m")
        # Of zeros alone nothing can be told.
        if not np.isfinite(above).any() or np.fmin.reduce(above, axis=None) < gap:
            return
        row, column = np.argwhere(zero)[0]
        place = {"row": first + int(row) + 1, "column": int(column) + 1, "count": int(zero.sum())}
        raise InputError("dem_zeros", file=self.path, gap=f"{np.fmin.reduce(above, axis=None):.0f}", **place)


def grid_of(path: Path, crs: CRS, transform: Any, shape: tuple[int, int]) -> Grid:
    """Return the cells of a file.

    Raises
    ------
    InputError
        If they are turned, mirrored or none, or lie in degrees where no degrees are; with the file.
    """
    try:
        grid = Grid(crs, transform, shape)
    except InputError as error:
        raise InputError("raster_grid", file=path, fault=error) from error
    if grid.crs.is_geographic:
        west, south, east, north = grid.bounds
        # Beyond the poles there is nothing, and in them a cell has no width.
        if not (west >= -_LON_DEG and east <= 2 * _LON_DEG and south > -_LAT_DEG and north < _LAT_DEG):
            numbers = {name: f"{value:.10g}" for name, value in zip(_EDGES, grid.bounds, strict=True)}
            raise InputError("raster_no_degrees", file=path, crs=grid.crs.name, **numbers)
    return grid


def opened(path: Path, **options: object) -> Any:
    """Open a raster with options of its driver; what GDAL says against it becomes one sentence."""
    if not path.is_file():
        raise InputError("file_missing", file=path)
    return tried(path, lambda: rasterio.open(path, **options), key=UNREADABLE)


def open_dem(path: Path, stated: Stated | None = None, *, nodata: float | None = None) -> Dem:
    """Look at a file of heights and say how it is to be read; no heights are read yet.

    Parameters
    ----------
    path
        A GeoTIFF or any other raster that GDAL reads, of one band of heights in metres.
    stated
        Coordinate system, where the file has none.
    nodata
        Number that stands for no data, where the file does not declare it.

    Raises
    ------
    InputError
        If the file is missing or damaged, has no coordinate system, is turned, holds something else
        than real numbers in one band, or heights in feet or another unit than metres.
    """
    with opened(path) as source:
        label, kind, count = source.crs, source.dtypes[0], source.count
        transform, shape = source.transform, (source.height, source.width)
        declared = source.nodatavals[0] if nodata is None else nodata
        masked = declared is None and MaskFlags.all_valid not in source.mask_flag_enums[0]
        scaling = float(source.scales[0]), float(source.offsets[0])
        tags = {**source.tags(), **source.tags(1)}
        named = [str(source.units[0] or ""), *(tags[name] for name in _TAGS if name in tags)]
    if count != 1 or np.dtype(kind).kind not in "iuf":
        raise InputError("dem_bands", file=path, count=count, kind=kind)
    definition = (stated or Stated()).crs or (label.to_wkt() if label else "")
    if not definition:
        raise InputError("raster_no_crs", file=path)
    crs = system_of(definition)
    require_usable(crs, source=str(path))
    for unit in filter(None, (*named, *_vertical_units(crs))):
        _require_metres(path, unit)
    plain = kind in _SHORT and scaling == (1.0, 0.0)
    return Dem(path, grid_of(path, crs, transform, shape), "float32" if plain else "float64", declared, masked, scaling)


@cache
def _metres_of_unit() -> dict[str, float]:
    return {row["sign"]: float(row["metres"]) for row in data_rows("height_units.csv")}


def _require_metres(path: Path, unit: str) -> None:
    metres = _metres_of_unit().get(unit.strip().lower())
    if metres is None:
        raise InputError("dem_unit_unknown", file=path, unit=unit)
    if metres != 1:
        raise InputError("dem_unit", file=path, unit=unit, factor=f"{metres:.10g}")


def _vertical_units(crs: CRS) -> list[str]:
    axes = [axis for part in (crs.sub_crs_list or [crs]) for axis in part.axis_info]
    return [str(axis.unit_name) for axis in axes if axis.direction in {"up", "down"}]
