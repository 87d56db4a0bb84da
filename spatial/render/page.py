"""The map of a screening: one HTML file that opens with no network."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import folium
import geopandas as gpd
import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from spatial.equal_area import GeometryArray
from spatial.io.atomic import replacing
from spatial.render.content import (
    evidence_content,
    graver_first,
    project_contents,
    verdict_colours,
    zone_content,
)
from spatial.render.elements import DrawnLayer, Furniture, OfflineMap, Page
from spatial.render.shapes import Drawing, bounds, feature_collection, lighten, lon_lat
from spatial.report.cells import as_text, joined, rounded, seen, settings
from spatial.report.tables import verdict_name
from spatial.roles import Role, Style, roles
from spatial.screening.result import ProjectResult, ScreeningResult
from spatial.words import Lang, say

Layers = Sequence[tuple[str, gpd.GeoDataFrame, bool]]

#: Groups of the panel, from the bottom of the map to its top.
_GROUPS = ("base", "pattern", "zones", "evidence", "projects")
_KIND_GROUP = {"base": "base", "pattern": "pattern", "zone": "zones"}
_LINES = {shapely.GeometryType.LINESTRING, shapely.GeometryType.MULTILINESTRING}
_EVIDENCE_EDGE = "#000000"


@dataclass
class _Layer:
    """A layer of the map on its way into the page."""

    key: str
    group: str
    name: str
    shapes: GeometryArray
    contents: Sequence[Any]
    style: dict[str, Any]
    swatch: dict[str, Any]
    shown: bool = True
    tag: str = ""
    symbols: GeometryArray | None = None


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
        from base to zones whatever their order.
    path
        The .html file; replaced as a whole or left as it was.
    lang
        Language of the page.
    """
    setting = settings()["map"]
    known = [*_role_layers(result, layers, lang), _evidence_layer(result, lang), *_project_layers(result, lang)]
    known = [layer for layer in known if len(layer.shapes)]
    known.sort(key=lambda layer: _GROUPS.index(layer.group))
    light, drawing = lighten([layer.shapes for layer in known], setting["vertices"], setting["simplify_steps_m"])
    for layer, shapes in zip(known, light, strict=True):
        layer.shapes = lon_lat(shapes, result.analysis_crs, setting["coordinate_decimals"])
        if layer.symbols is not None:
            layer.symbols = lon_lat(layer.symbols, result.analysis_crs, setting["coordinate_decimals"])
    _hide_broad(known, setting["broad_share"])
    page = _page(result, drawing, lang)
    _fill(page, known, result, lang, canvas=_canvas(known, drawing, setting))
    with replacing(path) as temporary:
        temporary.write_text(page.text(), encoding="utf-8", newline="\n")


def _role_layers(result: ScreeningResult, layers: Layers, lang: Lang) -> Iterator[_Layer]:
    for number, (code, frame, illustrative) in enumerate(layers):
        role = roles()[code]
        shapes = shapely.force_2d(np.asarray(frame.geometry.array, dtype=object))
        editions = joined(lang, dict.fromkeys(seen(use.edition) for use in result.layers if use.role == code))
        names = _feature_names(frame, role)
        contents = [
            zone_content(role, name, editions, illustrative=illustrative, lang=lang)
            if role.kind != "base" or name
            else None
            for name in names
        ]
        line = bool(len(shapes)) and bool(np.isin(shapely.get_type_id(shapes), list(_LINES)).all())
        yield _Layer(
            f"layer-{number}",
            _KIND_GROUP[role.kind],
            role.name(lang),
            shapes,
            contents,
            _leaflet_style(role.style, line=line),
            _swatch(role.style, line=line),
            tag=say(lang, "tag_illustrative") if illustrative else "",
        )


