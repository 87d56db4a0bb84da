"""Projects by the verdict of a screening, and where they meet control zones."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import shapely

from spatial.loading import required_layers
from spatial.publish.model import Layer, Symbol
from spatial.publish.sources.scene import Drawn, Scene, to_lon_lat
from spatial.screening.result import ProjectResult, ScreeningResult
from spatial.screening.run import run_screening
from spatial.tables.cells import Cell, Column, listed, seen, settings, verdict_styles
from spatial.tables.overview import SUMMARY, outcome, role_name, summary_table, verdict_name
from spatial.tables.points import decisive_rows
from spatial.words import say

OPTIONS: dict[str, type] = {"projects": str}


def draw(scene: Scene, options: dict[str, Any]) -> Drawn:
    """Screen the register of the workspace, or the projects named, and return overlaps and projects."""
    stated = options.get("projects")
    known = [] if stated else required_layers(scene.workspace, "PROJECT", scene.date)
    paths = (Path(stated),) if stated else tuple(layer.path for layer in known)
    result, _ = run_screening(paths, scene.workspace, scene.date)
    register = [say(scene.lang, "publish_source", source=one.source, edition=one.edition) for one in known]
    note = paths[0].name if stated else listed(scene.lang, register)
    drawn = (_overlaps(result, scene), _projects(result, scene))
    layers = [replace(layer, note=say(scene.lang, "publish_screened", register=note)) for layer in drawn]
    return Drawn(tuple(layer for layer in layers if len(layer.shapes)), result.layers, result.findings)


def _projects(result: ScreeningResult, scene: Scene) -> Layer:
    lang = scene.lang
    table = summary_table(result, lang).picked([key for key, _ in SUMMARY])
    placed = [place for place, found in enumerate(result.projects) if found.project.geometry is not None]
    codes = list(verdict_styles())
    drawing = settings()["map"]["project"]["style"]
    symbols = tuple(
        Symbol(
            verdict_name(code, lang),
            style.fill,
            style.fill,
            drawing["fillOpacity"],
            drawing["weight"],
            hatch="slash" if code == "X" else "",
            radius=drawing["radius"],
        )
        for code, style in verdict_styles().items()
    )
    return Layer(
        key="projects",
        role="PROJECT",
        title=say(lang, "map_group_projects"),
        group=say(lang, "publish_group_projects"),
        shapes=to_lon_lat(_array([result.projects[place].project.geometry for place in placed]), scene.plane),
        symbols=symbols,
        symbol_of=np.array([codes.index(outcome(result.projects[place])) for place in placed], dtype=np.int32),
        columns=table.columns,
        rows=tuple(table.rows[place] for place in placed),
        name_key="name",
        illustrative=any(found.project.illustrative for found in result.projects),
    )


def _overlaps(result: ScreeningResult, scene: Scene) -> Layer:
    """Return where the rows that decide the verdicts lie."""
    lang = scene.lang
    found = [(project, row) for project in result.projects for row in decisive_rows(project)]
    table = summary_table(result, lang)
    titles = {column.key: column for column in table.columns}
    zone = Column("zone", say(lang, "publish_col_zone"), "text")
    rows: list[tuple[Cell, ...]] = [
        (seen(project.project.project_id), _name(project), role_name(row.role, lang), verdict_name(row.verdict, lang))
        for project, row in found
    ]
    style = settings()["map"]["evidence"]
    symbol = Symbol(
        "", style["fillColor"], style["color"], style["fillOpacity"], style["weight"], style["dashArray"], "cross"
    )
    return Layer(
        key="overlaps",
        role="PROJECT",
        title=say(lang, "map_evidence"),
        group=say(lang, "publish_group_projects"),
        shapes=to_lon_lat(_array([row.evidence for _, row in found]), scene.plane),
        symbols=(symbol,),
        symbol_of=np.zeros(len(found), dtype=np.int32),
        columns=(titles["project_id"], titles["name"], zone, titles["verdict"]),
        rows=tuple(rows),
        name_key="name",
        illustrative=any(row.illustrative for _, row in found),
        feature_roles=tuple(row.role for _, row in found),
    )


def _name(found: ProjectResult) -> str:
    return seen(found.project.name)


def _array(shapes: list[Any]) -> Any:
    array = np.empty(len(shapes), dtype=object)
    array[:] = shapes
    return shapely.force_2d(array)
