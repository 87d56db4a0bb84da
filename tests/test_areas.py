from __future__ import annotations

import csv
import math
from decimal import Decimal

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from pyproj import CRS, Geod
from shapely import LineString, MultiPolygon, Polygon, box

from spatial.areas import (
    adjust_to_control,
    ellipsoidal_length_m,
    official_area_m2,
    planar_area_m2,
    stored_vertex_area_m2,
)
from spatial.equal_area import reproject
from spatial.errors import DatumShiftRequiredError, InputError
from tests.shared import shared

GK38, GK37 = CRS(4526), CRS(4525)


def square(side: float) -> Polygon:
    """A square of DOMAIN 1.4: lower-left corner at 113.00 E 35.95 N."""
    return box(38409777.995, 3980456.999, 38409777.995 + side, 3980456.999 + side)


def one(function, geometry, crs) -> float:
    return float(function([geometry], crs)[0])


# DOMAIN 1.4: nominal area, official with stored vertices, densified in the plane.
SQUARES = [
    (1000.0, 999.7996, 999.7996),
    (10_000.0, 9997.9973, 9997.9973),
    (43.21 * 2000 / 3, 28800.9021, 28800.9021),
    (110 * 2000 / 3, 73318.6749, 73318.6749),
    (1e6, 999801.7274, 999801.7253),
    (1e7, 9998064.7762, 9998064.5617),
    (1e8, 99982112.6533, 99982091.1468),
    (482.28e6, 482205436.4560, 482204934.0379),
    (5e8, 499923087.5281, 499922547.4335),
]


@pytest.mark.parametrize(("nominal", "stored", "dense"), SQUARES)
def test_squares_of_domain_1_4(nominal: float, stored: float, dense: float) -> None:
    shape = square(math.sqrt(nominal))
    # The table's corner is given to the millimetre: allow what that means at the size.
    tolerance = max(0.002, nominal * 1e-9)
    assert one(stored_vertex_area_m2, shape, GK38) == pytest.approx(stored, abs=tolerance)
    assert one(official_area_m2, shape, GK38) == pytest.approx(dense, abs=tolerance)


DONUT = Polygon(
    box(38420000, 3990000, 38422000, 3992000).exterior.coords,
    [box(38420500, 3990500, 38421100, 3991000).exterior.coords],
)
CONCAVE = Polygon(
    [(37497000, 3872000), (37499500, 3872200), (37499000, 3874800), (37498200, 3873500), (37497100, 3874600)]
)
VECTORS = [
    ("TV1", GK38, box(38409778, 3980457, 38410048.8012, 3980727.8012), 73333.2899, 73318.6315, 73318.6315),
    ("TV2", GK37, CONCAVE, 4605000.0, 4604942.4866, 4604999.4920),
    (
        "TV3",
        GK38,
        Polygon([(38425100, 3985000), (38425320, 3985015), (38425300, 3985145), (38425095, 3985130)]),
        27812.5,
        27808.6796,
        27808.6675,
    ),
    ("TV4", GK38, DONUT, 3700000.0, 3999385.1319 - 299953.6508, 3699431.4466),
    ("TV5", GK38, box(38400000, 3970000, 38424000, 3990095), 482280000.0, 482187599.4633, 482187441.9193),
]


@pytest.mark.parametrize(("name", "crs", "shape", "planar", "stored", "official"), VECTORS)
def test_vectors_of_domain_1_5(name, crs, shape, planar, stored, official) -> None:
    del name
    assert one(planar_area_m2, shape, crs) == pytest.approx(planar, abs=6e-5)
    assert one(stored_vertex_area_m2, shape, crs) == pytest.approx(stored, abs=2e-4)
    assert one(official_area_m2, shape, crs) == pytest.approx(official, abs=2e-4)


@pytest.mark.parametrize(
    ("step_m", "expected"), [(1000, 4604980.6718), (500, 4604994.8431), (100, 4604999.2752), (10, 4604999.5639)]
)
def test_step_of_densification(step_m: float, expected: float) -> None:
    assert float(official_area_m2([CONCAVE], GK37, step_m=step_m)[0]) == pytest.approx(expected, abs=6e-5)


