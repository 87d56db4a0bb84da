"""Tables of a screening, checked by hand against the sample."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from spatial.findings import Finding
from spatial.screening.result import Receptor, Verdict
from spatial.tables.overview import (
    alternatives_table,
    avoidance_text,
    basis_table,
    conclusion_text,
    fact_name,
    missing_roles,
    outcome_counts,
    rules_table,
    same_missing,
    summary_table,
    zones_table,
)
from spatial.tables.points import decisive_rows
from spatial.tables.project import (
    facts_table,
    narrow_zones_table,
    net_table,
    points_table,
    receptors_table,
    receptors_text,
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
    rule_set_text,
)
from spatial.words import LANGS, Lang, Text
from tests import samples


def test_summary_has_one_row_per_project_in_order() -> None:
    table = summary_table(samples.screening(), "zh")
    assert table.column("project_id") == ["P01", "P02", "L01", "T01", "U01"]
    assert table.column("verdict") == [
        "× 禁止（另有 2 类图层未核对）",
        "! 有条件",
        "√ 允许",
        "? 人工复核",
        "— 无法判定（另有 2 类图层未核对）",
    ]


def test_a_project_that_is_not_spatial_is_not_called_undeterminable() -> None:
    found = samples.unlocated()
    desk = replace(found, project=replace(found.project, location="not_spatial"), missing_roles=())
    result = samples.screening(found, desk)
    assert summary_table(result, "zh").column("verdict")[1] == "/ 不适用"
    assert summary_table(result, "en").verdicts == ("U", "N")
    assert outcome_counts(result) == {"U": 1, "N": 1}


def test_summary_areas_are_the_seed_figures() -> None:
    """110 mu and 43.21 mu, as the plan states them."""
    table = summary_table(samples.screening(), "zh")
    assert table.column("official_area_m2")[:2] == [73_333.33, 28_806.67]
    assert table.column("official_area_ha")[:2] == [7.3333, 2.8807]
    assert table.column("official_area_mu")[:2] == [110.0, 43.21]
    assert table.column("stored_area_m2")[0] == 73_333.31
    assert table.column("planar_area_m2")[0] == 73_352.87
    assert table.column("declared_area_m2")[0] == 73_300.0
    # (73300 - 73333.333) / 73333.333 = -0.0004545
    assert table.column("declared_difference_pct")[0] == -0.05


def test_a_line_has_lengths_and_no_areas() -> None:
    table = summary_table(samples.screening(samples.permitted_line()), "zh")
    assert table.column("official_area_m2") == [None]
    assert table.column("free_area_m2") == [None]
    assert table.column("outside_length_m") == [100.0]


def test_units_are_each_rounded_from_the_unrounded_figure() -> None:
    """20000.005 m2 is 30.0000075 mu: going through the rounded 2.0000 ha would hide a difference."""
    table = zones_table(samples.screening(samples.prohibited()), "zh")
    assert table.column("gross_area_m2")[0] == 20_000.01
    assert table.column("gross_area_mu")[0] == 30.0
    assert table.column("gross_area_ha")[0] == 2.0


def test_zones_keep_what_is_not_occupation_apart() -> None:
    table = zones_table(samples.screening(samples.prohibited()), "zh")
    assert table.column("status") == ["重叠", "重叠", "数字化误差（不作占用）", "邻近", "通用规则"]
    assert table.column("distance_m") == [None, None, None, 21.46, None]
    assert table.column("sliver_count") == [None, None, 2, None, None]
    assert table.column("documents")[-1] == "D11、D17"


def test_net_parts_sum_to_the_project() -> None:
    found = samples.prohibited()
    table = net_table(found, "zh")
    areas = [float(str(area)) for area in table.column("net_area_m2")]
    shares = [float(str(share)) for share in table.column("share_pct")]
    assert math.fsum(areas[:-1]) == pytest.approx(areas[-1], abs=0.02)
    assert math.fsum(shares[:-1]) == pytest.approx(100, abs=0.02)
    assert areas[-1] == 73_333.33
    assert table.verdicts[-1] is None


def test_net_table_of_a_line_is_in_metres() -> None:
    table = net_table(samples.permitted_line(), "zh")
    assert table.columns[2].key == "net_length_m"
    assert table.column("net_length_m")[0] == 1_000.5


def test_rules_carry_clause_confidence_and_validity() -> None:
    table = rules_table(samples.screening(samples.prohibited()), "zh")
    assert len(table.rows) == 3
    assert table.column("level") == ["国家"] * 3
    assert str(table.column("valid_from")[0]) == "2026-08-15"
    assert table.column("unresolved")[-1] == f"{fact_name('discharging', 'zh')}、{fact_name('slope_deg', 'zh')}"


def test_a_fact_without_a_label_keeps_its_field_name() -> None:
    assert fact_name("field_of_a_later_rule", "zh") == "field_of_a_later_rule"


def test_basis_names_each_clause_once() -> None:
    table = basis_table(samples.screening(), "zh")
    assert table.column("clause") == ["生态环境法典第三百一十九条"]
    assert table.column("decision") == ["禁止、人工复核、有条件、允许"]


def test_alternatives_put_the_most_feasible_first() -> None:
    table = alternatives_table(samples.screening(), "zh")
    assert table.column("project_id") == ["P02", "P01"]
    assert table.column("prohibited_area_m2") == [0.0, 20_000.01]
    assert table.column("left_area_ha") == [None, 4.3333]


def test_closure_says_its_unit_and_keeps_small_differences() -> None:
    table = closure_table(samples.screening(), "zh")
    assert table.column("unit") == ["平方米", "平方米", "米"]
    assert table.column("relative")[0] == 2.7e-15


def test_documents_name_the_projects_that_need_them() -> None:
    table = documents_table(samples.screening(), "zh")
    assert table.column("document_code") == ["D4", "D6", "D11", "D17"]
    assert table.column("projects")[-1] == "P01、P02"


def test_missing_and_absent_layers_are_different_answers() -> None:
    states = absent_table(samples.screening(), "en").column("absence")
    assert sum("not checked" in str(state) for state in states) == 4
    assert "the district has none" in str(states[-1])


def test_provenance_is_complete() -> None:
    result = samples.screening()
    values = [str(value) for value in record_table(result, "zh").column("value")]
    for known in ("2026-11-21", "EPSG:4526", "national 2026-11", "0.1.0", "c" * 64, "30"):
        assert any(known in value for value in values)
    assert layers_table(result, "zh").column("edition") == ["2024年版", "2023"]
    assert findings_table(result, "zh").rows == ()


def test_receptors_stand_nearest_first() -> None:
    assert receptors_table(samples.prohibited(), "zh").column("distance_m") == [87.06, 312.4]


def test_facts_stand_in_pairs() -> None:
    rows = facts_table(samples.prohibited(), "zh").rows
    cells = [str(cell) for row in rows for cell in row]
    assert cells[cells.index("椭球面积（亩）") + 1] == "110.00"
    assert all(len(row) == 6 for row in rows)


def test_a_narrow_table_joins_reason_and_clause() -> None:
    table = narrow_zones_table(samples.prohibited(), "zh", "contact")
    assert table.column("basis")[0] == "筛查辅助，不是法律意见。\n依据：生态环境法典第三百一十九条"


@pytest.mark.parametrize("lang", LANGS)
def test_every_table_can_be_said_in_both_languages(lang: Lang) -> None:
    result = samples.screening(*samples.screening().projects, *samples.nasty())
    for make in (summary_table, zones_table, rules_table, alternatives_table, basis_table, closure_table, layers_table):
        table = make(result, lang)
        assert table.rows
        assert all(len(row) == len(table.columns) for row in table.rows)
        assert len(table.verdicts) in {0, len(table.rows)}


def test_roles_nobody_could_check_are_the_same_for_all_or_not() -> None:
    same = replace(samples.conditional(), missing_roles=samples.prohibited().missing_roles)
    assert same_missing(samples.screening(samples.prohibited(), same)) == ("PBF", "SPRING")
    assert same_missing(samples.screening()) == ()
    assert missing_roles(samples.screening()) == ("PBF", "SPRING", "ECO_RED", "WS1")


def test_a_reason_that_cites_its_clause_is_not_followed_by_it() -> None:
    found = samples.prohibited()
    row = replace(found.rows[0], rules=(samples.rule("WS1", Verdict.PROHIBITED, 1, clause="筛查辅助"),))
    assert narrow_zones_table(replace(found, rows=(row,)), "zh", "contact").column("basis") == [
        "筛查辅助，不是法律意见。"
    ]


def test_many_zone_names_are_counted_in_a_narrow_cell() -> None:
    found = samples.prohibited()
    row = replace(found.rows[0], zone_names=tuple("一二三四五六"))
    table = narrow_zones_table(replace(found, rows=(row,)), "zh", "contact")
    assert table.column("zone") == ["饮用水水源一级保护区\n一、二、三、四等 6 处"]


def test_what_every_row_would_repeat_is_left_to_its_own_column() -> None:
    found = replace(samples.prohibited(), conclusion=(Text("unit_ha"), Text("conclusion_missing")))
    assert conclusion_text(found, "zh") == "公顷"


def test_alternatives_that_differ_in_nothing_share_a_rank() -> None:
    """Less than a square metre is no difference between sites; a second one is third, not second."""
    first = samples.conditional()
    row = first.rows[0]
    twin = replace(
        first,
        project=replace(first.project, project_id="P03"),
        rows=(replace(row, net_area_m2=(row.net_area_m2 or 0.0) + 0.3),),
    )
    table = alternatives_table(samples.screening(samples.prohibited(), first, twin), "zh")
    assert table.column("project_id") == ["P02", "P03", "P01"]
    assert table.column("rank") == [1, 1, 3]


def test_avoidance_is_said_with_what_it_leaves() -> None:
    """30000.125 m2 cut from 73333.333 m2: 3.0000 ha away, 4.3333 ha left."""
    found = samples.prohibited()
    result = samples.screening(found)
    assert avoidance_table(result, "zh").column("removed_area_ha") == [3.0]
    assert avoidance_table(result, "zh").column("left_area_ha") == [4.3333]
    assert avoidance_text(found, "zh").startswith("需避让 3.0000 公顷（饮用水水源一级保护区、饮用水水源二级保护区）")


def test_avoidance_that_leaves_nothing_says_so() -> None:
    found = samples.prohibited()
    assert found.avoidance is not None
    nothing = replace(found, avoidance=replace(found.avoidance, area_m2=0.004, parts=0))
    assert avoidance_text(nothing, "zh").startswith("无避让余地")
    assert avoidance_text(nothing, "en", "avoidance_short").startswith("No room")
    assert alternatives_table(samples.screening(nothing, samples.conditional()), "zh").column("left_area_ha") == [
        None,
        "无避让余地",
    ]
    assert avoidance_text(samples.conditional(), "zh") == ""


def test_points_are_counted_and_each_says_its_zones() -> None:
    found = samples.stations()
    assert zones_table(samples.screening(found), "zh").column("point_count") == [1, 3]
    table = points_table(found, "zh")
    assert table.column("point") == [1, 2, 3]
    assert table.column("point_zones") == [
        "城镇开发边界外（有条件）",
        "永久基本农田（人工复核）、城镇开发边界外（有条件）",
        "城镇开发边界外（有条件）",
    ]
    assert table.verdicts == ("C", "R", "C")
    assert points_table(samples.prohibited(), "zh").rows == ()


def test_overlaps_worth_showing_leave_out_what_holds_everywhere() -> None:
    assert [row.role for row in decisive_rows(samples.prohibited())] == ["WS1"]
    assert decisive_rows(samples.conditional()) == []
    assert [row.role for row in decisive_rows(samples.stations())] == ["PBF"]


def test_receptor_kinds_are_words_and_unknown_ones_stay() -> None:
    found = replace(
        samples.prohibited(), receptors=(Receptor("镇政府", "township_seat", 5.0), Receptor("窑", "kiln", 9.0))
    )
    assert receptors_text(found, "zh") == "镇政府（乡镇驻地，5.00 米）、窑（kiln，9.00 米）"
    assert all_receptors_table(samples.screening(found), "en").column("receptor_kind") == ["township seat", "kiln"]


def test_open_questions_have_a_table() -> None:
    assert questions_table(samples.screening(), "zh").column("project_id") == ["P01", "T01"]


def test_no_table_shows_a_folder_of_this_machine() -> None:
    found = replace(samples.prohibited(), project=replace(samples.prohibited().project, source="/home/me/a/plan.gpkg"))
    result = replace(
        samples.screening(found),
        rule_set="national: zones.csv; national: general.csv; workspace: C:\\work\\own.csv",
        findings=(Finding("note", "layer_empty", "/home/me/b/zones.shp"),),
    )
    assert rule_set_text(result, "zh") == "国家级规则（内置：zones.csv、general.csv）；工作区规则（own.csv）"
    for table in (facts_table(found, "zh"), record_table(result, "zh"), findings_table(result, "zh")):
        text = str(table.rows)
        assert not any(part in text for part in ("/home", "C:", "me/"))
    assert "plan.gpkg" in str(facts_table(found, "zh").rows)


def test_parameters_are_said_in_words() -> None:
    entries = [str(entry) for entry in record_table(samples.screening(), "zh").column("entry")]
    assert any(entry.startswith("邻近距离（米）") for entry in entries)
    assert "near_m" not in entries
