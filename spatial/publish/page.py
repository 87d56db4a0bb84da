"""A publication as one HTML file that opens with no network.

The oldest browsers it runs in are Chrome and Edge 80, Firefox 113 and Safari 16.4 (``DecompressionStream``);
an older one shows a sentence that says so.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from branca.element import MacroElement
from jinja2 import Template

from spatial.io.atomic import replacing
from spatial.publish.encode import Drawn, encode
from spatial.publish.model import Layer, Publication, Symbol
from spatial.publish.outlines import Scales, draw, page_settings
from spatial.render.assets import Assets, leaflet
from spatial.render.elements import OfflineMap, Page
from spatial.tables.cells import NUMERIC, digits, seen
from spatial.words import say, table

_SCRIPTS = (
    "geodesy",
    "dom",
    "store",
    "paint",
    "view",
    "card",
    "panel",
    "table",
    "measure",
    "sheet",
    "background",
    "start",
)
_TEXT = "page_"
_KINDS = ("point", "line", "area")


@dataclass(frozen=True)
class PageReport:
    """What was written.

    Parameters
    ----------
    size_bytes
        Of the file.
    shell_bytes
        Of the file without its layers and its picture.
    features, vertices_given, vertices
        Features in all, vertices of their full geometry, and those that the page stores, a shared border once.
    tolerance_m
        How far the finest outlines of the page may be from the full ones [m]; 0 where every vertex is there.
    marks
        Features so small in the first view that a mark stands for them.
    unplaced
        Features without a geometry: in the table, not on the map.
    """

    size_bytes: int
    shell_bytes: int
    features: int
    vertices_given: int
    vertices: int
    tolerance_m: float
    marks: int
    unplaced: int


class _Start(MacroElement):
    """The script that draws the page's data blocks on its map."""

    _template = Template(
        "{% macro script(this, kwargs) %}ecopattern.start({{ this._parent.get_name() }});{% endmacro %}"
    )

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._name = "Start"


def write_page(publication: Publication, path: Path | str) -> PageReport:
    """Write a publication as one HTML file that asks nothing of a network.

    Parameters
    ----------
    publication
        What to show; its geometry is simplified for drawing only.
    path
        The .html file; replaced as a whole or left as it was.
    """
    text, report = _rendered(publication)
    with replacing(path) as temporary:
        temporary.write_text(text, encoding="utf-8", newline="\n")
    return report


def page_text(publication: Publication) -> str:
    """Return the whole page; the same publication gives the same text."""
    return _rendered(publication)[0]


def _rendered(publication: Publication) -> tuple[str, PageReport]:
    drawn, scales = draw(publication.layers)
    lines = [(seen(line), warns) for line, warns in publication.lines]
    if scales.tolerances_m[0]:
        lines.append((say(publication.lang, "page_tolerance", tolerance=f"{scales.tolerances_m[0]:g}"), False))
    page = Page(
        seen(publication.title),
        "zh-CN" if publication.lang == "zh" else "en",
        lines,
        assets=page_assets(),
        waiting=say(publication.lang, "page_wait"),
        images=_images(publication),
    )
    page.add_child(_canvas(publication))
    page.add_data("ep-page", _page_data(publication, lines, scales))
    page.add_data("ep-facts", _facts(publication, scales))
    for number, (layer, outlines) in enumerate(zip(publication.layers, drawn, strict=True)):
        page.add_block(f"ep-layer-{number}", encode(layer, outlines))
    if publication.picture is not None:
        page.add_block("ep-picture", base64.b64encode(publication.picture.png).decode("ascii"))
    text = page.text()
    return text, _report(publication, drawn, scales, len(text.encode()), sum(map(len, page.blocks.values())))


@cache
def page_assets() -> Assets:
    """Return the scripts and styles that every page carries."""
    folder = files("spatial").joinpath("publish", "assets")
    base = leaflet()
    scripts = (folder.joinpath(f"{name}.js").read_text(encoding="utf-8") for name in _SCRIPTS)
    return Assets((*base.scripts, *scripts), (*base.styles, folder.joinpath("publish.css").read_text(encoding="utf-8")))


def _images(publication: Publication) -> tuple[str, ...]:
    """Return where the policy lets images come from: tiles in a folder are files, or of the same site."""
    if publication.tiles is None:
        return ()
    return publication.tiles.hosts or ("'self'", "file:")


