"""Which encoding a text is in, decided by evidence and said aloud."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from spatial.errors import InputError
from spatial.findings import Finding

_MARK = b"\xef\xbb\xbf"
_UTF16 = (b"\xff\xfe", b"\xfe\xff")


@dataclass(frozen=True)
class Decoded:
    """A text, the encoding it was in and why that was chosen.

    Parameters
    ----------
    evidence
        ``mark`` (byte-order mark), ``utf8`` (strict UTF-8 fits), ``gb18030`` (UTF-8 does not fit,
        GB18030 does), ``ascii`` (both say the same) or ``stated`` (the user said so).
    """

    text: str
    encoding: str
    evidence: str

    def finding(self, source: str) -> Finding:
        """Return the note that says which encoding was used and why."""
        return Finding("note", f"encoding_{self.evidence}", source, values={"encoding": self.encoding})


def decode(raw: bytes, source: str, *, stated: str = "") -> Decoded:
    """Decode bytes: byte-order mark, else strict UTF-8, else GB18030.

    Parameters
    ----------
    raw
        The file's bytes.
    source
        File name for the error.
    stated
        Encoding the user forces, or empty.

    Raises
    ------
    InputError
        If no encoding fits; mojibake is never returned.

    Examples
    --------
    >>> decode("地块".encode("gbk"), "a.txt").evidence
    'gb18030'
    >>> decode("地块".encode(), "a.txt").evidence
    'utf8'
    """
    if stated:
        return _stated(raw, source, stated)
    if raw.startswith(_UTF16):
        return Decoded(_strict(raw, "utf-16", source), "utf-16", "mark")
    if raw.startswith(_MARK):
        return Decoded(_strict(raw, "utf-8-sig", source), "utf-8", "mark")
    if raw.isascii():
        return Decoded(raw.decode("ascii"), "ascii", "ascii")
    try:
        return Decoded(raw.decode("utf-8"), "utf-8", "utf8")
    except UnicodeDecodeError:
        return Decoded(_strict(raw, "gb18030", source), "gb18030", "gb18030")


def _stated(raw: bytes, source: str, stated: str) -> Decoded:
    try:
        return Decoded(raw.decode(stated), stated, "stated")
    except (UnicodeDecodeError, LookupError) as error:
        raise InputError("encoding_stated", file=source, encoding=stated) from error


def _strict(raw: bytes, encoding: str, source: str) -> str:
    try:
        return raw.decode(encoding)
    except UnicodeDecodeError as error:
        raise InputError("text_encoding", file=source) from error


def read_text(path: Path, *, stated: str = "") -> Decoded:
    """Read a text file.

    Raises
    ------
    InputError
        If the file is missing or empty, or no encoding fits.
    """
    if not path.is_file():
        raise InputError("file_missing", file=path)
    raw = path.read_bytes()
    if not raw.strip():
        raise InputError("file_empty", file=path)
    return decode(raw, str(path), stated=stated)


def csv_rows(text: str, source: str, columns: Sequence[str]) -> list[tuple[str, dict[str, str]]]:
    r"""Return the rows of a CSV text as cells by column name, each with its place.

    Parameters
    ----------
    text
        With a header row; more columns than asked for are allowed.
    source
        File name, to which places add the line number.
    columns
        Names that the header must hold.

    Raises
    ------
    InputError
        If a column is missing, a line has another number of cells, a cell is longer than CSV readers
        take, or there is no row.

    Examples
    --------
    >>> csv_rows("a,b\n1, x ", "f.csv", ["a", "b"])
    [('f.csv:2', {'a': '1', 'b': 'x'})]
    """
    rows = csv.DictReader(text.splitlines())
    found = []
    try:
        missing = [column for column in columns if column not in (rows.fieldnames or [])]
        if missing:
            raise InputError("rule_columns", file=source, columns=", ".join(missing))
        for number, row in enumerate(rows, start=2):
            if None in row or None in row.values():
                raise InputError("rule_ragged", file=f"{source}:{number}")
            found.append((f"{source}:{number}", {column: row[column].strip() for column in columns}))
    except csv.Error as error:
        raise InputError("csv_damaged", file=source, fault=error) from error
    if not found:
        raise InputError("file_empty", file=source)
    return found
