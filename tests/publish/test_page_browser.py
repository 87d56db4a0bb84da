"""A published page in a real browser with no network."""

from __future__ import annotations

import json
import random
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely
from pyproj import CRS, Geod, Transformer

from spatial.publish.model import Picture, Publication, Symbol, Tiles
from spatial.publish.page import write_page
from spatial.tables.cells import Column, as_text
from tests import samples as screenings
from tests.publish import samples

pytestmark = pytest.mark.browser

ELLIPSOID = Geod(a=6378137, rf=298.257222101)


@dataclass
class Seen:
    """What happened in a page that should not."""

    page: Any
    troubles: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)

    def calm(self) -> bool:
        # Chromium remarks on tests that look at pixels.
        troubles = [trouble for trouble in self.troubles if "willReadFrequently" not in trouble]
        return troubles == [] and len(self.requests) == 1


def look(browser: Any, publication: Publication, folder: Path, hash_text: str = "", **window: Any) -> Seen:
    write_page(publication, folder / "map.html")
    given: dict[str, Any] = {"offline": True, "viewport": {"width": 1280, "height": 800}}
    seen = Seen(browser.new_context(**(given | window)).new_page())
    seen.page.on("console", lambda message: seen.troubles.append(message.text))
    seen.page.on("pageerror", lambda error: seen.troubles.append(str(error)))
    seen.page.on("dialog", lambda dialog: (seen.troubles.append(dialog.message), dialog.dismiss()))
    seen.page.on("requestfailed", lambda request: seen.troubles.append(request.url))
    seen.page.on("request", lambda request: request.url.startswith("data:") or seen.requests.append(request.url))
    seen.page.goto((folder / "map.html").as_uri() + hash_text)
    seen.page.wait_for_selector("body.ep-ready")
    return seen


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("map")


@pytest.fixture(scope="module")
def district(browser: Any, folder: Path) -> Any:
    """The sample district, opened once for tests that leave it as they found it."""
    seen = look(browser, samples.district(), folder)
    yield seen
    assert seen.calm()
    seen.page.close()


def wait(page: Any, expression: str) -> None:
    """Wait until an expression holds; the page's policy forbids Playwright's own way."""
    for _ in range(60):
        if page.evaluate(expression):
            return
        page.wait_for_timeout(50)
    raise AssertionError(expression)


def at(page: Any, lon: float, lat: float) -> tuple[float, float]:
    """Return where a place is in the window."""
    x, y = page.evaluate(
        """([lon, lat]) => {
            const box = document.querySelector(".folium-map"), corner = box.getBoundingClientRect();
            const point = window[box.id].latLngToContainerPoint([lat, lon]);
            return [corner.x + point.x, corner.y + point.y];
        }""",
        [lon, lat],
    )
    return x, y


def painted(page: Any, x: float, y: float) -> list[int]:
    """Return the colour that the map's tiles have at a place of the window."""
    colour: list[int] = page.evaluate(
        """([x, y]) => {
            for (const tile of document.querySelectorAll(".leaflet-overlay-pane canvas")) {
                const box = tile.getBoundingClientRect();
                if (x >= box.x && x < box.right && y >= box.y && y < box.bottom) {
                    const ratio = tile.width / box.width;
                    return [...tile.getContext("2d").getImageData((x - box.x) * ratio, (y - box.y) * ratio, 1, 1).data];
                }
            }
            return [];
        }""",
        [x, y],
    )
    return colour


def test_opens_alone_and_a_click_shows_the_tables_figures(district: Seen) -> None:
    layer = samples.coverage_layer()
    place = shapely.point_on_surface(layer.shapes[0])
    spot = next(
        candidate
        for candidate in (shapely.Point(place.x + dx, place.y + dy) for dx in (0, 0.004, -0.004) for dy in (0, 0.004))
        if layer.shapes[0].contains(candidate)
    )
    district.page.mouse.click(*at(district.page, spot.x, spot.y))
    card = district.page.locator(".leaflet-popup .ep-card")
    card.wait_for()
    while layer.rows[0][0] not in card.locator("h2").inner_text():
        card.locator(".ep-step").last.click()
    cells = card.locator("tbody tr").all_inner_texts()
    expected = [
        f"{column.title}\t{as_text(value, column.kind)}"
        for column, value in zip(layer.columns, layer.rows[0], strict=True)
    ]
    assert [" ".join(cell.split()) for cell in cells] == [" ".join(cell.split()) for cell in expected]
    assert card.locator(".ep-bar").count() == 2
    district.page.keyboard.press("Escape")
    assert card.count() == 0
    assert district.page.evaluate("performance.getEntriesByType('resource').length") == 0


