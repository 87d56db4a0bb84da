"""Slope length up to a cap, as the monitoring of soil loss takes it: it needs a rim of cells, not whole basins."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from spatial.erosion.constants import constants
from spatial.erosion.slope_length import Floats, length_exponent_liu, segment_length_factor, slope_factor
from spatial.settings import setting


def halo_of(steps_m: Floats, cap_m: float) -> int:
    """Return the cells around a cell that decide its slope length.

    Parameters
    ----------
    steps_m : ndarray of float, shape (rows, 2)
        Metres to the next cell in the east and in the north.
    cap_m
        Longest slope that counts.

    Notes
    -----
    As many steps as fit into the cap, one to know where the last cell flows to, and one for its slope.

    Examples
    --------
    >>> halo_of(np.full((1, 2), 30.0), 100.0)
    6
    """
    return math.ceil(cap_m / float(steps_m.min())) + 2


def inlet_lengths_m(
    heights: NDArray[np.floating], slope_deg: NDArray[np.float32], steps_m: Floats, cap_m: float
) -> Floats:
    """Return how far water has run at most when it enters each cell, up to a cap [m].

    Parameters
    ----------
    heights : ndarray of float, shape (rows, columns)
        nan where missing; not filled: a hollow ends a slope.
    slope_deg : ndarray of float32, shape (rows, columns)
        It ends a slope as in :func:`spatial.terrain.flow.inlet_length_m`.
    steps_m : ndarray of float, shape (rows, 2)
    cap_m
        Longest way that counts.

    Returns
    -------
    ndarray of float, shape (rows, columns)
        Right for cells at least :func:`halo_of` from the first and last row.
    """
    return _ways(heights, slope_deg, steps_m, cap_m)[0]


def _ways(
    heights: NDArray[np.floating], slope_deg: NDArray[np.float32], steps_m: Floats, cap_m: float
) -> tuple[Floats, Floats]:
    """Return how far water has run when it enters each cell, and how far it runs in it [m]."""
    from spatial.erosion import kernels

    z = np.ascontiguousarray(heights)
    ground = kernels.Slopes(z, np.ascontiguousarray(slope_deg, dtype=np.float32), np.ascontiguousarray(steps_m))
    direction, starts = np.empty(z.shape, np.uint8), np.empty(z.shape, np.bool_)
    kernels.lowest_neighbours(ground, direction)
    ends = kernels.Ends(setting("slope_end_deg"), setting("slope_end_gentle"), setting("slope_end_steep"))
    kernels.slope_ends(ground, direction, ends, starts)
    before, after = np.zeros(z.shape), np.empty(z.shape)
    for _ in range(math.ceil(cap_m / float(steps_m.min()))):
        kernels.ways(ground.steps, direction, starts, cap_m, (before, after))
        before, after = after, before
    kernels.own_steps(ground.steps, direction, after)
    return before, after


def ls_monitoring(
    heights: NDArray[np.floating], slope_deg: NDArray[np.float32], steps_m: Floats, variant: str = "liu"
) -> tuple[Floats, Floats]:
    """Return L and S as the monitoring of soil loss computes them, length and slope capped.

    Parameters
    ----------
    heights, slope_deg, steps_m
        As :func:`inlet_lengths_m`.
    variant
        Of S: ``liu`` or ``liu_2018``.

    Returns
    -------
    length, steepness : ndarray of float, shape (rows, columns)
        nan where there is no slope.

    Notes
    -----
    A cell is a segment of its slope (Foster and Wischmeier 1974): L between where water enters and where
    it leaves, the way across a cell being its step to the next one, so that segments tile a slope whichever
    way it falls. A cell beyond the cap is the last segment before it.
    """
    own = constants("monitoring")
    cap_m = own["length_cap_m"]
    entered, across = _ways(heights, slope_deg, steps_m, cap_m)
    inlet = np.minimum(entered, np.maximum(cap_m - across, 0.0))
    slope = np.minimum(np.asarray(slope_deg, dtype=np.float64), own["slope_cap_deg"])
    length = segment_length_factor(inlet, inlet + across, length_exponent_liu(slope))
    steep = slope_factor(slope, "liu_2018" if variant == "liu_2018" else "liu")
    return length, steep
