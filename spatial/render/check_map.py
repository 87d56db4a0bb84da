"""The map of a check: features in grey, findings as marks by severity, one HTML file that opens with no network."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import folium
import geopandas as gpd
import numpy as np
import shapely
from pyproj import CRS

from spatial.check.file import Checked
from spatial.check.plane import Plane, plane_of
from spatial.check.report import SEVERITIES, mend_of, title_of
from spatial.crs import CGCS2000_GEOGRAPHIC
from spatial.equal_area import GeometryArray, reproject
from spatial.findings import Finding, Severity
from spatial.io.atomic import replacing
from spatial.render.elements import DrawnLayer, Furniture, OfflineMap, Page
from spatial.render.shapes import bounds, feature_collection
from spatial.tables.cells import coordinate_text, file_name, seen, settings, shortened, without_folder
from spatial.words import Lang, say

_LONGEST_TIP = 80
_DEGREE_M = 111_320.0
Mark = tuple[float, float, Finding]


def write_check_map(checked: Sequence[Checked], path: Path | str, lang: Lang = "zh") -> None:
    """Write the findings as a map in one HTML file that asks nothing of a network.

    Layers without a coordinate system to believe are drawn at their relative position, and the page
    says so. The same findings give the same bytes.

    Parameters
    ----------
    checked
        Reports and their layers.
    path
        The .html file; replaced as a whole or left as it was.
    lang
        Language of the page.
    """
    layers = [_drawn(one) for one in checked if one.loaded.frame is not None]
    marks = [mark for _, some, _ in layers for mark in some]
    marks.sort(key=lambda mark: SEVERITIES.index(mark[2].severity))
    most = int(settings()["check_map"]["findings"])
    shapes = np.concatenate([shape for shape, _, _ in layers]) if layers else np.empty(0, dtype=object)
    near = _near(shapes, marks[:most])
    warnings = {
        "check_map_off": not all(placed for _, _, placed in layers),
        "check_map_cut": len(marks) > most,
        "check_map_near": len(near) < len(shapes),
    }
    page = _page(checked, lang, [say(lang, key, count=most) for key, holds in warnings.items() if holds])
    canvas = OfflineMap(
        location=[0.0, 0.0],
        tiles=None,
        prefer_canvas=True,
        attribution_control=False,
        zoom_snap=0.25,
        maxZoom=int(settings()["check_map"]["max_zoom"]),
    )
    page.add_child(canvas)
    groups = _groups(page, canvas, near, marks[:most], lang)
    page.add_data("panel", _panel(checked, marks[:most], lang))
    extent = _extent(shapes, marks)
    if extent is not None:
        west, south, east, north = extent
        canvas.fit_bounds([[south, west], [north, east]], padding=(24, 24))
    canvas.add_child(Furniture("panel", groups))
    with replacing(path) as temporary:
        temporary.write_text(page.text(), encoding="utf-8", newline="\n")


def _page(checked: Sequence[Checked], lang: Lang, warnings: list[str]) -> Page:
    total = {key: sum(one.report.severities[key] for one in checked) for key in SEVERITIES}
    counts = [f"{say(lang, f'severity_{key}')} {count}" for key, count in total.items()]
    names = [shortened(seen(file_name(one.report.file)), _LONGEST_TIP) for one in checked[:4]]
    more = [f"… {len(checked)}"] if len(checked) > len(names) else []
    lines = [(say(lang, "list_mark").join([*names, *more]), False), (say(lang, "list_mark").join(counts), False)]
    lines += [(warning, True) for warning in warnings]
    return Page(say(lang, "check_title"), "zh-CN" if lang == "zh" else "en", lines)


def _drawn(one: Checked) -> tuple[GeometryArray, list[Mark], bool]:
    """Return a layer's outlines and marks in longitude and latitude, and whether these are real."""
    frame = one.loaded.frame
    if not isinstance(frame, gpd.GeoDataFrame):
        raise TypeError(one.report.file)
    shapes = shapely.force_2d(np.array(frame.geometry.array, dtype=object))
    coords, owner = shapely.get_coordinates(shapes, return_index=True)
    shapes[np.unique(owner[~np.isfinite(coords).all(axis=1)])] = None
    plane = plane_of(shapes, one.loaded.crs)
    located = [finding for finding in one.report.findings if finding.location is not None]
    points = shapely.points(np.array([finding.location for finding in located], dtype=float).reshape(-1, 2))
    moved = _lon_lat(np.concatenate([shapes, points]), plane)
    ends = shapely.get_coordinates(moved[len(shapes) :]).tolist()
    # Coordinates outside the reach of their plane have no place on a map.
    marks = [
        (lon, lat, found) for (lon, lat), found in zip(ends, located, strict=True) if np.isfinite([lon, lat]).all()
    ]
    outside = ~np.isfinite(shapely.bounds(moved)).all(axis=1)
    moved[outside] = None
    return _light(moved[: len(shapes)]), marks, plane.is_official


def _lon_lat(geometry: GeometryArray, plane: Plane) -> GeometryArray:
    decimals = int(settings()["check_map"]["coordinate_decimals"])
    if plane.is_official and plane.crs is not None:
        moved = reproject(geometry, plane.crs, CRS(CGCS2000_GEOGRAPHIC))
    elif plane.is_degrees:
        moved = geometry
    else:
        moved = shapely.transform(plane.local(geometry), lambda xy: xy / _DEGREE_M)
    return np.asarray(shapely.transform(moved, lambda xy: np.round(xy, decimals)), dtype=object)


