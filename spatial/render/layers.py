"""What a map shows: roles, overlaps and projects as layers, from the bottom to the top."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from spatial.equal_area import GeometryArray
from spatial.render.content import (
    avoidance_content,
    evidence_content,
    project_contents,
    verdict_colours,
    zone_content,
)
from spatial.render.shapes import Drawing, lighten, lon_lat
from spatial.roles import Role, Style, roles
from spatial.screening.result import ProjectResult, ScreeningResult
from spatial.tables.cells import joined, seen, settings, verdict_styles
from spatial.tables.overview import outcome, verdict_name
from spatial.tables.points import decisive_rows, points_of
from spatial.words import Lang, say

#: Role code, features in the analysis CRS, and whether the layer is illustrative.
Layers = Sequence[tuple[str, gpd.GeoDataFrame, bool]]

#: Groups of the panel, from the bottom of the map to its top.
GROUPS = ("base", "pattern", "zones", "evidence", "projects")

_KIND_GROUP = {"base": "base", "pattern": "pattern", "zone": "zones"}
_POINT, _LINE, _AREA = 0, 1, 2  # dimensions, as shapely counts them
_DISTRICT = "DISTRICT"


@dataclass(frozen=True)
class MapLayer:
    """One layer of the map.

    Parameters
    ----------
    rank
        Layers of a smaller rank lie below those of a larger one.
    contents
        What the popup of each shape says; ``None`` for no popup.
    style
        How Leaflet draws the shapes.
    swatch
        How the panel shows them.
    shown
        Whether the layer is switched on when the page opens.
    symbols, symbol_of
        Points that carry the verdict's symbol, one per shape or one per point of it, and the shape of each.
    """

    key: str
    role: str
    group: str
    rank: tuple[int, int]
    name: str
    shapes: GeometryArray
    contents: Sequence[Any]
    style: dict[str, Any]
    swatch: dict[str, Any]
    shown: bool = True
    tag: str = ""
    symbols: GeometryArray | None = None
    symbol_of: tuple[int, ...] = ()


def map_layers(result: ScreeningResult, layers: Layers, lang: Lang) -> tuple[list[MapLayer], Drawing]:
    """Return the layers of a map in longitude and latitude, the lowest first, and how they were lightened.

    Parameters
    ----------
    result
        What the screening found.
    layers
        Roles to draw, in any order, in the result's analysis CRS.
    """
    setting = settings()["map"]
    known = [
        *_role_layers(result, layers, lang),
        _evidence_layer(result, lang),
        _avoidance_layer(result, lang),
        *_project_layers(result, lang),
    ]
    known = sorted((layer for layer in known if len(layer.shapes)), key=lambda layer: layer.rank)
    light, drawing = lighten([layer.shapes for layer in known], setting["vertices"], setting["simplify_steps_m"])

    def move(shapes: GeometryArray) -> GeometryArray:
        return lon_lat(shapes, result.analysis_crs, setting["coordinate_decimals"])

    moved = [
        replace(layer, shapes=move(shapes), symbols=None if layer.symbols is None else move(layer.symbols))
        for layer, shapes in zip(known, light, strict=True)
    ]
    return _broad_hidden(moved, setting["broad_share"]), drawing


def frame_of(layers: Sequence[MapLayer]) -> GeometryArray:
    """Return the shapes a map opens on: the district, all shapes where there is none."""
    district = [layer.shapes for layer in layers if layer.role == _DISTRICT]
    chosen = district or [layer.shapes for layer in layers]
    return np.concatenate(chosen) if chosen else np.array([], dtype=object)


def _role_layers(result: ScreeningResult, layers: Layers, lang: Lang) -> Iterator[MapLayer]:
    crowded = settings()["map"]["role"]["crowded_features"]
    for number, (code, frame, illustrative) in enumerate(layers):
        role = roles()[code]
        shapes = shapely.force_2d(np.asarray(frame.geometry.array, dtype=object))
        editions = joined(lang, dict.fromkeys(seen(use.edition) for use in result.layers if use.role == code))
        # A district or a stream without a name has nothing to say; a zone always has its role.
        contents = [
            zone_content(role, name, editions, illustrative=illustrative, lang=lang)
            if name or role.kind != "base"
            else None
            for name in _feature_names(frame)
        ]
        dimension = int(shapely.get_dimensions(shapes).max(initial=_POINT))
        yield MapLayer(
            key=f"layer-{number}",
            role=code,
            group=_KIND_GROUP[role.kind],
            rank=_rank(role, dimension),
            name=role.name(lang),
            shapes=shapes,
            contents=contents,
            style=_leaflet_style(role.style, dimension, crowded=len(shapes) > crowded),
            swatch=_swatch(role.style, dimension),
            tag=say(lang, "tag_illustrative") if illustrative else "",
        )


def _rank(role: Role, dimension: int) -> tuple[int, int]:
    """Order base, pattern, zones with the strictest on top, then points."""
    if dimension == _POINT:
        return (GROUPS.index("evidence"), -1)
    group = GROUPS.index(_KIND_GROUP[role.kind])
    return (group, -role.order if role.kind == "zone" else role.order)


def _feature_names(frame: gpd.GeoDataFrame) -> list[str]:
    """Return each feature's name, empty where the layer has none."""
    if "name" not in frame.columns:
        return [""] * len(frame)
    return ["" if missing else str(value) for value, missing in zip(frame["name"], frame["name"].isna(), strict=True)]


