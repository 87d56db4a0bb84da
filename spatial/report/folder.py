"""Everything people take away from a screening, written together or not at all."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import pandas as pd
from shapely.geometry.base import BaseGeometry

from spatial.io.atomic import staged
from spatial.io.writers import write_vector
from spatial.loading import LoadedLayer
from spatial.render.figures import project_figure
from spatial.render.page import write_map
from spatial.report.document import detailed, write_docx
from spatial.report.workbook import write_xlsx
from spatial.screening.result import ProjectResult, ScreeningResult, ZoneRow
from spatial.screening.to_json import to_json
from spatial.words import LANGS, Lang, say


def write_folder(
    result: ScreeningResult,
    layers: tuple[LoadedLayer, ...],
    folder: Path,
    lang: Lang,
    *,
    tell: Callable[[str], None] = lambda _: None,
    progress: Callable[[int, int], None] = lambda _done, _total: None,
) -> list[Path]:
    """Write JSON, Excel, Word, map and evidence of a screening into a folder.

    Parameters
    ----------
    result
        The one object all of them take their numbers from.
    layers
        Zones and context in the analysis plane, for the map and the figures.
    folder
        Made where it does not exist. The files appear in it when all are finished.
    lang
        Language of what people read.
    tell
        Called before each output with the key of the label that says so, in whatever language is read.
    progress
        Called with the figures drawn and all figures.

    Returns
    -------
    list of Path
        The files written.
    """
    with staged(folder) as temporary:
        tell("progress_evidence")
        text = json.dumps(to_json(result, lang), ensure_ascii=False, indent=1, allow_nan=False)
        (temporary / "screening.json").write_text(text + "\n", encoding="utf-8")
        write_vector(evidence_layers(result), temporary / "evidence.gpkg")
        write_xlsx(result, temporary / "screening.xlsx", lang)
        tell("progress_map")
        drawn = [(layer.layer.role, _frame(layer, result), layer.layer.illustrative) for layer in layers]
        write_map(result, drawn, temporary / "map.html", lang)
        tell("progress_report")
        figures = temporary / "figures"
        figures.mkdir()
        context = [(layer.layer.role, layer.geometry, layer.layer.name.say(lang)) for layer in layers]
        pictures: dict[str, Path] = {}
        shown = [found for found in detailed(result) if found.project.geometry is not None]
        for number, found in enumerate(shown, start=1):
            path = figures / f"project-{number:03d}.png"
            project_figure(result, found, context, path, lang)
            pictures[found.project.project_id] = path
            progress(number, len(shown))
        write_docx(result, pictures, temporary / "screening.docx", lang)
    return sorted(path for path in folder.iterdir() if path.is_file())


#: Columns of each layer of evidence and their types, so that a layer without features has them too.
_PIECE = {"project_id": "str", "role": "str", "verdict": "str", "area_m2": "float64", "length_m": "float64"}
_COLUMNS = {
    "projects": {
        "project_id": "str",
        "name": "str",
        "nature": "str",
        "verdict": "str",
        "official_area_m2": "float64",
        "length_m": "float64",
    },
    "gross": _PIECE,
    "net": _PIECE,
    "avoidance": {"project_id": "str", "without_roles": "str", "area_m2": "float64", "removed_m2": "float64"},
}


def _frame(layer: LoadedLayer, result: ScreeningResult) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame({"name": layer.names}, geometry=layer.geometry, crs=result.analysis_crs)


def evidence_layers(result: ScreeningResult) -> dict[str, gpd.GeoDataFrame]:
    """Return the geometry behind the figures, in the analysis plane.

    Returns
    -------
    dict of GeoDataFrame
        ``projects``, ``gross`` (overlap per project and role), ``net`` (the strictest zone takes
        the place) and ``avoidance`` (the outline left when the deciding zones are cut out).
    """
    layers = {
        "projects": [_project(found) for found in result.projects if found.project.geometry is not None],
        "gross": [
            _piece(row, row.gross_area_m2, row.gross_length_m, row.evidence)
            for found in result.projects
            for row in found.rows
            if row.evidence is not None
        ],
        "net": [
            _piece(row, row.net_area_m2, row.net_length_m, row.net_evidence)
            for found in result.projects
            for row in found.rows
            if row.net_evidence is not None
        ],
        "avoidance": [
            {
                "project_id": found.project.project_id,
                "without_roles": " ".join(cut.roles),
                "area_m2": cut.area_m2,
                "removed_m2": cut.removed_m2,
                "geometry": cut.geometry,
            }
            for found in result.projects
            if (cut := found.avoidance) is not None
        ],
    }
    # A layer is copied out of its file, so each feature says itself what it is.
    keys = ["notice_aid", *result.notices]
    notice = " ".join(say(lang, key) for lang in LANGS for key in keys)
    return {
        name: gpd.GeoDataFrame(
            _typed(rows, _COLUMNS[name]).assign(notice=notice), geometry="geometry", crs=result.analysis_crs
        )
        for name, rows in layers.items()
    }


def _typed(rows: list[dict[str, object]], columns: dict[str, str]) -> pd.DataFrame:
    """Return rows with the columns and types of their layer, also where there are none."""
    return pd.DataFrame(rows, columns=[*columns, "geometry"]).astype(columns)


def _project(found: ProjectResult) -> dict[str, object]:
    return {
        "project_id": found.project.project_id,
        "name": found.project.name,
        "nature": found.project.nature,
        "verdict": found.verdict.value,
        "official_area_m2": found.official_area_m2,
        "length_m": found.length_m,
        "geometry": found.project.geometry,
    }


def _piece(row: ZoneRow, area_m2: float | None, length_m: float | None, geometry: BaseGeometry) -> dict[str, object]:
    return {
        "project_id": row.project_id,
        "role": row.role,
        "verdict": row.verdict.value,
        "area_m2": area_m2,
        "length_m": length_m,
        "geometry": geometry,
    }
