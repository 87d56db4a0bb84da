"""Boundary-point files (界址点坐标 TXT): parcels as survey offices exchange them (DOMAIN 3.1).

X is northing and stands first, Y is easting, mostly with the zone prefix. A line that ends with
``@`` begins a parcel; a line of four cells is a point: number, ring, X, Y.
"""

from __future__ import annotations

import io
import re
from dataclasses import dataclass, field
from functools import cache

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from spatial.errors import InputError

FloatArray = NDArray[np.float64]

#: Names of an attribute line's cells, in its order; pinyin initials are the trade's own short names.
FIELDS = ("JZDS", "DKMJ", "DKBH", "DKMC", "JXSX", "TFH", "DKYT", "DLBM")

_WIDE = str.maketrans("，．［］【】＝＠：　", ",.[][]=@: ")
_OPENING = tuple("[［【 \t\ufeff")
_SECTION = re.compile(r"^\s*[\[［【](.+?)[\]］】]\s*$")
_PAIR = re.compile(r"^([^=:]+)[=:](.*)$")
_MORE_CELLS = re.compile(r"^(?:[^,，\t;]*[,，\t;]){4,}\s*[^\s,，\t;]")
_KINDS = frozenset("点线面")
_KIND_AT, _NAME_AT = 4, 3
_POINTS_SECTION = "地块坐标"
_HEADER_SECTIONS = ("属性描述", "项目信息")
_POINT_CELLS = 4


@dataclass(frozen=True)
class Parcel:
    """A parcel as the file states it.

    Parameters
    ----------
    attributes
        Cells of its attribute line by :data:`FIELDS`; more cells as ``X9``, ``X10`` ...; empty when
        the file has no attribute line.
    line
        Line number in the file, from 1.
    rings : ndarray of int, shape (n,)
        A number for each point that changes where the file's ring number does.
    x, y : ndarray of float, shape (n,)
        First and second coordinate of each point, as in the file.
    """

    attributes: dict[str, str]
    line: int
    rings: NDArray[np.intp]
    x: FloatArray
    y: FloatArray


@dataclass(frozen=True)
class BoundaryFile:
    """The content of a boundary-point file, before any geometry is made of it.

    Parameters
    ----------
    header
        Values by key, without the blanks that people put into keys.
    unknown
        Header lines that are neither a section nor a key and a value, by line number.
    wider
        Point lines with more cells than number, ring, X and Y.
    """

    header: dict[str, str]
    parcels: list[Parcel]
    unknown: list[tuple[int, str]] = field(default_factory=list)
    wider: int = 0


def parse(text: str, source: str) -> BoundaryFile:
    """Parse a boundary-point file, whatever its dialect.

    Parameters
    ----------
    text
        The decoded file; any line ends, with or without sections, full-width punctuation allowed.
    source
        File name for errors.

    Returns
    -------
    BoundaryFile

    Raises
    ------
    InputError
        If there is no point, or a point line cannot be read, with its line number.
    """
    lines = text.splitlines()
    special = [
        number
        for number, line in enumerate(lines)
        if ("@" in line or line[:1] in _OPENING or "＠" in line) and _is_special(line)
    ]
    header: dict[str, str] = {}
    unknown: list[tuple[int, str]] = []
    first = _first_point(lines, special)
    for number in range(first):
        pair = _PAIR.match(lines[number].translate(_WIDE))
        if pair is not None:
            header[re.sub(r"\s", "", pair.group(1))] = pair.group(2).strip()
        elif lines[number].strip() and _SECTION.match(lines[number]) is None:
            unknown.append((number + 1, lines[number].strip()))
    blocks = _blocks(lines, first, special)
    if not any(stop > start for _, start, stop in blocks):
        raise InputError("txt_no_points", file=source)
    parcels = _parcels(lines, blocks, source)
    return BoundaryFile(header, parcels, unknown, _wider(text, lines, blocks, sum(len(part.x) for part in parcels)))


def _wider(text: str, lines: list[str], blocks: list[tuple[int | None, int, int]], count: int) -> int:
    """Return how many point lines have more cells than the four; mostly one count of commas says none."""
    of_points = text.count(",") + text.count("，") + text.count("\t") + text.count(";")
    for first, last in zip([0, *(stop for *_, stop in blocks)], [start for _, start, _ in blocks], strict=False):
        of_points -= sum(line.count(",") for line in lines[first:last])
    if of_points <= count * (_POINT_CELLS - 1):
        return 0
    return sum(_MORE_CELLS.match(line) is not None for _, start, stop in blocks for line in lines[start:stop])


def _is_special(line: str) -> bool:
    return "@" in line or "＠" in line or (line[:1] in _OPENING and _SECTION.match(line) is not None)


