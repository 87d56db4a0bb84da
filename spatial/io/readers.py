"""Reading files of any known format into features, before anything is checked."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import geopandas as gpd
import pyogrio

from spatial.errors import InputError
from spatial.findings import Finding
from spatial.io.archives import unpack
from spatial.io.boundary_points import parse
from spatial.io.drawings import read_drawing
from spatial.io.formats import readable, reader_of
from spatial.io.gdal import standing_for, tried
from spatial.io.keyhole import read_keyhole
from spatial.io.parcel_shapes import parcel_layer
from spatial.io.point_tables import read_cass_points, read_csv_points, read_sheet_points
from spatial.io.shapefile import read_shapefile
from spatial.io.stated import Stated
from spatial.io.stored_kinds import curve_findings, fine_arcs
from spatial.io.text import read_text

_GEODATABASE = ".gdb"
_JSON = frozenset({".geojson", ".json"})
_SHADOWS = (".", "~$")
#: Files of an archive that a message names.
_SHOWN = 10


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
    if path.is_dir() and path.suffix.lower() != _GEODATABASE:
        raise InputError("file_is_folder", file=path)
    return _READERS[reader_of(path)](path, stated)


def _gdal(path: Path, stated: Stated) -> RawLayer:
    try:
        return _by_gdal(path, stated)
    except InputError as error:
        if path.suffix.lower() not in _JSON or not isinstance(error.__cause__, UnicodeDecodeError):
            raise
    # The format asks for UTF-8; scripts in China write GBK all the same.
    with tempfile.TemporaryDirectory() as name, standing_for(path, Path(name)):
        decoded = read_text(path, stated=stated.encoding)
        copy = Path(name) / path.name
        copy.write_text(decoded.text, encoding="utf-8")
        raw = _by_gdal(copy, replace(stated, encoding=""))
    return replace(raw, findings=(decoded.finding(str(path)), *raw.findings))


def _by_gdal(path: Path, stated: Stated) -> RawLayer:
    options = {"encoding": stated.encoding} if stated.encoding else {}
    names = [str(name) for name, kind in tried(path, lambda: pyogrio.list_layers(path)) if kind is not None]
    layer = _layer_of(path, stated, names)
    with fine_arcs():
        features = tried(path, lambda: gpd.read_file(path, layer=layer, **options))
    found = tried(path, lambda: curve_findings(path, layer))
    return RawLayer(features, tuple(found))


def _layer_of(path: Path, stated: Stated, names: list[str]) -> str | None:
    """Return the layer to read: the one named, or the only one with geometry."""
    if stated.layer:
        if stated.layer not in names:
            raise InputError("layer_unknown", file=path, layer=stated.layer, layers=", ".join(names))
        return stated.layer
    if len(names) > 1:
        raise InputError("layers_many", file=path, layers=", ".join(names), names=tuple(names))
    return names[0] if names else None


def _parquet(path: Path, stated: Stated) -> RawLayer:
    del stated
    return RawLayer(tried(path, lambda: gpd.read_parquet(path)))


def _boundary_points(path: Path, stated: Stated) -> RawLayer:
    decoded = read_text(path, stated=stated.encoding)
    layer = parcel_layer(parse(decoded.text, str(path)), str(path), stated_crs=stated.crs)
    return RawLayer(layer.features, (decoded.finding(str(path)), *layer.findings), points_compared=True)


def _archive(path: Path, stated: Stated) -> RawLayer:
    """Read the one layer of a zip file, or the one named by ``stated.layer``."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        files = unpack(path, folder)
        layers = _members(files, folder)
        named = [file for file in layers if stated.layer in {file.name, file.stem, _title(file, layers, folder)}]
        # The name may also be that of a layer within the only file.
        inner = stated.layer if len(layers) == 1 and not named else ""
        layers = named if stated.layer and not inner else layers
        if not layers:
            raise InputError("archive_without_layer", file=path, layers=_some(files))
        if len(layers) > 1:
            titles = tuple(_title(file, layers, folder) for file in layers)
            raise InputError("layers_many", file=path, layers=", ".join(titles), names=titles)
        shown = f"{path}/{layers[0].name}"
        with standing_for(shown, folder):
            raw = read_raw(layers[0], replace(stated, layer=inner))
        return replace(raw, findings=tuple(replace(finding, source=shown) for finding in raw.findings))


def _title(file: Path, layers: list[Path], folder: Path) -> str:
    """Return how a file of an archive is called: with its folder where two have the same name."""
    alone = sum(other.name == file.name for other in layers) == 1
    return file.name if alone else file.relative_to(folder).as_posix()


def _some(files: list[Path]) -> str:
    names = [file.name for file in files]
    return ", ".join([*names[:_SHOWN], *(["..."] if len(names) > _SHOWN else [])])


def _members(files: list[Path], folder: Path) -> list[Path]:
    """Return what can be read in an unpacked archive; a geodatabase is a folder of many files."""
    databases = {parent for file in files for parent in file.parents if parent.suffix.lower() == _GEODATABASE}
    found = sorted(database for database in databases if folder in database.parents)
    # Macintosh computers pack a shadow of every file, office programs one of every open file.
    plain = [file for file in files if not file.name.startswith(_SHADOWS)]
    loose = [file for file in plain if databases.isdisjoint(file.parents)]
    suffixes = set(readable()) - {".zip", _GEODATABASE}
    found += [file for file in loose if file.suffix.lower() in suffixes]
    # A list of contents beside a Shapefile is no layer; tables count where there is nothing else.
    return found or [file for file in loose if file.suffix.lower() in set(readable(tables=True)) - suffixes - {".zip"}]


def _plain(
    read: Callable[[Path, Stated], tuple[gpd.GeoDataFrame, tuple[Finding, ...]]],
) -> Callable[[Path, Stated], RawLayer]:
    """Return a reader of another module as one of a :class:`RawLayer`."""
    return lambda path, stated: RawLayer(*read(path, stated))


_READERS: dict[str, Callable[[Path, Stated], RawLayer]] = {
    "gdal": _gdal,
    "keyhole": _plain(read_keyhole),
    "shapefile": _plain(read_shapefile),
    "parquet": _parquet,
    "boundary_points": _boundary_points,
    "archive": _archive,
    "drawing": _plain(read_drawing),
    "point_csv": _plain(read_csv_points),
    "point_sheet": _plain(read_sheet_points),
    "cass_points": _plain(read_cass_points),
}
