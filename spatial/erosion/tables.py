"""Tables that users may replace by copies of their own."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path

from spatial.errors import InputError, fault_of
from spatial.io.text import read_text
from spatial.words import Both

_DELIMITERS = (",", ";", "\t")


def table_text(name: str, path: Path | None) -> str:
    """Return the text of a table: the user's file, whatever its encoding, or the project's own.

    Parameters
    ----------
    name
        File under ``spatial/data``.
    path
        The user's copy; none for the project's.

    Raises
    ------
    InputError
        If the file is missing or cannot be decoded.
    """
    if path is None:
        return files("spatial").joinpath("data", name).read_text(encoding="utf-8")
    if not path.is_file():
        raise InputError("file_missing", file=path)
    return read_text(path).text


def table_rows(name: str, path: Path | None) -> list[tuple[dict[str, str | None], str, int]]:
    """Return the rows of a table with its name and their lines; blank lines are passed over.

    Parameters
    ----------
    name, path
        As :func:`table_text` takes them; columns may stand apart by commas, semicolons or tabs.

    Raises
    ------
    InputError
        If the file is missing or no table, a column has two heads, or a row has more cells than there are columns: a
        thousands separator that stands for a new cell would change a figure without a word.
    """
    text, file = table_text(name, path), str(path or name)
    first = next((line for line in text.splitlines() if line.strip()), "")
    delimiter = max(_DELIMITERS, key=first.count)
    reader = csv.reader(io.StringIO(text, newline=None), delimiter=delimiter, strict=True)
    found: list[tuple[dict[str, str | None], str, int]] = []
    head: list[str] = []
    try:
        for cells in reader:
            if not any(cell.strip() for cell in cells):
                continue
            if not head:
                head = [cell.strip().lower() for cell in cells]
                named = [column for column in head if column]
                if len(set(named)) < len(named):
                    raise InputError("table_head", file=file, column=next(one for one in named if named.count(one) > 1))
                continue
            if any(cell.strip() for cell in cells[len(head) :]):
                raise InputError("table_cells", file=file, line=reader.line_num, cells=len(cells), columns=len(head))
            found.append((dict(zip(head, [*cells, *[None] * len(head)], strict=False)), file, reader.line_num))
    except csv.Error as error:
        raise InputError("table_broken", file=file, line=reader.line_num, fault=fault_of(error)) from error
    return found


def said_by(row: Mapping[str, str | None], column: str) -> Both:
    """Return a text of a row in both languages; a table of the user's own may have it in one only.

    Examples
    --------
    >>> said_by({"source": "own survey"}, "source").zh
    'own survey'
    """
    plain = (row.get(column) or "").strip()
    return Both((row.get(f"{column}_zh") or "").strip() or plain, plain)
