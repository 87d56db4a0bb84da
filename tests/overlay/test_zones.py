from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from shapely.geometry import GeometryCollection, LineString, MultiPoint, MultiPolygon, Point, Polygon, box

from spatial.overlay import ZoneIndex
from tests.overlay.shapes import as_dict, assert_same_areas, judge, outline_m, scene, seeds, shuffled

UNIT = box(0, 0, 1, 1)
HOLED = box(0, 0, 10, 10).difference(box(4, 4, 6, 6))


def areas(projects, zones, **options):
    pairs = ZoneIndex(zones, **options).areas(projects)
    return as_dict(pairs.project, pairs.zone, pairs.area_m2)


def piece_areas(projects, zones, **options):
    pieces = ZoneIndex(zones, **options).pieces(projects)
    return as_dict(pieces.project, pieces.zone, shapely.area(pieces.geometry))


@pytest.mark.parametrize("engine", [areas, piece_areas])
@pytest.mark.parametrize(
    ("project", "zone", "expected"),
    [
        (UNIT, box(0.5, 0, 2, 1), 0.5),
        (UNIT, UNIT, 1.0),
        (UNIT, box(-1, -1, 2, 2), 1.0),
        (box(-1, -1, 2, 2), UNIT, 1.0),
        (UNIT, Polygon([(0, 0), (1, 1), (0, 1)]), 0.5),
        (Polygon([(0, 0), (2, 0), (2, 2)]), Polygon([(2, 0), (2, 2), (0, 2), (0, 0)]), 2.0),
        (box(3, 3, 7, 7), HOLED, 12.0),
        (box(4.5, 4.5, 5.5, 5.5), HOLED, None),
        (HOLED, HOLED, 96.0),
        (MultiPolygon([box(0, 0, 1, 1), box(3, 0, 4, 1)]), box(0.5, 0, 3.5, 1), 1.0),
        (UNIT, box(1, 0, 2, 1), None),
        (UNIT, box(1, 1, 2, 2), None),
        (UNIT, box(5, 5, 6, 6), None),
        (Polygon([(0, 0, 9), (1, 0, 9), (1, 1, 9), (0, 1, 9)]), UNIT, 1.0),
    ],
)
def test_areas_by_hand(engine, project, zone, expected):
    assert engine([project], [zone]) == ({} if expected is None else {(0, 0): pytest.approx(expected, rel=1e-15)})


def test_lines_give_lengths_and_points_themselves():
    line, point = LineString([(-5, 5), (15, 5)]), Point(1, 1)
    pieces = ZoneIndex([HOLED, box(20, 20, 30, 30)]).pieces([line, point, Point(5, 5), Point(0, 3)])
    assert pieces.project.tolist() == [0, 1, 3]
    assert shapely.length(pieces.geometry[0]) == 8.0
    assert pieces.geometry[1] == point
    assert pieces.geometry[2] == Point(0, 3), "a point on the border lies in the zone"


def test_only_the_own_dimension_comes_back():
    touching = box(1, 0, 2, 1).union(box(0.5, 0, 1, 0.5))
    pieces = ZoneIndex([touching]).pieces([UNIT, LineString([(1, 0.6), (1, 0.9)])])
    assert [geometry.geom_type for geometry in pieces.geometry] == ["Polygon", "LineString"]
    assert pieces.geometry[0].area == 0.25


def test_covered_project_is_its_own_piece():
    project = box(1, 1, 2, 2)
    assert ZoneIndex([HOLED]).pieces([project]).geometry[0] is project


def test_missing_and_empty_geometries_meet_nothing():
    nothing = [None, Polygon(), GeometryCollection(), LineString(), MultiPoint()]
    for engine in (areas, piece_areas):
        assert engine([*nothing, UNIT], [None, Polygon(), UNIT]) == {(5, 2): 1.0}
        assert engine([], [UNIT]) == {}
        assert engine([UNIT], []) == {}
        assert engine(nothing, [None]) == {}


