"""A workbook of tables, one sheet each, with a notice and a chart where a table has one."""

from __future__ import annotations

import datetime as dt
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from openpyxl import Workbook
from openpyxl.chart import BarChart, Reference
from openpyxl.chart.data_source import AxDataSource, MultiLevelStrRef

from spatial.report.package import NO_DAY, stamp
from spatial.report.sheets import WIDE_TABLE, font, put, set_heights, set_print, set_widths, spread, write_table
from spatial.tables.cells import NUMERIC, Table
from spatial.words import Lang

_HEADER_ROW = 3
#: Rows that a chart can still show apart.
_MOST_BARS = 40
#: Centimetres: width, with labels of two levels, least height, title and axis, a row's gap, each bar in a row.
_WIDTH_CM, _WIDE_CM, _LEAST_CM, _AROUND_CM, _GAP_CM, _BAR_CM = 18.0, 24.0, 9.0, 3.0, 0.35, 0.35
#: Characters that Excel allows in the name of a sheet.
_SHEET_NAME = 31


@dataclass(frozen=True)
class Book:
    """What a workbook holds.

    Parameters
    ----------
    title
        Stands on every sheet, before the table's own title.
    notice
        What every sheet says below: date, what the data are, what is missing.
    tables
        One sheet each.
    charted
        Columns that the bar chart of a table shows, by the table's key; others have no chart.
    stacked
        Keys of the tables whose bars add up.
    notes
        What some sheets say besides, by the table's key.
    date
        Printed in the footer, nothing where there is none; outputs of one date are the same bytes.
    """

    title: str
    notice: str
    tables: Sequence[Table]
    charted: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    stacked: frozenset[str] = frozenset()
    notes: Mapping[str, str] = field(default_factory=dict)
    date: dt.date | None = None


def write_book(book: Book, path: Path, lang: Lang) -> None:
    """Write a workbook, its tables in the language given."""
    raw_book = Workbook()
    raw_book.remove(raw_book.active)
    raw_book.properties.creator = "ecopattern"
    raw_book.properties.title = book.title
    for table in book.tables:
        _add_sheet(raw_book, table, book, lang)
    with tempfile.TemporaryDirectory() as folder:
        raw = Path(folder) / "raw.xlsx"
        raw_book.save(raw)
        stamp(raw, path, book.date or NO_DAY)


def _add_sheet(raw_book: Any, table: Table, book: Book, lang: Lang) -> None:
    sheet = raw_book.create_sheet(table.title[:_SHEET_NAME])
    put(sheet, 1, 1, f"{book.title} · {table.title}", look=font(lang, 14, bold=True))
    notice = " ".join(filter(None, (book.notice, book.notes.get(table.key))))
    put(sheet, 2, 1, notice, look=font(lang, 9, color="9C0006"))
    write_table(sheet, _HEADER_ROW, table, lang)
    widths = set_widths(sheet, [table])
    spread(sheet, notice, widths)
    set_heights(sheet, _HEADER_ROW, table, widths)
    sheet.freeze_panes = sheet.cell(_HEADER_ROW + 1, 1)
    set_print(sheet, len(table.columns), book.date, lang)
    if table.key in book.charted:
        _add_chart(sheet, table, book.charted[table.key], stacked=table.key in book.stacked)


def _drawn(table: Table, places: list[int]) -> int:
    """Return the rows that a chart shows: the first ones, without those at the end that have no figure at all."""
    known = [
        number for number, row in enumerate(table.rows, start=1) if any(row[place] is not None for place in places)
    ]
    return min(max(known, default=1), _MOST_BARS)


def _add_chart(sheet: Any, table: Table, charted: Sequence[str], *, stacked: bool) -> None:
    """Put a bar chart beside a table; of very many rows only the first are drawn."""
    keys = [column.key for column in table.columns]
    # All columns before the first figure say what a bar stands for: role and township, say.
    labels = next((place for place, column in enumerate(table.columns) if column.kind in NUMERIC), 0) or 1
    drawn = _drawn(table, [keys.index(key) for key in charted])
    last = _HEADER_ROW + drawn
    chart = BarChart()
    chart.type, chart.style = "bar", 10
    chart.width = _WIDE_CM if labels > 1 else _WIDTH_CM
    # So that no bar goes unnamed: a program that lacks room for all labels leaves some out.
    chart.height = max(_LEAST_CM, _AROUND_CM + drawn * (_GAP_CM + _BAR_CM * (1 if stacked else len(charted))))
    chart.x_axis.tickLblSkip = 1
    for key in charted:
        column = 1 + keys.index(key)
        chart.add_data(Reference(sheet, min_col=column, min_row=_HEADER_ROW, max_row=last), titles_from_data=True)
    categories = Reference(sheet, min_col=1, max_col=labels, min_row=_HEADER_ROW + 1, max_row=last)
    chart.set_categories(categories)
    if labels > 1:
        for series in chart.series:
            series.cat = AxDataSource(multiLvlStrRef=MultiLevelStrRef(f=str(categories)))
    chart.title = table.title
    chart.x_axis.scaling.orientation = "maxMin"
    chart.x_axis.delete = chart.y_axis.delete = False
    # Bars run downwards, the figures stand below them and without four zeros.
    chart.y_axis.crosses = "max"
    chart.y_axis.number_format = "General"
    if stacked:
        chart.grouping, chart.overlap = "stacked", 100
    # Beside a table of many columns nobody would find it.
    below = len(table.columns) >= WIDE_TABLE
    place = (_HEADER_ROW + len(table.rows) + 2, 1) if below else (_HEADER_ROW, len(table.columns) + 2)
    sheet.add_chart(chart, sheet.cell(*place).coordinate)
