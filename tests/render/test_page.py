"""The map as a file: nothing outside it, data inert, figures as in the tables, equal bytes."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pytest
import shapely
from pyproj import CRS, Transformer

from spatial.render.page import write_map
from spatial.screening.result import ScreeningResult
from spatial.tables.cells import settings
from tests import samples

DATA = re.compile(r'<script type="application/json" id="([^"]+)">(.*?)</script>', re.DOTALL)
SCRIPT = re.compile(r"<script>(.*?)</script>", re.DOTALL)


def page(result: ScreeningResult, folder: Path, layers: Any = None) -> str:
    write_map(result, samples.map_layers() if layers is None else layers, folder / "map.html")
    return (folder / "map.html").read_bytes().decode("utf-8")


def data(text: str) -> dict[str, Any]:
    return {key: json.loads(value) for key, value in DATA.findall(text)}


def contents(text: str) -> dict[str, dict[str, Any]]:
    known = [value for key, value in data(text).items() if key.startswith("projects-")]
    assert all(len(layer["contents"]) == len(layer["symbols"]) for layer in known)
    return {content["id"]: content for layer in known for content in layer["contents"]}


def zones(text: str, key: str) -> list[dict[str, Any]]:
    """Return what is said about the features a layer draws."""
    layer = data(text)[key]
    return [layer["contents"][feature["properties"]["place"]] for feature in layer["shapes"]["features"]]


def hostile() -> ScreeningResult:
    return samples.screening(*samples.screening().projects, *samples.nasty())


def test_nothing_in_the_page_points_outside(tmp_path: Path) -> None:
    text = page(hostile(), tmp_path)
    shell = DATA.sub("", text)
    assert not re.search(r"""(?:src|href|srcset|action)\s*=\s*["']""", SCRIPT.sub("", shell))
    assert not re.search(r"url\(", re.sub(r"url\(['\"]?data:", "", SCRIPT.sub("", shell)))
    assert "sourceMappingURL" not in text
    assert 'href="http' not in text
    for name in ("bootstrap", "jquery", "fontawesome", "awesome", "cdn."):
        assert name not in shell.lower()


def test_user_text_is_inert(tmp_path: Path) -> None:
    text = page(hostile(), tmp_path)
    assert "<script>alert" not in text
    assert "<img" not in text
    assert "{{ 7*7 }}" in text
    assert contents(text)["N04<sc"]["title"] == "N04<sc <script>alert(1)</script>"


def test_policy_names_every_script_and_no_more(tmp_path: Path) -> None:
    text = page(hostile(), tmp_path)
    policy = re.search(r'http-equiv="Content-Security-Policy" content="([^"]+)"', text)
    assert policy is not None
    assert policy.start() < text.index("<script")
    assert policy[1].startswith("default-src 'none'; script-src 'sha256-")
    assert "unsafe-inline" not in policy[1].split("style-src")[0]
    hashes = set(re.findall(r"'(sha256-[^']+)'", policy[1]))
    scripts = SCRIPT.findall(text)
    assert hashes == {"sha256-" + base64.b64encode(hashlib.sha256(s.encode()).digest()).decode() for s in scripts}
    assert "\r" not in text


def test_leaflet_comes_with_its_licence(tmp_path: Path) -> None:
    text = page(samples.screening(), tmp_path)
    assert "BSD 2-Clause License" in text
    assert "Leaflet 1.9.4" in text


def test_equal_results_give_equal_bytes(tmp_path: Path) -> None:
    assert page(hostile(), tmp_path) == page(hostile(), tmp_path)
    assert not re.search(r"_[0-9a-f]{32}", page(samples.screening(), tmp_path))


def test_what_every_page_says(tmp_path: Path) -> None:
    shell = DATA.sub("", page(samples.screening(), tmp_path))
    for known in ("上党区", "2026-11-21", "筛查辅助，不是法律意见", "内部使用，未经审图", "示意数据", 'lang="zh-CN"'):
        assert known in shell


def test_real_data_are_not_called_illustrative(tmp_path: Path) -> None:
    result = samples.screening(samples.unlocated(), illustrative=False)
    assert "示意" not in page(result, tmp_path, [])


def test_popups_have_the_areas_and_zones_of_the_result(tmp_path: Path) -> None:
    known = contents(page(samples.screening(), tmp_path))["P01"]
    assert dict(known["facts"])["椭球面积"] == "73,333.33 平方米（7.3333 公顷，110.00 亩）"
    rows = known["grids"][0]["rows"]
    assert [row[:4] for row in rows] == [
        ["饮用水水源一级保护区", "20,000.01", "27.27", "× 禁止"],
        ["饮用水水源二级保护区", "30,000.13", "40.91", "! 有条件"],
    ]
    assert contents(page(samples.screening(), tmp_path))["L01"]["facts"][1] == ["长度（米）", "1,630.85"]


