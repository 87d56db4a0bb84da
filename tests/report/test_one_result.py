"""Table, text, report, map and JSON take their figures from one result: read back, they are equal."""

from __future__ import annotations

import datetime as dt
import json
import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import docx
import openpyxl
import pytest

from spatial.catalog import load_workspace
from spatial.render.page import write_map
from spatial.report.document import detailed, write_docx
from spatial.report.terminal import summary_text
from spatial.report.workbook import HEADER_ROW, write_xlsx
from spatial.screening.result import ProjectResult, ScreeningResult, Verdict
from spatial.screening.run import run_screening
from spatial.screening.to_json import to_json
from spatial.units import from_m2, round_half
from tests import samples

SAMPLE = Path(__file__).parents[2] / "layers" / "shangdang"

#: Project, role: figures as an output shows them.
Figures = dict[tuple[str, str], tuple[float | None, ...]]


@dataclass
class Outputs:
    """One screening as each output has it."""

    result: ScreeningResult
    plain: dict[str, Any]
    book: Any
    sections: dict[str, list[Any]]
    popups: dict[str, Any]
    terminal: str

    def sheet(self, name: str) -> list[dict[str, Any]]:
        rows = list(self.book[name].iter_rows(min_row=HEADER_ROW, values_only=True))
        return [dict(zip(rows[0], row, strict=True)) for row in rows[1:]]


def sections(document: Any) -> dict[str, list[Any]]:
    """The report's tables and paragraphs by project, as XML elements in order."""
    found: dict[str, list[Any]] = {}
    current: list[Any] = []
    for element in document.element.body:
        style = element.find("{*}pPr/{*}pStyle")
        name = "" if style is None else style.val
        if name == "Heading2":
            current = found.setdefault(words(element).split(" ")[0], [])
        elif name == "Heading1":
            current = []
        current.append(element)
    return found


def words(element: Any) -> str:
    return "".join(part.text for part in element.iter("{*}t"))


def outputs(result: ScreeningResult, folder: Path) -> Outputs:
    write_xlsx(result, folder / "a.xlsx")
    write_docx(result, {}, folder / "a.docx")
    write_map(result, [], folder / "a.html")
    page = (folder / "a.html").read_text(encoding="utf-8")
    blocks = re.findall(r'id="projects-[A-Z]">(.*?)</script>', page, re.DOTALL)
    contents = [content for block in blocks for content in json.loads(block)["contents"]]
    return Outputs(
        result,
        json.loads(json.dumps(to_json(result, "zh"))),
        openpyxl.load_workbook(folder / "a.xlsx"),
        sections(docx.Document(str(folder / "a.docx"))),
        {content["id"]: content for content in contents},
        summary_text(result, "zh"),
    )


