from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyproj import Geod

from spatial.offsets import BACK, THERE, Offset, to_bd09, to_gcj02

ELLIPSOID = Geod(ellps="GRS80")


# DOMAIN 2.5: shifted coordinates, distance and azimuth in Shangdang and Yanhu.
@pytest.mark.parametrize(
    ("formula", "lon", "lat", "there", "distance_m"),
    [
        (to_gcj02, 113.05, 36.05, (113.05657415, 36.05008857), 592.46),
        (to_gcj02, 110.99, 35.02, (110.99573291, 35.01920326), 530.64),
        (to_bd09, 113.05, 36.05, (113.06301368, 36.05631086), 1365.75),
        (to_bd09, 110.99, 35.02, (111.00211356, 35.02552263), 1263.94),
    ],
)
def test_vectors(formula, lon: float, lat: float, there: tuple[float, float], distance_m: float) -> None:
    x, y = formula(np.array([lon]), np.array([lat]))
    assert (x[0], y[0]) == pytest.approx(there, abs=6e-9)
    assert ELLIPSOID.inv(lon, lat, x[0], y[0])[2] == pytest.approx(distance_m, abs=0.01)


@pytest.mark.parametrize("kind", ["gcj02", "bd09"])
@given(lon=st.floats(73, 136), lat=st.floats(3, 54))
def test_there_and_back(kind: Offset, lon: float, lat: float) -> None:
    x, y = BACK[kind](*THERE[kind](np.array([lon]), np.array([lat])))
    assert (x[0], y[0]) == pytest.approx((lon, lat), abs=1e-9)


@given(lon=st.floats(73, 136), lat=st.floats(18, 54))
def test_the_offset_is_hundreds_of_metres_everywhere(lon: float, lat: float) -> None:
    """An offset found is never mistaken for noise, and BD-09 never for GCJ-02."""
    start = np.array([lon]), np.array([lat])
    gcj, bd = (ELLIPSOID.inv(*start, *THERE[kind](*start))[2][0] for kind in ("gcj02", "bd09"))
    assert 50 < gcj < 1000
    assert bd > 500
