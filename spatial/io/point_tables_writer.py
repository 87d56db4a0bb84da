"""Writing tables of points: what the reader takes back exactly, and Excel opens without mojibake."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import CRS

from spatial.errors import InputError
from spatial.findings import Finding
from spatial.io.atomic import replacing
from spatial.io.boundary_points_writer import KINDS, numbered_points

_SHEET_ROWS = 1_048_576
_SHEET_TITLE = 31


def write_point_csv(frame: gpd.GeoDataFrame, path: Path) -> list[Finding]:
    """Write features as a CSV table of points, UTF-8 with a byte-order mark; see :func:`point_rows`."""
    titles, rows, findings = point_rows(frame, path)
    with replacing(path) as temporary, temporary.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(titles)
        writer.writerows([repr(cell) if isinstance(cell, float) else cell for cell in row] for row in rows)
    typed = [str(name) for name in frame.columns if _is_typed(frame, name)]
    if typed:
        findings.append(Finding("note", "types_lost", str(path), values={"columns": ", ".join(typed)}))
    return findings


def write_point_sheet(frame: gpd.GeoDataFrame, path: Path, layer: str) -> list[Finding]:
    """Write features as an Excel table of points; see :func:`point_rows`.

    Raises
    ------
    InputError
        If there are more points than a sheet has rows.
    """
    import openpyxl

    titles, rows, findings = point_rows(frame, path)
    count = int(shapely.get_num_coordinates(frame.geometry.array).sum())
    if count >= _SHEET_ROWS:
        raise InputError("sheet_full", file=path, count=count, limit=_SHEET_ROWS - 1)
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("".join("_" if sign in "[]:*?/\\'" else sign for sign in layer)[:_SHEET_TITLE] or "1")
    try:
        lines: Iterator[list[Any]] = chain([list(titles)], rows)
        for row in lines:
            sheet.append([_cell(sheet, cell) for cell in row])
    except (ValueError, openpyxl.utils.exceptions.IllegalCharacterError) as error:
        raise InputError("write_failed", file=path, fault=error) from error
    with replacing(path) as temporary:
        book.save(temporary)
    return findings


def _cell(sheet: Any, cell: object) -> object:
    """Return a text as a text: a name that begins with = must not become a formula."""
    if not (isinstance(cell, str) and cell.startswith("=")):
        return cell
    from openpyxl.cell import WriteOnlyCell

    quoted = WriteOnlyCell(sheet, value=cell)
    quoted.data_type = "s"
    return quoted


def _is_typed(frame: gpd.GeoDataFrame, name: object) -> bool:
    if name == frame.geometry.name:
        return False
    return not (pd.api.types.is_object_dtype(frame[name]) or pd.api.types.is_string_dtype(frame[name]))


def point_rows(frame: gpd.GeoDataFrame, path: Path) -> tuple[list[str], Iterator[list[object]], list[Finding]]:
    """Return the table of the points of features.

    Parameters
    ----------
    frame
        In any system; degrees give columns 经度 and 纬度, planes X (north) and Y (east).
    path
        For findings and errors.

    Returns
    -------
    titles : list of str
    rows : iterator of list
        Coordinates are the numbers themselves, unrounded.
    findings : list of Finding
        Where features were numbered anew, and what a table cannot hold.

    Raises
    ------
    InputError
        If a feature has no geometry: a table of points would lose it.
    """
    geometry = np.asarray(frame.geometry.array, dtype=object)
    missing = np.flatnonzero(shapely.is_missing(geometry) | shapely.is_empty(geometry))
    if missing.size:
        raise InputError("table_no_geometry", file=path, feature=int(missing[0]) + 1)
    crs = CRS(frame.crs)
    findings = [Finding("note", "table_no_crs", str(path), values={"crs": crs.name})]
    names, renumbered = _names(frame)
    if renumbered:
        findings.append(Finding("note", "table_numbered", str(path), values={"count": len(names)}))
    extra = [name for name in frame.columns if name not in {frame.geometry.name, "DKMC", "JXSX"}]
    extra = [name for name in extra if name != "DKBH" or renumbered]
    head = ["地块编号", *(["地块名称"] if "DKMC" in frame else [])]
    pair = ["经度", "纬度"] if crs.is_geographic else ["X", "Y"]
    titles = [*head, "图形属性", "点号", "圈号", *pair, *_titles(extra)]

    def rows() -> Iterator[list[object]]:
        tables = [frame[name].tolist() for name in extra]
        called = frame["DKMC"].tolist() if "DKMC" in frame else []
        for place, shape in enumerate(geometry):
            kind = KINDS[int(shapely.get_dimensions(shape))]
            first = [names[place], *([_plain(called[place])] if called else []), kind]
            last = [_plain(table[place]) for table in tables]
            for number, ring, x, y in numbered_points(shape):
                yield [*first, f"J{number}", ring, *((x, y) if crs.is_geographic else (y, x)), *last]

    return titles, rows(), findings


def _names(frame: gpd.GeoDataFrame) -> tuple[list[str], bool]:
    """Return a number for each feature: its own where all have different ones."""
    if "DKBH" in frame:
        own = [_plain(value) for value in frame["DKBH"].tolist()]
        texts = [value.strip() if isinstance(value, str) else "" for value in own]
        if all(texts) and len(set(texts)) == len(texts):
            return texts, False
    return [str(number) for number in range(1, len(frame) + 1)], "DKBH" in frame


def _titles(extra: list[Any]) -> list[str]:
    """Return titles that the reader does not take for coordinates or numbers."""
    from spatial.io.point_columns import meaning_of

    harmless = {None, "name", "parcel"}
    return [str(name) if meaning_of(str(name)) in harmless and name != "DKBH" else f"原{name}" for name in extra]


def _plain(value: object) -> object:
    """Return a cell that CSV and Excel can hold."""
    if value is None or value is pd.NA or value is pd.NaT or value != value:  # noqa: PLR0124 -- NaN
        return ""
    if isinstance(value, pd.Timestamp):
        return value.isoformat()
    return value if isinstance(value, str | int | float | bool) else str(value)
