"""The one generator of benchmark data: irregular parcels, and three kinds of zones to lay them on.

A: 646 zones of 1.3 million vertices, six of them giants with holes. B: 6,000 ordinary zones of 3.9
million vertices. C: height classes of a fractal terrain, a third of a million vertices, one of 70,000.

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

SPECTRAL_SLOPE = 1.45
"""Amplitude falls with frequency to this power: rugged, like loess country."""


@dataclass(frozen=True)
class Size:
    """How much to generate."""

    name: str
    cells: int
    side_m: float
    classes: int
    projects: int
    giants: int
    giant_corners: tuple[int, int]
    small: int
    ordinary: int


FULL = Size("full", 1050, 40_000.0, 4, 20_000, giants=6, giant_corners=(60_000, 120_000), small=640, ordinary=6_000)
QUICK = Size("quick", 240, 10_000.0, 10, 1_500, giants=2, giant_corners=(3_000, 6_000), small=40, ordinary=300)

#: Corners of each small zone of case A and of each ordinary zone of case B.
SMALL_CORNERS, ORDINARY_CORNERS = 1_200, 650
#: How much the radius of a zone varies around its mean, and the holes of a giant.
ROUGHNESS, HOLES = 0.25, 40


def terrain(size: Size) -> NDArray[np.float64]:
    """Return a fractal surface by spectral synthesis, shape (cells, cells), standardised."""
    rng = np.random.default_rng(SEED)
    noise = np.fft.rfft2(rng.standard_normal((size.cells, size.cells)))
    frequency = np.hypot(np.fft.fftfreq(size.cells)[:, None], np.fft.rfftfreq(size.cells)[None, :])
    frequency[0, 0] = np.inf
    surface = np.fft.irfft2(noise / frequency**SPECTRAL_SLOPE, s=(size.cells, size.cells))
    return (surface - surface.mean()) / surface.std()


def outline(
    rng: np.random.Generator, centre: NDArray[np.float64], radius_m: float, corners: int
) -> NDArray[np.float64]:
    """Return a closed outline whose radius varies like a fractal; seen from the centre it never turns back."""
    noise = np.fft.rfft(rng.standard_normal(corners))
    frequency = np.arange(len(noise), dtype=float)
    frequency[0] = np.inf
    wave = np.fft.irfft(noise / frequency**1.2, n=corners)
    reach = radius_m * (1 + ROUGHNESS * np.clip(wave / wave.std() / 2, -1, 1))
    angle = np.linspace(0.0, 2.0 * np.pi, corners, endpoint=False)
    return centre + reach[:, None] * np.column_stack([np.cos(angle), np.sin(angle)])


def giants(size: Size) -> gpd.GeoDataFrame:
    """Return a few giant zones with holes among many small ones (case A)."""
    rng = np.random.default_rng(SEED + 2)
    low, high = size.giant_corners
    shapes = []
    for corners in np.linspace(low, high, size.giants).astype(int):
        centre = rng.uniform(0.3, 0.7, 2) * size.side_m + (WEST_M, SOUTH_M)
        radius_m = size.side_m * rng.uniform(0.25, 0.4)
        # Holes stand on a ring well inside, too far apart to touch.
        turns = np.arange(HOLES) * 2 * np.pi / HOLES
        places = centre + 0.5 * radius_m * np.column_stack([np.cos(turns), np.sin(turns)])
        holes = [outline(rng, place, 0.03 * radius_m, 200)[::-1] for place in places]
        shapes.append(shapely.Polygon(outline(rng, centre, radius_m, int(corners)), holes))
    shapes += _scattered(rng, size, size.small, SMALL_CORNERS)
    return gpd.GeoDataFrame({"zone": np.arange(len(shapes))}, geometry=shapes, crs=CRS)


def ordinary(size: Size) -> gpd.GeoDataFrame:
    """Return many ordinary zones (case B)."""
    shapes = _scattered(np.random.default_rng(SEED + 3), size, size.ordinary, ORDINARY_CORNERS)
    return gpd.GeoDataFrame({"zone": np.arange(len(shapes))}, geometry=shapes, crs=CRS)


def _scattered(rng: np.random.Generator, size: Size, count: int, corners: int) -> list[shapely.Polygon]:
    centres = rng.uniform(0.03, 0.97, (count, 2)) * size.side_m + (WEST_M, SOUTH_M)
    radii_m = np.minimum(np.exp(rng.normal(np.log(300.0), 0.6, count)), 2_000.0)
    return [
        shapely.Polygon(outline(rng, centre, radius, corners)) for centre, radius in zip(centres, radii_m, strict=True)
    ]


def classes(size: Size) -> gpd.GeoDataFrame:
    """Return the connected areas of each height class; neighbours share their borders."""
    surface = terrain(size)
    step = np.linspace(0.0, size.side_m, size.cells)
    contours = contourpy.contour_generator(
        WEST_M + step, SOUTH_M + step, surface, fill_type=contourpy.FillType.OuterOffset
    )
    breaks = np.quantile(surface, np.linspace(0.0, 1.0, size.classes + 1))
    breaks[0], breaks[-1] = surface.min() - 1.0, surface.max() + 1.0
    polygons, heights = [], []
    for level in range(size.classes):
        points, offsets = contours.filled(breaks[level], breaks[level + 1])
        for outline, rings in zip(points, offsets, strict=True):
            shell, *holes = [outline[start:stop] for start, stop in pairwise(rings)]
            polygons.append(shapely.Polygon(shell, holes))
            heights.append(level)
    geometry = shapely.make_valid(np.array(polygons, dtype=object))
    return gpd.GeoDataFrame({"height_class": heights}, geometry=geometry, crs=CRS)


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
    """Write ``projects.parquet`` and the zones of each case, ``A.parquet`` to ``C.parquet``."""
    for case, zones in (("A", giants(size)), ("B", ordinary(size)), ("C", classes(size))):
        zones.to_parquet(folder / f"{case}.parquet")
    projects(size).to_parquet(folder / "projects.parquet")
