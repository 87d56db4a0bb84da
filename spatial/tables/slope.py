"""The tables of slope classes, as every output shows them."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from spatial.tables.cells import Cell, Column, Kind, Table, rounded
from spatial.tables.slope_parcels import parcel_tables
from spatial.terrain.classes import NO_SLOPE
from spatial.terrain.result import SlopeResult
from spatial.units import from_m2
from spatial.words import Lang, say


def slope_tables(result: SlopeResult, lang: Lang) -> list[Table]:
    """Return all tables of slope classes; those that would be empty are left out."""
    tables = [_totals(result, lang), _zones(result, lang), _basis(result, lang)]
    parcels = [] if result.parcels is None else parcel_tables(result.parcels, lang)
    return [table for table in [*tables, *parcels] if table.rows]


def class_names(result: SlopeResult, lang: Lang) -> dict[int, str]:
    """Return the names of the classes by code, with one for cells that have no slope."""
    named = {one.code: one.name.say(lang) for one in result.scheme.classes}
    return {**named, NO_SLOPE: say(lang, "slope_none")}


def by_zone(result: SlopeResult) -> pd.DataFrame:
    """Return the areas [m2], zones by class codes, cells without a slope last."""
    wide = result.areas.table.pivot_table(index="zone", columns="code", values="area_m2", aggfunc="sum", sort=True)
    codes = [code for code in wide.columns if code != NO_SLOPE]
    return wide[[*codes, NO_SLOPE]]


def _totals(result: SlopeResult, lang: Lang) -> Table:
    wide = by_zone(result)
    total = float(wide.to_numpy().sum())
    rows = [
        (
            class_names(result, lang)[int(code)],
            *_areas(float(area)),
            rounded(100 * float(area) / total, "pct"),
            *_surface(result, "code", int(code)),
        )
        for code, area in wide.sum().items()
        if area > 0 or code != NO_SLOPE
    ]
    columns: list[tuple[str, Kind]] = [
        ("class", "text"),
        ("area_m2", "m2"),
        ("area_ha", "ha"),
        ("area_mu", "mu"),
        ("share", "pct"),
    ]
    if result.surface is not None:
        columns.append(("surface_ha", "ha"))
    return _table("slope_totals", columns, rows, lang)


def _zones(result: SlopeResult, lang: Lang) -> Table:
    names = class_names(result, lang)
    wide = by_zone(result)
    shown = [code for code in wide.columns if code != NO_SLOPE or wide[code].sum() > 0]
    columns = [
        Column("zone", say(lang, "col_slope_zone"), "text"),
        Column("zone_ha", say(lang, "col_slope_zone_ha"), "ha"),
        *(Column(f"class_{code}_ha", say(lang, "slope_in_ha", name=names[int(code)]), "ha") for code in shown),
        Column("outside_ha", say(lang, "col_slope_outside_ha"), "ha"),
    ]
    if result.surface is not None:
        columns.append(Column("surface_ha", say(lang, "col_slope_surface_ha"), "ha"))
    rows = [
        (
            name,
            _ha(whole),
            *(_ha(float(wide.loc[number, code])) for code in shown),
            _ha(outside),
            *_surface(result, "zone", number),
        )
        for number, (name, whole, outside) in enumerate(
            zip(result.zones, result.areas.zone_m2, result.areas.outside_m2, strict=True)
        )
    ]
    return Table("slope_zones", say(lang, "table_slope_zones"), tuple(columns), tuple(rows))


def _surface(result: SlopeResult, by: str, number: int) -> tuple[float | None, ...]:
    """Return the surface of a class or zone as the cell of a column that only stands where it was asked for."""
    if result.surface is None:
        return ()
    own = result.surface[result.surface[by] == number]
    return (_ha(float(own["surface_m2"].sum())) if len(own) else None,)


def _basis(result: SlopeResult, lang: Lang) -> Table:
    scheme = result.scheme
    rows = [
        (say(lang, "slope_heights"), f"{result.dem.path.name}, {result.dem.grid.cell_m:.4g} m, {result.sha256[:16]}"),
        (say(lang, "slope_scheme"), scheme.name.say(lang)),
        (say(lang, "slope_closed"), say(lang, f"slope_closed_{scheme.closed}")),
        (say(lang, "slope_source"), f"{scheme.source} ({scheme.confidence})"),
        (say(lang, "slope_method"), result.method),
        (say(lang, "slope_area"), say(lang, "slope_plan_area")),
        *([(say(lang, "slope_area"), say(lang, "slope_surface_area"))] if result.surface is not None else []),
        *((say(lang, "slope_remark"), finding.text(lang)) for finding in result.findings),
    ]
    return _table("slope_basis", [("item", "text"), ("value", "long")], rows, lang)


def _areas(area_m2: float) -> tuple[Cell, ...]:
    return rounded(area_m2, "m2"), _ha(area_m2), rounded(from_m2(area_m2, "mu"), "mu")


def _ha(area_m2: float) -> float | None:
    return rounded(from_m2(float(area_m2), "ha"), "ha")


def _table(key: str, columns: Sequence[tuple[str, Kind]], rows: Sequence[tuple[Cell, ...]], lang: Lang) -> Table:
    titled = tuple(Column(name, say(lang, f"col_slope_{name}"), kind) for name, kind in columns)
    return Table(key, say(lang, f"table_{key}"), titled, tuple(rows))
