"""Which encoding a Shapefile's table is in: the contents decide, the labels are compared with them."""

from __future__ import annotations

import codecs
import struct
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from spatial.errors import InputError
from spatial.findings import Finding
from spatial.io.text import Decoded, decode

_HEADER = 32
_FIELD = 32
_END_OF_FIELDS = 0x0D
_LDID_AT = 29
#: Language driver ids of Chinese tables (dBASE): 0x4D is code page 936, 0x7A and 0x00 say nothing useful.
_LDID = {0x4D: "gbk", 0x7A: "gbk"}
#: Names that .cpg files use for the two encodings that matter.
_CPG = {"936": "gb18030", "GBK": "gb18030", "GB2312": "gb18030", "GB18030": "gb18030", "CP936": "gb18030"}
_ENOUGH = 1 << 22
_LONGEST_LABEL = 40


@dataclass(frozen=True)
class TableText:
    """How the text of a table is encoded, and what was seen when deciding it."""

    encoding: str
    findings: tuple[Finding, ...]


def beside(path: Path, suffix: str) -> Path:
    """Return the file of another suffix that belongs to a file, whatever its capitals.

    Parameters
    ----------
    path
        Such as a .shp file.
    suffix
        Such as ``.dbf``; where there is no such file its plain name is returned.
    """
    plain = path.with_suffix(suffix)
    if plain.is_file() or not path.parent.is_dir():
        return plain
    wanted = plain.name.casefold()
    # One stem in different capitals is another file: only the suffix may differ.
    same = (file for file in path.parent.iterdir() if file.stem == path.stem and file.name.casefold() == wanted)
    return next(same, plain)


def rows_of(path: Path) -> int:
    """Return how many rows a table says it has.

    Raises
    ------
    InputError
        If the table is damaged.
    """
    with path.open("rb") as opened:
        head = opened.read(_HEADER)
    if len(head) < _HEADER:
        raise InputError("dbf_damaged", file=path)
    return int(struct.unpack_from("<I", head, 4)[0])


def table_text(path: Path, *, stated: str = "") -> TableText:
    """Decide the encoding of a table from its contents.

    Parameters
    ----------
    path
        The .dbf file; a .cpg beside it is compared.
    stated
        Encoding the user forces, or empty.

    Returns
    -------
    TableText
        ``utf-8``, ``gb18030``, ``ascii`` or what the user stated.

    Raises
    ------
    InputError
        If the table is damaged or no encoding fits.
    """
    raw = path.read_bytes()
    try:
        names, cells = _contents(raw)
        # Names count as evidence too: a table may hold nothing but numbers.
        decoded = _decided([*names, *cells], str(path), stated)
        findings = [decoded.finding(str(path)), *_contradictions(path, raw[_LDID_AT], decoded.encoding)]
    except (IndexError, struct.error) as error:
        raise InputError("dbf_damaged", file=path) from error
    for name in names:
        readable = name.decode(decoded.encoding, errors="ignore")
        if readable.encode(decoded.encoding, errors="ignore") != name:
            # Ten bytes hold five characters of GBK or three of UTF-8: longer names are cut anywhere.
            findings.append(Finding("warning", "dbf_name_cut", str(path), values={"name": readable}))
    return TableText(decoded.encoding, tuple(findings))


def _contents(raw: bytes) -> tuple[list[bytes], list[bytes]]:
    """Return the field names and the cells of the character fields, enough of them to decide by."""
    count, header, size = struct.unpack_from("<IHH", raw, 4)
    names: list[bytes] = []
    spans: list[tuple[int, int]] = []
    at, offset = _HEADER, 1
    while raw[at] != _END_OF_FIELDS:
        field = raw[at : at + _FIELD]
        names.append(field[:11].split(b"\0")[0])
        length = field[16]
        if field[11:12] == b"C":
            spans.append((offset, offset + length))
        offset += length
        at += _FIELD
    records = raw[header : header + count * size]
    whole = len(records) // max(size, 1)
    # Enough rows to decide by, as many from each column.
    wide = max(sum(last - first for first, last in spans), 1)
    rows = np.frombuffer(records, dtype=np.uint8, count=whole * size).reshape(whole, size)[: _ENOUGH // wide + 1]
    columns = [rows[:, first:last].tobytes() for first, last in spans if last <= size]
    cells = [
        cell.rstrip(b" \0")
        for column, (first, last) in zip(columns, spans, strict=False)
        for cell in _pieces(column, last - first)
    ]
    return names, cells


def _pieces(column: bytes, width: int) -> list[bytes]:
    """Cut a column into its cells, the same cell only once."""
    if not width:
        return []
    return list(dict.fromkeys(column[start : start + width] for start in range(0, len(column), width)))


def _decided(cells: list[bytes], source: str, stated: str) -> Decoded:
    """Return the encoding that fits all cells; a cell may end in the middle of a character."""
    if stated:
        return decode(b"\n".join(cells), source, stated=stated)
    if all(cell.isascii() for cell in cells):
        return Decoded("", "ascii", "ascii")
    for encoding, evidence in (("utf-8", "utf8"), ("gb18030", "gb18030")):
        decoder = codecs.getincrementaldecoder(encoding)
        try:
            # All at once; where that fails a cell may just end in the middle of a character.
            b"\n".join(cells).decode(encoding)
        except UnicodeDecodeError:
            pass
        else:
            return Decoded("", encoding, evidence)
        try:
            for cell in cells:
                decoder().decode(cell, final=False)
        except UnicodeDecodeError:
            continue
        return Decoded("", encoding, evidence)
    raise InputError("text_encoding", file=source)


def _contradictions(path: Path, ldid: int, encoding: str) -> list[Finding]:
    """Say where the labels beside the table say something else than its contents."""
    if encoding == "ascii":
        return []
    label = beside(path, ".cpg")
    found = []
    if label.is_file():
        stated = label.read_bytes().decode("ascii", errors="replace").strip()
        meant = _CPG.get(stated.upper().replace("-", ""), stated.lower())
        if stated and meant.replace("-", "") != encoding.replace("-", ""):
            values: dict[str, object] = {"stated": stated[:_LONGEST_LABEL], "encoding": encoding}
            found.append(Finding("warning", "dbf_cpg_wrong", str(path), values=values))
    if _LDID.get(ldid) == "gbk" and encoding == "utf-8":
        values = {"stated": f"LDID 0x{ldid:02X} (GBK)", "encoding": encoding}
        found.append(Finding("warning", "dbf_cpg_wrong", str(path), values=values))
    return found
