"""Geometries as a page draws them."""

from __future__ import annotations

import numpy as np
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from spatial.render.shapes import bounds, feature_collection, lighten, lon_lat
from tests import samples


def _array(*shapes: shapely.Geometry | None) -> np.ndarray:
    array = np.empty(len(shapes), dtype=object)
    array[:] = shapes
    return array


def test_few_vertices_are_left_as_they_are() -> None:
    layer = _array(samples.at(0, 0, 10, 10))
    light, drawing = lighten([layer], 5, [10.0])
    assert light[0][0] is layer[0]
    assert (drawing.tolerance_m, drawing.vertices) == (0.0, 5)


def test_the_smallest_tolerance_that_is_enough_is_taken() -> None:
    zigzag = shapely.LineString([(x, (x % 2) * 3.0) for x in range(100)])
    light, drawing = lighten([_array(zigzag)], 10, [0.5, 5.0, 50.0])
    assert drawing.tolerance_m == 5.0
    assert drawing.vertices == shapely.get_num_coordinates(light[0]).sum() <= 10


@settings(max_examples=30, deadline=None)
@given(st.floats(-40_000, 40_000), st.floats(-40_000, 40_000))
def test_rounded_positions_are_within_a_decimetre(x: float, y: float) -> None:
    point = _array(shapely.Point(samples.EAST + x, samples.NORTH + y))
    exact, drawn = lon_lat(point, samples.CRS, 15)[0], lon_lat(point, samples.CRS, 6)[0]
    assert abs(exact.x - drawn.x) * 91_000 < 0.1
    assert abs(exact.y - drawn.y) * 111_000 < 0.1


def test_missing_and_empty_geometries_are_not_drawn() -> None:
    collection = feature_collection(_array(None, shapely.Polygon(), shapely.Point(1, 2)))
    assert [feature["properties"] for feature in collection["features"]] == [{"place": 2}]


def test_bounds_over_layers() -> None:
    assert bounds([_array(shapely.Point(1, 2)), _array(shapely.Point(-1, 5)), _array()]) == (-1, 2, 1, 5)
    assert bounds([_array(), _array(None)]) is None
