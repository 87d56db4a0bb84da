"""Rounding once, text of figures, invisible characters."""

from __future__ import annotations

import datetime as dt
from decimal import ROUND_HALF_UP, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spatial.screening.result import Verdict
from spatial.tables.cells import (
    Column,
    Table,
    as_text,
    digits,
    joined,
    rounded,
    seen,
    sentences,
    shortened,
    verdict_styles,
    without_empty,
)
from spatial.words import Text


def test_a_half_is_rounded_up_and_only_once() -> None:
    assert rounded(20_000.005, "m2") == 20_000.01
    assert rounded(0.00005, "ha") == 0.0001
    assert digits().rounding == "half_up"


@given(st.floats(min_value=0, max_value=1e9, allow_nan=False))
def test_rounding_agrees_with_decimal_arithmetic(value: float) -> None:
    expected = Decimal(repr(value)).quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)
    assert Decimal(repr(rounded(value, "m2"))) == expected


@pytest.mark.parametrize("value", [float("nan"), float("inf"), None])
def test_what_is_no_figure_is_shown_as_nothing(value: float | None) -> None:
    assert rounded(value, "m2") is None
    assert as_text(rounded(value, "m2"), "m2") == "—"


def test_figures_read_with_the_stated_digits() -> None:
    assert as_text(1_234_567.0, "m2") == "1,234,567.00"
    assert as_text(7.3333, "ha") == "7.3333"
    assert as_text(14, "count") == "14"
    assert as_text(2.7e-15, "exact") == "2.7e-15"
    assert as_text(0.0, "exact") == "0"
    assert as_text(dt.date(2026, 11, 21), "date") == "2026-11-21"


def test_zero_is_not_nothing() -> None:
    assert as_text(0.0, "m2") == "0.00"
    assert as_text("", "text") == "—"


@given(st.text(st.characters(codec=None, categories=None)))
def test_seen_text_can_be_stored_and_keeps_what_is_visible(text: str) -> None:
    shown = seen(text)
    shown.encode("utf-8")
    assert seen(shown) == shown
    assert not any(sign in shown for sign in "\x00\x0b\x1f\r\u202e\u2066\ufffe")


def test_seen_marks_what_it_replaces() -> None:
    assert seen("a\u202eb") == "a\ufffdb"
    assert seen("一行\r\n二行\t制表") == "一行\n二行\t制表"
    assert seen("家庭👩🏽‍🌾") == "家庭👩🏽‍🌾"


def test_shortened_says_that_something_is_missing() -> None:
    assert shortened("长" * 100, 10) == "长" * 9 + "…"
    assert shortened("短", 10) == "短"


def test_lists_and_sentences() -> None:
    assert joined("zh", ["D4", "", "D6"]) == "D4、D6"
    assert joined("en", ["D4", "D6"]) == "D4, D6"
    assert sentences("zh", [Text("unit_ha"), Text("unit_ha")]) == "公顷"


def test_every_verdict_has_its_own_symbol_and_colour() -> None:
    styles = verdict_styles()
    assert set(styles) == {*Verdict, "N"}
    for name in ("symbol", "fill", "tint", "shape"):
        assert len({getattr(style, name) for style in styles.values()}) == len(styles)


def test_symbols_are_readable_on_their_colour() -> None:
    """WCAG 2: contrast of at least 3 for large signs."""

    def luminance(colour: str) -> float:
        parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
        linear = [part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    for style in verdict_styles().values():
        light, dark = sorted((luminance(style.fill), luminance(style.ink)), reverse=True)
        assert (light + 0.05) / (dark + 0.05) > 3


def _table() -> Table:
    columns = (Column("a", "A", "text"), Column("b", "B", "m2"), Column("c", "C", "m2"))
    return Table("t", "T", columns, (("x", 1.0, None), ("y", None, None)))


def test_columns_are_found_picked_and_left_out_by_key() -> None:
    assert _table().column("b") == [1.0, None]
    assert _table().picked(("c", "a")).rows == ((None, "x"), (None, "y"))
    assert [column.key for column in without_empty(_table()).columns] == ["a", "b"]
    with pytest.raises(ValueError, match="'z' is not in list"):
        _table().column("z")
