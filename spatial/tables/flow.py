"""The tables of drainage, as every output shows them."""

from __future__ import annotations

from collections.abc import Sequence

from spatial.tables.cells import Cell, Column, Kind, Table, rounded
from spatial.terrain.drainage import Drainage
from spatial.words import Lang, say


def flow_tables(found: Drainage, lang: Lang) -> list[Table]:
    """Return all tables of drainage; those that would be empty are left out."""
    tables = [_summary(found, lang), _streams(found, lang), _watersheds(found, lang)]
    return [table for table in tables if table.rows]


def _summary(found: Drainage, lang: Lang) -> Table:
    grid = found.dem.grid
    rows = [
        (say(lang, "slope_heights"), f"{found.dem.path.name}, {grid.cell_m:.4g} m, {found.sha256[:16]}"),
        (say(lang, "flow_whole"), f"{found.whole_km2:,.4f} km²"),
        (
            say(lang, "flow_filled"),
            say(lang, "flow_filled_by", area=f"{found.filled_km2:,.4f}", volume=f"{found.filled_m3:,.0f}"),
        ),
        (say(lang, "flow_deepest"), f"{float(found.raised_m[found.raised_m >= 0].max()):.2f} m"),
        (say(lang, "flow_sharing"), say(lang, f"flow_sharing_{found.sharing}")),
        (say(lang, "flow_threshold"), f"{found.stream_km2:g} km²"),
    ]
    return _table("flow_summary", [("item", "text"), ("value", "long")], rows, lang)


def _streams(found: Drainage, lang: Lang) -> Table:
    rows = [
        (
            int(order),
            len(own),
            rounded(float(own["length_m"].sum()) / 1e3, "m"),
            rounded(float(own["drains_km2"].max()), "m"),
        )
        for order, own in found.streams.groupby("strahler", sort=True)
    ]
    columns: list[tuple[str, Kind]] = [
        ("strahler", "count"),
        ("reaches", "count"),
        ("length_km", "m"),
        ("drains_km2", "m"),
    ]
    return _table("flow_streams", columns, rows, lang)


def _watersheds(found: Drainage, lang: Lang) -> Table:
    rows = [
        (
            str(row.name),
            rounded(float(row.moved_m), "m"),
            rounded(float(row.own_km2), "ha"),
            rounded(float(row.drains_km2), "ha"),
        )
        for row in found.watersheds.itertuples(index=False)
    ]
    columns: list[tuple[str, Kind]] = [("name", "text"), ("moved_m", "m"), ("own_km2", "ha"), ("drains_all_km2", "ha")]
    return _table("flow_watersheds", columns, rows, lang)


def _table(key: str, columns: Sequence[tuple[str, Kind]], rows: Sequence[tuple[Cell, ...]], lang: Lang) -> Table:
    titled = tuple(Column(name, say(lang, f"col_flow_{name}"), kind) for name, kind in columns)
    return Table(key, say(lang, f"table_{key}"), titled, tuple(rows))