def test_a_collection_counts_with_its_highest_dimension():
    mixed = GeometryCollection([UNIT, LineString([(0, 0), (9, 9)])])
    assert piece_areas([mixed], [box(0, 0, 5, 5)]) == {(0, 0): 1.0}


@pytest.mark.parametrize("zone", [LineString([(0, 0), (1, 1)]), Point(0, 0)])
def test_zones_must_be_polygons(zone):
    with pytest.raises(ValueError, match="zone 1 is a"):
        ZoneIndex([UNIT, zone])


def test_coordinates_must_be_finite():
    with pytest.raises(ValueError, match="geometry 0 has a coordinate that is not finite"):
        ZoneIndex([Polygon([(0, 0), (np.inf, 0), (1, 1)])])


@settings(max_examples=40, deadline=None)
@given(seeds)
def test_both_engines_agree_with_the_judge(seed):
    rng = np.random.default_rng(seed)
    projects, zones = scene(rng, 5, corners=30), scene(rng, 5, corners=60)
    expected = judge(projects, zones)
    size = outline_m(projects, zones)
    for max_vertices in (8, 10_000):
        assert_same_areas(areas(projects, zones, max_vertices=max_vertices), expected, size)
        assert_same_areas(piece_areas(projects, zones, max_vertices=max_vertices), expected, size)


@settings(max_examples=25, deadline=None)
@given(seeds)
def test_results_do_not_depend_on_order_start_orientation_or_cutting(seed):
    rng = np.random.default_rng(seed)
    projects, zones = scene(rng, 6, corners=30), scene(rng, 6, corners=60)
    order, zone_order = rng.permutation(6), rng.permutation(6)
    other_projects = np.array([shuffled(rng, projects[i]) for i in order], dtype=object)
    other_zones = np.array([shuffled(rng, zones[i]) for i in zone_order], dtype=object)
    for engine in (areas, piece_areas):
        once = engine(projects, zones)
        again = engine(other_projects, other_zones, max_vertices=int(rng.integers(5, 40)))
        renamed = {(int(order[i]), int(zone_order[j])): area for (i, j), area in again.items()}
        assert_same_areas(renamed, once, outline_m(projects, zones))


@settings(max_examples=25, deadline=None)
@given(seeds)
def test_parts_of_a_tiling_sum_to_the_whole(seed):
    rng = np.random.default_rng(seed)
    projects = scene(rng, 4, corners=40)
    west, south, east, north = shapely.total_bounds(projects)
    seams = np.sort(rng.uniform(west, east, 6))
    edges = [west - 1, *seams, east + 1]
    tiles = [box(edges[i], south - 1, edges[i + 1], north + 1) for i in range(len(edges) - 1)]
    for engine in (areas, piece_areas):
        parts = engine(projects, tiles, max_vertices=10)
        for i, project in enumerate(projects):
            total = sum(area for (own, _), area in parts.items() if own == i)
            assert total == pytest.approx(project.area, rel=1e-9, abs=1e-9 * project.length)


@settings(max_examples=25, deadline=None)
@given(seeds)
def test_lengths_of_cut_lines_agree_with_the_judge(seed):
    rng = np.random.default_rng(seed)
    zones = scene(rng, 5, corners=60)
    west, south, east, north = shapely.total_bounds(zones)
    lines = [
        LineString(np.column_stack([rng.uniform(west, east, n), rng.uniform(south, north, n)])) for n in (2, 5, 30)
    ]
    pieces = ZoneIndex(zones, max_vertices=10).pieces(lines)
    found = as_dict(pieces.project, pieces.zone, shapely.length(pieces.geometry))
    for i, line in enumerate(lines):
        for j, zone in enumerate(zones):
            assert found.get((i, j), 0.0) == pytest.approx(shapely.intersection(line, zone).length, rel=1e-9, abs=1e-6)


