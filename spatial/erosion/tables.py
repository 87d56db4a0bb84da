"""Tables that users may replace by copies of their own."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path

from spatial.errors import InputError
from spatial.io.text import read_text
from spatial.words import Both


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


def said_by(row: Mapping[str, str | None], column: str) -> Both:
    """Return a text of a row in both languages; a table of the user's own may have it in one only.

    Examples
    --------
    >>> said_by({"source": "own survey"}, "source").zh
    'own survey'
    """
    plain = (row.get(column) or "").strip()
    return Both((row.get(f"{column}_zh") or "").strip() or plain, plain)
