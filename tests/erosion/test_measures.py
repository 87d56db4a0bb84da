"""What measures save and cost: by hand, by the domain's scenario, and as properties."""

from __future__ import annotations

import math
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from spatial.erosion.measures import earthwork_m3_per_hm2, measures_of, works_of
from spatial.erosion.plan import Prescription, Price, plan_table, price_table, require_prices
from spatial.erosion.practices import combined, practices
from spatial.erosion.scenarios import RANKINGS, Budget, Scenario, budget_of, chosen, outcomes
from spatial.errors import InputError
from spatial.words import Both

PRICES = {
    code: Price("hm2", 100.0, Both("", ""), "L")
    for code in ("TERRACE_EARTH", "CONTOUR", "TERRACE_INTERVAL", "GRASS_ROTATION")
}
PRICES["EARTHWORK"] = Price("m3", 2.0, Both("", ""), "L")


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
    found = measures_of(parcels(), plan_table(), PRICES, 0.40)
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
    assert second["after_t_a"] == pytest.approx(286.17 * 0.347 * 0.225 / 0.40)
    assert second["saved_t_per_hm2"] == pytest.approx(second["saved_t_a"])


def test_earthwork_by_hand() -> None:
    assert earthwork_m3_per_hm2(45, 8) == pytest.approx(10_000)
    assert earthwork_m3_per_hm2(0, 8) == 0


def test_scenarios_by_hand() -> None:
    found = measures_of(parcels(), plan_table(), PRICES, 0.40)
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


@given(amounts, st.floats(1, 500), st.sampled_from(["hm2", "yuan"]))
def test_a_budget_takes_the_longest_part_of_the_ranking_that_it_pays(
    rows: list[tuple[float, ...]], amount: float, kind: str
) -> None:
    table = pd.DataFrame(rows, columns=["area_hm2", "yuan", "saved_t_a"]).assign(slope_class=3)
    table["saved_t_per_hm2"] = table["saved_t_a"] / table["area_hm2"]
    table["saved_t_per_yuan"] = table["saved_t_a"] / table["yuan"]
    ranking = RANKINGS[kind]
    treated = outcomes(table, ranking, Budget(kind, amount))[-1].treated
    # Every prefix of the ranking, tried one by one.
    order = sorted(range(len(table)), key=lambda place: (-table[ranking][place], place))
    spent = {"hm2": "area_hm2", "yuan": "yuan"}[kind]
    paid = [
        count for count in range(len(order) + 1) if math.fsum(table[spent][place] for place in order[:count]) <= amount
    ]
    assert treated.index.tolist() == order[: max(paid)]
    assert treated["saved_t_a"].sum() == pytest.approx(
        math.fsum(table["saved_t_a"][place] for place in order[: max(paid)])
    )


def test_the_scenarios_of_every_run() -> None:
    found = measures_of(parcels(), plan_table(), PRICES, 0.40)
    by_key = {outcome.key: outcome.treated.index.tolist() for outcome in outcomes(found, RANKINGS["hm2"])}
    assert by_key == {"class_3": ["a"], "class_4": ["b"], "all": ["b", "a"]}
    with_budget = outcomes(found, RANKINGS["hm2"], Budget("hm2", 1.5))[-1]
    assert (with_budget.key, with_budget.treated.index.tolist()) == ("budget", ["b"])


@pytest.mark.parametrize(
    ("text", "kind", "amount"),
    [
        ("50 ha", "hm2", 50), ("50公顷", "hm2", 50), ("15 亩", "hm2", 1), ("0.5 km2", "hm2", 50), ("500,000 yuan", "yuan", 5e5),
        ("5e5 元", "yuan", 5e5), ("50万元", "yuan", 5e5), ("20 HM2", "hm2", 20),
    ],
)  # fmt: skip
def test_budgets_as_people_write_them(text: str, kind: str, amount: float) -> None:
    found = budget_of(text)
    assert (found.kind, found.amount) == (kind, pytest.approx(amount, rel=1e-12))


@pytest.mark.parametrize(
    "text", ["much", "50", "", "ha", "-3 ha", "0 yuan", "1e999 yuan", "5 5 ha", "50 apples", "nan ha"]
)
def test_budgets_that_are_none(text: str) -> None:
    with pytest.raises(InputError, match="budget"):
        budget_of(text)


def test_works_that_are_no_terraces_have_no_length_and_no_earthwork() -> None:
    pits = Prescription(4, (practices()["FISH_SCALE"],), 6.0, Both("", ""), "L")
    found = measures_of(parcels(), {4: pits}, {"FISH_SCALE": Price("hm2", 500.0, Both("", ""), "L")}, 0.40)
    (row,) = found.itertuples()
    assert (row.terrace_m, row.terrace_hm2, row.earthwork_m3, row.yuan) == (0, 0, 0, 500)
    assert row.after_t_a == pytest.approx(286.17 * 0.249)


