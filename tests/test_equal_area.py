from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from pyproj import CRS, Geod, Transformer
from shapely import LineString, MultiPoint, Polygon, box

from spatial.crs import equal_area_crs
from spatial.equal_area import densify, reproject, to_equal_area
from spatial.errors import InputError

GK38 = CRS(4526)
EAST, NORTH = 38_420_000.0, 3_990_000.0


def test_edges_are_cut_into_equal_parts() -> None:
    line = LineString([(EAST, NORTH), (EAST + 120, NORTH)])
    xs = shapely.get_coordinates(densify([line], GK38, step_m=50)[0])[:, 0] - EAST
    assert xs.tolist() == [0, 40, 80, 120]


def test_short_edges_keep_their_vertices() -> None:
    shape = box(EAST, NORTH, EAST + 40, NORTH + 40)
    assert densify([shape], GK38)[0].equals_exact(shape, 0)


@given(st.lists(st.floats(-3000, 3000), min_size=4, max_size=4))
def test_both_directions_give_the_same_points(ends: list[float]) -> None:
    x1, y1, x2, y2 = ends
    there = LineString([(EAST + x1, NORTH + y1), (EAST + x2, NORTH + y2)])
    forth, back = densify([there, there.reverse()], GK38)
    assert shapely.get_coordinates(forth).tolist() == shapely.get_coordinates(back)[::-1].tolist()


def test_tiles_still_tile() -> None:
    """A slanted border shared by two polygons leaves neither gap nor overlap."""
    left = Polygon([(EAST, NORTH), (EAST + 1000, NORTH), (EAST + 1337, NORTH + 2011), (EAST, NORTH + 2011)])
    right = Polygon(
        [(EAST + 1000, NORTH), (EAST + 2000, NORTH), (EAST + 2000, NORTH + 2011), (EAST + 1337, NORTH + 2011)]
    )
    first, second = to_equal_area([left, right], GK38)
    assert shapely.area(shapely.intersection(first, second)) == 0
    assert shapely.get_num_geometries(shapely.union(first, second)) == 1
    assert shapely.get_num_interior_rings(shapely.union(first, second)) == 0


def test_degrees_are_cut_by_length_on_the_ellipsoid() -> None:
    line = LineString([(113.0, 36.0), (113.01, 36.005)])
    length = Geod(ellps="GRS80").geometry_length(line)
    parts = len(shapely.get_coordinates(densify([line], CRS(4490), step_m=50)[0])) - 1
    assert parts in {int(np.ceil(length / 50)), int(np.ceil(length / 50)) + 1}


def test_missing_empty_points_and_heights() -> None:
    shapes = [None, Polygon(), MultiPoint([(EAST, NORTH)]), shapely.Point(EAST, NORTH, 950)]
    none, empty, points, point = to_equal_area(shapes, GK38)
    assert none is None
    assert shapely.is_empty(empty)
    assert shapely.get_num_geometries(points) == 1
    assert not shapely.has_z(point)


def test_collections_are_refused() -> None:
    with pytest.raises(InputError, match="geometry collections"):
        densify([shapely.GeometryCollection([shapely.Point(EAST, NORTH)])], GK38)


# DOMAIN 2.2: longitude, latitude and the planes, x east first.
@pytest.mark.parametrize(
    ("lon", "lat", "code", "x", "y"),
    [
        (113.05, 36.05, 4526, 38414397.3820, 3991508.3017),
        (113.05, 36.05, 4525, 37684731.0354, 3993035.9534),
        (113.05, 36.05, 4547, 414397.3820, 3991508.3017),
        (113.05, 36.05, 32649, 684657.1430, 3991438.7391),
        (113.05, 36.05, 3857, 12584668.4342, 4307503.4778),
        (110.99, 35.02, 4525, 37499087.3405, 3876811.7624),
        (110.99, 35.02, 32649, 499087.7055, 3875261.0378),
    ],
)
def test_points_of_domain_2_2(lon: float, lat: float, code: int, x: float, y: float) -> None:
    moved = reproject([shapely.Point(lon, lat)], CRS(4490), CRS(code))[0]
    assert (moved.x, moved.y) == (pytest.approx(x, abs=6e-5), pytest.approx(y, abs=6e-5))


def test_the_plane_is_proj_s_own() -> None:
    """The same point by PROJ's cylindrical equal-area from a PROJ string."""
    proj = Transformer.from_crs(CRS(4490), CRS("+proj=cea +lat_ts=36 +lon_0=112 +ellps=GRS80"), always_xy=True)
    ours = reproject([shapely.Point(113.05, 36.05)], CRS(4490), equal_area_crs())[0]
    assert (ours.x, ours.y) == pytest.approx(proj.transform(113.05, 36.05), abs=1e-6)


@given(st.floats(110.5, 115.5), st.floats(34, 38))
def test_there_and_back(lon: float, lat: float) -> None:
    start = shapely.Point(lon, lat)
    back = reproject(reproject([start], CRS(4490), equal_area_crs()), equal_area_crs(), CRS(4490))[0]
    assert (back.x, back.y) == pytest.approx((lon, lat), abs=1e-11)
