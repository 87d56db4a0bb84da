from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spatial.units import M2_PER_UNIT, from_m2, round_half, to_m2


# DOMAIN 1.6, worked by hand.
@pytest.mark.parametrize(
    ("mu", "m2"), [(110, 73333.33), (43.21, 28806.67), (280_000, 186_666_666.67), (1500, 1_000_000.00)]
)
def test_mu_in_square_metres(mu: float, m2: float) -> None:
    assert round_half(to_m2(mu, "mu"), 2) == m2


def test_rounded_factor_would_be_933_m2_off() -> None:
    assert 280_000 * 666.67 - to_m2(280_000, "mu") == pytest.approx(933.33, abs=0.01)


@given(st.floats(0, 1e12), st.sampled_from(list(M2_PER_UNIT)))
def test_there_and_back(area: float, unit) -> None:
    assert to_m2(from_m2(area, unit), unit) == pytest.approx(area, rel=1e-15)


@pytest.mark.parametrize(
    ("value", "up", "even"), [(0.125, 0.13, 0.12), (0.375, 0.38, 0.38), (2.675, 2.68, 2.68), (-0.125, -0.13, -0.12)]
)
def test_ties(value: float, up: float, even: float) -> None:
    assert round_half(value, 2, "half_up") == up
    assert round_half(value, 2, "half_even") == even


@given(st.floats(-1e9, 1e9), st.integers(0, 6))
def test_rounding_moves_by_at_most_half_a_step(value: float, decimals: int) -> None:
    assert abs(round_half(value, decimals) - value) <= 0.5 * 10**-decimals * (1 + 1e-6) + 1e-7
