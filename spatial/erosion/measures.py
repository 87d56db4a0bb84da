"""What conservation measures on farmland would save, and what they would cost."""

from __future__ import annotations

import csv
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
import pandas as pd

from spatial.erosion.practices import Practice, combined, practices
from spatial.erosion.tables import table_text
from spatial.errors import InputError
from spatial.units import from_m2

EARTHWORK = "EARTHWORK"
#: Form of a field that is terraced already: nothing is prescribed for it.
TERRACED = "TT"
#: Slope class of farmland that the law wants converted.
CONVERTED = 5

Ranking = Literal["saved_t_per_hm2", "saved_t_per_yuan"]


@dataclass(frozen=True)
class Prescription:
    """What the plan prescribes for sloping farmland of a class.

    Parameters
    ----------
    slope_class
        Of the land survey: 3 for 6 to 15 degrees, 4 for 15 to 25.
    practices
        Done together.
    width_m
        Of the terraces.
    """

    slope_class: int
    practices: tuple[Practice, ...]
    width_m: float
    source: str
    confidence: str


@dataclass(frozen=True)
class Price:
    """What a unit of work costs.

    Parameters
    ----------
    unit
        ``hm2`` or ``m3``.
    """

    unit: str
    yuan: float
    source: str
    confidence: str


def plan_table(path: Path | None = None) -> dict[int, Prescription]:
    """Return what is prescribed, by slope class: ``data/measure_plan.csv`` or the user's copy of it.

    Raises
    ------
    InputError
        If a column is missing, a number is none, or a practice is unknown.

    Examples
    --------
    >>> [practice.code for practice in plan_table()[3].practices]
    ['TERRACE_EARTH', 'CONTOUR']
    """
    known = practices()
    found = {}
    for row, file, line in _rows("measure_plan.csv", path):
        codes = _text(row, "practices", file).split()
        strange = [code for code in codes if code not in known]
        if strange or not codes:
            raise InputError("measures_kind", file=file, line=line, value=" ".join(strange), known=", ".join(known))
        slope_class, width_m = (_number(row, column, file, line) for column in ("slope_class", "width_m"))
        chosen = tuple(known[code] for code in codes)
        said = _text(row, "source", file), _text(row, "confidence", file)
        found[int(slope_class)] = Prescription(int(slope_class), chosen, width_m, *said)
    return found


def price_table(path: Path | None = None) -> dict[str, Price]:
    """Return unit prices by practice: ``data/measure_prices.csv``, placeholders, or the user's copy of it.

    Raises
    ------
    InputError
        If a column is missing or a price is no number.
    """
    return {
        _text(row, "code", file): Price(
            _text(row, "unit", file),
            _number(row, "yuan", file, line),
            _text(row, "source", file),
            _text(row, "confidence", file),
        )
        for row, file, line in _rows("measure_prices.csv", path)
    }


def _rows(name: str, path: Path | None) -> list[tuple[dict[str, str | None], str, int]]:
    rows = csv.DictReader(table_text(name, path).splitlines())
    return [(dict(row), str(path or name), line) for line, row in enumerate(rows, start=2)]


def _text(row: Mapping[str, str | None], column: str, file: str) -> str:
    if column not in row:
        raise InputError("measures_column", file=file, column=column)
    return (row[column] or "").strip()


def _number(row: Mapping[str, str | None], column: str, file: str, line: int) -> float:
    value = _text(row, column, file)
    try:
        return float(value)
    except ValueError as error:
        raise InputError("land_number", file=file, line=line, column=column, value=value) from error


def earthwork_m3_per_hm2(slope_deg: float, width_m: float) -> float:
    """Return the soil moved for level terraces [m3/hm2].

    Notes
    -----
    A terrace as wide as ``B`` stands ``H = B tan(slope)`` high, and a metre of it moves ``B H / 8``
    (GB/T 16453.1, cut and fill in balance): 1250 H on a hectare.

    Examples
    --------
    >>> round(earthwork_m3_per_hm2(10, 10))
    2204
    """
    return 1250.0 * width_m * math.tan(math.radians(slope_deg))


def measures_of(parcels: pd.DataFrame, plan: Mapping[int, Prescription], prices: Mapping[str, Price]) -> pd.DataFrame:
    """Return what the plan prescribes for each parcel of farmland, what it saves and what it costs.

    Parameters
    ----------
    parcels : DataFrame
        ``slope_class`` (1 to 5), ``field_form`` (``TT`` terraced, else sloping), ``slope_deg`` (mean),
        ``area_m2`` and ``loss_t_a`` before.
    plan
        As :func:`plan_table` returns it.
    prices
        As :func:`price_table` returns it.

    Returns
    -------
    DataFrame
        The parcels for which something is prescribed, by their index: ``slope_class``, ``practices``, ``e``, ``t``,
        ``area_hm2``, ``loss_t_a``, ``after_t_a``, ``saved_t_a``, ``terrace_m``, ``earthwork_m3``, ``yuan``,
        ``saved_t_per_hm2``, ``saved_t_per_yuan``.

    Notes
    -----
    Loss after is loss before times E times T (DOMAIN 6.7); the share that is saved hangs neither on R nor on
    K. Contour tillage on a level terrace is not counted twice, see :func:`spatial.erosion.practices.combined`.

    Raises
    ------
    InputError
        If a price is missing.
    """
    rows = []
    for index, parcel in parcels.iterrows():
        prescribed = plan.get(int(parcel["slope_class"]))
        if prescribed is None or parcel["field_form"] == TERRACED:
            continue
        works, tillage = combined(list(prescribed.practices))
        area_hm2 = from_m2(float(parcel["area_m2"]), "ha")
        terraced = any(practice.kind == "engineering" for practice in prescribed.practices)
        moved = area_hm2 * earthwork_m3_per_hm2(float(parcel["slope_deg"]), prescribed.width_m) * terraced
        after = float(parcel["loss_t_a"]) * works * tillage
        rows.append(
            {
                "parcel": index,
                "slope_class": prescribed.slope_class,
                "practices": " ".join(practice.code for practice in prescribed.practices),
                "e": works,
                "t": tillage,
                "area_hm2": area_hm2,
                "loss_t_a": float(parcel["loss_t_a"]),
                "after_t_a": after,
                "saved_t_a": float(parcel["loss_t_a"]) - after,
                "terrace_m": area_hm2 * 1e4 / prescribed.width_m * terraced,
                "earthwork_m3": moved,
                "yuan": _cost(prescribed, area_hm2, moved, prices),
            }
        )
    columns = ["parcel", "slope_class", "practices", "e", "t", "area_hm2", "loss_t_a", "after_t_a", "saved_t_a"]
    frame = pd.DataFrame(rows, columns=[*columns, "terrace_m", "earthwork_m3", "yuan"]).set_index("parcel")
    frame["saved_t_per_hm2"] = frame["saved_t_a"] / frame["area_hm2"]
    frame["saved_t_per_yuan"] = frame["saved_t_a"] / frame["yuan"].where(frame["yuan"] > 0)
    return frame


def _cost(prescribed: Prescription, area_hm2: float, earthwork_m3: float, prices: Mapping[str, Price]) -> float:
    amounts = {practice.code: area_hm2 for practice in prescribed.practices} | {EARTHWORK: earthwork_m3}
    missing = [code for code, amount in amounts.items() if amount and code not in prices]
    if missing:
        raise InputError("measures_price", codes=", ".join(missing))
    return math.fsum(amount * prices[code].yuan for code, amount in amounts.items() if amount)


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
