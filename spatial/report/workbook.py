"""The Excel workbook of a screening."""

from __future__ import annotations

import math
import tempfile
from copy import copy
from pathlib import Path
from typing import Any

from openpyxl import Workbook
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter

from spatial.io.atomic import replacing
from spatial.report.package import stamp
from spatial.screening.result import ScreeningResult
from spatial.tables.cells import (
    NUMERIC,
    Cell,
    Column,
    Kind,
    Table,
    digits,
    seen,
    shortened,
    text_width,
    verdict_styles,
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

_MEASURED = 200  # characters of a cell that decide its column's width
_MAX_TEXT = 32_767  # Excel's limit for one cell
_A3, _A4 = 8, 9  # paper sizes as Excel numbers them
_WIDE_TABLE = 12  # columns from which a sheet prints on A3
_FORMULA_STARTS = "=+-@\t\n＝＋－＠"
_WIDTHS: dict[str, tuple[float, float]] = {
    "long": (12, 32),
    "text": (7, 18),
    "verdict": (11, 16),
    "date": (11, 11),
    "count": (7, 9),
}
_NUMBER_WIDTHS = (9.0, 15.0)
_LINE_POINTS, _TALLEST_POINTS = 13.5, 409.0  # Excel allows no taller row
_THIN = Side(style="thin", color="BFBFBF")
_GRID = Border(left=_THIN, right=_THIN, top=_THIN, bottom=_THIN)
_HEADER_FILL = PatternFill("solid", fgColor="1F3A4D")


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


def guarded(text: str) -> str:
    """Return a text that no spreadsheet program takes for a formula, within Excel's length limit.

    Examples
    --------
    >>> guarded("=1+1"), guarded("plain")
    ("'=1+1", 'plain')
    """
    text = seen(text)
    if text.startswith(tuple(_FORMULA_STARTS)):
        text = "'" + text
    return shortened(text, _MAX_TEXT)


def _sheet(book: Any, name: str, tables: list[Table], result: ScreeningResult, lang: Lang) -> None:
    sheet = book.create_sheet(name)
    title = f"{say(lang, 'report_title', district=_district(result, lang))} · {name}"
    _put(sheet, 1, 1, title, font=_font(lang, 14, bold=True))
    note = notice(result, lang)
    same = same_missing(result)
    if same and tables[0].key == "summary":
        missing = say(lang, "results_missing", count=len(same), roles=role_names(same, lang))
        note = f"{note}\n{missing}"
    _put(sheet, 2, 1, note, font=_font(lang, 9, color="9C0006"))
    row = HEADER_ROW
    drawn: list[tuple[int, Table]] = []
    for place, table in enumerate(tables):
        if place:
            _put(sheet, row, 1, table.title, font=_font(lang, 11, bold=True))
            row += 1
        _write_table(sheet, row, table, lang)
        drawn.append((row, table))
        row += len(table.rows) + 2
    widths = _set_widths(sheet, tables)
    printed = len(widths)
    if tables[0].key == "summary":
        # What a meeting needs fits the width of a sheet; the columns after it are for the screen.
        printed = 1 + [column.key for column in tables[0].columns].index(LAST_PRINTED)
        sheet.print_area = f"A1:{get_column_letter(printed)}{HEADER_ROW + len(tables[0].rows)}"
    _spread(sheet, note, widths[:printed])
    for top, table in drawn:
        _set_heights(sheet, top, table, widths)
    columns = max(len(table.columns) for table in tables)
    sheet.freeze_panes = sheet.cell(HEADER_ROW + 1, 3 if len(tables) == 1 and columns > _WIDE_TABLE else 1)
    if len(tables) == 1:
        last = get_column_letter(columns)
        sheet.auto_filter.ref = f"A{HEADER_ROW}:{last}{HEADER_ROW + len(tables[0].rows)}"
        sheet.print_title_rows = f"{HEADER_ROW}:{HEADER_ROW}"
    _set_print(sheet, columns, result, lang)


def notice(result: ScreeningResult, lang: Lang) -> str:
    """Return the line every output carries: date, screening aid, internal use, what its data are."""
    keys = ["notice_aid", "notice_internal", *result.notices]
    said = [say(lang, "notice_date", date=result.date.isoformat()), *(say(lang, key) for key in keys)]
    return say(lang, "sentence_mark").join(said)


def _write_table(sheet: Any, top: int, table: Table, lang: Lang) -> None:
    head, body = _font(lang, 10, bold=True, color="FFFFFF"), _font(lang, 10)
    centre = Alignment(horizontal="center", vertical="center", wrap_text=True)
    for place, column in enumerate(table.columns, start=1):
        cell = _put(sheet, top, place, column.title, font=head)
        cell.fill, cell.alignment, cell.border = _HEADER_FILL, centre, _GRID
    styles = verdict_styles()
    tints = {verdict: PatternFill("solid", fgColor=style.tint[1:]) for verdict, style in styles.items()}
    # Setting fonts and borders cell by cell takes most of the time: equal cells share what the first one got.
    looks: dict[tuple[Kind, str | None], Any] = {}
    for offset, values in enumerate(table.rows):
        verdict = table.verdicts[offset] if table.verdicts else None
        for place, (column, value) in enumerate(zip(table.columns, values, strict=True), start=1):
            cell = _fill(sheet.cell(top + 1 + offset, place), value)
            key = (column.kind, verdict if column.kind == "verdict" else None)
            if key not in looks:
                cell.font, cell.border, cell.alignment = body, _GRID, _alignment(column.kind)
                cell.number_format = _number_format(column.kind)
                if key[1] is not None:
                    cell.fill = tints[key[1]]
                looks[key] = cell._style  # noqa: SLF001 - openpyxl has no call for a shared style
            cell._style = copy(looks[key])  # noqa: SLF001


def _fill(cell: Any, value: Cell) -> Any:
    cell.value = guarded(value) if isinstance(value, str) else value
    if isinstance(value, str):
        cell.data_type = "s"
    return cell


def _put(sheet: Any, row: int, column: int, text: str, *, font: Font) -> Any:
    cell = _fill(sheet.cell(row, column), text)
    cell.font = font
    return cell


def _number_format(kind: Kind) -> str:
    if kind == "date":
        return "yyyy-mm-dd"
    if kind == "count":
        return "#,##0"
    if kind in digits().decimals:
        return "#,##0." + "0" * digits().decimals[kind]
    return "General"


def _alignment(kind: Kind) -> Alignment:
    if kind in NUMERIC:
        return Alignment(horizontal="right", vertical="top")
    return Alignment(horizontal="left", vertical="top", wrap_text=True)


def _font(lang: Lang, size: float, *, bold: bool = False, color: str = "000000") -> Font:
    return Font(name="宋体" if lang == "zh" else "Calibri", size=size, bold=bold, color=color)


def _set_widths(sheet: Any, tables: list[Table]) -> list[float]:
    count = max(len(table.columns) for table in tables)
    widths = [0.0] * count
    for table in tables:
        for place, column in enumerate(table.columns):
            widths[place] = max(widths[place], _width(column, [row[place] for row in table.rows]))
    for place, width in enumerate(widths, start=1):
        sheet.column_dimensions[get_column_letter(place)].width = width
    return widths


def _spread(sheet: Any, note: str, widths: list[float]) -> None:
    """Let the notice below the title take the width of the table."""
    sheet.merge_cells(start_row=2, end_row=2, start_column=1, end_column=len(widths))
    sheet["A2"].alignment = Alignment(vertical="top", wrap_text=True)
    lines = sum(math.ceil(text_width(line) / sum(widths)) for line in note.split("\n"))
    sheet.row_dimensions[2].height = lines * _LINE_POINTS + 2


def _set_heights(sheet: Any, top: int, table: Table, widths: list[float]) -> None:
    """Make rows as tall as their wrapped text: not every program does that by itself."""
    rows = [[column.title for column in table.columns], *table.rows]
    for offset, values in enumerate(rows):
        lines = max(
            sum(math.ceil(max(text_width(line), 1) / (width - 2.5)) for line in value[:_MAX_TEXT].split("\n"))
            for value, width in zip(["", *values], [9.0, *widths], strict=False)
            if isinstance(value, str)
        )
        sheet.row_dimensions[top + offset].height = min(lines * _LINE_POINTS + 2, _TALLEST_POINTS)


def _width(column: Column, values: list[Cell]) -> float:
    narrow, wide = _WIDTHS.get(column.kind, _NUMBER_WIDTHS)
    longest = max((text_width(str(value)[:_MEASURED]) for value in values if value is not None), default=0)
    return min(max(narrow, longest + 3.0, text_width(column.title) / 2 + 2), wide)


def _set_print(sheet: Any, columns: int, result: ScreeningResult, lang: Lang) -> None:
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.paperSize = _A3 if columns > _WIDE_TABLE else _A4
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.page_margins.left = sheet.page_margins.right = 0.4
    sheet.oddFooter.left.text = say(lang, "notice_aid")
    sheet.oddFooter.center.text = "&P / &N"
    sheet.oddFooter.right.text = result.date.isoformat()
