"""What a page says about a project or a zone: plain texts from the report's tables, no markup."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from spatial.roles import Role
from spatial.screening.result import ProjectResult, ScreeningResult, ZoneRow
from spatial.tables.cells import (
    NOTHING,
    NUMERIC,
    Table,
    as_text,
    listed,
    seen,
    shortened,
    verdict_styles,
    without_empty,
)
from spatial.tables.overview import (
    avoidance_text,
    document_name,
    headline,
    outcome,
    project_zones_table,
    role_name,
    summary_table,
    verdict_text,
)
from spatial.tables.points import points_of
from spatial.tables.project import points_table, receptors_table
from spatial.words import Lang, say

_FACTS = (
    "nature",
    "unchecked",
    "declared_area_m2",
    "stored_area_m2",
    "planar_area_m2",
    "free_area_m2",
    "outside_area_m2",
    "free_length_m",
    "outside_length_m",
    "location",
    "remarks",
)
_LONGEST_TITLE = 80


def project_contents(result: ScreeningResult, lang: Lang) -> list[dict[str, Any]]:
    """Return the popup of each project: verdict, table of zones, areas, documents."""
    table = summary_table(result, lang)
    columns = {column.key: column for column in table.columns}
    contents = []
    for found, row in zip(result.projects, table.rows, strict=True):
        shown = {key: as_text(value, columns[key].kind) for key, value in zip(columns, row, strict=True)}
        facts = [[say(lang, "map_conclusion"), shown["conclusion"]]]
        if found.official_area_m2 is not None:
            units = {unit: shown[f"official_area_{unit}"] for unit in ("m2", "ha", "mu")}
            facts.append([say(lang, "map_area"), say(lang, "map_three_areas", **units)])
        elif found.length_m is not None:
            facts.append([columns["length_m"].title, shown["length_m"]])
        if found.documents:
            names = listed(lang, (document_name(code, result, lang) for code in found.documents))
            facts.append([columns["documents"].title, names])
        if found.avoidance is not None:
            facts.append([say(lang, "heading_avoidance"), avoidance_text(found, lang, "avoidance_short")])
        if found.questions:
            facts.append([columns["questions"].title, shown["questions"]])
        more = [[columns[key].title, shown[key]] for key in _FACTS if shown[key] != NOTHING]
        contents.append(_content(found, facts, more, lang))
    return contents


def _content(found: ProjectResult, facts: list[list[str]], more: list[list[str]], lang: Lang) -> dict[str, Any]:
    title = f"{seen(found.project.project_id)} {seen(found.project.name)}"
    return {
        "id": seen(found.project.project_id),
        "title": title,
        "tip": shortened(title, _LONGEST_TITLE),
        "verdict": outcome(found),
        "verdict_text": headline(found, lang),
        "facts": facts,
        "grids": _grids(found, lang),
        "more_title": say(lang, "table_facts"),
        "more": more,
    }


def _grids(found: ProjectResult, lang: Lang) -> list[dict[str, Any]]:
    line = found.official_area_m2 is None
    figure = "gross_length_m" if line else "gross_area_m2"
    figure = "point_count" if len(points_of(found)) else figure
    wanted = {
        "contact": ("role", figure, "gross_share_pct", "verdict", "documents"),
        "near": ("role", "distance_m", "verdict"),
        "noise": ("role", figure, "verdict"),
        "general": ("verdict", "clauses", "documents"),
    }
    grids = []
    for status, keys in wanted.items():
        table = without_empty(project_zones_table(found, lang, (status,)).picked(keys))
        if table.rows:
            grids.append({"title": say(lang, f"project_{status}"), **grid(table)})
    more = [points_table(found, lang).picked(("point", "point_zones"))] if len(points_of(found)) > 1 else []
    more += [receptors_table(found, lang)] if found.receptors else []
    return [*grids, *({"title": table.title, **grid(table)} for table in more)]


def grid(table: Table) -> dict[str, Any]:
    """Return a table as titles, texts and which columns hold numbers."""
    return {
        "columns": [column.title for column in table.columns],
        "numeric": [column.kind in NUMERIC for column in table.columns],
        "rows": [
            [as_text(value, column.kind) for column, value in zip(table.columns, row, strict=True)]
            for row in table.rows
        ],
    }


def zone_content(role: Role, name: str, editions: str, *, illustrative: bool, lang: Lang) -> dict[str, Any]:
    """Return the popup of a zone: its name, role, edition, and whether it is illustrative."""
    facts = [[say(lang, "col_role"), role.name(lang)]]
    if editions:
        facts.append([say(lang, "col_editions"), editions])
    if illustrative:
        facts.append([say(lang, "col_remarks"), say(lang, "illustrative")])
    title = seen(name) or role.name(lang)
    return {"title": title, "tip": shortened(title, _LONGEST_TITLE), "facts": facts}


def evidence_content(found: ProjectResult, row: ZoneRow, lang: Lang) -> dict[str, Any]:
    """Return the popup of an overlap: project, role, area or length; a point has neither."""
    title = f"{seen(found.project.project_id)} × {role_name(row.role, lang)}"
    figures = without_empty(project_zones_table(replace(found, rows=(row,)), lang, (row.status,)))
    facts = [
        [column.title, as_text(value, column.kind)]
        for column, value in zip(figures.columns, figures.rows[0], strict=True)
        if column.key
        in {"status", "gross_area_m2", "gross_length_m", "gross_share_pct", "point_count", "verdict", "name"}
    ]
    return {"title": title, "tip": title, "facts": facts}


def avoidance_content(found: ProjectResult, lang: Lang) -> dict[str, Any]:
    """Return the popup of the outline that avoidance leaves."""
    title = f"{seen(found.project.project_id)} {say(lang, 'map_avoidance')}"
    facts = [[say(lang, "heading_avoidance"), avoidance_text(found, lang, "avoidance_short")]]
    return {"title": title, "tip": title, "facts": facts}


def verdict_colours(lang: Lang) -> dict[str, dict[str, str]]:
    """Return what a page needs to draw the symbols of the outcomes."""
    return {
        code: {
            "symbol": style.symbol,
            "fill": style.fill,
            "ink": style.ink,
            "name": verdict_text(code, lang),
        }
        for code, style in verdict_styles().items()
    }