def trapezoid_m2(lat_1: float, lat_2: float, d_lon: float) -> float:
    """Formula (2) of the notice of 2008 with the constants of CGCS2000, written out by hand."""
    b = 6356752.314140356
    constants = (1.0033640898341927, 0.0011241893819271072, 1.6994594735188535e-06, 2.717857845577432e-09, 4.358419e-12)
    half, middle = math.radians(lat_2 - lat_1) / 2, math.radians(lat_1 + lat_2) / 2
    total = 0.0
    for place, constant in enumerate(constants):
        odd = 2 * place + 1
        total += (-1) ** place * constant * math.sin(odd * half) * math.cos(odd * middle)
    return 2 * b**2 * math.radians(d_lon) * total


@pytest.mark.parametrize(
    ("south", "north", "d_lon", "printed"),
    [(36.0, 36 + 2.5 / 60, 3.75 / 60, 26046550.1841), (35.0, 36.0, 1.0, 10066275204.0528)],
)
def test_trapezoids_between_parallels(south: float, north: float, d_lon: float, printed: float) -> None:
    by_formula = trapezoid_m2(south, north, d_lon)
    ours = one(official_area_m2, box(113.0, south, 113.0 + d_lon, north), CRS(4490))
    assert by_formula == pytest.approx(printed, rel=1e-11)
    assert ours == pytest.approx(by_formula, rel=1e-11)


def test_multipolygon_is_the_sum_of_its_parts() -> None:
    parts = [square(100.0), shapely.affinity.translate(square(50.0), 500)]
    whole = one(official_area_m2, MultiPolygon(parts), GK38)
    assert whole == pytest.approx(float(official_area_m2(parts, GK38).sum()), rel=1e-12)


def test_missing_is_nan_and_lines_have_no_area() -> None:
    areas = official_area_m2([None, LineString([(38409778, 3980457), (38409788, 3980457)])], GK38)
    assert math.isnan(areas[0])
    assert areas[1] == 0


def test_planar_area_is_refused_in_degrees() -> None:
    with pytest.raises(InputError, match="in degrees"):
        planar_area_m2([box(113, 36, 114, 37)], CRS(4490))


@pytest.mark.parametrize("code", [4214, 4610, 2362, 2414])
def test_other_datums_are_refused(code: int) -> None:
    with pytest.raises(DatumShiftRequiredError, match="official parameters"):
        official_area_m2([square(10.0)], CRS(code))


@given(
    st.lists(st.tuples(st.floats(0, 2000), st.floats(0, 2000)), min_size=3, max_size=8),
    st.integers(0, 20),
    st.booleans(),
)
def test_area_does_not_depend_on_start_or_orientation(points, shift, backwards) -> None:
    hull = shapely.convex_hull(shapely.multipoints(points))
    if shapely.get_dimensions(hull) < 2 or hull.area < 1:
        return
    ring = [(38420000 + x, 3990000 + y) for x, y in hull.exterior.coords[:-1]]
    start = shift % len(ring)
    turned = ring[start:] + ring[:start]
    if backwards:
        turned.reverse()
    expected, found = (one(official_area_m2, Polygon(shape), GK38) for shape in (ring, turned))
    # A double holds an easting of 38 million metres to 7e-9 m.
    assert found == pytest.approx(expected, rel=1e-9, abs=1e-4)


@given(st.floats(0.05, 0.95), st.floats(0.05, 0.95))
def test_parts_of_a_square_sum_to_it(left: float, right: float) -> None:
    """Cut across along a slanted line whose ends are corners of both parts."""
    whole = [(0, 0), (3000, 0), (3000, 3000), (0, 3000)]
    cut = [(0, left * 3000), (3000, right * 3000)]
    upper = [cut[0], cut[1], (3000, 3000), (0, 3000)]
    lower = [(0, 0), (3000, 0), cut[1], cut[0]]
    shapes = [Polygon([(38420000 + x, 3990000 + y) for x, y in ring]) for ring in (whole, upper, lower)]
    total, *parts = official_area_m2(shapes, GK38)
    assert sum(parts) == pytest.approx(total, rel=1e-9)


def test_agrees_with_geodesics() -> None:
    """Short geodesics and short straight lines are the same: PROJ's own polygon area is the judge."""
    dense = shapely.segmentize(CONCAVE, 10)
    lonlat = reproject([dense], GK37, CRS(4490))[0]
    geodesic, _ = Geod(ellps="GRS80").geometry_area_perimeter(lonlat)
    assert one(official_area_m2, CONCAVE, GK37) == pytest.approx(abs(geodesic), abs=0.1)


