from __future__ import annotations

import numpy as np
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from spatial.prepared.cells import cut_into_cells, hilbert_order


def star(seed: int, corners: int) -> shapely.Polygon:
    """An outline whose radius varies, with a hole."""
    random = np.random.default_rng(seed)
    angle = np.linspace(0, 2 * np.pi, corners, endpoint=False)
    ray = np.column_stack([np.cos(angle), np.sin(angle)])
    return shapely.Polygon(random.uniform(500, 1000, (corners, 1)) * ray, [100 * ray[::-1]])


@settings(max_examples=25)
@given(seed=st.integers(0, 1000), corners=st.integers(3, 300), most=st.integers(20, 60))
def test_every_point_of_a_zone_lies_in_a_cell(seed, corners, most):
    zone = star(seed, corners)
    boxes, pieces = cut_into_cells(zone, most)
    assert shapely.union_all(shapely.box(*boxes.T)).buffer(1e-6).covers(zone)
    assert np.isclose(shapely.area(pieces).sum(), zone.area, rtol=1e-9)
    assert (shapely.get_num_coordinates(pieces) <= most).all()


def test_a_square_is_cut_where_it_holds_too_much():
    """A square of 4 m with a notch of 2 m2 is halved twice; a closed ring of four corners has 5 vertices."""
    square = shapely.Polygon([(0, 0), (4, 0), (4, 4), (2, 3), (0, 4)])
    assert cut_into_cells(square, 6)[0].tolist() == [[0, 0, 4, 4]]
    boxes, pieces = cut_into_cells(square, 5)
    assert sorted(boxes.tolist()) == [[0, 0, 4, 2], [0, 2, 2, 4], [2, 2, 4, 4]]
    assert sorted(shapely.area(pieces).tolist()) == [3, 3, 8]


def test_parts_that_touch_in_one_point_come_to_an_end():
    turns = np.linspace(0, 2 * np.pi, 81)
    corners = [1000 * np.column_stack([np.cos(pair), np.sin(pair)]) for pair in turns.reshape(-1)[:80].reshape(40, 2)]
    fan = shapely.MultiPolygon([shapely.Polygon([(0, 0), *pair]) for pair in corners])
    assert fan.is_valid
    boxes, pieces = cut_into_cells(fan, 60)
    assert np.isclose(shapely.area(pieces).sum(), fan.area, rtol=1e-9)
    assert len(boxes) < 200


def test_neighbours_on_the_curve_are_neighbours_in_the_plane():
    """The middles of a grid of 8 by 8 in Hilbert order: each step leads to the cell beside."""
    x, y = (side.ravel() for side in np.meshgrid(np.arange(8.0), np.arange(8.0)))
    order = hilbert_order(np.column_stack([x, y, x + 1, y + 1]))
    steps = np.abs(np.diff(x[order])) + np.abs(np.diff(y[order]))
    assert sorted(order.tolist()) == list(range(64))
    assert steps.max() == 1