def test_the_panel_says_what_the_map_shows(district: Seen) -> None:
    text = district.page.locator(".ep-side").inner_text()
    for known in ("管控区", "底图", "生态保护红线", "示意", "＜15%", "≥45%", "水系（示意）"):
        assert known in text
    for selector in (".ep-north", ".leaflet-control-scale-line", ".ep-watermark"):
        assert district.page.locator(selector).first.is_visible()
    assert re.search(r"CGCS2000.*113\.\d{6}°E", district.page.locator(".ep-position").inner_text(), re.DOTALL)
    assert "未经审核" in district.page.locator("header").inner_text()


def test_layers_are_switched_by_keys_and_kept_in_the_address(browser: Any, tmp_path: Path) -> None:
    publication = samples.publication(
        samples.layer("a", [samples.square(0, 0, 0.1)]), samples.layer("b", [samples.square(0, 0)])
    )
    seen = look(browser, publication, tmp_path)
    spot = at(seen.page, 113.05, 36.05)
    assert painted(seen.page, *spot)[3] > 0
    box = seen.page.get_by_label("图层a")
    box.focus()
    seen.page.keyboard.press("Space")
    assert not box.is_checked()
    wait(seen.page, "location.hash.endsWith('layers=b')")
    assert painted(seen.page, *spot)[3] == 0
    assert seen.calm()


def test_the_address_brings_the_view_back(browser: Any, tmp_path: Path) -> None:
    publication = samples.publication(
        samples.layer("a", [samples.square(0, 0)]), samples.layer("b", [samples.square(0, 0)])
    )
    seen = look(browser, publication, tmp_path, "#map=13.5/36.02000/113.03000&layers=b")
    centre = seen.page.evaluate(
        "() => { const m = window[document.querySelector('.folium-map').id], c = m.getCenter(); return [m.getZoom(), c.lat, c.lng]; }"
    )
    assert centre == pytest.approx([13.5, 36.02, 113.03], abs=1e-4)
    assert [seen.page.get_by_label(f"图层{key}").is_checked() for key in "ab"] == [False, True]
    seen.page.evaluate("location.hash = '#map=11/36/113&layers=a'")
    wait(seen.page, "window[document.querySelector('.folium-map').id].getZoom() === 11")
    assert seen.page.get_by_label("图层a").is_checked()


def test_search_finds_names_and_opens_them(district: Seen) -> None:
    field_ = district.page.locator(".ep-search input")
    field_.fill("荫城")
    hits = district.page.locator(".ep-hit")
    assert "荫城" in hits.first.inner_text()
    field_.press("Enter")
    title = district.page.locator(".leaflet-popup h2")
    title.wait_for()
    assert "荫城" in title.inner_text()
    field_.fill("没有这个名字")
    assert hits.count() == 0
    assert "0" in district.page.locator(".ep-side .ep-status").inner_text()
    field_.press("Escape")
    district.page.keyboard.press("Escape")
    district.page.locator(".ep-tool").first.click()
    district.page.wait_for_timeout(400)


def test_names_are_found_by_pinyin_initials(browser: Any, tmp_path: Path) -> None:
    layer = samples.layer("a", [samples.square(0, 0)], rows=(("长治县老雄山",),))
    seen = look(browser, samples.publication(layer), tmp_path)
    seen.page.locator(".ep-search input").fill("lxs")
    assert "老雄山" in seen.page.locator(".ep-hit").inner_text()


