"""Reading files of any known format into features, before anything is checked."""

from __future__ import annotations

import tempfile
import warnings
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import pyogrio

from spatial.errors import InputError, fault_of
from spatial.findings import Finding
from spatial.io.archives import unpack
from spatial.io.boundary_points import parse
from spatial.io.dbf import table_text
from spatial.io.drawings import read_drawing
from spatial.io.formats import readable, reader_of
from spatial.io.parcel_shapes import parcel_layer
from spatial.io.point_tables import read_cass_points, read_csv_points, read_sheet_points
from spatial.io.stated import Stated
from spatial.io.stored_kinds import curve_findings, fine_arcs
from spatial.io.text import read_text

_GEODATABASE = ".gdb"


@dataclass(frozen=True)
class RawLayer:
    """Features as a file holds them, and what was seen while reading.

    Parameters
    ----------
    features
        GeoDataFrame, or a plain table or ``None`` where the file holds no geometry.
    points_compared
        Whether the reader has compared declared numbers of points with the file's own lines.
    """

    features: Any
    findings: tuple[Finding, ...] = ()
    points_compared: bool = False


def read_raw(path: Path, stated: Stated) -> RawLayer:
    """Read a file by its suffix.

    Raises
    ------
    InputError
        If the file is missing, empty, damaged, of a format that must be exported first, or has
        several layers and none was named.
    """
    if not path.exists():
        raise InputError("file_missing", file=path)
    return _READERS[reader_of(path)](path, stated)


def _gdal(path: Path, stated: Stated) -> RawLayer:
    options = {"encoding": stated.encoding} if stated.encoding else {}
    names = [str(name) for name, kind in _tried(path, lambda: pyogrio.list_layers(path)) if kind is not None]
    layer = _layer_of(path, stated, names)
    with fine_arcs():
        features = _tried(path, lambda: gpd.read_file(path, layer=layer, **options))
    found = _tried(path, lambda: curve_findings(path, layer))
    return RawLayer(features, tuple(found))


def _layer_of(path: Path, stated: Stated, names: list[str]) -> str | None:
    """Return the layer to read: the one named, or the only one with geometry."""
    if stated.layer:
        if stated.layer not in names:
            raise InputError("layer_unknown", file=path, layer=stated.layer, layers=", ".join(names))
        return stated.layer
    if len(names) > 1:
        raise InputError("layers_many", file=path, layers=", ".join(names), names=names)
    return names[0] if names else None


def _folders(path: Path, stated: Stated) -> RawLayer:
    """Read all folders of a KML file: people draw in folders without thinking of layers."""
    names = [str(name) for name, kind in _tried(path, lambda: pyogrio.list_layers(path)) if kind is not None]
    wanted = [_layer_of(path, stated, names)] if stated.layer else names
    frames = [_tried(path, partial(gpd.read_file, path, layer=name)).assign(folder=name) for name in wanted]
    frames = [frame for frame in frames if isinstance(frame, gpd.GeoDataFrame) and not frame.empty]
    return RawLayer(pd.concat(frames, ignore_index=True) if frames else None)


def _shapefile(path: Path, stated: Stated) -> RawLayer:
    table = path.with_suffix(".dbf")
    if not table.is_file() or not table.stat().st_size:
        found = Finding("warning", "dbf_missing", str(path))
        return replace(_gdal(path, stated), findings=(found,))
    text = table_text(table, stated=stated.encoding)
    return RawLayer(_tried(path, lambda: gpd.read_file(path, encoding=text.encoding)), text.findings)


def _parquet(path: Path, stated: Stated) -> RawLayer:
    del stated
    return RawLayer(_tried(path, lambda: gpd.read_parquet(path)))


def _boundary_points(path: Path, stated: Stated) -> RawLayer:
    decoded = read_text(path, stated=stated.encoding)
    layer = parcel_layer(parse(decoded.text, str(path)), str(path), stated_crs=stated.crs)
    return RawLayer(layer.features, (decoded.finding(str(path)), *layer.findings), points_compared=True)


def _archive(path: Path, stated: Stated) -> RawLayer:
    """Read the one layer of a zip file, or the one named by ``stated.layer``."""
    with tempfile.TemporaryDirectory() as folder:
        files = unpack(path, Path(folder))
        layers = _members(files, Path(folder))
        named = [file for file in layers if stated.layer in {file.name, file.stem}]
        # The name may also be that of a layer within the only file.
        inner = stated.layer if len(layers) == 1 and not named else ""
        layers = named if stated.layer and not inner else layers
        if len(layers) != 1:
            names = [file.name for file in (layers or files)]
            key = "layers_many" if layers else "archive_without_layer"
            raise InputError(key, file=path, layers=", ".join(names), names=names)
        try:
            raw = read_raw(layers[0], replace(stated, layer=inner))
        except InputError as error:
            # The temporary folder means nothing to the user.
            raise type(error)(error.key, **(error.values | {"file": f"{path}/{layers[0].name}"})) from error
        found = (replace(finding, source=f"{path}/{layers[0].name}") for finding in raw.findings)
        return replace(raw, findings=tuple(found))


def _members(files: list[Path], folder: Path) -> list[Path]:
    """Return what can be read in an unpacked archive; a geodatabase is a folder of many files."""
    databases = {parent for file in files for parent in file.parents if parent.suffix.lower() == _GEODATABASE}
    found = sorted(database for database in databases if folder in database.parents)
    loose = [file for file in files if databases.isdisjoint(file.parents)]
    suffixes = set(readable()) - {".zip", _GEODATABASE}
    found += [file for file in loose if file.suffix.lower() in suffixes]
    # A list of contents beside a Shapefile is no layer; tables count where there is nothing else.
    return found or [file for file in loose if file.suffix.lower() in set(readable(tables=True)) - suffixes - {".zip"}]


def _tried(path: Path, read: Callable[[], Any]) -> Any:
    try:
        with warnings.catch_warnings():
            # What libraries grumble about is found again, and said better, by the checks after reading.
            warnings.simplefilter("ignore")
            return read()
    except InputError:
        raise
    except Exception as error:
        # GDAL, Arrow and pandas each have exceptions of their own for a file they cannot read.
        if path.is_file() and path.stat().st_size == 0:
            raise InputError("file_empty", file=path) from error
        raise InputError("file_unreadable", file=path, fault=fault_of(error)) from error


def _plain(
    read: Callable[[Path, Stated], tuple[gpd.GeoDataFrame, tuple[Finding, ...]]],
) -> Callable[[Path, Stated], RawLayer]:
    """Return a reader of another module as one of a :class:`RawLayer`."""
    return lambda path, stated: RawLayer(*read(path, stated))


_READERS: dict[str, Callable[[Path, Stated], RawLayer]] = {
    "gdal": _gdal,
    "folders": _folders,
    "shapefile": _shapefile,
    "parquet": _parquet,
    "boundary_points": _boundary_points,
    "archive": _archive,
    "drawing": _plain(read_drawing),
    "point_csv": _plain(read_csv_points),
    "point_sheet": _plain(read_sheet_points),
    "cass_points": _plain(read_cass_points),
}
