from __future__ import annotations

import numpy as np
import pytest
import shapely
from pyproj import CRS

from spatial.errors import InputError
from spatial.recognition.place import Place, place_of

# 0.1 degree of latitude is 11 096 m here (DOMAIN 2.2).
BOX = Place(np.array([shapely.box(113.0, 36.0, 113.2, 36.2)]), "a.shp")


@pytest.mark.parametrize(
    ("lat", "share"), [(36.1, 1.0), (36.2 + 19_900 / 110_960, 1.0), (36.2 + 20_300 / 110_960, 0.0), (91.0, 0.0)]
)
def test_the_margin_is_twenty_kilometres(lat: float, share: float) -> None:
    assert BOX.share_inside(np.array([113.1]), np.array([lat])) == share


def test_half_of_the_points_is_enough() -> None:
    lon = np.array([113.1, 113.1, 120.0, np.inf])
    assert BOX.share_inside(lon, np.full(4, 36.1)) == 0.5
    assert BOX.holds(lon, np.full(4, 36.1))
    assert not BOX.holds(lon[1:], np.full(3, 36.1))


def test_a_province_takes_in_the_district() -> None:
    assert BOX.lies_within((110.0, 34.0, 115.0, 40.0))
    assert not BOX.lies_within((113.1, 34.0, 115.0, 40.0))


def test_a_place_from_any_plane() -> None:
    place = place_of(np.array([shapely.box(38_410_000, 3_990_000, 38_420_000, 4_000_000)]), CRS(4526), "b.shp")
    assert place.middle() == pytest.approx((113.057, 36.081), abs=0.002)
    assert place.source == "b.shp"


def test_a_place_outside_china() -> None:
    place = Place(np.array([shapely.box(2, 48, 3, 49)]))
    with pytest.raises(InputError, match="not in China"):
        place.share_inside(np.array([2.5]), np.array([48.5]))
