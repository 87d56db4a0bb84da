"""Soil loss, grades and measures against the worked scenario of the domain and by hand."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from spatial.erosion.grades import grade_names, grade_of, regions, regions_of, sheet_grade, thickness_mm_a
from spatial.erosion.model import MODELS, PER_KM2, soil_loss
from spatial.erosion.practices import combined, practices
from spatial.erosion.slope_length import length_exponent_liu, length_factor, slope_factor
from spatial.errors import InputError

SCENARIO = [
    (6, 5502, 2371, 2278, 1909, 462),
    (8, 8051, 3470, 3333, 2794, 676),
    (10.5, 13283, 5725, 5499, 4609, 1116),
    (15, 20633, 8893, 8542, 7160, 1733),
    (20, 28617, 12334, 11847, 9930, 2404),
    (25, 36351, 15667, 15050, 12614, 3054),
]


@pytest.mark.parametrize("row", SCENARIO)
def test_the_worked_scenario(row: tuple[float, ...]) -> None:
    degrees, base, contour, slope_terrace, interval, level = row
    table = practices()
    length = length_factor(60, length_exponent_liu(degrees))
    factors = {"R": 1900, "K": 0.035, "L": length, "S": slope_factor(degrees), "B": 1.0, "E": 1.0, "T": 0.40}
    assert PER_KM2 * soil_loss(factors) == pytest.approx(base, abs=0.6)
    for code, expected in (
        ("CONTOUR", contour),
        ("TERRACE_SLOPE", slope_terrace),
        ("TERRACE_INTERVAL", interval),
        ("TERRACE_EARTH", level),
    ):
        works, tillage = combined([table[code]], 0.40)
        own = factors | {"E": works, "T": 0.40 * tillage}
        assert PER_KM2 * soil_loss(own) == pytest.approx(expected, abs=0.6)


@given(st.sampled_from(MODELS["csle"]), st.floats(0.001, 0.09), st.floats(1.0, 1.05))
def test_loss_grows_with_each_factor(factor: str, value: float, more: float) -> None:
    factors = {"R": 2000.0, "K": 0.03, "L": 1.0, "S": 1.0, "B": 0.5, "E": 0.5, "T": 0.5}
    one = factors | {factor: 2000.0 if factor == "R" else value}
    two = factors | {factor: one[factor] * more}
    assert soil_loss(two) >= soil_loss(one)


def test_rusle_has_its_own_factors() -> None:
    assert soil_loss({"R": 1000, "K": 0.03, "L": 2, "S": 1, "C": 0.1, "P": 0.5}, "rusle") == pytest.approx(3.0)
    with pytest.raises(KeyError):
        soil_loss({"R": 1000, "K": 0.03, "L": 2, "S": 1, "C": 0.1}, "rusle")


def test_what_is_unknown_stays_unknown() -> None:
    loss = soil_loss({"R": [2000, np.nan], "K": 0.03, "L": 1, "S": 1, "B": 1, "E": 1, "T": 1})
    assert loss[0] == pytest.approx(60)
    assert np.isnan(loss[1])


def test_grades_by_hand() -> None:
    assert grade_of([0, 999.9, 1000, 2499, 4999, 7999, 14999, 20000], 1000).tolist() == [1, 1, 2, 2, 3, 4, 5, 6]
    assert grade_names()[1].zh == "微度"
    assert thickness_mm_a([2500, 5000, 8000, 15000]).round(1).tolist() == [1.9, 3.7, 5.9, 11.1]


def test_a_district_whose_region_is_disputed_gets_both_readings() -> None:
    assert [region.tolerance_t_km2_a for region in regions_of("140404")] == [200.0, 1000.0]
    assert [region.code for region in regions_of("140802")] == ["northwest_loess"]
    assert regions_of("999999")
    assert {region.tolerance_t_km2_a for region in regions().values()} == {200.0, 500.0, 1000.0}


def test_the_matrix_of_slope_and_cover() -> None:
    slopes = [6, 10, 20, 30, 40]
    rows = {65: [2, 2, 2, 3, 3], 50: [2, 2, 3, 3, 4], 35: [2, 3, 3, 4, 5], 10: [3, 3, 4, 5, 6], 75: [1, 1, 1, 1, 1]}
    for cover, expected in rows.items():
        assert sheet_grade(slopes, cover, [False] * 5).tolist() == expected
    assert sheet_grade(slopes, np.nan, [True] * 5).tolist() == [2, 3, 4, 5, 6]
    assert sheet_grade([np.nan, 10], [50, np.nan], [False, False]).tolist() == [0, 0]


@given(st.floats(0, 60), st.floats(0, 60), st.floats(0, 100), st.floats(0, 100))
def test_steeper_and_barer_is_never_better(one: float, two: float, bare: float, green: float) -> None:
    flat, steep = sorted((one, two))
    thin, thick = sorted((bare, green))
    assert sheet_grade(flat, thick, False) <= sheet_grade(steep, thick, False) <= sheet_grade(steep, thin, False)


@pytest.mark.parametrize("tolerance", [0, -1, 2500, np.nan])
def test_tolerances_that_are_none(tolerance: float) -> None:
    with pytest.raises(InputError):
        grade_of([1], tolerance)


def test_a_table_of_ones_own(tmp_path: Path) -> None:
    path = tmp_path / "own.csv"
    path.write_text("﻿code,kind,name_zh,name_en,factor\nX,tillage,试,trial,0.5\n", encoding="utf-8")
    assert practices(path)["X"].factor == 0.5
    for line, said in (
        ("X,tillage,试,trial,1.5", "1.5"),
        ("X,digging,试,trial,0.5", "digging"),
        ("X,tillage,试,trial,", "line 2"),
    ):
        path.write_text(f"code,kind,name_zh,name_en,factor\n{line}\n", encoding="utf-8")
        with pytest.raises(InputError) as caught:
            practices(path)
        assert said in caught.value.text("en")
    path.write_text("code,kind\nX,tillage\n", encoding="utf-8")
    with pytest.raises(InputError, match="name_zh"):
        practices(path)


def test_every_measure_has_a_source_and_a_confidence() -> None:
    assert all(practice.source and practice.confidence in {"H", "M", "L"} for practice in practices().values())
