from __future__ import annotations

from functools import cache

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from pyproj import Transformer

from spatial.gauss_kruger import Zone
from spatial.recognition.candidates import candidates
from spatial.recognition.place import Place

SHANGDANG = Place(np.array([shapely.box(112.85, 35.75, 113.3, 36.25)]), "上党区")
YANHU = Place(np.array([shapely.box(110.7, 34.85, 111.25, 35.25)]), "盐湖区")


def found(x: float, y: float, place: Place | None = None) -> list[tuple[str, bool, float]]:
    return [(c.crs, c.swapped, c.per_m) for c in candidates(np.array([[x, y]]), place)]


# DOMAIN 2.2: the same two points in every plane.
@pytest.mark.parametrize(
    ("x", "y", "place", "expected"),
    [
        (38414397.3820, 3991508.3017, None, ["EPSG:4526"]),
        (37684731.0354, 3993035.9534, None, ["EPSG:4525"]),
        (37499087.3405, 3876811.7624, None, ["EPSG:4525"]),
        (19499087.3405, 3876811.7624, None, ["EPSG:4497"]),
        (113.05, 36.05, None, ["EPSG:4490"]),
        (12584668.4342, 4307503.4778, None, ["EPSG:3857"]),
        (414397.3820, 3991508.3017, SHANGDANG, ["EPSG:4547"]),
        # UTM has the central meridians of the 6-degree zones and scale 0.9996: both land in the district.
        (684731.0354, 3993035.9534, SHANGDANG, ["EPSG:4546", "EPSG:32649"]),
        (499087.3405, 3876811.7624, YANHU, ["EPSG:4546", "EPSG:32649"]),
        (225245.9952, 3880955.5445, YANHU, ["EPSG:4547"]),
        (1000.0, 2000.0, None, []),
        (38414397.3820, 3991508.3017, YANHU, []),
    ],
)
def test_vectors(x: float, y: float, place: Place | None, expected: list[str]) -> None:
    assert [crs for crs, _, _ in found(x, y, place)] == expected


def test_without_a_place_no_prefix_means_every_meridian() -> None:
    codes = [crs for crs, _, _ in found(414397.382, 3991508.302)]
    assert {f"EPSG:{Zone(3, number).epsg(prefixed=False)}" for number in range(25, 46)} < set(codes)
    assert "EPSG:32649" in codes
    # The same numbers in a 6-degree zone are no candidate of their own.
    assert not set(codes) & {f"EPSG:{Zone(6, number).epsg(prefixed=False)}" for number in range(13, 24)}


def test_swapped_axes_and_millimetres() -> None:
    assert found(3991508.3017, 38414397.3820) == [("EPSG:4526", True, 1)]
    assert found(36.05, 113.05) == [("EPSG:4490", True, 1)]
    assert found(414397382.0, 3991508301.7, SHANGDANG) == [("EPSG:4547", False, 1000)]
    assert found(3991508301.7, 38414397382.0) == [("EPSG:4526", True, 1000)]


def test_a_candidate_is_applied() -> None:
    (candidate,) = candidates(np.array([[3991508301.7, 38414397382.0]]))
    applied = candidate.apply(np.array([[3991508301.7, 38414397382.0]]))
    assert applied == pytest.approx(np.array([[38414397.382, 3991508.3017]]), abs=1e-6)
    text = candidate.text()
    assert "axes swapped, millimetres" in text.say("en")
    assert "两轴对调" in text.say("zh")


def test_two_zones_in_one_layer_fit_nothing() -> None:
    assert candidates(np.array([[38414397.4, 3991508.3], [37684731.0, 3993035.9]])) == ()


def test_a_mercator_easting_can_be_a_prefix() -> None:
    """East of 116.8 degrees a Web Mercator easting looks like zone 13 or 14: it is said, not guessed."""
    x, y = Transformer.from_crs(4326, 3857, always_xy=True).transform(121.5, 31.2)
    assert [crs for crs, _, _ in found(x, y)] == ["EPSG:3857", "EPSG:4491"]
    shanghai = Place(np.array([shapely.box(121.3, 31.0, 121.7, 31.4)]), "上海")
    assert [crs for crs, _, _ in found(x, y, shanghai)] == ["EPSG:3857"]


@cache
def transformer(source: str, target: str) -> Transformer:
    return Transformer.from_crs(source, target, always_xy=True)


def plane_of(lon: float, kind: str) -> int:
    zone3, zone6 = round(lon / 3), int(lon // 6) + 1
    return {
        "prefix3": 4513 + zone3 - 25,
        "plain3": 4534 + zone3 - 25,
        "prefix6": 4491 + zone6 - 13,
        "plain6": 4502 + zone6 - 13,
        "utm": 32600 + int(lon // 6) + 31,
        "degrees": 4490,
        "mercator": 3857,
    }[kind]


@given(
    lon=st.floats(75, 134.9),
    lat=st.floats(4, 53),
    kind=st.sampled_from(["prefix3", "plain3", "prefix6", "plain6", "utm", "degrees", "mercator"]),
    swap=st.booleans(),
    known=st.booleans(),
)
def test_the_truth_is_always_among_the_candidates(lon: float, lat: float, kind: str, swap: bool, known: bool) -> None:
    """Another program (pyproj) makes the coordinates; whatever the plane, it is recognised or listed."""
    source = "EPSG:4326" if kind in {"utm", "mercator"} else "EPSG:4490"
    x, y = transformer(source, f"EPSG:{plane_of(lon, kind)}").transform(lon, lat)
    place = Place(np.array([shapely.box(lon - 0.1, lat - 0.1, lon + 0.1, lat + 0.1)]), "处") if known else None
    listed = candidates(np.array([[y, x] if swap else [x, y]]), place)
    back = []
    for candidate in listed:
        east, north = candidate.apply(np.array([[y, x] if swap else [x, y]]))[0]
        back.append(transformer(candidate.crs, "EPSG:4490").transform(east, north))
    assert any((a, b) == pytest.approx((lon, lat), abs=1e-6) for a, b in back)
