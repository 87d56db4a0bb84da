"""The tables of the slope classes of farmland by the rule of 2008."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from spatial.tables.cells import Cell, Column, Kind, Table, rounded
from spatial.terrain.classes import NO_SLOPE, scheme_of
from spatial.terrain.farmland import FarmlandClasses
from spatial.units import from_m2
from spatial.words import Lang, say


def parcel_tables(found: FarmlandClasses, lang: Lang) -> list[Table]:
    """Return the tables of the slope classes of farmland; those that would be empty are left out."""
    tables = [_totals(found, lang), _compared(found, lang), _differing(found, lang), _basis(found, lang)]
    return [table for table in tables if table.rows]


def _totals(found: FarmlandClasses, lang: Lang) -> Table:
    """Return area and net area by class and form of the field, and where its coefficient comes from."""
    parcels, whole = found.parcels, float(found.parcels["area_m2"].sum())
    rows = []
    for (code, form), own in parcels.groupby(["code", "form"], sort=True):
        area, net = float(own["area_m2"].sum()), float(own["net_m2"].sum(skipna=False))
        ridge = found.ridges.get((int(code), str(form)))
        rows.append(
            (
                _named(int(code), lang),
                _form(str(form), lang),
                len(own),
                _ha(area),
                rounded(100 * area / whole, "pct"),
                rounded(100 * ridge.coefficient, "pct") if ridge else None,
                None if pd.isna(net) else _ha(net),
                f"{ridge.source} ({ridge.confidence})" if ridge else say(lang, "slope_ridge_none"),
            )
        )
    nets = parcels["net_m2"]
    total = _ha(float(nets.sum())) if nets.notna().all() else None
    rows.append((say(lang, "slope_sum"), "", len(parcels), _ha(whole), 100.0, None, total, ""))
    columns: list[tuple[str, Kind]] = [
        ("class", "text"),
        ("form", "text"),
        ("parcels", "count"),
        ("area_ha", "ha"),
        ("share", "pct"),
        ("ridge_pct", "pct"),
        ("net_ha", "ha"),
        ("ridge_source", "long"),
    ]
    return _table("slope_parcels", columns, rows, lang)


def _compared(found: FarmlandClasses, lang: Lang) -> Table:
    """Return how many parcels and how much land the layer and the rule put into which class."""
    rows = [
        (_named(int(stated), lang), _named(int(code), lang), _agrees(int(stated), int(code), lang), len(own), _ha(area))
        for (stated, code), own in found.parcels.groupby(["stated", "code"], sort=True)
        for area in [float(own["area_m2"].sum())]
    ]
    columns: list[tuple[str, Kind]] = [
        ("stated", "text"),
        ("class", "text"),
        ("agrees", "text"),
        ("parcels", "count"),
        ("area_ha", "ha"),
    ]
    return _table("slope_compared", columns, rows if found.stated else [], lang)


def _differing(found: FarmlandClasses, lang: Lang) -> Table:
    """Return the parcels whose stated class is another one, the largest first."""
    parcels = found.parcels[(found.parcels["stated"] != NO_SLOPE) & (found.parcels["stated"] != found.parcels["code"])]
    rows = []
    for own in parcels.sort_values("area_m2", ascending=False, kind="stable").to_dict("records"):
        area, largest = float(own["area_m2"]), 0.0
        if own["code"] != NO_SLOPE:
            largest = float(own[f"class_{own['code']}_m2"])
        rows.append(
            (
                str(own["parcel"]),
                _named(int(own["stated"]), lang),
                _named(int(own["code"]), lang),
                say(lang, f"slope_basis_{own['basis'] or 'none'}"),
                rounded(float(own["mean_slope_deg"]), "deg") if pd.notna(own["mean_slope_deg"]) else None,
                rounded(float(own["max_slope_deg"]), "deg") if pd.notna(own["max_slope_deg"]) else None,
                _ha(area),
                rounded(100 * largest / area, "pct"),
            )
        )
    columns: list[tuple[str, Kind]] = [
        ("parcel", "text"),
        ("stated", "text"),
        ("class", "text"),
        ("basis", "text"),
        ("mean_deg", "deg"),
        ("max_deg", "deg"),
        ("area_ha", "ha"),
        ("largest_pct", "pct"),
    ]
    return _table("slope_differing", columns, rows if found.stated else [], lang)


def _basis(found: FarmlandClasses, lang: Lang) -> Table:
    rows = [
        (say(lang, "slope_rule"), say(lang, "slope_rule_2008", patch=f"{found.rule.min_patch_m2:g}")),
        (say(lang, "slope_net"), say(lang, "slope_net_how")),
        *(
            (layer.name_zh if lang == "zh" else layer.name_en, f"{layer.edition}, {layer.sha256[:16]}")
            for layer in found.layers
        ),
    ]
    return _table("slope_parcels_basis", [("item", "text"), ("value", "long")], rows, lang)


def _named(code: int, lang: Lang) -> str:
    named = {one.code: one.name.say(lang) for one in scheme_of("survey").classes}
    return named.get(code, say(lang, "slope_none"))


def _form(form: str, lang: Lang) -> str:
    return say(lang, f"slope_form_{form or 'none'}")


def _agrees(stated: int, code: int, lang: Lang) -> str:
    if NO_SLOPE in {stated, code}:
        return ""
    return say(lang, "slope_agrees" if stated == code else "slope_differs")


def _ha(area_m2: float) -> float | None:
    return rounded(from_m2(area_m2, "ha"), "ha")


def _table(key: str, columns: Sequence[tuple[str, Kind]], rows: Sequence[tuple[Cell, ...]], lang: Lang) -> Table:
    titled = tuple(Column(name, say(lang, f"col_slope_{name}"), kind) for name, kind in columns)
    return Table(key, say(lang, f"table_{key}"), titled, tuple(rows))