def _near(shapes: GeometryArray, marks: list[Mark]) -> GeometryArray:
    """Return the outlines to draw: all, or where they are very many those near a finding."""
    setting = settings()["check_map"]
    if len(shapes) <= setting["features"]:
        return shapes
    points = shapely.points(np.array([[lon, lat] for lon, lat, _ in marks]).reshape(-1, 2))
    boxes = shapely.box(*shapely.bounds(shapes).T)
    _, rows = shapely.STRtree(boxes).query(points, predicate="dwithin", distance=setting["near_m"] / _DEGREE_M)
    return np.asarray(shapes[np.unique(rows)], dtype=object)


def _light(shapes: GeometryArray) -> GeometryArray:
    """Simplify outlines where there are very many vertices; the marks stay where they are."""
    setting = settings()["map"]
    if shapely.get_num_coordinates(shapes).sum() <= setting["vertices"]:
        return shapes
    step = setting["simplify_steps_m"][1] / _DEGREE_M
    return np.asarray(shapely.simplify(shapes, step, preserve_topology=False), dtype=object)


def _groups(
    page: Page, canvas: OfflineMap, shapes: GeometryArray, marks: list[Mark], lang: Lang
) -> dict[str, folium.FeatureGroup]:
    style = settings()["check_map"]["style"]
    contents: dict[str, dict[str, Any]] = {
        "features": {"style": style, "contents": [], "shapes": feature_collection(shapes), "verdicts": {}}
    }
    for rank, severity in enumerate(reversed(SEVERITIES)):
        chosen = [mark for mark in marks if mark[2].severity == severity]
        if chosen:
            contents[f"findings-{severity}"] = {
                "style": style,
                "contents": [_content(finding, lang) for _, _, finding in chosen],
                "shapes": {"type": "FeatureCollection", "features": []},
                "verdicts": _symbols(lang),
                "symbols": [[lat, lon, place, ""] for place, (lon, lat, _) in enumerate(chosen)],
                "dots": len(marks) > settings()["map"]["symbols"],
                "rank": rank,
            }
    groups = {}
    for key, content in contents.items():
        group = folium.FeatureGroup(name=key, control=False)
        group.add_child(DrawnLayer(key))
        canvas.add_child(group)
        page.add_data(key, content)
        groups[key] = group
    return groups


def _content(finding: Finding, lang: Lang) -> dict[str, Any]:
    facts = [[say(lang, "col_check_text"), seen(without_folder(finding, lang))]]
    mend = mend_of(finding, lang)
    if mend:
        facts.append([say(lang, "col_check_mend"), mend])
    if finding.feature:
        facts.append([say(lang, "col_check_feature"), seen(finding.feature)])
    x, y = finding.location or (0.0, 0.0)
    facts += [[say(lang, "col_check_x"), coordinate_text(x)], [say(lang, "col_check_y"), coordinate_text(y)]]
    facts.append([say(lang, "col_check_code"), finding.code])
    title = title_of(finding, lang)
    return {
        "id": finding.code,
        "title": title,
        "tip": shortened(f"{title} · {seen(finding.feature)}" if finding.feature else title, _LONGEST_TIP),
        "verdict": finding.severity,
        "verdict_text": say(lang, f"severity_{finding.severity}"),
        "facts": facts,
    }


def _symbols(lang: Lang) -> dict[str, dict[str, str]]:
    table: dict[Severity, dict[str, str]] = settings()["check_map"]["severity"]
    return {key: look | {"name": say(lang, f"severity_{key}")} for key, look in table.items()}


def _panel(checked: Sequence[Checked], marks: list[Mark], lang: Lang) -> dict[str, Any]:
    symbols = _symbols(lang)
    counts = {key: sum(mark[2].severity == key for mark in marks) for key in SEVERITIES}
    findings = [
        {"layer": f"findings-{key}", "name": f"{symbols[key]['name']} {count}", "style": symbols[key], "tag": ""}
        for key, count in counts.items()
        if count
    ]
    style = settings()["check_map"]["style"]
    swatch = {"edge": style["color"], "background": style["fillColor"], "dash": False, "kind": "area"}
    base = [{"layer": "features", "name": say(lang, "check_layer_features"), "style": swatch, "tag": ""}]
    groups = [{"title": say(lang, "check_group_features"), "layers": base}]
    if findings:
        groups.insert(0, {"title": say(lang, "check_group_findings"), "layers": findings})
    nowhere = [finding for one in checked for finding in one.report.findings if finding.location is None]
    entries = [
        {
            "title": seen(without_folder(finding, lang)),
            "verdict": finding.severity,
        }
        for finding in nowhere[: settings()["check_map"]["unplaced"]]
    ]
    unplaced = [{"title": say(lang, "check_unplaced", count=len(nowhere)), "entries": entries}] if entries else []
    return {
        "title": say(lang, "map_panel"),
        "groups": groups,
        "unplaced": unplaced,
        "verdicts": symbols,
        "position": say(lang, "map_position"),
    }


def _extent(shapes: GeometryArray, marks: list[Mark]) -> tuple[float, float, float, float] | None:
    points = shapely.points([(lon, lat) for lon, lat, _ in marks]) if marks else np.empty(0, dtype=object)
    return bounds([shapes, np.asarray(points, dtype=object)])