def test_the_table_follows_the_map_and_sorts(browser: Any, tmp_path: Path) -> None:
    columns = (Column("name", "名称", "text"), Column("area_ha", "面积", "ha"))
    rows = (("甲", 3.0), ("乙", None), ("丙", 20.5), ("丁", 1.0))
    shapes = [samples.square(x, x) for x in (0, 0.03, 0.06, 0.5)]
    publication = samples.publication(
        samples.layer("a", shapes, columns=columns, rows=rows), extent=(112.9, 35.9, 113.2, 36.2)
    )
    seen = look(browser, publication, tmp_path)
    seen.page.locator(".ep-table-tool").click()
    names = seen.page.locator(".ep-scroll tbody tr:not(.ep-space) td:first-child")
    assert names.all_inner_texts() == ["甲", "乙", "丙"]
    assert seen.page.locator(".ep-count").inner_text() == "视野内 3 个，共 4 个"
    sort = seen.page.locator(".ep-sort", has_text="面积")
    sort.click()
    assert names.all_inner_texts() == ["甲", "丙", "乙"]
    sort.click()
    assert names.all_inner_texts() == ["丙", "甲", "乙"]
    names.first.locator("xpath=..").press("Enter")
    assert seen.page.locator(".leaflet-popup h2").inner_text() == "丙"
    assert names.all_inner_texts() == ["丙"]
    assert seen.page.locator(".ep-scroll td.n").first.inner_text() == "20.5000"
    assert seen.calm()


def test_the_map_is_used_by_keys_alone(browser: Any, tmp_path: Path) -> None:
    seen = look(browser, samples.publication(samples.layer("a", [samples.square(0, 0, 0.1)])), tmp_path)
    seen.page.locator(".folium-map").focus()
    seen.page.keyboard.press("Enter")
    assert seen.page.locator(".leaflet-popup h2").inner_text() == "a0"
    seen.page.keyboard.press("Escape")
    assert seen.page.locator(".leaflet-popup").count() == 0
    zoom = "window[document.querySelector('.folium-map').id].getZoom()"
    before = seen.page.evaluate(zoom)
    seen.page.locator(".folium-map").focus()
    seen.page.keyboard.press("+")
    wait(seen.page, f"{zoom} > {before}")
    west = seen.page.evaluate("window[document.querySelector('.folium-map').id].getCenter().lng")
    seen.page.keyboard.press("ArrowRight")
    wait(seen.page, f"window[document.querySelector('.folium-map').id].getCenter().lng > {west}")
    assert seen.calm()


def test_a_telephone_has_the_panel_behind_a_button(browser: Any, folder: Path) -> None:
    seen = look(
        browser, samples.district(), folder, viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True
    )
    side, opener = seen.page.locator(".ep-side"), seen.page.locator(".ep-opener")
    assert not side.is_visible()
    opener.tap()
    assert side.is_visible()
    assert seen.page.evaluate("document.documentElement.scrollWidth") <= 390
    side.locator(".ep-side-head .ep-close").tap()
    assert not side.is_visible()
    assert seen.calm()


def test_the_printed_sheet_holds_everything(district: Seen) -> None:
    district.page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    district.page.emulate_media(media="print")
    sheet = district.page.locator(".ep-sheet")
    assert sheet.is_visible()
    assert not district.page.locator("main.page").is_visible()
    text = sheet.inner_text()
    for known in ("长治市上党区生态保护红线覆盖率", "图例", "约 1:", "未经审核不得公开", "坐标系 CGCS2000", "示意"):
        assert known in text.replace(" ", " ")
    size = district.page.evaluate(
        "(() => { const b = document.querySelector('.ep-sheet').getBoundingClientRect(); return [b.width, b.height]; })()"
    )
    # A3 is 420 by 297 mm, with 10 mm on each side.
    assert size[0] <= 400 / 25.4 * 96
    assert size[1] <= 277 / 25.4 * 96
    district.page.emulate_media(media="screen")
    district.page.evaluate("window.dispatchEvent(new Event('afterprint'))")
    pdf = district.page.pdf(prefer_css_page_size=True, print_background=True)
    assert len(re.findall(rb"/Type\s*/Page\b", pdf)) == 1
    box = re.search(rb"/MediaBox\s*\[0 0 ([\d.]+) ([\d.]+)\]", pdf)
    assert box is not None
    assert [float(part) for part in box.groups()] == pytest.approx([1190.55, 841.89], abs=1)


