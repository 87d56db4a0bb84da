"""The compiled kernels against hand calculations, numpy and GEOS."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import MultiPolygon, Polygon, box

from spatial.overlay import kernel
from spatial.overlay.rings import flatten
from tests.overlay.shapes import EASTING_M, NORTHING_M, ROUNDING_M, nearly, neighbour, scene, seeds, star

ORIGIN = (EASTING_M, NORTHING_M)


def prepared(geometries, origin=(0.0, 0.0)):
    rings, is_shell = flatten(np.array(geometries, dtype=object), origin)
    kernel.orient(rings, is_shell)
    return rings


def signed_area(rings):
    """Sum of the strips under all edges: what every kernel must conserve."""
    total = 0.0
    for start, stop in zip(rings.ring_start[:-1], rings.ring_start[1:], strict=True):
        x, y = rings.x[start:stop], rings.y[start:stop]
        total += ((x[:-1] - x[1:]) * (y[:-1] + y[1:])).sum() / 2
    return total


def overlap(left, right, origin=(0.0, 0.0), noise=0.0):
    one, two = (
        kernel.Side(rings, kernel.boxes(rings), kernel.stretches(rings))
        for rings in (prepared([left], origin), prepared([right], origin))
    )
    first = np.zeros(1, dtype=np.intp)
    return kernel.overlap_areas(one, two, first, first, noise)[0]


def test_orient_turns_shells_left_and_holes_right():
    clockwise = Polygon([(0, 0), (0, 9), (9, 9), (9, 0)], [[(1, 1), (2, 1), (2, 2), (1, 2)]])
    rings, is_shell = flatten(np.array([clockwise, box(0, 0, 1, 1)], dtype=object), (0.0, 0.0))
    kernel.orient(rings, is_shell)
    assert is_shell.tolist() == [True, False, True]
    assert signed_area(rings) == 81 - 1 + 1


def test_boxes_by_hand():
    rings = prepared([MultiPolygon([box(0, 1, 2, 3), box(5, -4, 6, 0)]), box(7, 8, 9, 10)])
    assert kernel.boxes(rings).tolist() == [[0, -4, 6, 3], [7, 8, 9, 10]]


def test_overlap_by_hand():
    triangle = Polygon([(0, 0), (4, 0), (0, 4)])
    assert overlap(triangle, box(1, 1, 9, 9)) == 2.0
    assert overlap(triangle, Polygon([(4, 4), (0, 4), (4, 0)])) == 0.0
    assert overlap(triangle, triangle) == 8.0
    assert overlap(box(0, 0, 3, 3).difference(box(1, 1, 2, 2)), box(0, 0, 3, 1.5)) == 4.0


@settings(max_examples=60, deadline=None)
@given(seeds, st.floats(-9, 0))
def test_nearly_coincident_and_touching_edges_agree_with_geos(seed, exponent):
    rng = np.random.default_rng(seed)
    polygon = star(rng, corners=int(rng.integers(4, 40)), radius_m=50, rounded=bool(rng.random() < 0.5))
    error_m2 = ROUNDING_M * (polygon.length + 200)
    almost = nearly(polygon, 10.0**exponent)
    assert overlap(polygon, almost, ORIGIN) == pytest.approx(shapely.intersection(polygon, almost).area, abs=error_m2)
    assert overlap(polygon, neighbour(polygon, rng), ORIGIN, noise=1e-12) == 0.0
    assert overlap(polygon, polygon, ORIGIN) == pytest.approx(polygon.area, rel=1e-12)


@settings(max_examples=40, deadline=None)
@given(seeds)
def test_overlap_is_symmetric_and_never_more_than_either(seed):
    rng = np.random.default_rng(seed)
    left, right = scene(rng, 2, corners=40)
    area = overlap(left, right, ORIGIN)
    assert area == pytest.approx(overlap(right, left, ORIGIN), rel=1e-9, abs=1e-9)
    assert -1e-9 <= area <= min(left.area, right.area) + ROUNDING_M * (left.length + right.length)


@settings(max_examples=40, deadline=None)
@given(seeds, st.integers(6, 60))
def test_cut_conserves_area_and_owner_and_bounds_the_vertices(seed, max_vertices):
    rng = np.random.default_rng(seed)
    polygons = scene(rng, 4, corners=120)
    rings = prepared(polygons, ORIGIN)
    cut = kernel.cut(rings, max_vertices)
    assert signed_area(cut) == pytest.approx(shapely.area(polygons).sum(), rel=1e-9)
    assert set(cut.owner) == {0, 1, 2, 3}
    assert cut.ring_start[-1] == cut.x.size == cut.y.size
    assert cut.first_ring[-1] == cut.ring_start.size - 1
    assert cut.x.size < 40 * rings.x.size


def test_cut_stops_where_halving_does_not_help():
    """A comb of slits a tenth of a millimetre apart stays together when cut across."""
    slits = [box(0.0, y, 100.0, y + 1e-4) for y in np.arange(30) * 2e-4]
    cut = kernel.cut(prepared([MultiPolygon(slits)]), 8)
    assert cut.x.size < 2000
    assert signed_area(cut) == pytest.approx(30 * 100.0 * 1e-4, rel=1e-9)


def test_a_large_circle_is_cut_into_small_pieces():
    circle = shapely.Point(0, 0).buffer(1000, quad_segs=4096)
    cut = kernel.cut(prepared([circle]), 64)
    assert np.diff(cut.ring_start[cut.first_ring]).max() <= 64
    assert signed_area(cut) == pytest.approx(circle.area, rel=1e-13)
