"""Cover factors: C by Cai (RUSLE), B of grass, shrub and forest (CSLE)."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from spatial.erosion.constants import constants

Floats = NDArray[np.float64]


def cover_factor(cover_pct: ArrayLike) -> Floats:
    """Return C by cover in per cent (蔡崇法 2000): ``0.6508 - 0.3436 lg c``, 1 for bare soil, 0 above 78.3 per cent.

    Examples
    --------
    >>> cover_factor([0, 10, 50, 80]).round(4).tolist()
    [1.0, 0.3072, 0.067, 0.0]
    """
    own = constants("cover", "cai")
    cover = np.asarray(cover_pct, dtype=np.float64)
    between = own["constant"] + own["slope"] * np.log10(np.maximum(cover, own["bare_pct"]))
    factor = np.where(cover <= own["bare_pct"], 1.0, np.where(cover > own["full_pct"], 0.0, np.clip(between, 0.0, 1.0)))
    return np.where(np.isnan(cover), np.nan, factor)


def biological_factor(cover_share: ArrayLike, kind: Literal["grass", "shrub"]) -> Floats:
    """Return B of grass or shrub by the share of the ground it covers, 0 to 1.

    Notes
    -----
    Grass ``1 / (1.25 + 0.78845 x 1.05968^(100 F))``, shrub ``1 / (1.17647 + 0.86242 x 1.05905^(100 F))``.

    Examples
    --------
    >>> biological_factor([0.3, 0.6], "grass").round(4).tolist()
    [0.1743, 0.0373]
    """
    own = constants("cover", kind)
    share = np.asarray(cover_share, dtype=np.float64)
    factor: Floats = 1.0 / (own["constant"] + own["gain"] * own["base"] ** (100.0 * share))
    return factor


def forest_factor(canopy_share: ArrayLike, ground_share: ArrayLike) -> Floats:
    """Return B of forest by the cover of its canopy and the cover under it, both 0 to 1.

    Notes
    -----
    ``0.44468 exp(-3.20096 G) - 0.04099 exp(F - F G) + 0.025``, F the canopy, G the cover under it.

    Examples
    --------
    >>> float(forest_factor(0.6, 0.6).round(4))
    0.038
    """
    own = constants("cover", "forest")
    canopy, ground = np.asarray(canopy_share, dtype=np.float64), np.asarray(ground_share, dtype=np.float64)
    factor: Floats = (
        own["gain"] * np.exp(own["rate"] * ground) + own["under"] * np.exp(canopy - canopy * ground) + own["constant"]
    )
    return factor