def _canvas(publication: Publication) -> OfflineMap:
    canvas = OfflineMap(
        location=[0.0, 0.0],
        tiles=None,
        attribution_control=False,
        # Halves between zooms are drawn as sharp as whole ones, but tiles of others are not.
        zoom_snap=1.0 if publication.tiles is not None else 0.5,
        fade_animation=False,
        maxZoom=page_settings()["drawing"]["max_zoom"],
    )
    west, south, east, north = publication.extent
    canvas.fit_bounds([[south, west], [north, east]], padding=(12, 12))
    canvas.add_child(_Start())
    return canvas


def _page_data(publication: Publication, lines: Sequence[tuple[str, bool]], scales: Scales) -> dict[str, Any]:
    settings = page_settings()
    texts = {
        key.removeprefix(_TEXT): both[publication.lang]
        for key, both in table("labels").items()
        if key.startswith(_TEXT)
    }
    tiles = publication.tiles
    return {
        "title": seen(publication.title),
        "lang": publication.lang,
        "lines": lines,
        "watermark": seen(publication.watermark),
        "extent": publication.extent,
        "quantum_deg": settings["outlines"]["quantum_deg"],
        "tolerances_m": scales.tolerances_m,
        "decimals": digits().decimals,
        "picture": publication.picture.bounds if publication.picture is not None else None,
        "tiles": {
            "url": tiles.url,
            "attribution": tiles.attribution,
            "max_zoom": tiles.max_zoom,
            "ask_key": tiles.ask_key,
        }
        if tiles is not None
        else None,
        **settings["drawing"],
        **settings["text"],
        "layers": [_layer_data(layer, number) for number, layer in enumerate(publication.layers)],
        "texts": texts,
    }


def _layer_data(layer: Layer, number: int) -> dict[str, Any]:
    dimension = int(shapely.get_dimensions(layer.shapes).max(initial=-1))
    return {
        "key": layer.key,
        "role": layer.role,
        "block": f"ep-layer-{number}",
        "title": seen(layer.title),
        "group": seen(layer.group),
        "kind": _KINDS[dimension] if dimension >= 0 else "area",
        "symbols": [_symbol_data(symbol) for symbol in layer.symbols],
        "columns": [[column.key, seen(column.title), column.kind, column.kind in NUMERIC] for column in layer.columns],
        "name_key": layer.name_key,
        "chart_keys": layer.chart_keys,
        "note": seen(layer.note),
        "shown": layer.shown,
        "illustrative": layer.illustrative,
    }


def _symbol_data(symbol: Symbol) -> dict[str, Any]:
    return {**vars(symbol), "label": seen(symbol.label)}


def _facts(publication: Publication, scales: Scales) -> dict[str, Any]:
    """Return what nothing on the page shows; what it shows is read back from what it is shown from."""
    return {"tolerance_m": scales.tolerances_m[0], "facts": dict(publication.facts)}


def _report(
    publication: Publication, drawn: Sequence[Drawn], scales: Scales, size_bytes: int, blocks_bytes: int
) -> PageReport:
    shapes = [layer.shapes for layer in publication.layers]
    placed = [~(shapely.is_missing(found) | shapely.is_empty(found)) for found in shapes]
    return PageReport(
        size_bytes=size_bytes,
        shell_bytes=size_bytes - blocks_bytes,
        features=sum(map(len, shapes)),
        vertices_given=sum(int(shapely.get_num_coordinates(found).sum()) for found in shapes),
        vertices=sum(len(found.level) for found in drawn),
        tolerance_m=scales.tolerances_m[0],
        marks=sum(
            _marks(layer.shapes[there], publication.extent)
            for layer, there in zip(publication.layers, placed, strict=True)
        ),
        unplaced=sum(int((~there).sum()) for there in placed),
    )


def _marks(shapes: Any, extent: tuple[float, float, float, float]) -> int:
    """Count the areas that the first view of a window of the stated size draws as marks."""
    setting = page_settings()["drawing"]
    west, south, east, north = extent
    wide, high = setting["window_px"]
    stretch = float(np.cos(np.deg2rad((south + north) / 2)))
    px_per_deg = min(wide / max(east - west, 1e-9), high * stretch / max(north - south, 1e-9))
    bounds = shapely.bounds(shapes[shapely.get_dimensions(shapes) == len(_KINDS) - 1])
    size_deg = np.maximum(bounds[:, 2] - bounds[:, 0], (bounds[:, 3] - bounds[:, 1]) / stretch)
    return int((size_deg * px_per_deg < setting["mark_px"]).sum())