def test_layers_stand_in_groups_with_the_colours_of_the_roles(tmp_path: Path) -> None:
    known = data(page(samples.screening(), tmp_path))
    groups = {group["title"]: [layer["name"] for layer in group["layers"]] for group in known["panel"]["groups"]}
    assert list(groups) == ["项目（按结论）", "重叠部分", "管控分区", "生态安全格局", "基础地理"]
    assert groups["项目（按结论）"] == ["禁止", "人工复核", "有条件", "允许"]
    assert known["layer-3"]["style"]["color"] == "#DC1E28"
    assert known["layer-3"]["style"]["fillColor"] == "#009966"
    assert known["panel"]["unplaced"] == [
        {"title": "需补充位置的项目（1 个）", "entries": [{"title": "U01 海子河公园下游湿地", "verdict": "U"}]}
    ]


def test_every_project_is_on_the_map_or_listed(tmp_path: Path) -> None:
    result = hostile()
    text = page(result, tmp_path)
    assert len(contents(text)) + len(data(text)["panel"]["unplaced"]) == len(result.projects)


def test_coordinates_are_longitude_and_latitude(tmp_path: Path) -> None:
    known = data(page(samples.screening(samples.review_point()), tmp_path, []))
    east, north = known["projects-R"]["shapes"]["features"][0]["geometry"]["coordinates"]
    lon, lat = Transformer.from_crs(CRS(samples.CRS), CRS(4490), always_xy=True).transform(
        samples.EAST + 300, samples.NORTH + 900
    )
    assert (east, north) == pytest.approx((lon, lat), abs=6e-7)
    assert known["projects-R"]["symbols"] == [[north, east, 0, ""]]


def test_broad_zones_start_switched_off(tmp_path: Path) -> None:
    wide = gpd.GeoDataFrame({"name": ["全区"]}, geometry=[samples.at(-1500, -1500, 3300, 3000)], crs=samples.CRS)
    text = page(samples.screening(), tmp_path, [*samples.map_layers(), ("EUM_G", wide, True)])
    shown = re.findall(r"(feature_group_\d+)\.addTo\(", text)
    drawn = dict(re.findall(r'ecopattern\.draw\((feature_group_\d+), "([^"]+)"\)', text))
    hidden = {key for name, key in drawn.items() if name not in shown}
    assert hidden == {"layer-8", "avoidance"}


def test_large_outlines_are_simplified_for_drawing_and_the_page_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    angles = np.linspace(0, 2 * np.pi, 5_000, endpoint=False)
    ring = np.column_stack([samples.EAST + 900 * np.cos(angles), samples.NORTH + 900 * np.sin(angles)])
    layer = [("ECO_RED", gpd.GeoDataFrame({"name": ["圆"]}, geometry=[shapely.Polygon(ring)], crs=samples.CRS), False)]
    assert "简化" not in page(samples.screening(), tmp_path, layer)
    monkeypatch.setitem(settings()["map"], "vertices", 1_000)
    text = page(samples.screening(), tmp_path, layer)
    assert "按 2 米简化" in text
    assert len(data(text)["layer-0"]["shapes"]["features"][0]["geometry"]["coordinates"][0]) < 200
    assert dict(contents(text)["P01"]["facts"])["椭球面积"].startswith("73,333.33 ")


def test_layers_without_names_or_shapes_do_no_harm(tmp_path: Path) -> None:
    empty = gpd.GeoDataFrame({"name": []}, geometry=[], crs=samples.CRS)
    nameless = gpd.GeoDataFrame({"name": ["浊漳河", None]}, geometry=[samples.at(0, 0, 9, 9), None], crs=samples.CRS)
    text = page(samples.screening(), tmp_path, [("WS2", empty, False), ("RIVER_MGMT", nameless, False)])
    assert [zone["title"] for zone in zones(text, "layer-1")] == ["浊漳河"]
    assert "layer-0" not in data(text)


def test_a_zone_popup_prints_the_edition(tmp_path: Path) -> None:
    known = zones(page(samples.screening(), tmp_path), "layer-4")[0]
    assert dict(known["facts"])["图层版本"] == "2024年版"
    assert known["title"] == "<img src=x onerror=alert(4)>"


def test_a_failed_write_leaves_the_previous_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "map.html"
    path.write_text("previous", encoding="utf-8")
    monkeypatch.setattr(Path, "write_text", lambda *_, **__: (_ for _ in ()).throw(OSError("disk full")))
    with pytest.raises(OSError, match="disk full"):
        write_map(samples.screening(), [], path)
    assert path.read_bytes() == b"previous"
    assert [file.name for file in tmp_path.iterdir()] == ["map.html"]


