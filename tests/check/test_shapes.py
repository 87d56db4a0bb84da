"""Whole features: what is missing, invalid, flat or thin, against GEOS's own verdict."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from pyproj import CRS
from shapely import MultiPolygon, Point, Polygon, box

from spatial.check.cleaning import is_flat, readings_of
from spatial.check.layer import check_layer
from spatial.check.paths import flatten
from spatial.check.plane import plane_of
from spatial.check.shapes import check_flat, check_orientation, check_slivers, check_validity
from tests.check.test_repair import rough
from tests.traps.shapes import EAST, NORTH, SHAPES, TURNED_HOLE, at, ring, square

PLANE = CRS("EPSG:4526")


def array(*shapes: shapely.Geometry | None) -> np.ndarray:
    result = np.empty(len(shapes), dtype=object)
    result[:] = shapes
    return result


def validity(*shapes: shapely.Geometry) -> list:
    geometry = array(*shapes)
    names = [str(row + 1) for row in range(len(shapes))]
    return check_validity(geometry, plane_of(geometry, PLANE), "a", names)


def slivers(*shapes: shapely.Geometry) -> list:
    geometry = array(*shapes)
    names = [str(row + 1) for row in range(len(shapes))]
    return check_slivers(flatten(geometry, plane_of(geometry, PLANE)), "a", names)


def test_a_bow_tie_by_hand() -> None:
    """Corners of a 100 m square in the wrong order cross in its middle, and enclose two triangles of 2500 m2."""
    (finding,) = validity(at(SHAPES["self_intersection"][0]))
    assert finding.code == "self_intersection"
    assert finding.location == (EAST + 50, NORTH + 50)
    shape = SHAPES["self_intersection"][0]
    readings = readings_of(shape, plane_of(array(shape), None))
    assert (readings.stored, readings.outlines, readings.alternating) == (0.0, 5000.0, 5000.0)


def test_overlapping_parts_are_read_in_three_ways() -> None:
    """Two squares of 100 m, 50 m apart: 20000 added, 15000 joined, 10000 where each counts alone."""
    shape = MultiPolygon([square(), square(50, 0)])
    readings = readings_of(shape, plane_of(array(shape), None))
    assert (readings.stored, readings.outlines, readings.alternating) == pytest.approx((20_000, 15_000, 10_000))


@given(st.integers(0, 10_000))
def test_what_geos_calls_invalid_has_a_finding_and_the_rest_has_none(number: int) -> None:
    shape = at(rough(number))
    geometry = array(shape)
    plane = plane_of(geometry, PLANE)

    codes = {f.code for f in check_layer(gpd.GeoDataFrame(geometry=geometry, crs=PLANE), "a", ["1"], crs=PLANE)}
    said = {"self_intersection", "hole_misplaced", "parts_overlap", "interior_disconnected", "invalid_other"}
    said |= {"self_touch", "small_crossing"}
    # A spike or a flat ring may be all that makes it invalid: then that is the finding.
    others = {"spike", "zero_area_ring", "zero_area_feature", "repeated_point"}
    if shape.is_valid:
        assert not said & codes
    else:
        assert (said | others) & codes
    assert plane.is_official


def test_a_flat_ring_and_a_bow_tie_are_told_apart() -> None:
    plane = plane_of(array(at(square())), PLANE)
    flat = np.array(at(ring((0, 0), (50, 0), (100, 0))).exterior.coords)
    tie = np.array(at(SHAPES["self_intersection"][0]).exterior.coords)
    assert is_flat(flat, plane)
    assert not is_flat(tie, plane)


def test_a_polygon_that_is_all_flat_is_not_looked_at_further() -> None:
    geometry = array(at(ring((0, 0), (50, 0.0), (100, 0))), at(square()))
    sound = check_flat(geometry, plane_of(geometry, PLANE), "a", ["1", "2"])
    assert [finding.code for finding in sound.findings] == ["zero_area_feature"]
    assert shapely.is_missing(sound.geometry).tolist() == [True, False]


@pytest.mark.parametrize(
    ("shape", "is_sliver"),
    [
        (box(0, 0, 100, 0.4), True),  # 0.398 m wide, thinness 0.0125
        (box(0, 0, 100, 0.6), False),  # a ditch
        (box(0, 0, 5, 0.45), False),  # narrow but not thin: 0.95 / 29.7 = 0.24
        (box(0, 0, 0.9, 0.9), True),  # 0.81 m2
        (box(0, 0, 10_000, 6), False),  # a road
    ],
)
def test_slivers_are_narrow_and_thin_or_tiny(shape: Polygon, is_sliver: bool) -> None:
    assert bool(slivers(at(shape))) is is_sliver


def test_orientation_is_counted_by_layer_and_holes_by_feature() -> None:
    geometry = array(at(shapely.reverse(square())), at(TURNED_HOLE), at(Point(0, 0)), at(square()))
    plane = plane_of(geometry, PLANE)
    found = check_orientation(flatten(geometry, plane), "a", ["1", "2", "3", "4"])
    assert [(finding.code, finding.feature) for finding in found] == [
        ("hole_orientation", "2"),
        ("orientation_mixed", "1"),
    ]
    assert found[1].values == {"left": 2, "right": 1}


@given(st.integers(0, 10_000), st.booleans())
def test_orientation_changes_no_other_finding(number: int, turned: bool) -> None:
    shape = at(rough(number))
    one, other = validity(shape), validity(shapely.reverse(shape) if turned else shape)
    assert [finding.code for finding in one] == [finding.code for finding in other]
