"""One project's section of the Word report."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.shared import Cm, Pt

from spatial.report.wordtable import add_pairs, add_table
from spatial.screening.result import ProjectResult, ScreeningResult
from spatial.tables.cells import Table, as_text, rounded, seen, shortened
from spatial.tables.overview import conclusion_text, document_name, role_names, same_missing, verdict_text
from spatial.tables.project import facts_table, narrow_zones_table, net_table, receptors_table
from spatial.units import from_m2
from spatial.words import Lang, say

_LONGEST_HEADING = 80
_FIGURE_WIDTH_CM = 14.0


def add_project(document: Any, found: ProjectResult, result: ScreeningResult, figure: Path | None, lang: Lang) -> None:
    """Add a project's section: facts, zones, net figures, documents, avoidance, what is open, figure."""
    name = shortened(seen(found.project.name).replace("\n", " "), _LONGEST_HEADING)
    document.add_heading(f"{seen(found.project.project_id)} {name}", 2)
    verdict = document.add_paragraph()
    verdict.add_run(say(lang, "project_verdict", verdict=verdict_text(found.verdict, lang))).bold = True
    verdict.add_run(conclusion_text(found, lang))
    verdict.paragraph_format.keep_with_next = True
    add_pairs(document, facts_table(found, lang), (3.4, 4.4, 3.4, 4.4))
    _add_zones(document, found, lang)
    if found.closure is not None:
        _titled(document, net_table(found, lang), (6.4, 2.6, 3.6, 3.0))
    _add_lists(document, found, result, lang)
    if found.receptors:
        _titled(document, receptors_table(found, lang), (7, 5, 3.6))
    if figure is not None:
        paragraph = document.add_paragraph()
        paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
        paragraph.paragraph_format.keep_with_next = True
        paragraph.add_run().add_picture(str(figure), width=Cm(_FIGURE_WIDTH_CM))
        key = "figure_illustrative" if result.illustrative else "figure_caption"
        document.add_paragraph(say(lang, key, project=f"{seen(found.project.project_id)} {name}"), style="Caption")


def _add_zones(document: Any, found: ProjectResult, lang: Lang) -> None:
    figure = "gross_length_m" if found.official_area_m2 is None else "gross_area_m2"
    layouts: dict[str, tuple[tuple[str, ...], tuple[float, ...]]] = {
        "contact": (
            ("zone", figure, "gross_share_pct", "verdict", "basis", "documents"),
            (3.1, 2.1, 1.5, 2.0, 5.1, 1.8),
        ),
        "general": (("verdict", "basis", "documents"), (2, 11, 2.6)),
        "near": (("zone", "distance_m", "verdict", "reason"), (4.6, 1.8, 1.8, 7.4)),
        "noise": (("zone", figure, "gross_share_pct", "sliver_count", "reason"), (4.2, 2.2, 1.6, 1.4, 6.2)),
    }
    for status, (keys, widths) in layouts.items():
        table = narrow_zones_table(found, lang, status)
        if table.rows:
            _titled(document, table.picked(keys), widths)
        elif status == "contact" and found.project.location == "given":
            document.add_paragraph(say(lang, "project_no_contact"))


def _titled(document: Any, table: Table, widths: Sequence[float]) -> None:
    document.add_heading(table.title, 3)
    add_table(document, table, widths)


def _add_lists(document: Any, found: ProjectResult, result: ScreeningResult, lang: Lang) -> None:
    if found.documents:
        document.add_heading(say(lang, "table_documents"), 3)
        for code in found.documents:
            document.add_paragraph(document_name(code, result, lang), style="List Bullet")
    if found.avoidance is not None:
        left = found.avoidance
        document.add_heading(say(lang, "heading_avoidance"), 3)
        document.add_paragraph(
            say(
                lang,
                "avoidance_text",
                roles=role_names(left.roles, lang),
                left_ha=as_text(rounded(from_m2(left.area_m2, "ha"), "ha"), "ha"),
                left_mu=as_text(rounded(from_m2(left.area_m2, "mu"), "mu"), "mu"),
                removed_ha=as_text(rounded(from_m2(left.removed_m2, "ha"), "ha"), "ha"),
                parts=left.parts,
            )
        )
    if found.questions:
        document.add_heading(say(lang, "heading_questions"), 3)
        for question in found.questions:
            document.add_paragraph(seen(question.say(lang)), style="List Bullet")
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
        document.add_paragraph(line).paragraph_format.space_before = Pt(4)