def test_a_level_terrace_is_never_multiplied_by_contour_tillage() -> None:
    known = practices()
    for code in ("TERRACE_EARTH", "TERRACE_STONE"):
        both = Prescription(3, (known[code], known["CONTOUR"]), 10.0, Both("", ""), "L")
        alone = Prescription(3, (known[code],), 10.0, Both("", ""), "L")
        prices = PRICES | {code: PRICES["CONTOUR"]}
        after = [measures_of(parcels(), {3: own}, prices, 0.40)["after_t_a"].tolist() for own in (both, alone)]
        assert after[0] == after[1]


def test_tables_have_sources_and_placeholders_say_so() -> None:
    assert all(row.source.en and row.source.zh and row.confidence in {"H", "M", "L"} for row in plan_table().values())
    assert all("placeholder" in price.source.en and "占位数" in price.source.zh for price in price_table().values())
    assert {price.confidence for price in price_table().values()} == {"L"}


PLAN_HEAD, PRICE_HEAD = "slope_class,practices,width_m,source,confidence", "code,unit,yuan,source,confidence"


@pytest.mark.parametrize(
    ("head", "rows", "said"),
    [
        (PLAN_HEAD, ["3,DIGGING,10,x,L"], "DIGGING"),
        (PLAN_HEAD, ["7,CONTOUR,10,x,L"], '"7"'),
        (PLAN_HEAD, ["5,CONTOUR,10,x,L"], "given up"),
        (PLAN_HEAD, ["3.5,CONTOUR,10,x,L"], "3.5"),
        (PLAN_HEAD, ["3,CONTOUR,0,x,L"], "must lie between"),
        (PLAN_HEAD, ["3,CONTOUR,nan,x,L"], "nan"),
        (PLAN_HEAD, ["3,CONTOUR,10,x,L"] * 2, "twice"),
        (PLAN_HEAD, [], "no rows"),
        ("slope_class,practices", ["3,CONTOUR"], "width_m"),
        (PRICE_HEAD, ["CONTOUR,hm2,dear,x,L"], "dear"),
        (PRICE_HEAD, ["CONTOUR,hm2,-3,x,L"], "negative"),
        (PRICE_HEAD, ["CONTOUR,m3,3,x,L"], "hm2"),
        (PRICE_HEAD, ["EARTHWORK,hm2,3,x,L"], "m3"),
        (PRICE_HEAD, ["CONTOUR,hm2,3,x,L"] * 2, "twice"),
        ("code,unit", ["CONTOUR,hm2"], "yuan"),
        (PLAN_HEAD, ["3,CONTOUR CONTOUR,10,x,L"], "on one field together"),
        (PLAN_HEAD, ["3,TERRACE_EARTH TERRACE_STONE,10,x,L"], "two kinds of terraces"),
        (PLAN_HEAD, ["3,CONTOUR,1e9,x,L"], "must lie between"),
        (PLAN_HEAD, ['3,"CONTOUR,10,x,L'], "table is broken"),
        (PLAN_HEAD + ",source", ["3,CONTOUR,10,x,L,x"], 'two columns are called "source"'),
        (PRICE_HEAD, ["CONTOUR,hm2,12,000,x,L"], "thousands"),
        (PRICE_HEAD, ["CONTUOR,hm2,12,x,L"], "CONTUOR"),
        (PRICE_HEAD, ["CONTOUR,hm2,1e300,x,L"], "is more than"),
    ],
)
def test_tables_that_are_wrong(tmp_path: Path, head: str, rows: list[str], said: str) -> None:
    path = tmp_path / "table.csv"
    path.write_bytes("\n".join([head, *rows, ""]).encode("gbk"))
    with pytest.raises(InputError) as caught:
        (plan_table if head.startswith("slope") else price_table)(path)
    assert said in caught.value.text("en")
    assert "table.csv" in caught.value.text("zh")


@pytest.mark.parametrize(("mark", "encoding"), [(";", "gbk"), ("\t", "utf-16"), (",", "utf-8-sig")])
def test_tables_as_spreadsheets_write_them(tmp_path: Path, mark: str, encoding: str) -> None:
    path = tmp_path / "prices.csv"
    rows = [PRICE_HEAD.replace("yuan", " Yuan "), "", "CONTOUR,hm2,300,当地单价,L"]
    path.write_bytes("\r\n".join(rows).replace(",", mark).encode(encoding))
    assert price_table(path)["CONTOUR"].yuan == 300


def test_a_plan_without_its_prices_is_refused_before_anything_is_computed() -> None:
    with pytest.raises(InputError, match="it lacks prices of measures in the plan, CONTOUR"):
        require_prices(plan_table(), {code: one for code, one in PRICES.items() if code != "CONTOUR"}, Path("mine.csv"))


