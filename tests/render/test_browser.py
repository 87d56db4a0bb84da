"""The map in a real browser with no network: no request leaves the file, no script error, popups open."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import geopandas as gpd
import pytest

from spatial.render.page import write_map
from spatial.screening.result import ScreeningResult
from spatial.tables.cells import settings
from tests import samples

pytestmark = pytest.mark.browser


@dataclass
class Seen:
    """What happened in a page that should not."""

    page: Any
    troubles: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)


def look(browser: Any, result: ScreeningResult, layers: Any, folder: Path) -> Seen:
    write_map(result, layers, folder / "map.html")
    window = browser.new_context(offline=True, viewport={"width": 1280, "height": 800})
    seen = Seen(window.new_page())
    seen.page.on("console", lambda message: seen.troubles.append(message.text))
    seen.page.on("pageerror", lambda error: seen.troubles.append(str(error)))
    seen.page.on("dialog", lambda dialog: (seen.troubles.append(dialog.message), dialog.dismiss()))
    seen.page.on("requestfailed", lambda request: seen.troubles.append(request.url))
    seen.page.on("request", lambda request: seen.requests.append(request.url))
    seen.page.goto((folder / "map.html").as_uri())
    seen.page.wait_for_selector(".ep-panel")
    return seen


def show(seen: Seen, project: str) -> Any:
    # A key press opens the popup too, and works where another symbol lies on top.
    seen.page.locator(f".leaflet-marker-icon[title^='{project}']").press("Enter")
    popup = seen.page.locator(".leaflet-popup .ep-popup", has_text=project)
    popup.wait_for()
    return popup


def test_opens_alone_and_a_click_shows_the_projects_table(browser: Any, tmp_path: Path) -> None:
    seen = look(browser, samples.screening(), samples.map_layers(), tmp_path)
    seen.page.locator(".leaflet-marker-icon[title^='P01']").click()
    text = seen.page.locator(".leaflet-popup .ep-popup").inner_text()
    for known in ("荫城镇污水处理厂（一期）", "× 禁止", "73,333.33 平方米", "20,000.01", "D4 水源保护区不排污证明"):
        assert known in text
    assert seen.requests == [(tmp_path / "map.html").as_uri()]
    assert seen.troubles == []
    assert seen.page.evaluate("performance.getEntriesByType('resource').length") == 0


def test_hostile_text_stays_text(browser: Any, tmp_path: Path) -> None:
    result = samples.screening(*samples.nasty())
    seen = look(browser, result, samples.map_layers(), tmp_path)
    assert "<img src=x onerror=alert(3)>" in show(seen, "N06").inner_text()
    assert seen.page.locator("img, .ep-popup script").count() == 0
    assert "{{ 7*7 }}" in show(seen, "N08").inner_text()
    assert seen.page.locator(".leaflet-marker-icon").count() == len(result.projects)
    assert seen.troubles == []
    assert len(seen.requests) == 1


def test_injected_scripts_do_not_run(browser: Any, tmp_path: Path) -> None:
    """The policy also stops what a later fault of ours might let in."""
    seen = look(browser, samples.screening(), [], tmp_path)
    ran = seen.page.evaluate(
        """() => new Promise(done => {
            window.ran = false;
            const box = document.createElement('div');
            box.innerHTML = '<img src="data:image/png;base64,AA" onerror="window.ran = true">';
            document.body.appendChild(box);
            setTimeout(() => done(window.ran), 150);
        })"""
    )
    assert ran is False


def test_layers_can_be_switched_and_keep_their_order(browser: Any, tmp_path: Path) -> None:
    seen = look(browser, samples.screening(), samples.map_layers(), tmp_path)
    shapes = seen.page.locator(".leaflet-overlay-pane path")
    before = shapes.count()
    box = seen.page.locator("label", has_text="生态保护红线").locator("input")
    box.uncheck()
    assert shapes.count() == before - 1
    box.check()
    assert shapes.count() == before
    last = seen.page.evaluate(
        "[...document.querySelectorAll('.leaflet-overlay-pane path')].pop().getAttribute('stroke')"
    )
    assert last == "#B2182B"


def test_the_legend_shows_what_the_map_shows(browser: Any, tmp_path: Path) -> None:
    seen = look(browser, samples.screening(), samples.map_layers(), tmp_path)
    text = seen.page.locator(".ep-panel").inner_text()
    for known in ("禁止", "人工复核", "有条件", "允许", "生态保护红线", "示意", "需补充位置的项目（1 个）", "U01"):
        assert known in text
    assert seen.page.locator(".leaflet-control-scale-line").inner_text().endswith("m")
    assert "筛查辅助，不是法律意见" in seen.page.locator("header").inner_text()


def test_a_zone_says_its_name_and_edition(browser: Any, tmp_path: Path) -> None:
    one = gpd.GeoDataFrame({"name": ["二级区"]}, geometry=[samples.at(0, 0, 100, 100)], crs=samples.CRS)
    layers = [
        ("DISTRICT", gpd.GeoDataFrame(geometry=[samples.at(-500, -500, 900, 900)], crs=samples.CRS), False),
        ("WS1", one, True),
    ]
    seen = look(browser, samples.screening(samples.unlocated()), layers, tmp_path)
    seen.page.locator(".leaflet-overlay-pane path[fill='#004DA8']").click()
    text = seen.page.locator(".ep-popup").inner_text()
    for known in ("二级区", "饮用水水源一级保护区", "2024年版", "示意数据"):
        assert known in text


def test_a_page_with_nothing_to_draw_still_opens(browser: Any, tmp_path: Path) -> None:
    seen = look(browser, samples.screening(samples.unlocated()), [], tmp_path)
    assert "U01" in seen.page.locator(".ep-panel").inner_text()
    assert seen.troubles == []


def test_many_shapes_are_drawn_on_a_canvas(browser: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(settings()["map"], "canvas_features", 3)
    seen = look(browser, samples.screening(), samples.map_layers(), tmp_path)
    assert seen.page.locator("canvas").count() == 1
    place = seen.page.evaluate(
        """() => {
            const box = document.querySelector(".folium-map"), corner = box.getBoundingClientRect();
            const at = JSON.parse(document.getElementById("projects-X").textContent).symbols[0].slice(0, 2);
            const point = window[box.id].latLngToContainerPoint(at);
            return [corner.x + point.x, corner.y + point.y];
        }"""
    )
    seen.page.mouse.click(*place)
    assert "73,333.33" in seen.page.locator(".leaflet-popup .ep-popup").inner_text()
    assert seen.troubles == []


def test_a_tooltip_is_read_along_the_line(browser: Any, tmp_path: Path) -> None:
    seen = look(browser, samples.screening(), samples.map_layers(), tmp_path)
    seen.page.locator(".leaflet-marker-icon[title^='P01']").hover()
    box = seen.page.locator(".leaflet-tooltip").bounding_box()
    assert box is not None
    assert box["width"] > 4 * box["height"]
