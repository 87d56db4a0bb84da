"""One project's section of the Word report, short enough to read many of them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.shared import Cm, Pt

from spatial.report.wordtable import add_pairs, add_table, small
from spatial.screening.result import ProjectResult, ScreeningResult
from spatial.tables.cells import Table, listed, seen, sentences, shortened
from spatial.tables.overview import (
    avoidance_text,
    conclusion_text,
    document_name,
    headline,
    role_names,
    same_missing,
)
from spatial.tables.points import points_of
from spatial.tables.project import facts_table, narrow_zones_table, net_table, points_table, receptors_text
from spatial.words import Lang, say

_LONGEST_HEADING = 80
_FIGURE_WIDTH_CM = 10.5


def add_project(document: Any, found: ProjectResult, result: ScreeningResult, figure: Path | None, lang: Lang) -> None:
    """Add a project's section: facts, zones, net figures, documents, avoidance, what is open, figure."""
    name = shortened(seen(found.project.name).replace("\n", " "), _LONGEST_HEADING)
    document.add_heading(f"{seen(found.project.project_id)} {name}", 2)
    verdict = document.add_paragraph()
    verdict.add_run(say(lang, "project_verdict", verdict=headline(found, lang))).bold = True
    verdict.add_run(conclusion_text(found, lang))
    verdict.paragraph_format.keep_with_next = True
    add_pairs(document, facts_table(found, lang), (2.9, 2.3, 2.9, 2.3, 2.9, 2.3))
    _add_zones(document, found, lang)
    if len(points_of(found)) > 1:
        _titled(document, points_table(found, lang), (1.2, 8.0, 3.2, 3.2))
    if found.closure is not None:
        _titled(document, net_table(found, lang), (6.4, 2.6, 3.6, 3.0))
    _add_lists(document, found, result, lang)
    if figure is not None:
        paragraph = document.add_paragraph()
        paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
        paragraph.paragraph_format.keep_with_next = True
        paragraph.add_run().add_picture(str(figure), width=Cm(_FIGURE_WIDTH_CM))
        key = "figure_illustrative" if result.illustrative else "figure_caption"
        document.add_paragraph(say(lang, key, project=f"{seen(found.project.project_id)} {name}"), style="Caption")


def _add_zones(document: Any, found: ProjectResult, lang: Lang) -> None:
    layouts: dict[str, tuple[tuple[str, ...], tuple[float, ...]]] = {
        "contact": _contact_layout(found),
        "general": (("verdict", "basis"), (1.8, 13.8)),
        "near": (("zone", "distance_m", "verdict", "reason"), (3.6, 1.6, 1.6, 8.8)),
        "noise": (("zone", _extent(found), "gross_share_pct", "sliver_count", "reason"), (3.6, 2.0, 1.6, 1.4, 7.0)),
    }
    for status, (keys, widths) in layouts.items():
        table = narrow_zones_table(found, lang, status)
        if table.rows:
            _titled(document, table.picked(keys), widths)
        elif status == "contact" and found.project.location == "given":
            small(document, say(lang, "project_no_contact"))


def _extent(found: ProjectResult) -> str:
    """Return the column that says how much of a project a zone takes."""
    if len(points_of(found)):
        return "point_count"
    return "gross_length_m" if found.official_area_m2 is None else "gross_area_m2"


def _contact_layout(found: ProjectResult) -> tuple[tuple[str, ...], tuple[float, ...]]:
    """Return columns and widths; the reasons name the documents, which are listed below with their codes."""
    extent = _extent(found)
    if extent == "point_count":
        return ("zone", extent, "verdict", "basis"), (3.2, 1.2, 1.8, 9.4)
    return ("zone", extent, "gross_share_pct", "verdict", "basis"), (3.0, 2.3, 1.4, 1.8, 7.1)


def _titled(document: Any, table: Table, widths: Sequence[float]) -> None:
    document.add_heading(table.title, 3)
    add_table(document, table, widths)


def _add_lists(document: Any, found: ProjectResult, result: ScreeningResult, lang: Lang) -> None:
    """Add what is said in a sentence each: documents, avoidance, questions, receptors, what was checked."""
    documents = listed(lang, (document_name(code, result, lang) for code in found.documents))
    for key, text in (
        ("table_documents", documents),
        ("heading_avoidance", avoidance_text(found, lang)),
        ("heading_questions", sentences(lang, found.questions)),
        ("table_receptors", receptors_text(found, lang)),
    ):
        if text:
            paragraph = small(document, "")
            paragraph.add_run(say(lang, "titled", title=say(lang, key))).bold = True
            paragraph.add_run(text)
            for run in paragraph.runs:
                run.font.size = Pt(10)
    _add_checked(document, found, result, lang)


def _add_checked(document: Any, found: ProjectResult, result: ScreeningResult, lang: Lang) -> None:
    """Say what was not checked, in short where it is the same for all projects and said at the beginning."""
    lines = []
    if found.missing_roles and same_missing(result):
        lines.append(say(lang, "project_missing_all", count=len(found.missing_roles)))
    elif found.missing_roles:
        lines.append(say(lang, "project_missing", roles=role_names(found.missing_roles, lang)))
    if found.clear_roles:
        lines.append(say(lang, "project_clear", roles=role_names(found.clear_roles, lang)))
    for line in lines:
        small(document, line)
