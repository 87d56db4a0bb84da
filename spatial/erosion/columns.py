"""Tables of a station or of soils as users have them: which column means what, and its numbers."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pandas as pd

from spatial.errors import InputError
from spatial.io.text import read_text
from spatial.roles import data_rows

#: Endings of files that are tables, not rasters.
TABLES = frozenset({".csv", ".txt", ".tsv"})
_SIGNS = str.maketrans("（）【】％　", "()[]% ")


@dataclass(frozen=True)
class UserTable:
    """A table that the user named.

    Parameters
    ----------
    path
    cells : DataFrame of str
        Columns by meaning (``data/erosion_columns.csv``); its index is the line in the file.
    """

    path: Path
    cells: pd.DataFrame

    def has(self, *meanings: str) -> bool:
        """Whether there are columns of these meanings."""
        return set(meanings) <= set(self.cells.columns)

    def numbers(self, meaning: str) -> pd.Series:
        """Return a column as numbers.

        Raises
        ------
        InputError
            If a cell is none: its line is named.
        """
        found = pd.to_numeric(self.cells[meaning], errors="coerce")
        if found.isna().any():
            line = int(found.index[found.isna()][0])
            value = self.cells[meaning][line]
            raise InputError("station_number", file=self.path, line=line, column=meaning, value=value)
        return found.astype("float64")


@cache
def _meanings() -> dict[str, str]:
    return {row["name"]: row["meaning"] for row in data_rows("erosion_columns.csv")}


def read_table(path: Path) -> UserTable:
    """Read a table of rain or soils; columns whose names are not known are passed over.

    Parameters
    ----------
    path
        Separated by commas, semicolons or tabs, in UTF-8 or GBK, with a header.

    Raises
    ------
    InputError
        If the file is missing or empty, no column is known, or two mean the same.
    """
    text = read_text(path).text
    head = text.splitlines()[0]
    mark = max(",;\t", key=head.count)
    lines = list(csv.reader(text.splitlines(), delimiter=mark))
    names = [_meanings().get("".join(name.translate(_SIGNS).split()).lower(), "") for name in lines[0]]
    twice = {name for name in names if name and names.count(name) > 1}
    if not any(names) or twice:
        key = "station_twice" if twice else "station_columns"
        raise InputError(key, file=path, columns=", ".join(sorted(twice)) or ", ".join(lines[0]))
    kept = {number: line for number, line in enumerate(lines[1:], start=2) if any(cell.strip() for cell in line)}
    short = next((number for number, line in kept.items() if len(line) < len(names)), None)
    if short is not None or not kept:
        raise InputError("station_short", file=path, line=short or 2)
    frame = pd.DataFrame(
        {name: [line[place].strip() for line in kept.values()] for place, name in enumerate(names) if name},
        index=list(kept),
    )
    return UserTable(path, frame)
