"""The cases R1 to R12 of the domain, and what holds for every rule."""

from __future__ import annotations

import datetime as dt
from importlib.resources import files
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spatial.errors import InputError
from spatial.roles import OTHER, natures, zone_roles
from spatial.screening.cases import COLUMNS, read_cases, try_case
from spatial.screening.conditions import Facts
from spatial.screening.judge import (
    Judgement,
    is_noise,
    judge_noise,
    judge_project,
    judge_zone,
    noise_limit_m2,
    strictest,
)
from spatial.screening.result import Verdict
from spatial.screening.rule_files import load_rule_book

BOOK = load_rule_book()
CASES = read_cases(Path(str(files("spatial").joinpath("data", "rules", "cases.csv"))))
TODAY = dt.date(2026, 11, 21)


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_cases_of_the_domain(case) -> None:
    tried = try_case(BOOK, case)
    assert tried.verdict == case.expected
    assert case.documents is None or set(tried.documents) == case.documents


def clause(role: str, date: dt.date, facts: Facts) -> str:
    return judge_zone(BOOK, date, role, facts).rules[0].clause


def test_r5_the_date_decides_the_article() -> None:
    facts = Facts("WWTP", discharging="yes")
    assert "《水污染防治法》（2017修正）第66" in clause("WS2", dt.date(2026, 3, 1), facts)
    assert "《生态环境法典》第320" in clause("WS2", dt.date(2026, 9, 1), facts)


def test_r6_a_legacy_zone_is_read_as_the_new_one_and_flagged() -> None:
    before = judge_zone(BOOK, dt.date(2026, 2, 1), "OLD_HC", Facts("TOUR"))
    after = judge_zone(BOOK, dt.date(2026, 4, 1), "OLD_HC", Facts("TOUR"))
    assert "（2017修订）第28" in before.rules[0].clause
    assert after.rules[0].zone == "PA_CORE"
    assert "旧分区映射" in after.reason[-1].say("zh")
    assert "旧分区映射" not in " ".join(text.say("zh") for text in before.reason)


def test_r7_waste_in_the_redline_cites_article_481() -> None:
    assert "第481" in clause("ECO_RED", dt.date(2026, 9, 1), Facts("WASTE"))


def test_r8_advice_for_slopes() -> None:
    judged = judge_project(BOOK, TODAY, Facts("AGR", status="existing", slope_deg=22))
    assert judged is not None
    assert "梯田" in judged.reason[0].say("zh")
    assert "15 to 25 degrees" in judged.reason[0].say("en")


@pytest.mark.parametrize(
    ("slope", "rule"),
    [
        (6, None),
        (6.01, "SLOPE.6_15"),
        (15, "SLOPE.6_15"),
        (15.01, "SLOPE.15_25"),
        (25, "SLOPE.15_25"),
        (25.01, "SLOPE.25.NEW"),
    ],
)
def test_slope_classes_are_closed_above(slope: float, rule: str | None) -> None:
    judged = judge_project(BOOK, TODAY, Facts("AGR", status="new", slope_deg=slope))
    assert (None if judged is None else judged.rules[0].rule_id) == rule


def test_an_unknown_fact_is_a_question_and_never_a_pass() -> None:
    judged = judge_zone(BOOK, TODAY, "SLOPE25", Facts("AGR"))
    assert judged.verdict == Verdict.REVIEW
    assert judged.questions == ("status",)
    assert "new or existing" in judged.reason[0].say("en")


def test_livestock_in_a_level_2_zone_depends_on_its_discharge() -> None:
    verdicts = {
        word: judge_zone(BOOK, TODAY, "WS2", Facts("LIV", discharging=word)).verdict
        for word in ("yes", "no", "unknown")
    }
    assert verdicts == {"yes": "X", "no": "R", "unknown": "X"}


def test_existing_works_in_a_level_1_zone_are_to_be_closed() -> None:
    judged = judge_zone(BOOK, TODAY, "WS1", Facts("TOUR", status="existing"))
    assert judged.verdict == Verdict.PROHIBITED
    assert any("拆除或者关闭" in rule.reason_zh for rule in judged.rules)


def test_before_any_rule_a_person_decides() -> None:
    judged = judge_zone(BOOK, dt.date(2000, 1, 1), "ECO_RED", Facts("WWTP"))
    assert judged.verdict == Verdict.REVIEW
    assert "2000-01-01" in judged.reason[0].say("en")


# DOMAIN 4.14 and R2: 0.01 per cent of 73,318 m2 is 7.3 m2; never below 1 m2.
@pytest.mark.parametrize(("whole", "limit"), [(73_318.63, 7.331863), (5_000, 1.0)])
def test_noise_limits(whole: float, limit: float) -> None:
    assert noise_limit_m2("PBF", whole) == pytest.approx(limit)


