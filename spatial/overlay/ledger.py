"""What is summed up while the plane is swept: one line per combination of units and statuses, by numba."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from spatial.overlay.compiled import compiled
from spatial.overlay.rings import Floats, Indices

_STATUS = 0
"""Dimension of the labels that are statuses: bits of the combination's set."""

_SPREAD = np.uint64(0x9E3779B97F4A7C15)


class Labels(NamedTuple):
    """What the polygons stand for: one row per label, sorted.

    Attributes
    ----------
    dimension : array of int, shape (labels,)
        0 for statuses; 1, 2, 3 for partitions.
    value : array of int, shape (labels,)
        Bit of a status, rank of a partition's unit: the smallest unit takes a place that several claim.
    """

    dimension: Indices
    value: Indices


class Sums(NamedTuple):
    """Areas by combination, as a hash table that grows.

    Attributes
    ----------
    units : array of int64, shape (slots,)
        Units of the three partitions, 21 bits each, plus 1; 0 where a partition has none.
    statuses : array of uint64, shape (slots,)
    area : array of float, shape (slots,)
        Square metres; nan marks a free slot.
    """

    units: NDArray[np.int64]
    statuses: NDArray[np.uint64]
    area: Floats


class Ledger(NamedTuple):
    """What is summed up while boxes are swept.

    Attributes
    ----------
    labels : Labels
    sums : Sums
    shared : array of float, shape (labels,)
        For each label of a partition, the area that other units claim as well.
    first, claims : array of int, shape (4,)
        Scratch: unit that takes a place in each dimension, and how many claim it.
    known : int
        Number of combinations.
    """

    labels: Labels
    sums: Sums
    shared: Floats
    first: Indices
    claims: Indices
    known: int


@compiled
def empty_sums(slots: int) -> Sums:
    """Return a table with room for ``slots`` combinations, a power of two."""
    return Sums(np.zeros(slots, np.int64), np.zeros(slots, np.uint64), np.full(slots, np.nan))


@compiled
def _add(sums: Sums, units: int, statuses: np.uint64, area: float) -> int:
    """Add an area to a combination; return 1 where the combination is new."""
    mask = np.uint64(sums.area.size - 1)
    # The unit of the first partition stands in the high bits, which a product alone never brings down.
    mixed = np.uint64(units) ^ (statuses * _SPREAD)
    for shift in (np.uint64(32), np.uint64(29)):
        mixed = (mixed ^ (mixed >> shift)) * _SPREAD
    slot = (mixed ^ (mixed >> np.uint64(32))) & mask
    while True:
        if np.isnan(sums.area[slot]):
            sums.units[slot], sums.statuses[slot], sums.area[slot] = units, statuses, area
            return 1
        if sums.units[slot] == units and sums.statuses[slot] == statuses:
            sums.area[slot] += area
            return 0
        slot = (slot + np.uint64(1)) & mask


@compiled
def _grown(sums: Sums) -> Sums:
    larger = empty_sums(2 * sums.area.size)
    for slot in range(sums.area.size):
        if not np.isnan(sums.area[slot]):
            _add(larger, sums.units[slot], sums.statuses[slot], sums.area[slot])
    return larger


@compiled
def _share(ledger: Ledger, own: Indices, count: Indices, area: float) -> None:
    """Note an area for each of the units that claim it with others."""
    for i in range(own.size):
        if count[i] > 0 and ledger.claims[ledger.labels.dimension[own[i]]] > 1:
            ledger.shared[own[i]] += area


@compiled
def placed(ledger: Ledger, own: Indices, count: Indices, area: float) -> Ledger:
    """Add an area to the combination that the counts of the labels say."""
    labels, sums, shared, first, claims, known = ledger
    statuses = np.uint64(0)
    most = 0
    for i in range(first.size):
        first[i], claims[i] = -1, 0
    for i in range(own.size):
        if count[i] > 0:
            dimension, value = labels.dimension[own[i]], labels.value[own[i]]
            if dimension == _STATUS:
                statuses |= np.uint64(1) << np.uint64(value)
            else:
                claims[dimension] += 1
                most = max(most, claims[dimension])
                if first[dimension] < 0 or value < first[dimension]:
                    first[dimension] = value
    if most > 1:
        _share(ledger, own, count, area)
    units = ((first[1] + 1) << 42) | ((first[2] + 1) << 21) | (first[3] + 1)
    if units or statuses:
        known += _add(sums, units, statuses, area)
        if 2 * known > sums.area.size:
            sums = _grown(sums)
    return Ledger(labels, sums, shared, first, claims, known)
