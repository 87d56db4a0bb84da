"""Pairs of polygons by the thousand, of every kind that makes overlays go wrong, and an exact judge.

Each pair lies in a cell of its own, 4,600 km from the origin, so that a whole layer of them can be
laid over another at once. Taking the cell's corner away is exact: GEOS judges the same shapes near
the origin, where it rounds least.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from itertools import pairwise
from typing import NamedTuple
from unittest import mock

import numpy as np
import shapely

from spatial.overlay import ZoneIndex
from spatial.overlay import places as sweeping
from tests.overlay.shapes import EASTING_M, NORTHING_M, ROUNDING_M

CELL_M = 512.0
_RADIUS_M = 60.0


class Pairs(NamedTuple):
    """Pair by pair: the shapes where they lie, the same moved to the origin, and their cells."""

    left: np.ndarray
    right: np.ndarray
    left_near: np.ndarray
    right_near: np.ndarray
    cells: np.ndarray


def _rings(rng: np.random.Generator, count: int, corners: int, reach: tuple[float, float]) -> np.ndarray:
    """Rings around the origin whose radius is drawn at each corner, shape (count, corners, 2)."""
    turn = (np.arange(corners) + rng.uniform(0.0, 0.9, (count, corners))) * (2.0 * np.pi / corners)
    radius = _RADIUS_M * rng.uniform(*reach, (count, corners))
    return radius[..., None] * np.stack([np.cos(turn), np.sin(turn)], axis=-1)


def _corners(rng: np.random.Generator) -> int:
    return int(rng.choice([3, 4, 5, 8, 13, 30]))


def _filled(rings: np.ndarray, holes: np.ndarray | None = None) -> np.ndarray:
    if holes is None:
        return shapely.polygons(rings)
    return shapely.polygons(shapely.linearrings(rings), holes=shapely.linearrings(holes)[:, None])


def _stars(rng: np.random.Generator, count: int) -> np.ndarray:
    """Irregular rings, a third of them on whole metres."""
    rings = _rings(rng, count, _corners(rng), (0.3, 1.0))
    return np.round(rings) if rng.random() < 1 / 3 else rings


def _moved(rng: np.random.Generator, rings: np.ndarray, reach_m: float = _RADIUS_M) -> np.ndarray:
    shift = rng.uniform(-reach_m, reach_m, (len(rings), 1, 2))
    return rings + (np.round(shift) if rng.random() < 1 / 3 else shift)


def convex(rng: np.random.Generator, count: int) -> tuple[np.ndarray, np.ndarray]:
    left, right = (_rings(rng, count, _corners(rng), (1.0, 1.0)) * rng.uniform(0.3, 1.0, (1, 1, 2)) for _ in range(2))
    return _filled(left), _filled(_moved(rng, right))


def stars(rng: np.random.Generator, count: int) -> tuple[np.ndarray, np.ndarray]:
    return _filled(_stars(rng, count)), _filled(_moved(rng, _stars(rng, count)))


def holed(rng: np.random.Generator, count: int) -> tuple[np.ndarray, np.ndarray]:
    left, right = (_rings(rng, count, max(_corners(rng), 8), (0.6, 1.0)) for _ in range(2))
    hole = _rings(rng, count, _corners(rng), (0.2, 0.5))
    return _filled(left, hole), _filled(_moved(rng, right, 30.0))


def multiple(rng: np.random.Generator, count: int) -> tuple[np.ndarray, np.ndarray]:
    sides = []
    for _ in range(2):
        parts = []
        for x, y in ((-70.0, -70.0), (70.0, -70.0), (0.0, 70.0)):
            shell, hole = _rings(rng, count, 8, (0.7, 1.0)), _rings(rng, count, 5, (0.2, 0.4))
            parts.append(_filled(np.add(shell, (x, y)), np.add(hole, (x, y))))
        sides.append(shapely.multipolygons(np.column_stack(parts)))
    shift = rng.uniform(-50.0, 50.0, 2)
    return sides[0], shapely.transform(sides[1], lambda xy: xy + shift)


def point_touch(rng: np.random.Generator, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Each shape and its image through one of its corners: convex ones share that point alone."""
    left = _rings(rng, count, _corners(rng), (1.0, 1.0)) if rng.random() < 0.5 else _stars(rng, count)
    return _filled(left), _filled(2.0 * left[:, :1] - left)


