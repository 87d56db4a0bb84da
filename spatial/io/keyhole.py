"""KML and KMZ: all folders of all documents, whatever their encoding, with the names of their fields."""

from __future__ import annotations

import re
import tempfile
import zipfile
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import pyogrio

from spatial.errors import InputError
from spatial.findings import Finding
from spatial.io.archives import unpack
from spatial.io.gdal import option, standing_for, tried
from spatial.io.stated import Stated
from spatial.io.text import decode
from spatial.settings import setting

_DECLARED = re.compile(rb"""^(?:\xef\xbb\xbf)?\s*<\?xml[^>]*?encoding\s*=\s*["']([^"']+)["'][^>]*\?>""")
#: GDAL reads these; anything else, and what is not what it says, is made UTF-8 first.
_READ = frozenset({"utf-8", "utf8", "utf-16", "us-ascii", "ascii", "iso-8859-1"})


def read_keyhole(path: Path, stated: Stated) -> tuple[Any, tuple[Finding, ...]]:
    """Read a KML or KMZ file.

    Parameters
    ----------
    path
        In longitude and latitude of WGS 84, as the format has it.
    stated
        ``layer`` chooses a folder, ``encoding`` is used where a text is not in UTF-8.

    Returns
    -------
    features : GeoDataFrame or None
        All folders of all documents, the folder's name in the column ``folder``.
    findings : tuple of Finding
        In which encoding a text was, if not in UTF-8.

    Raises
    ------
    InputError
        If the file is damaged, unpacks to more than the settings allow, or holds no document or no
        folder of the name asked for.
    """
    with tempfile.TemporaryDirectory() as name, standing_for(path, Path(name)):
        folder = Path(name)
        documents = [path]
        if zipfile.is_zipfile(path):
            # GDAL would read the first document only, and without the fields of a schema.
            files = unpack(path, folder / "kmz")
            documents = [file for file in files if file.suffix.lower() == ".kml"]
            if not documents:
                raise InputError("archive_without_layer", file=path, layers=", ".join(file.name for file in files))
        frames: list[Any] = []
        folders: list[str] = []
        findings: list[Finding] = []
        for number, document in enumerate(documents):
            text, found = _readable(document, folder / f"{number}.kml", stated.encoding)
            findings += [replace(finding, source=str(path)) for finding in found]
            own = [str(layer) for layer, kind in tried(text, partial(pyogrio.list_layers, text)) if kind is not None]
            folders += own
            frames += [_folder(text, layer) for layer in own if stated.layer in {"", layer}]
    if stated.layer and stated.layer not in folders:
        raise InputError("layer_unknown", file=path, layer=stated.layer, layers=", ".join(folders))
    frames = [frame for frame in frames if isinstance(frame, gpd.GeoDataFrame) and not frame.empty]
    return (pd.concat(frames, ignore_index=True) if frames else None), tuple(findings)


def _folder(path: Path, layer: str) -> Any:
    # GDAL turns each byte of a Chinese field name into an underscore, so that names of one length become one.
    with option("LIBKML_LAUNDER_FIELD_NAMES", "NO"):
        return tried(path, partial(gpd.read_file, path, layer=layer)).assign(folder=layer)


def _readable(path: Path, copy: Path, stated: str) -> tuple[Path, list[Finding]]:
    """Return the document itself, or a copy in UTF-8 where GDAL could not read its text."""
    if path.stat().st_size > setting("keyhole_mib") * 2**20:
        raise InputError("keyhole_large", file=path, limit=f"{setting('keyhole_mib'):.0f} MiB")
    raw = path.read_bytes()
    declared = _DECLARED.match(raw)
    name = declared.group(1).decode("ascii", "replace").lower() if declared is not None else ""
    if not stated and (not name or name in _READ) and (name not in {"", "utf-8", "utf8"} or _is_utf8(raw)):
        if path.suffix.lower() == ".kml":
            return path, []
        # A document that only calls itself packed.
        copy.write_bytes(raw)
        return copy, []
    decoded = decode(raw, str(path), stated=stated)
    plain = re.sub(r"^\s*<\?xml[^>]*\?>", "", decoded.text.removeprefix("\ufeff"))
    copy.write_text(f'<?xml version="1.0" encoding="UTF-8"?>{plain}', encoding="utf-8")
    return copy, [decoded.finding(str(path))]


def _is_utf8(raw: bytes) -> bool:
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.startswith((b"\xff\xfe", b"\xfe\xff"))
    return True
