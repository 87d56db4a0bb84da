"""Kinds of geometries as a file stores them: curves, which GDAL cuts in silence, here finely and said; measures."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio
from numpy.typing import NDArray

from spatial.findings import Finding
from spatial.io.gdal import option
from spatial.settings import setting

Kinds = NDArray[np.int64]

_OPTION = "OGR_ARC_STEPSIZE"
#: Formats that can hold curves.
_CURVED_FORMATS = frozenset({".gpkg", ".gdb", ".fgb", ".gml", ".sqlite"})
#: What a GeoPackage calls layers that cannot hold a curve.
_STRAIGHT = frozenset({"POINT", "LINESTRING", "POLYGON", "MULTIPOINT", "MULTILINESTRING", "MULTIPOLYGON"})
#: Well-known binary: circular strings, compound curves, curve polygons, multi-curves, multi-surfaces;
#: 1000 more with heights, 2000 with measures, 3000 with both.
_CURVES = (8, 9, 10, 11, 12)
_MEASURED = 2
_WKB_HEAD = 5


@contextmanager
def fine_arcs() -> Iterator[None]:
    """Have GDAL cut curves by the step of ``arc_step_deg`` while the block runs."""
    with option(_OPTION, str(setting("arc_step_deg"))):
        yield


def curve_findings(path: Path, layer: str | None) -> list[Finding]:
    """Say how many features of a layer hold curves.

    Parameters
    ----------
    path, layer
        Any file that GDAL reads; formats that hold no curves are not opened.
    """
    if path.suffix.lower() not in _CURVED_FORMATS:
        return []
    name = layer or str(pyogrio.list_layers(path)[0, 0])
    if path.suffix.lower() == ".gpkg" and _declared(path, name) in _STRAIGHT:
        return []
    return curves_cut(stored_kinds(path, name), str(path))


def curves_cut(kinds: Kinds, source: str) -> list[Finding]:
    """Return a finding where features hold curves, of which reading makes short edges."""
    count = int(np.isin(kinds % 1000, _CURVES).sum())
    values: dict[str, object] = {"count": count, "step": f"{setting('arc_step_deg'):g}"}
    return [Finding("warning", "curves_cut", source, values=values)] if count else []


def are_measured(kinds: Kinds) -> NDArray[np.bool_]:
    """Return which geometries hold measures (M)."""
    return kinds // 1000 >= _MEASURED


def stored_kinds(path: Path | str, layer: str | None) -> Kinds:
    """Return the well-known binary type number of each feature as stored, 0 where it has no geometry.

    GDAL's Arrow stream gives geometries as the file stores them; its other ways cut curves and drop measures.
    """
    options = {"layer": layer} if layer else {}
    meta, table = pyogrio.raw.read_arrow(path, columns=[], **options)
    column = meta["geometry_name"] or "wkb_geometry"
    return np.concatenate([np.empty(0, dtype=np.int64), *(_kinds(chunk) for chunk in table.column(column).chunks)])


def _kinds(chunk: Any) -> Kinds:
    """Return the type number of each geometry of a binary Arrow array; 0 where there is none."""
    _, offsets, data = chunk.buffers()
    width = np.int64 if str(chunk.type) == "large_binary" else np.int32
    start = np.frombuffer(offsets, width)[chunk.offset : chunk.offset + len(chunk) + 1].astype(np.int64)
    signs = np.frombuffer(data, np.uint8) if data is not None else np.empty(0, np.uint8)
    kinds = np.zeros(len(chunk), dtype=np.int64)
    filled = np.flatnonzero(np.diff(start) >= _WKB_HEAD)
    head = signs[start[filled][:, None] + np.arange(_WKB_HEAD)].astype(np.int64)
    little = head[:, 1] + (head[:, 2] << 8)
    big = head[:, 4] + (head[:, 3] << 8)
    kinds[filled] = np.where(head[:, 0] == 1, little, big)
    return kinds


def _declared(path: Path, layer: str) -> str:
    """Return the geometry type that a GeoPackage declares: GDAL names curved ones as if they were straight."""
    query = "SELECT geometry_type_name FROM gpkg_geometry_columns WHERE table_name = ?"
    with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro&immutable=1", uri=True)) as base:
        row = base.execute(query, (layer,)).fetchone()
    return str(row[0]).upper() if row else ""
