from __future__ import annotations

import math

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from pyproj import CRS

from spatial.areas import official_area_m2
from spatial.errors import InputError
from spatial.surroundings.measures import bands, exposure, fence_length_m

PLANE = CRS(4526)
EAST, NORTH = 38_410_000.0, 3_980_000.0


def at(*shapes: shapely.Geometry) -> np.ndarray:
    found = np.empty(len(shapes), dtype=object)
    found[:] = [shapely.affinity.translate(shape, EAST, NORTH) for shape in shapes]
    return found


def test_rings_around_a_square_are_sides_and_corners() -> None:
    near, far = shapely.area(bands(at(shapely.box(0, 0, 100, 100)), [10, 30]))
    assert near == pytest.approx(4 * 100 * 10 + math.pi * 10**2, rel=1e-3)
    assert near + far == pytest.approx(4 * 100 * 30 + math.pi * 30**2, rel=1e-3)


@given(st.lists(st.floats(1, 500), min_size=1, max_size=4, unique=True), st.integers(0, 2**32 - 1))
def test_rings_are_disjoint_and_fill_the_buffer(distances: list[float], seed: int) -> None:
    rng = np.random.default_rng(seed)
    corners = rng.uniform(0, 1000, (4, 2))
    zones = at(*[shapely.box(x, y, x + 200, y + 100) for x, y in corners])
    limits = sorted(distances)
    rings = bands(zones, limits)
    whole = shapely.union_all(shapely.buffer(zones, limits[-1], quad_segs=32))
    assert shapely.area(rings).sum() + shapely.union_all(zones).area == pytest.approx(whole.area, rel=1e-9)


@pytest.mark.parametrize("distances", [[], [0], [-5], [100, 100], [100, 50], [math.inf]])
def test_distances_must_increase(distances: list[float]) -> None:
    with pytest.raises(InputError, match="positive and increasing"):
        bands(at(shapely.box(0, 0, 1, 1)), distances)


def test_exposure_by_distance() -> None:
    zones = at(shapely.box(0, 0, 100, 100), shapely.box(5000, 0, 5100, 100))
    sources = at(
        shapely.Point(150, 50),
        shapely.box(90, 0, 110, 100),
        shapely.LineString([(100, 0), (100, 400)]),
        shapely.Point(100, 800),
    )
    table = exposure(zones, sources, [60, 200], PLANE)
    assert table[["zone", "source", "band_m"]].to_numpy().tolist() == [[0, 1, 0], [0, 2, 0], [0, 0, 60]]
    assert table["distance_m"].tolist() == [0, 0, 50]
    assert table["inside_m2"].tolist() == pytest.approx(
        [float(official_area_m2(at(shapely.box(90, 0, 100, 100)), PLANE)[0]), 0, 0]
    )


def test_a_source_exactly_at_a_limit_is_in_the_nearer_band() -> None:
    table = exposure(at(shapely.box(0, 0, 100, 100)), at(shapely.Point(200, 50)), [100, 500], PLANE)
    assert table["band_m"].tolist() == [100]


def test_missing_sources_are_passed_over() -> None:
    sources = np.array([None, *at(shapely.Point(10, 10))], dtype=object)
    assert exposure(at(shapely.box(0, 0, 100, 100)), sources, [10], PLANE)["source"].tolist() == [1]


def test_the_fence_stands_on_land_only() -> None:
    zone, lake = at(shapely.box(0, 0, 100, 100)), at(shapely.box(60, -500, 900, 500))
    # Three sides of 60, 100 and 60 m, less a metre along the shore at both ends; the plane's scale is known.
    scale = math.sqrt(float(official_area_m2(zone, PLANE)[0])) / 100
    assert fence_length_m(zone, lake, PLANE) == pytest.approx((59 + 100 + 59) * scale, rel=1e-4)


def test_zones_that_touch_share_one_fence() -> None:
    two = at(shapely.box(0, 0, 100, 100), shapely.box(100, 0, 200, 100))
    assert fence_length_m(two, np.empty(0, dtype=object), PLANE) == pytest.approx(600, rel=2e-4)
    assert fence_length_m(at(), at(), PLANE) == 0.0


def test_fourteen_circles_of_the_plan() -> None:
    # DOMAIN 4.5: 10,000 m of fence are 14 circles of 113.7 m.
    circles = at(*[shapely.Point(1000 * n, 0).buffer(113.7, quad_segs=64) for n in range(14)])
    assert fence_length_m(circles, at(), PLANE) == pytest.approx(10_000, rel=1e-3)
