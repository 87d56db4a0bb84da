"""Parameters from Beijing 1954 or Xi'an 1980 to CGCS2000, out of a file that only the user has.

Such parameters are classified in China: they are never shipped, printed, logged or recorded. No message
and no representation of an object here holds one of their values.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pyproj import Transformer

from spatial.errors import InputError
from spatial.gauss_kruger import Datum

FloatArray = NDArray[np.float64]

#: Semi-major axis [m] and inverse flattening: Krassovsky 1940 and IAG 1975.
ELLIPSOIDS: dict[Datum, tuple[float, float]] = {"beijing1954": (6_378_245.0, 298.3), "xian1980": (6_378_140.0, 298.257)}

_CGCS2000 = (6_378_137.0, 298.257222101)
_SEVEN = ("dx_m", "dy_m", "dz_m", "rx_arcsec", "ry_arcsec", "rz_arcsec", "scale_ppm")
#: East and north by name: in Chinese surveying ΔX is north, in most programs dx is east.
_FOUR = ("east_m", "north_m", "rotation_arcsec", "scale_ppm")
_CONVENTIONS = {"position_vector": 1.0, "coordinate_frame": -1.0}
_TURNS = {"counterclockwise": 1.0, "clockwise": -1.0}


@dataclass(frozen=True)
class SevenParameters:
    """A Bursa-Wolf transformation (七参数) between the ellipsoids' geocentric coordinates.

    Parameters
    ----------
    source
        Datum it starts from; it always ends at CGCS2000.
    """

    source: Datum
    _shift_m: tuple[float, float, float] = field(repr=False)
    _rotation_rad: tuple[float, float, float] = field(repr=False)
    _scale: float = field(repr=False)

    def apply(self, lon: FloatArray, lat: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return CGCS2000 longitude and latitude of those of the source datum [degrees].

        X' = T + (1 + m) R X with small angles (position vector). Heights are not known and taken as
        zero; at 1000 m that is some 2 cm in position for a shift of 100 m.
        """
        x, y, z = _geocentric(*ELLIPSOIDS[self.source]).transform(lon, lat, np.zeros(len(lon)))
        rx, ry, rz = self._rotation_rad
        k = 1 + self._scale
        moved = (
            self._shift_m[0] + k * (x - rz * y + ry * z),
            self._shift_m[1] + k * (rz * x + y - rx * z),
            self._shift_m[2] + k * (-ry * x + rx * y + z),
        )
        to_lon, to_lat, _ = _geocentric(*_CGCS2000).transform(*moved, direction="INVERSE")
        return to_lon, to_lat


@dataclass(frozen=True)
class FourParameters:
    """A plane similarity (四参数) from a plane of an old datum to the CGCS2000 plane of the same meridian.

    Parameters
    ----------
    source_crs, target_crs
        EPSG codes of both planes, as the user states them.
    """

    source_crs: str
    target_crs: str
    _shift_m: tuple[float, float] = field(repr=False)
    _rotation_rad: float = field(repr=False)
    _scale: float = field(repr=False)

    def apply(self, x: FloatArray, y: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return x (east) and y (north) in the target plane of those in the source plane [m].

        The rotation is counterclockwise, as seen on a map, about the plane's origin:
        x' = east + k (x cos a - y sin a), y' = north + k (x sin a + y cos a).
        """
        k, cos, sin = 1 + self._scale, np.cos(self._rotation_rad), np.sin(self._rotation_rad)
        return self._shift_m[0] + k * (x * cos - y * sin), self._shift_m[1] + k * (x * sin + y * cos)


Parameters = SevenParameters | FourParameters


def read_parameters(path: Path) -> Parameters:
    """Read a user's parameter file.

    Parameters
    ----------
    path
        TOML: ``kind = "seven"`` with ``source``, ``convention`` and the seven values, or ``kind = "four"``
        with ``source_crs``, ``target_crs``, ``rotation_direction`` and the four values. Shifts in
        a plane are named by where they point, east and north. Signs have no default: programs differ.

    Raises
    ------
    InputError
        Naming the entry that is missing or not valid, never its value.
    """
    content = _content(path)
    kind = content.get("kind")
    if kind == "seven":
        source = _word(path, content, "source", tuple(ELLIPSOIDS))
        sign = _CONVENTIONS[_word(path, content, "convention", tuple(_CONVENTIONS))]
        dx, dy, dz, *rest = (_number(path, content, key) for key in _SEVEN)
        rx, ry, rz = (sign * _radians(value) for value in rest[:3])
        return SevenParameters(
            "xian1980" if source == "xian1980" else "beijing1954", (dx, dy, dz), (rx, ry, rz), rest[3] * 1e-6
        )
    if kind == "four":
        turn = _TURNS[_word(path, content, "rotation_direction", tuple(_TURNS))]
        planes = [content.get(key) for key in ("source_crs", "target_crs")]
        for key, plane in zip(("source_crs", "target_crs"), planes, strict=True):
            if not isinstance(plane, str) or not plane:
                raise InputError("parameters_bad", file=path, key=key, kind="EPSG:…")
        east, north, angle, ppm = (_number(path, content, key) for key in _FOUR)
        return FourParameters(str(planes[0]), str(planes[1]), (east, north), turn * _radians(angle), ppm * 1e-6)
    raise InputError("parameters_bad", file=path, key="kind", kind="seven | four")


def _content(path: Path) -> dict[str, Any]:
    if not path.is_file():
        raise InputError("file_missing", file=path)
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError):
        # Neither the parser's words nor its exception may go on: they can quote the file.
        fault = InputError("parameters_bad", file=path, key="TOML", kind="key = value")
    raise fault


def _word(path: Path, content: dict[str, Any], key: str, allowed: tuple[str, ...]) -> str:
    value = content.get(key)
    if not isinstance(value, str) or value not in allowed:
        raise InputError("parameters_bad", file=path, key=key, kind=" | ".join(allowed))
    return value


def _number(path: Path, content: dict[str, Any], key: str) -> float:
    value = content.get(key)
    if isinstance(value, bool) or not isinstance(value, int | float) or not np.isfinite(value):
        raise InputError("parameters_bad", file=path, key=key, kind="0.0")
    return float(value)


def _radians(arcsec: float) -> float:
    return float(np.radians(arcsec / 3600))


@cache
def _geocentric(semi_major_m: float, inverse_flattening: float) -> Transformer:
    return Transformer.from_pipeline(
        "+proj=pipeline +step +proj=unitconvert +xy_in=deg +xy_out=rad "
        f"+step +proj=cart +a={semi_major_m} +rf={inverse_flattening}"
    )