def _first_point(lines: list[str], special: list[int]) -> int:
    """Return the line after the header: after the first points section, else the first block or point."""
    for number in special:
        section = _SECTION.match(lines[number])
        if section is None:
            return number
        if _POINTS_SECTION in section.group(1):
            return number + 1
    for number, line in enumerate(lines):
        if line.translate(_WIDE).count(",") >= _POINT_CELLS - 2 and "=" not in line:
            return number
    return len(lines)


def _blocks(lines: list[str], first: int, special: list[int]) -> list[tuple[int | None, int, int]]:
    """Return for each parcel the line of its attributes, if any, and the range of its points."""
    marks = [number for number in special if number >= first]
    starts: list[tuple[int | None, int]] = [(None, first), *((number, number + 1) for number in marks)]
    stops = [*marks, len(lines)]
    blocks: list[tuple[int | None, int, int]] = []
    for (mark, start), stop in zip(starts, stops, strict=True):
        is_section = mark is not None and _SECTION.match(lines[mark]) is not None
        if mark is None or is_section:
            # Points before any attribute line are a parcel of their own, if there are any.
            if any(line.strip() for line in lines[start:stop]):
                blocks.append((None, start, stop))
        else:
            blocks.append((mark, start, stop))
    return blocks


def _parcels(lines: list[str], blocks: list[tuple[int | None, int, int]], source: str) -> list[Parcel]:
    kept = [[number for number in range(start, stop) if lines[number].strip()] for _, start, stop in blocks]
    numbers = [number for block in kept for number in block]
    rings, x, y = _points([lines[number] for number in numbers], numbers, source)
    parcels = []
    place = 0
    for (mark, start, _), block in zip(blocks, kept, strict=True):
        end = place + len(block)
        attributes = {} if mark is None else _attributes(lines[mark])
        line = start + 1 if mark is None else mark + 1
        parcels.append(Parcel(attributes, line, rings[place:end], x[place:end], y[place:end]))
        place = end
    return parcels


def _attributes(line: str) -> dict[str, str]:
    # A name may hold full-width commas: they separate only where there is no other comma.
    plain = line.replace("＠", "@")
    # The last @ ends the line; one before it belongs to a name.
    before, _, after = plain.rpartition("@")
    body = before or after
    cells = (body if "," in body else body.translate(_WIDE)).split(",")
    if cells and not cells[-1].strip() and len(cells) > len(FIELDS):
        cells.pop()
    if len(cells) > _KIND_AT and cells[_KIND_AT].strip() not in _KINDS:
        kind = next((at for at, cell in enumerate(cells) if at >= _KIND_AT and cell.strip() in _KINDS), _KIND_AT)
        # A name with commas pushes the other cells on; the kind shows how far.
        cells[_NAME_AT:kind] = [",".join(cells[_NAME_AT:kind])]
    names = FIELDS if len(cells) <= len(FIELDS) else [*FIELDS, *_more_fields(len(cells))]
    return {name: cell.strip() for name, cell in zip(names, cells, strict=False)}


@cache
def _more_fields(count: int) -> tuple[str, ...]:
    return tuple(f"X{number}" for number in range(len(FIELDS) + 1, count + 1))


def _points(lines: list[str], numbers: list[int], source: str) -> tuple[NDArray[np.intp], FloatArray, FloatArray]:
    """Read all point lines at once; only when that fails is the bad line looked for."""
    try:
        table = pd.read_csv(
            io.StringIO("\n".join(lines)),
            header=None,
            names=["number", "ring", "x", "y"],
            usecols=["ring", "x", "y"],
            dtype={"ring": str, "x": np.float64, "y": np.float64},
            skipinitialspace=True,
            quoting=3,
            keep_default_na=False,
        )
        x, y = table["x"].to_numpy(), table["y"].to_numpy()
        if len(table) == len(lines) and np.isfinite(x).all() and np.isfinite(y).all():
            return pd.factorize(table["ring"].str.strip())[0], x, y
    except ValueError:
        pass
    rows = [_point(line, number, source) for line, number in zip(lines, numbers, strict=True)]
    rings, xs, ys = zip(*rows, strict=True)
    return pd.factorize(np.array(rings))[0], np.array(xs), np.array(ys)


def _point(line: str, number: int, source: str) -> tuple[str, float, float]:
    cells = [cell.strip() for cell in re.split(r"[,\t;]", line.translate(_WIDE).strip().rstrip(","))]
    try:
        _, ring, x, y = cells[:_POINT_CELLS]
        values = float(x), float(y)
    except ValueError as error:
        raise InputError("txt_bad_point", file=source, feature=number + 1, line=line.strip()[:60]) from error
    if not np.isfinite(values).all():
        raise InputError("txt_bad_point", file=source, feature=number + 1, line=line.strip()[:60])
    return ring, *values
