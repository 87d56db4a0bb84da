"""A static figure of one project and the zones around it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.patheffects import withStroke
from shapely.geometry.base import BaseGeometry

from spatial.equal_area import GeometryArray
from spatial.io.atomic import replacing
from spatial.render.drawing import (
    AREA,
    LINE,
    dash_of,
    draw_areas,
    draw_lines,
    north_arrow,
    plain_style,
    save_png,
    scale_bar,
    wrapped,
)
from spatial.render.layers import outline_of
from spatial.roles import roles
from spatial.screening.result import ProjectResult, ScreeningResult, Verdict
from spatial.tables.cells import (
    VerdictStyle,
    as_text,
    rounded,
    seen,
    settings,
    shortened,
    verdict_styles,
)
from spatial.tables.overview import outcome, role_name, role_names, verdict_text
from spatial.tables.points import decisive_rows, points_of, rows_at
from spatial.units import from_m2
from spatial.words import Lang, say

#: Role code, geometries in the analysis CRS, and a label for the legend (empty: the role's name).
Context = Sequence[tuple[str, GeometryArray, str]]

_EVIDENCE = "#000000"
_DOTS = 1000  # across a figure's map, about
_LEGEND_COLUMNS, _LEGENDLINES = 28, 2
_COLOURS = 256
_FINE = 0.2


@dataclass(frozen=True)
class _Frame:
    """The part of the plane a figure shows, in metres."""

    west: float
    south: float
    east: float
    north: float

    @property
    def width_m(self) -> float:
        return self.east - self.west

    @property
    def height_m(self) -> float:
        return self.north - self.south


def project_figure(
    result: ScreeningResult, found: ProjectResult, context: Context, path: Path | str, lang: Lang = "zh"
) -> bool:
    """Draw one project with the zones around it, as a PNG that two runs make alike.

    Parameters
    ----------
    result, found
        The screening and the project of it to draw.
    context
        Layers to draw below the project, the lowest first, in the result's analysis CRS.
    path
        The .png file; replaced as a whole or left as it was.
    lang
        Language of the legend.

    Returns
    -------
    bool
        False where the project has no place, so that nothing was drawn.
    """
    outline = outline_of(found)
    if outline is None:
        return False
    setting = settings()["figure"]
    with plain_style():
        figure = Figure(figsize=(setting["width_in"], setting["height_in"]), dpi=setting["dpi"])
        axes = figure.add_axes((0.085, 0.075, 0.62, 0.83))
        frame = _frame(outline, 0.62 * setting["width_in"] / (0.83 * setting["height_in"]), setting)
        entries = [*_draw_project(axes, found, outline, lang), *_draw_context(axes, context, frame, lang)]
        _finish(axes, frame, result, found, lang)
        figure.legend(
            handles=entries, loc="upper left", bbox_to_anchor=(0.715, 0.9), frameon=False, fontsize=7.5, borderaxespad=0
        )
        with replacing(path) as temporary:
            save_png(figure, temporary, setting["dpi"])
    return True


def _frame(outline: BaseGeometry, ratio: float, setting: dict[str, Any]) -> _Frame:
    west, south, east, north = outline.bounds
    margin = max(setting["margin_m"], setting["margin_share"] * max(east - west, north - south))
    half_width, half_height = (east - west) / 2 + margin, (north - south) / 2 + margin
    half_width, half_height = max(half_width, half_height * ratio), max(half_height, half_width / ratio)
    x, y = (west + east) / 2, (south + north) / 2
    return _Frame(x - half_width, y - half_height, x + half_width, y + half_height)


def _draw_context(axes: Any, context: Context, frame: _Frame, lang: Lang) -> list[Any]:
    entries: list[Any] = []
    for order, (code, shapes, label) in enumerate(context):
        here = _visible(np.asarray(shapes, dtype=object), frame)
        if not len(here):
            continue
        style, zorder = roles()[code].style, 1 + order / 1000
        dash = dash_of(style.dash)
        name = wrapped(seen(label) or role_name(code, lang), _LEGEND_COLUMNS)
        dimensions = shapely.get_dimensions(here)
        if (dimensions == 0).all():
            look: dict[str, Any] = {"marker": "D", "markersize": 4, "color": style.fill, "markeredgecolor": style.edge}
            axes.plot(shapely.get_x(here), shapely.get_y(here), linestyle="", zorder=2.5, **look)
            entries.append(Line2D([], [], linestyle="", label=name, **look))
        elif (dimensions == LINE).all():
            look = {"color": style.edge, "linewidth": 1.4, "linestyle": dash}
            draw_lines(axes, here, zorder=zorder, **look)
            entries.append(Line2D([], [], label=name, **look))
        else:
            # Outlines of very many small shapes would hide what they enclose.
            width = _FINE if len(here) > settings()["map"]["role"]["crowded_features"] else 0.8
            look = {"edgecolor": style.edge, "linestyle": dash, "linewidth": width}
            draw_areas(axes, here, facecolor=(style.fill, style.fill_opacity), zorder=zorder, **look)
            entries.append(Patch(facecolor=(style.fill, style.fill_opacity), label=name, **look))
    return entries


def _visible(shapes: GeometryArray, frame: _Frame) -> GeometryArray:
    """Return what a figure can show: parts in the frame, without detail finer than half a dot."""
    shapes = shapely.get_parts(shapely.force_2d(shapes))
    pixel_m = frame.width_m / _DOTS
    # A little more than the frame, so that the cut itself stays outside the picture.
    edge_m = frame.width_m / 50
    window = (frame.west - edge_m, frame.south - edge_m, frame.east + edge_m, frame.north + edge_m)
    pane = shapely.box(*window)
    shapely.prepare(pane)
    shapes = shapes[shapely.intersects(pane, shapes)]
    # A quick clip by a rectangle can return wrong areas where a vertex lies exactly on its edge.
    cut = ~shapely.covers(pane, shapes)
    shapes[cut] = shapely.intersection(shapes[cut], pane)
    shapes = shapely.simplify(shapely.get_parts(shapes), pixel_m / 2, preserve_topology=False)
    shapes = shapely.get_parts(shapes)
    return np.asarray(shapes[~shapely.is_empty(shapes)], dtype=object)


def _draw_project(axes: Any, found: ProjectResult, outline: BaseGeometry, lang: Lang) -> list[Any]:
    style = verdict_styles()[outcome(found)]
    marked = decisive_rows(found)
    evidence = np.array([*(row.evidence for row in marked), None], dtype=object)[:-1]
    overlap = say(lang, "figure_overlap", roles=role_names((row.role for row in marked), lang))
    overlap = wrapped(overlap, _LEGEND_COLUMNS)
    entries: list[Any] = []
    areas: dict[str, Any] = {"facecolor": "none", "edgecolor": _EVIDENCE, "hatch": "////", "linewidth": 0.0}
    lines: dict[str, Any] = {"color": _EVIDENCE, "linewidth": 4.5, "alpha": 0.35}
    draw_areas(axes, evidence, zorder=3, **areas)
    draw_lines(axes, evidence, zorder=3, **lines)
    dimensions = shapely.get_dimensions(evidence)
    if (dimensions == AREA).any():
        entries.append(Patch(label=overlap, **areas))
    elif (dimensions == LINE).any():
        entries.append(Line2D([], [], label=overlap, **lines))
    single = np.array([outline, None], dtype=object)[:1]
    label = verdict_text(outcome(found), lang)
    draw_areas(axes, single, facecolor=(style.fill, 0.18), edgecolor=style.fill, linewidth=2.0, zorder=4)
    draw_lines(axes, single, color=style.fill, linewidth=2.0, zorder=4)
    name = say(lang, "figure_project", verdict=label)
    points = points_of(found)
    if len(points):
        _draw_points(axes, found, points)
        look: dict[str, Any] = {"marker": "o", "color": style.fill, "markeredgecolor": "white"}
        return [Line2D([], [], linestyle="", markersize=8, label=name, **look), *entries]
    _draw_mark(axes, shapely.point_on_surface(outline), style, style.symbol)
    return [Patch(facecolor=(style.fill, 0.18), edgecolor=style.fill, linewidth=2.0, label=name), *entries]


def _draw_points(axes: Any, found: ProjectResult, points: GeometryArray) -> None:
    """Draw a project's points, each in the colour of the strictest zone it lies in; several are numbered."""
    for number, point in enumerate(points, start=1):
        here = rows_at(found, number)
        decided = here[0].verdict if here and len(points) > 1 else outcome(found)
        style = verdict_styles()[decided if here or len(points) == 1 else Verdict.PERMITTED]
        _draw_mark(axes, point, style, style.symbol if len(points) == 1 else str(number))