def _feature_names(frame: gpd.GeoDataFrame, role: Role) -> list[str]:
    """Return each feature's name from the first of the role's naming fields that the layer has."""
    for column in ("name", *role.required_fields):
        if column in frame.columns:
            return [
                "" if missing else str(value)
                for value, missing in zip(frame[column], frame[column].isna(), strict=True)
            ]
    return [""] * len(frame)


def _evidence_layer(result: ScreeningResult, lang: Lang) -> _Layer:
    found: list[tuple[BaseGeometry, Any]] = []
    for project in result.projects:
        for row in project.rows:
            if row.evidence is None or row.status not in {"contact", "noise"}:
                continue
            line = row.gross_area_m2 is None
            figure = rounded(row.gross_length_m, "m") if line else rounded(row.gross_area_m2, "m2")
            unit = say(lang, "unit_m" if line else "unit_m2")
            text = f"{as_text(figure, 'm' if line else 'm2')} {unit}"
            found.append((row.evidence, evidence_content(project, row.role, text, lang)))
    style = {
        "color": _EVIDENCE_EDGE,
        "weight": 1.5,
        "dashArray": "3 3",
        "fillColor": _EVIDENCE_EDGE,
        "fillOpacity": 0.25,
        "radius": 5,
    }
    swatch = {"edge": _EVIDENCE_EDGE, "background": "rgba(0,0,0,0.25)", "dash": True}
    return _Layer(
        "evidence",
        "evidence",
        say(lang, "map_evidence"),
        _array([shape for shape, _ in found]),
        [content for _, content in found],
        style,
        swatch,
    )


def _project_layers(result: ScreeningResult, lang: Lang) -> Iterator[_Layer]:
    contents = project_contents(result, lang)
    colours = verdict_colours(lang)
    # Drawn from the mildest to the strictest, so that the strictest lies on top.
    for verdict in reversed(graver_first()):
        chosen = [
            (shape, content)
            for found, content in zip(result.projects, contents, strict=True)
            if found.verdict == verdict and (shape := _outline(found)) is not None
        ]
        shapes = _array([shape for shape, _ in chosen])
        fill = colours[verdict.value]["fill"]
        yield _Layer(
            f"projects-{verdict.value}",
            "projects",
            verdict_name(verdict, lang),
            shapes,
            [content for _, content in chosen],
            {"color": fill, "weight": 3, "fillColor": fill, "fillOpacity": 0.3, "radius": 7},
            colours[verdict.value],
            symbols=np.asarray(shapely.point_on_surface(shapes), dtype=object),
        )


def _outline(found: ProjectResult) -> BaseGeometry | None:
    shape = found.project.geometry if found.project.geometry is not None else found.project.line
    return None if shape is None or shape.is_empty else shape


def _array(shapes: list[BaseGeometry]) -> GeometryArray:
    array = np.empty(len(shapes), dtype=object)
    array[:] = shapes
    return array


def _leaflet_style(style: Style, *, line: bool) -> dict[str, Any]:
    options: dict[str, Any] = {
        "color": style.edge,
        "weight": 2.5 if line else 1.5,
        "fillColor": style.fill,
        "fillOpacity": style.fill_opacity,
        "radius": 5,
    }
    return options | ({"dashArray": style.dash} if style.dash else {})


def _swatch(style: Style, *, line: bool) -> dict[str, Any]:
    red, green, blue = (int(style.fill[at : at + 2], 16) for at in (1, 3, 5))
    background = f"rgba({red},{green},{blue},{style.fill_opacity})"
    return {"edge": style.edge, "background": background, "dash": bool(style.dash), "line": line}


def _hide_broad(layers: Sequence[_Layer], share: float) -> None:
    """Switch off zone layers that would cover most of the map."""
    extent = bounds([layer.shapes for layer in layers])
    if extent is None:
        return
    whole = shapely.box(*extent).area
    for layer in layers:
        if layer.group == "zones" and whole and shapely.area(layer.shapes).sum() > share * whole:
            layer.shown = False


