"""The cells of CSV files and Excel sheets as text, row by row, with bounds on what strangers send."""

from __future__ import annotations

import csv
import datetime as dt
import re
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from spatial.errors import InputError, fault_of
from spatial.findings import Finding
from spatial.io.stated import Stated
from spatial.io.text import read_text
from spatial.settings import setting

_SEPARATORS = ",\t;，"
_CELL = re.compile(rb'<(?:\w+:)?c\b[^>]*?\br="([A-Z]{1,3})(\d{1,7})"')
_TAIL = 256
_SHEET = re.compile(r"^xl/worksheets/[^/]+\.xml$")


@dataclass(frozen=True)
class Cells:
    """A table of text.

    Parameters
    ----------
    rows
        Cells of each row; numbers of a sheet as the shortest text that gives them back.
    merged
        Whether values of merged cells have been repeated.
    title
        Name of the sheet.
    """

    rows: list[list[str]]
    findings: tuple[Finding, ...] = ()
    merged: bool = False
    title: str = ""


def csv_cells(path: Path, stated: Stated) -> Cells:
    """Read a CSV file, separated by commas, tabs or semicolons.

    Raises
    ------
    InputError
        If it is larger than ``table_mib`` and ``table_cells`` allow, or damaged.
    """
    _require_small(path)
    decoded = read_text(path, stated=stated.encoding)
    text = decoded.text
    first = next((line for line in text.splitlines() if any(sign in line for sign in _SEPARATORS)), "")
    separator = max(_SEPARATORS, key=first.count)
    rows: list[list[str]] = []
    count = 0
    try:
        for row in csv.reader(text.splitlines(), delimiter=separator):
            rows.append([cell.strip() for cell in row])
            count += len(row)
            _require_few(count, path)
    except csv.Error as error:
        raise InputError("csv_damaged", file=path, fault=error) from error
    return Cells(rows, (decoded.finding(str(path)),))


def sheet_cells(path: Path, stated: Stated) -> Cells:
    """Read a sheet of an Excel file, ``.xlsx`` or ``.xls``.

    Raises
    ------
    InputError
        If the file is damaged or too large, or has several sheets with content and none is named.
    """
    import python_calamine

    _require_small(path)
    if path.suffix.lower() != ".xls":
        _require_bounded(path)
    try:
        with python_calamine.CalamineWorkbook.from_path(path) as book:
            name = _sheet_name(book, path, stated)
            sheet = book.get_sheet_by_name(name)
            _require_few(sheet.total_height * sheet.total_width, path)
            rows = [[_text(value) for value in row] for row in sheet.to_python(skip_empty_area=False)]
            merged = sheet.merged_cell_ranges or []
    except InputError:
        raise
    except BaseException as error:
        # The parser is a Rust library: what it does not expect arrives as a panic of its own kind.
        if isinstance(error, KeyboardInterrupt | SystemExit | MemoryError):
            raise
        if not path.stat().st_size:
            raise InputError("file_empty", file=path) from error
        raise InputError("table_damaged", file=path, fault=fault_of(error)[:100]) from error
    _spread(rows, merged)
    return Cells(rows, (), merged=bool(merged), title=name)


def _require_small(path: Path) -> None:
    if path.stat().st_size > setting("table_mib") * 2**20:
        raise InputError("table_large", file=path, limit=f"{setting('table_mib'):.0f} MiB")


def _require_few(cells: int, path: Path) -> None:
    if cells > setting("table_cells"):
        raise InputError("table_large", file=path, limit=f"{setting('table_cells'):.0f}")


def _require_bounded(path: Path) -> None:
    """Refuse workbooks that unpack to too much, or whose few cells span a sheet of billions."""
    left = int(setting("table_unpacked_mib") * 2**20)
    try:
        with zipfile.ZipFile(path) as opened:
            for entry in opened.infolist():
                wide = high = 0
                rest = b""
                with opened.open(entry) as source:
                    while chunk := source.read(1 << 20):
                        left -= len(chunk)
                        if left < 0:
                            raise InputError("table_large", file=path, limit=f"{setting('table_unpacked_mib'):.0f} MiB")
                        if not _SHEET.match(entry.filename):
                            continue
                        for column, row in _CELL.findall(rest + chunk):
                            wide, high = max(wide, _number(column)), max(high, int(row))
                        rest = chunk[-_TAIL:]
                _require_few(wide * high, path)
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError, OSError) as error:
        if not path.stat().st_size:
            raise InputError("file_empty", file=path) from error
        raise InputError("table_damaged", file=path, fault=error) from error


def _number(column: bytes) -> int:
    number = 0
    for sign in column:
        number = number * 26 + sign - 64
    return number


def _sheet_name(book: Any, path: Path, stated: Stated) -> str:
    names = list(book.sheet_names)
    if stated.layer:
        if stated.layer not in names:
            raise InputError("layer_unknown", file=path, layer=stated.layer, layers=", ".join(names))
        return stated.layer
    filled = [name for name in names if book.get_sheet_by_name(name).height] if len(names) > 1 else names
    if len(filled) > 1:
        raise InputError("layers_many", file=path, layers=", ".join(filled), names=tuple(filled))
    if not filled:
        raise InputError("file_empty", file=path)
    return str(filled[0])


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)  # noqa: PLR2004 -- whole numbers a float holds
    if isinstance(value, dt.datetime) and value.time() == dt.time():
        return value.date().isoformat()
    return value.isoformat() if isinstance(value, dt.date | dt.time) else str(value).strip()


def _spread(rows: list[list[str]], merged: list[Any]) -> None:
    """Repeat the value of merged cells, which Excel keeps in the first of them only."""
    budget = int(setting("table_cells"))
    for (top, left), (bottom, right) in merged:
        if top >= len(rows) or left >= len(rows[top]):
            continue
        value = rows[top][left]
        last_row = min(bottom, len(rows) - 1)
        budget -= (last_row - top + 1) * (min(right, len(rows[top]) - 1) - left + 1)
        if budget < 0:
            return
        for number in range(top, last_row + 1):
            for place in range(left, min(right, len(rows[number]) - 1) + 1):
                rows[number][place] = value
