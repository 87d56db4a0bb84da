"""What the surroundings of zones leave for people and programs: workbook, GeoParquet of the bands, JSON."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from spatial.io.atomic import staged
from spatial.report.book import Book, write_book
from spatial.roles import roles
from spatial.surroundings.run import SurroundingsResult
from spatial.tables.cells import notice, seen
from spatial.tables.surroundings import surroundings_tables
from spatial.words import Lang, say

FILES = ("surroundings.xlsx", "surroundings.json", "bands.parquet")
#: Columns that a chart of each table shows; tables without an entry have none.
_CHARTED = {"around_bands": ("area_ha", "in_district_ha")}


def write_surroundings_folder(result: SurroundingsResult, folder: Path, lang: Lang) -> list[Path]:
    """Write workbook, JSON and the bands as GeoParquet: all of them or none.

    Returns
    -------
    list of Path
        The files written.
    """
    title = say(lang, "around_title", role=roles()[result.role].name(lang), district=seen(result.district.say(lang)))
    book = Book(title, surroundings_notice(result, lang), surroundings_tables(result, lang), _CHARTED, date=result.date)
    with staged(folder) as temporary:
        write_book(book, temporary / FILES[0], lang)
        content = json.dumps(to_json(result), ensure_ascii=False, indent=1, allow_nan=False)
        (temporary / FILES[1]).write_text(content + "\n", encoding="utf-8", newline="\n")
        bands = result.bands.assign(role=result.role, illustrative=result.illustrative)
        bands.to_parquet(temporary / FILES[2], compression="zstd")
    return [folder / name for name in FILES]


def to_json(result: SurroundingsResult) -> dict[str, Any]:
    """Return the surroundings for programs, areas in m2 and lengths in m, unrounded."""
    return {
        "schema": "ecopattern.surroundings/1",
        "district": {"zh": result.district.zh, "en": result.district.en},
        "role": result.role,
        "date": result.date.isoformat(),
        "illustrative": result.illustrative,
        "zones": result.zones,
        "bands": result.bands.drop(columns="geometry").to_dict("records"),
        "sources": result.sources,
        "exposure": result.exposure.to_dict("records"),
        "border_m": result.border_m,
        "fence_m": result.fence_m,
        "water_known": result.water,
        "layers": [
            {"id": layer.layer_id, "role": layer.role, "edition": layer.edition, "sha256": layer.sha256}
            for layer in result.layers
        ],
    }


def surroundings_notice(result: SurroundingsResult, lang: Lang) -> str:
    """Return the line that every sheet carries: date, number of zones, what the data are."""
    said = [
        say(lang, "coverage_date", date=result.date.isoformat()),
        say(lang, "around_zones", count=result.zones),
    ]
    return notice(lang, said, illustrative=result.illustrative)
