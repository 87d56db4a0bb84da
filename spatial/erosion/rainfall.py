"""Rain erosivity R, MJ mm/(hm2 h a): from daily or monthly rain, or from records of minutes (EI30)."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from spatial.erosion.constants import constants
from spatial.errors import InputError

Floats = NDArray[np.float64]
Energy = Literal["brown_foster", "mcgregor", "mcgregor_rounded", "verstraeten"]

_MONTHS = 12
_MID_MONTH = 15


def half_month_erosivity(daily_mm: ArrayLike, *, warm: bool, threshold_mm: float | None = None) -> float:
    """Return the erosivity of the days of a half-month (Xie et al. 2016).

    Parameters
    ----------
    daily_mm
        Rain of each day [mm].
    warm
        True from May to September.
    threshold_mm
        Days with less rain erode nothing; 12 mm unless given.

    Notes
    -----
    ``R = alpha sum P^1.7265`` over the erosive days, alpha = 0.3937 in the warm season, else 0.3101.

    Examples
    --------
    >>> round(half_month_erosivity([14.2, 0, 3.1, 26.0, 55.3], warm=True), 3)
    549.369
    """
    own = constants("daily")
    rain = _rain(daily_mm)
    least = own["threshold_mm"] if threshold_mm is None else threshold_mm
    return float(own["warm" if warm else "cold"] * (rain[rain >= least] ** own["exponent"]).sum())


def erosivity_daily(daily_mm: pd.Series, threshold_mm: float | None = None) -> pd.DataFrame:
    """Return the mean erosivity of each half-month over the years of a daily record.

    Parameters
    ----------
    daily_mm : Series of float, indexed by date
        Whole years: a part of one would count as a year with little rain. Missing days count as dry and are
        told in ``days``.
    threshold_mm
        As :func:`half_month_erosivity`.

    Returns
    -------
    DataFrame
        24 rows: ``month``, ``half`` (1 or 2), ``erosivity`` (mean over the years), ``days`` per year on record.
        The sum of ``erosivity`` is R.

    Raises
    ------
    InputError
        If rain is negative, or a date occurs twice.
    """
    own = constants("daily")
    dates = pd.DatetimeIndex(daily_mm.index)
    if dates.has_duplicates:
        raise InputError("rain_dates_twice", date=str(dates[dates.duplicated()][0].date()))
    rain = _rain(daily_mm.to_numpy())
    years = dates.year.nunique()
    frame = pd.DataFrame({"month": dates.month, "half": np.where(dates.day <= _MID_MONTH, 1, 2), "rain": rain})
    rows = []
    for month in range(1, _MONTHS + 1):
        for half in (1, 2):
            days = frame["rain"][(frame["month"] == month) & (frame["half"] == half)]
            total = half_month_erosivity(days, warm=month in own["warm_months"], threshold_mm=threshold_mm)
            rows.append((month, half, total / years, len(days) / years))
    return pd.DataFrame(rows, columns=["month", "half", "erosivity", "days"])


def erosivity_monthly(monthly_mm: ArrayLike) -> float:
    """Return R from the mean rain of the twelve months (Zhang and Fu 2003).

    Parameters
    ----------
    monthly_mm : array_like of float, shape (12,)

    Notes
    -----
    ``R = 0.1833 F^1.9957`` with the modified Fournier index ``F = sum p^2 / P``.

    Examples
    --------
    >>> round(erosivity_monthly([100.0] * 12))
    1797
    """
    rain = _rain(monthly_mm)
    if rain.shape != (_MONTHS,):
        raise InputError("rain_months", count=rain.size)
    own = constants("monthly")
    total = rain.sum()
    return float(own["gain"] * ((rain**2).sum() / total) ** own["exponent"]) if total else 0.0


def erosive_events(
    rain_mm: pd.Series, step_min: float, energy: Energy = "brown_foster", least_mm: float | None = None
) -> pd.DataFrame:
    """Return the erosive events of a record of rain and their EI30.

    Parameters
    ----------
    rain_mm : Series of float, indexed by time
        Rain in the ``step_min`` minutes that begin at each time; steps without rain may be left out.
    step_min
        Length of a step; it divides 30 minutes.
    energy
        Kinetic energy by intensity: Brown and Foster 1987, McGregor et al. 1995, Verstraeten et al. 2006.
    least_mm
        Events with less rain are no events; 12.7 mm (half an inch) unless given. AH-703 also counts shorter
        ones of 6.35 mm in a quarter of an hour; these are left out here.

    Returns
    -------
    DataFrame
        ``start``, ``rain_mm``, ``i30_mm_h``, ``energy_mj_ha``, ``erosivity`` (MJ mm/(hm2 h)); the sum of
        ``erosivity`` divided by the years is R.

    Notes
    -----
    Events end where no rain falls for six hours, from the beginning of one wet step to that of the next; AH-703
    also ends them at less than 1.27 mm in that time. ``EI30`` is the energy times the largest intensity of
    30 minutes (Renard et al. 1997, AH-703, appendix B).

    Raises
    ------
    InputError
        If rain is negative, or the step does not divide 30 minutes.
    """
    own = constants("events")
    if step_min <= 0 or own["window_min"] % step_min:
        raise InputError("rain_step", minutes=f"{step_min:g}")
    wet = rain_mm[_rain(rain_mm.to_numpy()) > 0].sort_index()
    times = pd.DatetimeIndex(wet.index)
    gap = pd.Timedelta(hours=own["gap_h"])
    event = np.cumsum(np.diff(times, prepend=times[:1]) >= gap) if len(wet) else np.empty(0, dtype=int)
    least = own["least_mm"] if least_mm is None else least_mm
    rows = []
    for _, part in wet.groupby(event):
        amount = part.to_numpy(dtype=np.float64)
        # A storm of just so much counts, whatever the last digit of the sum.
        if amount.sum() < least * (1 - 1e-9):
            continue
        i30 = part.rolling(f"{own['window_min']:g}min").sum().max() * 60.0 / own["window_min"]
        unit = unit_energy(amount * 60.0 / step_min, energy)
        spent = float((unit * amount).sum())
        rows.append((part.index[0], float(amount.sum()), float(i30), spent, spent * float(i30)))
    return pd.DataFrame(rows, columns=["start", "rain_mm", "i30_mm_h", "energy_mj_ha", "erosivity"])


def unit_energy(intensity_mm_h: ArrayLike, energy: Energy = "brown_foster") -> Floats:
    """Return the kinetic energy of rain per millimetre, MJ/(hm2 mm).

    Notes
    -----
    ``0.29 (1 - 0.72 exp(-k i))`` with k = 0.05 (Brown and Foster 1987) or 0.082 (McGregor et al. 1995;
    0.08 where the rate is rounded); ``0.1112 i^0.31`` (Verstraeten et al. 2006).

    Examples
    --------
    >>> unit_energy([0, 50]).round(4).tolist()
    [0.0812, 0.2729]
    """
    own: dict[str, Any] = constants("energy", energy)
    intensity = np.asarray(intensity_mm_h, dtype=np.float64)
    if own["form"] == "power":
        powered: Floats = own["gain"] * intensity ** own["exponent"]
        return powered
    levelled: Floats = own["most"] * (1.0 - own["share"] * np.exp(-own["rate"] * intensity))
    return levelled


def _rain(values: ArrayLike) -> Floats:
    rain = np.asarray(values, dtype=np.float64)
    if not (rain >= 0).all():
        raise InputError("rain_negative")
    return rain
