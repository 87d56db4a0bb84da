"""What every static figure is made of: fonts, outlines, scale bar, north arrow."""

from __future__ import annotations

import math
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
import shapely
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.patches import PathPatch
from matplotlib.path import Path as Outline
from PIL import Image

from spatial.equal_area import GeometryArray
from spatial.render.fonts import font_families
from spatial.tables.cells import text_width
from spatial.words import Lang, say

LINE, AREA = 1, 2  # dimensions, as shapely counts them
_NICE = (1, 2, 5, 10)
_KILOMETRE = 1000.0
_LEGEND_LINES = 2
_COLOURS = 256
#: Polygons that are drawn as one path where there are more of them.
_TOGETHER = 1000


def save_png(figure: Figure, path: Path, dpi: float) -> None:
    """Save with a palette of few colours: a report of fifty figures stays small enough to send."""
    canvas: Any = FigureCanvasAgg(figure)
    canvas.draw()
    drawn = Image.fromarray(np.asarray(canvas.buffer_rgba())).convert("RGB")
    few = drawn.quantize(_COLOURS, method=Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
    few.save(path, format="png", dpi=(dpi, dpi), optimize=True)


@contextmanager
def plain_style() -> Iterator[None]:
    """Draw with the library's own defaults and our fonts, whatever the user's settings are."""
    with mpl.rc_context(), warnings.catch_warnings():
        mpl.rcdefaults()
        mpl.rcParams["font.family"] = list(font_families())
        mpl.rcParams["axes.unicode_minus"] = False
        mpl.rcParams["hatch.linewidth"] = 0.45
        mpl.rcParams["text.parse_math"] = False
        # Names inside an SVG are random without it.
        mpl.rcParams["svg.hashsalt"] = "ecopattern"
        # A character no font has is drawn as a box; that is no reason to stop a report.
        warnings.filterwarnings("ignore", message="Glyph .* missing from font")
        yield


def draw_areas(axes: Any, shapes: GeometryArray, **look: Any) -> None:
    """Draw the polygons among shapes, holes open."""
    parts = shapely.get_parts(shapely.get_parts(shapes))
    polygons = parts[(shapely.get_dimensions(parts) == AREA) & ~shapely.is_empty(parts)]
    # Thousands of patches one by one take minutes, their hatches most of all; so many do not overlap to be seen.
    step = _TOGETHER if len(polygons) > _TOGETHER else 1
    for start in range(0, len(polygons), step):
        # A hole is left open only where it runs the other way round than the outline.
        turned = shapely.orient_polygons(polygons[start : start + step])
        rings = [ring for polygon in turned for ring in (polygon.exterior, *polygon.interiors)]
        path = Outline.make_compound_path(*(Outline(np.asarray(ring.coords)[:, :2], closed=True) for ring in rings))
        axes.add_patch(PathPatch(path, **look))


def draw_lines(axes: Any, shapes: GeometryArray, **look: Any) -> None:
    """Draw the lines among shapes."""
    for line in shapely.get_parts(shapely.get_parts(shapes)):
        if shapely.get_dimensions(line) == LINE and not line.is_empty:
            coords = np.asarray(line.coords)
            axes.plot(coords[:, 0], coords[:, 1], solid_capstyle="round", **look)


def scale_bar(axes: Any, metres_per_unit: float = 1.0) -> None:
    """Draw a bar of a round length at the bottom left.

    Parameters
    ----------
    metres_per_unit
        What one unit of the figure's x is on the ground [m].
    """
    west, east = axes.get_xlim()
    south, north = axes.get_ylim()
    width, height = east - west, north - south
    length_m = nice_length_m(width * metres_per_unit / 4)
    length = length_m / metres_per_unit
    x, y, thick = west + 0.04 * width, south + 0.04 * height, 0.012 * height
    for place, colour in enumerate(("#000000", "#ffffff")):
        left = x + place * length / 2
        box = shapely.box(left, y, left + length / 2, y + thick)
        draw_areas(axes, np.array([box], dtype=object), facecolor=colour, edgecolor="#000000", linewidth=0.7, zorder=10)
    text = f"{length_m:g} m" if length_m < _KILOMETRE else f"{length_m / _KILOMETRE:g} km"
    look = {"fontsize": 7, "ha": "center", "va": "bottom", "zorder": 10}
    axes.text(x, y + 1.5 * thick, "0", **look)
    axes.text(x + length, y + 1.5 * thick, text, **look)


def nice_length_m(most_m: float) -> float:
    """Return the longest length of 1, 2 or 5 times a power of ten that is not above ``most_m``.

    Examples
    --------
    >>> nice_length_m(730.0), nice_length_m(45.0)
    (500.0, 20.0)
    """
    power = 10.0 ** math.floor(math.log10(most_m))
    return max(step * power for step in _NICE if step * power <= most_m * (1 + 1e-12))


def north_arrow(axes: Any, lang: Lang) -> None:
    """Draw an arrow to the north at the top right."""
    look = {"facecolor": "#1c2a33", "width": 2.2, "headwidth": 8, "headlength": 9}
    axes.annotate("", xy=(0.95, 0.965), xytext=(0.95, 0.885), xycoords="axes fraction", arrowprops=look, zorder=10)
    axes.text(0.95, 0.875, say(lang, "north"), transform=axes.transAxes, ha="center", va="top", fontsize=8, zorder=10)


def dash_of(pattern: str) -> Any:
    """Return an SVG pattern of dashes as matplotlib takes it."""
    lengths = [float(part) / 1.5 for part in pattern.split()]
    return (0, tuple(lengths)) if lengths else "-"


def wrapped(text: str, columns: int) -> str:
    r"""Break a text into at most two lines of so many columns; a Chinese character takes two.

    Examples
    --------
    >>> wrapped("风景名胜区", 8)
    '风景名胜\n区'
    """
    lines = [""]
    for sign in text.replace("\n", " "):
        if text_width(lines[-1] + sign) > columns:
            if len(lines) == _LEGEND_LINES:
                return "\n".join(lines)[:-1] + "…"
            lines.append("")
        lines[-1] += sign
    return "\n".join(lines)