def _draw_mark(axes: Any, point: BaseGeometry, style: VerdictStyle, text: str) -> None:
    axes.plot([point.x], [point.y], marker="o", markersize=12, color=style.fill, markeredgecolor="white", zorder=5)
    # The font has one weight; a stroke in the same colour makes the symbol bold.
    look = {
        "color": style.ink,
        "ha": "center",
        "va": "center_baseline",
        "fontsize": 8,
        "path_effects": [withStroke(linewidth=0.9, foreground=style.ink)],
        "zorder": 6,
    }
    axes.text(point.x, point.y, text, **look)


def _finish(axes: Any, frame: _Frame, result: ScreeningResult, found: ProjectResult, lang: Lang) -> None:
    figure = axes.figure
    axes.set_xlim(frame.west, frame.east)
    axes.set_ylim(frame.south, frame.north)
    axes.set_aspect("equal")
    axes.tick_params(labelsize=6.5, direction="in", top=True, right=True)
    axes.ticklabel_format(style="plain", useOffset=False)
    axes.locator_params(nbins=4)
    for label in axes.get_yticklabels():
        label.set_rotation(90)
        label.set_verticalalignment("center")
    axes.grid(visible=True, color="#9aa7ae", linewidth=0.3, alpha=0.6)
    title = f"{seen(found.project.project_id)} {seen(found.project.name)}".replace("\n", " ")
    figure.text(0.085, 0.945, shortened(title, 34), fontsize=12, va="center")
    figure.text(0.715, 0.945, _size(found, lang), fontsize=8.5, va="center")
    notes = [say(lang, key) for key in ("notice_aid", "notice_internal", *result.notices)]
    figure.text(0.085, 0.012, say(lang, "sentence_mark").join(notes), fontsize=6.5, color="#9c0006", va="bottom")
    facts = say(lang, "figure_facts", crs=result.analysis_crs, date=result.date.isoformat())
    figure.text(0.715, 0.075, facts, fontsize=6.5, va="bottom", linespacing=1.6)
    scale_bar(axes)
    north_arrow(axes, lang)
    if result.illustrative:
        frame_look = {"facecolor": "white", "edgecolor": "#9c0006", "linewidth": 0.8, "alpha": 0.9, "pad": 3}
        mark = {
            "transform": axes.transAxes,
            "fontsize": 9,
            "color": "#9c0006",
            "va": "top",
            "bbox": frame_look,
            "zorder": 10,
        }
        axes.text(0.025, 0.97, say(lang, "figure_mark"), **mark)


def _size(found: ProjectResult, lang: Lang) -> str:
    if found.official_area_m2 is not None:
        area_ha = rounded(from_m2(found.official_area_m2, "ha"), "ha")
        return f"{as_text(area_ha, 'ha')} {say(lang, 'unit_ha')}"
    if found.length_m is not None:
        return f"{as_text(rounded(found.length_m, 'm'), 'm')} {say(lang, 'unit_m')}"
    return ""
