"""The forms in which compiled kernels take heights and zones; this module does not import numba."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from spatial.grid import Span
from spatial.io.elevation import Heights

Floats = NDArray[np.float64]
Indices = NDArray[np.int64]


class Ground(NamedTuple):
    """Heights, and how slopes follow from them.

    Attributes
    ----------
    z : array of float32 or float64, shape (rows, columns)
        Metres, nan where missing; the first and the last row are neighbours only.
    steps : array of float, shape (rows, 2)
        Metres to the next cell in the east and in the north.
    weights : tuple of float
        Of the neighbours at the corners and of those at the sides, to be divided by eight steps.
    """

    z: Heights
    steps: Floats
    weights: tuple[float, float]


class Spans(NamedTuple):
    """Stretches of cells within zones, in order of their rows.

    Attributes
    ----------
    first : array of int, shape (rows + 1,)
        Row ``r`` has the stretches ``first[r]`` up to ``first[r + 1]``.
    zone, start, stop : array of int, shape (stretches,)
        Zone, first column and the one after the last.
    share : array of float, shape (stretches,)
        Which part of each of these cells lies in the zone.
    """

    first: Indices
    zone: Indices
    start: Indices
    stop: Indices
    share: Floats


def rows_of(spans: Spans, rows: Span) -> Spans:
    """Return the stretches of some rows: the first, and the one after the last."""
    begin, end = spans.first[rows[0]], spans.first[rows[1]]
    first = spans.first[rows[0] : rows[1] + 1] - begin
    return Spans(first, spans.zone[begin:end], spans.start[begin:end], spans.stop[begin:end], spans.share[begin:end])
