"""Writing vector layers: complete or not at all, and never with a silent loss."""

from __future__ import annotations

import shutil
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
from pyogrio.errors import DataLayerError, DataSourceError, FeatureError, FieldError

from spatial.errors import InputError, fault_of
from spatial.findings import Finding
from spatial.io.atomic import staged
from spatial.io.boundary_points import FIELDS
from spatial.io.boundary_points_writer import write_boundary_points
from spatial.io.drawings_writer import write_drawing
from spatial.io.formats import driver_of
from spatial.io.losses import columns_lost, fitted_to_kml, fitted_to_shapefile
from spatial.io.point_tables_writer import write_point_csv, write_point_sheet

#: UTF-8 with a .cpg: GBK would give two more characters to a name, but loses every sign it lacks.
_TABLE_ENCODING = "UTF-8"
#: Members of an archive carry this date, so that the same features give the same bytes.
_EPOCH = (1980, 1, 1, 0, 0, 0)
_MANY_LAYERS = frozenset({"GPKG"})
#: Formats that may hold a layer whose system is not known.
_WITHOUT_SYSTEM = frozenset({"GPKG", "parquet", "FlatGeobuf", "ESRI Shapefile", "zipped_shapefile"})


def write_vector(frames: dict[str, gpd.GeoDataFrame], path: Path) -> list[Finding]:
    """Write layers to one file under a temporary name and rename it.

    Parameters
    ----------
    frames
        Layer name to features. Only a GeoPackage takes more than one.
    path
        Any suffix that ``data/formats.csv`` names a driver for.

    Returns
    -------
    list of Finding
        What the format cannot hold and how the features were made to fit.

    Raises
    ------
    InputError
        For a format that cannot be written, or when writing fails.
    """
    driver = driver_of(path)
    if len(frames) > 1 and driver not in _MANY_LAYERS:
        raise InputError("write_one_layer", file=path, layers=", ".join(frames))
    findings: list[Finding] = []
    # A Shapefile is several files: all of them are finished before any takes its place.
    with staged(path.parent) as folder:
        for layer, frame in frames.items():
            found = _write_layer(frame, folder / path.name, layer, driver, path)
            findings.extend(replace(finding, source=str(path)) for finding in found)
    return findings


def _write_layer(frame: gpd.GeoDataFrame, temporary: Path, layer: str, driver: str, path: Path) -> list[Finding]:
    if frame.crs is None and driver not in _WITHOUT_SYSTEM:
        # Readers would take its numbers for longitudes, or the writer must know whether they are.
        raise InputError("write_no_crs", file=path)
    write = _WRITERS.get(driver)
    try:
        if write is not None:
            return write(frame, temporary, layer)
        # The spatial index of FlatGeobuf would put the features in another order.
        options = {"SPATIAL_INDEX": "NO"} if driver == "FlatGeobuf" else {}
        options |= {"FID": _own_number(frame)} if driver == "GPKG" else {}
        frame.to_file(temporary, driver=driver, layer=layer, engine="pyogrio", **options)
    except InputError as error:
        raise type(error)(error.key, **(error.values | {"file": path})) from error
    except (DataSourceError, DataLayerError, FeatureError, FieldError, NotImplementedError, TypeError) as error:
        # GDAL does not say why: a full disk or a kind of column that the format does not know.
        raise InputError("write_failed", file=path, fault=fault_of(error)) from error
    return []


def _own_number(frame: gpd.GeoDataFrame) -> str:
    """Return a name for a GeoPackage's own row numbers that no column has: it would take that column for them."""
    taken = {str(name).casefold() for name in frame.columns}
    name = "fid"
    while name in taken:
        name = f"_{name}"
    return name


def _parquet(frame: gpd.GeoDataFrame, path: Path, layer: str) -> list[Finding]:
    del layer
    frame.to_parquet(path, compression="zstd")
    return []


def _boundary_points(frame: gpd.GeoDataFrame, path: Path, layer: str) -> list[Finding]:
    del layer
    write_boundary_points(frame, path)
    numbered = {str(name) for name in frame.columns if str(name)[:1] == "X" and str(name)[1:].isdigit()}
    # A name stands for DKMC where there is none.
    named = set() if "DKMC" in frame else {"name"}
    return columns_lost(frame, {*FIELDS, *numbered, *named}, path)


def _shapefile(frame: gpd.GeoDataFrame, path: Path, layer: str) -> list[Finding]:
    del layer
    fitted, findings = fitted_to_shapefile(frame, path, _TABLE_ENCODING)
    fitted.to_file(path, driver="ESRI Shapefile", engine="pyogrio", encoding=_TABLE_ENCODING)
    return findings


def _zipped(frame: gpd.GeoDataFrame, path: Path, layer: str) -> list[Finding]:
    folder = path.parent / "shapefile"
    folder.mkdir()
    findings = _shapefile(frame, folder / f"{path.stem}.shp", layer)
    _pack(sorted(folder.iterdir()), path)
    shutil.rmtree(folder)
    return findings


def _kml(frame: gpd.GeoDataFrame, path: Path, layer: str) -> list[Finding]:
    fitted, findings = fitted_to_kml(frame, path)
    fitted.to_file(path, driver="KML", layer=layer, engine="pyogrio")
    return findings


def _kmz(frame: gpd.GeoDataFrame, path: Path, layer: str) -> list[Finding]:
    folder = path.parent / "kmz"
    folder.mkdir()
    findings = _kml(frame, folder / "doc.kml", layer)
    _pack([folder / "doc.kml"], path)
    shutil.rmtree(folder)
    return findings


def _pack(members: list[Path], archive: Path) -> None:
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as opened:
        for member in members:
            entry = zipfile.ZipInfo(member.name, _EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            opened.writestr(entry, member.read_bytes())


def _csv(frame: gpd.GeoDataFrame, path: Path, layer: str) -> list[Finding]:
    del layer
    return write_point_csv(frame, path)


_WRITERS: dict[str, Callable[[gpd.GeoDataFrame, Path, str], list[Finding]]] = {
    "parquet": _parquet,
    "boundary_points": _boundary_points,
    "ESRI Shapefile": _shapefile,
    "zipped_shapefile": _zipped,
    "KML": _kml,
    "kmz": _kmz,
    "drawing": write_drawing,
    "point_csv": _csv,
    "point_sheet": write_point_sheet,
}
