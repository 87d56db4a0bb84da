"""Erosivity against hand calculations and the events of another program."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from spatial.erosion import rainfall
from spatial.errors import InputError
from tests.shared import shared


def test_a_half_month_by_hand() -> None:
    days = [14.2, 0, 3.1, 26.0, 55.3]
    assert rainfall.half_month_erosivity(days, warm=True) == pytest.approx(549.369, abs=5e-4)
    assert rainfall.half_month_erosivity(days, warm=False) == pytest.approx(432.7135, abs=1e-4)
    assert rainfall.half_month_erosivity([11.9], warm=True) == 0
    assert rainfall.half_month_erosivity([11.9], warm=True, threshold_mm=10) > 0


def test_a_year_of_days_by_hand() -> None:
    days = pd.Series(0.0, index=pd.date_range("2019-01-01", "2020-12-31"))
    days["2019-07-03"], days["2020-07-20"], days["2020-12-31"] = 40.0, 20.0, 30.0
    table = rainfall.erosivity_daily(days)
    own = table.set_index(["month", "half"])["erosivity"]
    assert own[7, 1] == pytest.approx(0.3937 * 40**1.7265 / 2)
    assert own[7, 2] == pytest.approx(0.3937 * 20**1.7265 / 2)
    assert own[12, 2] == pytest.approx(0.3101 * 30**1.7265 / 2)
    assert (own > 0).sum() == 3
    assert table["days"].sum() == pytest.approx((365 + 366) / 2)


@pytest.mark.parametrize(("fournier", "expected"), [(80, 1151), (90, 1456), (100, 1797), (110, 2174)])
def test_monthly_rain_by_hand(fournier: float, expected: float) -> None:
    # Of equal months F is one month's rain.
    assert rainfall.erosivity_monthly([fournier] * 12) == pytest.approx(expected, abs=1.0)


@given(st.lists(st.floats(0, 300), min_size=1, max_size=20), st.floats(0, 50))
def test_more_rain_erodes_no_less(days: list[float], more: float) -> None:
    raised = [day + more for day in days]
    assert rainfall.half_month_erosivity(raised, warm=True) >= rainfall.half_month_erosivity(days, warm=True)


@pytest.mark.parametrize(
    ("equation", "name", "annual"),
    [
        ("verstraeten", "verstraeten2006", 16111.431538),
        ("brown_foster", "brown_foster1987", 11855.334857),
        ("mcgregor_rounded", "mcgregor1995", 13419.561974),
    ],
)
def test_events_of_another_program(equation: rainfall.Energy, name: str, annual: float) -> None:
    folder = shared("cases", "rfactor") / "peer"
    record = pd.read_csv(folder / "rain_10min_nonzero.csv", parse_dates=["datetime"])
    expected = pd.read_csv(folder / f"expected_events_{name}.csv", parse_dates=["datetime"])
    rain = record.set_index("datetime")["rain_mm"]
    events = rainfall.erosive_events(rain, 10, equation, least_mm=1.27)
    assert len(events) == len(expected) == 169
    np.testing.assert_allclose(events["rain_mm"], expected["event_rain_cum"], rtol=1e-9)
    np.testing.assert_allclose(events["i30_mm_h"], expected["max_30min_intensity"], rtol=1e-9)
    np.testing.assert_allclose(events["erosivity"], expected["erosivity"], rtol=1e-5)
    assert events["erosivity"].sum() == pytest.approx(annual, rel=1e-5)


def test_an_event_by_hand() -> None:
    times = pd.to_datetime(["2020-07-01 10:00", "2020-07-01 10:30", "2020-07-01 17:00"])
    events = rainfall.erosive_events(pd.Series([10.0, 5.0, 2.0], index=times), 30)
    # The third fall is six hours and a half later: an event of its own, and too small for one.
    (event,) = events.itertuples()
    energy = 0.29 * (1 - 0.72 * np.exp(-0.05 * 20)) * 10 + 0.29 * (1 - 0.72 * np.exp(-0.05 * 10)) * 5
    assert (event.rain_mm, event.i30_mm_h) == (15.0, 20.0)
    assert event.erosivity == pytest.approx(20 * energy)


def test_a_storm_of_just_half_an_inch_counts() -> None:
    times = pd.to_datetime(["2020-07-01 10:00", "2020-07-01 10:30"])
    assert len(rainfall.erosive_events(pd.Series([12.6, 0.1], index=times), 30)) == 1
    assert rainfall.erosive_events(pd.Series([12.6, 0.09], index=times), 30).empty


def test_no_rain_makes_no_events() -> None:
    assert rainfall.erosive_events(pd.Series([0.0], index=pd.to_datetime(["2020-01-01"])), 10).empty
    assert rainfall.erosivity_monthly([0.0] * 12) == 0.0


def test_bad_rain_is_refused() -> None:
    twice = pd.Series([1.0, 2.0], index=pd.to_datetime(["2020-01-01", "2020-01-01"]))
    for function, said in (
        (lambda: rainfall.half_month_erosivity([-1.0], warm=True), "negative"),
        (lambda: rainfall.half_month_erosivity([np.nan], warm=True), "missing"),
        (lambda: rainfall.erosivity_monthly([1.0] * 11), "not 11"),
        (lambda: rainfall.erosivity_daily(twice), "2020-01-01 twice"),
        (lambda: rainfall.erosive_events(twice, 7), "7 minutes"),
        (lambda: rainfall.erosive_events(twice, 0), "0 minutes"),
    ):
        with pytest.raises(InputError) as caught:
            function()
        assert said in caught.value.text("en")
