"""Slope steepness S and slope length L: Liu (CSLE), McCool and Renard, Desmet-Govers, Moore, InVEST.

Slopes are in degrees, lengths in metres, contributing areas in square metres. All functions take
arrays of one shape, or numbers, and return float64; nan stays nan.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from spatial.erosion.constants import constants

Floats = NDArray[np.float64]
SlopeVariant = Literal["liu", "liu_2018", "mccool"]
RillRatio = Literal["low", "moderate", "high"]


def slope_factor(slope_deg: ArrayLike, variant: SlopeVariant = "liu") -> Floats:
    """Return the slope steepness factor S.

    Parameters
    ----------
    slope_deg
        0 to 90.
    variant
        ``liu``: CSLE, three segments; ``liu_2018``: four segments; ``mccool``: RUSLE, two segments.

    Notes
    -----
    ``S = gain sin(slope) + offset`` by segment; Liu et al. 1994: 10.8 sin + 0.03 below 5 degrees,
    16.8 sin - 0.5 below 10, 21.91 sin - 0.96 above (it jumps by 18 per cent at 10 degrees, as published).

    Examples
    --------
    >>> slope_factor([5, 15, 25]).round(4).tolist()
    [0.9642, 4.7107, 8.2996]
    """
    own = constants("slope", variant)
    degrees = np.asarray(slope_deg, dtype=np.float64)
    segment = np.searchsorted(own["upper_deg"], degrees, side="right")
    segment = np.where(np.isnan(degrees), 0, segment)
    gain, offset = np.array(own["gain"]), np.array(own["offset"])
    factor: Floats = gain[segment] * np.sin(np.radians(degrees)) + offset[segment]
    return factor


def length_exponent_liu(slope_deg: ArrayLike) -> Floats:
    """Return the exponent m of the slope length in CSLE: 0.2, 0.3, 0.4 or 0.5 (Liu et al. 2000)."""
    own = constants("exponent", "liu")
    degrees = np.asarray(slope_deg, dtype=np.float64)
    segment = np.searchsorted(own["upper_deg"], degrees, side="left")
    return np.where(np.isnan(degrees), np.nan, np.array(own["m"])[np.where(np.isnan(degrees), 0, segment)])


def length_exponent_rusle(slope_deg: ArrayLike, rill_ratio: RillRatio = "moderate") -> Floats:
    """Return the exponent m of the slope length in RUSLE.

    Notes
    -----
    ``beta = ratio (sin / 0.0896) / (3 sin^0.8 + 0.56)``, ``m = beta / (1 + beta)``: Foster et al. 1977 and
    McCool et al. 1989, AH-703 equations 4-2 and 4-3.

    Examples
    --------
    >>> float(length_exponent_rusle(10).round(5))
    0.59864
    """
    sine = np.sin(np.radians(np.asarray(slope_deg, dtype=np.float64)))
    ratio = float(constants("rill_ratio")[rill_ratio])
    beta = ratio * (sine / constants("unit_plot")["slope_sin"]) / (3.0 * sine**0.8 + 0.56)
    exponent: Floats = beta / (1.0 + beta)
    return exponent


def length_factor(length_m: ArrayLike, exponent: ArrayLike) -> Floats:
    """Return the slope length factor ``L = (length / 22.13)^m`` of a slope from its top, length horizontal.

    Examples
    --------
    >>> float(length_factor(60, length_exponent_liu(10)).round(4))
    1.6466
    """
    relative = np.asarray(length_m, dtype=np.float64) / constants("unit_plot")["length_m"]
    factor: Floats = relative ** np.asarray(exponent, dtype=np.float64)
    return factor


def segment_length_factor(from_m: ArrayLike, to_m: ArrayLike, exponent: ArrayLike) -> Floats:
    """Return L of a segment of a slope, between two distances from its top (Foster and Wischmeier 1974).

    Examples
    --------
    >>> float(segment_length_factor(30, 60, 0.5).round(7))
    2.1288623
    """
    inner, outer = np.asarray(from_m, dtype=np.float64), np.asarray(to_m, dtype=np.float64)
    m = np.asarray(exponent, dtype=np.float64)
    factor: Floats = (outer ** (m + 1) - inner ** (m + 1)) / ((outer - inner) * constants("unit_plot")["length_m"] ** m)
    return factor


def contour_width(aspect_deg: ArrayLike) -> Floats:
    """Return how wide a cell is across the flow, in cell sides: ``|sin| + |cos|`` of the aspect."""
    radians = np.radians(np.asarray(aspect_deg, dtype=np.float64))
    return np.abs(np.sin(radians)) + np.abs(np.cos(radians))


def grid_length_factor(inlet_area_m2: ArrayLike, cell_m: ArrayLike, exponent: ArrayLike, width: ArrayLike) -> Floats:
    """Return L of a grid cell from the area that drains into it (Desmet and Govers 1996, equation 13).

    Parameters
    ----------
    inlet_area_m2
        Area that drains into the cell, the cell itself left out.
    cell_m
        Side of the cell; on a grid in degrees it differs by row.
    exponent
        As :func:`length_exponent_rusle` or :func:`length_exponent_liu` return it.
    width
        As :func:`contour_width` returns it from the aspect.

    Notes
    -----
    ``L = ((A + D^2)^(m+1) - A^(m+1)) / (D^(m+2) x^m 22.13^m)``.

    Examples
    --------
    >>> m = length_exponent_rusle(20)
    >>> float(grid_length_factor(0, 5, m, contour_width(0)).round(5))
    0.36598
    """
    area, m = np.asarray(inlet_area_m2, dtype=np.float64), np.asarray(exponent, dtype=np.float64)
    across, cell = np.asarray(width, dtype=np.float64), np.asarray(cell_m, dtype=np.float64)
    grown = (area + cell**2) ** (m + 1) - area ** (m + 1)
    factor: Floats = grown / (cell ** (m + 2) * across**m * constants("unit_plot")["length_m"] ** m)
    return factor


def ls_desmet_govers(
    inlet_area_m2: ArrayLike,
    cell_m: float,
    slope_deg: ArrayLike,
    aspect_deg: ArrayLike,
    variant: SlopeVariant = "mccool",
) -> Floats:
    """Return LS of grid cells by Desmet and Govers 1996, its width taken from the aspect, as published."""
    length = grid_length_factor(inlet_area_m2, cell_m, length_exponent_rusle(slope_deg), contour_width(aspect_deg))
    return length * slope_factor(slope_deg, variant)


def ls_invest(flow_cells: ArrayLike, cell_m: float, slope_deg: ArrayLike) -> Floats:
    """Return LS as InVEST 3.20 computes it, for comparison with its users.

    Parameters
    ----------
    flow_cells
        Cells that drain through a cell, the cell itself counted.

    Notes
    -----
    As Desmet and Govers, but with the square root of the contributing area in place of the area, the width
    ``|sin| + |cos|`` of the slope angle where they define it from the aspect, m by steps up to 9 per cent, and
    L at most 122.
    """
    own = constants("exponent", "invest")
    slope = np.asarray(slope_deg, dtype=np.float64)
    percent = 100.0 * np.tan(np.radians(slope))
    step = np.searchsorted(own["upper_pct"], np.where(np.isnan(percent), 0.0, percent), side="left")
    m = np.where(step < len(own["m"]), np.array([*own["m"], 0.0])[step], length_exponent_rusle(slope))
    inlet = np.sqrt(np.asarray(flow_cells, dtype=np.float64) - 1.0) * cell_m
    length: Floats = np.minimum(grid_length_factor(inlet, cell_m, m, contour_width(slope)), own["length_cap"])
    return length * slope_factor(slope, "mccool")


def ls_moore(specific_area_m: ArrayLike, slope_deg: ArrayLike) -> Floats:
    """Return LS by Moore and Nieber 1989: ``1.4 (As / 22.13)^0.4 (sin / 0.0896)^1.3``.

    Parameters
    ----------
    specific_area_m
        Contributing area per width of contour.
    """
    plot, own = constants("unit_plot"), constants("moore")
    area = np.asarray(specific_area_m, dtype=np.float64)
    sine = np.sin(np.radians(np.asarray(slope_deg, dtype=np.float64)))
    power = own["exponent_area"]
    factor: Floats = (
        (1 + power) * (area / plot["length_m"]) ** power * (sine / plot["slope_sin"]) ** own["exponent_slope"]
    )
    return factor


def ls_saga(catchment: ArrayLike, cell_m: float, slope_deg: ArrayLike) -> Floats:
    """Return LS as SAGA 8.5 offers it under Desmet and Govers' names, for comparison with its users.

    Parameters
    ----------
    catchment
        What SAGA puts where the published formula has the contributing area: area per cell side [m], or
        the square root of the area [m].

    Notes
    -----
    As :func:`ls_desmet_govers`, but with the width left out.
    """
    length = grid_length_factor(catchment, cell_m, length_exponent_rusle(slope_deg), 1.0)
    return length * slope_factor(slope_deg, "mccool")
