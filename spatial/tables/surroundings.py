"""The tables of what surrounds zones, as every output shows them."""

from __future__ import annotations

from collections.abc import Sequence

from spatial.surroundings.run import SurroundingsResult
from spatial.tables.cells import Cell, Column, Kind, Table, rounded
from spatial.units import from_m2
from spatial.words import Lang, say


def surroundings_tables(result: SurroundingsResult, lang: Lang) -> list[Table]:
    """Return all tables of the surroundings; those that would be empty are left out."""
    tables = [_bands(result, lang), _exposure_counts(result, lang), _exposure(result, lang), _border(result, lang)]
    return [table for table in tables if table.rows]


def _bands(result: SurroundingsResult, lang: Lang) -> Table:
    rows = [
        (
            f"{row.from_m:g}-{row.to_m:g}",
            *_both(row.area_m2),
            *_both(row.in_district_m2),
        )
        for row in result.bands.itertuples()
    ]
    columns: list[tuple[str, Kind]] = [
        ("band", "text"),
        ("area_m2", "m2"),
        ("area_ha", "ha"),
        ("in_district_m2", "m2"),
        ("in_district_ha", "ha"),
    ]
    return _table("bands", columns, rows, lang)


def _exposure_counts(result: SurroundingsResult, lang: Lang) -> Table:
    """Return how many sources lie in each band, each counted in its nearest band only."""
    found = result.exposure
    nearest = found.groupby(["source_layer", "source_row"], sort=False, as_index=False)["band_m"].min()
    counts = nearest.groupby(["source_layer", "band_m"]).size()
    limits = [0.0, *result.bands["to_m"]]
    rows: list[tuple[Cell, ...]] = [
        (layer, float(total), *(float(counts.get((layer, limit), 0)) for limit in limits))
        for layer, total in result.sources.items()
    ]
    inside = Column("band_0", say(lang, "surroundings_meets"), "count")
    titles = [
        Column(f"band_{row.to_m:g}", f"{row.from_m:g}-{row.to_m:g} m", "count") for row in result.bands.itertuples()
    ]
    first = Column("source_layer", say(lang, "col_around_source_layer"), "text")
    total = Column("sources", say(lang, "col_around_sources"), "count")
    return Table("around_counts", say(lang, "table_around_counts"), (first, total, inside, *titles), tuple(rows))


def _exposure(result: SurroundingsResult, lang: Lang) -> Table:
    rows = [
        (
            row.zone,
            row.source,
            row.source_layer,
            rounded(row.distance_m, "m"),
            _band(row.band_m, lang),
            *_both(row.inside_m2),
        )
        for row in result.exposure.itertuples()
    ]
    columns: list[tuple[str, Kind]] = [
        ("zone", "text"),
        ("source", "text"),
        ("source_layer", "text"),
        ("distance_m", "m"),
        ("band", "text"),
        ("inside_m2", "m2"),
        ("inside_ha", "ha"),
    ]
    return _table("exposure", columns, rows, lang)


def _band(limit_m: float, lang: Lang) -> str:
    return say(lang, "surroundings_within", distance=f"{limit_m:g}") if limit_m else say(lang, "surroundings_meets")


def _border(result: SurroundingsResult, lang: Lang) -> Table:
    rows = [
        (say(lang, "surroundings_border"), rounded(result.border_m, "m")),
        (
            say(lang, "surroundings_fence" if result.water else "surroundings_fence_no_water"),
            rounded(result.fence_m, "m"),
        ),
    ]
    return _table("border", [("item", "long"), ("length_m", "m")], rows, lang)


def _both(area_m2: float) -> tuple[float | None, float | None]:
    return rounded(float(area_m2), "m2"), rounded(from_m2(float(area_m2), "ha"), "ha")


def _table(key: str, columns: Sequence[tuple[str, Kind]], rows: Sequence[tuple[Cell, ...]], lang: Lang) -> Table:
    titled = tuple(Column(name, say(lang, f"col_around_{name}"), kind) for name, kind in columns)
    return Table(f"around_{key}", say(lang, f"table_around_{key}"), titled, tuple(rows))
