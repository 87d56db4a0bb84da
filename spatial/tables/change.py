"""The tables of a change, as every output shows them."""

from __future__ import annotations

from collections.abc import Sequence

from spatial.change.run import ChangeResult
from spatial.tables.cells import Cell, Column, Kind, Table, rounded
from spatial.units import from_m2
from spatial.words import Lang, say

#: Parts that a table lists, the largest first; the GeoPackage has all.
_MOST_PARTS = 1000


def change_tables(result: ChangeResult, lang: Lang) -> list[Table]:
    """Return all tables of a change; those that would be empty are left out."""
    tables = [_totals(result, lang), _zones(result, lang), _attributes(result, lang), _parts(result, lang)]
    return [table for table in tables if table.rows]


def _totals(result: ChangeResult, lang: Lang) -> Table:
    change = result.change
    rows: list[tuple[Cell, ...]] = [
        (
            say(lang, f"change_{row.kind}"),
            *_both(row.area_m2),
            *_both(row.area_m2 - row.sliver_m2),
            _m2(row.sliver_m2),
            float(row.count),
        )
        for row in change.totals().itertuples()
    ]
    rows += [
        (say(lang, f"change_{key}"), *_both(value), None, None, None, None)
        for key, value in (("old", change.old_m2), ("new", change.new_m2))
    ]
    columns: list[tuple[str, Kind]] = [
        ("kind", "text"),
        ("area_m2", "m2"),
        ("area_ha", "ha"),
        ("real_m2", "m2"),
        ("real_ha", "ha"),
        ("sliver_m2", "m2"),
        ("parts", "count"),
    ]
    return _table("totals", columns, rows, lang)


def _zones(result: ChangeResult, lang: Lang) -> Table:
    rows = [
        (
            row.zone or say(lang, "change_nameless"),
            *(_ha(v) for v in (row.kept_m2, row.added_m2, row.removed_m2)),
            _m2(row.sliver_m2),
        )
        for row in result.change.by_zone().itertuples()
    ]
    columns: list[tuple[str, Kind]] = [
        ("zone", "text"),
        ("kept_ha", "ha"),
        ("added_ha", "ha"),
        ("removed_ha", "ha"),
        ("sliver_m2", "m2"),
    ]
    return _table("zones", columns, rows, lang)


def _attributes(result: ChangeResult, lang: Lang) -> Table:
    rows = [(row.attribute, row.old, row.new, *_both(row.area_m2)) for row in result.change.attributes.itertuples()]
    columns: list[tuple[str, Kind]] = [
        ("attribute", "text"),
        ("before", "text"),
        ("after", "text"),
        ("area_m2", "m2"),
        ("area_ha", "ha"),
    ]
    return _table("attributes", columns, rows, lang)


def _parts(result: ChangeResult, lang: Lang) -> Table:
    parts = result.change.parts
    changed = parts[(parts["kind"] != "kept") & ~parts["sliver"]].sort_values("area_m2", ascending=False)
    rows = [
        (say(lang, f"change_{row.kind}"), row.old, row.new, *_both(row.area_m2))
        for row in changed.head(_MOST_PARTS).itertuples()
    ]
    columns: list[tuple[str, Kind]] = [
        ("kind", "text"),
        ("before", "text"),
        ("after", "text"),
        ("area_m2", "m2"),
        ("area_ha", "ha"),
    ]
    return _table("parts", columns, rows, lang)


def _m2(value: float) -> float | None:
    return rounded(float(value), "m2")


def _ha(value: float) -> float | None:
    return rounded(from_m2(float(value), "ha"), "ha")


def _both(area_m2: float) -> tuple[float | None, float | None]:
    return _m2(area_m2), _ha(area_m2)


def _table(key: str, columns: Sequence[tuple[str, Kind]], rows: Sequence[tuple[Cell, ...]], lang: Lang) -> Table:
    titled = tuple(Column(name, say(lang, f"col_change_{name}"), kind) for name, kind in columns)
    return Table(f"change_{key}", say(lang, f"table_change_{key}"), titled, tuple(rows))
