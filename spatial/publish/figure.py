"""A published map as a static figure: for a report, a print, a slide."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.image import imread
from matplotlib.lines import Line2D
from matplotlib.patches import Patch, Rectangle
from matplotlib.patheffects import withStroke
from matplotlib.ticker import FuncFormatter, MultipleLocator

from spatial.crs import ELLIPSOID
from spatial.io.atomic import replacing
from spatial.publish.model import GeometryArray, Layer, Picture, Publication, Symbol
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
from spatial.tables.cells import as_text, seen, settings, shortened, text_width
from spatial.words import Lang, say

FORMATS = (".png", ".svg", ".pdf")
_HATCHES = {
    "": "",
    "slash": "////",
    "backslash": "\\\\\\\\",
    "cross": "xxx",
    "dots": "...",
    "horizontal": "---",
    "vertical": "|||",
}
_MINUTES = 60
#: Points of a CSS pixel.
_POINTS = 0.75
_LEGEND_COLUMNS = 30
_ASCII = 127
_LINE_COLUMNS, _MOST_LINES = 240, 3
#: Room of the map and of the legend, as parts of the figure.
_MAP, _SIDE = (0.06, 0.10, 0.64, 0.79), 0.72
_INSET = (0.72, 0.10, 0.16, 0.2)


def write_figure(publication: Publication, path: Path) -> None:
    """Write a map as a static figure with legend, scale bar, north arrow, graticule and, where it helps, an inset.

    The same publication gives the same bytes.

    Parameters
    ----------
    publication
        What :func:`spatial.publish.compose.compose` made.
    path
        One of the :data:`FORMATS`; ``.png`` has 300 dots per inch.

    """
    suffix = path.suffix.lower()
    setting = settings()["map_figure"]
    with plain_style():
        figure = Figure(figsize=(setting["width_in"], setting["height_in"]), dpi=setting["dpi"])
        axes = figure.add_axes(_MAP)
        _frame(axes, publication, setting)
        if publication.picture is not None:
            _background(axes, publication.picture)
        for order, layer in enumerate(publication.layers):
            if layer.shown:
                _draw(axes, layer, 2 + order / 100)
        _labels(axes, publication)
        _furniture(figure, axes, publication)
        with replacing(path) as temporary:
            _save(figure, temporary, suffix, setting["dpi"])


def _save(figure: Figure, path: Path, suffix: str, dpi: float) -> None:
    if suffix == ".png":
        save_png(figure, path, dpi)
        return
    FigureCanvasAgg(figure)
    # A date would make two runs differ.
    metadata = {"Date": None} if suffix == ".svg" else {"CreationDate": None, "ModDate": None}
    figure.savefig(path, format=suffix[1:], metadata=metadata)


def _frame(axes: Any, publication: Publication, setting: dict[str, Any]) -> None:
    """Show the first view, widened to the axes; degrees are drawn as long as they are on the ground in its middle."""
    west, south, east, north = publication.extent
    stretch = 1 / np.cos(np.radians((south + north) / 2))
    room = _MAP[2] * setting["width_in"] / (_MAP[3] * setting["height_in"])
    height = max(north - south, (east - west) / stretch / room)
    width = height * room * stretch
    x, y = (west + east) / 2, (south + north) / 2
    axes.set_xlim(x - width / 2, x + width / 2)
    axes.set_ylim(y - height / 2, y + height / 2)
    axes.set_aspect(stretch)
    step = _step_deg(min(width, height))
    for axis, signs in ((axes.xaxis, "EW"), (axes.yaxis, "NS")):
        axis.set_major_locator(MultipleLocator(step))
        axis.set_major_formatter(FuncFormatter(lambda value, _, signs=signs: _degrees(value, signs)))
    axes.tick_params(labelsize=7, direction="in", top=True, right=True)
    for label in axes.get_yticklabels():
        label.set_rotation(90)
        label.set_verticalalignment("center")
    axes.grid(visible=True, color="#6b7b84", linewidth=0.3, alpha=0.5, zorder=1.5)


def _step_deg(span_deg: float) -> float:
    """Return the distance of the graticule's lines: whole minutes, three to six of them."""
    minutes = span_deg * _MINUTES / 4
    return max((step for step in (1, 2, 5, 10, 15, 20, 30, 60, 120, 300) if step <= minutes), default=1) / _MINUTES


