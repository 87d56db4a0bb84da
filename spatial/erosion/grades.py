"""Grades of SL 190-2007: by soil loss, and by slope and cover as a second, independent reading."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from spatial.errors import InputError
from spatial.words import Both

Codes = NDArray[np.uint8]

#: Code of cells about which nothing is known.
NO_GRADE = 0


@dataclass(frozen=True)
class Region:
    """A region of SL 190 with its tolerable soil loss.

    Parameters
    ----------
    code
        Such as ``north_rocky``.
    tolerance_t_km2_a
        Loss below this is slight.
    """

    code: str
    name: Both
    tolerance_t_km2_a: float


@cache
def _table() -> dict[str, Any]:
    return tomllib.loads(files("spatial").joinpath("data", "erosion_grades.toml").read_text(encoding="utf-8"))


@cache
def regions() -> dict[str, Region]:
    """Return the regions of SL 190 by code.

    Examples
    --------
    >>> regions()["northwest_loess"].tolerance_t_km2_a
    1000.0
    """
    return {code: Region(code, Both(row["zh"], row["en"]), row["value"]) for code, row in _table()["tolerance"].items()}


def regions_of(district_code: str) -> tuple[Region, ...]:
    """Return the regions that a district is read by, the leading one first; two where sources disagree.

    Examples
    --------
    >>> [region.code for region in regions_of("140404")]
    ['north_rocky', 'northwest_loess']
    """
    chosen = _table()["districts"]
    return tuple(regions()[code] for code in chosen.get(district_code, chosen["default"]))


def is_listed(district_code: str) -> bool:
    """Whether the table says by which regions a district is read.

    Examples
    --------
    >>> is_listed("140404"), is_listed("000000")
    (True, False)
    """
    return district_code in _table()["districts"]


def grade_names() -> dict[int, Both]:
    """Return the names of the six grades by code.

    Examples
    --------
    >>> grade_names()[4].en
    'intense'
    """
    own = _table()["modulus"]
    return {code: Both(zh, en) for code, zh, en in zip(own["codes"], own["zh"], own["en"], strict=True)}


def grade_colours() -> dict[int, str]:
    """Return the colours of the six grades by code."""
    own = _table()["modulus"]
    return dict(zip(own["codes"], own["colours"], strict=True))


def grade_breaks(tolerance_t_km2_a: float) -> NDArray[np.float64]:
    """Return the bounds between the grades, t/(km2 a), the tolerance first.

    Raises
    ------
    InputError
        If the tolerance is not between 0 and the upper bound of the light grade.
    """
    upper = _table()["modulus"]["upper"]
    if not 0 < tolerance_t_km2_a < upper[0]:
        raise InputError("erosion_tolerance", value=f"{tolerance_t_km2_a:g}", most=f"{upper[0]:g}")
    return np.array([tolerance_t_km2_a, *upper])


def grade_of(loss_t_km2_a: ArrayLike, tolerance_t_km2_a: float) -> Codes:
    """Return the grade of a soil loss: 1 slight to 6 extreme, 0 where nothing is known.

    Notes
    -----
    Bounds belong to the grade above them.

    Examples
    --------
    >>> grade_of([199, 200, 2500, 5000, 8000, 15000, float("nan")], 200).tolist()
    [1, 2, 3, 4, 5, 6, 0]
    """
    loss = np.asarray(loss_t_km2_a, dtype=np.float64)
    grade = 1 + np.searchsorted(grade_breaks(tolerance_t_km2_a), loss, side="right")
    return np.where(np.isnan(loss), NO_GRADE, grade).astype(np.uint8)


def sheet_grade(slope_deg: ArrayLike, cover_pct: ArrayLike, cropland: ArrayLike) -> Codes:
    """Return the grade of sheet erosion that SL 190-2007 reads from slope and cover alone.

    Parameters
    ----------
    slope_deg, cover_pct
        Cover counts where the land is no cropland.
    cropland
        True for sloping cropland, whose grade hangs on the slope only.

    Returns
    -------
    ndarray of uint8
        1 below 5 degrees and, outside cropland, from 75 per cent of cover on; 0 where nothing is known.

    Examples
    --------
    >>> sheet_grade([4, 6, 20, 20, 40], [10, 10, 50, 80, 20], [False] * 5).tolist()
    [1, 3, 3, 1, 6]
    >>> sheet_grade([6, 10, 20], [90, 90, 90], [True] * 3).tolist()
    [2, 3, 4]
    """
    own = _table()["sheet"]
    slope, cover, crop = np.broadcast_arrays(
        np.asarray(slope_deg, dtype=np.float64),
        np.asarray(cover_pct, dtype=np.float64),
        np.asarray(cropland, dtype=bool),
    )
    column = np.searchsorted(own["slope_deg"], slope, side="right") - 1
    row = np.searchsorted(own["cover_pct"], cover, side="right")
    table = np.vstack([own["grades"], np.ones((1, len(own["slope_deg"])))]).astype(np.uint8)
    place = np.clip(column, 0, len(own["slope_deg"]) - 1)
    graded = np.where(crop, np.array(own["cropland"], np.uint8)[place], table[np.clip(row, 0, len(table) - 1), place])
    grade = np.where(column < 0, 1, graded)
    unknown = np.isnan(slope) | (np.isnan(cover) & ~crop)
    return np.where(unknown, NO_GRADE, grade).astype(np.uint8)


def thickness_mm_a(loss_t_km2_a: ArrayLike) -> NDArray[np.float64]:
    """Return the mean thickness of soil lost [mm/a]: 1,350 t/km2 are one millimetre.

    Examples
    --------
    >>> thickness_mm_a(2500).round(2).item()
    1.85
    """
    thickness: NDArray[np.float64] = np.asarray(loss_t_km2_a, dtype=np.float64) / (
        1000.0 * _table()["density"]["value"]
    )
    return thickness
