"""The Word report: complete, figures as in the tables, Chinese fonts that Word cannot replace."""

from __future__ import annotations

import re
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import docx
import matplotlib.image
import numpy as np
import pytest
from lxml import etree

from spatial.report.document import detailed, write_docx
from spatial.screening.result import ScreeningResult, Verdict
from spatial.words import LANGS, Lang
from tests import samples

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"


def written(result: ScreeningResult, folder: Path, lang: Lang = "zh", **figures: Path) -> Any:
    write_docx(result, figures, folder / "screening.docx", lang)
    return docx.Document(str(folder / "screening.docx"))


def parts(path: Path) -> dict[str, Any]:
    with zipfile.ZipFile(path) as archive:
        return {name: etree.fromstring(archive.read(name)) for name in archive.namelist() if name.endswith(".xml")}


def all_text(document: Any) -> str:
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return "\n".join([*(paragraph.text for paragraph in document.paragraphs), *cells])


def test_headings_are_those_of_a_report_to_sign(tmp_path: Path) -> None:
    document = written(samples.screening(), tmp_path)
    first = [paragraph.text for paragraph in document.paragraphs if paragraph.style.name == "Heading 1"]
    assert first == [
        "一、筛查结果", "二、筛查依据", "三、筛查方法", "四、分项目说明", "五、方案比选", "六、结论", "七、局限",
        "附录　数据来源与可复核信息",
    ]  # fmt: skip
    text = all_text(document)
    for word in ("编制", "审核", "日期", "不是法律意见", "示意数据", "national 2026-11"):
        assert word in text


def test_headings_count_on_without_alternatives(tmp_path: Path) -> None:
    document = written(samples.screening(samples.prohibited()), tmp_path)
    first = [paragraph.text for paragraph in document.paragraphs if paragraph.style.name == "Heading 1"]
    assert first[4:6] == ["五、结论", "六、局限"]


def test_each_project_has_a_section_with_what_is_known(tmp_path: Path) -> None:
    document = written(samples.screening(), tmp_path)
    second = [paragraph.text for paragraph in document.paragraphs if paragraph.style.name == "Heading 2"]
    assert second[:5] == [
        "P01 荫城镇污水处理厂（一期）",
        "P02 扩建工程 二期",
        "L01 村村通管线",
        "T01 监测站",
        "U01 海子河公园下游湿地",
    ]
    text = all_text(document)
    for known in (
        "D4 水源保护区不排污证明",
        "剩余 4.3333 公顷（65.00 亩）",
        "荫城小学",
        "21.46",
        "73,333.33",
        "20,000.01",
    ):
        assert known in text
    assert "未核对（工作区缺少图层）：永久基本农田、泉域保护范围。" in text


def test_fonts_are_named_for_east_asian_text_and_no_theme_wins(tmp_path: Path) -> None:
    written(samples.screening(), tmp_path)
    known = parts(tmp_path / "screening.docx")
    fonts = [element for part in known.values() for element in part.iter(f"{W}rFonts")]
    assert len(fonts) > 20
    for element in fonts:
        assert not [name for name in element.attrib if "heme" in name]
    styles = known["word/styles.xml"]
    assert all(element.get(f"{W}eastAsia") in {"宋体", "黑体", "仿宋", "楷体"} for element in styles.iter(f"{W}rFonts"))
    defaults = styles.find(f"{W}docDefaults")
    assert defaults.find(f".//{W}rFonts").get(f"{W}eastAsia") == "宋体"
    assert {element.get(f"{W}eastAsia") for element in styles.iter(f"{W}lang")} == {"zh-CN"}
    assert {element.get(f"{W}eastAsia") for element in known["word/settings.xml"].iter(f"{W}themeFontLang")} <= {
        "zh-CN"
    }


@pytest.mark.parametrize(("style", "font"), [("Normal", "仿宋"), ("Heading1", "黑体"), ("Title", "宋体")])
def test_styles_have_the_fonts_of_official_documents(tmp_path: Path, style: str, font: str) -> None:
    written(samples.screening(), tmp_path)
    styles = parts(tmp_path / "screening.docx")["word/styles.xml"]
    fonts = styles.find(f"{W}style[@{W}styleId='{style}']/{W}rPr/{W}rFonts")
    assert {fonts.get(f"{W}{slot}") for slot in ("ascii", "hAnsi", "eastAsia")} == {font}


@pytest.mark.parametrize("lang", LANGS)
def test_text_that_tries_to_break_the_file_is_kept_as_text(tmp_path: Path, lang: Lang) -> None:
    document = written(samples.screening(*samples.nasty()), tmp_path, lang)
    text = all_text(document)
    for known in ("=1+1", "<script>alert(1)</script>", "{{ 7*7 }}", "控制符\ufffd\ufffd", "🏞️", "长" * 10_000):
        assert known in text


def test_a_figure_is_placed_with_its_caption(tmp_path: Path) -> None:
    picture = tmp_path / "figure.png"
    matplotlib.image.imsave(picture, np.zeros((30, 40, 3)))
    document = written(samples.screening(), tmp_path, P01=picture)
    assert len(document.inline_shapes) == 1
    captions = [paragraph.text for paragraph in document.paragraphs if paragraph.style.name == "Caption"]
    assert captions == ["图　P01 荫城镇污水处理厂（一期）与管控分区关系图（示意图）"]