def _degrees(value: float, signs: str) -> str:
    """Return degrees and minutes.

    Examples
    --------
    >>> _degrees(113.0833333, "EW")
    '113°05′E'
    """
    whole, minutes = divmod(round(abs(value) * _MINUTES), _MINUTES)
    return f"{whole}°{minutes:02d}′{signs[0] if value >= 0 else signs[1]}"


def _background(axes: Any, picture: Picture) -> None:
    west, south, east, north = picture.bounds
    axes.imshow(imread(io.BytesIO(picture.png)), extent=(west, east, south, north), aspect="auto", zorder=1)


def _draw(axes: Any, layer: Layer, zorder: float) -> None:
    for number, symbol in enumerate(layer.symbols):
        shapes = layer.shapes[layer.symbol_of == number]
        dimensions = shapely.get_dimensions(shapes)
        draw_areas(axes, shapes[dimensions == AREA], zorder=zorder, **_area_look(symbol))
        draw_lines(axes, shapes[dimensions == LINE], zorder=zorder, **_line_look(symbol))
        points = shapely.get_parts(shapes[dimensions == 0])
        if len(points):
            axes.plot(
                shapely.get_x(points), shapely.get_y(points), linestyle="", zorder=zorder + 1, **_mark_look(symbol)
            )


def _area_look(symbol: Symbol) -> dict[str, Any]:
    return {
        "facecolor": (symbol.fill, symbol.fill_opacity) if symbol.fill else "none",
        "edgecolor": symbol.edge,
        "linewidth": symbol.width * _POINTS,
        "linestyle": dash_of(symbol.dash),
        "hatch": _HATCHES[symbol.hatch] or None,
    }


def _line_look(symbol: Symbol) -> dict[str, Any]:
    return {"color": symbol.edge, "linewidth": symbol.width * _POINTS, "linestyle": dash_of(symbol.dash)}


def _mark_look(symbol: Symbol) -> dict[str, Any]:
    size = 2 * symbol.radius * _POINTS
    return {"marker": "o", "markersize": size, "color": symbol.fill or symbol.edge, "markeredgecolor": "white"}


def _labels(axes: Any, publication: Publication) -> None:
    """Write names where they do not cover each other, the larger areas first."""
    taken: list[tuple[float, float, float, float]] = []
    west, east = axes.get_xlim()
    south, north = axes.get_ylim()
    sign = (east - west) / 90, (north - south) / 55
    for layer in publication.layers:
        if not (layer.labelled and layer.shown):
            continue
        place = [column.key for column in layer.columns].index(layer.name_key)
        kind = layer.columns[place].kind
        for number in np.argsort(-shapely.area(layer.shapes), kind="stable").tolist():
            text = shortened(seen(as_text(layer.rows[number][place], kind)), 16)
            point = shapely.point_on_surface(layer.shapes[number])
            half = sign[0] * sum(2 if ord(one) > _ASCII else 1 for one in text) / 2
            box = (point.x - half, point.y - sign[1], point.x + half, point.y + sign[1])
            inside = west < box[0] and box[2] < east and south < box[1] and box[3] < north
            if not inside or any(_meet(box, other) for other in taken):
                continue
            taken.append(box)
            halo = [withStroke(linewidth=2, foreground="white")]
            axes.text(point.x, point.y, text, fontsize=7, ha="center", va="center", zorder=9, path_effects=halo)


