"""Coordinate systems that people name in words: in titles, notes, sheet names and headers."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from typing import Literal, get_args

from pyproj import CRS

from spatial.crs import OFFSET_LABELS
from spatial.errors import DatumShiftRequiredError, InputError
from spatial.gauss_kruger import Datum, zone_of_easting
from spatial.io.angles import plain
from spatial.io.stated import Stated
from spatial.offsets import Offset
from spatial.roles import data_rows

System = Literal["cgcs2000", "wgs84", "xian1980", "beijing1954", "local", "gcj02", "bd09"]

_GEOGRAPHIC: dict[Datum, int] = {"xian1980": 4610, "beijing1954": 4214}
#: A name such as 北京2000 is a city's own system although the rest of it reads like a national one.
_OVERRIDING: tuple[System, ...] = ("local",)
_LONGEST = 60


def systems_in(text: str) -> frozenset[System]:
    """Return the coordinate systems that a text names.

    Parameters
    ----------
    text
        Bare numbers count only in brackets, as in the name of a column: X(80).

    Examples
    --------
    >>> sorted(systems_in("1980西安坐标系界址点成果表")), sorted(systems_in("80")), sorted(systems_in("X(80)"))
    (['xian1980'], [], ['xian1980'])
    """
    key = _key(text)
    named = {system for name, in_brackets, system in _names() if (f"({name})" if in_brackets else name) in key}
    return frozenset(system for system in named if named.isdisjoint(_OVERRIDING) or system in _OVERRIDING)


@cache
def _names() -> tuple[tuple[str, bool, System], ...]:
    known: tuple[System, ...] = get_args(System)
    return tuple(
        (_key(row["name"]), row["in_brackets"] == "yes", system)
        for row in data_rows("system_names.csv")
        for system in known
        if system == row["system"]
    )


def _key(text: str) -> str:
    return re.sub(r"[\s_-]", "", plain(text)).casefold()


def plane_named(texts: Iterable[str], east: float, stated: Stated, source: str) -> CRS | None:
    """Return the old datum's plane that the words around a table name, ``None`` where they name none.

    Parameters
    ----------
    texts
        Titles, notes and names of columns.
    east
        One easting or longitude, which tells the zone.
    stated
        A system the user states counts more than any words.
    source
        File name for errors.

    Raises
    ------
    InputError
        If the words name a local system, an offset that is not to be undone, or several systems.
    DatumShiftRequiredError
        If they name an old datum and the numbers tell no zone.
    """
    if stated.crs:
        return None
    by_text = {text: systems_in(text) for text in dict.fromkeys(texts)}
    named = frozenset().union(*by_text.values()) - {stated.unshift}
    # The two are one datum here.
    if not named or named <= {"cgcs2000", "wgs84"}:
        return None
    words = next(plain(text)[:_LONGEST] for text, systems in by_text.items() if not systems.isdisjoint(named))
    if len(named) > 1:
        raise InputError("points_systems", file=source, systems=", ".join(sorted(named)))
    (system,) = named
    if system == "local":
        raise InputError("crs_local", file=source, crs=words)
    if system == "gcj02" or system == "bd09":  # noqa: PLR1714 -- narrows the type
        offset: Offset = system
        raise InputError("crs_offset", file=source, crs=words, kind=OFFSET_LABELS[offset], option=offset)
    return _old_plane(system, words, east, source) if system in _GEOGRAPHIC else None


def _old_plane(system: System, words: str, east: float, source: str) -> CRS:
    datum: Datum = "xian1980" if system == "xian1980" else "beijing1954"
    if abs(east) <= 360:  # noqa: PLR2004 -- a circle
        return CRS(_GEOGRAPHIC[datum])
    zone = zone_of_easting(east)
    if zone is None:
        # Parameters alone do not help where the zone is unknown.
        raise DatumShiftRequiredError("datum_shift", file=source, crs=words, datum=words)
    return CRS(zone.epsg_of(datum, prefixed=True))