def _evidence_layer(result: ScreeningResult, lang: Lang) -> MapLayer:
    found: list[tuple[BaseGeometry, Any]] = []
    for project in result.projects:
        noise = [row for row in project.rows if row.status == "noise" and row.evidence is not None]
        found.extend((row.evidence, evidence_content(project, row, lang)) for row in (*decisive_rows(project), *noise))
    style = settings()["map"]["evidence"]
    return MapLayer(
        key="evidence",
        role="",
        group="evidence",
        rank=(GROUPS.index("evidence"), 0),
        name=say(lang, "map_evidence"),
        shapes=_array([shape for shape, _ in found]),
        contents=[content for _, content in found],
        style=style,
        swatch={"edge": style["color"], "background": _rgba(style["fillColor"], style["fillOpacity"]), "dash": True},
    )


def _avoidance_layer(result: ScreeningResult, lang: Lang) -> MapLayer:
    """Return the outlines that avoidance leaves, switched off until somebody asks for them."""
    cut = [(found, found.avoidance.geometry) for found in result.projects if found.avoidance is not None]
    left = [(found, shape) for found, shape in cut if not shape.is_empty]
    style = settings()["map"]["avoidance"]
    return MapLayer(
        key="avoidance",
        role="",
        group="evidence",
        rank=(GROUPS.index("evidence"), 1),
        name=say(lang, "map_avoidance"),
        shapes=_array([shape for _, shape in left]),
        contents=[avoidance_content(found, lang) for found, _ in left],
        style=style,
        swatch={"edge": style["color"], "background": _rgba(style["fillColor"], style["fillOpacity"]), "dash": True},
        shown=False,
    )


def _project_layers(result: ScreeningResult, lang: Lang) -> Iterator[MapLayer]:
    contents = project_contents(result, lang)
    colours = verdict_colours(lang)
    drawing = settings()["map"]["project"]
    for place, code in enumerate(verdict_styles()):
        chosen = [
            (found, shape, content)
            for found, content in zip(result.projects, contents, strict=True)
            if outcome(found) == code and (shape := outline_of(found)) is not None
        ]
        shapes = _array([shape for _, shape, _ in chosen])
        marks = [_marks(found, shape) for found, shape, _ in chosen]
        fill = colours[code]["fill"]
        yield MapLayer(
            key=f"projects-{code}",
            role="PROJECT",
            group="projects",
            # The strictest lies on top.
            rank=(GROUPS.index("projects"), -place),
            name=verdict_name(code, lang),
            shapes=shapes,
            # The outline of a long strip would hide what it runs through.
            contents=[
                content | ({"style": drawing["strip"]} if _roundness(shape) < drawing["strip_roundness"] else {})
                for _, shape, content in chosen
            ],
            style={"color": fill, "fillColor": fill, **drawing["style"]},
            swatch=colours[code],
            symbols=_array([mark for group in marks for mark in group]),
            symbol_of=tuple(place for place, group in enumerate(marks) for _ in group),
        )


def _roundness(shape: BaseGeometry) -> float:
    """Return 4 pi area / perimeter^2: 1 for a circle, near 0 for a strip, 0 for a line; 1 for points."""
    around = shapely.length(shape)
    return 4 * math.pi * shapely.area(shape) / around**2 if around else 1.0


def _marks(found: ProjectResult, shape: BaseGeometry) -> list[BaseGeometry]:
    """Return where a project's symbol stands: at each of its points, else once."""
    points = points_of(found)
    return list(points) if len(points) else [shapely.point_on_surface(shape)]


def outline_of(found: ProjectResult) -> BaseGeometry | None:
    """Return what is drawn of a project: its footprint, else its centre line; ``None`` where it has no place."""
    shape = found.project.geometry if found.project.geometry is not None else found.project.line
    return None if shape is None or shape.is_empty else shape


def _array(shapes: list[BaseGeometry]) -> GeometryArray:
    array = np.empty(len(shapes), dtype=object)
    array[:] = shapes
    return array


def _leaflet_style(style: Style, dimension: int, *, crowded: bool) -> dict[str, Any]:
    drawing = settings()["map"]["role"]
    options: dict[str, Any] = {
        "color": style.edge,
        "weight": drawing["line_weight" if dimension == _LINE else "weight"],
        "opacity": drawing["opacity"],
        "fillColor": style.fill,
        "fillOpacity": style.fill_opacity * (drawing["crowded_share"] if crowded else 1.0),
        "radius": 4,
    }
    if crowded:
        options["opacity"] *= drawing["crowded_share"]
    return options | ({"dashArray": style.dash} if style.dash else {})


def _swatch(style: Style, dimension: int) -> dict[str, Any]:
    background = _rgba(style.fill, style.fill_opacity)
    kind = {_POINT: "point", _LINE: "line"}.get(dimension, "area")
    return {"edge": style.edge, "background": background, "dash": bool(style.dash), "kind": kind}


def _rgba(colour: str, opacity: float) -> str:
    red, green, blue = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
    return f"rgba({red},{green},{blue},{opacity})"


def _broad_hidden(layers: list[MapLayer], share: float) -> list[MapLayer]:
    """Switch off zone layers that would cover most of the map."""
    whole = shapely.area(frame_of(layers)).sum()
    return [
        replace(layer, shown=False)
        if layer.group == "zones" and whole and shapely.area(layer.shapes).sum() > share * whole
        else layer
        for layer in layers
    ]
