"""Shapefiles, which are several files: all of them there, whole, and belonging together."""

from __future__ import annotations

import os
import shutil
import struct
import tempfile
from functools import partial
from pathlib import Path
from typing import Any

import geopandas as gpd

from spatial.errors import InputError
from spatial.findings import Finding
from spatial.io.dbf import beside, rows_of, table_text
from spatial.io.gdal import standing_for, tried
from spatial.io.stated import Stated
from spatial.io.text import decode

#: Bytes of the head that .shp and .shx share, of an entry of a .shx; lengths are counted in two bytes.
_HEAD, _ENTRY, _WORD = 100, 8, 2
_LENGTH_AT = 24


def read_shapefile(path: Path, stated: Stated) -> tuple[Any, tuple[Finding, ...]]:
    """Read a Shapefile with its table and its label.

    Parameters
    ----------
    path
        The .shp file; what belongs to it is found whatever the capitals of its suffix.
    stated
        ``encoding`` forces the encoding of the table.

    Returns
    -------
    features : GeoDataFrame
    findings : tuple of Finding
        How the table is encoded; a missing table; rows marked as deleted.

    Raises
    ------
    InputError
        If .shp or .shx is cut off or missing, if outlines and table are not equally many, or if the
        file cannot be read.
    """
    count = _outlines(path)
    table = beside(path, ".dbf")
    if not table.is_file() or not table.stat().st_size:
        return _read(path, {}), (Finding("warning", "dbf_missing", str(path)),)
    text = table_text(table, stated=stated.encoding)
    rows = rows_of(table)
    if rows != count:
        raise InputError("shp_rows_differ", file=path, count=count, rows=rows)
    frame = _read(path, {"encoding": text.encoding})
    findings = list(text.findings)
    if len(frame) < count:
        findings.append(Finding("warning", "shp_rows_deleted", str(path), values={"count": count - len(frame)}))
    return frame, tuple(findings)


def _outlines(path: Path) -> int:
    """Return how many outlines the index lists; refuse files that a broken copy has cut off."""
    index = beside(path, ".shx")
    if not index.is_file():
        raise InputError("shx_missing", file=path)
    for part in (path, index):
        size = part.stat().st_size
        if not size:
            raise InputError("file_empty", file=part)
        with part.open("rb") as opened:
            head = opened.read(_HEAD)
        if size < _HEAD or _WORD * struct.unpack_from(">i", head, _LENGTH_AT)[0] > size:
            raise InputError("shp_cut", file=part)
    return (index.stat().st_size - _HEAD) // _ENTRY


def _read(path: Path, options: dict[str, str]) -> Any:
    label = beside(path, ".prj")
    raw = label.read_bytes() if label.is_file() else b""
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError:
        # GDAL takes no label in GBK, as programs write it for planes with Chinese names.
        with tempfile.TemporaryDirectory() as name, standing_for(path, Path(name)):
            copy = _with_label(path, Path(name), decode(raw, str(label)).text)
            return tried(copy, partial(gpd.read_file, copy, **options))
    return tried(path, partial(gpd.read_file, path, **options))


def _with_label(path: Path, folder: Path, label: str) -> Path:
    """Return the Shapefile in another folder with a label in UTF-8."""
    for suffix in (".shp", ".shx", ".dbf"):
        part, copy = beside(path, suffix), folder / f"{path.stem}{suffix}"
        if part.is_file():
            try:
                os.link(part, copy)
            except OSError:
                # Another disk, or one without links.
                shutil.copyfile(part, copy)
    (folder / f"{path.stem}.prj").write_text(label, encoding="utf-8")
    return folder / f"{path.stem}.shp"
