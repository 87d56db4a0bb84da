"""How much area has which combination of statuses and units: each place counted once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely
from numpy.typing import NDArray

from spatial.overlay import robust
from spatial.overlay.rings import Floats, Geometries, Indices, Rings, flatten

if TYPE_CHECKING:
    from spatial.overlay.ledger import Ledger
    from spatial.overlay.sweep import Level

MAX_STATUSES = 64
MAX_PARTITIONS = 3
_MAX_UNITS = (1 << 21) - 2

_MAX_VERTICES = 48
"""Vertices up to which a box is swept; between 32 and 96 the speed hardly changes."""

_AT_A_TIME = 2_000_000
"""Vertices halved together, which bounds the memory it takes."""

_WORTHWHILE = 1.5
"""Halves that hold more than this many times the vertices of the whole are not taken apart: few large
polygons reach through both."""

_SMALLEST_M = 4.0
"""Boxes narrower than this are not halved at whole metres."""

_NOISE = 1e-12
"""Share of all area below which a combination is a rounding error along a shared border; what is left
out so is far below the closure that callers check."""

_SLOTS = 1024
"""Combinations there is room for at first."""

_ROOM = 1.0
"""Metres by which the first box is wider than the data: no border lies on it."""


@dataclass(frozen=True)
class Claims:
    """Polygons and what each of them stands for.

    Parameters
    ----------
    geometry : array of Polygon or MultiPolygon, shape (n,)
        Valid; planar, metres, in the plane of the others. They may overlap. Missing and empty ones
        claim nothing.
    label : array of int, shape (n,)
        For statuses a number from 0 to 63; for a partition the rank of the unit: where units
        overlap, the smallest takes the place.
    """

    geometry: Geometries
    label: Indices


@dataclass(frozen=True)
class Places:
    """Areas by combination: one row per combination that occurs, sorted.

    Parameters
    ----------
    units : array of int, shape (n, partitions)
        The unit of each partition, -1 where the place is in none.
    statuses : array of uint64, shape (n,)
        The set of statuses as bits.
    area_m2 : array of float, shape (n,)
    shared_m2 : list of array of float, one per partition, shape (units,)
        Area of each unit that other units of its partition claim as well.
    """

    units: NDArray[np.int64]
    statuses: NDArray[np.uint64]
    area_m2: Floats
    shared_m2: list[Floats]


def places(statuses: Claims, partitions: Sequence[Claims] = (), *, max_vertices: int = _MAX_VERTICES) -> Places:
    """Lay statuses and up to three partitions over each other and sum the area of each combination.

    Parameters
    ----------
    statuses
        What places can have several of: roles, categories.
    partitions
        What a place is in one of: townships, classes.
    max_vertices
        It changes the speed, not the results.

    Returns
    -------
    Places
        Without the combinations that are rounding errors along shared borders.

    Raises
    ------
    ValueError
        If there are more statuses, partitions or units than the combination can hold, or a
        coordinate is not finite.

    Examples
    --------
    >>> one, other = shapely.box(0, 0, 2, 1), shapely.box(1, 0, 3, 1)
    >>> found = places(Claims(np.array([one, other]), np.array([0, 1])))
    >>> dict(zip(found.statuses.tolist(), found.area_m2.round(9).tolist(), strict=True))
    {1: 1.0, 2: 1.0, 3: 1.0}
    """
    from spatial.overlay import ledger as books
    from spatial.overlay import sweep

    dimensions = [statuses, *partitions]
    _require_room(dimensions)
    geometry = np.concatenate([claims.geometry for claims in dimensions])
    pairs = np.concatenate(
        [np.column_stack([np.full(len(c.label), d), c.label]) for d, c in enumerate(dimensions)]
    ).astype(np.intp)
    known, label = np.unique(pairs, axis=0, return_inverse=True)
    labels = books.Labels(known[:, 0].copy(), known[:, 1].copy())
    box = shapely.total_bounds(geometry) if len(geometry) else np.full(4, np.nan)
    scratch = np.empty(4, np.intp)
    shared = np.zeros(len(known))
    ledger = books.Ledger(labels, books.empty_sums(_SLOTS), shared, scratch, scratch.copy(), 0)
    if not np.isnan(box).any():
        origin = (round((box[0] + box[2]) / 2), round((box[1] + box[3]) / 2))
        first = box + np.array([-1, -1, 1, 1]) * _ROOM
        for batch in _levels(geometry, label.ravel(), first, origin):
            waiting = _in_batches(batch)
            while waiting:
                level = waiting.pop()
                large = sweep.to_halve(level, max_vertices)
                ledger = sweep.sweep(level, large, ledger)
                if large.any():
                    waiting.extend(_in_batches(sweep.halve(level, large, len(known))))
    return _collected(ledger, [_units(claims) for claims in partitions])


def _require_room(dimensions: Sequence[Claims]) -> None:
    if len(dimensions) > MAX_PARTITIONS + 1:
        raise ValueError(f"{len(dimensions) - 1} partitions; at most {MAX_PARTITIONS}")
    for limit, claims in zip((MAX_STATUSES, *[_MAX_UNITS] * MAX_PARTITIONS), dimensions, strict=False):
        if claims.label.size and not 0 <= claims.label.min() <= claims.label.max() < limit:
            raise ValueError(f"labels from {claims.label.min()} to {claims.label.max()}; they must be 0 to {limit - 1}")
        robust.require_finite(claims.geometry)


def _units(claims: Claims) -> int:
    return int(claims.label.max(initial=-1)) + 1


def _levels(geometry: Geometries, label: Indices, box: Floats, origin: tuple[float, float]) -> Iterator[Level]:
    """Yield boxes that fill the first one, with the polygons in each, no more at a time than memory should hold."""
    from spatial.overlay import kernel, sweep

    bounds, vertices = shapely.bounds(geometry), shapely.get_num_coordinates(geometry)
    shift = np.tile(origin, 2)
    waiting = [(box, np.flatnonzero(~np.isnan(bounds[:, 0])))]
    while waiting:
        here, members = waiting.pop()
        halves = _halved(here, members, bounds) if vertices[members].sum() > _AT_A_TIME else []
        # Large polygons stay whole here, and come along into every box they reach.
        if halves and sum(vertices[own].sum() for _, own in halves) < _WORTHWHILE * vertices[members].sum():
            waiting.extend(halves)
            continue
        rings, is_shell = flatten(geometry[members], origin)
        kernel.orient(rings, is_shell)
        own = Rings(rings.x, rings.y, rings.ring_start, rings.first_ring, label[members][rings.owner])
        yield _level(here - shift, own if here is box else sweep.within(own, here - shift))


def _halved(box: Floats, members: Indices, bounds: Floats) -> list[tuple[Floats, Indices]]:
    axis = 0 if box[2] - box[0] >= box[3] - box[1] else 1
    if box[axis + 2] - box[axis] < _SMALLEST_M:
        return []
    low, high = box.copy(), box.copy()
    # Whole metres stay the same when the origin is taken away.
    low[axis + 2] = high[axis] = np.round((box[axis] + box[axis + 2]) / 2)
    own = bounds[members]
    return [(low, members[own[:, axis] <= low[axis + 2]]), (high, members[own[:, axis + 2] >= high[axis]])]


def _level(box: Floats, pieces: Rings) -> Level:
    from spatial.overlay import sweep

    none = np.empty(0, np.intp)
    start = np.array([0, pieces.owner.size])
    return sweep.Level(box[None, :].copy(), np.zeros(1, np.intp), pieces, start, none, np.zeros(2, np.intp))


def _in_batches(level: Level) -> list[Level]:
    n = level.tries.size
    if n == 1 or level.pieces.x.size <= _AT_A_TIME:
        return [level]
    half = n // 2
    return [_part(level, 0, half), _part(level, half, n)]


def _part(level: Level, start: int, stop: int) -> Level:
    """Return the boxes from ``start`` to ``stop`` as a level of their own."""
    pieces = level.pieces
    p0, p1 = level.piece_start[start], level.piece_start[stop]
    r0, r1 = pieces.first_ring[p0], pieces.first_ring[p1]
    v0, v1 = pieces.ring_start[r0], pieces.ring_start[r1]
    f0, f1 = level.full_start[start], level.full_start[stop]
    own = Rings(
        pieces.x[v0:v1].copy(),
        pieces.y[v0:v1].copy(),
        pieces.ring_start[r0 : r1 + 1] - v0,
        pieces.first_ring[p0 : p1 + 1] - r0,
        pieces.owner[p0:p1].copy(),
    )
    return level._replace(
        box=level.box[start:stop].copy(),
        tries=level.tries[start:stop].copy(),
        pieces=own,
        piece_start=level.piece_start[start : stop + 1] - p0,
        full=level.full[f0:f1].copy(),
        full_start=level.full_start[start : stop + 1] - f0,
    )


def _collected(ledger: Ledger, n_units: list[int]) -> Places:
    labels, sums, shared = ledger.labels, ledger.sums, ledger.shared
    used = np.flatnonzero(~np.isnan(sums.area))
    used = used[sums.area[used] > _NOISE * sums.area[used].sum()]
    packed, statuses = sums.units[used], sums.statuses[used]
    order = np.lexsort((statuses, packed))
    used, packed, statuses = used[order], packed[order], statuses[order]
    units = np.column_stack([(packed >> shift & (1 << 21) - 1) - 1 for shift in (42, 21, 0)])[:, : len(n_units)]
    by_partition = []
    for dimension, size in enumerate(n_units, start=1):
        own = labels.dimension == dimension
        by_partition.append(np.zeros(size))
        by_partition[-1][labels.value[own]] = shared[own]
    return Places(units, statuses, sums.area[used], by_partition)
