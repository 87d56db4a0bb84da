"""Which encoding a Shapefile's table is in: the contents decide, the labels are compared with them."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from pathlib import Path

from spatial.errors import InputError
from spatial.findings import Finding
from spatial.io.text import decode

_HEADER = 32
_FIELD = 32
_END_OF_FIELDS = 0x0D
_LDID_AT = 29
#: Language driver ids of Chinese tables (dBASE): 0x4D is code page 936, 0x7A and 0x00 say nothing useful.
_LDID = {0x4D: "gbk", 0x7A: "gbk"}
#: Names that .cpg files use for the two encodings that matter.
_CPG = {"936": "gb18030", "GBK": "gb18030", "GB2312": "gb18030", "GB18030": "gb18030", "CP936": "gb18030"}
_ENOUGH = 1 << 22


@dataclass(frozen=True)
class TableText:
    """How the text of a table is encoded, and what was seen when deciding it."""

    encoding: str
    findings: tuple[Finding, ...]


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
        names, text = _contents(raw)
        decoded = decode(text, str(path), stated=stated)
        findings = [decoded.finding(str(path)), *_contradictions(path, raw[_LDID_AT], decoded.encoding)]
    except (IndexError, struct.error) as error:
        raise InputError("dbf_damaged", file=path) from error
    for name in names:
        readable = name.decode(decoded.encoding, errors="ignore")
        if readable.encode(decoded.encoding, errors="ignore") != name:
            # Ten bytes hold five characters of GBK or three of UTF-8: longer names are cut anywhere.
            findings.append(Finding("warning", "dbf_name_cut", str(path), values={"name": readable}))
    return TableText(decoded.encoding, tuple(findings))


def _contents(raw: bytes) -> tuple[list[bytes], bytes]:
    """Return the field names and the text of the character fields, enough of it to decide by."""
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
    text = bytearray()
    for start in range(0, len(records), max(size, 1)):
        for first, last in spans:
            # A cell may be cut in the middle of a character too: its last bytes do not count.
            text += _whole(records[start + first : start + last].rstrip(b" \0")) + b"\n"
        if len(text) > _ENOUGH:
            break
    return names, bytes(text)


def _whole(cell: bytes) -> bytes:
    """Return a full cell without the bytes of a character that was cut at its end."""
    if cell.isascii():
        return cell
    for encoding in ("utf-8", "gb18030"):
        for cut in range(4):
            try:
                (cell[: len(cell) - cut] if cut else cell).decode(encoding)
            except UnicodeDecodeError:
                continue
            return cell[: len(cell) - cut] if cut else cell
    return cell


def _contradictions(path: Path, ldid: int, encoding: str) -> list[Finding]:
    """Say where the labels beside the table say something else than its contents."""
    if encoding == "ascii":
        return []
    label = path.with_suffix(".cpg")
    found = []
    if label.is_file():
        stated = label.read_bytes().decode("ascii", errors="replace").strip()
        meant = _CPG.get(stated.upper().replace("-", ""), stated.lower())
        if meant.replace("-", "") != encoding.replace("-", ""):
            values: dict[str, object] = {"stated": stated, "encoding": encoding}
            found.append(Finding("warning", "dbf_cpg_wrong", str(path), values=values))
    if _LDID.get(ldid) == "gbk" and encoding == "utf-8":
        values = {"stated": f"LDID 0x{ldid:02X} (GBK)", "encoding": encoding}
        found.append(Finding("warning", "dbf_cpg_wrong", str(path), values=values))
    return found
