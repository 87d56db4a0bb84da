"""Which parcels are treated first: rankings, slope classes, budgets."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Literal

import numpy as np
import pandas as pd

from spatial.errors import InputError
from spatial.roles import data_rows

Ranking = Literal["saved_t_per_hm2", "saved_t_per_yuan"]
#: What a budget and a ranking are counted by: tonnes saved per hectare, per yuan.
RANKINGS: dict[str, Ranking] = {"hm2": "saved_t_per_hm2", "yuan": "saved_t_per_yuan"}


@dataclass(frozen=True)
class Scenario:
    """Which parcels are treated.

    Parameters
    ----------
    classes
        Slope classes; all where empty.
    ranking
        What comes first.
    most_hm2, most_yuan
        Budgets; unlimited unless given.
    """

    classes: frozenset[int] = frozenset()
    ranking: Ranking = "saved_t_per_yuan"
    most_hm2: float = math.inf
    most_yuan: float = math.inf


def chosen(measures: pd.DataFrame, scenario: Scenario) -> pd.DataFrame:
    """Return the parcels that a scenario treats, in their ranking.

    Parameters
    ----------
    measures
        As :func:`measures_of` returns it.
    scenario
        The parcels are taken in the order of the ranking, ties in the order of the parcels, until the next one
        would break a budget: parcels are not divided, and none is passed over for a smaller one.

    Returns
    -------
    DataFrame
        With ``sum_hm2``, ``sum_yuan`` and ``sum_saved_t_a`` up to and with each parcel.

    Examples
    --------
    >>> table = pd.DataFrame({"slope_class": [3, 4], "area_hm2": [1.0, 2.0], "yuan": [10.0, 30.0],
    ...     "saved_t_a": [5.0, 6.0], "saved_t_per_hm2": [5.0, 3.0], "saved_t_per_yuan": [0.5, 0.2]})
    >>> chosen(table, Scenario(most_yuan=39.0))["sum_saved_t_a"].tolist()
    [5.0]
    """
    wanted = measures["slope_class"].isin(scenario.classes) if scenario.classes else np.ones(len(measures), dtype=bool)
    ranked = measures[wanted].sort_values(scenario.ranking, ascending=False, kind="stable", na_position="last")
    ranked = ranked.assign(
        sum_hm2=ranked["area_hm2"].cumsum(),
        sum_yuan=ranked["yuan"].cumsum(),
        sum_saved_t_a=ranked["saved_t_a"].cumsum(),
    )
    # Sums of what is added last digit by last digit: a budget that just fits must fit.
    fits = (ranked["sum_hm2"] <= scenario.most_hm2 * (1 + 1e-12)) & (
        ranked["sum_yuan"] <= scenario.most_yuan * (1 + 1e-12)
    )
    return ranked[fits.cummin()]


@dataclass(frozen=True)
class Budget:
    """What may be spent: an area to treat, or money.

    Parameters
    ----------
    kind
        ``hm2`` or ``yuan``.
    amount
        In that unit.
    """

    kind: str
    amount: float


def budget_of(text: str) -> Budget:
    """Return a budget from what a user writes.

    Parameters
    ----------
    text
        A number and a unit of ``data/budget_units.csv``, such as ``50 ha``, ``750亩``, ``500000 yuan``, ``50万元``.

    Raises
    ------
    InputError
        If the number is none or not above zero, or the unit is not known.

    Examples
    --------
    >>> budget_of("50 ha"), budget_of("1.5万元")
    (Budget(kind='hm2', amount=50.0), Budget(kind='yuan', amount=15000.0))
    >>> budget_of("５０ 万 元")
    Budget(kind='yuan', amount=500000.0)
    """
    # Chinese keyboards write full-width digits and commas.
    written = unicodedata.normalize("NFKC", text).replace(",", "").strip()
    unit = written.lstrip("+-.0123456789eE ") or ""
    number = written[: len(written) - len(unit)].strip()
    units = _budget_units()
    unit = "".join(unit.split()).lower()
    if unit not in units:
        raise InputError("budget_unit", value=text, known=", ".join(units))
    try:
        amount = float(number)
    except ValueError as error:
        raise InputError("budget_number", value=text) from error
    if not (math.isfinite(amount) and amount > 0):
        raise InputError("budget_number", value=text)
    kind, times = units[unit]
    return Budget(kind, amount * times)


@cache
def _budget_units() -> Mapping[str, tuple[str, float]]:
    return {row["sign"].lower(): (row["kind"], float(row["times"])) for row in data_rows("budget_units.csv")}


@dataclass(frozen=True)
class Outcome:
    """What a scenario treats.

    Parameters
    ----------
    key
        ``class_3``, ``class_4``, ``all`` or ``budget``.
    treated : DataFrame
        As :func:`chosen` returns it.
    """

    key: str
    treated: pd.DataFrame


def outcomes(measures: pd.DataFrame, ranking: Ranking, budget: Budget | None = None) -> tuple[Outcome, ...]:
    """Return what is treated where only 6 to 15 degrees, only 15 to 25, all, or what a budget allows is.

    Parameters
    ----------
    measures
        As :func:`spatial.erosion.measures.measures_of` returns it.
    ranking
        What comes first.
    budget
        Its outcome comes last; none where there is no budget.
    """
    wanted = [
        ("class_3", Scenario(frozenset({3}), ranking)),
        ("class_4", Scenario(frozenset({4}), ranking)),
        ("all", Scenario(ranking=ranking)),
    ]
    if budget is not None:
        by_area = budget.kind == "hm2"
        most_hm2, most_yuan = (budget.amount, math.inf) if by_area else (math.inf, budget.amount)
        wanted.append(("budget", Scenario(ranking=ranking, most_hm2=most_hm2, most_yuan=most_yuan)))
    return tuple(Outcome(key, chosen(measures, scenario)) for key, scenario in wanted)
