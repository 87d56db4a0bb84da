from __future__ import annotations

import csv
import datetime as dt
import io
from pathlib import Path

import pytest

from spatial.errors import InputError
from spatial.roles import OTHER, natures, zone_roles
from spatial.screening.result import Verdict
from spatial.screening.rule_files import COLUMNS, load_rule_book
from tests.shared import shared

TODAY = dt.date(2026, 11, 21)
BASE = {
    "rule_id": "WS2.WWTP",
    "zone": "WS2",
    "nature": "WWTP",
    "decision": "R",
    "clause": "省规第1条",
    "note_zh": "省里另有规定",
    "confidence": "H",
    "source": "test",
}


def rule_file(path: Path, *rows: dict[str, str], encoding: str = "utf-8") -> Path:
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, restval="")
    writer.writeheader()
    writer.writerows({**BASE, **row} for row in rows)
    path.write_bytes(text.getvalue().encode(encoding))
    return path


def test_the_national_set_is_the_domain_s_matrix() -> None:
    """Every cell of the expert's matrix decides as it does there, conditions set aside."""
    path = shared("domain", "rules_matrix.csv")
    book = load_rule_book()
    for row in csv.DictReader(path.read_text(encoding="utf-8-sig").splitlines()):
        zones = ["WSP_KEYPREV", "WSP_KEYTREAT"] if row["zone"] == "WSP_KEY" else [row["zone"]]
        for zone in zones:
            rules = [
                r for r in book.find(zone, row["nature"], TODAY) if r.rule_id.startswith(f"{zone}.{row['nature']}")
            ]
            strictest = max((rule.decision for rule in rules), key=lambda verdict: verdict.severity)
            assert strictest == Verdict(row["decision"]), (zone, row["nature"])
            documents = {code for rule in rules for code in rule.documents if rule.decision == strictest}
            assert documents == set(row["docs"].replace(";", " ").split()), (zone, row["nature"])


@pytest.mark.parametrize("year", [2022, 2023, 2024, 2025, 2026, 2027])
def test_every_rule_in_force_cites_a_clause_in_force(year: int) -> None:
    book = load_rule_book()
    for day in (dt.date(year, 11, 21), dt.date(year, 3, 20)):
        silent = [
            rule.rule_id
            for zone in (*zone_roles(), "*")
            for nature in natures()
            for rule in book.find(zone, nature, day)
            if not book.clause(rule, day)
        ]
        assert silent == [], day


def test_every_zone_speaks_of_every_nature_today() -> None:
    book = load_rule_book()
    for zone in zone_roles():
        if zone not in book.successors:
            for nature in natures():
                assert nature == OTHER or book.find(zone, nature, TODAY), (zone, nature)


def test_old_and_new_articles_are_mapped() -> None:
    """The pairs of DOMAIN 4.1."""
    provisions = load_rule_book().provisions
    pairs = {
        "WPPL.64": "CODE.318",
        "WPPL.65": "CODE.319",
        "WPPL.66": "CODE.320",
        "WPPL.67": "CODE.321",
        "SOLID.21": "CODE.481",
    }
    for old, new in pairs.items():
        assert provisions[old].successor == new
        assert provisions[old].valid_to == provisions[new].valid_from == dt.date(2026, 8, 15)


def test_a_level_overrides_rule_by_rule(tmp_path: Path) -> None:
    path = rule_file(tmp_path / "shanxi.csv", {})
    book = load_rule_book([("province", path)])
    changed = book.find("WS2", "WWTP", TODAY)
    assert [(rule.decision, rule.level) for rule in changed if rule.rule_id == "WS2.WWTP"] == [
        (Verdict.REVIEW, "province")
    ]
    assert [rule.decision for rule in book.find("WS1", "WWTP", TODAY) if not rule.when] == [Verdict.PROHIBITED]


def test_the_last_level_wins(tmp_path: Path) -> None:
    province = rule_file(tmp_path / "province.csv", {"decision": "R"})
    county = rule_file(tmp_path / "county.csv", {"decision": "X"})
    book = load_rule_book([("province", province), ("county", county)])
    assert [r.level for r in book.find("WS2", "WWTP", TODAY) if r.rule_id == "WS2.WWTP"] == ["county"]


def test_a_rule_can_be_removed_where_another_covers_the_pair(tmp_path: Path) -> None:
    path = rule_file(tmp_path / "a.csv", {"decision": "-"}, {"rule_id": "WS2.OURS"})
    book = load_rule_book([("workspace", path)])
    assert "WS2.WWTP" not in {rule.rule_id for rule in book.find("WS2", "WWTP", TODAY)}
    assert "WS2.OURS" in {rule.rule_id for rule in book.find("WS2", "WWTP", TODAY)}


