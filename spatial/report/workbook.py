"""The Excel workbook of a screening."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from openpyxl import Workbook
from openpyxl.utils import get_column_letter

from spatial.io.atomic import replacing
from spatial.report.package import stamp
from spatial.report.sheets import WIDE_TABLE, font, put, set_heights, set_print, set_widths, spread, write_table
from spatial.screening.result import ScreeningResult
from spatial.tables.cells import (
    Table,
    seen,
    without_empty,
)
from spatial.tables.overview import (
    LAST_PRINTED,
    alternatives_table,
    role_names,
    rules_table,
    same_missing,
    summary_table,
    zones_table,
)
from spatial.tables.record import (
    absent_table,
    all_receptors_table,
    avoidance_table,
    closure_table,
    documents_table,
    findings_table,
    layers_table,
    questions_table,
    record_table,
)
from spatial.words import Lang, say

#: Rows of a sheet: title, notice, then tables of one header row each.
HEADER_ROW = 3


def write_xlsx(result: ScreeningResult, path: Path | str, lang: Lang = "zh") -> None:
    """Write a screening as a workbook.

    Sheets: summary, one row per project and zone, where there are any alternatives, avoidance, open
    questions and receptors, then rules fired, documents, closure and provenance. Text never becomes a formula. The same result gives the same bytes.

    Parameters
    ----------
    result
        What the screening found.
    path
        The .xlsx file; replaced as a whole or left as it was.
    lang
        Language of headings and labels.
    """
    book = Workbook()
    book.remove(book.active)
    book.properties.creator = "ecopattern"
    book.properties.title = say(lang, "report_title", district=seen(_district(result, lang)))
    sheets = [("sheet_summary", [_summary(result, lang)]), ("sheet_zones", [zones_table(result, lang)])]
    for key, table in (
        ("sheet_alternatives", alternatives_table(result, lang)),
        ("sheet_avoidance", avoidance_table(result, lang)),
        ("sheet_questions", questions_table(result, lang)),
        ("sheet_receptors", all_receptors_table(result, lang)),
    ):
        if table.rows:
            sheets.append((key, [table]))
    sheets += [
        ("sheet_rules", [rules_table(result, lang)]),
        ("sheet_documents", [documents_table(result, lang)]),
        ("sheet_record", _record_tables(result, lang)),
    ]
    for key, tables in sheets:
        _sheet(book, say(lang, key), [without_empty(table) for table in tables], result, lang)
    with replacing(path) as temporary, tempfile.TemporaryDirectory() as folder:
        raw = Path(folder) / "raw.xlsx"
        book.save(raw)
        stamp(raw, temporary, result.date)


def _summary(result: ScreeningResult, lang: Lang) -> Table:
    """Return the summary; roles that no project was checked against stand once above it, not in each row."""
    table = summary_table(result, lang)
    if not same_missing(result):
        return table
    return table.picked([column.key for column in table.columns if column.key != "unchecked"])


def _record_tables(result: ScreeningResult, lang: Lang) -> list[Table]:
    tables = [
        closure_table(result, lang),
        layers_table(result, lang),
        absent_table(result, lang),
        record_table(result, lang),
        findings_table(result, lang),
    ]
    return [table for table in tables if table.rows]


def _district(result: ScreeningResult, lang: Lang) -> str:
    return result.district_zh if lang == "zh" else result.district_en


def _sheet(book: Any, name: str, tables: list[Table], result: ScreeningResult, lang: Lang) -> None:
    sheet = book.create_sheet(name)
    title = f"{say(lang, 'report_title', district=_district(result, lang))} · {name}"
    put(sheet, 1, 1, title, look=font(lang, 14, bold=True))
    note = notice(result, lang)
    same = same_missing(result)
    if same and tables[0].key == "summary":
        missing = say(lang, "results_missing", count=len(same), roles=role_names(same, lang))
        note = f"{note}\n{missing}"
    put(sheet, 2, 1, note, look=font(lang, 9, color="9C0006"))
    row = HEADER_ROW
    drawn: list[tuple[int, Table]] = []
    for place, table in enumerate(tables):
        if place:
            put(sheet, row, 1, table.title, look=font(lang, 11, bold=True))
            row += 1
        write_table(sheet, row, table, lang)
        drawn.append((row, table))
        row += len(table.rows) + 2
    widths = set_widths(sheet, tables)
    printed = len(widths)
    if tables[0].key == "summary":
        # What a meeting needs fits the width of a sheet; the columns after it are for the screen.
        printed = 1 + [column.key for column in tables[0].columns].index(LAST_PRINTED)
        sheet.print_area = f"A1:{get_column_letter(printed)}{HEADER_ROW + len(tables[0].rows)}"
    spread(sheet, note, widths[:printed])
    for top, table in drawn:
        set_heights(sheet, top, table, widths)
    columns = max(len(table.columns) for table in tables)
    sheet.freeze_panes = sheet.cell(HEADER_ROW + 1, 3 if len(tables) == 1 and columns > WIDE_TABLE else 1)
    if len(tables) == 1:
        last = get_column_letter(columns)
        sheet.auto_filter.ref = f"A{HEADER_ROW}:{last}{HEADER_ROW + len(tables[0].rows)}"
        sheet.print_title_rows = f"{HEADER_ROW}:{HEADER_ROW}"
    set_print(sheet, columns, result.date, lang)


def notice(result: ScreeningResult, lang: Lang) -> str:
    """Return the line every output carries: date, screening aid, internal use, what its data are."""
    keys = ["notice_aid", "notice_internal", *result.notices]
    said = [say(lang, "notice_date", date=result.date.isoformat()), *(say(lang, key) for key in keys)]
    return say(lang, "sentence_mark").join(said)
