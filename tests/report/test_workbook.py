"""The workbook: figures as numbers, user text never a formula, made for reading and printing."""

from __future__ import annotations

import datetime as dt
import zipfile
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl.workbook import Workbook

from spatial.report.sheets import guarded
from spatial.report.workbook import HEADER_ROW, write_xlsx
from spatial.screening.result import ScreeningResult
from spatial.tables.cells import without_empty
from spatial.tables.overview import summary_table, zones_table
from tests import samples


def written(result: ScreeningResult, folder: Path) -> Workbook:
    write_xlsx(result, folder / "screening.xlsx")
    return openpyxl.load_workbook(folder / "screening.xlsx")


def test_sheets_and_their_rows(tmp_path: Path) -> None:
    book = written(samples.screening(), tmp_path)
    assert book.sheetnames == [
        "汇总", "项目与管控分区", "方案比选", "避让", "需补充情况", "敏感目标", "适用规则", "需办文件", "闭合与来源",
    ]  # fmt: skip
    assert book["汇总"].max_row == HEADER_ROW + 5
    assert book["项目与管控分区"].max_row == HEADER_ROW + 8


def test_without_alternatives_there_is_no_such_sheet(tmp_path: Path) -> None:
    assert "方案比选" not in written(samples.screening(samples.prohibited()), tmp_path).sheetnames


def test_numbers_are_numbers_with_the_stated_digits(tmp_path: Path) -> None:
    sheet = written(samples.screening(), tmp_path)["汇总"]
    titles = [cell.value for cell in sheet[HEADER_ROW]]
    area = sheet.cell(HEADER_ROW + 1, titles.index("椭球面积（公顷）") + 1)
    assert (area.value, area.number_format, area.data_type) == (7.3333, "#,##0.0000", "n")


def test_cells_equal_the_tables(tmp_path: Path) -> None:
    result = samples.screening()
    book = written(result, tmp_path)
    for name, table in (("汇总", summary_table(result, "zh")), ("项目与管控分区", zones_table(result, "zh"))):
        shown = without_empty(table)
        rows = list(book[name].iter_rows(min_row=HEADER_ROW, max_col=len(shown.columns), values_only=True))
        assert rows[0] == tuple(column.title for column in shown.columns)
        for row, expected in zip(rows[1:], shown.rows, strict=True):
            assert row == tuple(None if cell in {None, ""} else cell for cell in expected)


def test_user_text_never_becomes_a_formula(tmp_path: Path) -> None:
    book = written(samples.screening(*samples.nasty()), tmp_path)
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert len(cells) > 200
    for cell in cells:
        assert cell.data_type != "f"
        assert not (isinstance(cell.value, str) and cell.value.startswith(tuple("=+-@")))
    assert "'=1+1" in {cell.value for cell in cells}


def test_no_formula_in_the_raw_sheets(tmp_path: Path) -> None:
    written(samples.screening(*samples.nasty()), tmp_path)
    with zipfile.ZipFile(tmp_path / "screening.xlsx") as archive:
        sheets = [archive.read(name) for name in archive.namelist() if "worksheets/sheet" in name]
    assert sheets
    assert not any(b"<f>" in sheet or b"<f " in sheet or b"hyperlink" in sheet for sheet in sheets)


@given(st.text())
def test_guarded_text_starts_no_formula_and_fits(text: str) -> None:
    assert not guarded(text).startswith(tuple("=+-@\t\n\r＝＋－＠"))


def test_text_too_long_for_a_cell_is_cut_visibly() -> None:
    cut = guarded("长" * 40_000)
    assert (len(cut), cut[-1]) == (32_767, "…")


def test_layout_for_reading_and_printing(tmp_path: Path) -> None:
    sheet = written(samples.screening(), tmp_path)["项目与管控分区"]
    assert sheet.freeze_panes == f"C{HEADER_ROW + 1}"
    assert sheet.print_title_rows == f"${HEADER_ROW}:${HEADER_ROW}"
    assert (sheet.page_setup.orientation, sheet.page_setup.fitToHeight) == ("landscape", 0)
    assert sheet.column_dimensions["B"].width > 10
    assert "筛查辅助，不是法律意见" in sheet["A2"].value
    assert "示意数据" in sheet["A2"].value


