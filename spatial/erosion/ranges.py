"""Whether factors are in their units and ranges: an R in American units is 17 times too small."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from spatial.erosion.constants import constants
from spatial.errors import InputError


def require_factor(values: ArrayLike, factor: str, source: str) -> None:
    """Refuse values that cannot be a factor in its unit.

    Parameters
    ----------
    values
        nan is passed over.
    factor
        ``R``, ``K``, ``L``, ``S``, ``B``, ``C``, ``E``, ``T``, ``P`` or ``cover_pct``.
    source
        File or column, for the message.

    Raises
    ------
    InputError
        If a value is outside the range of the factor; with a hint where all lie in the range that they
        would have in American units.

    Examples
    --------
    >>> require_factor([1400.0, 2100.0], "R", "r.tif")
    """
    own = constants("factor", factor)
    array = np.asarray(values, dtype=np.float64)
    known = array[~np.isnan(array)]
    if not known.size:
        raise InputError("factor_empty", file=source, factor=factor)
    low, high = float(known.min()), float(known.max())
    facts = {"file": source, "factor": factor, "unit": own["unit"], "low": f"{low:g}", "high": f"{high:g}"}
    american = own.get("american")
    if american and american[0] < high <= american[1] and low >= 0:
        raise InputError("factor_american", **facts, other=own["american_unit"], times=f"{own['american_to_si']:g}")
    if low == own["valid"][0] and own.get("above"):
        raise InputError("factor_zero", file=source, factor=factor)
    if low < own["valid"][0] or high > own["valid"][1]:
        raise InputError("factor_range", **facts, least=f"{own['valid'][0]:g}", most=f"{own['valid'][1]:g}")
