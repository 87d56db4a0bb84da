from __future__ import annotations

import numpy as np
from shapely import LineString, Polygon, box

from spatial.io.nesting import nested


def test_nothing_to_compare() -> None:
    assert nested(np.array([], dtype=object)) is None
    assert nested(np.array([None, LineString([(0, 0), (1, 1)])], dtype=object)) is None
    assert nested(np.array([box(0, 0, 1, 1), box(1, 0, 2, 1)], dtype=object)) is None


def test_each_outline_inside_others_counts_once() -> None:
    shapes = [None, box(0, 0, 9, 9), box(1, 1, 5, 5), box(2, 2, 3, 3)]
    count, inner, outer = nested(np.array(shapes, dtype=object)) or (0, 0, 0)
    assert count == 2
    assert shapes[outer].covers(shapes[inner])


def test_outlines_that_cross_themselves_are_left_out() -> None:
    bowtie = Polygon([(0, 0), (9, 9), (9, 0), (0, 9)])
    assert nested(np.array([bowtie, box(7, 4, 8, 5)], dtype=object)) is None
