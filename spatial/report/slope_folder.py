"""What slope classes leave for people and programs: workbook, JSON, rasters of slopes and classes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from spatial.io.atomic import staged
from spatial.report.book import Book, write_book
from spatial.runtime.executors import THREADS, Progress
from spatial.tables.cells import seen
from spatial.tables.slope import slope_tables
from spatial.terrain.result import SlopeResult
from spatial.terrain.run import Job, write_terrain
from spatial.words import Lang, say

FILES = ("slope.xlsx", "slope.json", "slope.tif", "classes.tif")


def write_slope_folder(
    result: SlopeResult, folder: Path, lang: Lang, *, workers: str = THREADS, progress: Progress | None = None
) -> list[Path]:
    """Write workbook, JSON, and Cloud Optimized GeoTIFFs of slopes and classes.

    The rasters are written first, each whole or not at all, so that a run that was killed goes on with
    them; workbook and JSON follow together.

    Returns
    -------
    list of Path
        The files written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for name, product in ((FILES[2], "slope"), (FILES[3], "classes")):
        job = Job(product, result.method, result.scheme, workers, progress)  # type: ignore[arg-type]
        write_terrain(result.dem, folder / name, job)
    title = say(lang, "slope_title", scheme=result.scheme.name.say(lang), heights=seen(result.dem.path.stem))
    charted = {"slope_totals": ("area_ha",)}
    with staged(folder) as temporary:
        book = Book(title, slope_notice(result, lang), slope_tables(result, lang), charted)
        write_book(book, temporary / FILES[0], lang)
        content = json.dumps(to_json(result), ensure_ascii=False, indent=1, allow_nan=False)
        (temporary / FILES[1]).write_text(content + "\n", encoding="utf-8", newline="\n")
    return [folder / name for name in FILES]


def to_json(result: SlopeResult) -> dict[str, Any]:
    """Return slope classes for programs, areas in m2, unrounded."""
    areas = result.areas
    return {
        "schema": "ecopattern.slope/1",
        "heights": {"file": result.dem.path.name, "sha256": result.sha256, "cell_m": result.dem.grid.cell_m},
        "illustrative": result.illustrative,
        "method": result.method,
        "scheme": {
            "key": result.scheme.key,
            "breaks_deg": list(result.scheme.breaks_deg),
            "closed": result.scheme.closed,
            "source": result.scheme.source,
            "confidence": result.scheme.confidence,
        },
        "zones": [
            {
                "zone": name,
                "area_m2": float(areas.zone_m2[number]),
                "outside_m2": float(areas.outside_m2[number]),
                "classes": [
                    {"code": int(row.code), "area_m2": float(row.area_m2)}
                    for row in areas.table[areas.table["zone"] == number].itertuples()
                ],
            }
            for number, name in enumerate(result.zones)
        ],
        "findings": [{"code": finding.code, "text": finding.text("en")} for finding in result.findings],
    }


def slope_notice(result: SlopeResult, lang: Lang) -> str:
    """Return the line that every sheet carries."""
    said = [say(lang, "slope_plan_area"), *([say(lang, "notice_illustrative")] if result.illustrative else [])]
    return say(lang, "sentence_mark").join(said)
