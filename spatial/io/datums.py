"""From the datum a file is in to CGCS2000: with the user's parameters, or not at all."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import CRS, Transformer
from pyproj.crs import ProjectedCRS
from pyproj.crs.coordinate_operation import TransverseMercatorConversion

from spatial.crs import (
    CGCS2000_GEOGRAPHIC,
    ELLIPSOID,
    datum_name,
    definition_of,
    plain_crs,
    require_same_datum,
    require_usable,
    system_of,
    transformers,
    transverse_mercator,
)
from spatial.datum_shifts import ELLIPSOIDS, FourParameters, SevenParameters, read_parameters
from spatial.errors import InputError
from spatial.findings import Finding
from spatial.gauss_kruger import Datum
from spatial.settings import setting

GeometryArray = NDArray[np.object_]
FloatArray = NDArray[np.float64]

#: Geographic systems and datum names of the two old datums.
_OLD: dict[Datum, tuple[int, tuple[str, ...]]] = {
    "beijing1954": (4214, ("Beijing 1954", "D_Beijing_1954", "Beijing_1954")),
    "xian1980": (4610, ("Xian 1980", "D_Xian_1980", "Xian_1980", "Xi'an 1980")),
}


def old_datum(crs: CRS) -> Datum | None:
    """Return which old national datum a system is in, ``None`` for any other.

    Examples
    --------
    >>> old_datum(CRS(2362)), old_datum(CRS(4214)), old_datum(CRS(4490))
    ('xian1980', 'beijing1954', None)
    """
    geodetic = crs.geodetic_crs
    if geodetic is None or geodetic.ellipsoid is None or crs.is_bound:
        return None
    for datum, (code, names) in _OLD.items():
        semi_major_m, flattening = ELLIPSOIDS[datum]
        ellipsoid = geodetic.ellipsoid
        fits = abs(ellipsoid.semi_major_metre - semi_major_m) < 0.01  # noqa: PLR2004 -- metres
        fits &= abs(ellipsoid.inverse_flattening - flattening) < 1e-5  # noqa: PLR2004
        if fits and (datum_name(crs) in names or geodetic.to_epsg() == code):
            return datum
    return None


def to_cgcs2000(
    path: Path, geometry: GeometryArray, crs: CRS, parameters: Path | None
) -> tuple[GeometryArray, CRS, tuple[Finding, ...]]:
    """Return geometries in CGCS2000 (or WGS 84), which most are already.

    Parameters
    ----------
    path
        For messages.
    geometry : ndarray of shapely geometries, shape (n,)
        In ``crs``, x east.
    crs
        Any usable system.
    parameters
        The user's file for Beijing 1954 or Xi'an 1980 data.

    Returns
    -------
    geometry : ndarray of shapely geometries, shape (n,)
    crs
        The plane of the same central meridian and prefix in CGCS2000, or EPSG:4490.
    findings
        That parameters were used; never which.

    Raises
    ------
    DatumShiftRequiredError
        If parameters are needed and there are none.
    InputError
        If the parameters are for another system.
    """
    crs = plain_crs(crs)
    require_usable(crs, source=str(path))
    datum = old_datum(crs)
    if datum is None or parameters is None:
        require_same_datum(crs, source=str(path))
        return geometry, crs, ()
    given = read_parameters(parameters)
    target = _counterpart(path, crs)
    if isinstance(given, SevenParameters):
        if given.source != datum:
            raise InputError("parameters_other", file=path, crs=crs.name, source=given.source)
        moved = _seven(geometry, crs, target, given)
    else:
        moved = _four(path, geometry, crs, given)
    _require_plausible(path, geometry, moved, target)
    values: dict[str, object] = {"crs": crs.name, "datum": datum_name(crs), "target": definition_of(target)}
    return moved, target, (Finding("warning", "datum_shifted", str(path), values=values),)


def _counterpart(path: Path, crs: CRS) -> CRS:
    """Return the CGCS2000 system of the same kind, meridian and false easting."""
    if crs.is_geographic:
        return CRS(CGCS2000_GEOGRAPHIC)
    plane = transverse_mercator(crs)
    if plane is None:
        raise InputError("crs_unusable", file=path, crs=crs.name)
    meridian, false_easting, scale = plane
    conversion = TransverseMercatorConversion(
        longitude_natural_origin=meridian, false_easting=false_easting, scale_factor_natural_origin=scale
    )
    return plain_crs(ProjectedCRS(conversion, name=f"CGCS2000 / {meridian:g}E", geodetic_crs=CRS(CGCS2000_GEOGRAPHIC)))


def _seven(geometry: GeometryArray, crs: CRS, target: CRS, given: SevenParameters) -> GeometryArray:
    # From a plane to its own geographic system is a formula: no datum operation for PROJ to choose.
    back = None if crs.is_geographic else Transformer.from_crs(crs, crs.geodetic_crs, always_xy=True)
    steps = transformers(CGCS2000_GEOGRAPHIC, target.srs)

    def move(coords: FloatArray) -> FloatArray:
        lon, lat = coords.T if back is None else back.transform(*coords.T)
        x, y = given.apply(np.asarray(lon), np.asarray(lat))
        for step in steps:
            x, y = step.transform(x, y)
        return np.column_stack([x, y])

    return np.asarray(shapely.transform(shapely.force_2d(geometry), move), dtype=object)


def _four(path: Path, geometry: GeometryArray, crs: CRS, given: FourParameters) -> GeometryArray:
    """Apply a similarity in the planes it is stated for; a zone prefix more or less makes no difference."""
    data, source, end = (
        transverse_mercator(c) for c in (crs, system_of(given.source_crs), system_of(given.target_crs))
    )
    fits = old_datum(system_of(given.source_crs)) == old_datum(crs)
    require_same_datum(plain_crs(system_of(given.target_crs)), source=given.target_crs)
    if data is None or source is None or end is None or not fits or len({data[0], source[0], end[0]}) > 1:
        raise InputError(
            "parameters_other", file=path, crs=crs.name, source=f"{given.source_crs} -> {given.target_crs}"
        )

    def move(coords: FloatArray) -> FloatArray:
        x, y = given.apply(coords[:, 0] - data[1] + source[1], coords[:, 1])
        return np.column_stack([x - end[1] + data[1], y])

    return np.asarray(shapely.transform(shapely.force_2d(geometry), move), dtype=object)


def _require_plausible(path: Path, before: GeometryArray, after: GeometryArray, target: CRS) -> None:
    """Refuse a move beyond what separates the datums: a wrong unit or sign, most likely."""
    start, end = shapely.get_coordinates(before), shapely.get_coordinates(after)
    if target.is_geographic:
        distance = np.asarray(ELLIPSOID.inv(start[:, 0], start[:, 1], end[:, 0], end[:, 1])[2])
    else:
        distance = np.hypot(*(end - start).T)
    most = setting("datum_shift_most_m")
    if not (distance <= most).all():
        raise InputError("parameters_implausible", file=path, most=f"{most:g}")
