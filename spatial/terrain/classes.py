"""Slope classes: schemes as data, each with its own breaks and its own end closed, never mixed."""

from __future__ import annotations

import math
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from spatial.errors import InputError
from spatial.words import Both

#: Code of cells without a slope.
NO_SLOPE = 0

_DEGREES = 180 / math.pi


@dataclass(frozen=True)
class SlopeClass:
    """One class of a scheme.

    Parameters
    ----------
    code
        From 1 in order of slope.
    upper_deg
        Upper end [degrees]; infinite for the steepest class.
    name
        With its range, in both languages.
    colour
        ``#rrggbb``.
    """

    code: int
    upper_deg: float
    name: Both
    colour: str


@dataclass(frozen=True)
class Scheme:
    """A scheme of slope classes.

    Parameters
    ----------
    key
        ``"survey"`` or ``"sl190"``.
    name, source, confidence
        Where it comes from, and how sure that is (H, M, L).
    closed
        Which end of an interval belongs to it.
    classes
        In order of slope.
    """

    key: str
    name: Both
    closed: Literal["lower", "upper"]
    classes: tuple[SlopeClass, ...]
    source: str
    confidence: str

    @property
    def breaks_deg(self) -> tuple[float, ...]:
        """Ends between the classes [degrees]."""
        return tuple(one.upper_deg for one in self.classes[:-1])


@cache
def schemes() -> dict[str, Scheme]:
    """Return all schemes of ``data/slope_schemes.toml`` by key.

    Examples
    --------
    >>> [scheme.breaks_deg for scheme in schemes().values()]
    [(2.0, 6.0, 15.0, 25.0), (5.0, 8.0, 15.0, 25.0, 35.0)]
    """
    text = files("spatial").joinpath("data", "slope_schemes.toml").read_text(encoding="utf-8")
    return {key: _scheme(key, entry) for key, entry in tomllib.loads(text).items()}


def _scheme(key: str, entry: dict[str, Any]) -> Scheme:
    classes = tuple(
        SlopeClass(one["code"], one.get("upper_deg", math.inf), Both(one["name_zh"], one["name_en"]), one["colour"])
        for one in entry["class"]
    )
    name = Both(entry["name_zh"], entry["name_en"])
    return Scheme(key, name, entry["closed"], classes, entry["source"], entry["confidence"])


def scheme_of(key: str) -> Scheme:
    """Return the scheme of a key.

    Raises
    ------
    InputError
        If there is none of this key.
    """
    if key not in schemes():
        raise InputError("scheme_unknown", scheme=key, known=", ".join(schemes()))
    return schemes()[key]


def classify(slope: NDArray[np.float32], scheme: Scheme) -> NDArray[np.uint8]:
    """Return the class of each slope.

    Parameters
    ----------
    slope : ndarray of float32, any shape
        Degrees in single precision, which holds all breaks exactly and rounds off the noise of the
        computation; nan where there is none.
    scheme

    Returns
    -------
    ndarray of uint8, same shape
        Codes; :data:`NO_SLOPE` where there is no slope.

    Examples
    --------
    >>> steep = np.array([0, 2, 2.001, 25, 60, np.nan], dtype=np.float32)
    >>> classify(steep, scheme_of("survey")).tolist()
    [1, 1, 2, 4, 5, 0]
    """
    breaks = np.asarray(scheme.breaks_deg, dtype=np.float32)
    codes = np.searchsorted(breaks, slope, side="left" if scheme.closed == "upper" else "right") + 1
    return np.where(np.isnan(slope), NO_SLOPE, codes).astype(np.uint8)


@cache
def limits_of(scheme: Scheme) -> NDArray[np.float64]:
    """Return the squared tangents above which the next class begins.

    A comparison with them gives the same class as :func:`classify` of the slope in degrees, without
    an arc tangent for each cell: they are found by halving, as the largest numbers whose slope in
    single precision still belongs to the lower class.

    Returns
    -------
    ndarray of float, shape (classes - 1,)

    Examples
    --------
    >>> [round(limit**0.5, 6) for limit in limits_of(scheme_of("survey")).tolist()]
    [0.034921, 0.105104, 0.267949, 0.466308]
    """
    return np.array([_limit(end, closed=scheme.closed == "upper") for end in scheme.breaks_deg])


def _limit(end_deg: float, *, closed: bool) -> float:
    def below(squared_tangent: float) -> bool:
        slope = np.float32(math.atan(math.sqrt(squared_tangent)) * _DEGREES)
        return bool(slope <= end_deg if closed else slope < end_deg)

    low, high = 0.0, 2 * math.tan(math.radians(end_deg)) ** 2
    while math.nextafter(low, high) < high:
        middle = (low + high) / 2
        low, high = (middle, high) if below(middle) else (low, middle)
    return low
