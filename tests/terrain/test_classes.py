from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from spatial.errors import InputError
from spatial.terrain.classes import NO_SLOPE, classify, limits_of, scheme_of, schemes
from spatial.terrain.forms import Ground
from spatial.terrain.kernels import slopes
from spatial.terrain.slope import weights_of


def test_the_schemes_are_those_of_domain_5() -> None:
    assert scheme_of("survey").breaks_deg == (2, 6, 15, 25)
    assert scheme_of("sl190").breaks_deg == (5, 8, 15, 25, 35)
    assert (scheme_of("survey").closed, scheme_of("sl190").closed) == ("upper", "lower")
    for scheme in schemes().values():
        assert [one.code for one in scheme.classes] == list(range(1, len(scheme.classes) + 1))
        assert math.isinf(scheme.classes[-1].upper_deg)
        assert len({one.colour for one in scheme.classes}) == len(scheme.classes)


def test_each_break_belongs_to_the_end_that_is_closed() -> None:
    survey, sl190 = scheme_of("survey"), scheme_of("sl190")
    at = np.array([2, 6, 15, 25], np.float32)
    assert classify(at, survey).tolist() == [1, 2, 3, 4]
    assert classify(np.nextafter(at, np.float32(90)), survey).tolist() == [2, 3, 4, 5]
    at = np.array([5, 8, 15, 25, 35], np.float32)
    assert classify(at, sl190).tolist() == [2, 3, 4, 5, 6]
    assert classify(np.nextafter(at, np.float32(0)), sl190).tolist() == [1, 2, 3, 4, 5]


def test_no_slope_no_class() -> None:
    assert classify(np.array([np.nan, 0], np.float32), scheme_of("sl190")).tolist() == [NO_SLOPE, 1]


def test_an_unknown_scheme_is_refused_with_those_there_are() -> None:
    with pytest.raises(InputError, match="there are: survey, sl190"):
        scheme_of("steep")


@pytest.mark.parametrize("key", ["survey", "sl190"])
@given(st.integers(0, 4), st.integers(-40, 40))
def test_tangents_and_degrees_give_the_same_class(key: str, index: int, steps: int) -> None:
    """To the last bit on both sides of each break, by the slope kernel itself."""
    scheme = scheme_of(key)
    limits = limits_of(scheme)
    tangent = math.sqrt(limits[index % limits.size])
    for _ in range(abs(steps)):
        tangent = math.nextafter(tangent, math.inf if steps > 0 else 0)
    # A plane that rises by this tangent from west to east, on cells of one metre; nothing is lost on the way.
    z = np.array([[0.0, tangent, 2 * tangent]] * 3)
    out = np.empty((3, 3), np.float32)
    slopes(Ground(z, np.ones((3, 2)), weights_of("horn")), out)
    assert classify(out[1, 1], scheme) == 1 + (tangent**2 > limits).sum()


@pytest.mark.parametrize("key", ["survey", "sl190"])
def test_a_plane_of_exactly_the_slope_of_a_break_is_of_the_closed_side(key: str) -> None:
    scheme = scheme_of(key)
    for number, end in enumerate(scheme.breaks_deg, 1):
        z = np.array([[0.0, 30, 60]] * 3) * math.tan(math.radians(end))
        out = np.empty((3, 3), np.float32)
        slopes(Ground(z, np.full((3, 2), 30.0), weights_of("horn")), out)
        assert classify(out[1, 1], scheme) == (number if scheme.closed == "upper" else number + 1)