def test_noise_is_dismissed_except_in_redline_and_farmland() -> None:
    full = Judgement(Verdict.PROHIBITED, (), ("D1",), ())
    kept = {role for role in zone_roles() if judge_noise(role, full).verdict == Verdict.REVIEW}
    assert kept == {"ECO_RED", "PBF"}
    assert {judge_noise(role, full).documents for role in kept} == {("D1",)}
    assert judge_noise("WS2", full).documents == ()
    assert not is_noise("WS2", None, None)


@given(st.sampled_from([*zone_roles()]), st.sampled_from(["X", "R", "C", "P"]))
def test_noise_is_never_judged_more_strictly_than_a_full_contact(role: str, full: str) -> None:
    judged = judge_noise(role, Judgement(Verdict(full), (), (), ()))
    assert judged.verdict.severity <= max(Verdict(full).severity, Verdict.REVIEW.severity)
    assert (judged.verdict == Verdict.PERMITTED) == (full == "P" or role not in {"ECO_RED", "PBF"})


def test_farming_on_a_sliver_of_farmland_is_as_permitted_as_on_all_of_it() -> None:
    full = judge_zone(BOOK, TODAY, "PBF", Facts("AGR"))
    assert full.verdict == Verdict.PERMITTED
    assert judge_noise("PBF", full) == full


def test_most_of_a_project_is_no_noise() -> None:
    """A whole project of 0.81 m2 is below the limit of 1 m2, and yet it is in the zone."""
    assert not is_noise("WS1", 0.81, 0.81)
    assert not is_noise("WS1", 0.405, 0.81)
    assert is_noise("WS1", 0.404, 0.81)


def test_severity() -> None:
    assert strictest([Verdict.PERMITTED, Verdict.CONDITIONAL, Verdict.REVIEW]) == Verdict.REVIEW
    assert strictest([Verdict.REVIEW, Verdict.PROHIBITED]) == Verdict.PROHIBITED
    assert strictest([]) == Verdict.UNDETERMINED


FACTS = st.builds(
    Facts,
    nature=st.sampled_from([*natures()]),
    status=st.sampled_from(["new", "existing", "unknown"]),
    discharging=st.sampled_from(["yes", "no", "unknown"]),
    area_ha=st.none() | st.floats(0, 1000),
    slope_deg=st.none() | st.floats(0, 90),
)
DAYS = st.dates(dt.date(2018, 1, 1), dt.date(2030, 1, 1))


@given(st.sampled_from([*zone_roles()]), FACTS, DAYS)
def test_every_zone_has_a_verdict_with_a_reason(role: str, facts: Facts, day: dt.date) -> None:
    judged = judge_zone(BOOK, day, role, facts)
    assert judged.verdict in {"X", "R", "C", "P"}
    assert judged.reason
    assert all(text.say(lang) for text in judged.reason for lang in ("zh", "en"))
    assert all(rule.clause for rule in judged.rules)
    assert set(judged.documents) <= set(BOOK.documents)


@given(st.sampled_from([*zone_roles()]), FACTS)
def test_stating_a_fact_never_makes_an_open_prohibition_a_silent_pass(role: str, facts: Facts) -> None:
    """What is unknown is at least manual review wherever some answer would prohibit."""
    if facts.status != "unknown":
        return
    answers = [
        judge_zone(
            BOOK, TODAY, role, Facts(facts.nature, status, facts.discharging, facts.area_ha, facts.slope_deg)
        ).verdict
        for status in ("new", "existing")
    ]
    if Verdict.PROHIBITED in answers:
        assert judge_zone(BOOK, TODAY, role, facts).verdict.severity >= Verdict.REVIEW.severity


@given(st.sampled_from([*zone_roles()]), DAYS)
def test_an_unknown_nature_is_always_manual_review(role: str, day: dt.date) -> None:
    assert judge_zone(BOOK, day, role, Facts(OTHER)).verdict == Verdict.REVIEW
    general = judge_project(BOOK, day, Facts(OTHER))
    assert general is not None
    assert general.verdict == Verdict.REVIEW


def register(path: Path, **cells: str) -> Path:
    row = {"case": "A", "date": "2026-01-01", "nature": "WWTP", "zones": "WS2", "expected": "X", **cells}
    path.write_text(",".join(COLUMNS) + "\n" + ",".join(row.get(column, "") for column in COLUMNS), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    "cells",
    [
        {"date": "soon"},
        {"area_ha": "big"},
        {"expected": "Q"},
        {"status": "old"},
        {"zones": "WS9"},
        {"nature": "?"},
        {"zones": "WS2:x"},
    ],
)
def test_faults_of_a_register_name_the_line(tmp_path: Path, cells: dict[str, str]) -> None:
    with pytest.raises(InputError, match=r"a\.csv:2"):
        read_cases(register(tmp_path / "a.csv", **cells))


def test_a_register_that_differs_is_found(tmp_path: Path) -> None:
    (case,) = read_cases(register(tmp_path / "a.csv", expected="P"))
    assert not try_case(BOOK, case).agrees
