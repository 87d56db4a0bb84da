"""Workbooks of tables: charts with room for all their names, and footers without an invented date."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.utils.units import EMU_to_cm

from spatial.report.book import Book, write_book
from spatial.report.sheets import set_widths
from spatial.tables.cells import Column, Table


def table(rows: int, *, empty: int = 0, labels: int = 1) -> Table:
    texts = tuple(Column(f"name_{place}", f"名称{place}", "text") for place in range(labels))
    columns = (*texts, Column("area_ha", "面积（公顷）", "ha"), Column("only_ha", "仅此（公顷）", "ha"))
    filled = [(*[f"区{number}"] * labels, float(number), 1.0) for number in range(rows)]
    blank = [(*[f"缺{number}"] * labels, None, None) for number in range(empty)]
    return Table("t", "表", columns, (*filled, *blank))


def chart_of(path: Path, own: Table, charted: tuple[str, ...] = ("area_ha",), date: dt.date | None = None) -> tuple:
    write_book(Book("题", "说明", [own], {"t": charted}, date=date), path, "zh")
    (sheet,) = load_workbook(path).worksheets
    (chart,) = sheet._charts
    return sheet, chart, EMU_to_cm(chart.anchor.ext.height)


def test_height_grows_with_rows_and_bars(tmp_path: Path) -> None:
    heights = [chart_of(tmp_path / f"{rows}.xlsx", table(rows))[2] for rows in (2, 12, 24, 40)]
    assert heights == sorted(heights)
    assert heights[0] < heights[2] < heights[3]
    # A row needs some 0.6 cm to be named.
    assert heights[3] >= 0.6 * 40
    two = chart_of(tmp_path / "two.xlsx", table(40), ("area_ha", "only_ha"))[2]
    assert two > heights[3]
    # Rows beyond the fortieth are not drawn.
    assert chart_of(tmp_path / "many.xlsx", table(90))[2] == heights[3]


@pytest.mark.parametrize(("rows", "empty", "last"), [(7, 13, 10), (0, 3, 4), (45, 5, 43)])
def test_rows_without_a_figure_take_no_room(tmp_path: Path, rows: int, empty: int, last: int) -> None:
    _, chart, _ = chart_of(tmp_path / "b.xlsx", table(rows, empty=empty))
    assert chart.series[0].val.numRef.f.rsplit("$", 1)[1] == str(last)


def test_every_bar_is_named_in_two_levels(tmp_path: Path) -> None:
    _, chart, height = chart_of(tmp_path / "b.xlsx", table(12, labels=2))
    assert chart.series[0].cat.multiLvlStrRef.f == "'表'!$A$4:$B$15"
    assert chart.x_axis.tickLblSkip == 1
    assert height >= 0.6 * 12


def test_a_footer_has_a_date_only_where_there_is_one(tmp_path: Path) -> None:
    sheet, *_ = chart_of(tmp_path / "none.xlsx", table(2))
    assert not sheet.oddFooter.right.text
    sheet, *_ = chart_of(tmp_path / "day.xlsx", table(2), date=dt.date(2026, 11, 21))
    assert sheet.oddFooter.right.text == "2026-11-21"
    first = (tmp_path / "none.xlsx").read_bytes()
    chart_of(tmp_path / "none.xlsx", table(2))
    assert (tmp_path / "none.xlsx").read_bytes() == first


@pytest.mark.parametrize(
    ("title", "least"), [("面积（公顷）", 12), ("平均模数（吨/平方千米·年）", 18), ("area (ha)", 9), ("loss", 0)]
)
def test_a_unit_in_a_header_is_not_torn_from_its_bracket(title: str, least: float) -> None:
    sheet = Workbook().active
    (width,) = set_widths(sheet, [Table("t", "t", (Column("a", title, "ha"),), ((1.0,),))])
    assert least < width <= 20
