"""Shaded relief from heights, as a picture that lies right under the layers of a web map."""

from __future__ import annotations

import io

import numpy as np
from affine import Affine
from numpy.typing import NDArray
from PIL import Image
from rasterio.warp import Resampling, reproject, transform_bounds

from spatial.io.elevation import Dem
from spatial.publish.model import Picture
from spatial.publish.sources.scene import styles

_WEB_MERCATOR = "EPSG:3857"
_DEGREES = "EPSG:4490"


def relief(dem: Dem, *, least_m: float = 0.0) -> Picture:
    """Return the shaded relief of heights.

    Parameters
    ----------
    dem
        Heights [m].
    least_m
        Cells of the picture are at least this wide [m]: what a public map may show of heights.

    Notes
    -----
    The cosine of the angle between light and surface, heights exaggerated as ``data/map_styles.toml`` says.
    """
    setting = styles()["relief"]
    west, south, east, north = transform_bounds(dem.grid.crs.to_wkt(), _WEB_MERCATOR, *dem.grid.bounds)
    # Lengths in Web Mercator are longer than on the ground by the secant of the latitude.
    stretch = 1.0 / np.cos(np.radians(_middle_lat(dem)))
    finest = min((east - west) / dem.grid.shape[1], (north - south) / dem.grid.shape[0])
    cell = max(max(east - west, north - south) / setting["pixels"], finest, least_m * stretch)
    shape = (max(round((north - south) / cell), 2), max(round((east - west) / cell), 2))
    to = Affine(cell, 0.0, west, 0.0, -cell, north)
    heights = np.full(shape, np.nan, dtype=np.float32)
    reproject(
        dem.read().astype(np.float32),
        heights,
        src_transform=dem.grid.transform,
        src_crs=dem.grid.crs.to_wkt(),
        dst_transform=to,
        dst_crs=_WEB_MERCATOR,
        src_nodata=np.nan,
        dst_nodata=np.nan,
        resampling=Resampling.average,
    )
    grey = shade(heights.astype(np.float64), cell / stretch)
    bounds = transform_bounds(_WEB_MERCATOR, _DEGREES, west, north - shape[0] * cell, west + shape[1] * cell, north)
    return Picture(_png(grey), (bounds[0], bounds[1], bounds[2], bounds[3]))


def shade(heights: NDArray[np.float64], cell_m: float) -> NDArray[np.float64]:
    """Return how bright each cell is, 0 to 1; nan where heights are missing.

    Examples
    --------
    >>> flat = shade(np.zeros((3, 3)), 30.0)
    >>> round(float(flat[1, 1]), 4)
    0.7071
    """
    setting = styles()["relief"]
    up, right = np.gradient(heights * setting["exaggeration"], cell_m)
    azimuth, altitude = np.radians(setting["azimuth_deg"]), np.radians(setting["altitude_deg"])
    # Rows run south; the light comes from its azimuth, clockwise from north.
    light = np.array([np.sin(azimuth) * np.cos(altitude), np.cos(azimuth) * np.cos(altitude), np.sin(altitude)])
    normal = np.stack([-right, up, np.ones_like(up)])
    bright = np.tensordot(light, normal, axes=1) / np.linalg.norm(normal, axis=0)
    clipped: NDArray[np.float64] = np.clip(bright, 0.0, 1.0)
    return clipped


def _middle_lat(dem: Dem) -> float:
    bounds = transform_bounds(dem.grid.crs.to_wkt(), _DEGREES, *dem.grid.bounds)
    return float(bounds[1] + bounds[3]) / 2


def _png(bright: NDArray[np.float64]) -> bytes:
    darkest = float(styles()["relief"]["darkest"])
    known = np.isfinite(bright)
    grey = np.where(known, darkest + (255.0 - darkest) * np.nan_to_num(bright), 255.0).round().astype(np.uint8)
    alpha = np.where(known, 255, 0).astype(np.uint8)
    content = io.BytesIO()
    Image.merge("LA", (Image.fromarray(grey), Image.fromarray(alpha))).save(content, format="png", optimize=True)
    return content.getvalue()
