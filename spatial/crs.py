"""Coordinate systems: which datums may be used without parameters, and the equal-area plane.

CGCS2000 and WGS 84 count as one datum (null shift, decimetres; DOMAIN 2.3). Everything else,
Beijing 1954 and Xi'an 1980 above all, is refused: PROJ would silently apply a null shift that is
tens of metres wrong. What a system is, is decided by its parameters, never by its name alone: a
label "WGS 84" on the Krassovsky ellipsoid is no WGS 84.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from pyproj import CRS, Geod, Transformer
from pyproj.crs import ProjectedCRS
from pyproj.crs.coordinate_operation import LambertCylindricalEqualAreaConversion
from pyproj.exceptions import ProjError

from spatial.errors import DatumShiftRequiredError, InputError
from spatial.gauss_kruger import FALSE_EASTING_M, PREFIX_M, zone_of_number
from spatial.offsets import Offset

FloatArray = NDArray[np.float64]

CGCS2000_GEOGRAPHIC = "EPSG:4490"
#: The ellipsoid of CGCS2000, for lengths and azimuths; GRS 80 differs from it by a hundredth of a millimetre.
ELLIPSOID = Geod(ellps="GRS80")

#: EPSG codes of the geographic systems that need no parameters to become CGCS2000: the whole whitelist.
_SAME_DATUM = {4490, 4480, 4326, 4979}
_SAME_DATUM_NAMES = {"China 2000", "China_2000", "D_China_2000", "CGCS2000", "China Geodetic Coordinate System 2000"}
_SAME_DATUM_PREFIXES = ("World Geodetic System 1984", "WGS 84", "WGS_1984", "D_WGS_1984", "WGS84")
#: Semi-major axis [m] and inverse flattenings of CGCS2000 (GRS 80) and WGS 84; they differ by 0.1 mm at the poles.
_SEMI_MAJOR_M = 6_378_137.0
_INVERSE_FLATTENINGS = (298.257222101, 298.257223563)
#: Names under which offset web-map coordinates go about.
_OFFSET_NAMES: dict[Offset, str] = {"gcj02": r"GCJ[\s_-]*(?:20)?02|火星", "bd09": r"BD[\s_-]*09|百度|Baidu"}

#: How offsets are called in messages.
OFFSET_LABELS: dict[Offset, str] = {"gcj02": "GCJ-02", "bd09": "BD-09"}

_DEGREE_RAD = np.pi / 180
_UTM_SCALE = 0.9996
_UTM_BEGIN_EPSG = 32600


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
    crs = plain_crs(system_of(definition))
    require_same_datum(crs)
    return crs


def system_of(definition: str) -> CRS:
    """Return the coordinate system of a definition, whatever its datum.

    Raises
    ------
    InputError
        If the definition cannot be understood.
    """
    try:
        return CRS(definition)
    except Exception as error:
        raise InputError("crs_unknown", crs=definition) from error


def plain_crs(crs: CRS) -> CRS:
    """Return the horizontal system itself: without heights or a null shift, by its EPSG code where it has one.

    Programs write the same plane under many names (``CGCS2000_3_Degree_GK_Zone_38``, ``..._CM_114E``):
    which plane it is follows from central meridian, false easting and scale. A system with other
    parameters than any of EPSG stays as it is.

    Examples
    --------
    >>> plain_crs(CRS("EPSG:4526+5737")).to_epsg()
    4526
    """
    if offset_named(crs) is not None:
        # Its parameters are those of WGS 84: only the name says that it is not.
        return crs
    if crs.is_compound:
        return plain_crs(crs.sub_crs_list[0])
    if crs.is_bound and crs.source_crs is not None and _is_null(crs):
        return plain_crs(crs.source_crs)
    authority = crs.to_authority(min_confidence=100)
    if (authority is not None and authority[0] == "EPSG") or not _is_same_datum(crs):
        return crs
    code = _epsg_by_parameters(crs)
    return crs if code is None else CRS(code)


def _is_null(bound: CRS) -> bool:
    operation = bound.coordinate_operation
    return operation is None or not any(parameter.value for parameter in operation.params)


def _epsg_by_parameters(crs: CRS) -> int | None:
    """Return the code of a CGCS2000 or WGS 84 system whose parameters are those of an EPSG system."""
    is_wgs84 = "84" in datum_name(crs)
    if crs.is_geographic:
        is_degree = abs(crs.axis_info[0].unit_conversion_factor - _DEGREE_RAD) < 1e-12  # noqa: PLR2004
        return (4326 if is_wgs84 else 4490) if is_degree else None
    meridian, false_easting, scale = transverse_mercator(crs) or (0.0, 0.0, 0.0)
    if scale == _UTM_SCALE and is_wgs84 and false_easting == FALSE_EASTING_M:
        utm_zone, rest = divmod(meridian + 183, 6)
        return _UTM_BEGIN_EPSG + int(utm_zone) if rest == 0 else None
    number, rest = divmod(meridian, 3)
    if scale != 1 or rest or is_wgs84 or crs.axis_info[0].unit_conversion_factor != 1:
        return None
    prefix, rest = divmod(false_easting, PREFIX_M)
    if rest != FALSE_EASTING_M:
        return None
    # Without a prefix the 3-degree zone names the plane: a 6-degree zone of its meridian is the same one.
    zone = zone_of_number(int(prefix or number))
    if zone is None or zone.meridian_deg != meridian:
        return None
    return zone.epsg(prefixed=bool(prefix))


def transverse_mercator(crs: CRS) -> tuple[float, float, float] | None:
    """Return central meridian [degrees], false easting [m] and scale of a transverse Mercator plane of China.

    ``None`` for other projections, and for planes whose origin is not on the equator.

    Examples
    --------
    >>> transverse_mercator(CRS(4526)), transverse_mercator(CRS(32649))
    ((114.0, 38500000.0, 1.0), (111.0, 500000.0, 0.9996))
    """
    operation = crs.coordinate_operation
    if not crs.is_projected or crs.is_bound or operation is None or "Transverse Mercator" not in operation.method_name:
        return None
    values = {parameter.name: float(parameter.value) for parameter in operation.params}
    if values.get("Latitude of natural origin") or values.get("False northing"):
        return None
    scale = values.get("Scale factor at natural origin", 1.0)
    return values.get("Longitude of natural origin", 0.0), values.get("False easting", 0.0), scale


def datum_name(crs: CRS) -> str:
    """Return the name of a system's datum, empty where it has none."""
    geodetic = crs.geodetic_crs
    return geodetic.datum.name if geodetic is not None and geodetic.datum is not None else ""


