"""What measures save and cost: by hand, by the domain's scenario, and as properties."""

from __future__ import annotations

import math
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from spatial.erosion.measures import (
    Price,
    Scenario,
    chosen,
    earthwork_m3_per_hm2,
    measures_of,
    plan_table,
    price_table,
)
from spatial.errors import InputError

PRICES = {
    code: Price("hm2", 100.0, "", "L") for code in ("TERRACE_EARTH", "CONTOUR", "TERRACE_INTERVAL", "GRASS_ROTATION")
}
PRICES["EARTHWORK"] = Price("m3", 2.0, "", "L")


def parcels(**columns: list[object]) -> pd.DataFrame:
    known = {
        "slope_class": [3, 4, 3, 5, 2],
        "field_form": ["PD", "PD", "TT", "PD", "PD"],
        "slope_deg": [10.0, 20.0, 10.0, 30.0, 4.0],
        "area_m2": [20_000.0, 10_000.0, 10_000.0, 10_000.0, 10_000.0],
        "loss_t_a": [265.66, 286.17, 100.0, 400.0, 10.0],
    }
    return pd.DataFrame(known | columns, index=["a", "b", "c", "d", "e"])


def test_a_field_by_hand() -> None:
    found = measures_of(parcels(), plan_table(), PRICES)
    # A terrace already, steeper than the law allows, and gentle ones: nothing is prescribed.
    assert found.index.tolist() == ["a", "b"]
    first = found.loc["a"]
    # The level terrace's contour tillage is implied: 0.084 alone (DOMAIN 6.7).
    assert (first["e"], first["t"]) == (0.084, 1.0)
    assert first["saved_t_a"] == pytest.approx(265.66 * (1 - 0.084))
    assert first["terrace_m"] == pytest.approx(2 * 10_000 / 10)
    moved = 2 * 1250 * 10 * math.tan(math.radians(10))
    assert first["earthwork_m3"] == pytest.approx(moved)
    assert first["yuan"] == pytest.approx(2 * 200 + 2 * moved)
    second = found.loc["b"]
    assert second["after_t_a"] == pytest.approx(286.17 * 0.347 * 0.225)
    assert second["saved_t_per_hm2"] == pytest.approx(second["saved_t_a"])


def test_earthwork_by_hand() -> None:
    assert earthwork_m3_per_hm2(45, 8) == pytest.approx(10_000)
    assert earthwork_m3_per_hm2(0, 8) == 0


def test_scenarios_by_hand() -> None:
    found = measures_of(parcels(), plan_table(), PRICES)
    assert chosen(found, Scenario(frozenset({3}))).index.tolist() == ["a"]
    assert chosen(found, Scenario(frozenset({4}))).index.tolist() == ["b"]
    by_area = chosen(found, Scenario(ranking="saved_t_per_hm2", most_hm2=1.0))
    assert by_area.index.tolist() == ["b"]
    assert chosen(found, Scenario(ranking="saved_t_per_hm2", most_hm2=3.0)).index.tolist() == ["b", "a"]
    assert chosen(found, Scenario(most_yuan=1.0)).empty


amounts = st.lists(st.tuples(st.floats(0.1, 100), st.floats(0.1, 1000), st.floats(0, 500)), min_size=1, max_size=15)


@given(amounts, st.floats(0, 500), st.floats(1, 2))
def test_budgets_are_kept_and_more_money_saves_no_less(
    rows: list[tuple[float, ...]], budget: float, more: float
) -> None:
    table = pd.DataFrame(rows, columns=["area_hm2", "yuan", "saved_t_a"]).assign(slope_class=3)
    table["saved_t_per_hm2"] = table["saved_t_a"] / table["area_hm2"]
    table["saved_t_per_yuan"] = table["saved_t_a"] / table["yuan"]
    less, larger = (chosen(table, Scenario(most_yuan=own)) for own in (budget, budget * more))
    assert less["yuan"].sum() <= budget * (1 + 1e-9)
    assert larger["saved_t_a"].sum() >= less["saved_t_a"].sum() - 1e-9
    assert larger.index.tolist()[: len(less)] == less.index.tolist()
    assert less["saved_t_per_yuan"].is_monotonic_decreasing


def test_tables_have_sources_and_placeholders_say_so() -> None:
    assert all(row.source and row.confidence in {"H", "M", "L"} for row in plan_table().values())
    assert all("placeholder" in price.source and price.confidence == "L" for price in price_table().values())


def test_tables_of_ones_own(tmp_path: Path) -> None:
    path = tmp_path / "plan.csv"
    path.write_text("slope_class,practices,width_m,source,confidence\n3,DIGGING,10,x,L\n", encoding="utf-8")
    with pytest.raises(InputError, match="DIGGING"):
        plan_table(path)
    path.write_text("code,unit,yuan,source,confidence\nCONTOUR,hm2,dear,x,L\n", encoding="utf-8")
    with pytest.raises(InputError, match="dear"):
        price_table(path)
    path.write_text("code,unit\nCONTOUR,hm2\n", encoding="utf-8")
    with pytest.raises(InputError, match="yuan"):
        price_table(path)
    with pytest.raises(InputError, match="EARTHWORK"):
        measures_of(parcels(), plan_table(), {code: price for code, price in PRICES.items() if code != "EARTHWORK"})
