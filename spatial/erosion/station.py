"""R from the rain of a station, K from the texture of a soil: tables that a user has, and what is said of them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from spatial.erosion.columns import UserTable, read_table
from spatial.erosion.constants import constants
from spatial.erosion.rainfall import erosive_events, erosivity_daily, erosivity_monthly
from spatial.erosion.ranges import require_factor
from spatial.erosion.soil import erodibility
from spatial.errors import InputError
from spatial.words import LANGS, Both, say

_MONTHS = 12
_PER_CENT_OF_G_KG = 0.1


def rain_factor(path: Path) -> tuple[float, Both]:
    """Return R of a station's rain, and by which method, years and source.

    Parameters
    ----------
    path
        Columns decide the method: a month, with or without a year, gives the modified Fournier index (Zhang and
        Fu 2003); dates give the half-month model (Xie et al. 2016); times of day give EI30 (AH-703), the step
        being the shortest time between two rows. Whole calendar years.

    Returns
    -------
    float
        MJ mm/(hm2 h a).
    Both
        What the basis says.

    Raises
    ------
    InputError
        If the table cannot be read, rain is not in millimetres, or a year is not whole.
    """
    table = read_table(path)
    for wrong in ("rain_inch", "rain_tenths"):
        if table.has(wrong):
            raise InputError("station_unit", file=path, column=wrong, factor="25.4" if wrong == "rain_inch" else "0.1")
    if not table.has("rain_mm"):
        raise InputError("station_rain", file=path)
    rain = table.numbers("rain_mm")
    if table.has("month") and not table.has("day") and not table.has("time"):
        found = _monthly(table, rain)
    else:
        times = _times(table)
        series = pd.Series(rain.to_numpy(), index=pd.DatetimeIndex(times)).sort_index()
        whole_days = (series.index.normalize() == series.index).all()
        found = _daily(path, series) if whole_days else _events(path, series)
    # Not asked whether it looks American: the rain was in millimetres, and dry regions have an R below 500.
    return found


def _monthly(table: UserTable, rain: pd.Series) -> tuple[float, Both]:
    month = table.numbers("month")
    if not month.isin(range(1, _MONTHS + 1)).all():
        line = int(month.index[~month.isin(range(1, _MONTHS + 1))][0])
        raise InputError("station_number", file=table.path, line=line, column="month", value=table.cells["month"][line])
    year = table.numbers("year") if table.has("year") else pd.Series(0.0, index=month.index)
    _require_rain(table.path, rain.to_numpy(), constants("record")["month_mm"])
    per_year = pd.DataFrame({"year": year, "month": month}).drop_duplicates().groupby("year").size()
    if len(rain) != _MONTHS * len(per_year) or (per_year != _MONTHS).any():
        raise InputError("station_months", file=table.path, count=len(rain), years=len(per_year))
    mean = rain.groupby(month).mean().sort_index().to_numpy()
    _require_year(table.path, float(mean.sum()))
    years = {"years": len(per_year)} if table.has("year") else {}
    key = "erosion_rain_monthly" if years else "erosion_rain_mean"
    return erosivity_monthly(mean), _said(key, table.path, "monthly", mm=f"{mean.sum():.1f}", **years)


def _times(table: UserTable) -> pd.Series:
    if table.has("time"):
        # 20200731 is a date, not so many nanoseconds.
        times = pd.to_datetime(table.cells["time"], errors="coerce", format="mixed")
    elif table.has("year", "month", "day"):
        parts = {name: table.numbers(name).astype(int) for name in ("year", "month", "day")}
        times = pd.to_datetime(pd.DataFrame(parts), errors="coerce")
    else:
        raise InputError("station_time", file=table.path)
    if times.isna().any():
        line = int(times.index[times.isna()][0])
        value = " ".join(table.cells.loc[line].astype(str))
        raise InputError("station_number", file=table.path, line=line, column="time", value=value)
    return times


def _daily(path: Path, rain: pd.Series) -> tuple[float, Both]:
    own, known = constants("daily"), constants("record")
    _require_rain(path, rain.to_numpy(), known["day_mm"])
    years = _require_years(path, rain)
    _require_year(path, float(rain.sum()) / years)
    factor = float(erosivity_daily(rain)["erosivity"].sum())
    erosive = int((rain >= own["threshold_mm"]).sum())
    span = f"{rain.index[0].date()} / {rain.index[-1].date()}"
    facts = {"years": years, "days": len(rain), "span": span, "erosive": f"{erosive / years:.1f}"}
    return factor, _said("erosion_rain_daily", path, "daily", mm=f"{own['threshold_mm']:g}", **facts)


def _events(path: Path, rain: pd.Series) -> tuple[float, Both]:
    known = constants("record")
    _require_rain(path, rain.to_numpy(), known["step_mm"])
    if rain.index.has_duplicates:
        raise InputError("rain_dates_twice", date=str(rain.index[rain.index.duplicated()][0]))
    years = _require_years(path, rain)
    _require_year(path, float(rain.sum()) / years)
    gaps = np.diff(rain.index.to_numpy()) / np.timedelta64(1, "m")
    step = float(gaps.min())
    if (np.abs(gaps / step - np.round(gaps / step)) > 1e-6).any():  # noqa: PLR2004 -- whole steps
        raise InputError("station_steps", file=path, minutes=f"{step:g}")
    events = erosive_events(rain, step)
    span = f"{rain.index[0].date()} / {rain.index[-1].date()}"
    facts = {"years": years, "step": f"{step:g}", "events": len(events), "span": span}
    return float(events["erosivity"].sum()) / years, _said("erosion_rain_events", path, "events", **facts)


def _require_rain(path: Path, rain: np.ndarray, most_mm: float) -> None:
    if (rain < 0).any() or (rain > most_mm).any():
        value = rain[(rain < 0) | (rain > most_mm)][0]
        raise InputError("station_amount", file=path, value=f"{value:g}", most=f"{most_mm:g}")


def _require_year(path: Path, year_mm: float) -> None:
    """Refuse a year's rain that is none in millimetres."""
    low, high = constants("record")["year_mm"]
    if not low <= year_mm <= high:
        raise InputError("station_year", file=path, value=f"{year_mm:.1f}", least=f"{low:g}", most=f"{high:g}")


