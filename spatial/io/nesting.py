"""Outlines inside others: they may be meant as holes, which only their author knows."""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import NDArray


def nested(geometry: NDArray[np.object_]) -> tuple[int, int, int] | None:
    """Find polygons that lie inside others.

    Parameters
    ----------
    geometry : ndarray of shapely geometries, shape (n,)

    Returns
    -------
    tuple of int or None
        How many lie inside others, and the places of one that does and of the one around it.

    Examples
    --------
    >>> nested(np.array([shapely.box(0, 0, 9, 9), shapely.box(1, 1, 2, 2), shapely.box(9, 0, 11, 9)]))
    (1, 1, 0)
    """
    areas = np.flatnonzero((shapely.get_dimensions(geometry) == 2) & shapely.is_valid(geometry))  # noqa: PLR2004
    outer, inner = shapely.STRtree(geometry[areas]).query(geometry[areas], predicate="covers")
    differ = outer != inner
    if not differ.any():
        return None
    return len(np.unique(inner[differ])), int(areas[inner[differ][0]]), int(areas[outer[differ][0]])
