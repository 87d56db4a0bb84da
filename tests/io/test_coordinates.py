from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyproj import CRS
from shapely import Point

from spatial.crs import to_degrees
from spatial.equal_area import reproject
from spatial.errors import InputError
from spatial.io.coordinates import check_coordinates

PATH = Path("a.shp")


def check(x: float, y: float, code: int) -> None:
    check_coordinates(PATH, np.array([Point(x, y)], dtype=object), CRS(code), ["甲"])


def _placed(crs: CRS, lon: float, lat: float) -> np.ndarray:
    return np.array([Point(to_degrees(crs).transform(lon, lat, direction="INVERSE"))], dtype=object)


# DOMAIN 2.4: what a coordinate pair says about its system.
@pytest.mark.parametrize(
    ("x", "y", "code", "key"),
    [
        (113.05, 36.05, 4526, "degrees_labelled_metres"),
        (36.05, 113.05, 4490, "axes_swapped"),
        (414397.38, 3991508.30, 4490, "metres_labelled_degrees"),
        (3991508.30, 38414397.38, 4526, "axes_swapped"),
        (3991508.30, 414397.38, 4547, "axes_swapped"),
        (38414397.38, 3991508.30, 4547, "zone_prefix_extra"),
        (414397.38, 3991508.30, 4526, "zone_prefix_missing"),
        (37414397.38, 3991508.30, 4526, "coordinates_outside"),
        (414397.38, 39915083.0, 4547, "coordinates_outside"),
        (10.0, 50.0, 4490, "coordinates_outside"),
        (0.0005, 0.0005, 4326, "coordinates_outside"),
        (44.0, 85.0, 4490, "axes_swapped"),
        (38414397.38, 3991508.30, 6933, "coordinates_outside"),
        (684657.14, 3991438.74, 32749, "coordinates_outside"),
    ],
)
def test_contradictions(x: float, y: float, code: int, key: str) -> None:
    with pytest.raises(InputError) as caught:
        check(x, y, code)
    assert caught.value.key == key
    assert "甲" in str(caught.value)


@given(st.floats(74, 135), st.floats(4, 53))
def test_every_point_of_china_passes_in_its_own_zone(lon: float, lat: float) -> None:
    zone = round(lon / 3)
    for crs in (CRS(4513 + zone - 25), CRS(4534 + zone - 25), CRS(4490), CRS(3857)):
        moved = reproject([Point(lon, lat)], CRS(4490), crs)
        check_coordinates(PATH, moved, crs, ["甲"])


@given(st.floats(74, 135), st.floats(4, 53))
def test_every_point_of_china_passes_in_an_equal_area_cone(lon: float, lat: float) -> None:
    albers = CRS("+proj=aea +lat_1=25 +lat_2=47 +lon_0=105 +ellps=GRS80 +units=m")
    check_coordinates(PATH, _placed(albers, lon, lat), albers, ["甲"])


def test_one_stray_among_many_is_named() -> None:
    albers = CRS("+proj=aea +lat_1=25 +lat_2=47 +lon_0=105 +ellps=GRS80 +units=m")
    points = np.array([*_placed(albers, 113, 36), Point(38414397.38, 3991508.30)], dtype=object)
    with pytest.raises(InputError, match="乙"):
        check_coordinates(PATH, points, albers, ["甲", "乙"])


def test_a_layer_without_coordinates_passes() -> None:
    check_coordinates(PATH, np.array([None], dtype=object), CRS(4526), ["甲"])