def test_removing_the_only_rule_of_a_pair_is_a_gap(tmp_path: Path) -> None:
    path = rule_file(tmp_path / "a.csv", {"rule_id": "PBF.WWTP", "zone": "PBF", "decision": "-"})
    with pytest.raises(InputError, match="no rule says what PBF means for a WWTP project"):
        load_rule_book([("workspace", path)])


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_encodings_that_excel_saves(tmp_path: Path, encoding: str) -> None:
    path = rule_file(tmp_path / "a.csv", {}, encoding=encoding)
    book = load_rule_book([("county", path)])
    assert "省里另有规定" in {rule.note.zh for rule in book.find("WS2", "WWTP", TODAY)}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"zone": "WS3"}, "nearest known code is WS"),
        ({"nature": "WWTPP"}, "is not a nature of project"),
        ({"decision": "Y"}, "not one of X, R, C, P"),
        ({"decision": "U"}, "not one of X, R, C, P"),
        ({"rule_id": ""}, "id is empty"),
        ({"documents": "D99"}, "unknown document"),
        ({"provisions": "CODE.9999"}, "unknown provision"),
        ({"clause": ""}, "no legal basis"),
        ({"confidence": "sure"}, "not H, M or L"),
        ({"when": "area > 5"}, "is not understood"),
        ({"valid_from": "2026/8/15"}, "is not valid"),
        ({"valid_from": "2026-08-15", "valid_to": "2026-08-15"}, "on or before the day"),
    ],
)
def test_faults_name_the_line(tmp_path: Path, change: dict[str, str], said: str) -> None:
    path = rule_file(tmp_path / "a.csv", {}, {"rule_id": "B", **change})
    with pytest.raises(InputError, match=said) as caught:
        load_rule_book([("county", path)])
    assert "a.csv:3" in str(caught.value)


def test_a_gap_in_time_is_refused(tmp_path: Path) -> None:
    path = rule_file(tmp_path / "a.csv", {"valid_to": "2025-01-01"}, {"valid_from": "2026-01-01"})
    with pytest.raises(InputError, match="gap from 2025-01-01 to 2026-01-01"):
        load_rule_book([("county", path)])


@pytest.mark.parametrize("start", ["2024-06-01", ""])
def test_editions_that_overlap_are_refused(tmp_path: Path, start: str) -> None:
    path = rule_file(tmp_path / "a.csv", {"valid_to": "2025-01-01"}, {"valid_from": start})
    with pytest.raises(InputError, match="overlap in time"):
        load_rule_book([("county", path)])


def test_editions_that_follow_each_other_are_chosen_by_date(tmp_path: Path) -> None:
    path = rule_file(tmp_path / "a.csv", {"valid_to": "2025-01-01", "decision": "C"}, {"valid_from": "2025-01-01"})
    book = load_rule_book([("county", path)])
    for day, expected in ((dt.date(2024, 12, 31), Verdict.CONDITIONAL), (dt.date(2025, 1, 1), Verdict.REVIEW)):
        assert [r.decision for r in book.find("WS2", "WWTP", day) if r.rule_id == "WS2.WWTP"] == [expected]


def test_missing_columns_ragged_lines_missing_and_empty_files(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    with pytest.raises(InputError, match="does not exist"):
        load_rule_book([("county", path)])
    path.write_text("rule_id,zone\n", encoding="utf-8")
    with pytest.raises(InputError, match="lacks the columns nature"):
        load_rule_book([("county", path)])
    path.write_text(",".join(COLUMNS) + "\n", encoding="utf-8")
    with pytest.raises(InputError, match="holds no record"):
        load_rule_book([("county", path)])
    path.write_text(",".join(COLUMNS) + "\na,b\n", encoding="utf-8")
    with pytest.raises(InputError, match="another number of cells"):
        load_rule_book([("county", path)])
    path.write_bytes(b"\xff\xff\xff")
    with pytest.raises(InputError, match="neither UTF-8 nor GB18030"):
        load_rule_book([("county", path)])


@pytest.mark.parametrize(
    "change",
    [
        {"valid_from": "2030-01-01"},
        {"valid_from": "2000-01-01", "valid_to": "2001-01-01"},
        {"when": "area_ha >= 5"},
        {"when": "status = new"},
    ],
)
def test_an_override_that_leaves_something_unsaid_is_a_gap(tmp_path: Path, change: dict[str, str]) -> None:
    path = rule_file(tmp_path / "a.csv", {"rule_id": "ECO_RED.IND", "zone": "ECO_RED", "nature": "IND", **change})
    with pytest.raises(InputError, match="no rule says what ECO_RED means for a IND project"):
        load_rule_book([("county", path)])


def test_an_override_in_two_parts_leaves_no_gap(tmp_path: Path) -> None:
    part = {"rule_id": "ECO_RED.IND", "zone": "ECO_RED", "nature": "IND"}
    small, large = {**part, "when": "area_ha < 5"}, {**part, "rule_id": "ECO_RED.IND.LARGE", "when": "area_ha >= 5"}
    assert load_rule_book([("county", rule_file(tmp_path / "a.csv", small, large))])