def test_real_data_are_not_called_illustrative(tmp_path: Path) -> None:
    book = written(samples.screening(samples.unlocated(), illustrative=False), tmp_path)
    assert "示意" not in book["汇总"]["A2"].value


def test_equal_results_give_equal_bytes_dated_by_the_result(tmp_path: Path) -> None:
    first, second = tmp_path / "a.xlsx", tmp_path / "b.xlsx"
    write_xlsx(samples.screening(), first)
    write_xlsx(samples.screening(), second)
    assert first.read_bytes() == second.read_bytes()
    assert openpyxl.load_workbook(first).properties.modified == dt.datetime(2026, 11, 21)  # noqa: DTZ001


def test_a_failed_write_leaves_the_previous_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "screening.xlsx"
    path.write_bytes(b"previous")

    def fail(*_: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr("spatial.report.workbook.stamp", fail)
    with pytest.raises(OSError, match="disk full"):
        write_xlsx(samples.screening(), path)
    assert path.read_bytes() == b"previous"
    assert [file.name for file in tmp_path.iterdir()] == ["screening.xlsx"]


def test_roles_missing_for_all_stand_once_above_the_summary(tmp_path: Path) -> None:
    sheet = written(samples.screening(samples.prohibited()), tmp_path)["汇总"]
    titles = [cell.value for cell in sheet[HEADER_ROW]]
    assert "永久基本农田、泉域保护范围" in sheet["A2"].value
    assert "未核对（缺图层）" not in titles
    assert sheet.cell(HEADER_ROW + 1, titles.index("未核对图层（类）") + 1).value == 2


def test_rows_are_as_tall_as_their_text(tmp_path: Path) -> None:
    sheet = written(samples.screening(*samples.nasty()), tmp_path)["汇总"]
    heights = [sheet.row_dimensions[HEADER_ROW + 1 + place].height for place in range(len(samples.NASTY))]
    assert heights[samples.NASTY.index("长" * 10_000)] == 409
    assert min(heights) < 45


def test_verdicts_are_tinted_and_named(tmp_path: Path) -> None:
    sheet = written(samples.screening(), tmp_path)["汇总"]
    column = [cell.value for cell in sheet[HEADER_ROW]].index("结论") + 1
    cells = [sheet.cell(HEADER_ROW + 1 + place, column) for place in range(5)]
    assert len({cell.fill.fgColor.rgb for cell in cells}) == 5
    assert [cell.value[0] for cell in cells] == ["×", "!", "√", "?", "—"]


def test_the_summary_prints_its_essential_columns_on_the_width_of_an_a3_sheet(tmp_path: Path) -> None:
    sheet = written(samples.screening(), tmp_path)["汇总"]
    titles = [cell.value for cell in sheet[HEADER_ROW]]
    last = sheet.print_area.split(":")[1].strip("$0123456789")
    assert titles[:4] == ["项目编号", "项目名称", "项目性质", "结论"]
    assert titles[openpyxl.utils.column_index_from_string(last) - 1] == "备注"
    assert "存储节点面积（平方米）" not in titles[: openpyxl.utils.column_index_from_string(last)]
    assert (int(sheet.page_setup.paperSize), sheet.page_setup.fitToWidth) == (8, 1)


def test_avoidance_questions_and_receptors_have_their_sheets(tmp_path: Path) -> None:
    book = written(samples.screening(), tmp_path)
    shown = {name: [cell.value for cell in book[name][HEADER_ROW + 1]] for name in ("避让", "需补充情况", "敏感目标")}
    assert shown["避让"][3:5] == [3.0, 4.3333]
    assert shown["需补充情况"] == ["P01", "荫城镇污水处理厂（一期）", "内部使用，未经审图。"]
    assert shown["敏感目标"][2:] == ["<b>村</b>", "居民点", 87.06]
