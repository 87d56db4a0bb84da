"""What a plan prescribes for sloping farmland, and what works cost: tables that users edit."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from spatial.erosion.constants import constants
from spatial.erosion.practices import NONE, Practice, practices, together
from spatial.erosion.tables import said_by, table_rows
from spatial.errors import InputError
from spatial.words import Both

#: Code of the price of a cubic metre of earth moved; every other code is a practice, priced by the hectare.
EARTHWORK = "EARTHWORK"
_UNITS = {EARTHWORK: "m3"}
_BY_AREA = "hm2"
#: Slope classes of sloping farmland that stays farmland: below needs nothing, above is converted.
TREATED = (2, 3, 4)


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
    source: Both
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
    source: Both
    confidence: str


def plan_table(path: Path | None = None) -> dict[int, Prescription]:
    """Return what is prescribed, by slope class: ``data/measure_plan.csv`` or the user's copy of it.

    Raises
    ------
    InputError
        If a column is missing, a number is none, a practice is unknown, or a class is not one of sloping
        farmland or has two rows.

    Examples
    --------
    >>> [practice.code for practice in plan_table()[3].practices]
    ['TERRACE_EARTH', 'CONTOUR']
    """
    known = practices()
    found: dict[int, Prescription] = {}
    for row, file, line in _rows("measure_plan.csv", path):
        slope_class = _class(row, file, line)
        if slope_class in found:
            raise InputError("measures_twice", file=file, line=line, value=slope_class)
        codes = _text(row, "practices", file).split()
        strange = [code for code in codes if code not in known]
        if strange or not codes:
            raise InputError("measures_kind", file=file, line=line, value=" ".join(strange), known=", ".join(known))
        width_m = _number(row, "width_m", file, line)
        least, most = constants("terrace_width")["valid"]
        if not least <= width_m <= most:
            given = {"value": f"{width_m:g}", "least": f"{least:g}", "most": f"{most:g}"}
            raise InputError("measures_width", file=file, line=line, **given)
        chosen = tuple(known[code] for code in codes)
        _require_together(chosen, file, line)
        found[slope_class] = Prescription(
            slope_class, chosen, width_m, said_by(row, "source"), _text(row, "confidence", file)
        )
    return found


def price_table(path: Path | None = None) -> dict[str, Price]:
    """Return unit prices by practice: ``data/measure_prices.csv``, placeholders, or the user's copy of it.

    Raises
    ------
    InputError
        If a column is missing, a code is unknown, a price is no number, below nothing or beyond belief, its unit is another than that of
        the work, or a code has two rows.
    """
    found: dict[str, Price] = {}
    for row, file, line in _rows("measure_prices.csv", path):
        code, unit, yuan = _text(row, "code", file), _text(row, "unit", file), _number(row, "yuan", file, line)
        needed = _UNITS.get(code, _BY_AREA)
        if unit != needed:
            raise InputError("price_unit", file=file, line=line, code=code, value=unit, needed=needed)
        known = [EARTHWORK, *practices()]
        if code not in known:
            raise InputError("price_code", file=file, line=line, value=code, known=", ".join(known))
        if yuan < 0:
            raise InputError("price_negative", file=file, line=line, code=code, value=f"{yuan:g}")
        most = constants("price")["most_yuan"]
        if yuan > most:
            raise InputError("price_most", file=file, line=line, code=code, value=f"{yuan:g}", most=f"{most:,.0f}")
        if code in found:
            raise InputError("measures_twice", file=file, line=line, value=code)
        found[code] = Price(unit, yuan, said_by(row, "source"), _text(row, "confidence", file))
    return found


def _require_together(chosen: tuple[Practice, ...], file: str, line: int) -> None:
    """Refuse practices that cannot be on one field at once: their factors would be multiplied."""
    wrong = together(chosen)
    if wrong:
        raise InputError("measures_together", file=file, line=line, value=" ".join(wrong))


def require_prices(plan: Mapping[int, Prescription], prices: Mapping[str, Price], file: Path | None) -> None:
    """Refuse a table of prices that lacks a practice of the plan; before anything is computed.

    Raises
    ------
    InputError
        With the codes.
    """
    chosen = [practice for prescribed in plan.values() for practice in prescribed.practices]
    needed = [practice.code for practice in chosen] + [EARTHWORK] * any(
        practice.earthwork.way != NONE for practice in chosen
    )
    missing = [code for code in dict.fromkeys(needed) if code not in prices]
    if missing:
        raise InputError("prices_lack", file=file or "measure_prices.csv", codes=", ".join(missing))


def _rows(name: str, path: Path | None) -> list[tuple[dict[str, str | None], str, int]]:
    rows = table_rows(name, path)
    if not rows:
        raise InputError("plan_empty", file=path or name, name=name)
    return rows


def _text(row: Mapping[str, str | None], column: str, file: str) -> str:
    if column not in row:
        raise InputError("plan_column", file=file, column=column)
    return (row[column] or "").strip()


def _number(row: Mapping[str, str | None], column: str, file: str, line: int) -> float:
    value = _text(row, column, file)
    try:
        number = float(value)
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise InputError("land_number", file=file, line=line, column=column, value=value)
    return number


def _class(row: Mapping[str, str | None], file: str, line: int) -> int:
    value = _text(row, "slope_class", file)
    known = {str(code): code for code in TREATED}
    if value not in known:
        raise InputError("plan_class", file=file, line=line, value=value, known=", ".join(known))
    return known[value]
