"""Outlines as they come: tangled, doubled, collapsed, and where a real district lies."""

from __future__ import annotations

import numpy as np
import shapely
from shapely import MultiPolygon, Polygon, box

from tests.overlay.shapes import EASTING_M, NORTHING_M

SQUARE = [(0, 0), (100, 0), (100, 100), (0, 100)]
HAIR_M = 1e-9

NEAR: dict[str, shapely.Geometry | None] = {
    "square": box(0, 0, 100, 100),
    "bow_tie": Polygon([(0, 0), (100, 100), (100, 0), (0, 100)]),
    "lopsided_bow_tie": Polygon([(0, 0), (100, 70), (100, 0), (0, 100)]),
    "near_coincident": Polygon([(0, 0), (100, HAIR_M), (100, 100), (0, 100 - HAIR_M)]),
    "sliver": box(20, 50, 80, 50 + 2 * HAIR_M),
    "fold": Polygon(
        [(0, 0), (100, 0), (100, 50), (20, 50), (20, 50 + HAIR_M), (100, 50 + HAIR_M), (100, 100), (0, 100)]
    ),
    "spike": Polygon([(0, 0), (100, 0), (100, 50), (150, 50), (100, 50), (100, 100), (0, 100)]),
    "spike_inwards": Polygon([(0, 0), (100, 0), (100, 50), (30, 50), (100, 50), (100, 100), (0, 100)]),
    "thin_spike": Polygon(
        [(0, 0), (100, 0), (100, 50), (150, 50 + HAIR_M), (100, 50 + 2 * HAIR_M), (100, 100), (0, 100)]
    ),
    "collapsed": Polygon([(0, 0), (50, 50), (100, 100)]),
    "point_ring": Polygon([(50, 50), (50, 50), (50, 50)]),
    "collapsed_hole": Polygon(SQUARE, [[(20, 20), (50, 50), (80, 80)]]),
    "hole_outside": Polygon(SQUARE, [[(120, 20), (140, 20), (140, 40)]]),
    "hole_across": Polygon(SQUARE, [[(80, 20), (140, 20), (140, 40), (80, 40)]]),
    "hole_is_shell": Polygon(SQUARE, [SQUARE]),
    "hole_cuts_through": Polygon(SQUARE, [[(0, 50), (50, 60), (100, 50), (50, 40)]]),
    "hole_along_edge": Polygon(SQUARE, [[(20, 0), (40, 0), (40, 20), (20, 20)]]),
    "holes_overlap": Polygon(
        SQUARE, [[(20, 20), (60, 20), (60, 60), (20, 60)], [(40, 40), (80, 40), (80, 80), (40, 80)]]
    ),
    "repeated_points": Polygon([p for p in SQUARE for _ in range(3)]),
    "backwards": Polygon(SQUARE[::-1], [[(20, 20), (40, 20), (40, 40), (20, 40)]]),
    "touches_itself": Polygon([(0, 0), (100, 0), (100, 100), (50, 0), (0, 100)]),
    "touches_along_itself": Polygon(
        [(0, 0), (100, 0), (100, 60), (70, 60), (70, 30), (30, 30), (30, 60), (70, 60), (70, 90), (0, 90)]
    ),
    "parts_overlap": MultiPolygon([box(0, 0, 60, 60), box(40, 40, 100, 100)]),
    "parts_nested": MultiPolygon([box(0, 0, 100, 100), box(20, 20, 40, 40)]),
    "parts_twice": MultiPolygon([box(0, 0, 60, 60), box(0, 0, 60, 60)]),
    "parts_share_an_edge": MultiPolygon([box(0, 0, 50, 100), box(50, 0, 100, 100)]),
    "star_of_five": Polygon([(np.cos(t) * 50 + 50, np.sin(t) * 50 + 50) for t in np.arange(5) * 0.8 * np.pi]),
    "flat": Polygon([(0, 0, 900), (100, 0, 901), (100, 100, 902), (0, 100, np.nan)]),
    "empty": Polygon(),
    "empty_parts": MultiPolygon(),
    "missing": None,
    "tile_coarse": Polygon([(0, 0), (60, 0), (63.7, 100), (0, 100)]),
    # The border's vertices lie on one side only, and not quite on it.
    "tile_fine": Polygon(
        [(60, 0), (100, 0), (100, 100), (63.7, 100), *[(60 + 3.7 * t, 100 * t) for t in (0.9, 0.7, 1 / 3, 0.1)]]
    ),
}


def at(geometry: shapely.Geometry | None) -> shapely.Geometry | None:
    if geometry is None or geometry.is_empty:
        return geometry
    offset = np.array([EASTING_M, NORTHING_M, 0.0][: 2 + bool(geometry.has_z)])
    return shapely.transform(geometry, lambda vertices: vertices + offset, include_z=geometry.has_z)


def named() -> dict[str, shapely.Geometry | None]:
    return {name: at(shape) for name, shape in NEAR.items()}


def every() -> np.ndarray:
    found = np.empty(len(NEAR), dtype=object)
    found[:] = list(named().values())
    return found


def tangles(rng: np.random.Generator, count: int) -> np.ndarray:
    """Rings through random points, half of them on a coarse grid where edges coincide and vertices touch."""
    shapes = np.empty(count, dtype=object)
    for number in range(count):
        points = rng.uniform(0.0, 100.0, (int(rng.integers(4, 14)), 2))
        if rng.random() < 0.5:
            points = np.round(points / 10.0) * 10.0
        if rng.random() < 0.3:
            points = points + rng.uniform(-1.0, 1.0, points.shape) * 10.0 ** rng.uniform(-10.0, -6.0)
        shape = Polygon(np.add(points, (EASTING_M, NORTHING_M)))
        other = shapes[rng.integers(0, number)] if number else None
        both = other is not None and rng.random() < 0.3
        shapes[number] = MultiPolygon([*shapely.get_parts(shape), *shapely.get_parts(other)]) if both else shape
    return shapes
