"""What soil loss leaves for people and programs: workbook, JSON, rasters of loss and grade."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from spatial.erosion.result import ErosionResult
from spatial.io.atomic import staged
from spatial.report.book import Book, write_book
from spatial.report.erosion_rasters import write_erosion_rasters
from spatial.tables.cells import notice, seen
from spatial.tables.erosion import erosion_tables
from spatial.words import Lang, say

FILES = ("erosion.xlsx", "erosion.json", "loss_t_km2_a.tif", "grade.tif")
_CHARTED = {"erosion_zones": ("mean_t_km2_a",), "erosion_grades": ("area_ha",), "erosion_sheet": ("area_ha",)}


def write_erosion_folder(result: ErosionResult, folder: Path, lang: Lang) -> list[Path]:
    """Write workbook, JSON and Cloud Optimized GeoTIFFs of loss and grade: all of them or none.

    Returns
    -------
    list of Path
        The files written.
    """
    title = say(lang, "erosion_title", district=seen(result.district.say(lang)))
    book = Book(title, erosion_notice(result, lang), erosion_tables(result, lang), _CHARTED, date=result.date)
    with staged(folder) as temporary:
        write_book(book, temporary / FILES[0], lang)
        content = json.dumps(to_json(result), ensure_ascii=False, indent=1, allow_nan=False)
        (temporary / FILES[1]).write_text(content + "\n", encoding="utf-8", newline="\n")
        write_erosion_rasters(result, temporary / FILES[2], temporary / FILES[3])
    return [folder / name for name in FILES]


def to_json(result: ErosionResult) -> dict[str, Any]:
    """Return soil loss for programs, areas in m2 and losses in t/a, unrounded."""
    loss = result.loss
    return {
        "schema": "ecopattern.erosion/1",
        "district": {"zh": result.district.zh, "en": result.district.en},
        "date": result.date.isoformat(),
        "illustrative": result.illustrative,
        "model": "csle",
        "zones": list(result.zones),
        "basis": result.basis,
        "regions": [{"code": region.code, "tolerance_t_km2_a": region.tolerance_t_km2_a} for region in result.regions],
        "cube": loss.cube.to_dict("records"),
        "grades": loss.grades.to_dict("records"),
        "sheet": loss.sheet.to_dict("records"),
        "lost": loss.lost.to_dict("records"),
        "layers": [
            {"id": layer.layer_id, "role": layer.role, "edition": layer.edition, "sha256": layer.sha256}
            for layer in result.layers
        ],
        "findings": [{"code": finding.code, "text": finding.text("en")} for finding in result.findings],
    }


def erosion_notice(result: ErosionResult, lang: Lang) -> str:
    """Return the line that every sheet carries."""
    said = [
        say(lang, "coverage_date", date=result.date.isoformat()),
        say(lang, "erosion_relative"),
    ]
    return notice(lang, said, illustrative=result.illustrative)
