"""What conservation measures on farmland would save, and what they would cost."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from spatial.erosion.plan import EARTHWORK, Prescription, Price
from spatial.erosion.practices import BUND, LEVEL, NONE, Practice, combined
from spatial.errors import InputError
from spatial.units import from_m2

#: Form of a field that is terraced already: nothing is prescribed for it.
TERRACED = "TT"
#: Slope class of farmland that the law wants converted.
CONVERTED = 5


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


@dataclass(frozen=True)
class Works:
    """What is built on a field.

    Parameters
    ----------
    terrace_hm2
        Ground made level, or between bunds.
    terrace_m
        Length of terraces or bunds.
    """

    terrace_hm2: float
    terrace_m: float
    earthwork_m3: float


def works_of(practice: Practice, area_hm2: float, slope_deg: float, width_m: float) -> Works:
    """Return what a measure builds on a field, nothing where it is no terrace.

    Parameters
    ----------
    practice
        Its :class:`spatial.erosion.practices.Earthwork` says how earth is reckoned.
    area_hm2, slope_deg
        Of the field.
    width_m
        Of level ground, or between bunds.

    Examples
    --------
    >>> from spatial.erosion.practices import practices
    >>> round(works_of(practices()["TERRACE_EARTH"], 2.0, 10.0, 10.0).earthwork_m3)
    4408
    >>> works_of(practices()["TERRACE_SLOPE"], 2.0, 10.0, 10.0)
    Works(terrace_hm2=2.0, terrace_m=2000.0, earthwork_m3=1000.0)
    """
    own = practice.earthwork
    share = own.figure if own.way == LEVEL else float(practice.terrace)
    length_m = share * area_hm2 * 1e4 / width_m
    moved = {
        LEVEL: share * area_hm2 * earthwork_m3_per_hm2(slope_deg, width_m),
        BUND: own.figure * area_hm2 * 1e4 / width_m,
        NONE: 0.0,
    }
    return Works(share * area_hm2, length_m, moved[own.way])


def measures_of(
    parcels: pd.DataFrame, plan: Mapping[int, Prescription], prices: Mapping[str, Price], base_tillage: float
) -> pd.DataFrame:
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
    base_tillage
        T of the rotation before, which a rotation that is prescribed replaces.

    Returns
    -------
    DataFrame
        The parcels for which something is prescribed, by their index: ``slope_class``, ``practices``, ``e``, ``t``,
        ``area_hm2``, ``loss_t_a``, ``after_t_a``, ``saved_t_a``, ``without_loss_m2``, ``terrace_hm2``, ``terrace_m``, ``earthwork_m3``,
        ``yuan``, ``saved_t_per_hm2``, ``saved_t_per_yuan``.

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
        works, tillage = combined(prescribed.practices, base_tillage)
        area_hm2 = from_m2(float(parcel["area_m2"]), "ha")
        slope_deg = float(parcel["slope_deg"])
        built = [works_of(practice, area_hm2, slope_deg, prescribed.width_m) for practice in prescribed.practices]
        moved = math.fsum(own.earthwork_m3 for own in built)
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
                "without_loss_m2": float(parcel.get("without_loss_m2", 0.0)),
                "terrace_hm2": math.fsum(own.terrace_hm2 for own in built),
                "terrace_m": math.fsum(own.terrace_m for own in built),
                "earthwork_m3": moved,
                "yuan": _cost(prescribed, area_hm2, moved, prices),
            }
        )
    columns = ["parcel", "slope_class", "practices", "e", "t", "area_hm2", "loss_t_a", "after_t_a", "saved_t_a"]
    amounts = ["without_loss_m2", "terrace_hm2", "terrace_m", "earthwork_m3", "yuan"]
    frame = pd.DataFrame(rows, columns=[*columns, *amounts]).set_index("parcel")
    frame["saved_t_per_hm2"] = frame["saved_t_a"] / frame["area_hm2"]
    frame["saved_t_per_yuan"] = frame["saved_t_a"] / frame["yuan"].where(frame["yuan"] > 0)
    return frame


def _cost(prescribed: Prescription, area_hm2: float, earthwork_m3: float, prices: Mapping[str, Price]) -> float:
    amounts = {practice.code: area_hm2 for practice in prescribed.practices} | {EARTHWORK: earthwork_m3}
    missing = [code for code, amount in amounts.items() if amount and code not in prices]
    if missing:
        raise InputError("measures_price", codes=", ".join(missing))
    return math.fsum(amount * prices[code].yuan for code, amount in amounts.items() if amount)