def _page(result: ScreeningResult, drawing: Drawing, lang: Lang) -> Page:
    district = seen(result.district_zh if lang == "zh" else result.district_en)
    notes = ["notice_internal", *(["notice_illustrative"] if result.illustrative else [])]
    mark = say(lang, "sentence_mark")
    facts = [say(lang, "notice_date", date=result.date.isoformat()), say(lang, "map_areas")]
    if drawing.tolerance_m:
        facts.append(say(lang, "map_simplified", tolerance=f"{drawing.tolerance_m:g}"))
    warnings = mark.join([say(lang, "notice_aid"), *(say(lang, key) for key in notes)])
    title = say(lang, "report_title", district=district)
    return Page(title, "zh-CN" if lang == "zh" else "en", [(warnings, True), (mark.join(facts), False)])


def _canvas(layers: Sequence[_Layer], drawing: Drawing, setting: dict[str, Any]) -> bool:
    features = sum(len(layer.shapes) for layer in layers)
    return bool(features > setting["canvas_features"] or drawing.vertices > setting["canvas_vertices"])


def _fill(page: Page, layers: Sequence[_Layer], result: ScreeningResult, lang: Lang, *, canvas: bool) -> None:
    extent = bounds([layer.shapes for layer in layers if layer.key != "NEIGHBOUR"])
    west, south, east, north = extent or (0.0, 0.0, 0.0, 0.0)
    drawn = OfflineMap(
        location=[(south + north) / 2, (west + east) / 2],
        tiles=None,
        zoom_start=11,
        prefer_canvas=canvas,
        zoom_control="topleft",
        attribution_control=False,
        zoom_snap=0.25,
        max_zoom=20,
    )
    page.add_child(drawn)
    groups: dict[str, folium.FeatureGroup] = {}
    colours = verdict_colours(lang)
    for layer in layers:
        group = folium.FeatureGroup(name=layer.key, control=False, show=layer.shown)
        group.add_child(DrawnLayer(layer.key))
        drawn.add_child(group)
        groups[layer.key] = group
        page.add_data(layer.key, _layer_data(layer, colours, canvas=canvas))
    page.add_data("panel", _panel_data(layers, result, lang))
    if extent is not None:
        drawn.fit_bounds([[south, west], [north, east]], padding=(20, 20))
    drawn.add_child(Furniture("panel", groups))


def _layer_data(layer: _Layer, colours: dict[str, dict[str, str]], *, canvas: bool) -> dict[str, Any]:
    """Return a layer for the page's script: each content once, shapes and symbols know its place."""
    data: dict[str, Any] = {
        "style": layer.style,
        "contents": layer.contents,
        "shapes": feature_collection(layer.shapes),
    }
    data["verdicts"] = colours
    if layer.symbols is not None:
        data["symbols"] = [[point.y, point.x] for point in layer.symbols]
        # A thousand page elements for symbols would make the map slow: dots on the canvas instead.
        data["dots"] = canvas
    return data


def _panel_data(layers: Sequence[_Layer], result: ScreeningResult, lang: Lang) -> dict[str, Any]:
    groups = []
    for name in reversed(_GROUPS):
        entries = [
            {"layer": layer.key, "name": layer.name, "style": layer.swatch, "tag": layer.tag}
            for layer in layers
            if layer.group == name
        ]
        if name == "projects":
            entries.reverse()
        if entries:
            groups.append({"title": say(lang, f"map_group_{name}"), "layers": entries})
    unplaced = [
        {"title": f"{seen(found.project.project_id)} {seen(found.project.name)}", "verdict": found.verdict.value}
        for found in result.projects
        if _outline(found) is None
    ]
    return {
        "title": say(lang, "map_panel"),
        "groups": groups,
        "unplaced": unplaced,
        "unplaced_title": say(lang, "map_unplaced", count=len(unplaced)),
        "verdicts": verdict_colours(lang),
        "position": say(lang, "map_position"),
    }
