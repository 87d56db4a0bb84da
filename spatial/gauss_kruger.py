"""CGCS2000 Gauss-Kruger planes by zone, with and without the zone prefix (DOMAIN 2.1)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

ZoneWidth = Literal[3, 6]
#: The old national datums.
Datum = Literal["beijing1954", "xian1980"]

#: First and last zone, and EPSG code of the first with prefix and of the first central meridian without.
_SERIES: dict[ZoneWidth, tuple[int, int, int, int]] = {3: (25, 45, 4513, 4534), 6: (13, 23, 4491, 4502)}
#: The same two codes for the planes of the old datums.
_OLD_CODES: dict[tuple[Datum, ZoneWidth], tuple[int, int]] = {
    ("xian1980", 3): (2349, 2370),
    ("xian1980", 6): (2327, 2338),
    ("beijing1954", 3): (2401, 2422),
    ("beijing1954", 6): (21413, 21453),
}

#: What a zone's number is multiplied with in its prefix, and the easting of a central meridian without it.
PREFIX_M = 1_000_000
FALSE_EASTING_M = 500_000


@dataclass(frozen=True)
class Zone:
    """A Gauss-Kruger zone of China.

    Parameters
    ----------
    width_deg
        3 or 6 degrees.
    number
        25 to 45 (3 degrees) or 13 to 23 (6 degrees); the two never share a number.
    """

    width_deg: ZoneWidth
    number: int

    @property
    def meridian_deg(self) -> int:
        """Central meridian.

        Examples
        --------
        >>> Zone(3, 38).meridian_deg, Zone(6, 19).meridian_deg
        (114, 111)
        """
        return 3 * self.number if self.width_deg == 3 else 6 * self.number - 3  # noqa: PLR2004

    def epsg(self, *, prefixed: bool) -> int:
        """Return the EPSG code with the zone prefix in the easting, or without.

        Examples
        --------
        >>> Zone(3, 38).epsg(prefixed=True), Zone(3, 38).epsg(prefixed=False)
        (4526, 4547)
        >>> Zone(6, 19).epsg(prefixed=True), Zone(6, 19).epsg(prefixed=False)
        (4497, 4508)
        """
        first, _, with_prefix, without = _SERIES[self.width_deg]
        return (with_prefix if prefixed else without) + self.number - first

    def epsg_of(self, datum: Literal["", Datum], *, prefixed: bool) -> int:
        """Return the EPSG code of the zone in an old datum, in CGCS2000 where it is empty.

        Examples
        --------
        >>> Zone(3, 38).epsg_of("xian1980", prefixed=True), Zone(6, 19).epsg_of("beijing1954", prefixed=False)
        (2362, 21459)
        """
        if not datum:
            return self.epsg(prefixed=prefixed)
        with_prefix, without = _OLD_CODES[datum, self.width_deg]
        return (with_prefix if prefixed else without) + self.number - _SERIES[self.width_deg][0]


def zone_of_number(number: int) -> Zone | None:
    """Return the zone that a number names: 25 to 45 are 3-degree zones, 13 to 23 are 6-degree ones.

    Examples
    --------
    >>> zone_of_number(38)
    Zone(width_deg=3, number=38)
    >>> zone_of_number(19)
    Zone(width_deg=6, number=19)
    >>> zone_of_number(7) is None
    True
    """
    widths: tuple[ZoneWidth, ...] = (3, 6)
    for width in widths:
        first, last, _, _ = _SERIES[width]
        if first <= number <= last:
            return Zone(width, number)
    return None


def zone_of_easting(easting_m: float) -> Zone | None:
    """Return the zone that an easting's prefix names, ``None`` without a valid prefix.

    Examples
    --------
    >>> zone_of_easting(38_414_397.4)
    Zone(width_deg=3, number=38)
    >>> zone_of_easting(414_397.4) is None
    True
    """
    return zone_of_number(int(easting_m // PREFIX_M))


def zones(width_deg: ZoneWidth) -> tuple[Zone, ...]:
    """Return the zones of China of one width, from west to east.

    Examples
    --------
    >>> [zone.meridian_deg for zone in zones(3)][:3], len(zones(6))
    ([75, 78, 81], 11)
    """
    first, last, _, _ = _SERIES[width_deg]
    return tuple(Zone(width_deg, number) for number in range(first, last + 1))
