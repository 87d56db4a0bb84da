"""The check of finished pages: a right one passes, each of the doctored ones fails for its own reason."""

from __future__ import annotations

import base64
import datetime as dt
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import shapely

from spatial.catalog import load_workspace
from spatial.publish.compose import compose
from spatial.publish.decode import blocks_of, unpacked
from spatial.publish.encode import packed
from spatial.publish.model import Layer, Publication
from spatial.publish.page import page_text
from spatial.publish.recipe import read_recipe
from spatial.publish.sources.registry import SOURCES
from spatial.publish.sources.scene import Scene
from spatial.publish.verify import verify

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def right() -> Publication:
    options = {name: source.options for name, source in SOURCES.items()}
    scene = Scene(load_workspace(ROOT / "layers" / "shangdang"), dt.date(2026, 1, 1), "zh")
    return compose(read_recipe(ROOT / "maps" / "pattern.toml", options), scene, public=True).publication


@pytest.fixture(scope="module")
def page(right: Publication) -> str:
    return page_text(right)


def faults(text: str, folder: Path) -> list[str]:
    path = folder / "map.html"
    path.write_text(text, encoding="utf-8", newline="\n")
    return [finding.code for finding in verify(path)]


def test_a_right_page_passes(page, tmp_path):
    assert faults(page, tmp_path) == []


def swapped(old: str, new: str) -> Callable[[str], str]:
    def swap(text: str) -> str:
        assert old in text
        return text.replace(old, new, 1)

    return swap


@pytest.mark.parametrize(
    ("doctor", "code"),
    [
        (swapped("</body>", "<script>alert(1)</script></body>"), "verify_script"),
        (swapped("ecopattern.start(", "fetch('//evil.example.com');ecopattern.start("), "verify_script"),
        (swapped("default-src 'none'", "default-src *"), "verify_policy"),
        (swapped("script-src ", "script-src 'unsafe-inline' "), "verify_policy"),
        (swapped("img-src data:", "img-src https://tiles.example.com data:"), "verify_policy"),
        (swapped('http-equiv="Content-Security-Policy"', 'name="no"'), "verify_policy_count"),
        (swapped("<header", '<img src="https://example.com/a.png" onerror="alert(1)"><header'), "verify_attribute"),
        (swapped("</body>", '<script type="application/json" id="more">{}</script></body>'), "verify_block"),
        (swapped('"audience":"public"', '"audience":"office"'), "verify_audience"),
        (swapped('"watermark":"内部使用 未经审核 不得公开"', '"watermark":""'), "verify_watermark"),
        (swapped("</head>", "<style>.ep-watermark{display:none}</style></head>"), "verify_style"),
        (swapped('<p class="warn">内部使用，未经审图。', '<p class="warn">'), "verify_line"),
        (swapped('id="ep-page"', 'id="ep-pages"'), "verify_unreadable"),
        (lambda text: text.replace("含示意数据（示意图），不得作为审批依据。", ""), "verify_line"),
        (lambda text: text.replace("2000国家大地坐标系", "坐标系"), "verify_line"),
        (lambda text: text.replace("（示意图）", ""), "verify_sketch"),
        (swapped('"tolerance_m":"50"', '"tolerance_m":"5"'), "verify_tolerance"),
        (swapped("</body>", "<!-- https://t0.tianditu.gov.cn/?x=1&tk=abcdef0123456789 --></body>"), "verify_key"),
    ],
)
def test_a_doctored_page_fails_for_its_reason(page, doctor, code, tmp_path):
    assert code in faults(doctor(page), tmp_path)


def changed(right: Publication, change: Callable[[Layer], Layer]) -> str:
    return page_text(replace(right, layers=(*right.layers[:-1], change(right.layers[-1]))))


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda layer: replace(layer, role="ECO_RED"), "verify_role"),
        (lambda layer: replace(layer, role="NO_SUCH_ROLE"), "verify_role"),
        (lambda layer: replace(layer, note=""), "verify_source"),
        (
            lambda layer: replace(layer, rows=tuple(("一号取水口", *row[1:]) for row in layer.rows)),
            "verify_feature",
        ),
        (
            lambda layer: replace(
                layer, columns=tuple(replace(one, key=f"x_{one.key}") for one in layer.columns), name_key=""
            ),
            "verify_column",
        ),
        (
            lambda layer: replace(layer, shapes=shapely.transform(layer.shapes, lambda xy: xy + 3e-4)),
            "verify_positions",
        ),
    ],
)
def test_layers_that_must_not_be_there(right, change, code, tmp_path):
    assert code in faults(changed(right, change), tmp_path)


