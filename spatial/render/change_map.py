"""The map of a change: kept, added and removed parts, one HTML file that opens with no network."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import folium
import numpy as np
import shapely
from pyproj import CRS

from spatial.change.run import ChangeResult
from spatial.crs import CGCS2000_GEOGRAPHIC, equal_area_crs
from spatial.equal_area import GeometryArray, reproject
from spatial.io.atomic import replacing
from spatial.render.elements import DrawnLayer, Furniture, OfflineMap, Page
from spatial.render.shapes import bounds, feature_collection
from spatial.roles import roles
from spatial.tables.cells import as_text, rounded, seen, settings
from spatial.units import from_m2
from spatial.words import Lang, say

_GROUPS = ("added", "removed", "sliver", "kept")


def write_change_map(result: ChangeResult, path: Path | str, lang: Lang = "zh") -> None:
    """Write a change as a map in one HTML file that asks nothing of a network.

    Parameters
    ----------
    result
        A change.
    path
        The .html file; replaced as a whole or left as it was.
    lang
        Language of the page.
    """
    setting = settings()["change_map"]
    title = say(lang, "change_title", role=roles()[result.role].name(lang), district=seen(result.district.say(lang)))
    warnings = [(say(lang, "notice_illustrative"), True)] if result.illustrative else []
    editions = say(lang, "change_editions", old=result.old[0].edition, new=result.new[0].edition)
    page = Page(title, "zh-CN" if lang == "zh" else "en", [*warnings, (seen(editions), False)])
    canvas = OfflineMap(
        location=[0.0, 0.0],
        tiles=None,
        prefer_canvas=True,
        attribution_control=False,
        zoom_snap=0.25,
        maxZoom=setting["max_zoom"],
    )
    page.add_child(canvas)
    groups: dict[str, folium.FeatureGroup] = {}
    entries, drawn = [], []
    for group in reversed(_GROUPS):
        content, shapes = _layer(result, group, lang)
        if not len(shapes):
            continue
        groups[group] = folium.FeatureGroup(name=group, control=False)
        groups[group].add_child(DrawnLayer(group))
        canvas.add_child(groups[group])
        page.add_data(group, content)
        style = content["style"]
        swatch = {"edge": style["color"], "background": style["fillColor"], "dash": False, "kind": "area"}
        entries.append({"layer": group, "name": say(lang, f"change_{group}"), "style": swatch, "tag": ""})
        drawn.append(shapes)
    panel = {
        "title": say(lang, "map_panel"),
        "groups": [{"title": say(lang, "change_group"), "layers": entries[::-1]}],
        "unplaced": [],
        "verdicts": {},
        "position": say(lang, "map_position"),
    }
    page.add_data("panel", panel)
    extent = bounds(drawn)
    if extent is not None:
        west, south, east, north = extent
        canvas.fit_bounds([[south, west], [north, east]], padding=(24, 24))
    canvas.add_child(Furniture("panel", groups))
    with replacing(path) as temporary:
        temporary.write_text(page.text(), encoding="utf-8", newline="\n")


def _layer(result: ChangeResult, group: str, lang: Lang) -> tuple[dict[str, Any], GeometryArray]:
    setting = settings()["change_map"]
    parts = result.change.parts
    chosen = parts[parts["sliver"]] if group == "sliver" else parts[(parts["kind"] == group) & ~parts["sliver"]]
    moved = reproject(np.array(chosen["geometry"].tolist(), dtype=object), equal_area_crs(), CRS(CGCS2000_GEOGRAPHIC))
    decimals = int(setting["coordinate_decimals"])
    shapes = np.asarray(shapely.transform(moved, lambda xy: np.round(xy, decimals)), dtype=object)
    contents = [
        {
            "id": group,
            "title": seen(row.new or row.old) or say(lang, "change_nameless"),
            "tip": f"{say(lang, f'change_{row.kind}')} · {seen(row.new or row.old)}",
            "verdict": "",
            "verdict_text": say(lang, f"change_{row.kind}"),
            "facts": [
                [say(lang, "col_change_area_ha"), as_text(rounded(from_m2(row.area_m2, "ha"), "ha"), "ha")],
                [say(lang, "col_change_area_m2"), as_text(rounded(row.area_m2, "m2"), "m2")],
            ],
        }
        for row in chosen.itertuples()
    ]
    style = setting["style"][group]
    content = {"style": style, "contents": contents, "shapes": feature_collection(shapes), "verdicts": {}}
    return content, shapes
