from __future__ import annotations

import math

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from shapely.geometry import LineString, MultiLineString, MultiPolygon, Point, Polygon, box

from spatial.overlay import Pieces, ZoneIndex, closure, merge_by_project, net_parts, share_out, split_slivers
from tests.overlay.shapes import ROUNDING_M, near_origin, scene, seeds


def test_closure_by_hand():
    found = closure(100.0, [60.0, 39.0])
    assert (found.whole, found.parts, found.difference, found.relative) == (100.0, 99.0, -1.0, 0.01)
    assert closure(0.0, []).relative == 0.0
    assert closure(0.0, [1.0]).relative == math.inf


def test_closure_adds_without_rounding():
    assert closure(1e16 + 2, [1e16, 1.0, 1.0]).difference == 0.0


def test_overlapping_zones_count_once():
    project, line = box(0, 0, 10, 10), LineString([(0, 5), (10, 5)])
    pieces = ZoneIndex([box(0, 0, 6, 10), box(4, 0, 8, 10)]).pieces([project, box(50, 50, 51, 51), line])
    merged = merge_by_project(pieces, 3)
    assert merged[0].area == 80.0
    assert merged[1].is_empty
    assert merged[2].geom_type == "LineString"
    assert merged[2].length == 8.0


def test_merge_of_one_piece_and_of_none():
    piece = box(0, 0, 1, 1)
    pieces = Pieces(np.array([1]), np.array([0]), np.array([piece], dtype=object))
    merged = merge_by_project(pieces, 3)
    assert merged[1] is piece
    assert [geometry.is_empty for geometry in merged] == [True, False, True]


def test_merge_joins_points():
    points = np.array([Point(1, 1), Point(1, 1)], dtype=object)
    assert merge_by_project(Pieces(np.array([0, 0]), np.array([0, 1]), points), 1)[0] == Point(1, 1)


@settings(max_examples=25, deadline=None)
@given(seeds)
def test_merged_area_is_at_most_the_project_and_at_least_its_largest_piece(seed):
    rng = np.random.default_rng(seed)
    projects, zones = scene(rng, 4, corners=30), scene(rng, 6, corners=30)
    pieces = ZoneIndex(zones).pieces(projects)
    merged = shapely.area(merge_by_project(pieces, len(projects)))
    for i, project in enumerate(projects):
        own = pieces.geometry[pieces.project == i]
        error = ROUNDING_M * project.length
        assert shapely.area(own).max(initial=0.0) - error <= merged[i] <= project.area + error
        judged = shapely.intersection(near_origin(project), shapely.union_all(near_origin(zones))).area
        assert merged[i] == pytest.approx(judged, rel=1e-9, abs=error)


def test_the_strictest_part_takes_the_place():
    whole = box(0, 0, 10, 10)
    net, rest = net_parts(whole, [box(0, 0, 5, 10), box(0, 0, 7, 10), box(0, 0, 6, 10)])
    assert [part.area for part in net] == [50.0, 20.0, 0.0]
    assert rest.area == 30.0


def test_net_parts_of_a_line_and_of_a_point():
    line = LineString([(0, 0), (10, 0)])
    net, rest = net_parts(line, [LineString([(2, 0), (4, 0)]), LineString([(3, 0), (6, 0)])])
    assert [part.length for part in net] == [2.0, 2.0]
    assert rest.length == 6.0
    net, rest = net_parts(Point(1, 1), [Point(1, 1), Point(1, 1)])
    assert [part.is_empty for part in net] == [False, True]
    assert rest.is_empty


def test_no_parts_leave_the_whole():
    assert net_parts(box(0, 0, 1, 1), []) == ([], box(0, 0, 1, 1))


@settings(max_examples=30, deadline=None)
@given(seeds)
def test_net_parts_and_remainder_sum_to_the_whole(seed):
    rng = np.random.default_rng(seed)
    (whole,), zones = scene(rng, 1, corners=40), scene(rng, 6, corners=40)
    net, rest = net_parts(whole, list(ZoneIndex(zones).pieces([whole]).geometry))
    found = closure(whole.area, [part.area for part in net] + [rest.area])
    assert abs(found.difference) <= 1e-9 * whole.area + ROUNDING_M * whole.length
    assert shapely.area(shapely.intersection(np.array(net, dtype=object), rest)) == pytest.approx(0.0, abs=1e-6)


def test_slivers_are_set_apart_and_none_is_lost():
    big, small, at_limit = box(0, 0, 5, 5), box(10, 0, 10.5, 1), box(20, 0, 21, 1)
    kept, slivers = split_slivers(MultiPolygon([big, small, at_limit]), 1.0)
    assert (kept.area, slivers.area) == (26.0, 0.5)
    kept, slivers = split_slivers(big, 1.0)
    assert kept == big
    assert slivers.is_empty
    kept, slivers = split_slivers(small, 1.0)
    assert kept.is_empty
    assert slivers == small


@pytest.mark.parametrize("geometry", [LineString([(0, 0), (1, 0)]), MultiLineString([[(0, 0), (1, 0)]]), Point(0, 0)])
def test_lines_and_points_have_no_slivers(geometry):
    kept, slivers = split_slivers(geometry, 1e9)
    assert kept is geometry
    assert slivers.is_empty


def test_an_empty_polygon_has_no_slivers():
    kept, slivers = split_slivers(Polygon(), 1.0)
    assert kept.is_empty
    assert slivers.is_empty


def test_many_wholes_are_shared_out_as_one_by_one():
    rng = np.random.default_rng(3)
    wholes = shapely.box(*np.hsplit(np.hstack([corner := rng.uniform(0, 50, (40, 2)), corner + 10]), 4)).ravel()
    circles = [Point(*rng.uniform(0, 60, 2)).buffer(9) for _ in range(12)]
    claims = [circles[: number % 5] + circles[number % 7 :][: number % 3] for number in range(40)]
    for whole, own, shares in zip(wholes, claims, share_out(wholes, claims), strict=True):
        net, left = net_parts(whole, own)
        assert shapely.area(shares.net).tolist() == pytest.approx(shapely.area(net).tolist(), abs=1e-9)
        assert shares.left[-1].area == pytest.approx(left.area, abs=1e-9)
        assert [part.area for part in shares.left[1:]] == pytest.approx(
            [whole.area - sum(part.area for part in net[:n]) for n in range(1, len(own) + 1)], abs=1e-9
        )


def test_a_claim_that_is_the_whole_takes_it_uncut():
    whole = box(0, 0, 3, 1)
    (shares,) = share_out(np.array([whole], dtype=object), [[whole, box(0, 0, 1, 1)]])
    assert shares.net[0] is whole
    assert shares.net[1].is_empty
    assert shares.left[-1].is_empty
    (shares,) = share_out(np.array([whole], dtype=object), [[box(0, 0, 1, 1), whole]])
    assert [part.area for part in shares.net] == [1.0, 2.0]


def test_the_first_claim_within_its_whole_is_kept_as_it_is():
    whole, claim, other = box(0, 0, 3, 1), box(0, 0, 1, 1), box(0, 0, 2, 1)
    (shares,) = share_out(np.array([whole], dtype=object), [[claim, other]], within=True)
    assert shares.net[0] is claim
    assert [shares.net[1].area, shares.left[-1].area] == [1.0, 1.0]
