"""Coordinate systems: which datums may be used without parameters, and the equal-area plane.

CGCS2000 and WGS 84 count as one datum (null shift, decimetres; DOMAIN 2.3). Everything else,
Beijing 1954 and Xi'an 1980 above all, is refused: PROJ would silently apply a null shift that is
tens of metres wrong.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from pyproj import CRS, Transformer
from pyproj.crs import ProjectedCRS
from pyproj.crs.coordinate_operation import LambertCylindricalEqualAreaConversion

from spatial.errors import DatumShiftRequiredError, InputError
from spatial.gauss_kruger import zone_of_number

FloatArray = NDArray[np.float64]

CGCS2000_GEOGRAPHIC = "EPSG:4490"

#: EPSG codes of the geographic systems that need no parameters to become CGCS2000.
_SAME_DATUM = {4490, 4480, 4326, 4979}
_SAME_DATUM_NAMES = {"China 2000", "China_2000", "D_China_2000", "CGCS2000", "China Geodetic Coordinate System 2000"}
_SAME_DATUM_PREFIXES = ("World Geodetic System 1984", "WGS 84", "WGS_1984", "D_WGS_1984", "WGS84")


@cache
def equal_area_crs() -> CRS:
    """Return the plane in which areas are cut and summed.

    Normal cylindrical equal-area on the CGCS2000 ellipsoid: a planar area in it is the official
    ellipsoidal area of DOMAIN 1.2. The true-scale latitude of 36 degrees keeps shapes in Shanxi
    readable and changes no area; the central meridian keeps coordinates short.
    """
    conversion = LambertCylindricalEqualAreaConversion(
        latitude_first_parallel=36.0,
        longitude_natural_origin=112.0,
    )
    return ProjectedCRS(conversion, name="CGCS2000 / cylindrical equal area", geodetic_crs=CRS(CGCS2000_GEOGRAPHIC))


@cache
def known_crs(definition: str) -> CRS:
    """Return the coordinate system of a definition such as ``EPSG:4526``, refusing other datums.

    Parameters
    ----------
    definition
        EPSG code, WKT or PROJ string.

    Raises
    ------
    InputError
        If the definition cannot be understood.
    DatumShiftRequiredError
        If the datum is neither CGCS2000 nor WGS 84.
    """
    try:
        crs = CRS(definition)
    except Exception as error:
        raise InputError("crs_unknown", crs=definition) from error
    require_same_datum(crs)
    return crs


def require_same_datum(crs: CRS, *, source: str = "") -> None:
    """Refuse a system whose datum is not CGCS2000 or WGS 84.

    Parameters
    ----------
    crs
        Any system.
    source
        File that states it, for the message.

    Raises
    ------
    DatumShiftRequiredError
        With instructions on the parameters to ask for.
    """
    geodetic = crs.geodetic_crs
    name = geodetic.datum.name if geodetic is not None and geodetic.datum is not None else ""
    code = geodetic.to_epsg() if geodetic is not None else None
    if code in _SAME_DATUM or name in _SAME_DATUM_NAMES or name.startswith(_SAME_DATUM_PREFIXES):
        return
    raise DatumShiftRequiredError("datum_shift", file=source or "CRS", crs=crs.name, datum=name or "?")


class Step(Protocol):
    """One step of a coordinate transformation: x (east) and y (north) in, the same out."""

    def transform(self, xx: FloatArray, yy: FloatArray, /) -> tuple[FloatArray, FloatArray]:
        """Return the moved coordinates."""


@dataclass(frozen=True)
class _FromEqualArea:
    """The way back from the equal-area plane.

    PROJ inverts the authalic latitude by a short series, a millimetre off; its forward direction
    is exact. Moving the start by the error seen there and back brings the end within 1e-12 degrees.
    """

    inverse: Transformer
    forward: Transformer

    def transform(self, xx: FloatArray, yy: FloatArray, /) -> tuple[FloatArray, FloatArray]:
        lon, lat = self.inverse.transform(xx, yy)
        again_x, again_y = self.forward.transform(lon, lat)
        moved: tuple[FloatArray, FloatArray] = self.inverse.transform(2 * xx - again_x, 2 * yy - again_y)
        return moved


@cache
def _to_geographic(definition: str) -> Step | None:
    crs = known_crs(definition)
    geodetic = crs.geodetic_crs
    if crs.is_geographic or geodetic is None:
        return None
    step = Transformer.from_crs(crs, geodetic, always_xy=True)
    return _FromEqualArea(step, _from_geographic(definition)) if definition == equal_area_crs().srs else step


@cache
def _from_geographic(definition: str) -> Transformer:
    crs = known_crs(definition)
    return Transformer.from_crs(crs.geodetic_crs, crs, always_xy=True)


@cache
def transformers(source: str, target: str) -> tuple[Step, ...]:
    """Return the steps from one system to another: to longitude and latitude, then to the plane.

    The two steps make the null shift between CGCS2000 and WGS 84 explicit instead of leaving the
    choice of a datum operation to PROJ. Each takes and gives x (east), y (north).

    Parameters
    ----------
    source, target
        Definitions accepted by :func:`known_crs`.

    Returns
    -------
    tuple of Step
        To be applied in order; empty when nothing changes.
    """
    if known_crs(source) == known_crs(target):
        return ()
    first = _to_geographic(source)
    second = () if known_crs(target).is_geographic else (_from_geographic(target),)
    return ((first,) if first is not None else ()) + second


def definition_of(crs: CRS) -> str:
    """Return the short text that names a coordinate system: its authority code, else its WKT.

    Examples
    --------
    >>> definition_of(CRS(4526))
    'EPSG:4526'
    """
    authority = crs.to_authority(min_confidence=100)
    return ":".join(authority) if authority else crs.to_wkt()


def gauss_kruger_of(lon_deg: float) -> str:
    """Return the CGCS2000 3-degree Gauss-Kruger system, with zone prefix, of a longitude.

    Raises
    ------
    InputError
        If the longitude is not in China.

    Examples
    --------
    >>> gauss_kruger_of(113.05), gauss_kruger_of(110.99)
    ('EPSG:4526', 'EPSG:4525')
    """
    zone = zone_of_number(round(lon_deg / 3))
    if zone is None or zone.width_deg != 3:  # noqa: PLR2004 -- degrees
        raise InputError("longitude_outside", lon=f"{lon_deg:.4f}")
    return f"EPSG:{zone.epsg(prefixed=True)}"
