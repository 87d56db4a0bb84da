"""Sums of a block by zone and code: small enough to be kept beside its rows, and to be sent by a cluster."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from spatial.terrain.forms import Spans

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Ground:
    """The cells of a block and the zones that they lie in.

    Parameters
    ----------
    loss : ndarray of float, shape (rows, columns)
        Soil loss [t/(hm2 a)], nan where there is none.
    areas
        Series of the areas of cells, see :func:`spatial.grid.cell_area_series`.
    spans
        Stretches of cells within zones.
    zones
        How many zones there are.
    """

    loss: Floats
    areas: Floats
    spans: Spans
    zones: int


@dataclass(frozen=True)
class ZoneSums:
    """Area, and loss times area, of each code in each zone; combinations that do not occur are left out.

    Parameters
    ----------
    zone, code : ndarray of int, shape (n,)
    area_m2 : ndarray of float, shape (n,)
    loss : ndarray of float, shape (n,)
        t/(hm2 a) times m2.
    """

    zone: NDArray[np.int64]
    code: NDArray[np.int64]
    area_m2: Floats
    loss: Floats

    def add_to(self, totals: tuple[Floats, Floats]) -> None:
        """Add area and loss to totals of shape (zones, codes)."""
        totals[0][self.zone, self.code] += self.area_m2
        totals[1][self.zone, self.code] += self.loss

    def plain(self) -> list[list[float]]:
        """Return the same as lists of numbers."""
        return [column.tolist() for column in (self.zone, self.code, self.area_m2, self.loss)]


def from_plain(columns: Sequence[Sequence[float]]) -> ZoneSums:
    """Return what :meth:`ZoneSums.plain` gave, to the last bit."""
    zone, code, area_m2, loss = columns
    places, amounts = np.array([zone, code], dtype=np.int64), np.array([area_m2, loss], dtype=np.float64)
    return ZoneSums(places[0], places[1], amounts[0], amounts[1])


def sums_of(codes: NDArray[np.integer], size: int, ground: Ground) -> ZoneSums:
    """Return the sums of a block.

    Parameters
    ----------
    codes : ndarray of int, shape (rows, columns)
        From 0 to ``size - 1``.
    size
        How many codes there are.
    ground

    Examples
    --------
    >>> none = np.zeros((1, 7))
    >>> none[0, 0] = 100.0
    >>> spans = Spans(np.array([0, 1]), np.array([0]), np.array([0]), np.array([2]), np.array([0.5]))
    >>> field = Ground(np.array([[4.0, np.nan]]), none, spans, 1)
    >>> sums_of(np.array([[1, 2]]), 3, field).plain()
    [[0, 0], [1, 2], [50.0, 50.0], [200.0, 0.0]]
    """
    from spatial.erosion.kernels import code_sums

    totals = np.zeros((ground.zones, size)), np.zeros((ground.zones, size))
    code_sums(np.ascontiguousarray(codes, dtype=np.int32), ground.loss, ground.areas, ground.spans, totals)
    zone, code = np.nonzero(totals[0])
    return ZoneSums(zone, code, totals[0][zone, code], totals[1][zone, code])