@settings(max_examples=15, deadline=None)
@given(seeds)
def test_pieces_are_valid_and_inside_both(seed):
    rng = np.random.default_rng(seed)
    projects, zones = scene(rng, 5, corners=30), scene(rng, 5, corners=80)
    pieces = ZoneIndex(zones, max_vertices=12).pieces(projects)
    assert shapely.is_valid(pieces.geometry).all()
    assert np.isin(shapely.get_type_id(pieces.geometry), (3, 6)).all()
    for side in (projects[pieces.project], zones[pieces.zone]):
        outside = shapely.area(shapely.difference(pieces.geometry, side))
        assert (outside <= 1e-8 * shapely.length(pieces.geometry)).all()
    keys = list(zip(pieces.project, pieces.zone, strict=True))
    assert keys == sorted(set(keys))


def test_giant_project_over_many_zones_needs_no_seams():
    angle = np.linspace(0, 2 * np.pi, 5001)[:-1]
    reach = 1000 + 50 * np.sin(40 * angle) + 3 * np.sin(900 * angle)
    district = Polygon(np.column_stack([reach * np.cos(angle), reach * np.sin(angle)]))
    cells = [box(x, y, x + 100, y + 100) for x in range(-1100, 1100, 100) for y in range(-1100, 1100, 100)]
    pieces = ZoneIndex(cells).pieces([district])
    assert shapely.area(pieces.geometry).sum() == pytest.approx(district.area, rel=1e-12)
    inner = cells.index(box(0, 0, 100, 100))
    assert pieces.geometry[pieces.zone.tolist().index(inner)] is cells[inner]
    turned = ZoneIndex([district]).pieces(cells)
    assert shapely.area(turned.geometry).sum() == pytest.approx(district.area, rel=1e-12)


def test_zones_made_from_rasters_are_cut_right():
    """Their edges lie on round coordinates, where clipping in GEOS may give a wrong area."""
    rng = np.random.default_rng(5)
    cells = rng.random((40, 40)) < 0.6
    zone = shapely.union_all([box(x, y, x + 1, y + 1) for x, y in np.argwhere(cells)])
    squares = np.array([box(x, y, x + 3, y + 2) for x in range(0, 40, 3) for y in range(0, 40, 2)], dtype=object)
    expected = judge(squares, np.array([zone], dtype=object))
    for engine in (areas, piece_areas):
        found = engine(squares, [zone], max_vertices=20)
        assert found.keys() == expected.keys()
        assert list(found.values()) == pytest.approx([expected[pair] for pair in found], rel=1e-12)


def test_distances_to_a_large_zone_are_those_of_plain_shapely():
    ring = Point(0, 0).buffer(1000, quad_segs=500).boundary.buffer(20)
    rng = np.random.default_rng(5)
    projects = shapely.buffer(shapely.points(rng.uniform(-1100, 1100, (200, 2))), 15)
    zones = np.array([ring, box(-30, -30, 30, 30)], dtype=object)
    found = ZoneIndex(zones).distances(projects, 50.0)
    apart = shapely.distance(projects[:, None], zones)
    rows, columns = np.nonzero(apart <= 50.0)
    assert found.project.tolist() == rows.tolist()
    assert found.zone.tolist() == columns.tolist()
    assert found.distance_m.tolist() == pytest.approx(apart[rows, columns].tolist(), abs=1e-9)


def test_a_large_zone_whose_box_alone_is_near_has_no_distance():
    ring = Point(0, 0).buffer(1000, quad_segs=500).boundary.buffer(20)
    assert ZoneIndex([ring]).distances([Point(0, 0), Point(100, 100)], 30.0).project.size == 0
    assert ZoneIndex([ring]).distances([Point(5000, 0)], 30.0).project.size == 0


def test_callers_geometries_are_never_prepared():
    """A prepared geometry shared by two threads crashes the interpreter."""
    zones, projects = np.array([HOLED, box(0, 0, 9, 9)]), np.array([UNIT, box(3, 3, 7, 7)])
    ZoneIndex(zones, max_vertices=6).pieces(projects)
    ZoneIndex(zones).pieces(projects)
    assert not shapely.is_prepared(zones).any()
    assert not shapely.is_prepared(projects).any()


def test_import_does_not_load_numba():
    code = "import sys, spatial.overlay; sys.exit('numba' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
