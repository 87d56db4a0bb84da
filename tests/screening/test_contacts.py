"""Where shapes and zones meet: borders, lines, points, near-misses; figures by hand and by plain shapely."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import CRS

from spatial.roles import roles
from spatial.screening.contacts import RoleContacts, Zones, find_contacts
from spatial.screening.result import Project
from spatial.screening.sites import prepare_sites
from tests.small import EAST, NORTH, at, point

PLANE = CRS(4526)
DISTRICT = at(0, 0, 10_000, 10_000)
NEAR_M = 30.0
#: At 90 km from the central meridian a metre of the plane is this many metres of the ellipsoid.
SCALE = 2e-4


def zones(*shapes, role: str = "WS2") -> Zones:
    names = tuple(str(number) for number in range(len(shapes)))
    return Zones(roles()[role], np.array(shapes, dtype=object), names, ("l",), ("2024",), illustrative=False)


def project(shape, width_m: float | None = None) -> Project:
    kind = ("point", "line", "polygon")[int(shapely.get_dimensions(shape))]
    wide = shape.buffer(width_m / 2, cap_style="flat") if width_m else shape
    line = shape if kind == "line" else None
    return Project("1", "", "LIN", "new", "no", kind, "given", wide, line=line, width_m=width_m)


def contacts(shapes: list, *places, width_m: float | None = None, role: str = "WS2") -> RoleContacts:
    sites = prepare_sites([project(shape, width_m) for shape in shapes], DISTRICT, PLANE)
    return find_contacts(sites, zones(*places, role=role), PLANE, NEAR_M)


def line(*corners: tuple[float, float]) -> shapely.LineString:
    return shapely.LineString([(EAST + x, NORTH + y) for x, y in corners])


def turned(shape, degrees: float):
    """Turn a shape about the middle of the test area: borders then run through odd coordinates."""
    return shapely.affinity.rotate(shape, degrees, origin=(EAST + 500, NORTH + 500))


TURNS = pytest.mark.parametrize("degrees", [0.0, 13.7, 90.0, 201.3])


@TURNS
def test_a_line_that_ends_on_a_border_only_touches(degrees: float) -> None:
    site, zone = turned(line((500, 550), (600, 550)), degrees), turned(at(600, 500, 100, 100), degrees)
    found = contacts([site], zone)
    assert found.touching == {}
    assert found.near[0] == (pytest.approx(0, abs=1e-6), ("0",))


@TURNS
def test_a_line_along_a_border_only_touches(degrees: float) -> None:
    """50 m along the zone's side, with vertices of its own; also when it runs on past both corners."""
    for site in (line((600, 520), (600, 570)), line((600, 400), (600, 533), (600, 800))):
        found = contacts([turned(site, degrees)], turned(at(600, 500, 100, 100), degrees))
        assert found.touching == {}
        assert found.near[0] == (pytest.approx(0, abs=1e-6), ("0",))


@TURNS
def test_a_line_that_turns_in_counts_from_where_it_turns(degrees: float) -> None:
    """60 m along the border, then 40 m into the zone."""
    site = turned(line((600, 510), (600, 570), (640, 570)), degrees)
    contact = contacts([site], turned(at(600, 500, 100, 100), degrees)).touching[0]
    assert contact.gross_length_m == pytest.approx(40, rel=SCALE, abs=0.02)


@TURNS
def test_a_crossing_is_cut_at_the_border_itself(degrees: float) -> None:
    """At right angles and at three degrees: 100 m, and 100 m / cos 3 degrees."""
    slanting = 100 * np.tan(np.radians(3))
    for end in (550, 550 + slanting):
        site = turned(line((550, 550 - (end - 550) / 2), (750, end + (end - 550) / 2)), degrees)
        contact = contacts([site], turned(at(600, 500, 100, 100), degrees)).touching[0]
        assert contact.gross_length_m == pytest.approx(np.hypot(100, end - 550), rel=SCALE)


@TURNS
def test_a_line_along_the_joint_of_two_tiles_is_inside(degrees: float) -> None:
    """The tiles' common side has other vertices on each side of it."""
    left, right = at(500, 500, 100, 100), shapely.union(at(600, 500, 100, 33), at(600, 533, 100, 67))
    tiles = [turned(left, degrees), turned(right, degrees)]
    contact = contacts([turned(line((600, 450), (600, 550)), degrees)], *tiles).touching[0]
    assert contact.gross_length_m == pytest.approx(50, rel=SCALE)
    assert contacts([turned(point(600, 560), degrees)], *tiles).touching[0].names == ("0", "1")


@TURNS
def test_a_point_on_a_border_touches_and_one_inside_is_in(degrees: float) -> None:
    zone = turned(at(600, 500, 100, 100), degrees)
    found = contacts([turned(point(600, 550), degrees), turned(point(600.02, 550), degrees)], zone)
    assert list(found.touching) == [1]
    assert found.near[0] == (pytest.approx(0, abs=1e-6), ("0",))


def test_of_several_points_those_on_the_border_are_out() -> None:
    site = shapely.union_all([point(600, 550), point(650, 550), point(400, 550)])
    contact = contacts([site], at(600, 500, 100, 100)).touching[0]
    assert len(shapely.get_parts(contact.geometry)) == 1