def offset_named(crs: CRS) -> Offset | None:
    """Return the web-map offset that a system's name states, ``None`` for most.

    Examples
    --------
    >>> offset_named(CRS('GEOGCS["GCJ-02",DATUM["WGS_1984",SPHEROID["WGS 84",6378137,298.257223563]],'
    ... 'PRIMEM["Greenwich",0],UNIT["degree",0.0174532925199433]]'))
    'gcj02'
    """
    geodetic = crs.geodetic_crs
    names = " ".join([crs.name, geodetic.name if geodetic is not None else "", datum_name(crs)])
    return next((kind for kind, pattern in _OFFSET_NAMES.items() if re.search(pattern, names, re.IGNORECASE)), None)


def _is_same_datum(crs: CRS) -> bool:
    """Whether a system is on the whitelist: by code or datum name, and by ellipsoid and prime meridian."""
    geodetic = crs.geodetic_crs
    if geodetic is None or crs.is_bound or geodetic.ellipsoid is None or geodetic.prime_meridian is None:
        return False
    ellipsoid = geodetic.ellipsoid
    flattening = min(abs(ellipsoid.inverse_flattening - known) for known in _INVERSE_FLATTENINGS)
    if abs(ellipsoid.semi_major_metre - _SEMI_MAJOR_M) > 0.01 or flattening > 1e-5:  # noqa: PLR2004
        return False
    name = datum_name(crs)
    named = name in _SAME_DATUM_NAMES or name.startswith(_SAME_DATUM_PREFIXES)
    return (named or geodetic.to_epsg() in _SAME_DATUM) and geodetic.prime_meridian.longitude == 0


def require_same_datum(crs: CRS, *, source: str = "") -> None:
    """Refuse a system that is not CGCS2000 or WGS 84 in degrees or metres.

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
    InputError
        For a local system, for offset web-map coordinates, and for units other than degree and metre.
    """
    require_usable(crs, source=source)
    if not _is_same_datum(crs):
        raise DatumShiftRequiredError("datum_shift", file=source or "CRS", crs=crs.name, datum=datum_name(crs) or "?")


def require_usable(crs: CRS, *, source: str = "") -> None:
    """Refuse a system in which nothing can be computed whatever its datum; errors as :func:`require_same_datum`."""
    where = source or "CRS"
    if crs.is_engineering or crs.geodetic_crs is None:
        raise InputError("crs_local", file=where, crs=crs.name)
    offset = offset_named(crs)
    if offset is not None:
        raise InputError("crs_offset", file=where, crs=crs.name, kind=OFFSET_LABELS[offset], option=offset)
    if not (crs.is_projected or crs.is_geographic):
        raise InputError("crs_unusable", file=where, crs=crs.name)
    try:
        to_degrees(crs)
    except ProjError as error:
        # A label can name a projection that does not exist.
        raise InputError("crs_unusable", file=where, crs=crs.name) from error
    axis = crs.axis_info[0]
    if abs(axis.unit_conversion_factor - (_DEGREE_RAD if crs.is_geographic else 1)) > 1e-9:  # noqa: PLR2004
        raise InputError("crs_unit", file=where, crs=crs.name, unit=axis.unit_name)


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


@cache
def to_degrees(crs: CRS) -> Transformer:
    """Return the step from any system to the longitude and latitude of its own datum, x (east) first.

    Raises
    ------
    ProjError
        If the system names a projection that cannot be computed.
    """
    return Transformer.from_crs(crs, crs.geodetic_crs, always_xy=True)


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