def test_a_price_that_is_missing_is_named() -> None:
    with pytest.raises(InputError, match="EARTHWORK"):
        measures_of(
            parcels(), plan_table(), {code: price for code, price in PRICES.items() if code != "EARTHWORK"}, 0.40
        )


def test_a_budget_is_written_out(capsys: pytest.CaptureFixture[str]) -> None:
    from spatial.cli.main import main

    args = ["--quiet", "--lang", "en", "erosion", "-w", "sample:shangdang", "--measures", "--budget", "500万元"]
    assert main(args) == 0
    said = capsys.readouterr().out
    assert "5,000,000" in said
    assert "e+0" not in said


def test_only_what_is_levelled_is_moved() -> None:
    known = practices()
    level, interval, slope = (
        works_of(known[code], 2.0, 10.0, 6.0) for code in ("TERRACE_EARTH", "TERRACE_INTERVAL", "TERRACE_SLOPE")
    )
    by_hand = 2 * 1250 * 6 * math.tan(math.radians(10))
    assert level.earthwork_m3 == pytest.approx(by_hand)
    # A third of the field: strips of 6 m, 12 m of slope between them.
    assert interval.earthwork_m3 == pytest.approx(0.333 * by_hand)
    assert (interval.terrace_hm2, interval.terrace_m) == pytest.approx((0.666, 0.333 * 20_000 / 6))
    # Bunds of half a square metre every 6 m, however steep.
    assert slope.earthwork_m3 == pytest.approx(0.5 * 20_000 / 6)
    assert works_of(known["TERRACE_SLOPE"], 2.0, 20.0, 6.0) == slope
    assert works_of(known["CONTOUR"], 2.0, 10.0, 6.0).earthwork_m3 == 0
    said = [known[code].earthwork for code in ("TERRACE_INTERVAL", "TERRACE_SLOPE")]
    assert all(one.confidence == "L" and one.source.zh and one.source.en for one in said)


def test_interval_terraces_cost_what_they_move() -> None:
    second = measures_of(parcels(), plan_table(), PRICES, 0.40).loc["b"]
    moved = 0.333 * 1250 * 6 * math.tan(math.radians(20))
    assert second["earthwork_m3"] == pytest.approx(moved)
    assert second["yuan"] == pytest.approx(200 + 2 * moved)


@pytest.mark.parametrize(
    "codes",
    ["TERRACE_EARTH TERRACE_SLOPE", "TERRACE_EARTH FISH_SCALE", "CONTOUR RIDGE_BASIN", "NO_TILL REDUCED_TILL", "CONTOUR CONTOUR"],
)  # fmt: skip
def test_measures_that_shut_each_other_out_are_never_multiplied(tmp_path: Path, codes: str) -> None:
    known = practices()
    with pytest.raises(InputError, match=codes.split()[1]):
        combined([known[code] for code in codes.split()], 0.40)
    path = tmp_path / "plan.csv"
    path.write_text(f"{PLAN_HEAD}\n3,{codes},10,x,L\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"plan\.csv"):
        plan_table(path)


def test_a_rotation_that_replaces_another_is_divided_by_it() -> None:
    known = practices()
    assert combined([known["GRASS_ROTATION"]], 0.40) == (1.0, pytest.approx(0.5625))
    assert combined([known["GRASS_ROTATION"]], 0.225) == (1.0, pytest.approx(1.0))
    # Tillage that leaves the rotation as it is stays a product.
    assert combined([known["GRASS_ROTATION"], known["CONTOUR"]], 0.45) == (1.0, pytest.approx(0.5 * 0.431))


def test_what_level_ground_implies_is_data(tmp_path: Path) -> None:
    text = "code,kind,name_zh,name_en,factor,levels_slope,implied_by_level\n"
    path = tmp_path / "own.csv"
    path.write_text(f"{text}FLAT,engineering,平,flat,0.1,yes,no\nROWS,tillage,行,rows,0.5,no,yes\n", encoding="utf-8")
    own = practices(path)
    assert combined([own["FLAT"], own["ROWS"]], 0.40) == (0.1, 1.0)
    assert combined([own["ROWS"]], 0.40) == (1.0, 0.5)


@pytest.mark.parametrize(
    ("cells", "said"),
    [("dig,1", '"dig"'), (",", "reckon"), ("level,1.5", "1.5"), ("bund,much", "much"), ("bund,50", "not above 20")],
)
def test_earthwork_that_cannot_be_reckoned(tmp_path: Path, cells: str, said: str) -> None:
    path = tmp_path / "own.csv"
    head = "code,kind,name_zh,name_en,factor,terrace,earthwork,earthwork_figure"
    path.write_text(f"{head}\nT,engineering,梯,terrace,0.1,yes,{cells}\n", encoding="utf-8")
    with pytest.raises(InputError) as caught:
        practices(path)
    assert said in caught.value.text("en")