def test_lengths_and_areas_agree_with_another_program(district: Seen) -> None:
    draw = random.Random(6)  # noqa: S311 - places to try, no secret
    for _ in range(60):
        size = 10 ** draw.uniform(-4, 0.3)
        ring = [(113 + size * draw.random(), 36 + size * draw.random()) for _ in range(3)]
        middle = np.mean(ring, axis=0)
        ring.sort(key=lambda point: np.arctan2(point[1] - middle[1], point[0] - middle[0]))
        lon, lat = zip(*ring, strict=True)
        length = district.page.evaluate("ring => ecopattern.geodesy.distance(ring[0], ring[1])", ring)
        assert length == pytest.approx(ELLIPSOID.inv(*ring[0], *ring[1])[2], rel=1e-9, abs=1e-5)
        area = district.page.evaluate("ring => ecopattern.geodesy.area(ring)", ring)
        known, perimeter = ELLIPSOID.polygon_area_perimeter(lon, lat)
        # Half a millionth of a square of the same perimeter: a thin triangle is nearly all border.
        assert area == pytest.approx(abs(known), abs=5e-7 * (perimeter / 4) ** 2 + 1e-3)


def test_projected_coordinates_agree_with_another_program(district: Seen) -> None:
    draw = random.Random(7)  # noqa: S311 - places to try, no secret
    for _ in range(20):
        lon, lat = draw.uniform(75, 134), draw.uniform(18, 53)
        zone = round(lon / 3)
        move = Transformer.from_crs(CRS(4490), CRS(4513 + zone - 25), always_xy=True)
        found = district.page.evaluate("([lon, lat]) => ecopattern.geodesy.gaussKruger(lon, lat)", [lon, lat])
        assert found["zone"] == zone
        assert [found["y"], found["x"]] == pytest.approx(move.transform(lon, lat), abs=1e-4)


def test_measuring_by_clicks(browser: Any, tmp_path: Path) -> None:
    seen = look(browser, samples.publication(samples.layer("a", [samples.square(0, 0, 0.1)])), tmp_path)
    seen.page.get_by_label("测距").click()
    for lon in (113.02, 113.06):
        seen.page.mouse.click(*at(seen.page, lon, 36.05))
    text = seen.page.locator(".ep-result output").inner_text()
    metres = ELLIPSOID.inv(113.02, 36.05, 113.06, 36.05)[2]
    shown = re.search(r"([\d.]+) 千米", text)
    assert shown is not None
    # The clicks are to a pixel.
    assert float(shown.group(1)) * 1000 == pytest.approx(metres, abs=60)
    assert seen.page.locator(".leaflet-popup").count() == 0
    seen.page.keyboard.press("Escape")
    assert not seen.page.locator(".ep-result").is_visible()
    seen.page.mouse.click(*at(seen.page, 113.05, 36.05))
    seen.page.locator(".leaflet-popup").wait_for()
    assert seen.calm()


def test_figures_are_written_as_everywhere(district: Seen) -> None:
    kinds: list[Any] = ["m2", "ha", "mu", "m", "pct", "deg", "count", "exact"]
    values = [0.0, 0.5, 1.0, -3.25, 1234567.891, 0.00001234, 999999.5, 1e6, 123456.0, 99.995, 1e-5, 12345678.0]
    decimals = json.loads(district.page.locator("#ep-page").text_content())["decimals"]
    for kind in kinds:
        for value in (round(v, decimals.get(kind, 0)) if kind != "exact" else v for v in values):
            shown = district.page.evaluate("([v, k, d]) => ecopattern.dom.cell(v, k, d)", [value, kind, decimals])
            assert shown in {as_text(value, kind), as_text(value + 0.0, kind).replace("-0", "0", 1)}, (value, kind)


