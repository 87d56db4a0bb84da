"""Screening on boxes whose figures can be worked out by hand, and what must hold for any shape."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import CRS

from spatial.areas import official_area_m2
from spatial.equal_area import to_equal_area
from spatial.errors import InputError
from spatial.overlay import share_out
from spatial.roles import roles
from spatial.screening.contacts import Zones
from spatial.screening.result import Project, ProjectResult, Verdict
from spatial.screening.rule_files import load_rule_book
from spatial.screening.screen import Ground, Terms, screen
from tests.small import EAST, NORTH, at, point

PLANE = CRS(4526)
TERMS = Terms(load_rule_book(), dt.date(2026, 11, 21), 30.0, 500.0)
DISTRICT = at(0, 0, 10_000, 10_000)
ALL_OTHERS = frozenset(role for role in roles() if roles()[role].kind == "zone")


def ground(zones: dict[str, list], *, absent: frozenset[str] = frozenset()) -> Ground:
    loaded = {
        role: Zones(
            roles()[role],
            np.array(shapes, dtype=object),
            tuple(f"{role}-{n}" for n in range(len(shapes))),
            ("l",),
            ("2024",),
            illustrative=False,
        )
        for role, shapes in zones.items()
    }
    receptors = np.array([point(600, 50), point(50, 2000)], dtype=object)
    return Ground(PLANE, DISTRICT, loaded, absent, (receptors, ("学校", "医院"), ("school", "hospital")))


def project(shape, nature: str = "WWTP", **facts) -> Project:
    kind = {0: "point", 1: "line", 2: "polygon"}[int(shapely.get_dimensions(shape))] if shape is not None else "none"
    location = "given" if shape is not None else "needed"
    base = Project("1", "甲", nature, "new", "no", kind, location, shape, line=shape if kind == "line" else None)
    return replace(base, **facts)


def one(shape, zones, **facts) -> ProjectResult:
    return screen([project(shape, **facts)], ground(zones), TERMS)[0]


def row(result: ProjectResult, role: str):
    return next(row for row in result.rows if row.role == role)


def official(shape) -> float:
    return float(official_area_m2([shape], PLANE)[0])


def test_overlapping_zones_of_a_role_count_once() -> None:
    """Two zones 0-60 and 40-100 m cover a site of 100 m x 50 m once, not 1.2 times."""
    found = one(at(0, 0, 100, 50), {"WS2": [at(0, 0, 60, 50), at(40, 0, 60, 50)]})
    assert row(found, "WS2").gross_area_m2 == pytest.approx(official(at(0, 0, 100, 50)), rel=1e-6)
    assert row(found, "WS2").gross_share_pct == pytest.approx(100)
    assert row(found, "WS2").zone_names == ("WS2-0", "WS2-1")


def test_the_strictest_zone_takes_the_place() -> None:
    """PBF (X for WWTP) covers the left 30 m, UDB_OUT (C) everything: net 30 and 70 m."""
    found = one(at(0, 0, 100, 50), {"UDB_OUT": [at(-10, -10, 500, 500)], "PBF": [at(0, 0, 30, 50)]})
    assert [r.role for r in found.rows if r.status == "contact"] == ["PBF", "UDB_OUT"]
    assert row(found, "PBF").net_share_pct == pytest.approx(30, abs=1e-4)
    assert row(found, "UDB_OUT").net_share_pct == pytest.approx(70, abs=1e-4)
    assert row(found, "UDB_OUT").gross_share_pct == pytest.approx(100)
    assert found.verdict == Verdict.PROHIBITED
    assert found.closure is not None
    assert found.closure.relative < 1e-9


def test_ties_are_broken_by_the_order_of_roles() -> None:
    """WS1 and PBF both prohibit: PBF stands first in the table."""
    found = one(at(0, 0, 100, 50), {"WS1": [at(0, 0, 100, 50)], "PBF": [at(0, 0, 100, 50)]})
    assert row(found, "PBF").net_share_pct == pytest.approx(100)
    assert row(found, "WS1").net_share_pct == pytest.approx(0, abs=1e-9)


def test_what_lies_outside_the_district_is_not_assessed() -> None:
    found = one(at(-40, 0, 100, 50), {"PBF": [at(-100, 0, 110, 50)]})
    # Edges of another length are cut at other points: a few tenths of a square centimetre per 100 m.
    assert found.outside_m2 == pytest.approx(official(at(-40, 0, 40, 50)), rel=1e-6)
    assert row(found, "PBF").gross_area_m2 == pytest.approx(official(at(0, 0, 10, 50)), rel=1e-6)
    assert found.free_m2 == pytest.approx(official(at(10, 0, 50, 50)), rel=1e-6)


def test_noise_is_listed_apart() -> None:
    """0.5 m2 in a source zone: noise; in farmland: manual review, neither dismissed nor prohibited."""
    zones = {"WS2": [at(0, 0, 0.01, 50)], "PBF": [at(99.99, 0, 50, 50)]}
    found = one(at(0, 0, 100, 50), zones)
    assert (row(found, "WS2").status, row(found, "WS2").verdict) == ("noise", "P")
    assert (row(found, "PBF").status, row(found, "PBF").verdict) == ("contact", "R")
    assert "survey" in row(found, "PBF").reason[0].say("en")
    assert row(found, "WS2").sliver_count == 1
    assert row(found, "WS2").net_area_m2 is None
    assert found.verdict == Verdict.REVIEW


@pytest.mark.parametrize("place", [at(100, 7, 70, 1000), at(-999, -13, 999, 1234)])
def test_a_shared_border_is_no_contact(place) -> None:
    """Neighbours whose border has other vertices: cutting the edges must not make an overlap."""
    found = one(at(0, 0, 100, 333), {"PBF": [place]})
    assert [(r.status, r.distance_m) for r in found.rows if r.role == "PBF"] == [("near", 0.0)]
    assert found.free_m2 == pytest.approx(found.official_area_m2, rel=1e-8)


@pytest.mark.parametrize(("gap", "near"), [(29.0, True), (31.0, False)])
def test_near_misses(gap: float, near: bool) -> None:
    found = one(at(0, 0, 100, 50), {"WS2": [at(100 + gap, 0, 10, 10)]})
    rows = [r for r in found.rows if r.status == "near"]
    assert bool(rows) is near
    if near:
        assert rows[0].distance_m == pytest.approx(gap)
        assert rows[0].verdict == Verdict.PROHIBITED
    assert found.verdict == Verdict.UNDETERMINED


def test_a_role_near_which_all_is_permitted_is_clear() -> None:
    """Farming near farmland: no warning, but the role must not vanish."""
    found = one(at(0, 0, 100, 50), {"PBF": [at(110, 0, 50, 50)]}, nature="AGR", status="existing")
    assert [r.role for r in found.rows if r.role == "PBF"] == []
    assert "PBF" in found.clear_roles


def test_beside_noise_the_next_zone_is_near() -> None:
    found = one(at(0, 0, 100, 50), {"WS2": [at(-49.99, 0, 50, 50), at(120, 0, 50, 50)]})
    assert [(r.status, r.verdict, r.zone_names) for r in found.rows if r.role == "WS2"] == [
        ("noise", "P", ("WS2-0",)),
        ("near", "X", ("WS2-1",)),
    ]
    assert "WS2" not in found.clear_roles


def test_a_whole_project_is_never_noise() -> None:
    """0.81 m2, below the limit of 1 m2, wholly inside a level-1 zone."""
    found = one(at(10, 10, 0.9, 0.9), {"WS1": [at(0, 0, 100, 100)]}, nature="IND")
    assert (row(found, "WS1").status, found.verdict) == ("contact", "X")


def test_a_sliver_of_farmland_keeps_rules_and_documents_of_the_full_contact() -> None:
    """DOMAIN 4.16 R2: 5 m2 are manual review by survey, 50 m2 are prohibited."""
    sliver, full = (
        one(at(0, 0, 270.77, 270.77), {"PBF": [at(270.77 - width, 0, 50, 270.77)]}) for width in (0.0185, 0.185)
    )
    assert row(sliver, "PBF").gross_area_m2 == pytest.approx(5, abs=0.1)
    assert (row(sliver, "PBF").verdict, row(full, "PBF").verdict) == ("R", "X")
    assert row(sliver, "PBF").rules == row(full, "PBF").rules != ()
    assert row(sliver, "PBF").documents == row(full, "PBF").documents


@pytest.mark.parametrize("width", [0.01, 50.0])
def test_farming_on_farmland_is_permitted_on_a_sliver_and_on_all_of_it(width: float) -> None:
    found = one(at(0, 0, 100, 50), {"PBF": [at(-width, 0, 2 * width, 50)]}, nature="AGR", status="existing")
    assert row(found, "PBF").verdict == Verdict.PERMITTED


def test_parts_that_do_not_sum_to_the_whole_give_no_result(monkeypatch) -> None:
    """A cut that loses 1 m2 of 5,000 m2."""
    from spatial.screening import screen as module

    def lossy(wholes, claims, **options):
        if not len(wholes):
            return []
        (shares,) = share_out(wholes, claims, **options)
        x, y = shares.left[-1].centroid.coords[0]
        shares.left[-1] = shares.left[-1].difference(shapely.box(x, y, x + 1, y + 1))
        return [shares]

    monkeypatch.setattr(module, "share_out", lossy)
    with pytest.raises(InputError, match=r"project 1 .*2\.0e-04") as caught:
        one(at(0, 0, 100, 50), {"WS2": [at(0, 0, 30, 50)]}, source="p.gpkg")
    assert caught.value.key == "closure_broken"


def test_receptors_within_the_radius_nearest_first() -> None:
    found = one(at(0, 0, 100, 100), {"WS2": [at(5000, 5000, 1, 1)]})
    assert [(r.name, r.kind, r.distance_m) for r in found.receptors] == [("学校", "school", pytest.approx(500))]


def test_a_line_is_measured_in_metres() -> None:
    line = shapely.LineString([(EAST + 10, NORTH + 10), (EAST + 300, NORTH + 10)])
    found = one(
        line, {"WS2": [at(0, 0, 100, 100), at(50, 0, 100, 100)], "ECO_RED": [at(120, 0, 100, 100)]}, nature="LIN"
    )
    assert found.official_area_m2 is None
    # 290 m in the plane; at 90 km from the central meridian the plane is 1.0001 of the ellipsoid.
    assert found.length_m == pytest.approx(290, rel=2e-4)
    assert row(found, "WS2").gross_length_m == pytest.approx(140, rel=2e-4)
    assert row(found, "ECO_RED").gross_length_m == pytest.approx(100, rel=2e-4)
    assert row(found, "ECO_RED").net_length_m == pytest.approx(100, rel=2e-4)
    assert row(found, "WS2").net_length_m == pytest.approx(110, rel=2e-4)
    assert found.free_length_m == pytest.approx(80, rel=2e-4)
    assert found.closure is not None
    assert found.closure.relative < 1e-9


def test_a_line_with_a_width_has_area_and_length() -> None:
    line = shapely.LineString([(EAST + 10, NORTH + 50), (EAST + 110, NORTH + 50)])
    widened = project(line.buffer(5, cap_style="flat"), "LIN", kind="line", line=line, width_m=10.0)
    (found,) = screen([widened], ground({"WS2": [at(0, 0, 60, 100)]}), TERMS)
    assert found.official_area_m2 == pytest.approx(1000, rel=3e-4)
    assert row(found, "WS2").gross_area_m2 == pytest.approx(500, rel=3e-4)
    assert row(found, "WS2").gross_length_m == pytest.approx(50, rel=3e-4)


def test_the_centre_line_of_a_wide_line_is_shared_out_too() -> None:
    """A road 10 m wide from 40 m outside the district: 40 outside, 30 farmland over 60 source zone, 50 free."""
    line = shapely.LineString([(EAST - 40, NORTH + 50), (EAST + 110, NORTH + 50)])
    widened = project(line.buffer(5, cap_style="flat"), "LIN", kind="line", line=line, width_m=10.0)
    zones = {"WS2": [at(0, 0, 60, 100)], "PBF": [at(0, 0, 30, 100)]}
    (found,) = screen([widened], ground(zones), TERMS)
    stricter, weaker = (r.role for r in found.rows if r.status == "contact")
    lengths = {"PBF": 30.0, "WS2": 60.0} if stricter == "PBF" else {"WS2": 60.0, "PBF": 0.0}
    assert row(found, stricter).net_length_m == pytest.approx(lengths[stricter], rel=3e-4)
    assert row(found, weaker).net_length_m == pytest.approx(60 - lengths[stricter], rel=3e-4)
    assert found.outside_length_m == pytest.approx(40, rel=3e-4)
    assert found.free_length_m == pytest.approx(50, rel=3e-4)
    net = sum(r.net_length_m for r in found.rows if r.status == "contact")
    assert net + found.free_length_m + found.outside_length_m == pytest.approx(found.length_m, rel=1e-9)


def test_a_polygon_has_no_lengths() -> None:
    found = one(at(-40, 0, 100, 50), {"WS2": [at(0, 0, 30, 50)]})
    assert (found.length_m, found.free_length_m, found.outside_length_m) == (None, 0.0, 0.0)
    assert row(found, "WS2").gross_length_m is None
    assert row(found, "WS2").net_length_m is None


@pytest.mark.parametrize(
    "shape",
    [
        shapely.LineString([(EAST + 50, NORTH + 10), (EAST + 100, NORTH + 10)]),
        shapely.LineString([(EAST + 100, NORTH + 10), (EAST + 100, NORTH + 60)]),
        point(100, 30),
    ],
    ids=["line that ends on the border", "line along the border", "point on the border"],
)
def test_touching_a_border_is_near_at_no_distance(shape) -> None:
    found = one(shape, {"WS1": [at(100, 0, 100, 100)]}, nature="IND")
    assert [(r.status, r.distance_m) for r in found.rows if r.role == "WS1"] == [("near", 0.0)]
    assert found.verdict != Verdict.PROHIBITED


def test_evidence_that_is_the_whole_project_is_its_own_outline() -> None:
    site = at(10, 10, 500, 300)
    found = one(site, {"WS2": [at(0, 0, 1000, 1000)]})
    assert row(found, "WS2").evidence == row(found, "WS2").net_evidence == site


def test_a_point_is_in_or_out() -> None:
    zones = {"WS1": [at(0, 0, 100, 100)], "WS2": [at(100, 0, 100, 100)]}
    found = one(point(50, 50), zones, nature="IND")
    assert row(found, "WS1").verdict == Verdict.PROHIBITED
    assert row(found, "WS1").gross_area_m2 is None
    assert [r.role for r in found.rows if r.status == "contact"] == ["WS1"]


def test_avoidance_leaves_what_no_deciding_zone_covers() -> None:
    found = one(at(0, 0, 100, 50), {"PBF": [at(0, 0, 30, 50)], "UDB_OUT": [at(-10, -10, 500, 500)]})
    assert found.avoidance is not None
    assert found.avoidance.roles == ("PBF",)
    assert found.avoidance.area_m2 == pytest.approx(official(at(30, 0, 70, 50)), rel=1e-6)
    assert found.avoidance.area_m2 + found.avoidance.removed_m2 == pytest.approx(official(at(0, 0, 100, 50)), rel=1e-9)


def test_a_conditional_zone_all_over_leaves_nothing_to_avoid() -> None:
    found = one(at(0, 0, 100, 50), {"UDB_OUT": [at(-10, -10, 500, 500)]})
    assert found.verdict == Verdict.CONDITIONAL
    assert found.avoidance is None


def test_missing_absent_and_clear_are_three_answers() -> None:
    place = ground({"WS2": [at(5000, 5000, 10, 10)]}, absent=frozenset({"SALTLAKE_CORE"}))
    (found,) = screen([project(at(0, 0, 10, 10), "MON")], place, TERMS)
    assert "WS2" in found.clear_roles
    assert "SALTLAKE_CORE" in found.absent_roles
    assert "PBF" in found.missing_roles
    assert not {"WS2", "SALTLAKE_CORE"} & set(found.missing_roles)
    assert found.verdict == Verdict.UNDETERMINED


def test_a_pass_needs_every_layer() -> None:
    place = ground({"WS2": [at(5000, 5000, 10, 10)]}, absent=ALL_OTHERS - {"WS2"})
    (found,) = screen([project(at(0, 0, 10, 10), "MON")], place, TERMS)
    assert found.missing_roles == ()
    assert found.verdict == Verdict.PERMITTED


def test_no_layers_at_all_is_undeterminable() -> None:
    (found,) = screen([project(at(0, 0, 300, 300))], ground({}), TERMS)
    assert found.verdict == Verdict.UNDETERMINED
    assert "no zone layer" in found.conclusion[0].say("en")


def test_a_project_without_place_is_undeterminable() -> None:
    (found,) = screen([project(None)], ground({"WS2": [at(0, 0, 1, 1)]}), TERMS)
    assert found.verdict == Verdict.UNDETERMINED
    assert "location" in found.conclusion[0].say("en")


def test_alternatives_are_ranked() -> None:
    from spatial.screening.result import Provenance, ScreeningResult

    zones = {"PBF": [at(0, 0, 100, 100)], "UDB_OUT": [at(-10, -10, 5000, 5000)]}
    sites = [
        project(at(0, 0, 50, 50), project_id="bad", alternative_group="厂"),
        project(at(90, 0, 50, 50), project_id="less bad", alternative_group="厂"),
        project(at(500, 0, 50, 50), project_id="good", alternative_group="厂"),
    ]
    found = screen(sites, ground(zones), TERMS)
    result = ScreeningResult("", "", TERMS.date, "EPSG:4526", found, (), {}, {}, "", Provenance({}, {}, {}, ()))
    assert [r.project.project_id for r in result.alternatives()["厂"]] == ["good", "less bad", "bad"]


def star(values: list[float], x: float, y: float) -> shapely.Polygon:
    angles = np.linspace(0, 2 * np.pi, len(values), endpoint=False)
    return shapely.Polygon(
        [(EAST + x + r * np.cos(a), NORTH + y + r * np.sin(a)) for r, a in zip(values, angles, strict=True)]
    )


RADII = st.lists(st.floats(20, 200), min_size=3, max_size=12)
PLACES = st.floats(250, 700)


@settings(max_examples=40)
@given(
    RADII,
    st.lists(st.tuples(RADII, PLACES, PLACES, st.sampled_from(["WS2", "PBF", "UDB_OUT"])), min_size=1, max_size=5),
)
def test_net_parts_sum_to_the_project(site_radii, drawn) -> None:
    site = star(site_radii, 450, 450)
    zones: dict[str, list] = {}
    for radii, x, y, role in drawn:
        zones.setdefault(role, []).append(star(radii, x, y))
    found = one(site, zones)
    assert found.closure is not None
    assert found.closure.relative < 1e-9
    # The judge: plain shapely, one union and one intersection in the equal-area plane.
    whole = to_equal_area([site], PLANE)[0]
    for role, shapes in zones.items():
        expected = shapely.union_all(to_equal_area(shapes, PLANE)).intersection(whole).area
        met = [r.gross_area_m2 for r in found.rows if r.role == role and r.status in {"contact", "noise"}]
        assert sum(met) == pytest.approx(expected, rel=1e-9, abs=1e-6)


@settings(max_examples=20)
@given(RADII, st.lists(st.tuples(RADII, PLACES, PLACES), min_size=2, max_size=5), st.randoms(use_true_random=False))
def test_the_order_of_zones_does_not_matter(site_radii, drawn, random) -> None:
    site, shapes = star(site_radii, 450, 450), [star(*zone) for zone in drawn]
    shuffled = shapes.copy()
    random.shuffle(shuffled)
    first, second = one(site, {"WS2": shapes}), one(site, {"WS2": shuffled})
    assert first.verdict == second.verdict
    assert first.free_m2 == pytest.approx(second.free_m2, rel=1e-9, abs=1e-6)


def test_regimes_that_share_the_district_are_not_avoided() -> None:
    """Half inside and half outside the urban boundary: conditional in both, and nowhere else to go."""
    zones = {"UDB_IN": [at(0, 0, 50, 50)], "UDB_OUT": [at(50, 0, 500, 50)], "WET_GEN": [at(0, 0, 100, 10)]}
    found = one(at(0, 0, 100, 50), zones)
    assert found.verdict == Verdict.CONDITIONAL
    assert found.avoidance is not None
    assert found.avoidance.roles == ("WET_GEN",)
    assert found.avoidance.removed_m2 == pytest.approx(official(at(0, 0, 100, 10)), rel=1e-6)


def test_a_near_zone_is_not_said_to_be_occupied() -> None:
    found = one(at(0, 0, 100, 50), {"WS2": [at(110, 0, 10, 10)]})
    assert row(found, "WS2").reason[0].say("en").startswith("Not occupied; if it were: Prohibited")
