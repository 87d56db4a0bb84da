"""Shapes to overlay, and the slow judge: plain shapely, one pair at a time."""

from __future__ import annotations

import numpy as np
import shapely
from hypothesis import strategies as st

EASTING_M, NORTHING_M = -12_000.0, 4_600_000.0
"""Where a real district lies, so that rounding is as coarse as in practice."""

ROUNDING_M = 4e-9
"""Rounding of coordinates near 4,600 km is 0.5e-9 m; an area errs by that times its outline."""


def judge(projects: np.ndarray, zones: np.ndarray) -> dict[tuple[int, int], float]:
    """Overlap area of each pair that has any."""
    areas = {}
    for i, project in enumerate(projects):
        for j, zone in enumerate(zones):
            area = shapely.intersection(project, zone).area
            if area > 0:
                areas[i, j] = area
    return areas


def assert_same_areas(
    found: dict[tuple[int, int], float], expected: dict[tuple[int, int], float], outline_m: float
) -> None:
    """Pairs on one side only may share no more than rounding explains."""
    for pair in found.keys() | expected.keys():
        error = abs(found.get(pair, 0.0) - expected.get(pair, 0.0))
        assert error <= 1e-9 * expected.get(pair, 0.0) + ROUNDING_M * outline_m, (pair, error)


def as_dict(project: np.ndarray, zone: np.ndarray, area_m2: np.ndarray) -> dict[tuple[int, int], float]:
    return {(int(i), int(j)): float(area) for i, j, area in zip(project, zone, area_m2, strict=True)}


def outline_m(*geometries: np.ndarray) -> float:
    return max(shapely.length(group).max(initial=0.0) for group in geometries)


def star(
    rng: np.random.Generator, *, corners: int, radius_m: float, rounded: bool, spread_m: float = 100.0
) -> shapely.Geometry:
    """A valid irregular polygon, sometimes holed; ``rounded`` puts corners on whole metres."""
    centre = rng.uniform(0.0, spread_m, 2)
    angle = np.sort(rng.uniform(0.0, 2.0 * np.pi, corners))
    ray = np.column_stack([np.cos(angle), np.sin(angle)])
    shell = centre + ray * radius_m * rng.uniform(0.4, 1.0, (corners, 1))
    holes = [centre + 0.3 * radius_m * ray * rng.uniform(0.2, 1.0, (corners, 1))] if rng.random() < 0.4 else []
    rings = [np.round(ring) if rounded else ring for ring in (shell, *holes)]
    rings = [np.add(ring, (EASTING_M, NORTHING_M)) for ring in rings]
    polygon = shapely.make_valid(shapely.Polygon(rings[0], rings[1:]), method="structure", keep_collapsed=False)
    return (
        polygon
        if not polygon.is_empty and polygon.area > 0
        else star(rng, corners=corners + 3, radius_m=radius_m, rounded=rounded)
    )


def nearly(polygon: shapely.Geometry, shift_m: float) -> shapely.Geometry:
    """The polygon with its vertices moved by a hair, as another office would have digitised it."""
    moved = shapely.transform(polygon, lambda xy: xy + shift_m * np.sin(1000.0 * xy[:, ::-1]))
    closed = shapely.make_valid(moved, method="structure", keep_collapsed=False)
    return closed if closed.area > 0 else polygon


def neighbour(polygon: shapely.Geometry, rng: np.random.Generator) -> shapely.Geometry:
    """What surrounds the polygon: all edges shared, nothing overlapping."""
    frame = shapely.box(*polygon.buffer(rng.uniform(1.0, 30.0)).bounds)
    return shapely.difference(frame, polygon)


def shuffled(rng: np.random.Generator, polygon: shapely.Geometry) -> shapely.Geometry:
    """The same polygon with rings started elsewhere and turned the other way."""
    parts = []
    for part in shapely.get_parts(polygon):
        rings = []
        for ring in shapely.get_rings(part):
            vertices = np.roll(shapely.get_coordinates(ring)[:-1], rng.integers(0, 99), axis=0)
            rings.append(vertices[::-1] if rng.random() < 0.5 else vertices)
        parts.append(shapely.Polygon(rings[0], rings[1:]))
    order = rng.permutation(len(parts))
    return parts[0] if len(parts) == 1 else shapely.MultiPolygon([parts[i] for i in order])


def scene(rng: np.random.Generator, count: int, *, corners: int) -> np.ndarray:
    """Polygons that overlap, touch, share edges and nearly coincide."""
    shapes: list[shapely.Geometry] = []
    while len(shapes) < count:
        base = star(
            rng, corners=int(rng.integers(4, corners)), radius_m=rng.uniform(5, 60), rounded=bool(rng.random() < 0.5)
        )
        shapes.append(base)
        kind = rng.integers(0, 4)
        if kind == 0:
            shapes.append(nearly(base, 10.0 ** rng.uniform(-9, -2)))
        elif kind == 1:
            shapes.append(neighbour(base, rng))
        elif kind == 2:
            shapes.append(shapely.union(base, star(rng, corners=8, radius_m=20, rounded=True)))
        shapes = [shape for shape in shapes if shape.is_valid]
    scene_array = np.empty(count, dtype=object)
    scene_array[:] = shapes[:count]
    return scene_array


def near_origin(geometries: np.ndarray) -> np.ndarray:
    """The same shapes where GEOS rounds less, for the judge."""
    return shapely.transform(geometries, lambda xy: xy - (EASTING_M, NORTHING_M))


seeds = st.integers(0, 2**32 - 1)
