"""The tables of measures on farmland, as every output shows them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pandas as pd

from spatial.erosion.plan import EARTHWORK
from spatial.erosion.practices import NONE, Practice, combined, practices
from spatial.erosion.result import ErosionResult, Measures
from spatial.erosion.scenarios import RANKINGS, Outcome
from spatial.tables.cells import NOTHING, Cell, Column, Kind, Table, rounded
from spatial.terrain.classes import scheme_of
from spatial.units import from_m2
from spatial.words import Lang, say

#: Yuan that losses saved are told for: a single one saves grams.
_YUAN = 1e4
#: Keys of the sheets that the caveats of measures stand on.
MEASURED = ("measures_scenarios", "measures_parcels", "measures_conversion", "measures_basis")


def measures_tables(result: ErosionResult, lang: Lang) -> list[Table]:
    """Return all tables of measures; none where they were not asked for."""
    if result.measures is None:
        return []
    made = [_scenarios, _parcels, _conversion, _basis]
    return [table for table in (make(result.measures, lang) for make in made) if table.rows]


def measures_notice(measures: Measures, lang: Lang) -> str:
    """Return the caveats that every output of measures carries: E and T, and what the prices are."""
    return say(lang, "sentence_mark").join([say(lang, "measures_caveat_et"), prices_notice(measures, lang)])


def prices_notice(measures: Measures, lang: Lang) -> str:
    """Return where the prices come from and how sure they are."""
    if measures.asked.prices is None:
        return say(lang, "measures_prices_own")
    grades = sorted({price.confidence for price in measures.prices.values() if price.confidence})
    return say(lang, "measures_prices_file", file=measures.asked.prices.name, grades="/".join(grades) or "—")


def practice_names(codes: str, lang: Lang) -> str:
    """Return the names of practices given by their codes, parted by spaces."""
    known = practices()
    return " + ".join(known[code].name.say(lang) for code in codes.split())


def budget_text(measures: Measures, lang: Lang) -> str:
    """Return the budget as people read it; empty where there is none."""
    budget = measures.asked.budget
    if budget is None:
        return ""
    # Whole sums of money, not 5e+06.
    amount = f"{budget.amount:,.4f}".rstrip("0").rstrip(".")
    return say(lang, f"measures_budget_{budget.kind}", amount=amount)


def ranked(measures: Measures) -> pd.DataFrame:
    """Return the parcels of all classes in their ranking, with ``parcel``, ``rank`` and ``in_budget``.

    Without a budget all are within it.
    """
    by_key = {outcome.key: outcome.treated for outcome in measures.outcomes}
    every = by_key["all"]
    paid = by_key.get("budget", every).index
    return every.assign(
        parcel=measures.farmland.parcels.loc[every.index, "parcel"],
        rank=range(1, len(every) + 1),
        in_budget=every.index.isin(paid),
    )


def first_rows(table: Table, count: int, lang: Lang) -> Table:
    """Return a table by its first rows, its title saying how many there are."""
    if len(table.rows) <= count:
        return table
    title = say(lang, "measures_first", title=table.title, shown=count, count=len(table.rows))
    return replace(table, title=title, rows=table.rows[:count])


def _scenarios(measures: Measures, lang: Lang) -> Table:
    before = float(measures.farmland.parcels["loss_t_a"].sum())
    rows = [_scenario(outcome, measures, before, lang) for outcome in measures.outcomes]
    columns: list[tuple[str, Kind]] = [
        ("scenario", "text"),
        ("parcels", "count"),
        ("area_ha", "ha"),
        ("loss_t_a", "m2"),
        ("saved_t_a", "m2"),
        ("saved_pct", "pct"),
        ("terrace_ha", "ha"),
        ("terrace_m", "m2"),
        ("earthwork_m3", "m2"),
        ("yuan", "m2"),
        ("per_hm2", "m2"),
        ("per_yuan", "m2"),
    ]
    return _table("measures_scenarios", columns, rows, lang)


def _scenario(outcome: Outcome, measures: Measures, before_t_a: float, lang: Lang) -> tuple[Cell, ...]:
    own = outcome.treated
    area, saved, yuan = (float(own[column].sum()) for column in ("area_hm2", "saved_t_a", "yuan"))
    return (
        say(lang, f"measures_{outcome.key}", budget=budget_text(measures, lang)),
        len(own),
        rounded(area, "ha"),
        rounded(float(own["loss_t_a"].sum()), "m2"),
        rounded(saved, "m2"),
        rounded(100 * saved / before_t_a, "pct") if before_t_a else None,
        rounded(float(own["terrace_hm2"].sum()), "ha"),
        rounded(float(own["terrace_m"].sum()), "m2"),
        rounded(float(own["earthwork_m3"].sum()), "m2"),
        rounded(yuan, "m2"),
        rounded(saved / area, "m2") if area else None,
        rounded(_YUAN * saved / yuan, "m2") if yuan else None,
    )


def _parcels(measures: Measures, lang: Lang) -> Table:
    rows = [
        (
            int(row.rank),
            str(row.parcel),
            _class_name(int(row.slope_class), lang),
            practice_names(str(row.practices), lang),
            float(row.e),
            float(row.t),
            rounded(float(row.area_hm2), "ha"),
            rounded(float(row.loss_t_a), "m2"),
            rounded(float(row.after_t_a), "m2"),
            rounded(float(row.saved_t_a), "m2"),
            rounded(float(row.terrace_hm2), "ha"),
            rounded(float(row.terrace_m), "m2"),
            rounded(float(row.earthwork_m3), "m2"),
            rounded(float(row.yuan), "m2"),
            rounded(float(row.saved_t_per_hm2), "m2"),
            rounded(_YUAN * float(row.saved_t_per_yuan), "m2"),
            *([say(lang, "measures_yes" if row.in_budget else "measures_no")] if measures.asked.budget else []),
        )
        for row in ranked(measures).itertuples()
    ]
    columns: list[tuple[str, Kind]] = [
        ("rank", "count"),
        ("parcel", "text"),
        ("slope", "text"),
        ("practices", "long"),
        ("e", "exact"),
        ("t", "exact"),
        ("area_ha", "ha"),
        ("loss_t_a", "m2"),
        ("after_t_a", "m2"),
        ("saved_t_a", "m2"),
        ("terrace_ha", "ha"),
        ("terrace_m", "m2"),
        ("earthwork_m3", "m2"),
        ("yuan", "m2"),
        ("per_hm2", "m2"),
        ("per_yuan", "m2"),
    ]
    if measures.asked.budget:
        columns.append(("in_budget", "text"))
    return _table("measures_parcels", columns, rows, lang)


def _conversion(measures: Measures, lang: Lang) -> Table:
    rows: list[tuple[Cell, ...]] = [
        (
            str(row.parcel),
            say(lang, f"measures_basis_{row.basis}"),
            _class_name(int(row.slope_class), lang),
            rounded(from_m2(float(row.area_m2), "ha"), "ha"),
            rounded(100 * float(row.announced), "pct"),
            rounded(float(row.loss_t_a), "m2"),
        )
        for row in measures.farmland.conversion.itertuples()
    ]
    if not rows:
        rows = [(NOTHING, say(lang, "measures_no_conversion"), None, None, None, None)]
    columns: list[tuple[str, Kind]] = [
        ("parcel", "text"),
        ("reason", "long"),
        ("slope", "text"),
        ("area_ha", "ha"),
        ("announced_pct", "pct"),
        ("loss_t_a", "m2"),
    ]
    return _table("measures_conversion", columns, rows, lang)


def _basis(measures: Measures, lang: Lang) -> Table:
    rows: list[tuple[Cell, ...]] = [
        (say(lang, "measures_item_et"), say(lang, "measures_caveat_et")),
        (say(lang, "measures_item_prices"), prices_notice(measures, lang)),
        (say(lang, "measures_item_ranking"), say(lang, f"measures_ranking_{_ranked_by(measures)}")),
        (say(lang, "measures_item_terraced"), say(lang, "measures_terraced")),
        (say(lang, "measures_item_announced"), say(lang, f"measures_announced_{str(measures.farmland.known).lower()}")),
        (say(lang, "measures_item_partly"), _partly(measures, lang)),
        (
            say(lang, "measures_item_slopes"),
            say(lang, f"measures_slopes_{str(measures.farmland.slopes_stated).lower()}"),
        ),
        (say(lang, "measures_item_relative"), say(lang, "measures_relative")),
    ]
    for slope_class, own in measures.plan.items():
        works, tillage = combined(own.practices, measures.base_tillage)
        names = practice_names(" ".join(practice.code for practice in own.practices), lang)
        value = say(
            lang, "measures_prescribed", names=names, e=f"{works:g}", t=f"{tillage:g}", width=f"{own.width_m:g}"
        )
        source = f"{own.source.say(lang)} ({own.confidence})"
        rows.append((_class_name(int(slope_class), lang), joined_parts(lang, value, source)))
        rows += [(practice.name.say(lang), _practice(practice, measures, lang)) for practice in own.practices]
    known = practices()
    for code, price in measures.prices.items():
        name = say(lang, "measures_earthwork") if code == EARTHWORK or code not in known else known[code].name.say(lang)
        unit = say(lang, f"measures_per_{price.unit}", yuan=f"{price.yuan:g}")
        rows.append((say(lang, "measures_price", name=name), f"{unit}: {price.source.say(lang)} ({price.confidence})"))
    return _table("measures_basis", [("item", "text"), ("value", "long")], rows, lang)


def _practice(practice: Practice, measures: Measures, lang: Lang) -> str:
    """Say the factor of a measure, where it comes from, and how its earthwork is reckoned."""
    said, own = [f"{practice.factor:g}: {practice.source.say(lang)} ({practice.confidence})"], practice.earthwork
    if practice.replaces_rotation:
        base = measures.base_tillage
        figures = {"factor": f"{practice.factor:g}", "base": f"{base:g}", "ratio": f"{practice.factor / base:g}"}
        said.append(say(lang, "measures_replaces", **figures))
    if own.way != NONE:
        figures = {"share": f"{100 * own.figure:g} %", "section": f"{own.figure:g}"}
        source = {"source": own.source.say(lang), "confidence": own.confidence}
        said.append(say(lang, f"measures_earthwork_{own.way}", **figures, **source))
    return joined_parts(lang, *said)


def _partly(measures: Measures, lang: Lang) -> str:
    """Say what of the announced land lies in parcels that are not to be given up as a whole."""
    parcels = measures.farmland.parcels
    partly = parcels[(parcels["announced"] > 0) & ~parcels.index.isin(measures.farmland.conversion.index)]
    area = from_m2(float((partly["area_m2"] * partly["announced"]).sum()), "ha")
    return say(lang, "measures_partly", count=len(partly), area=f"{area:,.4f}")


def _class_name(code: int, lang: Lang) -> str:
    """Return the name of a slope class of the land survey."""
    return next((one.name.say(lang) for one in scheme_of("survey").classes if one.code == code), str(code))


def joined_parts(lang: Lang, *parts: str) -> str:
    """Join what is said with where it comes from."""
    return say(lang, "part_mark").join(parts)


def _ranked_by(measures: Measures) -> str:
    return next(key for key, ranking in RANKINGS.items() if ranking == measures.asked.ranking)


def _table(key: str, columns: Sequence[tuple[str, Kind]], rows: Sequence[tuple[Cell, ...]], lang: Lang) -> Table:
    titled = tuple(Column(name, say(lang, f"col_measures_{name}"), kind) for name, kind in columns)
    return Table(key, say(lang, f"table_{key}"), titled, tuple(rows))