def hostile() -> list[str]:
    """Fifty texts that try to be more than text."""
    tags = ("script", "img src=x onerror", "svg onload", "iframe srcdoc", "body onload", "a href=javascript:")
    made = [f'<{tag}="alert({n})">' for n, tag in enumerate(tags)]
    made += [f"</script><script>alert({n})</script>" for n in range(5)]
    made += [f"{'{' * n}7*7{'}' * n}" for n in range(1, 6)]
    made += [f"\"{quote}'>`${{alert({n})}}" for n, quote in enumerate(("", '"', "&quot;", "\\", "\\u003c"))]
    made += [
        "]]><!--",
        "<!--<script>",
        "-->",
        "{% raw %}",
        "{# x #}",
        "%3Cscript%3E",
        "\u2028alert(1)\u2029",
        "&lt;b&gt;",
    ]
    made += ["constructor", "__proto__", "hasOwnProperty", "null", "undefined", "NaN"]
    return [*made, *screenings.NASTY]


def test_fifty_hostile_texts_stay_texts(browser: Any, tmp_path: Path) -> None:
    names = hostile()
    assert len(names) >= 50
    columns = (Column("name", "<b>名称</b>", "text"), Column("__proto__", "{{ 7*7 }}", "text"))
    layers = [
        samples.layer(
            "bad",
            [samples.square(0.02 * (n % 8), 0.012 * (n // 8), 0.01) for n in range(len(names))],
            columns=columns,
            rows=tuple((name, name) for name in names),
            symbols=tuple(Symbol(name, "#2a7f9e", "#1f3a4d") for name in names),
            symbol_of=np.arange(len(names), dtype=np.int32),
            title=names[0],
            group=names[6],
            note=names[-3],
            labelled=True,
        )
    ]
    publication = samples.publication(
        *layers, title=names[6], lines=((names[1], True),), watermark=names[2], extent=(113, 36, 113.2, 36.1)
    )
    seen = look(browser, publication, tmp_path)
    assert seen.page.locator(".ep-side").inner_text().count("<script") >= 1
    seen.page.locator(".ep-table-tool").click()
    for number, name in enumerate(names):
        seen.page.evaluate(
            "name => { const i = document.querySelector('.ep-search input'); i.value = name; i.dispatchEvent(new Event('input')); }",
            name[:30].encode("utf-16", "replace").decode("utf-16"),
        )
        if number % 5 == 0:
            spot = at(seen.page, 113.005 + 0.02 * (number % 8), 36.005 + 0.012 * (number // 8))
            seen.page.mouse.click(*spot)
    assert seen.page.locator("img, iframe, main svg [onload], .ep-card script, .ep-table script").count() == 0
    assert seen.page.evaluate("document.scripts.length") == seen.page.evaluate(
        "document.querySelectorAll('head script, body > script').length"
    )
    assert seen.calm()


def test_a_long_text_is_cut_and_can_be_read(browser: Any, tmp_path: Path) -> None:
    layer = samples.layer("a", [samples.square(0, 0, 0.1)], rows=(("长" * 10_000,),))
    seen = look(browser, samples.publication(layer), tmp_path)
    seen.page.mouse.click(*at(seen.page, 113.05, 36.05))
    cell = seen.page.locator(".ep-card td")
    assert cell.inner_text().startswith("长" * 100)
    assert len(cell.inner_text()) < 200
    cell.get_by_role("button").click()
    assert len(cell.inner_text()) == 10_000
    box = seen.page.locator(".leaflet-popup").bounding_box()
    assert box is not None
    assert box["height"] < 700


def test_injected_scripts_do_not_run(district: Seen) -> None:
    ran = district.page.evaluate(
        """() => new Promise(done => {
            window.ran = false;
            const box = document.createElement('div');
            box.innerHTML = '<img src="data:image/png;base64,AA" onerror="window.ran = true">';
            document.body.appendChild(box);
            setTimeout(() => { box.remove(); done(window.ran); }, 150);
        })"""
    )
    assert ran is False
    district.troubles.clear()  # the policy says in the console what it stopped


@pytest.mark.parametrize(
    "publication",
    [
        samples.publication(),
        samples.publication(samples.layer("a", [])),
        samples.publication(samples.layer("a", [None, None])),
        samples.publication(
            samples.layer(
                "a",
                [samples.square(0.0004 * n, 0.0003 * n, 0.01) for n in range(200)],
                symbols=tuple(Symbol(f"第{n}类", f"#{n:02x}80{255 - n:02x}", "#333333") for n in range(200)),
                symbol_of=np.arange(200, dtype=np.int32),
            )
        ),
        samples.publication(samples.layer("a", [samples.square(0, 0)], rows=((None,),), labelled=True)),
        samples.publication(
            samples.layer("a", [shapely.Point(113.05, 36.05), shapely.LineString([(113, 36), (113.1, 36.1)])])
        ),
        samples.publication(samples.layer("a", [samples.square(0, 0)]), lang="en", extent=(113, 36, 113, 36)),
    ],
    ids=["no layer", "no feature", "no place", "200 classes", "nulls", "points and lines", "one place"],
)
def test_there_is_always_a_map(browser: Any, tmp_path: Path, publication: Publication) -> None:
    seen = look(browser, publication, tmp_path)
    assert seen.page.locator("#ep-wait").count() == 0
    assert seen.page.locator(".ep-side").is_visible()
    seen.page.locator(".ep-table-tool").click()
    pdf = seen.page.pdf(prefer_css_page_size=True)
    assert pdf.startswith(b"%PDF")
    assert seen.calm()
    seen.page.close()


def test_a_browser_that_is_too_old_is_told(browser: Any, tmp_path: Path) -> None:
    write_page(samples.publication(samples.layer("a", [samples.square(0, 0)])), tmp_path / "map.html")
    page = browser.new_context(offline=True).new_page()
    page.add_init_script("delete window.DecompressionStream")
    page.goto((tmp_path / "map.html").as_uri())
    assert "浏览器过旧" in page.locator("#ep-wait.ep-failed").inner_text()


def test_a_small_zone_is_a_mark(browser: Any, tmp_path: Path) -> None:
    layer = samples.layer("a", [samples.square(0.05, 0.05, 2e-5)], symbols=(Symbol("", "#d73027", "#d73027", 0.5),))
    seen = look(browser, samples.publication(layer), tmp_path)
    red, _, _, opacity = painted(seen.page, *at(seen.page, 113.05001, 36.05001))
    assert red > 150
    assert opacity > 100


def test_a_picture_lies_under_the_layers(browser: Any, tmp_path: Path) -> None:
    from io import BytesIO

    from PIL import Image

    file = BytesIO()
    Image.new("RGB", (4, 4), "#808080").save(file, "PNG")
    publication = samples.publication(
        samples.layer("a", [samples.square(0, 0)]), picture=Picture(file.getvalue(), (113.0, 36.0, 113.1, 36.1))
    )
    seen = look(browser, publication, tmp_path)
    assert (
        seen.page.locator(".leaflet-tile-pane img").evaluate("image => image.decode().then(() => image.naturalWidth)")
        == 4
    )
    assert seen.calm()


def test_a_folder_of_tiles_and_a_key_that_is_asked_for(browser: Any, tmp_path: Path) -> None:
    from PIL import Image

    for zoom in range(10, 15):
        for x in range(2**zoom * 293 // 360, 2**zoom * 294 // 360 + 1):
            (tmp_path / "tiles" / str(zoom) / str(x)).mkdir(parents=True, exist_ok=True)
    Image.new("RGB", (256, 256), "#abcdef").save(tmp_path / "one.png")
    tiles = Tiles("one.png?{z}-{x}-{y}", (), "示例瓦片")
    seen = look(browser, samples.publication(samples.layer("a", [samples.square(0, 0)]), tiles=tiles), tmp_path)
    wait(seen.page, "document.querySelector('.leaflet-tile-pane img.leaflet-tile-loaded')?.naturalWidth === 256")
    assert seen.troubles == []
    keyed = Tiles(
        "https://t0.tianditu.gov.cn/w?{z}{x}{y}&tk={key}", ("https://t0.tianditu.gov.cn",), "天地图", ask_key=True
    )
    seen = look(browser, samples.publication(samples.layer("a", [samples.square(0, 0)]), tiles=keyed), tmp_path)
    assert len(seen.requests) == 1
    seen.page.locator(".ep-key input").fill("abc")
    seen.page.locator(".ep-key input").press("Enter")
    wait(seen.page, "sessionStorage.getItem('ecopattern-key') === 'abc'")
    assert any("tk=abc" in request for request in seen.requests[1:])
    assert not any("violates" in trouble for trouble in seen.troubles)