def edge_touch(rng: np.random.Generator, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Each shape and its image through the middle of an edge, whose ends swap places exactly."""
    left = _rings(rng, count, _corners(rng), (1.0, 1.0)) if rng.random() < 0.5 else _stars(rng, count)
    right = left[:, :1] + left[:, 1:2] - left
    right[:, 0], right[:, 1] = left[:, 1], left[:, 0]
    return _filled(left), _filled(right)


def shared_edges(rng: np.random.Generator, count: int) -> tuple[np.ndarray, np.ndarray]:
    """The second has half of the first's corners, in runs, and others between them."""
    left = _stars(rng, count)
    other = left * rng.uniform(0.3, 1.5, (*left.shape[:2], 1))
    run = np.sin(np.arange(left.shape[1]) * 0.9 + rng.uniform(0.0, 6.0, (count, 1))) > 0
    return _filled(left), _filled(np.where(run[..., None], left, other))


def nearly_coincident(rng: np.random.Generator, count: int) -> tuple[np.ndarray, np.ndarray]:
    left = _stars(rng, count)
    offset_m = 10.0 ** rng.uniform(-12.0, -3.0, (count, 1, 1))
    return _filled(left), _filled(left + offset_m * rng.uniform(-1.0, 1.0, left.shape))


def slivers(rng: np.random.Generator, count: int) -> tuple[np.ndarray, np.ndarray]:
    """A strip of 1e-9 m to 1e-7 m along an edge, half in and half out."""
    left = _stars(rng, count)
    start, end = left[:, 0], left[:, 1]
    along = end - start
    across = np.stack([-along[:, 1], along[:, 0]], axis=-1) / np.maximum(np.hypot(*along.T), 1.0)[:, None]
    wide = across * 10.0 ** rng.uniform(-9.0, -7.0, (count, 1))
    begin, stop = start - 0.2 * along, end + 0.2 * along
    strip = np.stack([begin - wide, stop - wide, stop + wide, begin + wide], axis=1)
    return _filled(left), _filled(strip)


def tiles(rng: np.random.Generator, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Neighbours of a crooked mesh; one of them has vertices on the border that the other lacks."""
    far = rng.uniform(20.0, 80.0, (count, 4))
    low, high = np.zeros((count, 2)), np.column_stack([rng.uniform(-30.0, 30.0, count), rng.uniform(50.0, 90.0, count)])
    east = np.stack(
        [low, np.column_stack([far[:, 0], -far[:, 1]]), np.column_stack([far[:, 2], far[:, 3]]), high], axis=1
    )
    share = np.sort(rng.uniform(0.0, 1.0, (count, 3)), axis=1)[..., None]
    between = low[:, None] + share * (high - low)[:, None]
    west = np.column_stack([-far[:, 2], far[:, 3]]), np.column_stack([-far[:, 0], -far[:, 1]])
    return _filled(east), _filled(
        np.concatenate([low[:, None], between, high[:, None], *(p[:, None] for p in west)], axis=1)
    )


def identical(rng: np.random.Generator, count: int) -> tuple[np.ndarray, np.ndarray]:
    left = _stars(rng, count)
    again = np.roll(left, int(rng.integers(0, left.shape[1])), axis=1)
    return _filled(left), _filled(again[:, ::-1] if rng.random() < 0.5 else again)


def nested(rng: np.random.Generator, count: int) -> tuple[np.ndarray, np.ndarray]:
    """One inside the other; in half of the batches with a corner in common."""
    left = _stars(rng, count)
    right = left * rng.uniform(0.05, 0.95, (count, 1, 1))
    return _filled(left), _filled(right + (left - right)[:, :1] if rng.random() < 0.5 else right)


KINDS: dict[str, Callable[[np.random.Generator, int], tuple[np.ndarray, np.ndarray]]] = {
    "convex": convex,
    "stars": stars,
    "holed": holed,
    "multiple": multiple,
    "point_touch": point_touch,
    "edge_touch": edge_touch,
    "shared_edges": shared_edges,
    "nearly_coincident": nearly_coincident,
    "slivers": slivers,
    "tiles": tiles,
    "identical": identical,
    "nested": nested,
}


def draw(rng: np.random.Generator, kind: str, count: int) -> Pairs:
    """Pairs of a kind, each in its cell; those that rounding has made invalid are left out."""
    left, right = KINDS[kind](rng, count)
    number = np.arange(len(left))
    side = int(np.ceil(np.sqrt(len(left))))
    corner = np.column_stack([number % side, number // side]) * CELL_M + (EASTING_M, NORTHING_M)
    left, right = _shifted(left, corner), _shifted(right, corner)
    near = _shifted(left, -corner), _shifted(right, -corner)
    usable = shapely.is_valid(near[0]) & shapely.is_valid(near[1])
    corner = corner[usable]
    cells = shapely.box(*(corner - CELL_M / 2).T, *(corner + CELL_M / 2).T)
    return Pairs(left[usable], right[usable], near[0][usable], near[1][usable], cells)


def _shifted(geometries: np.ndarray, by: np.ndarray) -> np.ndarray:
    coordinates, owner = shapely.get_coordinates(geometries, return_index=True)
    return shapely.set_coordinates(geometries.copy(), coordinates + by[owner])


def by_geos(pairs: Pairs) -> np.ndarray:
    """The judgement: common area of each pair, near the origin."""
    return shapely.area(shapely.intersection(pairs.left_near, pairs.right_near))


def by_kernel(pairs: Pairs, *, max_vertices: int) -> np.ndarray:
    """Common area of each pair by ``ZoneIndex.areas``, the one layer laid over the other."""
    found = ZoneIndex(pairs.right, max_vertices=max_vertices).areas(pairs.left)
    if (found.project != found.zone).any():
        raise AssertionError("pairs of different cells share area")
    areas = np.zeros(len(pairs.left))
    areas[found.project] = found.area_m2
    return areas


def by_sweep(pairs: Pairs, *, max_vertices: int) -> np.ndarray:
    """Common area of each pair by ``places``, the cells being the partition.

    Without its limit of noise, which is a share of the whole layer: here each sliver is looked at.
    """
    number = np.arange(len(pairs.left))
    sides = sweeping.Claims(np.concatenate([pairs.left, pairs.right]), np.repeat([0, 1], len(number)))
    with mock.patch.object(sweeping, "_NOISE", 0.0):
        found = sweeping.places(sides, [sweeping.Claims(pairs.cells, number)], max_vertices=max_vertices)
    both = found.statuses == 3
    return np.bincount(found.units[both, 0], found.area_m2[both], len(number))


def tolerance_m2(pairs: Pairs) -> np.ndarray:
    """What rounding of coordinates explains, pair by pair: an area errs by that times the outline."""
    return ROUNDING_M * (shapely.length(pairs.left_near) + shapely.length(pairs.right_near))


def exact_area(left: shapely.Geometry, right: shapely.Geometry) -> Fraction:
    """The common area in fractions, without any rounding: the judge of the judge.

    Slab by slab between the x of all vertices and crossings, where nothing crosses, what lies in
    both by the even-odd rule is a row of trapezoids.
    """
    sides = [_edges(left), _edges(right)]
    edges = [edge for side in sides for edge in side]
    xs = {x for edge in edges for x in (edge[0], edge[2])}
    for number, one in enumerate(edges):
        xs.update(x for other in edges[:number] if (x := _crossing(one, other)) is not None)
    total = Fraction(0)
    order = sorted(xs)
    for west, east in pairwise(order):
        middle = (west + east) / 2
        heights = sorted(
            (_height(edge, middle), place)
            for place, side in enumerate(sides)
            for edge in side
            if edge[0] <= west and edge[2] >= east
        )
        inside, below = [False, False], Fraction(0)
        for height, place in heights:
            if all(inside):
                total += (east - west) * (height - below)
            inside[place] = not inside[place]
            below = height
    return total


_Edge = tuple[Fraction, Fraction, Fraction, Fraction]


def _edges(geometry: shapely.Geometry) -> list[_Edge]:
    edges = []
    for ring in shapely.get_rings(shapely.get_parts(geometry)):
        points = [(Fraction(x), Fraction(y)) for x, y in shapely.get_coordinates(ring).tolist()]
        for a, b in pairwise(points):
            if a[0] != b[0]:
                edges.append((*min(a, b), *max(a, b)))
    return edges


def _height(edge: _Edge, x: Fraction) -> Fraction:
    return edge[1] + (edge[3] - edge[1]) * (x - edge[0]) / (edge[2] - edge[0])


def _crossing(one: _Edge, other: _Edge) -> Fraction | None:
    west, east = max(one[0], other[0]), min(one[2], other[2])
    if west >= east:
        return None
    begin, end = _height(one, west) - _height(other, west), _height(one, east) - _height(other, east)
    return west + (east - west) * begin / (begin - end) if begin * end < 0 else None
