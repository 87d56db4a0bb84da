from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spatial.screening.conditions import Facts, decide, parse


@pytest.mark.parametrize(
    ("text", "area_ha", "expected"),
    [
        ("area_ha >= 5", 5.0, True),
        ("area_ha >= 5", 4.9999, False),
        ("area_ha >= 0.5 and area_ha < 5", 0.5, True),
        ("area_ha >= 0.5 and area_ha < 5", 5.0, False),
        ("area_ha > 5", 5.0, False),
        ("area_ha <= 5", 5.0, True),
        ("", None, True),
        ("area_ha >= 5", None, None),
    ],
)
def test_numbers(text: str, area_ha: float | None, expected: bool | None) -> None:
    assert decide(parse(text), Facts("WWTP", area_ha=area_ha))[0] is expected


@pytest.mark.parametrize(
    ("text", "status", "expected"),
    [
        ("status = new", "new", True),
        ("status = new", "existing", False),
        ("status = new", "unknown", None),
        ("status = new|unknown", "unknown", True),
    ],
)
def test_words(text: str, status: str, expected: bool | None) -> None:
    assert decide(parse(text), Facts("AGR", status=status))[0] is expected


def test_a_term_that_fails_settles_the_condition_whatever_is_unknown() -> None:
    assert decide(parse("slope_deg > 25 and status = new"), Facts("AGR", status="existing")) == (False, ())


@pytest.mark.parametrize(
    "text",
    [
        "area_ha",
        "area_ha = 5",
        "area_ha >= five",
        "area_ha >= nan",
        "colour = red",
        "status >= new",
        "status = old",
        "and",
    ],
)
def test_what_cannot_be_read(text: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        parse(text)


@given(st.floats(0, 100), st.floats(0, 100))
def test_an_interval_is_half_open_without_gap(area: float, at: float) -> None:
    below, above = parse(f"area_ha < {at}"), parse(f"area_ha >= {at}")
    facts = Facts("WWTP", area_ha=area)
    assert decide(below, facts)[0] is not decide(above, facts)[0]


@given(st.text(max_size=40))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        terms = parse(text)
    except ValueError:
        return
    assert all(term.fact in {"area_ha", "slope_deg", "status", "discharging"} for term in terms)
