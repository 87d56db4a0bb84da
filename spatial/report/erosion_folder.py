"""What soil loss leaves for people and programs: workbook, Word report, JSON, rasters of loss and grade, parcels."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd

from spatial.catalog import Workspace
from spatial.erosion.result import ErosionResult, Measures
from spatial.erosion.run import Loss
from spatial.findings import Finding
from spatial.io.atomic import staged
from spatial.io.writers import write_vector
from spatial.provenance import software, tables_sha256
from spatial.report.book import Book, write_book
from spatial.report.erosion_document import write_erosion_docx
from spatial.report.erosion_maps import MAPS, draw_erosion_maps
from spatial.report.erosion_rasters import write_erosion_rasters
from spatial.tables.cells import notice, without_folder
from spatial.tables.erosion import erosion_tables, erosion_title
from spatial.tables.measures import MEASURED, measures_notice, measures_tables, prices_notice, ranked
from spatial.words import LANGS, Lang, say

FILES = ("erosion.xlsx", "erosion.json", "loss_t_km2_a.tif", "loss_t_hm2_a.tif", "grade.tif", "erosion.docx")
PARCELS, LAYER = "priority_parcels.gpkg", "priority_parcels"
_CHARTED = {
    "erosion_zones": ("mean_t_km2_a",),
    "erosion_grades": ("area_ha",),
    "erosion_sheet": ("area_ha",),
    "measures_scenarios": ("saved_t_a",),
}


def write_erosion_folder(result: ErosionResult, workspace: Workspace, folder: Path, lang: Lang) -> list[Path]:
    """Write workbook, Word report, JSON, maps and GeoTIFFs; with measures also the parcels: all of them or none.

    Parameters
    ----------
    result, workspace
        What was computed, and of what.
    folder
        Made where it does not exist.
    lang
        Language of what people read.

    Returns
    -------
    list of Path
        The files written.
    """
    names = list(FILES)
    with staged(folder) as temporary:
        _write_book(result, temporary / FILES[0], lang)
        content = json.dumps(to_json(result), ensure_ascii=False, indent=1, allow_nan=False)
        (temporary / FILES[1]).write_text(content + "\n", encoding="utf-8", newline="\n")
        write_erosion_rasters(result, (temporary / FILES[2], temporary / FILES[3]), temporary / FILES[4])
        maps = draw_erosion_maps(result, workspace, temporary, lang)
        names += [path.name for path in maps.values()]
        write_erosion_docx(result, maps, temporary / FILES[5], lang)
        if result.measures is not None:
            names.append(PARCELS)
            write_vector({LAYER: priority_parcels(result, result.measures)}, temporary / PARCELS)
    return [folder / name for name in names]


def stale_files(folder: Path, written: Sequence[Path]) -> Finding | None:
    """Return which files of this command in a folder are of an earlier run: beside new ones they mislead."""
    own = [*FILES, PARCELS, *(f"{name}.png" for name in MAPS)]
    left = [name for name in own if (folder / name).is_file() and folder / name not in written]
    return Finding("warning", "stale_files", "", values={"folder": folder, "files": ", ".join(left)}) if left else None


def _write_book(result: ErosionResult, path: Path, lang: Lang) -> None:
    notes = dict.fromkeys(MEASURED, measures_notice(result.measures, lang)) if result.measures else {}
    book = Book(
        title=erosion_title(result, lang),
        notice=erosion_notice(result, lang),
        tables=[*erosion_tables(result, lang), *measures_tables(result, lang)],
        charted=_CHARTED,
        notes=notes,
        date=result.date,
    )
    write_book(book, path, lang)


def priority_parcels(result: ErosionResult, measures: Measures) -> gpd.GeoDataFrame:
    """Return the parcels for which something is prescribed, in their ranking, with their figures and shapes."""
    frame = ranked(measures)
    columns = {
        "rank": frame["rank"],
        "parcel": frame["parcel"],
        "slope_class": frame["slope_class"],
        "practices": frame["practices"],
        "factor_e": frame["e"],
        "factor_t": frame["t"],
        "area_ha": frame["area_hm2"],
        "without_loss_m2": frame["without_loss_m2"],
        "loss_before_t_a": frame["loss_t_a"],
        "loss_after_t_a": frame["after_t_a"],
        "saved_t_a": frame["saved_t_a"],
        "saved_t_per_ha": frame["saved_t_per_hm2"],
        "saved_t_per_yuan": frame["saved_t_per_yuan"],
        "terrace_ha": frame["terrace_hm2"],
        "terrace_m": frame["terrace_m"],
        "earthwork_m3": frame["earthwork_m3"],
        "cost_yuan": frame["yuan"],
        "in_budget": frame["in_budget"],
    }
    geometry = measures.farmland.geometry[frame.index]
    found = gpd.GeoDataFrame(columns, geometry=geometry, crs=measures.plane).reset_index(drop=True)
    return found.assign(illustrative=result.illustrative, prices=prices_notice(measures, "en"))


def to_json(result: ErosionResult) -> dict[str, Any]:
    """Return soil loss for programs, areas in m2 and losses in t/a, unrounded."""
    content = {
        "schema": "ecopattern.erosion/1",
        "district": {"zh": result.district.zh, "en": result.district.en},
        "date": result.date.isoformat(),
        "illustrative": result.illustrative,
        "model": result.model,
        "zones": list(result.zones),
        "basis": {factor: {"zh": said.zh, "en": said.en} for factor, said in result.basis.items()},
        "regions": [{"code": region.code, "tolerance_t_km2_a": region.tolerance_t_km2_a} for region in result.regions],
        **_tables(result.loss),
        # The outline by itself: where townships do not tile it, it is not their sum.
        "whole": _tables(result.whole),
        "layers": [
            {"id": layer.layer_id, "role": layer.role, "edition": layer.edition, "sha256": layer.sha256}
            for layer in result.layers
        ],
        "files": [{"option": file.purpose, "name": file.name, "sha256": file.sha256} for file in result.files],
        "tables_sha256": tables_sha256(),
        "software": software(),
        "findings": [{"code": finding.code, "text": without_folder(finding, "en")} for finding in result.findings],
    }
    return content | ({"measures": _measures(result.measures)} if result.measures else {})


def _tables(loss: Loss) -> dict[str, Any]:
    tables = {"cube": loss.cube, "grades": loss.grades, "sheet": loss.sheet, "lost": loss.lost}
    return {name: table.to_dict("records") for name, table in tables.items()}


def _measures(measures: Measures) -> dict[str, Any]:
    """Return what measures would do, for programs; amounts in hm2, m, m3, t/a and yuan, unrounded."""
    asked, farmland = measures.asked, measures.farmland
    figures = ["area_hm2", "loss_t_a", "saved_t_a", "terrace_hm2", "terrace_m", "earthwork_m3", "yuan"]
    parcels = ranked(measures)
    # JSON has no nan: what costs nothing has no tonnes per yuan.
    free = parcels["saved_t_per_yuan"].astype(object).where(parcels["saved_t_per_yuan"].notna(), None)
    left_out = ["sum_hm2", "sum_yuan", "sum_saved_t_a"]
    return {
        "ranking": asked.ranking,
        "budget": {"kind": asked.budget.kind, "amount": asked.budget.amount} if asked.budget else None,
        "caveats": {lang: measures_notice(measures, lang) for lang in LANGS},
        "farmland": {
            "parcels": len(farmland.parcels),
            "area_m2": float(farmland.parcels["area_m2"].sum()),
            "loss_t_a": float(farmland.parcels["loss_t_a"].sum()),
            "without_loss_m2": float(farmland.parcels["without_loss_m2"].sum()),
            "without_any_loss": farmland.parcels["parcel"][farmland.parcels["loss_t_a"].isna()].tolist(),
        },
        "plan": [
            {
                "slope_class": own.slope_class,
                "practices": [practice.code for practice in own.practices],
                "width_m": own.width_m,
                "source": own.source.en,
                "confidence": own.confidence,
            }
            for own in measures.plan.values()
        ],
        "prices": [
            {"code": code, "unit": own.unit, "yuan": own.yuan, "source": own.source.en, "confidence": own.confidence}
            for code, own in measures.prices.items()
        ],
        "scenarios": [
            {"scenario": outcome.key, "parcels": len(outcome.treated)}
            | {name: float(outcome.treated[name].sum()) for name in figures}
            for outcome in measures.outcomes
        ],
        "parcels": parcels.drop(columns=left_out).assign(saved_t_per_yuan=free).to_dict("records"),
        "conversion": _plain(farmland.conversion),
        "announced_known": farmland.known,
    }


def _plain(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the rows of a table; JSON has no nan."""
    rows: list[dict[str, Any]] = table.astype(object).where(table.notna(), None).to_dict("records")
    return rows


def erosion_notice(result: ErosionResult, lang: Lang) -> str:
    """Return the line that every sheet carries."""
    said = [
        say(lang, "coverage_date", date=result.date.isoformat()),
        say(lang, f"erosion_model_{result.model}"),
        say(lang, "slope_plan_area"),
        say(lang, "erosion_relative"),
    ]
    return notice(lang, said, illustrative=result.illustrative)
