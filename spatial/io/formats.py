"""The formats that can be read and written, and what to do about those that cannot."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from spatial.errors import InputError
from spatial.roles import data_rows
from spatial.words import Both


@dataclass(frozen=True)
class Format:
    """A file format by its suffix.

    Parameters
    ----------
    is_table
        Whether files of this format are mostly something else than layers.
    reader, driver
        Who reads and who writes it; empty where nobody does.
    hint
        How to get a format that can be read out of one that cannot.
    """

    suffix: str
    is_table: bool
    reader: str
    driver: str
    hint: Both


@cache
def formats() -> dict[str, Format]:
    """Return all formats by suffix.

    Examples
    --------
    >>> formats()[".dwg"].hint.say("en")
    'save it as DXF (R2007 or later) in a CAD program'
    """
    rows = data_rows("formats.csv")
    return {
        row["suffix"]: Format(
            row["suffix"], row["kind"] == "table", row["reader"], row["driver"], Both(row["hint_zh"], row["hint_en"])
        )
        for row in rows
    }


def readable(*, tables: bool = False) -> tuple[str, ...]:
    """Return the suffixes that can be read, those of tables only where asked."""
    return tuple(suffix for suffix, known in formats().items() if known.reader and known.is_table <= tables)


def reader_of(path: Path) -> str:
    """Return who reads a file, by its suffix; GDAL tries what is not in the table.

    Raises
    ------
    InputError
        For a format that must be exported first, with the way to do it.
    """
    known = formats().get(path.suffix.lower())
    if known is None:
        return "gdal"
    if not known.reader:
        raise InputError("format_export", file=path, hint=known.hint.zh, hint_en=known.hint.en)
    return known.reader


def driver_of(path: Path) -> str:
    """Return who writes a file, by its suffix.

    Raises
    ------
    InputError
        For a suffix that nobody writes.
    """
    known = formats().get(path.suffix.lower())
    if known is None or not known.driver:
        if known is not None and known.hint.zh:
            raise InputError("format_write_hint", file=path, hint=known.hint)
        suffixes = " ".join(suffix for suffix, known in formats().items() if known.driver)
        raise InputError("format_unknown", file=path, formats=suffixes)
    return known.driver
