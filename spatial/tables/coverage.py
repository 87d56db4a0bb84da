"""The tables of a coverage, as every output shows them."""

from __future__ import annotations

import math
from collections.abc import Sequence

import pandas as pd

from spatial.coverage.cover import NO_UNIT, UNNAMED
from spatial.coverage.run import CoverageResult
from spatial.roles import roles
from spatial.tables.cells import Cell, Column, Kind, Table, rounded
from spatial.units import from_m2
from spatial.words import Lang, say


def coverage_tables(result: CoverageResult, lang: Lang) -> list[Table]:
    """Return all tables of a coverage; those that would be empty are left out."""
    tables = [
        totals_table(result, lang),
        units_table(result, lang),
        roles_table(result, lang),
        units_roles_table(result, lang),
        overlaps_table(result, lang),
        counts_table(result, lang),
        awarded_table(result, lang),
        dated_table(result, lang),
        gaps_table(result, lang),
        partitions_table(result, lang),
        used_table(result, lang),
    ]
    return [table for table in tables if table.rows]


def totals_table(result: CoverageResult, lang: Lang) -> Table:
    """Return the district's area, what is covered and what is not, and what summing the roles would have said."""
    found = result.coverage
    summed_m2 = math.fsum(found.by_role(())["area_m2"])
    figures = {
        "covered": found.covered_m2,
        "uncovered": found.uncovered_m2,
        "district": found.district_m2,
        "summed": summed_m2,
        "counted_twice": summed_m2 - found.covered_m2,
    }
    rows = [
        (say(lang, f"coverage_{key}"), *_area(value), rounded(100 * value / found.district_m2, "pct"))
        for key, value in figures.items()
    ]
    return _table(
        "coverage_totals", [_column("item", "text", lang), *_areas(lang), _column("share", "pct", lang)], rows, lang
    )


def units_table(result: CoverageResult, lang: Lang) -> Table:
    """Return covered and uncovered area of each unit."""
    if not result.coverage.partitions:
        return _table("coverage_units", [], [], lang)
    frame = result.coverage.by_unit()
    columns = [
        *_unit_columns(result, lang),
        *(_column(key, "ha", lang) for key in ("unit_ha", "covered_ha", "uncovered_ha")),
        _column("share", "pct", lang),
    ]
    values = frame[["area_m2", "covered_m2", "uncovered_m2"]].to_numpy()
    rows = [
        (*units, *map(_ha, areas), rounded(share, "pct"))
        for units, areas, share in zip(_units(frame, result, lang), values, frame["share_pct"], strict=True)
    ]
    return _table("coverage_units", columns, rows, lang)


def roles_table(result: CoverageResult, lang: Lang) -> Table:
    """Return the area of each role in the district, what no other role covers, and the roles without a layer."""
    frame = result.coverage.by_role(())
    columns = [
        _column("role_name", "text", lang),
        *_areas(lang),
        _column("only_ha", "ha", lang),
        _column("share", "pct", lang),
        _column("remark", "long", lang),
    ]
    rows: list[tuple[Cell, ...]] = [
        (role_title(row.role, lang), *_area(row.area_m2), _ha(row.only_m2), rounded(row.share_pct, "pct"), "")
        for row in frame.itertuples()
    ]
    unknown = [(role, say(lang, "coverage_missing")) for role in result.missing]
    unknown += [(role, reason.say(lang)) for role, reason in result.absent.items()]
    rows += [(role_title(role, lang), None, None, None, None, None, why) for role, why in unknown]
    return _table("coverage_roles", columns, rows, lang)


def units_roles_table(result: CoverageResult, lang: Lang) -> Table:
    """Return the area of each role in each unit that has some of it."""
    if not result.coverage.partitions:
        return _table("coverage_units_roles", [], [], lang)
    frame = result.coverage.by_role()
    columns = [
        *_unit_columns(result, lang),
        _column("role_name", "text", lang),
        *_areas(lang),
        _column("only_ha", "ha", lang),
        _column("share_of_unit", "pct", lang),
    ]
    rows = [
        (*units, role_title(row.role, lang), *_area(row.area_m2), _ha(row.only_m2), rounded(row.share_pct, "pct"))
        for units, row in zip(_units(frame, result, lang), frame.itertuples(), strict=True)
        if row.area_m2 > 0
    ]
    return _table("coverage_units_roles", columns, rows, lang)


def overlaps_table(result: CoverageResult, lang: Lang) -> Table:
    """Return the area that each two roles share, in hectares."""
    frame = result.coverage.overlaps()
    names = [role_title(role, lang) for role in frame.columns]
    columns = [
        _column("role_name", "text", lang),
        *(Column(role, name, "ha") for role, name in zip(frame, names, strict=True)),
    ]
    rows = [(name, *map(_ha, values)) for name, values in zip(names, frame.to_numpy(), strict=True)]
    return _table("coverage_overlaps", columns, rows, lang)


def counts_table(result: CoverageResult, lang: Lang) -> Table:
    """Return the area that exactly so many roles cover."""
    frame = result.coverage.by_count().sort_values("n_roles")
    columns = [_column("n_roles", "count", lang), *_areas(lang), _column("share", "pct", lang)]
    rows = [(float(row.n_roles), *_area(row.area_m2), rounded(row.share_pct, "pct")) for row in frame.itertuples()]
    return _table("coverage_counts", columns, rows, lang)


