"""What a format cannot hold: features are made to fit it, and every loss is said."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import CRS

from spatial.equal_area import reproject
from spatial.errors import InputError
from spatial.findings import Finding

#: A field name of a Shapefile has 10 bytes, a text 254 (dBASE III).
_NAME_BYTES, _TEXT_BYTES = 10, 254
_WGS84 = 4326
_KINDS = {0: "point", 1: "line", 2: "polygon"}
_SHOWN = 5


def fitted_to_shapefile(frame: gpd.GeoDataFrame, path: Path, encoding: str) -> tuple[gpd.GeoDataFrame, list[Finding]]:
    """Make features fit a Shapefile: short names, short texts, one kind of geometry.

    Parameters
    ----------
    frame
        Any features.
    path, encoding
        The file, and the encoding of its table, which decides how many characters fit.

    Returns
    -------
    features : GeoDataFrame
    findings : list of Finding
        Names and texts that were cut, and columns whose type changes.

    Raises
    ------
    InputError
        If points, lines and polygons are mixed: a Shapefile holds one kind.
    """
    geometry = np.asarray(frame.geometry.array, dtype=object)
    kinds = sorted(set(shapely.get_dimensions(geometry[~shapely.is_missing(geometry)]).tolist()))
    if len(kinds) > 1:
        found = ", ".join(_KINDS[kind] for kind in kinds if kind in _KINDS)
        raise InputError("write_kinds_mixed", file=path, kinds=found)
    fitted, findings = frame.copy(), []
    for name in [name for name in frame.columns if name != frame.geometry.name]:
        column, finding = _fitted_column(frame[name], str(path), encoding)
        fitted[name] = column
        findings.extend(finding)
    renamed = _short_names([str(name) for name in fitted.columns if name != fitted.geometry.name], encoding)
    cut = {name: short for name, short in renamed.items() if name != short}
    if cut:
        shown = ", ".join(f"{name} -> {short}" for name, short in cut.items())
        findings.append(Finding("warning", "names_cut", str(path), values={"count": len(cut), "names": shown}))
    return fitted.rename(columns=renamed), findings


def _fitted_column(column: Any, source: str, encoding: str) -> tuple[Any, list[Finding]]:
    name = str(column.name)
    if pd.api.types.is_bool_dtype(column):
        return column.map({True: 1, False: 0}), [_typed(source, name, "bool", "0/1")]
    if pd.api.types.is_datetime64_any_dtype(column):
        # A date field has no hours: the text keeps them.
        text = column.map(lambda value: None if pd.isna(value) else value.isoformat())
        return text.astype(object), [_typed(source, name, "datetime", "text")]
    if pd.api.types.is_numeric_dtype(column):
        return column, []
    texts = [None if value is None or value is pd.NA or value != value else str(value) for value in column.tolist()]  # noqa: PLR0124 -- NaN
    long = [place for place, text in enumerate(texts) if text is not None and len(text.encode(encoding)) > _TEXT_BYTES]
    for place in long:
        texts[place] = _cut(texts[place] or "", _TEXT_BYTES, encoding)
    values: dict[str, object] = {"column": name, "count": len(long)}
    found = [Finding("warning", "texts_cut", source, str(long[0] + 1), values)] if long else []
    return pd.Series(texts, index=column.index, dtype=object), found


def _typed(source: str, name: str, before: str, after: str) -> Finding:
    return Finding("note", "type_changed", source, values={"column": name, "before": before, "after": after})


def _cut(text: str, size: int, encoding: str) -> str:
    return text.encode(encoding)[:size].decode(encoding, errors="ignore")


def _short_names(names: list[str], encoding: str) -> dict[str, str]:
    """Return names that fit, cut between characters and all different."""
    taken: set[str] = set()
    found = {}
    # Names that fit keep their own: only longer ones give way.
    for name in sorted(names, key=lambda name: len(name.encode(encoding)) > _NAME_BYTES):
        short, number = _cut(name, _NAME_BYTES, encoding), 1
        while short.upper() in taken or not short:
            tail = f"_{number}"
            short, number = _cut(name, _NAME_BYTES - len(tail), encoding) + tail, number + 1
        taken.add(short.upper())
        found[name] = short
    return found


def fitted_to_kml(frame: gpd.GeoDataFrame, path: Path) -> tuple[gpd.GeoDataFrame, list[Finding]]:
    """Move features to longitude and latitude (WGS 84), which is all that KML knows.

    CGCS2000 counts as WGS 84 (null shift, DOMAIN 2.3), so only the projection is undone.
    """
    crs = CRS(frame.crs)
    if crs.to_epsg() == _WGS84:
        return frame, []
    moved = frame.set_geometry(
        gpd.GeoSeries(reproject(frame.geometry.array, crs, CRS(_WGS84)), index=frame.index, crs=_WGS84)
    )
    return moved, [Finding("note", "kml_degrees", str(path), values={"crs": crs.name})]


def columns_lost(frame: gpd.GeoDataFrame, kept: set[str], path: Path) -> list[Finding]:
    """Return a warning that names the columns with content that a format leaves out."""
    lost = [
        str(name)
        for name in frame.columns
        if name != frame.geometry.name and str(name) not in kept and frame[name].notna().any()
    ]
    return [Finding("warning", "columns_lost", str(path), values={"columns": ", ".join(lost)})] if lost else []
