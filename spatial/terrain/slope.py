"""Slope and aspect of heights on a grid.

A cell has a slope where it and its eight neighbours have heights. So the outermost cells of a
raster, and the cells around missing ones, have none. That is what GRASS ``r.slope.aspect`` and
``gdaldem`` do unless they are told otherwise. Their other way (``-compute_edges``, ``-e``) invents
the missing neighbour by drawing on the slope of the other side, which on a ridge or in a valley is
the wrong sign; in tables of areas the cells without a slope are shown instead.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from spatial.errors import InputError
from spatial.grid import Grid
from spatial.io.elevation import Heights

Method = Literal["horn", "zevenbergen-thorne"]
#: Weights of the neighbours at the corners and at the sides; two of the former and one of the latter make 4.
_WEIGHTS: dict[Method, tuple[float, float]] = {"horn": (1.0, 2.0), "zevenbergen-thorne": (0.0, 4.0)}

#: Rows and columns around a cell that decide its slope.
HALO = 1


def slope_deg(heights: Heights, grid: Grid, *, method: Method = "horn") -> NDArray[np.float32]:
    r"""Return the slope of each cell.

    Parameters
    ----------
    heights : ndarray of float, shape (rows, columns)
        Metres, nan where missing; single or double precision.
    grid
        Where the cells lie: projected, or geographic with steps of each row's own length.
    method
        ``"horn"`` or ``"zevenbergen-thorne"``.

    Returns
    -------
    ndarray of float32, shape (rows, columns)
        Degrees from 0 to 90, computed in double precision; nan where one of the nine cells is missing.

    Raises
    ------
    InputError
        If heights and grid differ in shape, or the plane stretches lengths too much.

    Notes
    -----
    With the heights ``a b c / d e f / g h i`` around ``e`` and steps ``x`` and ``y``:

    Horn (1981, Hill shading and the reflectance map, Proc. IEEE 69, 14-47):
    ``p = ((c + 2f + i) - (a + 2d + g)) / 8x``, ``q = ((g + 2h + i) - (a + 2b + c)) / 8y``.
    Zevenbergen and Thorne (1987, Quantitative analysis of land surface topography, Earth Surf.
    Process. Landforms 12, 47-56): ``p = (f - d) / 2x``, ``q = (h - b) / 2y``.
    The slope is ``atan(sqrt(p**2 + q**2))``.

    Examples
    --------
    >>> from affine import Affine
    >>> from pyproj import CRS
    >>> heights = np.array([[10.0, 12, 15], [11, 13, 17], [13, 16, 20]])
    >>> grid = Grid(CRS(4526), Affine(10, 0, 38405040, 0, -10, 4005360), (3, 3))
    >>> round(float(slope_deg(heights, grid)[1, 1]), 4)
    19.827
    """
    return slope_of_rows(heights, _steps(heights, grid), method=method)


def aspect_deg(heights: Heights, grid: Grid, *, method: Method = "horn") -> NDArray[np.float32]:
    """Return the bearing in which the ground falls at each cell.

    Parameters, errors and formulas as in :func:`slope_deg`.

    Returns
    -------
    ndarray of float32, shape (rows, columns)
        Degrees clockwise from the grid's north, from 0 up to but without 360; nan where level or
        without a slope.

    Examples
    --------
    >>> from affine import Affine
    >>> from pyproj import CRS
    >>> grid = Grid(CRS(4526), Affine(10, 0, 38405040, 0, -10, 4005360), (3, 3))
    >>> float(aspect_deg(np.array([[3.0, 2, 1]] * 3), grid)[1, 1])
    90.0
    """
    return aspect_of_rows(heights, _steps(heights, grid), method=method)


def slope_of_rows(heights: Heights, steps: NDArray[np.float64], *, method: Method = "horn") -> NDArray[np.float32]:
    """Return the slope of some rows of a grid; the first and the last are neighbours only and get none.

    Parameters
    ----------
    heights : ndarray of float, shape (rows, columns)
        Metres.
    steps : ndarray of float, shape (rows, 2)
        Metres to the next cell in the east and in the north, of these rows; from :func:`steps_of`.
    method
        As in :func:`slope_deg`.

    Returns
    -------
    ndarray of float32, shape (rows, columns)
        Degrees.
    """
    from spatial.terrain.kernels import slopes

    return _by_rows(slopes, heights, steps, method)


def aspect_of_rows(heights: Heights, steps: NDArray[np.float64], *, method: Method = "horn") -> NDArray[np.float32]:
    """Return the aspect of some rows of a grid, as :func:`slope_of_rows` does the slope."""
    from spatial.terrain.kernels import aspects

    return _by_rows(aspects, heights, steps, method)


def _by_rows(
    kernel: Callable[[Any, NDArray[np.float32]], None], heights: Heights, steps: NDArray[np.float64], method: Method
) -> NDArray[np.float32]:
    from spatial.terrain.forms import Ground

    out = np.full(heights.shape, np.nan, dtype=np.float32)
    if min(heights.shape) > 2 * HALO:
        kernel(Ground(np.ascontiguousarray(heights), steps, weights_of(method)), out)
    return out


def steps_of(grid: Grid) -> NDArray[np.float64]:
    """Return the metres to the next cell in the east and in the north of each row, shape (rows, 2).

    Blocks take their part of the whole grid's steps, so that their slopes are the same to the last bit.
    """
    return np.ascontiguousarray(np.column_stack(grid.steps_m()))


def _steps(heights: Heights, grid: Grid) -> NDArray[np.float64]:
    if heights.shape != grid.shape:
        raise InputError("grid_shape", heights=heights.shape, grid=grid.shape)
    return steps_of(grid)


def weights_of(method: Method) -> tuple[float, float]:
    """Return how much neighbours at the corners and at the sides count in a method.

    Raises
    ------
    InputError
        If there is no method of this name.
    """
    if method not in _WEIGHTS:
        raise InputError("slope_method", method=method, known=", ".join(_WEIGHTS))
    return _WEIGHTS[method]
