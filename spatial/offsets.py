"""The offsets of Chinese web maps: GCJ-02 (Amap, Tencent) and BD-09 (Baidu), and the way back (DOMAIN 2.5).

The formulas are unofficial: nobody publishes the real ones. What comes back from them differs from
the truth by 1 to 2 m, too much for boundary points; it serves to recognise offset data and, where a
user insists, to move them back approximately.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
#: Longitudes and latitudes in degrees.
LonLat = tuple[FloatArray, FloatArray]
Offset = Literal["gcj02", "bd09"]

# The Krassovsky ellipsoid with the eccentricity the formula is written with.
_A_M = 6_378_245.0
_EE = 0.006_693_421_622_965_943_23
# Origin of the formula's series.
_ORIGIN_DEG = (105.0, 35.0)
# Baidu's wobble and its fixed part.
_BD_ANGLE = np.pi * 3000.0 / 180.0
_BD_FIXED_DEG = (0.0065, 0.006)
_BD_RADIUS_DEG, _BD_TURN = 2e-5, 3e-6
# The way back contracts by a factor of a thousand with each round.
_ROUNDS = 8


def to_gcj02(lon: FloatArray, lat: FloatArray) -> LonLat:
    """Return GCJ-02 coordinates of true ones (CGCS2000 or WGS 84).

    Parameters
    ----------
    lon, lat : ndarray of float, shape (n,)
        Degrees.

    Returns
    -------
    lon, lat : ndarray of float, shape (n,)
        Some 500 to 700 m away in China, mostly to the east. Unofficial formula, 1 to 2 m of noise.

    Examples
    --------
    >>> lon, lat = to_gcj02(np.array([113.05]), np.array([36.05]))
    >>> round(float(lon[0]), 8), round(float(lat[0]), 8)
    (113.05657415, 36.05008857)
    """
    x, y = lon - _ORIGIN_DEG[0], lat - _ORIGIN_DEG[1]
    root = np.sqrt(np.abs(x))
    waves = 2.0 / 3.0 * (20 * np.sin(6 * np.pi * x) + 20 * np.sin(2 * np.pi * x))
    north = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root + waves
    north += 2.0 / 3.0 * (20 * np.sin(np.pi * y) + 40 * np.sin(np.pi / 3 * y))
    north += 2.0 / 3.0 * (160 * np.sin(np.pi / 12 * y) + 320 * np.sin(np.pi / 30 * y))
    east = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root + waves
    east += 2.0 / 3.0 * (20 * np.sin(np.pi * x) + 40 * np.sin(np.pi / 3 * x))
    east += 2.0 / 3.0 * (150 * np.sin(np.pi / 12 * x) + 300 * np.sin(np.pi / 30 * x))
    phi = np.radians(lat)
    w2 = 1 - _EE * np.sin(phi) ** 2
    along = _A_M * (1 - _EE) / (w2 * np.sqrt(w2))
    across = _A_M / np.sqrt(w2) * np.cos(phi)
    return lon + np.degrees(east / across), lat + np.degrees(north / along)


def from_gcj02(lon: FloatArray, lat: FloatArray) -> LonLat:
    """Return approximately true coordinates of GCJ-02 ones: the inverse of :func:`to_gcj02`, iterated.

    The round trip closes to 1e-9 degrees, the truth is only known to 1 or 2 m.
    """
    return _inverse(to_gcj02, lon, lat)


def to_bd09(lon: FloatArray, lat: FloatArray) -> LonLat:
    """Return BD-09 coordinates of true ones: some 1.2 to 1.4 km to the north-east. Unofficial.

    Examples
    --------
    >>> lon, lat = to_bd09(np.array([110.99]), np.array([35.02]))
    >>> round(float(lon[0]), 8), round(float(lat[0]), 8)
    (111.00211356, 35.02552263)
    """
    x, y = to_gcj02(lon, lat)
    radius = np.hypot(x, y) + _BD_RADIUS_DEG * np.sin(y * _BD_ANGLE)
    turn = np.arctan2(y, x) + _BD_TURN * np.cos(x * _BD_ANGLE)
    return radius * np.cos(turn) + _BD_FIXED_DEG[0], radius * np.sin(turn) + _BD_FIXED_DEG[1]


def from_bd09(lon: FloatArray, lat: FloatArray) -> LonLat:
    """Return approximately true coordinates of BD-09 ones: the inverse of :func:`to_bd09`, iterated."""
    return _inverse(to_bd09, lon, lat)


def _inverse(forward: Callable[[FloatArray, FloatArray], LonLat], lon: FloatArray, lat: FloatArray) -> LonLat:
    true_lon, true_lat = np.asarray(lon, dtype=np.float64), np.asarray(lat, dtype=np.float64)
    for _ in range(_ROUNDS):
        there_lon, there_lat = forward(true_lon, true_lat)
        true_lon, true_lat = true_lon + (lon - there_lon), true_lat + (lat - there_lat)
    return true_lon, true_lat


#: The way there and the way back of each offset.
THERE: dict[Offset, Callable[[FloatArray, FloatArray], LonLat]] = {"gcj02": to_gcj02, "bd09": to_bd09}
BACK: dict[Offset, Callable[[FloatArray, FloatArray], LonLat]] = {"gcj02": from_gcj02, "bd09": from_bd09}