def test_a_zone_only_touched_is_not_named_beside_one_that_is_entered() -> None:
    site = line((550, 550), (600, 550), (600, 580))
    contact = contacts([site], at(500, 500, 60, 100), at(600, 500, 100, 100)).touching[0]
    assert contact.names == ("0",)
    assert contact.gross_length_m == pytest.approx(10, rel=SCALE)


def test_the_centre_line_of_a_wide_line_has_a_length_of_its_own() -> None:
    """A road 10 m wide with its edge 3 m inside the zone: area, but its centre line stays out."""
    found = contacts([line((500, 498), (600, 498))], at(500, 500, 100, 100), width_m=10.0)
    assert found.touching[0].gross_area_m2 == pytest.approx(300, rel=2 * SCALE)
    assert found.touching[0].gross_length_m == 0
    found = contacts([line((500, 520), (700, 520))], at(500, 500, 100, 100), width_m=10.0)
    assert found.touching[0].gross_area_m2 == pytest.approx(1000, rel=2 * SCALE)
    assert found.touching[0].gross_length_m == pytest.approx(100, rel=SCALE)


def test_near_goes_on_beside_noise_and_stops_at_occupation() -> None:
    """0.5 m2 in one zone, another 20 m away: the other is near; so it is not beside 500 m2."""
    other = at(120, 0, 10, 10)
    noise = contacts([at(0, 0, 100, 50)], at(-99.99, 0, 100, 50), other)
    assert noise.touching[0].noise
    assert noise.touching[0].names == ("0",)
    assert noise.near[0] == (pytest.approx(20), ("1",))
    real = contacts([at(0, 0, 100, 50)], at(-90, 0, 100, 50), other)
    assert not real.touching[0].noise
    assert real.near == {}


def test_a_site_wholly_in_a_zone_is_its_own_overlap() -> None:
    contact = contacts([at(100, 100, 0.9, 0.9)], at(0, 0, 500, 500)).touching[0]
    assert not contact.noise
    assert contact.gross_area_m2 == pytest.approx(0.81, rel=2 * SCALE)


def star(values: list[float], x: float, y: float) -> shapely.Polygon:
    angles = np.linspace(0, 2 * np.pi, len(values), endpoint=False)
    return shapely.Polygon(
        [(EAST + x + r * np.cos(a), NORTH + y + r * np.sin(a)) for r, a in zip(values, angles, strict=True)]
    )


RADII = st.lists(st.floats(5, 60), min_size=3, max_size=9)
PLACES = st.floats(300, 700)
STARS = st.builds(star, RADII, PLACES, PLACES)
SITES = st.one_of(
    STARS,
    st.builds(point, PLACES, PLACES),
    st.builds(lambda *ends: line(ends[:2], ends[2:]), PLACES, PLACES, PLACES, PLACES).filter(lambda it: it.length > 1),
)


@settings(max_examples=60)
@given(st.lists(SITES, min_size=1, max_size=4), st.lists(STARS, min_size=1, max_size=6))
def test_near_zones_are_those_of_plain_shapely(shapes, places) -> None:
    found = contacts(shapes, *places)
    for number, shape in enumerate(shapes):
        apart = {str(zone): shape.distance(place) for zone, place in enumerate(places)}
        if number in found.touching:
            assert min(apart.values()) == 0
            continue
        expected = {name: distance for name, distance in apart.items() if distance <= NEAR_M}
        distance, names = found.near.get(number, (None, ()))
        assert set(names) == set(expected)
        assert [expected[name] for name in names] == sorted(expected.values())
        assert distance == (min(expected.values()) if expected else None)


@settings(max_examples=40)
@given(st.lists(SITES, min_size=2, max_size=4), st.lists(STARS, min_size=2, max_size=6), st.randoms())
def test_neither_the_order_of_projects_nor_of_zones_matters(shapes, places, random) -> None:
    found = contacts(shapes, *places)
    order, zone_order = list(range(len(shapes))), list(range(len(places)))
    random.shuffle(order)
    random.shuffle(zone_order)
    again = contacts([shapes[n] for n in order], *[places[n] for n in zone_order])
    for place, number in enumerate(order):
        assert (place in again.touching) == (number in found.touching)
        if place in again.touching:
            first, second = found.touching[number], again.touching[place]
            assert second.gross_area_m2 == pytest.approx(first.gross_area_m2, rel=1e-9, abs=1e-6)
            assert second.gross_length_m == pytest.approx(first.gross_length_m, rel=1e-9, abs=1e-6)
            assert second.noise == first.noise
        assert again.near.get(place, (None,))[0] == found.near.get(number, (None,))[0]


@settings(max_examples=40)
@given(SITES.filter(lambda shape: shape.geom_type == "LineString"), st.lists(STARS, min_size=1, max_size=4))
def test_lengths_inside_are_those_of_plain_shapely(shape, places) -> None:
    """Random lines cross borders and do not run along them."""
    inside = shapely.intersection(shape, shapely.union_all(places)).length
    found = contacts([shape], *places).touching
    assert (found[0].gross_length_m if found else 0.0) == pytest.approx(inside, rel=2 * SCALE, abs=0.006)
