"""The one generator of benchmark data: classes of a fractal terrain and irregular parcels.

Every figure the project quotes comes from here, with this seed.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import contourpy
import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

SEED = 20261121
CRS = "+proj=cea +lat_ts=36 +lon_0=113 +ellps=GRS80 +units=m"
WEST_M, SOUTH_M = -20_000.0, 4_600_000.0
"""Corner of the terrain: coordinates as large as those of a real district."""

SPECTRAL_SLOPE = 1.7
"""Amplitude falls with frequency to this power: rugged, like loess country."""


@dataclass(frozen=True)
class Size:
    """How much to generate."""

    name: str
    cells: int
    side_m: float
    classes: int
    projects: int


FULL = Size("full", cells=2000, side_m=40_000.0, classes=12, projects=20_000)
QUICK = Size("quick", cells=240, side_m=10_000.0, classes=10, projects=1_500)


def terrain(size: Size) -> NDArray[np.float64]:
    """Return a fractal surface by spectral synthesis, shape (cells, cells), standardised."""
    rng = np.random.default_rng(SEED)
    noise = np.fft.rfft2(rng.standard_normal((size.cells, size.cells)))
    frequency = np.hypot(np.fft.fftfreq(size.cells)[:, None], np.fft.rfftfreq(size.cells)[None, :])
    frequency[0, 0] = np.inf
    surface = np.fft.irfft2(noise / frequency**SPECTRAL_SLOPE, s=(size.cells, size.cells))
    return (surface - surface.mean()) / surface.std()


def zones(size: Size) -> gpd.GeoDataFrame:
    """Return the connected areas of each height class; neighbours share their borders."""
    surface = terrain(size)
    step = np.linspace(0.0, size.side_m, size.cells)
    contours = contourpy.contour_generator(
        WEST_M + step, SOUTH_M + step, surface, fill_type=contourpy.FillType.OuterOffset
    )
    breaks = np.quantile(surface, np.linspace(0.0, 1.0, size.classes + 1))
    breaks[0], breaks[-1] = surface.min() - 1.0, surface.max() + 1.0
    polygons, classes = [], []
    for level in range(size.classes):
        points, offsets = contours.filled(breaks[level], breaks[level + 1])
        for outline, rings in zip(points, offsets, strict=True):
            shell, *holes = [outline[start:stop] for start, stop in pairwise(rings)]
            polygons.append(shapely.Polygon(shell, holes))
            classes.append(level)
    geometry = shapely.make_valid(np.array(polygons, dtype=object))
    return gpd.GeoDataFrame({"height_class": classes}, geometry=geometry, crs=CRS)


def projects(size: Size) -> gpd.GeoDataFrame:
    """Return irregular parcels of 20 to 70 corners, a few of them with a hole."""
    rng = np.random.default_rng(SEED + 1)
    radius_m = np.minimum(np.exp(rng.normal(np.log(90.0), 0.7, size.projects)), 900.0)
    corners = rng.integers(20, 71, size.projects)
    centre = rng.uniform(0.03, 0.97, (size.projects, 2)) * size.side_m + (WEST_M, SOUTH_M)
    parcels = []
    for number in range(size.projects):
        angle = np.sort(rng.uniform(0.0, 2.0 * np.pi, corners[number]))
        reach = radius_m[number] * rng.uniform(0.6, 1.0, corners[number])
        ray = np.column_stack([np.cos(angle), np.sin(angle)])
        shell = centre[number] + reach[:, None] * ray
        holes = [centre[number] + 0.2 * radius_m[number] * ray[::-1]] if number % 25 == 0 else []
        parcels.append(shapely.Polygon(shell, holes))
    geometry = shapely.make_valid(np.array(parcels, dtype=object))
    return gpd.GeoDataFrame({"project": np.arange(size.projects)}, geometry=geometry, crs=CRS)


def write(size: Size, folder: Path) -> None:
    """Write ``zones.parquet`` and ``projects.parquet``."""
    zones(size).to_parquet(folder / "zones.parquet")
    projects(size).to_parquet(folder / "projects.parquet")
