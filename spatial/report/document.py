"""The Word report of a screening: something an official can read, check and sign."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import docx
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.shared import Cm, Pt

from spatial.io.atomic import replacing
from spatial.report.project_section import add_project
from spatial.report.wordpage import add_footer, chapter, save, set_properties
from spatial.report.wordstyle import prepare
from spatial.report.wordtable import TEXT_WIDTH_CM, add_table, fill, keep_together, small
from spatial.screening.result import ProjectResult, ScreeningResult, Verdict
from spatial.tables.cells import Table, columns_of, joined, listed, seen, settings, shortened, verdict_styles
from spatial.tables.overview import (
    alternatives_table,
    basis_table,
    document_name,
    missing_roles,
    outcome,
    outcome_counts,
    role_names,
    summary_table,
    verdict_name,
)
from spatial.tables.record import (
    absent_table,
    documents_table,
    findings_table,
    layers_table,
    record_table,
    rule_set_text,
)
from spatial.words import Lang, say

_LONGEST_NAME = 60
_SIGNED = ("sign_prepared", "sign_checked", "sign_date")


def write_docx(result: ScreeningResult, figures: Mapping[str, Path], path: Path | str, lang: Lang = "zh") -> None:
    """Write a screening as a report: results, basis, method, each project, alternatives, conclusion, limits.

    The same result gives the same bytes.

    Parameters
    ----------
    result
        What the screening found.
    figures
        A picture of a project by its id; a project without one has no figure.
    path
        The .docx file; replaced as a whole or left as it was.
    lang
        Language of the report.
    """
    document = docx.Document()
    prepare(document, lang)
    district = seen(result.district_zh if lang == "zh" else result.district_en)
    set_properties(document, say(lang, "report_heading", district=district), result.date, lang)
    document.add_paragraph(say(lang, "report_heading", district=district), style="Title")
    document.add_paragraph(
        say(lang, "report_date", year=result.date.year, month=result.date.month, day=result.date.day), style="Subtitle"
    )
    _add_notice(document, result, lang)
    _add_results(document, result, lang)
    _add_basis(document, result, lang)
    _add_method(document, result, lang)
    _add_projects(document, result, figures, lang)
    _add_alternatives(document, result, lang)
    _add_conclusion(document, result, lang)
    _add_limits(document, result, lang)
    _add_signatures(document, lang)
    _add_annex(document, result, lang)
    add_footer(document, lang)
    with replacing(path) as temporary:
        save(document, temporary, result.date)


def _add_notice(document: Any, result: ScreeningResult, lang: Lang) -> None:
    keys = ["notice_aid", "notice_internal", *result.notices]
    paragraph = document.add_paragraph(style="Subtitle")
    paragraph.add_run(say(lang, "sentence_mark").join(say(lang, key) for key in keys)).bold = True


def _add_results(document: Any, result: ScreeningResult, lang: Lang) -> None:
    chapter(document, "heading_results", lang)
    document.add_paragraph(_counts(result, lang))
    short = _short_names(summary_table(result, lang))
    widths = {"project_id": 1.1, "name": 4.0, "verdict": 3.0, "official_area_ha": 1.6, "official_area_mu": 1.7}
    if any(short.column("length_m")):
        widths["length_m"] = 2.0
    widths["documents"] = 2.4
    add_table(document, _spaced(short.picked(tuple(widths)), "documents", lang), tuple(widths.values()))
    _add_legend(document, result, lang)
    missing = missing_roles(result)
    if missing:
        text = say(lang, "results_missing", count=len(missing), roles=role_names(missing, lang))
        document.add_paragraph(text).paragraph_format.space_before = Pt(6)


def _add_legend(document: Any, result: ScreeningResult, lang: Lang) -> None:
    """Say what the document codes of the table above stand for."""
    codes = documents_table(result, lang).column("document_code")
    if codes:
        names = listed(lang, (document_name(str(code), result, lang) for code in codes))
        small(document, say(lang, "document_legend", documents=names))


def _counts(result: ScreeningResult, lang: Lang) -> str:
    parts = (
        say(lang, "count_verdict", verdict=verdict_name(code, lang), count=count)
        for code, count in outcome_counts(result).items()
    )
    return say(lang, "results_counts", count=len(result.projects), parts=joined(lang, parts))


def _short_names(table: Table) -> Table:
    """Shorten project names in an overview; the project's own section has them in full."""
    place = [column.key for column in table.columns].index("name")
    rows = tuple(
        tuple(shortened(str(cell), _LONGEST_NAME) if at == place else cell for at, cell in enumerate(row))
        for row in table.rows
    )
    return Table(table.key, table.title, table.columns, rows, table.verdicts)


def _spaced(table: Table, key: str, lang: Lang) -> Table:
    """Part codes by spaces: a line that may not begin with a list mark would be broken inside a code."""
    place = [column.key for column in table.columns].index(key)
    mark = say(lang, "list_mark")
    rows = tuple(
        tuple(str(cell).replace(mark, " ") if at == place and cell else cell for at, cell in enumerate(row))
        for row in table.rows
    )
    return replace(table, rows=rows)


def _add_basis(document: Any, result: ScreeningResult, lang: Lang) -> None:
    chapter(document, "heading_basis", lang)
    document.add_paragraph(say(lang, "basis_intro", rule_set=rule_set_text(result, lang), date=result.date.isoformat()))
    table = basis_table(result, lang)
    if table.rows:
        add_table(document, table, (5.2, 3.6, 2.6, 1.4, 2.2))
    else:
        document.add_paragraph(say(lang, "basis_none"))


