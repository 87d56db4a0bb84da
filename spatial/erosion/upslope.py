"""Slope length from the area that drains into each cell, as RUSLE on grids takes it: water is routed over all heights."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from spatial.erosion.constants import constants
from spatial.erosion.slope_length import contour_width, grid_length_factor, length_exponent_rusle
from spatial.io.elevation import Dem
from spatial.runtime.blocks import Block, blocks_of, require_memory
from spatial.terrain.flow import BYTES_PER_CELL, accumulated_shared, route
from spatial.terrain.slope import HALO, aspect_of_rows, slope_of_rows, steps_of

#: Besides routing: heights as read, slope lengths, and a block's own arrays.
_BESIDES = 12


def require_memory_to_route(shape: tuple[int, int]) -> float:
    """Return the memory that routing needs [MiB], refusing heights that need too much.

    Raises
    ------
    InputError
        If the estimate exceeds the setting ``memory_mib``.
    """
    whole = Block(0, (0, shape[0]), (0, shape[0]))
    return require_memory([whole], shape[1], bytes_per_cell=BYTES_PER_CELL + _BESIDES, at_once=1)


def upslope_length_factor(dem: Dem) -> NDArray[np.float32]:
    """Return L of each cell from the area that drains into it (Desmet and Govers 1996).

    Parameters
    ----------
    dem
        Heights of whole basins: what drains in from beyond them is not counted.

    Returns
    -------
    ndarray of float32, shape (rows, columns)
        nan where there is no slope.

    Notes
    -----
    Hollows are filled; water is shared among all lower neighbours (Freeman 1991). The area that drains into a
    cell counts up to the longest slope of RUSLE times the cell's side: beyond it water runs in channels.

    Raises
    ------
    InputError
        If routing would need too much memory, or the heights cannot be read.
    """
    shape = dem.grid.shape
    require_memory_to_route(shape)
    heights, steps = dem.read(), steps_of(dem.grid)
    flow = route(heights, steps[:, 0], float(steps[:, 1].mean()))
    area_m2 = steps[:, :1] * steps[:, 1:]
    inlet = accumulated_shared(flow, np.broadcast_to(area_m2, shape)) - area_m2
    side_m = np.sqrt(area_m2)
    np.minimum(inlet, constants("rusle")["length_cap_m"] * side_m, out=inlet)
    factor = np.empty(shape, dtype=np.float32)
    for block in blocks_of(shape[0], halo=HALO):
        own, read = slice(*block.rows), slice(*block.read)
        slope = slope_of_rows(heights[read], steps[read])[block.inner]
        aspect = aspect_of_rows(heights[read], steps[read])[block.inner]
        # Level ground has no aspect; its exponent is 0 and its width does not count.
        width = contour_width(np.where(np.isnan(aspect), 0.0, aspect))
        factor[own] = grid_length_factor(inlet[own], side_m[own], length_exponent_rusle(slope), width)
    return factor
