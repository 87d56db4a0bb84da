"""Degrees, minutes and seconds packed into one number: 113.0336 for 113°03′36″."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from spatial.settings import setting

_SIXTY = 60


def looks_packed(degrees: NDArray[np.float64]) -> bool:
    """Whether numbers that could be degrees look like packed degrees, minutes and seconds.

    Parameters
    ----------
    degrees : ndarray of float, any shape
        Longitudes and latitudes, as the file holds them.

    Returns
    -------
    bool
        True where the first and the second pair of decimals are below 60 in all of them, and so many
        pairs differ that chance would rarely have it so.

    Notes
    -----
    A pair of decimals taken at random is below 60 in 6 of 10 cases. The pairs of one small parcel lie
    close together and are not taken at random: about one parcel in twenty of 100 m, written in decimal
    degrees, looks packed all the same. It is refused rather than read 40 km from where it lies.

    Examples
    --------
    >>> corners = [[113.0300, 36.0259], [113.0315, 36.0312], [113.0405, 36.0448], [113.0559, 36.0501]]
    >>> looks_packed(np.array(corners))
    True
    >>> looks_packed(np.array([[113.0312, 36.0278], [113.0391, 36.0365], [113.0477, 36.05], [113.06, 36.07]]))
    False
    """
    whole = np.floor(degrees)
    # Rounded to 1e-8 first: 0.03 is not exact.
    decimals = np.round((degrees - whole) * 1e8) / 1e6
    minutes = np.floor(decimals)
    seconds = np.floor(np.round((decimals - minutes) * 100, 4))
    if not degrees.size or (minutes >= _SIXTY).any() or (seconds >= _SIXTY).any():
        return False
    pairs = len(np.unique(whole * 100 + minutes)) + len(np.unique(seconds))
    return bool((_SIXTY / 100) ** pairs < setting("packed_chance"))
