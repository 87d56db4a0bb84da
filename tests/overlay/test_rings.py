from __future__ import annotations

import numpy as np
from shapely.geometry import LineString, MultiPolygon, Point, Polygon, box

from spatial.overlay.rings import flatten


def test_polygons_and_multipolygons_lie_flat():
    holed = box(0, 0, 9, 9).difference(box(1, 1, 2, 2))
    both = MultiPolygon([box(0, 0, 1, 1), holed])
    rings, is_shell = flatten(np.array([Point(0, 0), holed, None, both], dtype=object), (0.0, 0.0))
    assert rings.owner.tolist() == [1, 3]
    assert rings.ring_start.tolist() == [0, 5, 10, 15, 20, 25]
    assert rings.first_ring.tolist() == [0, 2, 5]
    assert is_shell.tolist() == [True, False, True, True, False]


def test_simple_polygons_lie_flat_and_count_from_the_origin():
    rings, is_shell = flatten(np.array([box(100, 200, 101, 202)] * 2, dtype=object), (100.0, 200.0))
    assert rings.first_ring.tolist() == [0, 1, 2]
    assert is_shell.all()
    assert (rings.x.min(), rings.x.max(), rings.y.min(), rings.y.max()) == (0.0, 1.0, 0.0, 2.0)


def test_nothing_polygonal_gives_nothing():
    rings, is_shell = flatten(np.array([None, LineString([(0, 0), (1, 1)]), Polygon()], dtype=object), (0.0, 0.0))
    assert rings.owner.size == is_shell.size == rings.x.size == 0
    assert rings.ring_start.tolist() == rings.first_ring.tolist() == [0]
