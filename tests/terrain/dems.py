"""Small files of heights for tests."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import rasterio
from affine import Affine
from pyproj import CRS

from spatial.grid import Grid

EAST, NORTH = 38_410_000.0, 3_980_000.0


def grid(rows: int, columns: int, cell: float = 30.0, crs: int = 4526) -> Grid:
    """A grid near Changzhi; of a geographic system if cells are smaller than a degree."""
    corner = (113.0, 36.1) if crs in {4490, 4326} else (EAST, NORTH)
    return Grid(CRS(crs), Affine(cell, 0, corner[0], 0, -cell, corner[1]), (rows, columns))


def rough(rows: int, columns: int, seed: int = 1, amplitude: float = 40.0) -> np.ndarray:
    """Heights with steep and level places."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[0:rows, 0:columns]
    waves = amplitude * (np.sin(x / 7.0) + np.cos(y / 5.0 + x / 19.0)) + 3 * rng.standard_normal((rows, columns))
    return 1000 + waves


def write(path: Path, heights: np.ndarray, on: Grid, **options: object) -> Path:
    """Write heights as a GeoTIFF; ``unit``, ``scale``, ``offset`` describe the band, the rest is for the driver."""
    described = {name: options.pop(name) for name in ("unit", "scale", "offset", "tags") if name in options}
    profile = {"driver": "GTiff", "width": on.shape[1], "height": on.shape[0], "count": 1, "dtype": heights.dtype}
    with rasterio.open(path, "w", **(profile | {"crs": on.crs, "transform": on.transform} | options)) as target:
        target.write(heights, 1)
        if "unit" in described:
            target.units = (described["unit"],)
        if "scale" in described:
            target.scales, target.offsets = (described["scale"],), (described["offset"],)
        target.update_tags(1, **described.get("tags", {}))
    return path
