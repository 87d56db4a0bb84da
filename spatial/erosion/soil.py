"""Soil erodibility K, t hm2 h/(hm2 MJ mm), from texture and organic carbon."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from spatial.erosion.constants import constants
from spatial.errors import InputError

Floats = NDArray[np.float64]


def erodibility(
    sand_pct: ArrayLike,
    silt_pct: ArrayLike,
    clay_pct: ArrayLike,
    carbon_pct: ArrayLike,
    version: Literal["epic", "zhang"] = "epic",
) -> Floats:
    """Return K by the EPIC formula (Williams 1990), or with Zhang's correction for Chinese soils.

    Parameters
    ----------
    sand_pct, silt_pct, clay_pct
        Per cent of mass; they sum to 100.
    carbon_pct
        Organic carbon, per cent; organic matter divided by 1.724.
    version
        ``zhang`` gives about half of ``epic``: say in every output which one it was.

    Raises
    ------
    InputError
        If a share is negative or the three do not sum to 100.

    Examples
    --------
    >>> float(erodibility(40, 42, 18, 0.9).round(5)), float(erodibility(40, 42, 18, 0.9, "zhang").round(5))
    (0.0407, 0.01917)
    """
    own = constants("epic")
    sand, silt, clay, carbon = (np.asarray(v, dtype=np.float64) for v in (sand_pct, silt_pct, clay_pct, carbon_pct))
    known = ~np.isnan(sand + silt + clay + carbon)
    total = (sand + silt + clay)[known]
    if (np.abs(total - 100.0) > own["texture_sum_tolerance_pct"]).any():
        raise InputError("texture_sum", total=f"{total.flat[np.abs(total - 100.0).argmax()]:g}")
    for name, share in (("SAN", sand), ("SIL", silt), ("CLA", clay), ("C", carbon)):
        if (share[known] < 0).any():
            raise InputError("texture_negative", name=name)
    rest = 1.0 - sand / 100.0
    with np.errstate(invalid="ignore"):
        fine = np.where(silt + clay > 0, silt / (silt + clay), 0.0) ** 0.3
    american = (
        (0.2 + 0.3 * np.exp(-0.0256 * sand * (1.0 - silt / 100.0)))
        * fine
        * (1.0 - 0.25 * carbon / (carbon + np.exp(3.72 - 2.95 * carbon)))
        * (1.0 - 0.7 * rest / (rest + np.exp(-5.51 + 22.9 * rest)))
    )
    if version == "zhang":
        american = own["zhang_offset"] + own["zhang_gain"] * american
    metric: Floats = american * own["us_to_si"]
    return metric
