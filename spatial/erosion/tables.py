"""Tables that users may replace by copies of their own."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

from spatial.errors import InputError
from spatial.io.text import read_text


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