def test_table_headers_repeat_on_each_page(tmp_path: Path) -> None:
    written(samples.screening(), tmp_path)
    body = parts(tmp_path / "screening.docx")["word/document.xml"]
    assert len(list(body.iter(f"{W}tblHeader"))) >= 10


def test_many_projects_are_described_by_gravity_and_none_is_dropped(tmp_path: Path) -> None:
    grave = [
        replace(samples.prohibited(), project=replace(samples.prohibited().project, project_id=f"X{number}"))
        for number in range(3)
    ]
    mild = [
        replace(samples.conditional(), project=replace(samples.conditional().project, project_id=f"C{number}"))
        for number in range(70)
    ]
    result = samples.screening(*mild, *grave)
    assert [found.project.project_id for found in detailed(result)] == ["X0", "X1", "X2"]
    document = written(result, tmp_path)
    assert "其余 70 个" in all_text(document)
    listed = {row.cells[0].text for row in document.tables[0].rows[1:]}
    assert listed == {found.project.project_id for found in result.projects}


def test_detail_stops_at_the_stated_number() -> None:
    many = [replace(samples.prohibited(), verdict=Verdict.REVIEW)] * 50 + [samples.prohibited()] * 50
    chosen = detailed(samples.screening(*many))
    assert len(chosen) == 60
    assert [found.verdict for found in chosen[:50]] == [Verdict.PROHIBITED] * 50


def test_equal_results_give_equal_bytes(tmp_path: Path) -> None:
    written(samples.screening(), tmp_path)
    first = (tmp_path / "screening.docx").read_bytes()
    written(samples.screening(), tmp_path)
    assert (tmp_path / "screening.docx").read_bytes() == first
    assert b"2026-11-21T00:00:00Z" in zipfile.ZipFile(tmp_path / "screening.docx").read("docProps/core.xml")


def test_figures_are_those_of_the_result(tmp_path: Path) -> None:
    document = written(samples.screening(), tmp_path)
    summary = document.tables[0].rows
    assert [cell.text for cell in summary[1].cells][:6] == [
        "P01", "荫城镇污水处理厂（一期）", "× 禁止（另有 2 类图层未核对）", "7.3333", "110.00", "—",
    ]  # fmt: skip
    assert re.search(
        r"本次共筛查项目 5 个：禁止 1 个、人工复核 1 个、有条件 1 个、允许 1 个、无法判定 1 个", all_text(document)
    )


def test_the_place_to_sign_stays_on_one_page(tmp_path: Path) -> None:
    document = written(samples.screening(), tmp_path)
    drawn = next(table for table in document.tables if table.rows[0].cells[0].text == "编制")
    before = drawn._tbl.getprevious()
    assert "签署" in "".join(before.itertext())
    assert all(cell.paragraphs[0].paragraph_format.keep_with_next for cell in drawn.rows[0].cells)
    assert all(row._tr.trPr.find(f"{W}cantSplit") is not None for row in drawn.rows)


def test_the_conclusion_says_the_right_thing_of_each_group(tmp_path: Path) -> None:
    found = samples.unlocated()
    desk = replace(found, project=replace(found.project, project_id="D01", location="not_spatial"), missing_roles=())
    gap = replace(samples.conditional(), verdict=Verdict.UNDETERMINED, missing_roles=("PBF",))
    text = all_text(written(samples.screening(found, desk, gap), tmp_path))
    assert "需补充位置（1 个）：U01" in text
    assert "不适用（1 个）：D01" in text
    assert "无法判定（1 个）：P02" in text
    assert "无法判定 2 个、不适用 1 个" in text


def test_a_verdict_never_stands_without_what_was_not_checked(tmp_path: Path) -> None:
    text = all_text(written(samples.screening(samples.prohibited()), tmp_path))
    assert "结论：× 禁止（另有 2 类图层未核对）。" in text
    assert "“允许”改为“无法判定”" in text


def test_document_codes_are_explained_where_they_first_stand_and_not_broken(tmp_path: Path) -> None:
    document = written(samples.screening(), tmp_path)
    assert document.tables[0].rows[1].cells[-1].text == "D4 D11 D17"
    legend = next(paragraph.text for paragraph in document.paragraphs if paragraph.text.startswith("文件代码"))
    assert "D4 水源保护区不排污证明" in legend
    latin = {
        element.get(f"{W}val") for element in parts(tmp_path / "screening.docx")["word/styles.xml"].iter(f"{W}lang")
    }
    assert latin == {"en-US"}


def test_a_project_of_points_has_counts_and_a_table_of_its_points(tmp_path: Path) -> None:
    document = written(samples.screening(samples.stations()), tmp_path)
    titles = [cell.text for table in document.tables for cell in table.rows[0].cells]
    assert "点数（个）" in titles
    assert "重叠长度（米）" not in titles
    assert "点号" in titles
