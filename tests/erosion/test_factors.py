"""K, C and B against hand calculations; units and ranges on the way in."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from spatial.erosion.cover import biological_factor, cover_factor, forest_factor
from spatial.erosion.land import land_table
from spatial.erosion.ranges import require_factor
from spatial.erosion.soil import erodibility
from spatial.errors import InputError


def test_erodibility_by_hand() -> None:
    assert erodibility([40, 25], [42, 58], [18, 17], [0.9, 0.6]) == pytest.approx([0.04070, 0.05131], abs=5.1e-6)
    zhang = erodibility([40, 25], [42, 58], [18, 17], [0.9, 0.6], "zhang")
    assert zhang == pytest.approx([0.01917, 0.02464], abs=5.1e-6)


@given(st.floats(0, 100), st.floats(0, 1), st.floats(0, 5))
def test_erodibility_stays_in_its_range(sand: float, share: float, carbon: float) -> None:
    silt = (100 - sand) * share
    found = erodibility(sand, silt, 100 - sand - silt, carbon)
    assert 0 <= found < 0.1


def test_textures_that_are_none_are_refused() -> None:
    with pytest.raises(InputError, match="110"):
        erodibility(50, 40, 20, 1)
    with pytest.raises(InputError, match="CLA"):
        erodibility(60, 50, -10, 1)
    assert np.isnan(erodibility(np.nan, 40, 20, 1))


def test_cover_factors_by_hand() -> None:
    assert cover_factor([0, 10, 30, 50, 70, 90]) == pytest.approx([1, 0.3072, 0.1433, 0.067, 0.0168, 0], abs=5.1e-5)
    assert biological_factor([0.3, 0.6, 0.75], "grass") == pytest.approx([0.1743, 0.0373, 0.0161], abs=5.1e-5)
    assert biological_factor([0.3, 0.6, 0.75], "shrub") == pytest.approx([0.1667, 0.0355, 0.0154], abs=5.1e-5)
    assert forest_factor(0.6, 0.6) == pytest.approx(0.0380, abs=5.1e-5)


@given(st.floats(0, 100), st.floats(0, 100))
def test_more_cover_never_erodes_more(one: float, two: float) -> None:
    less, more = sorted((one, two))
    assert cover_factor(more) <= cover_factor(less)
    assert biological_factor(more / 100, "grass") <= biological_factor(less / 100, "grass")
    assert biological_factor(more / 100, "shrub") <= biological_factor(less / 100, "shrub")


@pytest.mark.parametrize(
    ("values", "factor", "said"),
    [
        ([80.0, 120.0], "R", "multiply by 17.02"),
        ([0.2, 0.4], "K", "multiply by 0.1317"),
        ([-1.0, 2000.0], "R", "outside 0 to 50000"),
        ([0.5, 1.2], "B", "outside 0 to 1"),
        ([-5.0], "cover_pct", "outside 0 to 100"),
        ([np.nan], "R", "no value at all"),
    ],
)
def test_factors_in_other_units_or_out_of_range(values: list[float], factor: str, said: str) -> None:
    with pytest.raises(InputError) as caught:
        require_factor(values, factor, "x.tif")
    assert said in caught.value.text("en")
    assert "x.tif" in caught.value.text("zh")


def test_factors_as_they_should_be() -> None:
    require_factor([1213.0, 2100.0, np.nan], "R", "r.tif")
    require_factor([0.018, 0.05], "K", "k.tif")
    require_factor([0.0, 1.0], "E", "e.tif")


def test_factors_of_land_covers_are_those_of_their_formulas() -> None:
    table = land_table()
    by_formula = {
        2: biological_factor(table[2].cover_pct / 100, "shrub"),
        3: forest_factor(table[3].cover_pct / 100, table[3].cover_pct / 100),
        4: biological_factor(table[4].cover_pct / 100, "grass"),
    }
    assert {code: table[code].biological for code in by_formula} == {
        code: round(float(factor), 4) for code, factor in by_formula.items()
    }
