"""Repeated points, spikes, sharp angles and tiny edges, by hand and against shapely."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from pyproj import CRS
from shapely import LineString, MultiPolygon, Polygon

from spatial.check.paths import edges_m, flatten, is_last, lengths_m, signed_areas_m2
from spatial.check.plane import plane_of
from spatial.check.vertices import check_vertices, corners, repeated
from tests.traps.shapes import EAST, NORTH, at, ring, square

PLANE = CRS("EPSG:4526")


def check(*shapes: shapely.Geometry, crs: CRS | None = PLANE) -> list:
    geometry = np.array(shapes, dtype=object)
    names = [str(row + 1) for row in range(len(shapes))]
    return check_vertices(flatten(geometry, plane_of(geometry, crs)), "a", names)


def test_a_corner_by_hand() -> None:
    """A right-angled corner with legs 3 and 4: 90 degrees, 3 wide, 6 m2; a straight line: 180 degrees."""
    metres = np.array([[3.0, 0], [0, 0], [0, 4]])
    corner = corners(metres, np.array([1, 0, 1]), np.array([1, 2, 1]))
    assert corner.angle_deg[1] == pytest.approx(90)
    assert corner.width_m[1] == pytest.approx(3)
    assert corner.area_m2[1] == pytest.approx(6)


@pytest.mark.parametrize(
    ("tip", "code"),
    [((150, 50.002), "spike"), ((150, 50.4), "sharp_angle"), ((150, 60), None)],
)
def test_a_spike_is_narrow(tip: tuple[float, float], code: str | None) -> None:
    width = 2 * (tip[1] - 50)
    shape = ring((0, 0), (100, 0), (100, 50), tip, (100, 50 + width), (100, 100), (0, 100))
    found = [finding for finding in check(at(shape)) if finding.code in {"spike", "sharp_angle"}]
    assert [finding.code for finding in found] == ([code] if code else [])
    if code:
        assert found[0].location == pytest.approx((EAST + tip[0], NORTH + tip[1]))


def test_a_long_spike_is_not_cut_off_unseen() -> None:
    """400 m long and 9 mm wide: 1.8 m2, more than a repair may change."""
    shape = ring((0, 0), (100, 0), (100, 50), (500, 50.0045), (100, 50.009), (100, 100), (0, 100))
    codes = {finding.code for finding in check(at(shape))}
    assert "sharp_angle" in codes
    assert "spike" not in codes


def test_triangles_are_no_spikes() -> None:
    assert check(at(ring((0, 0), (200, 0.5), (200, 1.5)))) == []


def test_repeats_are_counted_once_per_feature() -> None:
    shape = ring((0, 0), (0, 0), (100, 0), (100, 0), (100, 0), (100, 100))
    (finding,) = check(at(square()), at(shape))
    assert (finding.code, finding.feature, finding.values["count"]) == ("repeated_point", "2", 3)
    assert finding.location == (EAST, NORTH)


def test_repeats_at_the_closing_point() -> None:
    shape = Polygon([(0, 0), (100, 0), (100, 100), (0, 0), (0, 0)])
    (finding,) = check(at(shape))
    assert (finding.code, finding.values["count"]) == ("repeated_point", 1)


def test_an_edge_of_exactly_the_limit_is_long_enough() -> None:
    assert check(at(ring((0, 0), (100, 0), (100, 0.01), (100, 100), (0, 100)))) == []
    (finding,) = check(at(ring((0, 0), (100, 0), (100, 0.009), (100, 100), (0, 100))))
    assert (finding.code, finding.values["length"]) == ("tiny_edge", "0.0090")


def test_degrees_are_measured_in_metres() -> None:
    """1e-7 degrees of latitude are 11 mm, of longitude at 36 degrees 9 mm."""
    north = Polygon([(113, 36), (113.01, 36), (113.01, 36.0000001), (113.01, 36.01), (113, 36.01)])
    east = Polygon([(113, 36), (113.01, 36), (113.0100001, 36), (113.01, 36.01), (113, 36.01)])
    assert check(north, crs=CRS(4490)) == []
    assert [finding.code for finding in check(east, crs=CRS(4490))] == ["tiny_edge"]
    assert [finding.code for finding in check(east, crs=None)] == ["tiny_edge"]


def test_lines_have_repeats_and_tiny_edges_but_no_spikes() -> None:
    line = LineString([(0, 0), (100, 0), (100, 0), (0, 0.001)])
    assert [finding.code for finding in check(at(line))] == ["repeated_point"]


SHAPES = st.lists(st.tuples(st.integers(0, 50), st.integers(0, 50)), min_size=4, max_size=9).map(Polygon)


@given(st.lists(SHAPES, min_size=1, max_size=4))
def test_paths_hold_what_shapely_holds(parts: list[Polygon]) -> None:
    geometry = np.array([at(MultiPolygon(parts)), None, at(LineString([(0, 0), (3, 4)]))], dtype=object)
    paths = flatten(geometry, plane_of(geometry, PLANE))
    assert len(paths.xy) == shapely.get_num_coordinates(geometry).sum()
    assert np.bincount(paths.owner, lengths_m(paths), 3) == pytest.approx(np.nan_to_num(shapely.length(geometry)))
    shells = [Polygon(part.exterior) for part in geometry[0].geoms]
    expected = [shell.area if shell.exterior.is_ccw else -shell.area for shell in shells]
    assert np.abs(signed_areas_m2(paths)[: len(parts)]) == pytest.approx(np.abs(expected), abs=1e-6)
    assert edges_m(paths)[~is_last(paths)].sum() == pytest.approx(lengths_m(paths).sum())


@given(st.lists(SHAPES, min_size=1, max_size=4))
def test_repeats_are_what_shapely_removes(parts: list[Polygon]) -> None:
    geometry = np.array(parts, dtype=object)
    paths = flatten(geometry, plane_of(geometry, PLANE))
    count = np.bincount(paths.owner[paths.path[repeated(paths)]], minlength=len(parts))
    for shape, removed in zip(parts, count.tolist(), strict=True):
        line = LineString(shape.exterior.coords)
        kept = shapely.get_num_coordinates(shapely.remove_repeated_points(line))
        assert removed == len(line.coords) - max(kept, 1) or kept == 2


@given(SHAPES, st.integers(0, 8))
def test_the_start_of_a_ring_makes_no_difference(shape: Polygon, turn: int) -> None:
    points = list(shape.exterior.coords)[:-1]
    turn %= len(points)
    turned = Polygon(points[turn:] + points[:turn])
    both = [
        sorted((f.code, f.location) for f in check(one) if f.code in {"spike", "sharp_angle"})
        for one in (shape, turned)
    ]
    assert both[0] == both[1]