def test_a_reviewed_map_needs_its_number_on_the_map(right, tmp_path):
    facts = tuple((key, "晋S（2026）001号" if key == "approval" else value) for key, value in right.facts)
    reviewed = replace(right, facts=facts, watermark="")
    assert "verify_approval" in faults(page_text(reviewed), tmp_path)
    lines = (*right.lines, ("审图号：晋S（2026）001号。", False))
    assert faults(page_text(replace(reviewed, lines=lines)), tmp_path) == []


def test_another_file_is_no_page(tmp_path):
    assert "verify_unreadable" in faults("<html><body>hello</body></html>", tmp_path)
    (tmp_path / "b.html").write_bytes(np.arange(256, dtype=np.uint8).tobytes())
    assert [finding.code for finding in verify(tmp_path / "b.html")] == ["verify_unreadable"]


def block(text: str, name: str) -> str:
    return dict(blocks_of(text))[name]


def in_page(**changes: object) -> Callable[[str], str]:
    def change(text: str) -> str:
        old = block(text, "ep-page")
        return text.replace(old, json.dumps(json.loads(old) | changes, ensure_ascii=False), 1)

    return change


def in_facts(**changes: str) -> Callable[[str], str]:
    def change(text: str) -> str:
        old = block(text, "ep-facts")
        told = json.loads(old)
        told["facts"] |= changes
        return text.replace(old, json.dumps(told, ensure_ascii=False), 1)

    return change


def in_layer(head: dict[str, object], **sections: bytes) -> Callable[[str], str]:
    def change(text: str) -> str:
        old = block(text, "ep-layer-0")
        told, parts = unpacked(old)
        return text.replace(
            old, packed({**told, **head}, {name: array(part) for name, part in (parts | sections).items()}), 1
        )

    return change


def array(part: bytes) -> np.ndarray:
    return np.frombuffer(part, dtype=np.uint8)


def after_the_block(text: str) -> str:
    old = block(text, "ep-layer-0")
    return text.replace(old, base64.b64encode(base64.b64decode(old) + b"113.123456 36.123456").decode(), 1)


@pytest.mark.parametrize(
    ("doctor", "code"),
    [
        (swapped("</main>", "<!-- 113.123456, 36.123456 --></main>"), "verify_shell"),
        (lambda text: text + "113.123456", "verify_shell"),
        (swapped("<header class", '<header style="display:none" class'), "verify_shell"),
        (swapped("</header>", '</header><header class="page"><h1>另一标题</h1></header>'), "verify_shell"),
        (swapped("<title>", '<meta http-equiv="refresh" content="0;url=https://example.com"><title>'), "verify_shell"),
        (swapped("</main>", '<object data="data:text/html,x"></object></main>'), "verify_shell"),
        (swapped("<h1>", "<h1>&#x90E8;"), "verify_shell"),
        (lambda text: text.replace("\n", "\r\n"), "verify_shell"),
        (
            swapped(
                '<script type="application/json" id="ep-facts">',
                '<script type="application/x-deflate" id="ep-layer-7">AA</script>\n<script type="application/json" id="ep-facts">',
            ),
            "verify_blocks",
        ),
        (after_the_block, "verify_unreadable"),
        (in_layer({"more": [113.123456]}), "verify_part"),
        (in_layer({}, more=b"113.123456"), "verify_part"),
        (in_layer({"initials": ["secret"]}), "verify_part"),
        (in_page(more="x"), "verify_part"),
        (in_page(extent=[113.0123, 36.0, 113.2, 36.3]), "verify_extent"),
        (in_page(title="某部队营区（示意图）"), "verify_secret"),
        (in_facts(more="x"), "verify_part"),
        (in_facts(district="联系人 138 1234 5678"), "verify_secret"),
        (in_facts(approval="无"), "verify_approval"),
        (in_facts(largest_shift_m="113.123456"), "verify_part"),
    ],
)
def test_what_was_put_into_a_page_is_found(page, doctor, code, tmp_path):
    path = tmp_path / "map.html"
    path.write_bytes(doctor(page).encode())
    assert code in [finding.code for finding in verify(path)]


@pytest.mark.parametrize("text", ["title", "group", "note"])
def test_the_legend_names_no_secret(right, text, tmp_path):
    assert "verify_secret" in faults(changed(right, lambda layer: replace(layer, **{text: "一号 取水 口"})), tmp_path)
