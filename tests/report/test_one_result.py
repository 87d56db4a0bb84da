"""Table, text, report, map and JSON take their figures from one result: read back, they are equal."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import docx
import openpyxl
import pytest

from spatial.render.page import write_map
from spatial.report.document import write_docx
from spatial.report.terminal import summary_text
from spatial.report.workbook import HEADER_ROW, write_xlsx
from spatial.screening.result import ProjectResult, ScreeningResult
from spatial.screening.to_json import to_json
from spatial.units import round_half
from tests import samples

#: Project, role: gross area [m2] and share [%], as each output shows them.
Figures = dict[tuple[str, str], tuple[float, float]]


def number(text: str) -> float:
    return float(text.replace(",", ""))


def from_json(result: ScreeningResult) -> Figures:
    plain = json.loads(json.dumps(to_json(result, "zh")))
    return {
        (project["id"], row["role_name"]): (round_half(row["gross_area_m2"], 2), round_half(row["gross_share_pct"], 2))
        for project in plain["projects"]
        for row in project["zones"]
        if row["status"] == "contact"
    }


def from_workbook(path: Path) -> Figures:
    rows = list(openpyxl.load_workbook(path)["项目与管控区"].iter_rows(min_row=HEADER_ROW, values_only=True))
    known = [dict(zip(rows[0], row, strict=True)) for row in rows[1:]]
    return {
        (row["项目编号"], row["管控区类型"]): (row["重叠面积（平方米）"], row["占项目（%）"])
        for row in known
        if row["关系"] == "重叠"
    }


def from_document(path: Path, projects: tuple[ProjectResult, ...]) -> Figures:
    figures: Figures = {}
    tables = [
        table
        for table in docx.Document(str(path)).tables
        if [cell.text for cell in table.rows[0].cells][4:5] == ["理由与依据"]
    ]
    for table, found in zip(tables, projects, strict=True):
        for row in table.rows[1:]:
            role, area, share = (row.cells[place].text for place in range(3))
            figures[found.project.project_id, role.split("\n")[0]] = (number(area), number(share))
    return figures


def from_map(path: Path) -> Figures:
    blocks = re.findall(r'id="projects-[A-Z]">(.*?)</script>', path.read_text(encoding="utf-8"), re.DOTALL)
    contents: list[dict[str, Any]] = [content for block in blocks for content in json.loads(block)["contents"]]
    return {
        (content["id"], row[0]): (number(row[1]), number(row[2]))
        for content in contents
        for row in content["grids"][0]["rows"]
    }


@pytest.fixture
def result() -> ScreeningResult:
    return samples.screening(samples.prohibited(), samples.conditional())


def test_zone_figures_are_equal_in_every_output(result: ScreeningResult, tmp_path: Path) -> None:
    write_xlsx(result, tmp_path / "a.xlsx")
    write_docx(result, {}, tmp_path / "a.docx")
    write_map(result, [], tmp_path / "a.html")
    expected = from_json(result)
    assert len(expected) == 3
    assert from_workbook(tmp_path / "a.xlsx") == expected
    assert from_document(tmp_path / "a.docx", result.projects) == expected
    assert from_map(tmp_path / "a.html") == expected


def test_project_areas_are_equal_in_every_output(result: ScreeningResult, tmp_path: Path) -> None:
    write_xlsx(result, tmp_path / "a.xlsx")
    write_docx(result, {}, tmp_path / "a.docx")
    write_map(result, [], tmp_path / "a.html")
    expected = {
        project["id"]: f"{round_half(project['official_area_m2'], 2):,.2f}"
        for project in to_json(result, "zh")["projects"]
    }
    assert expected == {"P01": "73,333.33", "P02": "28,806.67"}
    rows = list(openpyxl.load_workbook(tmp_path / "a.xlsx")["汇总"].iter_rows(min_row=HEADER_ROW, values_only=True))
    place = rows[0].index("椭球面积（平方米）")
    assert {row[0]: f"{row[place]:,.2f}" for row in rows[1:]} == expected
    cells = [
        cell.text
        for table in docx.Document(str(tmp_path / "a.docx")).tables
        for row in table.rows
        for cell in row.cells
    ]
    shown = [cells[at + 1] for at, cell in enumerate(cells) if cell == "椭球面积（平方米）"]
    assert shown == list(expected.values())
    page, terminal = (tmp_path / "a.html").read_text(encoding="utf-8"), summary_text(result, "zh")
    for area in expected.values():
        assert f"{area} 平方米" in page
        assert area in terminal
