"""The area of the ground's surface, for earthworks only: statutory areas are plan areas."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from spatial.grid import Grid, cell_areas_m2


def surface_areas_m2(slope: NDArray[np.float32], grid: Grid) -> NDArray[np.float64]:
    """Return the area of each cell along the ground, its plan area divided by the cosine of its slope.

    Never for a figure of land use, of a red line or of a plan: those are plan areas (DOMAIN 5.6).

    Parameters
    ----------
    slope : ndarray of float32, shape (rows, columns)
        Degrees, nan where there is none.
    grid
        Where the cells lie.

    Returns
    -------
    ndarray of float, shape (rows, columns)
        Square metres; nan without a slope.
    """
    areas: NDArray[np.float64] = cell_areas_m2(grid) / np.cos(np.radians(slope.astype(np.float64)))
    return areas
