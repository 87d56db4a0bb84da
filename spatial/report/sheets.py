"""Tables on the sheets of a workbook: fonts, widths, heights, print settings."""

from __future__ import annotations

import datetime as dt
import math
from copy import copy
from typing import Any

from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter

from spatial.tables.cells import NUMERIC, Cell, Column, Kind, Table, digits, seen, shortened, text_width, verdict_styles
from spatial.words import Lang, say

_MEASURED = 200  # characters of a cell that decide its column's width
_MAX_TEXT = 32_767  # Excel's limit for one cell
_A3, _A4 = 8, 9  # paper sizes as Excel numbers them
WIDE_TABLE = 12  # columns from which a sheet prints on A3
_FORMULA_STARTS = "=+-@\t\n＝＋－＠"
_WIDTHS: dict[str, tuple[float, float]] = {
    "long": (12, 32),
    "text": (7, 18),
    "verdict": (11, 16),
    "date": (11, 11),
    "count": (7, 9),
}
_NUMBER_WIDTHS = (9.0, 15.0)
#: Brackets that open a unit, and the widest column that a title alone may ask for.
_BRACKETS, _TITLE_LINE = ("（", " ("), 20.0
_LINE_POINTS, _TALLEST_POINTS = 13.5, 409.0  # Excel allows no taller row
_THIN = Side(style="thin", color="BFBFBF")
_GRID = Border(left=_THIN, right=_THIN, top=_THIN, bottom=_THIN)
_HEADER_FILL = PatternFill("solid", fgColor="1F3A4D")


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


def write_table(sheet: Any, top: int, table: Table, lang: Lang) -> None:
    """Write a table with its header in row ``top``."""
    head, body = font(lang, 10, bold=True, color="FFFFFF"), font(lang, 10)
    centre = Alignment(horizontal="center", vertical="center", wrap_text=True)
    for place, column in enumerate(table.columns, start=1):
        cell = put(sheet, top, place, column.title, look=head)
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


def put(sheet: Any, row: int, column: int, text: str, *, look: Font) -> Any:
    """Write a text into a cell and return the cell."""
    cell = _fill(sheet.cell(row, column), text)
    cell.font = look
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


def font(lang: Lang, size: float, *, bold: bool = False, color: str = "000000") -> Font:
    """Return the font of a language: SimSun, or Calibri."""
    return Font(name="宋体" if lang == "zh" else "Calibri", size=size, bold=bold, color=color)


def set_widths(sheet: Any, tables: list[Table]) -> list[float]:
    """Make columns as wide as what stands in them, within limits, and return the widths."""
    count = max(len(table.columns) for table in tables)
    widths = [0.0] * count
    for table in tables:
        for place, column in enumerate(table.columns):
            widths[place] = max(widths[place], _width(column, [row[place] for row in table.rows]))
    for place, width in enumerate(widths, start=1):
        sheet.column_dimensions[get_column_letter(place)].width = width
    return widths


def spread(sheet: Any, note: str, widths: list[float]) -> None:
    """Let the notice below the title take the width of the table."""
    sheet.merge_cells(start_row=2, end_row=2, start_column=1, end_column=len(widths))
    sheet["A2"].alignment = Alignment(vertical="top", wrap_text=True)
    lines = sum(math.ceil(text_width(line) / sum(widths)) for line in note.split("\n"))
    sheet.row_dimensions[2].height = lines * _LINE_POINTS + 2


def set_heights(sheet: Any, top: int, table: Table, widths: list[float]) -> None:
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
    return max(min(max(narrow, longest + 3.0, text_width(column.title) / 2 + 2), wide), _title_width(column.title))


def _title_width(title: str) -> float:
    """Return the width that a title with its unit needs so that it does not break after the bracket (面积（ / 公顷）)."""
    if not any(bracket in title for bracket in _BRACKETS):
        return 0.0
    whole = text_width(title) + 3.0
    if whole <= _TITLE_LINE:
        return whole
    # Two lines: the part before the last bracket stands on the first, the unit on the second.
    at = max(title.rfind(bracket) for bracket in _BRACKETS)
    return min(max(text_width(title[:at]), text_width(title[at:])) + 3.0, _TITLE_LINE)


def set_print(sheet: Any, columns: int, date: dt.date | None, lang: Lang) -> None:
    """Make a sheet fit the width of a landscape page, with a footer."""
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.paperSize = _A3 if columns > WIDE_TABLE else _A4
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.page_margins.left = sheet.page_margins.right = 0.4
    sheet.oddFooter.left.text = say(lang, "notice_aid")
    sheet.oddFooter.center.text = "&P / &N"
    if date is not None:
        sheet.oddFooter.right.text = date.isoformat()
