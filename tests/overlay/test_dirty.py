"""Dirty outlines through every overlay: GEOS keeps its exceptions, parts close, areas are those of the repaired shape."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from pyproj import CRS
from shapely import Polygon

from spatial.change.compare import Edition, change_between
from spatial.coverage import Partition, cover
from spatial.errors import InputError
from spatial.overlay import ZoneIndex, closure, merge_by_project, net_parts, robust
from spatial.overlay.places import Claims, places
from spatial.surroundings import measures as surroundings
from tests.overlay import dirty
from tests.overlay.shapes import ROUNDING_M, near_origin, seeds

DISTRICT = np.array([dirty.at(shapely.box(-10, -10, 160, 110))])
HALVES = np.array([dirty.at(shapely.box(-10, -10, 55, 110)), dirty.at(shapely.box(55, -10, 160, 110))])
PLANE = CRS(4526)
#: Outlines of these shapes are up to some 2,000 m long.
ERROR_M2 = 2000 * ROUNDING_M
#: Where edges nearly coincide GEOS moves them by 1e-12 of their coordinates, here 4.6e-6 m.
SNAPPED_M2 = 4.6e-6 * 100


def matrix(pairs, areas, shape):
    found = np.zeros(shape)
    found[pairs.project, pairs.zone] = areas
    return found


def judged(left, right):
    one, other = near_origin(left), near_origin(right)
    found = np.zeros((len(left), len(right)))
    for row, geometry in enumerate(one):
        found[row] = np.nan_to_num(shapely.area(robust.intersection(np.repeat(geometry, len(other)), other)))
    return found


def assert_overlays_agree(shapes):
    """Of repaired shapes, by pairs: both engines, the sweep, and GEOS near the origin."""
    expected, size = judged(shapes, shapes), (len(shapes),) * 2
    index = ZoneIndex(shapes, max_vertices=10)
    pairs, pieces = index.areas(shapes), index.pieces(shapes)
    assert matrix(pairs, pairs.area_m2, size) == pytest.approx(expected, rel=1e-9, abs=ERROR_M2)
    assert matrix(pieces, shapely.area(pieces.geometry), size) == pytest.approx(expected, rel=1e-9, abs=SNAPPED_M2)
    for start in range(0, len(shapes), 64):
        own = shapes[start : start + 64]
        found = places(Claims(own, np.arange(len(own))), max_vertices=10)
        bits = (found.statuses[:, None] >> np.arange(len(own), dtype=np.uint64) & np.uint64(1)).astype(float)
        swept = (bits * found.area_m2[:, None]).T @ bits
        here = slice(start, start + 64)
        assert swept == pytest.approx(expected[here, here], rel=1e-9, abs=ERROR_M2)


def test_repaired_shapes_agree_with_the_judge():
    assert_overlays_agree(robust.sound(dirty.every()))


@settings(max_examples=25)
@given(seeds)
def test_repaired_tangles_agree_with_the_judge(seed):
    assert_overlays_agree(robust.sound(dirty.tangles(np.random.default_rng(seed), 12)))


def assert_raw_shapes_close(shapes):
    index = ZoneIndex(shapes, max_vertices=10)
    assert np.isfinite(index.areas(shapes).area_m2).all()
    pieces = index.pieces(shapes)
    merged = merge_by_project(pieces, len(shapes))
    assert np.isfinite(shapely.area(merged)).all()
    sound = robust.sound(shapes)
    for number in range(0, len(shapes), 5):
        whole = sound[number]
        if whole is None or whole.is_empty:
            continue
        net, rest = net_parts(whole, list(pieces.geometry[pieces.project == number]))
        error = ROUNDING_M * (whole.length + sum(part.length for part in net))
        found = closure(whole.area, [part.area for part in net] + [rest.area])
        assert abs(found.difference) <= 1e-9 * whole.area + error, shapes[number]


def test_raw_shapes_bring_no_exception_of_geos_and_close():
    assert_raw_shapes_close(dirty.every())


@settings(max_examples=5)
@given(seeds)
def test_raw_tangles_bring_no_exception_of_geos_and_close(seed):
    assert_raw_shapes_close(dirty.tangles(np.random.default_rng(seed), 12))


def assert_covered(shapes):
    """Coverage of raw shapes against plain union and intersection of the repaired ones, unit by unit."""
    half = len(shapes) // 2
    found = cover(
        {"ECO_RED": shapes[:half], "SCENIC": shapes[half:]},
        [Partition("HALF", ("W", "E"), HALVES, np.arange(2))],
        DISTRICT,
    )
    units = found.by_unit().set_index("HALF")
    sound = near_origin(robust.sound(shapes))
    union = robust.union(sound)
    for name, half_of in zip(("W", "E"), near_origin(HALVES), strict=True):
        row = units.loc[name]
        assert row["covered_m2"] + row["uncovered_m2"] == pytest.approx(half_of.area, rel=1e-9)
        assert row["covered_m2"] == pytest.approx(union.intersection(half_of).area, rel=1e-9, abs=ERROR_M2)
    roles = found.by_role(()).set_index("role")["area_m2"]
    for role, own in (("ECO_RED", sound[:half]), ("SCENIC", sound[half:])):
        expected = robust.union(own).intersection(near_origin(DISTRICT)[0]).area
        assert roles[role] == pytest.approx(expected, rel=1e-9, abs=ERROR_M2)


def test_coverage_of_raw_shapes_is_that_of_the_repaired_ones():
    assert_covered(dirty.every())


@pytest.mark.parametrize("name", dirty.NEAR)
def test_coverage_by_each_raw_shape(name):
    assert_covered(np.array([dirty.named()[name], None, None], dtype=object)[:2])


@settings(max_examples=25)
@given(seeds)
def test_coverage_by_raw_tangles(seed):
    assert_covered(dirty.tangles(np.random.default_rng(seed), 12))


@pytest.mark.parametrize("name", dirty.NEAR)
def test_a_dirty_district_and_dirty_units_close(name):
    shape = dirty.named()[name]
    district = np.array([shape], dtype=object)
    area = np.nan_to_num(shapely.area(robust.sound(near_origin(district)))[0])
    units = Partition("U", ("a", "b"), np.array([shape, HALVES[0]], dtype=object), np.arange(2))
    if area == 0.0:
        with pytest.raises(InputError, match="do not close"):
            cover({"ECO_RED": HALVES[:1]}, [units], district)
        return
    found = cover({"ECO_RED": HALVES[:1]}, [units], district)
    table = found.by_unit()
    assert (table["covered_m2"] + table["uncovered_m2"]).to_numpy() == pytest.approx(table["area_m2"], rel=1e-9)
    assert found.district_m2 == pytest.approx(area, rel=1e-9, abs=ERROR_M2)
    # The first unit is the district itself, so nothing is left for the second.
    assert table.set_index("U")["area_m2"].to_dict() == {"a": pytest.approx(area, rel=1e-9, abs=ERROR_M2)}


def edition(name, geometry):
    return Edition(name, geometry, tuple(map(str, range(len(geometry)))), pd.DataFrame(index=range(len(geometry))))


@pytest.mark.parametrize("name", dirty.NEAR)
def test_change_to_and_from_a_raw_shape_closes(name):
    shape, square = np.array([dirty.named()[name]], dtype=object), DISTRICT[:1]
    area = np.nan_to_num(shapely.area(robust.sound(shape))[0])
    for old, new in ((shape, square), (square, shape), (shape, shape)):
        found = change_between(edition("1", old), edition("2", new), PLANE, 1.0)
        sums = found.totals().set_index("kind")["area_m2"]
        assert sums["kept"] == pytest.approx(area, rel=1e-9, abs=ERROR_M2)
        assert sums["kept"] + sums["removed"] == pytest.approx(found.old_m2, rel=1e-9, abs=ERROR_M2)
        assert sums["kept"] + sums["added"] == pytest.approx(found.new_m2, rel=1e-9, abs=ERROR_M2)


def in_plane(shapes):
    return shapely.transform(
        shapes, lambda xy: xy - dirty.at(shapely.Point(0, 0)).coords[0] + (38_410_000.0, 3_980_000.0)
    )


@pytest.mark.parametrize("name", dirty.NEAR)
def test_surroundings_of_raw_shapes(name):
    shape = in_plane(np.array([dirty.named()[name]], dtype=object))
    others = in_plane(dirty.every())
    rings = surroundings.bands(shape, [5, 20])
    assert np.isfinite(shapely.area(rings)).all()
    table = surroundings.exposure(shape, others, [50.0], PLANE)
    assert (table["inside_m2"] >= 0).all()
    assert np.isfinite(surroundings.fence_length_m(shape, others, PLANE))


def test_exposure_to_a_source_that_also_touches_counts_its_polygon():
    """The intersection is a collection: a square and a stretch of border."""
    zone = shapely.union_all([shapely.box(0, 0, 10, 10), shapely.box(10, 0, 20, 5)])
    source = shapely.union_all([shapely.box(5, 5, 20, 8), shapely.box(18, 5, 20, 8)])
    assert shapely.intersection(zone, source).geom_type == "GeometryCollection"
    both = shapely.transform(np.array([zone, source]), lambda xy: np.add(xy, (38_410_000.0, 3_980_000.0)))
    table = surroundings.exposure(both[:1], both[1:], [50.0], PLANE)
    assert table["inside_m2"].tolist() == [pytest.approx(15.0, rel=1e-3)]


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_coordinates_that_are_no_numbers_are_refused_by_name(bad):
    with np.errstate(invalid="ignore"):
        broken = np.array([None, DISTRICT[0], Polygon([(0, 0), (9, bad), (9, 9)])], dtype=object)
    for refused in (
        lambda: ZoneIndex(broken),
        lambda: ZoneIndex(DISTRICT).areas(broken),
        lambda: ZoneIndex(DISTRICT).pieces(broken),
        lambda: places(Claims(broken, np.arange(3))),
        lambda: cover({"ECO_RED": broken}, [], DISTRICT),
        lambda: change_between(edition("1", DISTRICT), edition("2", broken), PLANE, 1.0),
    ):
        with pytest.raises(ValueError, match="geometry 2 has a coordinate that is not finite"):
            refused()
