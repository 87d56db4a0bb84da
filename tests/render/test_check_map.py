"""The map of a check: plain data in the page, and in a real browser with no network."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pytest
import shapely

from spatial.check.file import Checked, check_file
from spatial.render.check_map import write_check_map
from spatial.tables.cells import settings
from tests.traps import shapes
from tests.traps.shapes import EAST, layer, square

NASTY = "<img src=x onerror=alert(1)>{{ 7*7 }}</script>"


def checked(folder: Path, *made: Any, crs: str | None = shapes.CRS, name: str = "a.parquet") -> list[Checked]:
    moved = [shapely.affinity.translate(shape, 250 * place, 0) for place, shape in enumerate(made)]
    layer(moved, crs, name=[NASTY] * len(moved)).to_parquet(folder / name)
    return check_file(folder / name)


def page(found: list[Checked], folder: Path, lang: Any = "zh") -> str:
    write_check_map(found, folder / "map.html", lang)
    return (folder / "map.html").read_text(encoding="utf-8")


def data(text: str, key: str) -> Any:
    match = re.search(rf'<script type="application/json" id="{key}">(.*?)</script>', text, re.DOTALL)
    assert match is not None
    return json.loads(match.group(1))


def test_marks_stand_where_the_faults_are(tmp_path: Path) -> None:
    text = page(checked(tmp_path, square(), *shapes.SHAPES["self_intersection"]), tmp_path)
    (mark,) = data(text, "findings-error")["symbols"]
    expected = gpd.GeoSeries([shapely.Point(EAST + 300, 3_980_050)], crs=shapes.CRS).to_crs(4490)[0]
    # Seven decimals are a centimetre.
    assert mark[:2] == pytest.approx([expected.y, expected.x], abs=1e-7)
    assert len(data(text, "features")["shapes"]["features"]) == 2
    (content,) = data(text, "findings-error")["contents"]
    assert content["verdict"] == "error"
    assert any("对照测量成果" in value for _, value in content["facts"])


def test_a_page_asks_nothing_of_a_network_and_repeats_itself(tmp_path: Path) -> None:
    found = checked(tmp_path, *shapes.SHAPES["self_intersection"])
    text = page(found, tmp_path)
    assert not re.search(r'(src|href)="https?:', text)
    assert "Content-Security-Policy" in text
    assert page(found, tmp_path) == text
    assert NASTY not in text


def test_without_a_plane_the_page_says_that_places_are_relative(tmp_path: Path) -> None:
    text = page(checked(tmp_path, *shapes.SHAPES["self_intersection"], crs=None), tmp_path, "en")
    assert "relative positions only" in text
    (mark,) = data(text, "findings-error")["symbols"]
    assert np.abs(mark[:2]).max() < 1e-3


def test_findings_without_a_place_stand_in_the_panel(tmp_path: Path) -> None:
    shapes.layer([square(), None]).to_file(tmp_path / "a.gpkg")
    text = page(check_file(tmp_path / "a.gpkg"), tmp_path)
    (part,) = data(text, "panel")["unplaced"]
    assert "没有图形" in part["entries"][0]["title"]


def test_very_many_findings_are_cut_and_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(settings()["check_map"], "findings", 2)
    text = page(checked(tmp_path, *shapes.SHAPES["self_intersection"] * 4), tmp_path, "en")
    assert len(data(text, "findings-error")["symbols"]) == 2
    assert "first 2 findings" in text


def test_of_very_many_features_those_near_a_finding_are_drawn(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(settings()["check_map"], "features", 3)
    text = page(checked(tmp_path, *shapes.SHAPES["self_intersection"], *[square()] * 4), tmp_path, "en")
    assert len(data(text, "features")["shapes"]["features"]) == 1
    assert "those near the findings" in text


def test_nothing_readable_still_gives_a_page(tmp_path: Path) -> None:
    (tmp_path / "a.gpkg").write_bytes(b"")
    text = page(check_file(tmp_path / "a.gpkg"), tmp_path)
    assert data(text, "panel")["unplaced"]


@pytest.mark.browser
def test_it_opens_alone_and_a_mark_tells_its_fault(browser: Any, tmp_path: Path) -> None:
    page(checked(tmp_path, *shapes.SHAPES["self_intersection"], *shapes.SHAPES["spike"]), tmp_path)
    window = browser.new_context(offline=True, viewport={"width": 1200, "height": 800}).new_page()
    troubles: list[str] = []
    requests: list[str] = []
    window.on("console", lambda message: troubles.append(message.text))
    window.on("pageerror", lambda error: troubles.append(str(error)))
    window.on("dialog", lambda dialog: (troubles.append(dialog.message), dialog.dismiss()))
    window.on("request", lambda request: requests.append(request.url))
    window.goto((tmp_path / "map.html").as_uri())
    window.locator(".leaflet-marker-icon[title^='自相交']").press("Enter")
    text = window.locator(".leaflet-popup .ep-popup").inner_text()
    assert "多半是界址点顺序有误" in text
    assert "{{ 7*7 }}" in text
    assert "1" in window.locator(".ep-panel").inner_text()
    assert len(requests) == 1
    assert troubles == []
