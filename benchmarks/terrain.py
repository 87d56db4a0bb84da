"""Heights and land cover for erosion, of any size: a fractal tile that fits its own edges, repeated under large hills."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import rasterio
import shapely
from affine import Affine
from numpy.typing import NDArray
from pyproj import CRS
from rasterio.windows import Window

from benchmarks.generate import SEED, SPECTRAL_SLOPE

CELL_M = 30.0
EAST_M, NORTH_M, EPSG = 38_300_000.0, 4_400_000.0, 4526
_ROWS = 512
_RELIEF_M, _HILLS_M, _HILL_CELLS = 90.0, 250.0, 2_900.0


@dataclass(frozen=True)
class Extent:
    """Cells of a square grid and of the tile that it is made of."""

    cells: int
    tile: int


def _fractal(rng: np.random.Generator, cells: int, slope: float) -> NDArray[np.float32]:
    noise = np.fft.rfft2(rng.standard_normal((cells, cells)).astype(np.float32))
    frequency = np.hypot(np.fft.fftfreq(cells)[:, None], np.fft.rfftfreq(cells)[None, :])
    frequency[0, 0] = np.inf
    surface = np.fft.irfft2(noise / frequency**slope, s=(cells, cells))
    return np.asarray(surface / surface.std(), dtype=np.float32)


def _rows(tile: NDArray[np.generic], cells: int, first: int, last: int) -> NDArray[np.generic]:
    size = len(tile)
    return np.tile(tile[np.arange(first, last) % size], (1, -(-cells // size)))[:, :cells]


def _spans(cells: int) -> Iterator[tuple[int, int]]:
    return ((first, min(first + _ROWS, cells)) for first in range(0, cells, _ROWS))


def write_apart(extent: Extent, folder: Path) -> None:
    """Write the files in a process of its own: what is measured after it would inherit its peak memory."""
    told = f"Extent({extent.cells}, {extent.tile}), Path({str(folder)!r})"
    lines = f"from pathlib import Path; from benchmarks.terrain import Extent, write; write({told})"
    subprocess.run([sys.executable, "-c", lines], check=True)


def write(extent: Extent, folder: Path) -> None:
    """Write ``dem.tif`` (float32) and ``cover.tif`` (classes 1 to 8), compressed, in tiles of 512."""
    rng = np.random.default_rng(SEED)
    cells = extent.cells
    rough = _RELIEF_M * _fractal(rng, extent.tile, SPECTRAL_SLOPE)
    field = _fractal(rng, extent.tile, 1.0)
    breaks = np.quantile(field, [0.35, 0.4, 0.65, 0.8, 0.86, 0.92, 0.95]).astype(np.float32)
    classes = (np.searchsorted(breaks, field) + 1).astype(np.uint8)
    across = np.arange(cells) / _HILL_CELLS
    profile = {"driver": "GTiff", "width": cells, "height": cells, "count": 1, "crs": f"EPSG:{EPSG}"}
    profile |= {"transform": Affine(CELL_M, 0, EAST_M, 0, -CELL_M, NORTH_M), "compress": "deflate"}
    profile |= {"tiled": True, "blockxsize": 512, "blockysize": 512, "bigtiff": "if_safer", "num_threads": "all_cpus"}
    with (
        rasterio.open(folder / "dem.tif", "w", dtype="float32", nodata=-9999, **profile) as heights,
        rasterio.open(folder / "cover.tif", "w", dtype="uint8", nodata=0, **profile) as cover,
    ):
        for first, last in _spans(cells):
            down = np.arange(first, last)[:, None] / _HILL_CELLS
            hills = _HILLS_M * (np.sin(down * 2.1 + across) + np.cos(across * 1.7 - down))
            window = Window(0, first, cells, last - first)
            heights.write((1200 + hills + _rows(rough, cells, first, last)).astype(np.float32), 1, window=window)
            cover.write(_rows(classes, cells, first, last), 1, window=window)


def zones(cells: int, number: int = 5) -> tuple[NDArray[np.object_], CRS]:
    """Return squares that share out the grid evenly, number times number."""
    side = cells * CELL_M / number
    x = EAST_M + side * np.arange(number)
    y = NORTH_M - side * np.arange(1, number + 1)
    east, north = np.meshgrid(x, y)
    squares = shapely.box(east.ravel(), north.ravel(), east.ravel() + side, north.ravel() + side)
    return np.asarray(squares, dtype=object), CRS(EPSG)