def _meet(one: tuple[float, float, float, float], other: tuple[float, float, float, float]) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def _furniture(figure: Figure, axes: Any, publication: Publication) -> None:
    south, north = axes.get_ylim()
    west, east = axes.get_xlim()
    middle = (south + north) / 2
    metres = ELLIPSOID.inv(west, middle, east, middle)[2] / (east - west)
    scale_bar(axes, metres)
    north_arrow(axes, publication.lang)
    figure.text(_MAP[0], 0.945, publication.title, fontsize=14, va="center")
    figure.legend(
        handles=_legend(publication),
        loc="upper left",
        bbox_to_anchor=(_SIDE, 0.9),
        frameon=False,
        fontsize=7.5,
        borderaxespad=0,
        labelspacing=0.35,
    )
    warned = " ".join(line for line, warns in publication.lines if warns)
    said = " ".join([*(line for line, warns in publication.lines if not warns), publication.sources])
    figure.text(_MAP[0], 0.058, warned, fontsize=7, color="#9c0006", va="center")
    figure.text(_MAP[0], 0.046, _lines(said), fontsize=5.5, va="top", linespacing=1.35)
    if publication.watermark:
        axes.text(
            0.5,
            0.5,
            publication.watermark,
            transform=axes.transAxes,
            fontsize=26,
            color="#9c0006",
            alpha=0.28,
            rotation=28,
            ha="center",
            va="center",
            zorder=11,
        )
    if len(publication.around):
        _inset(figure, axes, publication.around)


def _lines(text: str) -> str:
    """Break a text into lines as wide as the figure, the last one cut where there are too many."""
    lines = [""]
    for sign in text:
        if text_width(lines[-1] + sign) > _LINE_COLUMNS:
            lines.append("")
        lines[-1] += sign
    if len(lines) > _MOST_LINES:
        lines = [*lines[: _MOST_LINES - 1], f"{lines[_MOST_LINES - 1][:-1]}…"]
    return "\n".join(lines)


def _legend(publication: Publication) -> list[Any]:
    """Return the entries, from the top of the map to its bottom, classes in their order."""
    entries: list[Any] = []
    for layer in reversed(publication.layers):
        if not layer.shown:
            continue
        used = set(layer.symbol_of.tolist())
        several = len(layer.symbols) > 1
        if several:
            entries.append(Patch(facecolor="none", edgecolor="none", label=wrapped(seen(layer.title), _LEGEND_COLUMNS)))
        for number, symbol in enumerate(layer.symbols):
            if number in used:
                title = seen(symbol.label if several else layer.title)
                entries.append(_entry(layer, number, symbol, _tagged(title, layer, publication.lang)))
    return entries


def _tagged(title: str, layer: Layer, lang: Lang) -> str:
    tag = f" ({say(lang, 'tag_illustrative')})" if layer.illustrative and len(layer.symbols) == 1 else ""
    return wrapped(f"{title}{tag}", _LEGEND_COLUMNS)


def _entry(layer: Layer, number: int, symbol: Symbol, label: str) -> Any:
    dimension = int(shapely.get_dimensions(layer.shapes[layer.symbol_of == number]).max(initial=0))
    if dimension == AREA:
        return Patch(label=label, **_area_look(symbol))
    if dimension == LINE:
        return Line2D([], [], label=label, **_line_look(symbol))
    return Line2D([], [], linestyle="", label=label, **_mark_look(symbol))


def _inset(figure: Figure, axes: Any, around: GeometryArray) -> None:
    """Show where the map's frame lies among the neighbours."""
    inset = figure.add_axes(_INSET)
    inset.set_axis_off()
    draw_areas(inset, around, facecolor="#f2f2f2", edgecolor="#8a8a8a", linewidth=0.5)
    west, east = axes.get_xlim()
    south, north = axes.get_ylim()
    inset.add_patch(Rectangle((west, south), east - west, north - south, fill=False, edgecolor="#b2182b", linewidth=1))
    inset.autoscale_view()
    inset.set_aspect(axes.get_aspect())
