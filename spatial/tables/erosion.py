"""The tables of soil loss, as every output shows them."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from spatial.erosion.grades import NO_GRADE, grade_names
from spatial.erosion.result import ErosionResult
from spatial.tables.cells import Cell, Column, Kind, Table, rounded
from spatial.units import from_m2
from spatial.words import Lang, say

_NO_COVER = 0


def erosion_tables(result: ErosionResult, lang: Lang) -> list[Table]:
    """Return all tables of soil loss; those that would be empty are left out."""
    tables = [
        _zones(result, lang),
        _grades(result, lang),
        _pivot(result, lang),
        _sheet(result, lang),
        _lost(result, lang),
        _basis(result, lang),
    ]
    return [table for table in tables if table.rows]


def _zones(result: ErosionResult, lang: Lang) -> Table:
    """Return loss and mean loss of each township, and their sum."""
    cube = result.loss.cube
    graded = cube[cube["grade"] != NO_GRADE]
    area, lossy = cube.groupby("zone")["area_m2"].sum(), graded.groupby("zone")["area_m2"].sum()
    loss = graded.groupby("zone")["loss_t_a"].sum()
    numbers = range(len(result.zones))
    rows = [(result.zones[n], *_row(area.get(n, 0.0), lossy.get(n, 0.0), loss.get(n, 0.0))) for n in numbers]
    rows.append((say(lang, "erosion_all"), *_row(area.sum(), lossy.sum(), loss.sum())))
    columns: list[tuple[str, Kind]] = [
        ("zone", "text"),
        ("area_ha", "ha"),
        ("lossy_ha", "ha"),
        ("loss_t_a", "m2"),
        ("mean_t_km2_a", "m2"),
    ]
    return _table("erosion_zones", columns, rows, lang)


def _row(area_m2: float, lossy_m2: float, loss_t_a: float) -> tuple[Cell, ...]:
    mean = loss_t_a / (lossy_m2 / 1e6) if lossy_m2 else None
    return _ha(area_m2), _ha(lossy_m2), rounded(float(loss_t_a), "m2"), rounded(mean, "m2")


def _grades(result: ErosionResult, lang: Lang) -> Table:
    """Return the area of each grade in each reading of the tolerance."""
    frame = result.loss.grades
    graded = frame[frame["grade"] != NO_GRADE]
    rows = []
    for region in result.regions:
        own = graded[graded["region"] == region.code].groupby("grade")["area_m2"].sum()
        for grade, name in grade_names().items():
            area = float(own.get(grade, 0.0))
            share = rounded(100 * area / float(own.sum()), "pct")
            tolerance = f"{region.name.say(lang)} {region.tolerance_t_km2_a:g}"
            rows.append((tolerance, name.say(lang), _ha(area), share))
    columns: list[tuple[str, Kind]] = [("region", "text"), ("grade", "text"), ("area_ha", "ha"), ("share", "pct")]
    return _table("erosion_grades", columns, rows, lang)


def _pivot(result: ErosionResult, lang: Lang) -> Table:
    """Return township by land cover by slope class by grade, balanced with every other table."""
    names, slopes = grade_names(), {one.code: one.name.say(lang) for one in result.scheme.classes}
    rows = [
        (
            result.zones[int(row.zone)],
            _cover(result, int(row.cover), lang),
            slopes.get(int(row.slope), say(lang, "slope_none")),
            names[int(row.grade)].say(lang) if row.grade != NO_GRADE else say(lang, "erosion_no_grade"),
            _ha(row.area_m2),
            rounded(float(row.loss_t_a), "m2"),
        )
        for row in result.loss.cube.itertuples()
    ]
    columns: list[tuple[str, Kind]] = [
        ("zone", "text"),
        ("cover", "text"),
        ("slope", "text"),
        ("grade", "text"),
        ("area_ha", "ha"),
        ("loss_t_a", "m2"),
    ]
    return _table("erosion_pivot", columns, rows, lang)


def _sheet(result: ErosionResult, lang: Lang) -> Table:
    own = result.loss.sheet.groupby("grade")["area_m2"].sum()
    whole = float(own[own.index != NO_GRADE].sum())
    rows = [
        (name.say(lang), _ha(float(own.get(grade, 0.0))), rounded(100 * float(own.get(grade, 0.0)) / whole, "pct"))
        for grade, name in grade_names().items()
        if whole
    ]
    return _table("erosion_sheet", [("grade", "text"), ("area_ha", "ha"), ("share", "pct")], rows, lang)


def _lost(result: ErosionResult, lang: Lang) -> Table:
    """Return the area that has no soil loss, by the input that it lacks."""
    own = result.loss.lost.groupby("reason")["area_m2"].sum()
    rows = [(say(lang, f"erosion_lost_{reason}"), _ha(float(area))) for reason, area in own.items()]
    return _table("erosion_lost", [("reason", "long"), ("area_ha", "ha")], rows, lang)


def _basis(result: ErosionResult, lang: Lang) -> Table:
    rows: list[tuple[Cell, ...]] = [(factor, source) for factor, source in result.basis.items()]
    rows += [
        (f"B, T: {land.name.say(lang)}", f"{land.biological:g}, {land.tillage:g}: {land.source} ({land.confidence})")
        for land in result.lands.values()
        if not pd.isna(land.biological)
    ]
    rows += [("L, S", say(lang, "erosion_ls")), ("E", say(lang, "erosion_e"))]
    rows += [(say(lang, "slope_remark"), finding.text(lang)) for finding in result.findings]
    rows.append((say(lang, "slope_remark"), say(lang, "erosion_relative")))
    return _table("erosion_basis", [("item", "text"), ("value", "long")], rows, lang)


def _cover(result: ErosionResult, code: int, lang: Lang) -> str:
    return say(lang, "erosion_no_cover") if code == _NO_COVER else result.lands[code].name.say(lang)


def _ha(area_m2: float) -> float | None:
    return rounded(from_m2(float(area_m2), "ha"), "ha")


def _table(key: str, columns: Sequence[tuple[str, Kind]], rows: Sequence[tuple[Cell, ...]], lang: Lang) -> Table:
    titled = tuple(Column(name, say(lang, f"col_erosion_{name}"), kind) for name, kind in columns)
    return Table(key, say(lang, f"table_{key}"), titled, tuple(rows))
