"""Outlines are cut where they meet; what neighbours share is one arc."""

from __future__ import annotations

import numpy as np
import shapely
from hypothesis import given
from hypothesis import strategies as st

from spatial.publish.arcs import HOLE, LINE, POINT, SHELL, Arcs, cut, outlines
from tests.publish.samples import array


def arcs_of(*shapes: object, quantum: float = 1.0) -> Arcs:
    return cut(outlines(array(shapes), quantum))


def arc(arcs: Arcs, place: int) -> list[tuple[int, int]]:
    span = slice(arcs.start[place], arcs.start[place + 1])
    return list(zip(arcs.x[span].tolist(), arcs.y[span].tolist(), strict=True))


def test_two_squares_share_one_arc_by_hand() -> None:
    arcs = arcs_of(shapely.box(0, 0, 1, 1), shapely.box(1, 0, 2, 1))
    # Cut at (1, 0) and (1, 1): the border between them, and what is left of each square.
    assert [arc(arcs, place) for place in range(2)] == [
        [(1, 0), (1, 1)],
        [(1, 1), (0, 1), (0, 0), (1, 0)],
    ]
    assert len(arcs.start) == 4
    first, second = (arcs.arc[arcs.part_start[part] : arcs.part_start[part + 1]] for part in (0, 1))
    shared = set(first.tolist()) & set(second.tolist())
    assert len(shared) == 1
    assert sorted(arc(arcs, shared.pop())) == [(1, 0), (1, 1)]


def test_an_island_that_fills_a_hole_is_the_hole_arc() -> None:
    island = shapely.box(2, 2, 4, 4)
    arcs = arcs_of(
        shapely.box(0, 0, 9, 9) - island, shapely.Polygon(np.roll(shapely.get_coordinates(island)[:-1], 2, 0))
    )
    assert arcs.kind.tolist() == [SHELL, HOLE, SHELL]
    assert len(arcs.start) - 1 == 2
    assert arcs.arc[1] == arcs.arc[2]


def test_kinds_and_features_keep_their_order() -> None:
    mixed = shapely.GeometryCollection([shapely.Point(5, 5), shapely.box(0, 0, 1, 1)])
    arcs = arcs_of(
        shapely.LineString([(0, 0), (3, 3)]), None, shapely.Polygon(), mixed, shapely.MultiPoint([(1, 2), (7, 7)])
    )
    assert arcs.feature.tolist() == [0, 3, 3, 4, 4]
    assert sorted(arcs.kind.tolist()) == sorted([LINE, POINT, SHELL, POINT, POINT])


def test_nothing_has_no_arcs() -> None:
    arcs = arcs_of()
    assert (len(arcs.start), len(arcs.x), len(arcs.arc)) == (1, 0, 0)


def test_a_line_that_ends_on_a_border_cuts_it() -> None:
    arcs = arcs_of(shapely.Polygon([(0, 0), (4, 0), (4, 4), (2, 4), (0, 4)]), shapely.LineString([(2, 4), (2, 9)]))
    assert (2, 4) in {arc(arcs, place)[0] for place in range(len(arcs.start) - 1)}


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), min_size=1, max_size=12, unique=True))
def test_every_outline_is_found_again_and_no_edge_twice(cells: list[tuple[int, int]]) -> None:
    shapes = array([shapely.box(x, y, x + 1, y + 1) for x, y in cells])
    arcs = cut(outlines(shapes, 1.0))
    edges = [
        tuple(sorted(pair))
        for place in range(len(arcs.start) - 1)
        for pair in zip(arc(arcs, place), arc(arcs, place)[1:], strict=False)
    ]
    assert len(edges) == len(set(edges))
    assert set(edges) == {
        tuple(sorted(((int(a[0]), int(a[1])), (int(b[0]), int(b[1])))))
        for shape in shapes
        for a, b in zip(shapely.get_coordinates(shape), shapely.get_coordinates(shape)[1:], strict=False)
    }
