"""Which column of a table of points means what: aliases are data, units stand in the header."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from spatial.errors import InputError
from spatial.io.angles import Style, plain
from spatial.io.named_systems import systems_in
from spatial.roles import data_rows

_UNIT = re.compile(r"[(\[【]([^)\]】]*)[)\]】]")
#: How a header may say that angles are written, by unit.
_STYLES: dict[str, Style] = {"packed": "packed", "degree": "degrees"}
#: Brackets that say which way an axis points: 横坐标(东). The range of the numbers has the last word.
_AXES = frozenset({"纵", "横", "纵轴", "横轴", "东", "北", "东西", "南北", "n", "e", "x轴", "y轴"})
_PAIRS = (("north", "east"), ("lon", "lat"), ("wkt",))
_ROWS_ABOVE = 50


@dataclass(frozen=True)
class Header:
    """The header of a table of points.

    Parameters
    ----------
    row
        Its row, from 0.
    names
        Column names as written, unnamed columns empty.
    places
        Meaning to column.
    style
        How the header says longitudes and latitudes are written; empty where it does not.
    """

    row: int
    names: list[str]
    places: dict[str, int]
    style: Style

    @property
    def coordinates(self) -> tuple[str, ...]:
        """Meanings of the columns that place a point: plane, degrees or WKT."""
        return next(pair for pair in _PAIRS if all(name in self.places for name in pair))


@cache
def _meanings() -> dict[str, str]:
    return {_key(row["name"]): row["meaning"] for row in data_rows("point_columns.csv")}


@cache
def _units() -> dict[str, str]:
    return {row["sign"]: row["unit"] for row in data_rows("coordinate_units.csv")}


def unit_of_sign(sign: str) -> str:
    """Return the unit that a sign stands for: ``metre``, ``degree``, ``packed``; empty where it is not known.

    Examples
    --------
    >>> unit_of_sign("米"), unit_of_sign("度分秒"), unit_of_sign("ft")
    ('metre', 'packed', '')
    """
    return _units().get(sign.strip().casefold(), "")


def meaning_of(name: str) -> str | None:
    """Return what a column of this name means, ``None`` where it is an attribute.

    Examples
    --------
    >>> meaning_of("X(m)"), meaning_of("用途")
    ('north', None)
    """
    return _meanings().get(_key(_split(name)[0]))


def _key(name: str) -> str:
    return re.sub(r"[\s_:：]", "", plain(name)).casefold()


def find_header(rows: list[list[str]], source: str) -> Header:
    """Find the header: the first row that names a pair of coordinates, titles above it allowed.

    Parameters
    ----------
    rows
        Cells of the table.
    source
        File name for errors.

    Raises
    ------
    InputError
        If no row does, if two columns mean the same coordinate, or if a unit is not metres.

    Examples
    --------
    >>> header = find_header([["成果表"], ["点号", "X(m)", "Y（米）"]], "a.csv")
    >>> header.row, header.places
    (1, {'number': 0, 'north': 1, 'east': 2})
    """
    for number, row in enumerate(rows[:_ROWS_ABOVE]):
        # A header of two rows has its upper names where the lower row is empty.
        above = rows[number - 1] if number else []
        names = [cell or (above[place] if place < len(above) else "") for place, cell in enumerate(row)]
        found = _recognised(names if _complete(names) and not _complete(row) else row, number, source)
        if found is not None:
            return found if not _complete(row) else _with_upper(found, names, source)
    raise InputError("points_no_header", file=source)


def _complete(names: list[str]) -> bool:
    meanings = {_meanings().get(_key(_split(name)[0])) for name in names}
    return any(meanings.issuperset(pair) for pair in _PAIRS)


def _with_upper(found: Header, names: list[str], source: str) -> Header:
    upper = _recognised(names, found.row, source)
    return found if upper is None else upper


def _split(name: str) -> tuple[str, str]:
    cleaned = plain(name)
    unit = _UNIT.search(cleaned)
    return _UNIT.sub("", cleaned).strip(), unit.group(1).strip().casefold() if unit else ""


def _is_harmless(unit: str, meaning: str) -> bool:
    """Whether brackets say metres, an axis, or a coordinate system, which is looked at by itself."""
    if not unit or unit in _AXES or unit_of_sign(unit) == "metre":
        return True
    return _meanings().get(_key(unit)) == meaning or bool(systems_in(f"({unit})"))


def _recognised(names: list[str], number: int, source: str) -> Header | None:
    if not _complete(names):
        return None
    places: dict[str, int] = {}
    style: Style = ""
    for place, name in enumerate(names):
        bare, unit = _split(name)
        meaning = _meanings().get(_key(bare))
        if meaning is None:
            continue
        if meaning in places:
            if meaning in {"north", "east", "lon", "lat"}:
                raise InputError("points_twice", file=source, first=names[places[meaning]], second=name)
            continue
        places[meaning] = place
        if meaning in {"lon", "lat"}:
            style = _STYLES.get(unit_of_sign(unit), style)
        elif meaning in {"north", "east"} and not _is_harmless(unit, meaning):
            raise InputError("points_unit", file=source, column=name, unit=unit)
    return Header(number, [plain(name) for name in names], places, style)