@pytest.mark.parametrize("name", ["planimeter2", "planimeter15"])
def test_geodesic_polygons_of_geographiclib(name: str) -> None:
    """Cases off the poles and the antimeridian; edges follow geodesics, 100 m a piece."""
    text = shared("cases", "geodesic_area", "expected.csv").read_text(encoding="utf-8")
    row = next(row for row in csv.DictReader(text.splitlines()) if row["name"] == name)
    ring = [tuple(map(float, reversed(pair.split()))) for pair in row["lat lon;..."].split(";")]
    geod = Geod(ellps="WGS84")
    points: list[tuple[float, float]] = []
    for (x1, y1), (x2, y2) in zip(ring, [*ring[1:], ring[0]], strict=True):
        count = int(geod.inv(x1, y1, x2, y2)[2] // 100)
        points.extend([(x1, y1), *geod.npts(x1, y1, x2, y2, count)])
    # The minor axis of WGS 84 is 0.1 mm longer than that of CGCS2000: 4e-11 of an area.
    found = one(stored_vertex_area_m2, Polygon(points), CRS(4326))
    assert found == pytest.approx(float(row["area_m2"]), rel=1e-10)


def test_length_of_a_meridian_degree() -> None:
    # DOMAIN 2.2: one degree of latitude at 36.05 N is 110959.928 m.
    line = LineString([(113.05, 35.55), (113.05, 36.55)])
    assert float(ellipsoidal_length_m([line], CRS(4490))[0]) == pytest.approx(110959.928, abs=0.01)


def test_lengths_of_parts_do_not_join() -> None:
    apart = shapely.MultiLineString([[(113, 36), (113, 36.01)], [(114, 36), (114, 36.01)]])
    single = LineString([(113, 36), (113, 36.01)])
    lengths = ellipsoidal_length_m([apart, single, shapely.Point(113, 36)], CRS(4490))
    assert lengths[0] == pytest.approx(2 * lengths[1], rel=1e-12)
    assert lengths[2] == 0


def test_only_lines_have_a_length() -> None:
    line, polygon = shapely.LineString([(113, 36), (113, 36.01)]), shapely.box(113, 36, 113.01, 36.01)
    both = shapely.GeometryCollection([polygon, line])
    lengths = ellipsoidal_length_m([polygon, line, both, None, polygon.boundary], CRS(4490))
    assert lengths[0] == lengths[3] == 0
    assert lengths[1] == lengths[2] > 1109
    assert lengths[4] > 3 * lengths[1]


RAW_M2 = [1234567.894, 2345678.915, 345678.906, 45678.907, 4567.898]


def test_control_area_of_domain_1_7() -> None:
    adjusted = adjust_to_control(RAW_M2, 3976170.00)
    assert adjusted == [Decimal(text) for text in ("1234567.11", "2345677.43", "345678.69", "45678.88", "4567.89")]
    assert sum(adjusted) == Decimal("3976170.00")


def test_control_area_in_hectares() -> None:
    adjusted = adjust_to_control([area / 1e4 for area in RAW_M2], 397.62)
    assert adjusted == [Decimal(text) for text in ("123.46", "234.57", "34.57", "4.57", "0.45")]


def test_discrepancy_that_is_not_rounding_is_refused() -> None:
    with pytest.raises(InputError, match="gap or an overlap"):
        adjust_to_control(RAW_M2, 3976270.00)


@pytest.mark.parametrize("bad", [[], [math.nan], [-1.0, 2.0]])
def test_areas_that_cannot_be_adjusted(bad: list[float]) -> None:
    with pytest.raises(InputError, match="must be finite"):
        adjust_to_control(bad, 1.0)


def test_control_must_be_a_multiple() -> None:
    with pytest.raises(InputError, match="not a multiple"):
        adjust_to_control([1.0], 1.001)


@given(st.lists(st.floats(1, 1e6), min_size=1, max_size=40))
def test_adjusted_areas_sum_exactly(areas: list[float]) -> None:
    control = Decimal(repr(round(math.fsum(areas), 2)))
    adjusted = adjust_to_control(areas, float(control), limit=1.0)
    assert sum(adjusted) == control
    scaled = np.array(areas) * float(control) / math.fsum(areas)
    assert np.abs(np.array([float(a) for a in adjusted]) - scaled).max() <= 0.01 + 1e-9
