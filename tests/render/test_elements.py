"""JSON that stays inside its script element."""

from __future__ import annotations

import json
import re

from hypothesis import given
from hypothesis import strategies as st

from spatial.render.assets import page_assets
from spatial.render.elements import Page, json_block

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(VALUES)
def test_a_block_reads_back_and_holds_no_markup(value: object) -> None:
    block = json_block(value)
    assert json.loads(block) == value
    assert not set("<>&\u2028\u2029") & set(block)


@given(st.text(st.characters(codec="utf-8", exclude_characters="\r")))
def test_a_title_is_escaped(title: str) -> None:
    text = Page(title, "zh-CN", [(title, True)]).text()
    shell = re.sub(r"<script>.*?</script>", "", text, flags=re.DOTALL)
    assert shell.count("<h1>") == 1
    assert shell.count("<script") == 0


def test_assets_name_no_file() -> None:
    assert not any("url(" in style for style in page_assets().styles)
    assert not any("sourceMappingURL" in script or 'href="http' in script for script in page_assets().scripts)
    assert "leaflet-control-zoom" in page_assets().styles[0]
