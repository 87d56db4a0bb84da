"""Writing vector layers: complete or not at all."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
from pyogrio.errors import DataLayerError, DataSourceError, FeatureError, FieldError

from spatial.errors import InputError
from spatial.io.atomic import staged
from spatial.io.boundary_points_writer import write_boundary_points
from spatial.io.formats import driver_of


def write_vector(frames: dict[str, gpd.GeoDataFrame], path: Path) -> None:
    """Write layers to one file under a temporary name and rename it.

    Parameters
    ----------
    frames
        Layer name to features. Only a GeoPackage takes more than one.
    path
        Any suffix that ``data/formats.csv`` names a driver for.

    Raises
    ------
    InputError
        For a format that cannot be written, or when writing fails.
    """
    driver = driver_of(path)
    # A Shapefile is several files: all of them are finished before any takes its place.
    with staged(path.parent) as folder:
        for layer, frame in frames.items():
            _write_layer(frame, folder / path.name, layer, driver, path)


def _write_layer(frame: gpd.GeoDataFrame, temporary: Path, layer: str, driver: str, path: Path) -> None:
    options = {"encoding": "UTF-8"} if driver == "ESRI Shapefile" else {}
    try:
        if driver == "parquet":
            frame.to_parquet(temporary, compression="zstd")
        elif driver == "boundary_points":
            write_boundary_points(frame, temporary)
        else:
            frame.to_file(temporary, driver=driver, layer=layer, engine="pyogrio", **options)
    except (DataSourceError, DataLayerError, FeatureError, FieldError, NotImplementedError, TypeError) as error:
        # GDAL does not say why: a full disk or a kind of column that the format does not know.
        lines = str(error).splitlines()
        raise InputError("write_failed", file=path, fault=lines[0] if lines else "?") from error
