"""Soil loss as a product of factors: CSLE and RUSLE."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import ArrayLike, NDArray

from spatial.erosion.ranges import require_factor

#: Factors of each model, in the order in which they are written.
MODELS: dict[str, tuple[str, ...]] = {
    "csle": ("R", "K", "L", "S", "B", "E", "T"),
    "rusle": ("R", "K", "L", "S", "C", "P"),
}

PER_KM2 = 100.0
"""1 t/(hm2 a) in t/(km2 a)."""


def soil_loss(factors: Mapping[str, ArrayLike], model: str = "csle", *, checked: bool = True) -> NDArray[np.float64]:
    """Return the mean annual soil loss [t/(hm2 a)].

    Parameters
    ----------
    factors
        Numbers or arrays of one shape by factor: R in MJ mm/(hm2 h a), K in t hm2 h/(hm2 MJ mm), the others
        without unit. L and S are two factors.
    model
        ``csle``: ``A = R K L S B E T`` (Liu et al. 2002); ``rusle``: ``A = R K L S C P`` (Renard et al. 1997).
    checked
        Whether ranges and units are looked at; by blocks they are where the inputs are read.

    Returns
    -------
    ndarray
        nan where any factor is nan. Times 100 it is t/(km2 a).

    Raises
    ------
    KeyError
        If a factor of the model is missing.
    InputError
        If a factor is out of its range or in American units.

    Notes
    -----
    In CSLE cropland has B = 1, other land T = 1, and E = 1 where there are no works.

    Examples
    --------
    >>> one = {"R": 1900, "K": 0.035, "L": 1.6466, "S": 1.2561, "B": 1, "E": 1, "T": 0.4}
    >>> round(100 * soil_loss(one).item())
    5502
    """
    loss = np.ones(())
    for factor in MODELS[model]:
        values = np.asarray(factors[factor], dtype=np.float64)
        if checked:
            require_factor(values, factor, factor)
        loss = loss * values
    return loss
