"""Units of area and how figures are rounded (DOMAIN 1.6)."""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Literal

AreaUnit = Literal["m2", "ha", "km2", "mu"]
Rounding = Literal["half_up", "half_even"]

#: Square metres per unit; the mu is exactly 2000/3 m2 (666.67 would be 933 m2 off at 280,000 mu).
M2_PER_UNIT: dict[AreaUnit, Fraction] = {
    "m2": Fraction(1),
    "ha": Fraction(10_000),
    "km2": Fraction(1_000_000),
    "mu": Fraction(2000, 3),
}

_MODES: dict[Rounding, str] = {"half_up": ROUND_HALF_UP, "half_even": ROUND_HALF_EVEN}


def from_m2(area_m2: float, unit: AreaUnit) -> float:
    """Convert square metres to another unit of area.

    Examples
    --------
    >>> from_m2(1_000_000, "km2")
    1.0
    >>> from_m2(1000, "mu")
    1.5
    """
    return float(Fraction(area_m2) / M2_PER_UNIT[unit])


def to_m2(area: float, unit: AreaUnit) -> float:
    """Convert an area in ``unit`` to square metres.

    Examples
    --------
    >>> to_m2(43.21, "mu")
    28806.666666666668
    """
    return float(Fraction(area) * M2_PER_UNIT[unit])


def round_half(value: float, decimals: int, rounding: Rounding = "half_up") -> float:
    """Round once, from the double, by a named rule.

    Parameters
    ----------
    value
        Any finite number.
    decimals
        Digits kept after the point.
    rounding
        ``half_up`` (habit of public-sector tables) or ``half_even`` (GB/T 8170-2008, from memory).

    Examples
    --------
    >>> round_half(2.5, 0), round_half(2.5, 0, "half_even")
    (3.0, 2.0)
    >>> round_half(0.285, 2)
    0.29
    """
    # str() gives the shortest decimal that names the double, which is the figure people see.
    quantum = Decimal(1).scaleb(-decimals)
    return float(Decimal(str(value)).quantize(quantum, rounding=_MODES[rounding]))
