"""Which coordinate systems the numbers of a layer fit that names none (DOMAIN 2.4).

Nothing is decided here: every system that fits is a candidate with its evidence. The datum cannot be
seen from coordinates at all: CGCS2000, Xi'an 1980 and Beijing 1954 differ by less than a district.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from spatial.crs import CGCS2000_GEOGRAPHIC, transformers
from spatial.gauss_kruger import PREFIX_M, zone_of_easting, zones
from spatial.recognition.place import Place
from spatial.settings import span
from spatial.words import Text

FloatArray = NDArray[np.float64]

#: China in degrees, in the Gauss-Kruger plane (eastings without zone prefix) and in Web Mercator (east, north).
LON_DEG, LAT_DEG = span("china_lon_deg"), span("china_lat_deg")
NORTHING_M, EASTING_M = span("china_northing_m"), span("zone_easting_m")
MERCATOR_M = (span("china_mercator_x_m"), span("china_mercator_y_m"))
ZONE_M = float(PREFIX_M)

_PREFIXES = [zone.number for zone in (*zones(3), *zones(6))]
# UTM zones 43 to 53 have the central meridians 75, 81 ... 135.
_UTM = range(43, 54)
_MM_PER_M = 1000.0
_SAMPLE = 2000


@dataclass(frozen=True)
class Candidate:
    """A coordinate system that the numbers fit.

    Parameters
    ----------
    crs
        Definition, such as ``EPSG:4526``.
    swapped
        True when y must be read as east and x as north.
    per_m
        Units of the numbers in a metre: 1, or 1000 for millimetres; 1 for degrees.
    evidence
        Why it fits.
    """

    crs: str
    swapped: bool
    per_m: float
    evidence: Text

    def apply(self, points: FloatArray) -> FloatArray:
        """Return points, shape (n, 2), as x (east) and y (north) in the candidate's unit."""
        ordered = points[:, ::-1] if self.swapped else points
        return ordered / self.per_m

    def text(self) -> Text:
        """Return the candidate for a message: code, what must be done to the numbers, evidence."""
        how = [*(["mm"] if self.per_m != 1 else []), *(["swapped"] if self.swapped else [])] or ["plain"]
        return Text(f"candidate_{'_'.join(how)}", {"crs": self.crs, "evidence": self.evidence})