def _require_years(path: Path, rain: pd.Series) -> int:
    """Return the calendar years of a record; one that lacks a month of the rainy season is not whole."""
    warm = constants("daily")["warm_months"]
    index = pd.DatetimeIndex(rain.index)
    there = set(zip(index.year.tolist(), index.month.tolist(), strict=True))
    for year in range(int(index.year.min()), int(index.year.max()) + 1):
        missing = [month for month in warm if (year, month) not in there]
        if missing:
            raise InputError("station_part", file=path, year=year, months=", ".join(map(str, missing)))
    return int(index.year.nunique())


def soil_factor(path: Path) -> tuple[float, Both]:
    """Return K of a soil, and by which formula.

    Parameters
    ----------
    path
        One row: either ``k``, or sand, silt and clay [per cent] with organic carbon or organic matter, whose unit
        the column names; ``formula`` is ``epic`` (Williams 1990, where left out) or ``zhang``.

    Returns
    -------
    float
        t hm2 h/(hm2 MJ mm).
    Both
        What the basis says; with ``epic`` also what Zhang's correction would give.

    Raises
    ------
    InputError
        If the table cannot be read, holds several soils, lacks columns, or a value is out of its range.
    """
    table = read_table(path)
    if len(table.cells) != 1:
        raise InputError("station_soils", file=path, count=len(table.cells))
    if table.has("k"):
        value = float(table.numbers("k").iloc[0])
        require_factor([value], "K", str(path))
        return value, _said("erosion_soil_stated", path, None, value=f"{value:g}")
    if not table.has("sand_pct", "silt_pct", "clay_pct"):
        raise InputError("station_texture", file=path)
    sand, silt, clay = (float(table.numbers(name).iloc[0]) for name in ("sand_pct", "silt_pct", "clay_pct"))
    carbon = _carbon_pct(table)
    formula = (table.cells["formula"].iloc[0].lower() if table.has("formula") else "") or "epic"
    if formula not in {"epic", "zhang"}:
        raise InputError("station_formula", file=path, value=formula)
    both = {
        "epic": float(erodibility(sand, silt, clay, carbon)),
        "zhang": float(erodibility(sand, silt, clay, carbon, "zhang")),
    }
    require_factor([both[formula]], "K", str(path))
    shown = {"carbon": f"{carbon:.3g}", "texture": f"{sand:g}/{silt:g}/{clay:g}"}
    shown |= {name: f"{value:.4f}" for name, value in both.items()}
    key = "erosion_soil_epic" if formula == "epic" else "erosion_soil_zhang"
    return both[formula], _said(key, path, "epic", **shown)


def _carbon_pct(table: UserTable) -> float:
    own = constants("carbon")
    ways: dict[str, float] = {
        "carbon_pct": 1.0,
        "carbon_g_kg": _PER_CENT_OF_G_KG,
        "matter_pct": 1.0 / own["matter_to_carbon"],
        "matter_g_kg": _PER_CENT_OF_G_KG / own["matter_to_carbon"],
    }
    stated = [name for name in ways if table.has(name)]
    if len(stated) != 1:
        raise InputError("station_carbon", file=table.path)
    carbon = float(table.numbers(stated[0]).iloc[0]) * ways[stated[0]]
    if not 0 <= carbon <= own["most_pct"]:
        raise InputError("station_carbon_range", file=table.path, value=f"{carbon:.3g}", most=f"{own['most_pct']:g}")
    return carbon


def _said(key: str, path: Path, formula: str | None, **values: object) -> Both:
    source = constants(formula)["source"] if formula else ""
    facts = {"file": path.name, "source": source, **values}
    zh, en = (say(lang, key, **facts) for lang in LANGS)
    return Both(zh, en)