def awarded_table(result: CoverageResult, lang: Lang) -> Table:
    """Return each place's area under the strictest of its roles, so that the rows sum to the district."""
    frame = result.coverage.awarded().groupby("role", sort=False, as_index=False)["area_m2"].sum()
    # The strictest first, as in the other tables; what nothing covers comes last.
    frame = frame.sort_values("role", key=lambda column: column.map([*result.coverage.roles, NO_UNIT].index))
    columns = [_column("role_name", "text", lang), *_areas(lang), _column("share", "pct", lang)]
    whole = result.coverage.district_m2
    rows = [
        (
            role_title(row.role, lang) if row.role != NO_UNIT else say(lang, "coverage_uncovered"),
            *_area(row.area_m2),
            rounded(100 * row.area_m2 / whole, "pct"),
        )
        for row in frame.itertuples()
    ]
    return _table("coverage_awarded", columns, rows, lang)


def dated_table(result: CoverageResult, lang: Lang) -> Table:
    """Return what each role and date takes when the strictest role and the earliest date take a place."""
    frame = result.dated if result.dated is not None else pd.DataFrame(columns=["role", "date", "area_m2"])
    columns = [
        _column("role_name", "text", lang),
        _column("since", "text", lang),
        *_areas(lang),
        _column("share", "pct", lang),
    ]
    rows = [
        (
            role_title(row.role, lang),
            row.date or say(lang, "coverage_undated"),
            *_area(row.area_m2),
            rounded(100 * row.area_m2 / result.coverage.district_m2, "pct"),
        )
        for row in frame.itertuples()
    ]
    return _table("coverage_dated", columns, rows, lang)


def gaps_table(result: CoverageResult, lang: Lang) -> Table:
    """Return what should be covered and is not."""
    frame = result.coverage.gaps()
    columns = [
        _column("role_name", "text", lang),
        *_unit_columns(result, lang),
        *(_column(key, "ha", lang) for key in ("wanted_ha", "gap_ha")),
        _column("gap_share", "pct", lang),
    ]
    rows = [
        (role_title(row.role, lang), *units, _ha(row.area_m2), _ha(row.gap_m2), rounded(row.gap_pct, "pct"))
        for units, row in zip(_units(frame, result, lang), frame.itertuples(), strict=True)
    ]
    return _table("coverage_gaps", columns, rows, lang)


def partitions_table(result: CoverageResult, lang: Lang) -> Table:
    """Return the units that other units overlap, that leave the district, and what no unit covers."""
    found = result.coverage
    limit_m2 = 0.005
    rows: list[tuple[Cell, ...]] = []
    for name, column in zip(found.partitions, _unit_columns(result, lang), strict=True):
        units = found.units[found.units["partition"] == name]
        for row in units.itertuples():
            beyond = row.taken_m2 - row.in_district_m2
            if row.shared_m2 > limit_m2 or beyond > limit_m2:
                unit = say(lang, "coverage_unnamed") if row.unit == UNNAMED else row.unit
                rows.append((column.title, unit, *(rounded(value, "m2") for value in (row.shared_m2, beyond)), None))
        gap = float(found.places.loc[found.places[name] == NO_UNIT, "area_m2"].sum())
        if gap > limit_m2:
            rows.append((column.title, say(lang, "coverage_no_unit"), None, None, rounded(gap, "m2")))
    columns = [
        _column("partition", "text", lang),
        _column("unit", "text", lang),
        *(_column(key, "m2", lang) for key in ("shared_m2", "beyond_m2", "no_unit_m2")),
    ]
    return _table("coverage_partitions", columns, rows, lang)


def used_table(result: CoverageResult, lang: Lang) -> Table:
    """Return the editions of the layers that took part."""
    columns = [_column(key, "text", lang) for key in ("layer", "layer_role", "edition", "illustrative", "sha256")]
    rows = [
        (
            layer.name_zh if lang == "zh" else layer.name_en,
            layer.role,
            layer.edition,
            say(lang, "yes" if layer.illustrative else "no"),
            layer.sha256[:16],
        )
        for layer in result.layers
    ]
    return _table("coverage_layers", columns, rows, lang)


def role_title(code: str, lang: Lang) -> str:
    """Return a role's name and code."""
    return f"{roles()[code].name(lang)} {code}"


def _unit_columns(result: CoverageResult, lang: Lang) -> list[Column]:
    titles = []
    for name in result.coverage.partitions:
        code, _, field = name.partition(".")
        title = roles()[code].name(lang) if code in roles() else name
        titles.append(Column(name, f"{title} {field}".strip(), "text"))
    return titles


def _units(frame: pd.DataFrame, result: CoverageResult, lang: Lang) -> list[tuple[str, ...]]:
    """Return the units of each row, places without one called so."""
    called = {NO_UNIT: say(lang, "coverage_no_unit"), UNNAMED: say(lang, "coverage_unnamed")}
    names = frame[list(result.coverage.partitions)].astype(str).to_numpy().tolist()
    return [tuple(called.get(name, name) for name in row) for row in names]


def _areas(lang: Lang) -> list[Column]:
    kinds: tuple[Kind, ...] = ("m2", "ha", "mu")
    return [_column(f"area_{kind}", kind, lang) for kind in kinds]


def _area(area_m2: float) -> tuple[Cell, ...]:
    return (rounded(area_m2, "m2"), _ha(area_m2), rounded(from_m2(area_m2, "mu"), "mu"))


def _ha(area_m2: float) -> float | None:
    return rounded(from_m2(float(area_m2), "ha"), "ha")


def _column(key: str, kind: Kind, lang: Lang) -> Column:
    return Column(key, say(lang, f"col_cov_{key}"), kind)


def _table(key: str, columns: Sequence[Column], rows: Sequence[tuple[Cell, ...]], lang: Lang) -> Table:
    return Table(key, say(lang, f"table_{key}"), tuple(columns), tuple(rows))