def candidates(points: FloatArray, place: Place | None = None) -> tuple[Candidate, ...]:
    """Return the coordinate systems that the numbers of a layer fit.

    Parameters
    ----------
    points : ndarray of float, shape (n, 2)
        Finite coordinates as the file holds them.
    place
        Where the layer is supposed to lie: candidates that put it elsewhere are left out. Without a
        place an easting without zone prefix fits every central meridian.

    Returns
    -------
    tuple of Candidate
        Systems that give the same numbers are one candidate: a 6-degree zone without prefix is the
        3-degree plane of its central meridian.

    Examples
    --------
    >>> [found.crs for found in candidates(np.array([[38_414_397.382, 3_991_508.302]]))]
    ['EPSG:4526']
    >>> [(found.crs, found.swapped) for found in candidates(np.array([[36.05, 113.05]]))]
    [('EPSG:4490', True)]
    """
    chosen = points[:: max(1, len(points) // _SAMPLE)]
    low, high = points.min(axis=0), points.max(axis=0)
    found: list[Candidate] = []
    for swapped in (False, True):
        (west, south), (east, north) = (low[::-1], high[::-1]) if swapped else (low, high)
        fitting = _fitting((west, east), (south, north), swapped=swapped)
        found.extend(candidate for candidate in fitting if _in_china(candidate, chosen, place))
    return tuple(found)


def _fitting(x: tuple[float, float], y: tuple[float, float], *, swapped: bool) -> Iterator[Candidate]:
    if within(x, LON_DEG) and within(y, LAT_DEG):
        yield Candidate(CGCS2000_GEOGRAPHIC, swapped, 1, Text("evidence_degrees", _spans(x, y, 4)))
        return
    if within(x, MERCATOR_M[0]) and within(y, MERCATOR_M[1]):
        yield Candidate("EPSG:3857", swapped, 1, Text("evidence_mercator", _spans(x, y, 0)))
    for per_m in (1.0, _MM_PER_M):
        east, north = (x[0] / per_m, x[1] / per_m), (y[0] / per_m, y[1] / per_m)
        if within(north, NORTHING_M):
            yield from _gauss_kruger(east, north, swapped=swapped, per_m=per_m)


def _gauss_kruger(
    x: tuple[float, float], y: tuple[float, float], *, swapped: bool, per_m: float
) -> Iterator[Candidate]:
    zone = zone_of_easting(x[0])
    spans = _spans(x, y, 0)
    if zone is not None and zone == zone_of_easting(x[1]):
        prefix = zone.number * ZONE_M
        if within((x[0] - prefix, x[1] - prefix), EASTING_M):
            values = spans | {"zone": zone.number, "width": zone.width_deg}
            yield Candidate(f"EPSG:{zone.epsg(prefixed=True)}", swapped, per_m, Text("evidence_prefix", values))
    if within(x, EASTING_M):
        for plain in zones(3):
            values = spans | {"meridian": 3 * plain.number}
            yield Candidate(f"EPSG:{plain.epsg(prefixed=False)}", swapped, per_m, Text("evidence_meridian", values))
        for number in _UTM:
            values = spans | {"zone": number, "meridian": 6 * number - 183}
            yield Candidate(f"EPSG:{32600 + number}", swapped, per_m, Text("evidence_utm", values))


def _in_china(candidate: Candidate, points: FloatArray, place: Place | None) -> bool:
    lon, lat = lonlat(candidate.apply(points), candidate.crs)
    if place is not None:
        return place.holds(lon, lat)
    return bool((np.isfinite(lon) & (lon >= LON_DEG[0]) & (lon <= LON_DEG[1])).all())


def lonlat(points: FloatArray, crs: str) -> tuple[FloatArray, FloatArray]:
    """Return longitude and latitude [degrees] of points, shape (n, 2), x east, in a known system."""
    x, y = points[:, 0], points[:, 1]
    for step in transformers(crs, CGCS2000_GEOGRAPHIC):
        x, y = step.transform(x, y)
    return np.asarray(x), np.asarray(y)


def within_plane(points: FloatArray) -> bool:
    """Whether points, shape (n, 2), could be eastings without zone prefix and northings of China."""
    (west, south), (east, north) = points.min(axis=0), points.max(axis=0)
    return within((west, east), EASTING_M) and within((south, north), NORTHING_M)


def are_northings(values: FloatArray) -> bool:
    """Whether numbers [m] could all be Gauss-Kruger northings of China."""
    return within((float(values.min()), float(values.max())), NORTHING_M)


def are_eastings(values: FloatArray) -> bool:
    """Whether numbers [m] could all be Gauss-Kruger eastings of China, with a zone prefix or all without one.

    Examples
    --------
    >>> are_eastings(np.array([38_414_397.4])), are_eastings(np.array([414_397.4])), are_eastings(np.array([3.9e6]))
    (True, True, False)
    """
    if not np.isfinite(values).all():
        return False
    prefix, easting = np.divmod(values, ZONE_M)
    are_prefixes = bool(np.isin(prefix, _PREFIXES).all()) or not prefix.any()
    return are_prefixes and within((float(easting.min()), float(easting.max())), EASTING_M)


def within(ends: tuple[float, float], limits: tuple[float, float]) -> bool:
    """Whether a range of numbers lies in limits, ends included."""
    return limits[0] <= ends[0] and ends[1] <= limits[1]


def _spans(x: tuple[float, float], y: tuple[float, float], decimals: int) -> dict[str, object]:
    ends = {"west": x[0], "east": x[1], "south": y[0], "north": y[1]}
    return {name: f"{value:.{decimals}f}" for name, value in ends.items()}
