"""Official, stored-vertex and planar areas, ellipsoidal lengths, and adjustment to a control area."""

from __future__ import annotations

import math
from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import CRS

from spatial.crs import CGCS2000_GEOGRAPHIC, ELLIPSOID, known_crs
from spatial.equal_area import DENSIFY_STEP_M, reproject, to_equal_area
from spatial.errors import InputError
from spatial.settings import setting

FloatArray = NDArray[np.float64]


def official_area_m2(geometry: Any, crs: CRS, *, step_m: float = DENSIFY_STEP_M) -> FloatArray:
    """Return the official ellipsoidal area (椭球面积), edges taken as straight in ``crs``.

    Parameters
    ----------
    geometry : array_like of shapely polygons or multipolygons, shape (n,)
        Valid geometries in ``crs``; holes are subtracted, ring orientation does not matter.
    crs
        CGCS2000 or WGS 84, geographic or projected.
    step_m
        Longest edge after cutting [m].

    Returns
    -------
    ndarray of float, shape (n,)
        Areas [m2]; 0 for lines and points, nan for missing geometries.

    Raises
    ------
    DatumShiftRequiredError
        If the datum is neither CGCS2000 nor WGS 84.

    Notes
    -----
    Formula (2) of 国土调查办发〔2008〕32号 with the constants of CGCS2000, summed over the edges,
    is the planar area in a normal cylindrical equal-area projection (DOMAIN 1.2).

    Examples
    --------
    >>> from shapely import box
    >>> site = box(38409778, 3980457, 38410048.8012, 3980727.8012)
    >>> float(official_area_m2([site], CRS(4526))[0].round(4))
    73318.6315
    """
    return np.asarray(shapely.area(to_equal_area(geometry, crs, step_m=step_m)), dtype=np.float64)


def stored_vertex_area_m2(geometry: Any, crs: CRS) -> FloatArray:
    """Return the ellipsoidal area of the stored vertices alone, as survey software prints it.

    Parameters and errors as in :func:`official_area_m2`; long oblique edges make the two differ
    by about dL dB2 R2 sin(B) / 12 each (DOMAIN 1.2).

    Returns
    -------
    ndarray of float, shape (n,)
        Areas [m2].
    """
    return official_area_m2(geometry, crs, step_m=math.inf)


def planar_area_m2(geometry: Any, crs: CRS) -> FloatArray:
    """Return the area in the projection plane, for matching a declared planar figure only.

    Parameters
    ----------
    geometry : array_like of shapely polygons or multipolygons, shape (n,)
    crs
        A projected system; in the 3-degree Gauss-Kruger plane the area is too large by about y2/R2.

    Raises
    ------
    InputError
        If ``crs`` is geographic: square degrees are not an area.
    """
    known_crs(crs.srs)
    if not crs.is_projected:
        raise InputError("planar_needs_plane", crs=crs.name)
    unit_m = crs.axis_info[0].unit_conversion_factor
    return np.asarray(shapely.area(np.asarray(geometry, dtype=object)) * unit_m**2, dtype=np.float64)


def ellipsoidal_length_m(geometry: Any, crs: CRS) -> FloatArray:
    """Return the length of lines along geodesics between their vertices.

    Parameters
    ----------
    geometry : array_like of shapely lines or multilines, shape (n,)
        In ``crs``. Densify first where edges are long.

    Returns
    -------
    ndarray of float, shape (n,)
        Lengths [m] on the CGCS2000 ellipsoid; 0 for points and polygons: a perimeter is the length of
        a polygon's boundary.
    """
    geometries = np.asarray(geometry, dtype=object)
    parts, owner = shapely.get_parts(geometries, return_index=True)
    lineal = shapely.get_dimensions(parts) == 1
    lines, owner = reproject(parts[lineal], crs, CRS(CGCS2000_GEOGRAPHIC)), owner[lineal]
    coords, part = shapely.get_coordinates(lines, return_index=True)
    total = np.zeros(len(geometries))
    if len(coords) < 2:  # noqa: PLR2004 -- an edge needs two points
        return total
    same = part[1:] == part[:-1]
    start, end = coords[:-1][same], coords[1:][same]
    _, _, edges = ELLIPSOID.inv(start[:, 0], start[:, 1], end[:, 0], end[:, 1])
    np.add.at(total, owner[part[1:][same]], edges)
    return total


def adjust_to_control(
    areas: Sequence[float], control: float, *, quantum: str = "0.01", limit: float | None = None
) -> list[Decimal]:
    """Force areas to add up to their control area exactly (面积平差, 强制调平).

    Parameters
    ----------
    areas
        Raw areas in any one unit; keep them beside the adjusted ones.
    control
        Control area in the same unit, a multiple of ``quantum``.
    quantum
        Smallest step of the result, as decimal text.
    limit
        Largest relative discrepancy that counts as rounding; ``control_limit`` of the settings unless given.

    Returns
    -------
    list of Decimal
        Adjusted areas whose sum is ``control``.

    Raises
    ------
    InputError
        If the discrepancy is larger than ``limit``: a gap or an overlap, not rounding; if an area is
        negative or not finite; or if the control is not a multiple of the quantum.

    Notes
    -----
    v' = v C / sum(v), cut down to the quantum; what remains goes to the largest remainders, ties to
    the larger parcel (DOMAIN 1.7).

    Examples
    --------
    >>> [str(a) for a in adjust_to_control([33.333, 33.333, 33.334], 100.00)]
    ['33.33', '33.33', '33.34']
    """
    limit = setting("control_limit") if limit is None else limit
    if not areas or not all(math.isfinite(a) and a >= 0 for a in areas):
        raise InputError("control_areas_bad")
    # repr() gives the figure people wrote; the arithmetic after it is exact.
    raw = [Fraction(repr(float(a))) for a in areas]
    step = Fraction(quantum)
    target = Fraction(repr(float(control)))
    total = sum(raw, Fraction(0))
    if target <= 0 or (target / step).denominator != 1:
        raise InputError("control_not_multiple", control=control, quantum=quantum)
    if abs(target - total) > Fraction(limit) * target:
        raise InputError(
            "control_discrepancy",
            total=float(total),
            control=control,
            relative=f"{float(abs(target - total) / target):.2e}",
            limit=limit,
        )
    quanta = [value * target / total / step for value in raw]
    whole = [math.floor(q) for q in quanta]
    left = int(target / step) - sum(whole)
    by_remainder = sorted(range(len(raw)), key=lambda i: (-(quanta[i] - whole[i]), -raw[i], i))
    for i in by_remainder[:left]:
        whole[i] += 1
    return [Decimal(n) * Decimal(quantum) for n in whole]
