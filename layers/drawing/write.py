"""Write layers so that drawing twice gives the same bytes."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import numpy as np
import pyogrio
import rasterio.shutil
from rasterio.io import MemoryFile

if TYPE_CHECKING:
    from pathlib import Path

    import geopandas as gpd
    from numpy.typing import NDArray

    from layers.drawing.canvas import Canvas

#: GDAL puts this date into a GeoPackage instead of the day of writing.
_FIXED_DATE = "2024-01-01T00:00:00.000Z"


def write_parquet(layer: gpd.GeoDataFrame, path: Path) -> None:
    """Write a layer as GeoParquet."""
    layer.reset_index(drop=True).to_parquet(path, compression="zstd", index=False)


def write_geopackage(layer: gpd.GeoDataFrame, path: Path, name: str) -> None:
    """Write a layer as GeoPackage; rows without a geometry stay."""
    path.unlink(missing_ok=True)
    os.environ["OGR_CURRENT_DATE"] = _FIXED_DATE
    try:
        pyogrio.write_dataframe(layer, path, layer=name, driver="GPKG", geometry_type="Unknown")
    finally:
        del os.environ["OGR_CURRENT_DATE"]


def write_cog(values: NDArray[np.generic], canvas: Canvas, path: Path, *, nodata: float, tags: dict[str, str]) -> None:
    """Write a grid as cloud-optimised GeoTIFF, cut to its valid cells."""
    rows, cols = (np.flatnonzero((values != nodata).any(axis=axis)) for axis in (1, 0))
    cut = values[rows[0] : rows[-1] + 1, cols[0] : cols[-1] + 1]
    profile = {
        "driver": "GTiff",
        "dtype": cut.dtype.name,
        "count": 1,
        "height": cut.shape[0],
        "width": cut.shape[1],
        "crs": canvas.crs.to_wkt(),
        "transform": canvas.window_transform(int(rows[0]), int(cols[0])),
        "nodata": nodata,
    }
    predictor = "FLOATING_POINT" if np.issubdtype(cut.dtype, np.floating) else "NO"
    with MemoryFile() as memory:
        with memory.open(**profile) as plain:
            plain.write(cut, 1)
            plain.update_tags(1, **tags)
        rasterio.shutil.copy(
            memory.name,
            path,
            driver="COG",
            compress="ZSTD",
            level=15,
            predictor=predictor,
            blocksize=256,
            resampling="NEAREST",
            overview_predictor=predictor,
        )
