"""Degrees, minutes and seconds packed into one number: 113.0300 for 113°03′00″."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from spatial.settings import setting

_SIXTY = 60


def looks_packed(points: NDArray[np.float64]) -> bool:
    """Whether numbers that could be degrees look like packed degrees, minutes and seconds.

    Parameters
    ----------
    points : ndarray of float, shape (n, 2)
        Degrees, as the file holds them.

    Returns
    -------
    bool
        True where the first and the second pair of decimals are below 60 in every one of several
        different points; chance does that to a pair in 6 of 10 cases.

    Examples
    --------
    >>> corners = [[113.0300, 36.0259], [113.0315, 36.0312], [113.0405, 36.0448], [113.0559, 36.0501]]
    >>> looks_packed(np.array(corners))
    True
    >>> looks_packed(np.array([[113.0312, 36.0278], [113.0391, 36.0365], [113.0477, 36.05], [113.06, 36.07]]))
    False
    """
    distinct = np.unique(points, axis=0)
    if len(distinct) < setting("dms_points"):
        return False
    # Rounded to 1e-8 first: 0.03 is not exact.
    decimals = np.round((distinct % 1) * 1e8) / 1e6
    minutes = np.floor(decimals)
    seconds = np.floor(np.round((decimals - minutes) * 100, 4))
    return bool((minutes < _SIXTY).all() and (seconds < _SIXTY).all())
