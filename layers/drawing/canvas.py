"""The grid everything is drawn on, repeatable noise, and the way from a field to polygons."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from affine import Affine
from contourpy import FillType, contour_generator
from pyproj import CRS, Transformer
from rasterio.features import rasterize
from scipy import ndimage

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    FloatArray = NDArray[np.float64]
    BoolArray = NDArray[np.bool_]

_CLOSED_TRIANGLE = 4


@dataclass(frozen=True)
class Canvas:
    """A north-up grid of square cells in a projected CRS, and the seed of all its noise."""

    crs: CRS
    cell_m: float
    west: float
    north: float
    shape: tuple[int, int]
    seed: int

    @classmethod
    def around(cls, outline: shapely.Geometry, crs: CRS, cell_m: float, margin_m: float, seed: int) -> Canvas:
        """Return the grid that covers an outline and a margin, its origin on a multiple of the cell."""
        west, south, east, north = outline.buffer(margin_m).bounds
        left, top = np.floor(west / cell_m) * cell_m, np.ceil(north / cell_m) * cell_m
        shape = (int(np.ceil((top - south) / cell_m)), int(np.ceil((east - left) / cell_m)))
        return cls(crs, cell_m, float(left), float(top), shape, seed)

    @property
    def transform(self) -> Affine:
        """Affine transform from column and row to east and north."""
        return self.window_transform(0, 0)

    def window_transform(self, row: int, col: int, block: int = 1) -> Affine:
        """Return the affine transform of a window that begins at a cell, its cells `block` cells wide."""
        size = self.cell_m * block
        return Affine(size, 0, self.west + col * self.cell_m, 0, -size, self.north - row * self.cell_m)

    @property
    def box(self) -> shapely.Polygon:
        """The area covered."""
        rows, cols = self.shape
        return shapely.box(self.west, self.north - rows * self.cell_m, self.west + cols * self.cell_m, self.north)

    @property
    def east_m(self) -> FloatArray:
        """Eastings of the column centres."""
        return np.asarray(self.west + self.cell_m * (np.arange(self.shape[1]) + 0.5), dtype=np.float64)

    @property
    def north_m(self) -> FloatArray:
        """Northings of the row centres."""
        return np.asarray(self.north - self.cell_m * (np.arange(self.shape[0]) + 0.5), dtype=np.float64)

    def project(self, lonlat: Sequence[Sequence[float]]) -> FloatArray:
        """Turn CGCS2000 degrees, longitude first, into plane coordinates, shape (n, 2)."""
        degrees = np.asarray(lonlat, dtype=float).reshape(-1, 2)
        to_plane = Transformer.from_crs(CRS.from_epsg(4490), self.crs, always_xy=True)
        return np.column_stack(to_plane.transform(degrees[:, 0], degrees[:, 1]))

    def cell_of(self, xy: FloatArray) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return rows and columns of points, moved onto the grid where they lie outside it."""
        col = np.floor((xy[..., 0] - self.west) / self.cell_m).astype(np.int64)
        row = np.floor((self.north - xy[..., 1]) / self.cell_m).astype(np.int64)
        return np.clip(row, 0, self.shape[0] - 1), np.clip(col, 0, self.shape[1] - 1)

    def sample(self, values: FloatArray, xy: FloatArray) -> FloatArray:
        """Interpolate a field linearly at points, shape (n, 2)."""
        col = (xy[:, 0] - self.west) / self.cell_m - 0.5
        row = (self.north - xy[:, 1]) / self.cell_m - 0.5
        return np.asarray(ndimage.map_coordinates(values, [row, col], order=1, mode="nearest"))

    def noise(self, name: str, longest_m: float, roughness: float = 2.2) -> FloatArray:
        """
        Return smooth random relief of mean 0 and standard deviation 1.

        Parameters
        ----------
        name : str
            Every name gives a field of its own; the same name always gives the same field.
        longest_m : float
            Wavelength [m] above which the field has no power.
        roughness : float
            Exponent of the power spectrum; larger is smoother.
        """
        rng = np.random.default_rng([self.seed, zlib.crc32(name.encode())])
        white = np.fft.rfft2(rng.standard_normal(self.shape))
        fy = np.fft.fftfreq(self.shape[0], self.cell_m)[:, None]
        fx = np.fft.rfftfreq(self.shape[1], self.cell_m)[None, :]
        frequency = np.hypot(fy, fx)
        lowest = 1.0 / longest_m
        power = np.where(frequency > 0, np.maximum(frequency, lowest), np.inf) ** (-roughness / 2 - 0.5)
        power *= np.exp(-((lowest / np.maximum(frequency, lowest / 50)) ** 8) / 50)
        field = np.fft.irfft2(white * power, self.shape)
        return np.asarray((field - field.mean()) / field.std())

    def burn(self, shapes: Iterable[shapely.Geometry], *, touched: bool = False) -> BoolArray:
        """Return the cells whose centre lies in any of the shapes."""
        listed = [shape for shape in shapes if not shape.is_empty]
        if not listed:
            return np.zeros(self.shape, dtype=bool)
        burnt = rasterize(listed, self.shape, transform=self.transform, all_touched=touched, dtype="uint8")
        return np.asarray(burnt, dtype=bool)

    def distance_m(self, mask: BoolArray) -> FloatArray:
        """Return each cell's distance to the nearest cell of a mask [m]."""
        return np.asarray(ndimage.distance_transform_edt(~mask, sampling=self.cell_m))

    def distance_to(self, shapes: Iterable[shapely.Geometry]) -> FloatArray:
        """Return each cell's distance to the nearest of some shapes [m], to about one cell."""
        return self.distance_m(self.burn(shapes, touched=True))

    def polygons_above(self, field: FloatArray, level: float) -> list[shapely.Polygon]:
        """Return the areas where a field exceeds a level, bounded by its contour line."""
        high = field > level
        rows, cols = (np.flatnonzero(high.any(axis=axis)) for axis in (1, 0))
        if not rows.size:
            return []
        window = (slice(max(rows[0] - 1, 0), rows[-1] + 2), slice(max(cols[0] - 1, 0), cols[-1] + 2))
        generator = contour_generator(
            self.east_m[window[1]], self.north_m[window[0]], field[window], fill_type=FillType.OuterOffset
        )
        filled: Any = generator.filled(level, np.inf)
        points, offsets = filled
        made = []
        for xy, cuts in zip(points, offsets, strict=True):
            rings = [xy[a:b] for a, b in pairwise(cuts) if b - a >= _CLOSED_TRIANGLE]
            if rings:
                made.append(shapely.Polygon(rings[0], rings[1:]))
        return made


def smooth(field: FloatArray, cells: float) -> FloatArray:
    """Blur a field with a Gaussian of the given width in cells."""
    return np.asarray(ndimage.gaussian_filter(field, cells, mode="nearest"))


def rescale(field: FloatArray, inside: BoolArray) -> FloatArray:
    """Map a field's 2nd and 98th percentile inside a mask to 0 and 1, cut off beyond."""
    low, high = np.percentile(field[inside], [2, 98])
    return np.asarray(np.clip((field - low) / (high - low), 0.0, 1.0))