@pytest.fixture(scope="module", params=["by hand", "of the sample"])
def made(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Outputs:
    if request.param == "by hand":
        result = samples.screening(samples.prohibited(), samples.conditional())
    else:
        real, _ = run_screening((SAMPLE / "projects.gpkg",), load_workspace(SAMPLE), dt.date(2026, 11, 21))
        # A few of each verdict that have an area, so that each has a section of its own.
        areas = [found for found in real.projects if found.official_area_m2 is not None]
        groups = [[found for found in areas if found.verdict == verdict][:4] for verdict in Verdict]
        result = replace(real, projects=tuple(found for group in groups for found in group))
        assert len(result.projects) > 8
        assert detailed(result) == result.projects
    return outputs(result, tmp_path_factory.mktemp("one"))


def number(text: str) -> float | None:
    return None if text == "—" else float(text.replace(",", ""))


def two(value: float | None) -> float | None:
    return None if value is None else round_half(value, 2)


def contacts(made: Outputs, *keys: str) -> Figures:
    return {
        (project["id"], row["role_name"]): tuple(two(row[key]) for key in keys)
        for project in made.plain["projects"]
        for row in project["zones"]
        if row["status"] == "contact"
    }


def tables_with(made: Outputs, project: str, titles: tuple[str, ...]) -> list[list[list[str]]]:
    """Rows of the tables of a project's section that have these titles."""
    found = []
    for element in made.sections[project]:
        rows = [[words(cell) for cell in row.iter("{*}tc")] for row in element.iter("{*}tr")]
        if rows and set(titles) <= set(rows[0]):
            found.append([rows[0], *rows[1:]])
    return found


def test_gross_figures_are_equal_in_every_output(made: Outputs) -> None:
    expected = contacts(made, "gross_area_m2", "gross_share_pct")
    assert expected
    assert {
        (row["项目编号"], row["管控分区类型"]): (row["重叠面积（平方米）"], row["占项目（%）"])
        for row in made.sheet("项目与管控分区")
        if row["关系"] == "重叠"
    } == expected
    by_section: Figures = {}
    by_popup: Figures = {}
    for found in made.result.projects:
        project = found.project.project_id
        for titles, *rows in tables_with(made, project, ("重叠面积（平方米）", "理由与依据")):
            assert titles[:3] == ["管控分区", "重叠面积（平方米）", "占项目（%）"]
            for row in rows:
                role = next(name for name in role_names(found) if row[0].startswith(name))
                by_section[project, role] = (number(row[1]), number(row[2]))
        for grid in made.popups[project]["grids"]:
            if grid["title"] == "涉及的管控分区":
                by_popup |= {(project, row[0]): (number(row[1]), number(row[2])) for row in grid["rows"]}
    # Noise has the same columns and is no occupation.
    assert {key: value for key, value in by_section.items() if key in expected} == expected
    assert by_popup == expected
    for area, _ in expected.values():
        assert f"{area:,.2f} m2" in made.terminal


def role_names(found: ProjectResult) -> list[str]:
    """Names of a project's roles, the longest first: one may begin another."""
    from spatial.tables.overview import role_name

    return sorted((role_name(row.role, "zh") for row in found.rows), key=len, reverse=True)


def test_net_figures_are_equal_in_workbook_and_report(made: Outputs) -> None:
    expected = contacts(made, "net_area_m2", "net_share_pct")
    assert {
        (row["项目编号"], row["管控分区类型"]): (row["净面积（平方米）"], row["净占比（%）"])
        for row in made.sheet("项目与管控分区")
        if row["关系"] == "重叠"
    } == expected
    for found in made.result.projects:
        project = found.project.project_id
        ((_, *rows),) = tables_with(made, project, ("净面积（平方米）",))
        shown = {row[0]: (number(row[2]), number(row[3])) for row in rows}
        for (other, role), figures in expected.items():
            if other == project and figures[0]:
                assert shown[role] == figures
        assert shown["项目合计"][0] == two(found.official_area_m2)


def test_project_areas_and_verdicts_are_equal_in_every_output(made: Outputs) -> None:
    summary = {row["项目编号"]: row for row in made.sheet("汇总")}
    for project in made.plain["projects"]:
        area = round_half(project["official_area_m2"], 2)
        name, text = project["id"], f"{area:,.2f}"
        assert summary[name]["椭球面积（平方米）"] == area
        assert text in section_text(made, name)
        assert any(f"{text} 平方米" in value for _, value in made.popups[name]["facts"])
        assert text in made.terminal
        headline = summary[name]["结论"]
        assert made.popups[name]["verdict"] == project["verdict"]
        assert made.popups[name]["verdict_text"] == headline
        assert f"结论：{headline}" in section_text(made, name)
        assert f"[{headline}]" in made.terminal
        missing = len(project["missing_roles"])
        assert (f"另有 {missing} 类图层未核对" in headline) == bool(missing)


def section_text(made: Outputs, project: str) -> str:
    return "\n".join(words(element) for element in made.sections[project])


def test_documents_are_equal_in_every_output(made: Outputs) -> None:
    summary = {row["项目编号"]: row for row in made.sheet("汇总")}
    needed: dict[str, list[str]] = {}
    for project in made.plain["projects"]:
        codes = project["documents"]
        for code in codes:
            needed.setdefault(code, []).append(project["id"])
        assert (summary[project["id"]]["需办文件"] or "") == "、".join(codes)
        facts = dict(made.popups[project["id"]]["facts"])
        assert re.findall(r"\bD\d+[A-Z]?\b", facts.get("需办文件", "")) == codes
        paragraph = re.search(r"^需办文件：(.*)$", section_text(made, project["id"]), re.MULTILINE)
        assert re.findall(r"\bD\d+[A-Z]?\b", paragraph[1] if paragraph else "") == codes
    assert {row["代码"]: row["涉及项目"].split("、") for row in made.sheet("需办文件")} == needed


def test_near_distances_are_equal_in_every_output(made: Outputs) -> None:
    expected = {
        (project["id"], row["role_name"]): two(row["distance_m"])
        for project in made.plain["projects"]
        for row in project["zones"]
        if row["status"] == "near"
    }
    assert expected
    assert {
        (row["项目编号"], row["管控分区类型"]): row["距离（米）"]
        for row in made.sheet("项目与管控分区")
        if row["关系"] == "邻近"
    } == expected
    for (project, role), distance in expected.items():
        ((_, *rows),) = tables_with(made, project, ("距离（米）", "理由"))
        assert number(next(row[1] for row in rows if row[0].startswith(role))) == distance
        grids = [grid for grid in made.popups[project]["grids"] if grid["title"] == "邻近的管控分区"]
        assert [number(row[1]) for row in grids[0]["rows"] if row[0] == role] == [distance]
        assert f"{distance:,.2f} m" in made.terminal


def test_avoidance_is_equal_in_every_output(made: Outputs) -> None:
    expected = {
        project["id"]: tuple(
            round_half(from_m2(project["avoidance"][key], "ha"), 4) for key in ("removed_m2", "area_m2")
        )
        for project in made.plain["projects"]
        if project["avoidance"] is not None
    }
    assert expected
    rows = made.sheet("避让")
    assert {row["项目编号"]: (row["需避让（公顷）"], row["避让后剩余（公顷）"]) for row in rows} == expected
    for project, (removed, left) in expected.items():
        said = [f"{removed:,.4f} 公顷", *([f"剩余 {left:,.4f} 公顷"] if left else ["无避让余地"])]
        for text in (
            section_text(made, project),
            str(made.popups[project]["facts"]),
            next(block for block in made.terminal.split("\n\n") if block.startswith(f"{project}  ")),
        ):
            assert all(part in text for part in said)


def test_receptors_are_equal_in_every_output(made: Outputs) -> None:
    expected = {
        (project["id"], receptor["name"]): two(receptor["distance_m"])
        for project in made.plain["projects"]
        for receptor in project["receptors"]
    }
    assert expected
    assert {(row["项目编号"], row["敏感目标"]): row["距离（米）"] for row in made.sheet("敏感目标")} == expected
    for (project, name), distance in expected.items():
        grid = next(grid for grid in made.popups[project]["grids"] if grid["title"] == "周边敏感目标")
        assert [number(row[2]) for row in grid["rows"] if row[0] == name] == [distance]
        block = next(block for block in made.terminal.split("\n\n") if block.startswith(f"{project}  "))
        for text in (section_text(made, project), block):
            assert any(part.endswith(f"，{distance:,.2f} 米）") for part in text_of(text, name))


def text_of(text: str, name: str) -> list[str]:
    """The receptors of that name in a line of them."""
    return [f"{name}{rest.split('米）')[0]}米）" for rest in text.split(name)[1:] if "米）" in rest]


def test_the_terminal_says_date_and_editions_once(made: Outputs) -> None:
    assert made.terminal.startswith("筛查日期 2026-11-21")
    assert made.terminal.count("图层版本：") == 1
    for layer in made.result.layers:
        assert layer.edition in made.terminal