def _add_method(document: Any, result: ScreeningResult, lang: Lang) -> None:
    chapter(document, "heading_method", lang)
    rounding = record_table(result, lang).rows[5][2]
    for key in ("method_area", "method_plane", "method_overlap", "method_noise", "method_verdict", "method_rounding"):
        text = say(lang, key, crs=result.analysis_crs, rounding=rounding)
        document.add_paragraph(text, style="List Number")


def _add_projects(document: Any, result: ScreeningResult, figures: Mapping[str, Path], lang: Lang) -> None:
    chapter(document, "heading_projects", lang)
    chosen = detailed(result)
    left = len(result.projects) - len(chosen)
    if left:
        limit = settings()["document"]["detailed_projects"]
        document.add_paragraph(
            say(lang, "projects_left", count=len(result.projects), limit=limit, detailed=len(chosen), left=left)
        )
    for found in chosen:
        add_project(document, found, result, figures.get(found.project.project_id), lang)


def detailed(result: ScreeningResult) -> tuple[ProjectResult, ...]:
    """Return the projects that get a section of their own.

    All of them, unless there are more than the stated number: then the prohibited ones and those
    to review by hand, up to that number, the prohibited ones first.
    """
    limit: int = settings()["document"]["detailed_projects"]
    if len(result.projects) <= limit:
        return result.projects
    grave = [found for found in result.projects if found.verdict in {Verdict.PROHIBITED, Verdict.REVIEW}]
    return tuple(sorted(grave, key=lambda found: -found.verdict.severity)[:limit])


def _add_alternatives(document: Any, result: ScreeningResult, lang: Lang) -> None:
    table = alternatives_table(result, lang)
    if not table.rows:
        return
    chapter(document, "heading_alternatives", lang)
    document.add_paragraph(say(lang, "alternatives_intro"))
    keys = (
        "group",
        "rank",
        "project_id",
        "name",
        "verdict",
        "prohibited_area_m2",
        "conditional_area_m2",
        "document_count",
        "left_area_ha",
    )
    add_table(document, _short_names(table).picked(keys), (1.9, 1.0, 1.1, 2.7, 2.5, 1.7, 1.7, 1.1, 1.9))


def _add_conclusion(document: Any, result: ScreeningResult, lang: Lang) -> None:
    chapter(document, "heading_conclusion", lang)
    document.add_paragraph(_counts(result, lang))
    groups: dict[str, list[str]] = {
        key: [] for key in (*(code for code in verdict_styles() if code != "N"), "U_needed", "N")
    }
    for found in result.projects:
        key = outcome(found) + ("_needed" if found.project.location == "needed" else "")
        groups[key].append(seen(found.project.project_id))
    for key, codes in groups.items():
        if codes:
            # A line may end after each list mark, which a zero-width space says to every program.
            listing = joined(lang, codes).replace("、", "、\u200b")
            text = say(lang, f"closing_{key}", projects=listing, count=len(codes))
            document.add_paragraph(text, style="List Bullet")
    unchecked = sum(bool(found.missing_roles) for found in result.projects)
    if unchecked:
        document.add_paragraph(say(lang, "closing_unchecked", count=unchecked), style="List Bullet")
    table = documents_table(result, lang)
    if table.rows:
        document.add_paragraph(say(lang, "closing_documents")).paragraph_format.keep_with_next = True
        add_table(document, _spaced(table, "projects", lang), (1.2, 7.0, 1.6, 5.2))


def _add_limits(document: Any, result: ScreeningResult, lang: Lang) -> None:
    chapter(document, "heading_limits", lang)
    keys = [
        "limit_aid",
        *(["limit_illustrative"] if result.illustrative else []),
        "limit_rules",
        "limit_layers",
        "limit_editions",
        "limit_publish",
    ]
    for key in keys:
        document.add_paragraph(say(lang, key), style="List Bullet")
    states: dict[str, list[str]] = {}
    for role, state, _ in absent_table(result, lang).rows:
        states.setdefault(str(state), []).append(str(role))
    if states:
        rows = tuple((joined(lang, names), state) for state, names in states.items())
        add_table(
            document, Table("absent", "", columns_of(lang, ("role", "long"), ("absence", "long")), rows), (8, 7.6)
        )


def _add_signatures(document: Any, lang: Lang) -> None:
    document.add_heading(say(lang, "heading_signatures"), 2)
    drawn = document.add_table(rows=2, cols=len(_SIGNED), style="Table Grid")
    for head, space, key in zip(drawn.rows[0].cells, drawn.rows[1].cells, _SIGNED, strict=True):
        fill(head, say(lang, key), bold=True, alignment=WD_ALIGN_PARAGRAPH.CENTER)
        head.width = space.width = Cm(TEXT_WIDTH_CM / len(_SIGNED))
    drawn.rows[1].height = Cm(1.6)
    keep_together(drawn)


def _add_annex(document: Any, result: ScreeningResult, lang: Lang) -> None:
    document.add_page_break()
    document.add_heading(say(lang, "heading_annex"), 1)
    layers = layers_table(result, lang)
    if layers.rows:
        document.add_heading(layers.title, 2)
        keys = ("layer_name", "edition", "features", "source", "remarks")
        add_table(document, layers.picked(keys), (3.2, 2.0, 1.2, 7.4, 1.8))
    record = record_table(result, lang)
    document.add_heading(record.title, 2)
    add_table(document, record, (2.6, 4.4, 8.6))
    findings = findings_table(result, lang)
    if findings.rows:
        document.add_heading(findings.title, 2)
        add_table(document, findings, (1.4, 3.2, 2.4, 8.6))
