from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from spatial.errors import InputError
from spatial.roles import data_rows, roles
from spatial.schemas import check_fields, column_of, fields_of, known_values, label_column
from tests.shared import shared


def codes(frame: pd.DataFrame, role: str, stated: dict[str, str] | None = None) -> list[tuple[str, str, str]]:
    found = check_fields(frame, role, stated or {}, "a.shp").findings
    return [(finding.severity, finding.code, str(finding.values.get("field"))) for finding in found]


def test_every_row_of_the_tables_is_usable() -> None:
    for row in data_rows("role_fields.csv"):
        assert set(row["roles"].split()) <= set(roles()), row
        assert row["need"] in {"required", "expected", "optional"}
        assert row["kind"] in {"text", "code", "pattern"}
        assert (row["kind"] == "code") == bool(row["kind"] != "pattern" and known_values(row["values"])), row
        assert row["source"]
        assert row["confidence"] in {"H", "M", "L"}
    spellings = [(row["list"], row["value"]) for row in data_rows("field_values.csv")]
    assert len(set(spellings)) == len(spellings)


def test_the_domain_lists_what_a_redline_needs() -> None:
    assert [rule.field for rule in fields_of("ECO_RED")] == ["name", "type", "nature_reserve_overlap", "approval_doc"]


def test_a_complete_layer_has_no_finding() -> None:
    frame = pd.DataFrame(
        {"name": ["老雄山"], "type": ["水源涵养、水土保持"], "nature_reserve_overlap": ["否"], "approval_doc": ["x"]}
    )
    assert codes(frame, "ECO_RED") == []


def test_missing_fields_are_named_by_how_much_they_matter() -> None:
    assert codes(pd.DataFrame({"OBJECTID": [1]}), "ECO_RED") == [
        ("warning", "field_missing", "name"),
        ("note", "field_missing", "type"),
        ("note", "field_missing", "nature_reserve_overlap"),
        ("note", "field_missing", "approval_doc"),
    ]
    assert codes(pd.DataFrame({"OBJECTID": [1]}), "FARM_A") == []


@pytest.mark.parametrize(
    ("columns", "found"),
    [
        (["HXMC"], "HXMC"),
        (["hxmc"], "hxmc"),
        (["名称", "NAME"], "NAME"),
        (["红线名称"], "红线名称"),
        (["xname"], ""),
    ],
)
def test_the_column_of_a_redlines_name(columns: list[str], found: str) -> None:
    assert label_column("ECO_RED", columns, {}) == found


def test_names_cut_by_a_shapefile_are_recognised() -> None:
    (rule,) = (rule for rule in fields_of("PBF") if rule.field == "code")
    # Ten bytes hold five characters of GBK or three of UTF-8.
    assert column_of(rule, ["永久基本农"], {}) == "永久基本农"
    assert column_of(rule, ["永久基"], {}) == "永久基"
    assert column_of(rule, ["永久"], {}) == ""


def test_the_catalogue_goes_before_aliases() -> None:
    frame = pd.DataFrame(
        {"A": ["x"], "name": ["y"], "type": ["水源涵养"], "nature_reserve_overlap": ["是"], "approval_doc": ["z"]}
    )
    assert check_fields(frame, "ECO_RED", {"name": "A"}, "a.shp").columns["name"] == "A"
    assert codes(frame, "ECO_RED", {"name": "A"}) == []


def test_the_catalogue_must_name_what_is_there() -> None:
    frame = pd.DataFrame({"HXMC": ["x"]})
    with pytest.raises(InputError, match='the nearest is "HXMC"'):
        check_fields(frame, "ECO_RED", {"name": "HXMCC"}, "a.shp")
    with pytest.raises(InputError, match="does not have; known are: approval_doc"):
        check_fields(frame, "ECO_RED", {"nmae": "HXMC"}, "a.shp")


def test_unknown_codes_name_the_nearest_and_how_many() -> None:
    frame = pd.DataFrame({"DLBM": ["0103", "0113", "0113", "旱地", None], "DLMC": ["旱地"] * 5})
    found = [
        finding
        for finding in check_fields(frame, "LANDCOVER", {}, "DLTB.shp").findings
        if finding.severity == "warning"
    ]
    assert [(finding.feature, finding.values["value"], finding.values["count"]) for finding in found] == [
        ("2", "0113", 2)
    ]
    assert found[0].values["nearest"] in {"0103", "1103"}
    assert found[0].text("en").startswith('DLTB.shp: row 2 (2 features in all): the value "0113"')


def test_empty_cells_of_a_needed_field_are_counted() -> None:
    frame = pd.DataFrame({"code": ["a", "", None, " "]})
    (finding,) = check_fields(frame, "PBF", {}, "a.shp").findings
    assert (finding.code, finding.values["count"], finding.values["first"]) == ("field_empty", 3, 2)


@pytest.mark.parametrize(
    ("value", "known"), [("ZH14040410001", True), ("ZH14040440001", False), ("140404", False), ("ZH1404041001", False)]
)
def test_unit_codes_follow_their_pattern(value: str, known: bool) -> None:
    found = [code for _, code, _ in codes(pd.DataFrame({"unit_code": [value], "list_id": ["1"]}), "EUM_P")]
    assert (found == []) == known


@pytest.mark.parametrize("value", [1, 1.0, "1", "Ⅰ", "01"])
def test_numbers_and_roman_numerals_are_the_same_slope_class(value: object) -> None:
    frame = pd.DataFrame({"PDJB": [value], "DLBM": ["0103"]})
    assert [code for _, code, _ in codes(frame, "FARMLAND")] == ["field_alias", "field_alias"]


@given(st.sampled_from(sorted(roles())), st.lists(st.text(max_size=12), max_size=6, unique=True), st.text(max_size=8))
def test_any_table_is_checked_without_a_fault(role: str, columns: list[str], value: str) -> None:
    frame = pd.DataFrame({column: [value] for column in columns})
    found = check_fields(frame, role, {}, "a.shp")
    assert set(found.columns.values()) <= set(columns)
    assert all(finding.text("zh") and finding.text("en") for finding in found.findings)


def test_a_real_table_of_cities_is_a_layer_of_districts() -> None:
    from spatial.io.readers import read_raw
    from spatial.io.stated import Stated

    frame = read_raw(shared("data", "gbk_shapefile", "res2_4m.shp"), Stated()).features
    found = check_fields(frame, "DISTRICT", {}, "res2_4m.shp")
    assert found.columns["name"] == "NAME"