def test_many_projects_stay_small(tmp_path: Path) -> None:
    """2,000 projects: under 3.5 kB each, drawn on one canvas."""
    one = samples.prohibited()
    many = [replace(one, project=replace(one.project, project_id=f"P{number:04d}")) for number in range(2_000)]
    text = page(samples.screening(*many), tmp_path, [])
    assert len(text) < 300_000 + 2_000 * 3_500
    assert '"preferCanvas": true' in text


def test_the_strictest_zone_and_verdict_lie_on_top(tmp_path: Path) -> None:
    text = page(samples.screening(), tmp_path, samples.map_layers())
    drawn = re.findall(r'ecopattern\.draw\(\w+, "([^"]+)"\)', text)
    roles = [code for code, _, _ in samples.map_layers()]
    order = [roles[int(key.split("-")[1])] for key in drawn if key.startswith("layer-")]
    assert order == ["DISTRICT", "TOWNSHIP", "STREAM", "ESP_CORRIDOR", "UDB_OUT", "WS2", "WS1", "ECO_RED"]
    assert drawn[-6:] == ["evidence", "avoidance", "projects-P", "projects-C", "projects-R", "projects-X"]


def test_a_map_opens_on_the_district(tmp_path: Path) -> None:
    far = gpd.GeoDataFrame({"name": ["邻县"]}, geometry=[samples.at(-50_000, 0, 100_000, 100_000)], crs=samples.CRS)
    near = page(samples.screening(), tmp_path)
    wide = page(samples.screening(), tmp_path, [*samples.map_layers(), ("NEIGHBOUR", far, False)])
    opened = [re.search(r"\.fitBounds\(\s*(\[\[.*?\]\])", text) for text in (near, wide)]
    assert opened[0] is not None
    assert opened[1] is not None
    assert opened[0][1] == opened[1][1]


def test_very_many_projects_are_dots(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert data(page(samples.screening(), tmp_path))["projects-X"]["dots"] is False
    monkeypatch.setitem(settings()["map"], "symbols", 3)
    assert data(page(samples.screening(), tmp_path))["projects-X"]["dots"] is True


def test_an_overlap_says_its_area(tmp_path: Path) -> None:
    known = data(page(samples.screening(), tmp_path))["evidence"]["contents"]
    assert known[0]["title"] == "P01 × 饮用水水源一级保护区"
    assert ["重叠面积（平方米）", "20,000.01"] in known[0]["facts"]


def test_each_point_of_a_project_has_its_symbol_and_number(tmp_path: Path) -> None:
    known = data(page(samples.screening(samples.stations()), tmp_path, []))["projects-R"]
    assert [mark[2:] for mark in known["symbols"]] == [[0, "点 1"], [0, "点 2"], [0, "点 3"]]
    assert known["contents"][0]["grids"][0]["columns"][1] == "点数（个）"
    assert ["2", "永久基本农田（人工复核）、城镇开发边界外（有条件）"] in known["contents"][0]["grids"][1]["rows"]


def test_popups_say_avoidance_receptors_and_what_was_not_checked(tmp_path: Path) -> None:
    known = data(page(samples.screening(), tmp_path))
    popup = known["projects-X"]["contents"][0]
    assert popup["verdict_text"] == "× 禁止（另有 2 类图层未核对）"
    assert ["避让方案", "需避让 3.0000 公顷（饮用水水源一级保护区、饮用水水源二级保护区），剩余 4.3333 公顷"] in popup[
        "facts"
    ]
    assert ["荫城小学", "学校", "312.40"] in popup["grids"][-1]["rows"]
    assert known["avoidance"]["contents"][0]["title"] == "P01 避让后的范围"


def test_a_project_that_is_not_spatial_is_listed_apart(tmp_path: Path) -> None:
    found = samples.unlocated()
    desk = replace(found, project=replace(found.project, project_id="D01", location="not_spatial"))
    known = data(page(samples.screening(samples.prohibited(), found, desk), tmp_path))["panel"]["unplaced"]
    assert [part["title"] for part in known] == ["需补充位置的项目（1 个）", "不适用：非空间类项目（1 个）"]
    assert [part["entries"][0]["verdict"] for part in known] == ["U", "N"]


def test_strips_are_drawn_thinner_than_sites(tmp_path: Path) -> None:
    strip = replace(
        samples.prohibited(), project=replace(samples.prohibited().project, geometry=samples.at(0, 0, 3000, 20))
    )
    contents = data(page(samples.screening(samples.prohibited(), strip), tmp_path))["projects-X"]["contents"]
    assert "style" not in contents[0]
    assert contents[1]["style"]["weight"] < settings()["map"]["project"]["style"]["weight"]


def test_zoom_ends_where_the_data_end(tmp_path: Path) -> None:
    assert '"maxZoom": 18' in page(samples.screening(), tmp_path)
