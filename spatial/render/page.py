"""The map of a screening: one HTML file that opens with no network.

The oldest browsers it runs in are Chrome and Edge 60, Firefox 55 and Safari 11.1 (object spread in
the scripts folium writes, hashes in the content security policy).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import folium

from spatial.io.atomic import replacing
from spatial.render.content import verdict_colours
from spatial.render.elements import DrawnLayer, Furniture, OfflineMap, Page
from spatial.render.layers import GROUPS, Layers, MapLayer, frame_of, map_layers
from spatial.render.shapes import Drawing, bounds, feature_collection
from spatial.screening.result import ScreeningResult
from spatial.tables.cells import seen, settings
from spatial.tables.overview import outcome
from spatial.words import Lang, say


def write_map(result: ScreeningResult, layers: Layers, path: Path | str, lang: Lang = "zh") -> None:
    """Write a screening as a map in one HTML file that asks nothing of a network.

    The same result and layers give the same bytes. Every figure comes from the result; outlines are
    simplified for drawing only, and only where they are very many.

    Parameters
    ----------
    result
        What the screening found.
    layers
        Role code, features in the result's analysis CRS, and whether the layer is illustrative; drawn
        from base to zones, the strictest zones on top, whatever their order.
    path
        The .html file; replaced as a whole or left as it was.
    lang
        Language of the page.
    """
    drawn, drawing = map_layers(result, layers, lang)
    page = _page(result, drawing, lang)
    canvas = OfflineMap(
        location=[0.0, 0.0],
        tiles=None,
        prefer_canvas=_on_canvas(drawn, drawing),
        attribution_control=False,
        zoom_snap=0.25,
        # folium gives its own max_zoom to tiles only.
        maxZoom=settings()["map"]["max_zoom"],
    )
    page.add_child(canvas)
    groups = _add_layers(page, canvas, drawn, lang)
    page.add_data("panel", _panel_data(drawn, result, lang))
    extent = bounds([frame_of(drawn)])
    if extent is not None:
        west, south, east, north = extent
        canvas.fit_bounds([[south, west], [north, east]], padding=(16, 16))
    canvas.add_child(Furniture("panel", groups))
    with replacing(path) as temporary:
        temporary.write_text(page.text(), encoding="utf-8", newline="\n")


def _page(result: ScreeningResult, drawing: Drawing, lang: Lang) -> Page:
    district = seen(result.district_zh if lang == "zh" else result.district_en)
    warnings = ["notice_aid", "notice_internal", *result.notices]
    facts = [say(lang, "notice_date", date=result.date.isoformat()), say(lang, "map_areas")]
    if drawing.tolerance_m:
        facts.append(say(lang, "map_simplified", tolerance=f"{drawing.tolerance_m:g}"))
    mark = say(lang, "sentence_mark")
    lines = [(mark.join(say(lang, key) for key in warnings), True), (mark.join(facts), False)]
    return Page(say(lang, "report_title", district=district), "zh-CN" if lang == "zh" else "en", lines)


def _on_canvas(layers: Sequence[MapLayer], drawing: Drawing) -> bool:
    setting = settings()["map"]
    features = sum(len(layer.shapes) for layer in layers)
    return bool(features > setting["canvas_features"] or drawing.vertices > setting["canvas_vertices"])


def _add_layers(
    page: Page, canvas: OfflineMap, layers: Sequence[MapLayer], lang: Lang
) -> dict[str, folium.FeatureGroup]:
    groups: dict[str, folium.FeatureGroup] = {}
    colours = verdict_colours(lang)
    symbols = sum(len(layer.symbols) for layer in layers if layer.symbols is not None)
    for layer in layers:
        group = folium.FeatureGroup(name=layer.key, control=False, show=layer.shown)
        group.add_child(DrawnLayer(layer.key))
        canvas.add_child(group)
        groups[layer.key] = group
        # A page element for each of very many symbols would make the map slow: dots instead.
        dots = symbols > settings()["map"]["symbols"]
        page.add_data(layer.key, _layer_data(layer, colours, lang, dots=dots))
    return groups


def _layer_data(layer: MapLayer, colours: dict[str, dict[str, str]], lang: Lang, *, dots: bool) -> dict[str, Any]:
    """Return a layer for the page's script: each content once, shapes and symbols know its place."""
    data: dict[str, Any] = {
        "style": layer.style,
        "contents": layer.contents,
        "shapes": feature_collection(layer.shapes),
        "verdicts": colours,
    }
    if layer.symbols is not None:
        several = Counter(layer.symbol_of)
        numbers: Counter[int] = Counter()
        symbols = []
        for point, place in zip(layer.symbols, layer.symbol_of, strict=True):
            numbers[place] += 1
            label = say(lang, "point_number", number=numbers[place]) if several[place] > 1 else ""
            symbols.append([point.y, point.x, place, label])
        data |= {"symbols": symbols, "dots": dots, "rank": layer.rank[1]}
    return data


def _panel_data(layers: Sequence[MapLayer], result: ScreeningResult, lang: Lang) -> dict[str, Any]:
    groups = []
    for name in reversed(GROUPS):
        # The panel reads from the top of the map to its bottom.
        entries = [
            {"layer": layer.key, "name": layer.name, "style": layer.swatch, "tag": layer.tag}
            for layer in reversed(layers)
            if layer.group == name
        ]
        if entries:
            groups.append({"title": say(lang, f"map_group_{name}"), "layers": entries})
    unplaced = []
    for key, location in (("map_unplaced_needed", "needed"), ("map_unplaced_N", "not_spatial")):
        entries = [
            {"title": f"{seen(found.project.project_id)} {seen(found.project.name)}", "verdict": outcome(found)}
            for found in result.projects
            if found.project.location == location
        ]
        if entries:
            unplaced.append({"title": say(lang, key, count=len(entries)), "entries": entries})
    return {
        "title": say(lang, "map_panel"),
        "groups": groups,
        "unplaced": unplaced,
        "verdicts": verdict_colours(lang),
        "position": say(lang, "map_position"),
    }
