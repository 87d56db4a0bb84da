"""Whether a finished page holds what this program writes and nothing beside it: its shell, its blocks, their parts."""

from __future__ import annotations

import base64
import binascii
import json
import re
import struct
from collections.abc import Iterator
from functools import cache
from typing import Any

import numpy as np
import shapely

from spatial.findings import Finding
from spatial.publish.backgrounds import TIANDITU_HOST
from spatial.publish.decode import arcs_of, blocks_of, numbers, shapes_of, shell_of, sums, unpacked
from spatial.publish.initials import initials
from spatial.publish.model import Layer, Picture, Publication, Symbol, Tiles
from spatial.publish.page import page_text
from spatial.settings import setting
from spatial.tables.cells import Column

_PNG = b"\x89PNG\r\n\x1a\n"
_CHUNKS = {b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND"}
#: What differs between pages; all else in the block is the same on every page of a language.
_OWN = {"title", "lang", "lines", "watermark", "extent", "tolerances_m", "picture", "tiles", "layers"}
_FACTS = {
    "ecopattern": r"\d[\w.+-]{0,30}",
    "audience": "public|office",
    "district": ".*",
    "date": r"\d{4}-\d\d-\d\d",
    "crs": "EPSG:4490",
    "approval": ".*",
    "illustrative": "yes|no",
    "released": ".*",
    "attributes": ".*",
    "sources": ".*",
    "tolerance_m": r"\d{1,6}(\.\d{1,6})?",
    "lattice_lon_deg": r"\d\.\d{1,22}",
    "lattice_lat_deg": r"\d\.\d{1,22}",
    "largest_shift_m": r"\d{1,6}\.\d",
}
_KINDS = ("point", "line", "area")
_COLOUR = re.compile(r"(#[0-9A-Fa-f]{3,8})?")
#: The widths of degrees on a sphere are near enough to tell 100 m from 30 m.
_METRES_OF_DEGREE = 111_000.0
_SCALES = 16


def strange_contents(text: str, source: str) -> Iterator[Finding]:
    """Yield what in a page this program would not have written.

    Parameters
    ----------
    text
        The whole file, which :func:`spatial.publish.decode.read_page` can read.
    source
        The file's name.

    Notes
    -----
    The page is written again round its own title, notes and first view: whatever differs outside of its blocks of
    data was put there by somebody else, be it a comment, an attribute or a style. Of the blocks, names and parts
    are compared; what the parts hold is looked at by :mod:`spatial.publish.verify`.
    """
    blocks = blocks_of(text)
    own = dict(blocks)
    told = json.loads(own["ep-page"])
    try:
        again = page_text(_again(told))
    except (KeyError, TypeError, ValueError) as error:
        yield Finding("error", "verify_unreadable", source, values={"fault": f"{type(error).__name__}: {error}"})
        return
    line = _first_difference(shell_of(text), shell_of(again))
    if line is not None:
        yield Finding("error", "verify_shell", source, values={"line": line})
    names = ["ep-page", "ep-facts", *(f"ep-layer-{number}" for number in range(len(told["layers"])))]
    names += ["ep-picture"] if told.get("picture") is not None else []
    if [name for name, _ in blocks] != names:
        yield Finding("error", "verify_blocks", source)
    strange = [
        *_page_parts(told, json.loads(dict(blocks_of(again))["ep-page"])),
        *_fact_parts(json.loads(own["ep-facts"]), told),
    ]
    strange += _picture_parts(told, own)
    for number, layer in enumerate(told["layers"]):
        strange += [
            f"ep-layer-{number}: {part}" for part in _layer_parts(layer, own.get(f"ep-layer-{number}", ""), told)
        ]
    for part in strange:
        yield Finding("error", "verify_part", source, values={"part": part})


def _again(told: dict[str, Any]) -> Publication:
    """Return a publication without layers that has the shell of a page."""
    west, south, east, north = map(float, told["extent"])
    tiles = told["tiles"]
    return Publication(
        title=str(told["title"]),
        lang="zh" if told["lang"] == "zh" else "en",
        lines=tuple((str(line), bool(warns)) for line, warns in told["lines"]),
        layers=(),
        extent=(west, south, east, north),
        watermark=str(told["watermark"]),
        tiles=None
        if tiles is None
        else Tiles(
            str(tiles["url"]),
            (TIANDITU_HOST,) if str(tiles["url"]).startswith(TIANDITU_HOST + "/") else (),
            str(tiles["attribution"]),
            int(tiles["max_zoom"]),
            bool(tiles["ask_key"]),
        ),
    )


def _first_difference(text: str, again: str) -> int | None:
    if text == again:
        return None
    pairs = zip(text.split("\n"), again.split("\n"), strict=False)
    same = next((number for number, (own, other) in enumerate(pairs) if own != other), text.count("\n"))
    return same + 1


@cache
def _forms() -> dict[str, Any]:
    """Return the parts of the blocks of a page with one layer of one feature."""
    layer = Layer(
        key="a",
        role="",
        title="a",
        group="a",
        shapes=np.array([shapely.Point(113.0, 36.0)], dtype=object),
        symbols=(Symbol("a", "#000000", "#000000"),),
        symbol_of=np.zeros(1, dtype=np.int32),
        columns=(Column("name", "a", "text"),),
        rows=(("a",),),
        name_key="name",
        note="a",
    )
    extent = (113.0, 36.0, 113.1, 36.1)
    blocks = dict(blocks_of(page_text(Publication("a", "zh", (), (layer,), extent, Picture(b"", extent)))))
    entry = json.loads(blocks["ep-page"])["layers"][0]
    head, _ = unpacked(blocks["ep-layer-0"])
    return {
        "layer": set(entry),
        "symbol": set(entry["symbols"][0]),
        "head": set(head),
        "sections": [name for name, _ in head["sections"]],
        "facts": set(json.loads(blocks["ep-facts"])),
    }


def _page_parts(told: dict[str, Any], again: dict[str, Any]) -> Iterator[str]:
    if set(told) != set(again):
        yield "ep-page: " + ", ".join(sorted(set(told) ^ set(again)))
    for key in sorted(set(told) & set(again) - _OWN):
        if told[key] != again[key]:
            yield f"ep-page: {key}"
    if told["tiles"] is not None and set(told["tiles"]) != set(again["tiles"]):
        yield "ep-page: tiles"
    scales = told["tolerances_m"]
    if len(scales) > _SCALES or not all(isinstance(value, int | float) for value in scales):
        yield "ep-page: tolerances_m"
    for number, layer in enumerate(told["layers"]):
        symbols = layer["symbols"]
        right = set(layer) == _forms()["layer"] and all(set(one) == _forms()["symbol"] for one in symbols)
        right = right and layer["kind"] in _KINDS and layer["block"] == f"ep-layer-{number}"
        if not right or not all(_COLOUR.fullmatch(str(one[key])) for one in symbols for key in ("fill", "edge")):
            yield f"ep-page: {layer.get('key', '')}"


def _fact_parts(facts: dict[str, Any], told: dict[str, Any]) -> Iterator[str]:
    if set(facts) != _forms()["facts"] or facts["tolerance_m"] != told["tolerances_m"][0]:
        yield "ep-facts"
    for key, value in facts["facts"].items():
        form = _FACTS.get(key)
        if form is None or not isinstance(value, str) or not re.fullmatch(form, value, re.DOTALL):
            yield f"ep-facts: {key}"
    hashes = json.loads(facts["facts"].get("sources", "{}"))
    if not all(re.fullmatch("[0-9a-f]{0,64}", str(one)) for one in hashes.values()):
        yield "ep-facts: sources"


def _picture_parts(told: dict[str, Any], blocks: dict[str, str]) -> Iterator[str]:
    """Look at the picture: no texts in it, and no finer than heights may be shown."""
    if told["picture"] is None:
        return
    try:
        png = base64.b64decode(blocks["ep-picture"], validate=True)
        width, height, chunks = _png_parts(png)
        west, south, east, north = map(float, told["picture"])
    except (KeyError, ValueError, TypeError, struct.error, binascii.Error):
        yield "ep-picture"
        return
    if not chunks <= _CHUNKS:
        yield "ep-picture: " + ", ".join(sorted(chunk.decode("latin-1") for chunk in chunks - _CHUNKS))
    stretch = float(np.cos(np.radians((south + north) / 2)))
    cell_m = min((east - west) * stretch / width, (north - south) / height) * _METRES_OF_DEGREE
    if cell_m < 0.98 * setting("publish_relief_m"):
        yield f"ep-picture: {cell_m:.0f} m"


def _png_parts(png: bytes) -> tuple[int, int, set[bytes]]:
    """Return width, height and kinds of chunks of a PNG that ends where it says."""
    if not png.startswith(_PNG):
        raise ValueError("no PNG")
    place, kinds, size = len(_PNG), set(), (1, 1)
    while place < len(png):
        length, kind = struct.unpack(">I4s", png[place : place + 8])
        if kind == b"IHDR":
            size = struct.unpack(">II", png[place + 8 : place + 16])
        kinds.add(kind)
        place += 12 + length
        if kind == b"IEND":
            break
    if place != len(png):
        raise ValueError("bytes after the picture")
    return size[0], size[1], kinds


def _layer_parts(layer: dict[str, Any], block: str, told: dict[str, Any]) -> Iterator[str]:
    """Look at the parts of a layer's block: what nothing draws or shows must not be there."""
    head, sections = unpacked(block)
    features = head["features"]
    if set(head) != _forms()["head"]:
        yield ", ".join(sorted(set(head) ^ _forms()["head"]))
    if [name for name, _ in head["sections"]] != _forms()["sections"]:
        yield "sections"
        return
    if len(head["values"]) != len(layer["columns"]) or any(len(column) != features for column in head["values"]):
        yield "values"
    if any(isinstance(cell, list | dict) for column in head["values"] for cell in column):
        yield "values"
    if head["initials"] != _initials(layer, head["values"]):
        yield "initials"
    yield from _outline_parts(head, sections, told["quantum_deg"])
    symbols = numbers(sections["symbols"])
    if len(symbols) != features or (symbols >= len(layer["symbols"])).any():
        yield "symbols"


def _outline_parts(head: dict[str, Any], sections: dict[str, bytes], quantum_deg: float) -> Iterator[str]:
    """Look for vertices that belong to no outline, and for labels that stand beside theirs."""
    arcs, vertices = arcs_of(sections), head["vertices"]
    if {len(arcs.x), len(arcs.y), int(arcs.start[-1])} != {vertices}:
        yield "x, y"
    if not np.array_equal(np.unique(arcs.arc), np.arange(len(arcs.start) - 1)):
        yield "arcs"
    if len(sections["levels"]) != vertices or len(arcs.kind) != len(arcs.feature):
        yield "levels, kinds"
    if not _labels_within(sections, shapes_of(arcs, head["features"], quantum_deg), quantum_deg):
        yield "label_x, label_y"


def _initials(layer: dict[str, Any], values: list[list[Any]]) -> list[str]:
    keys = [column[0] for column in layer["columns"]]
    if layer["name_key"] not in keys:
        return []
    found = initials(str(name or "") for name in values[keys.index(layer["name_key"])])
    return found if any(found) else []


def _labels_within(sections: dict[str, bytes], shapes: Any, quantum_deg: float) -> bool:
    """Whether labels stand in the boxes of their features."""
    x, y = sums(sections["label_x"]) * quantum_deg, sums(sections["label_y"]) * quantum_deg
    if not len(x) and not len(y):
        return True
    if len(x) != len(shapes) or len(y) != len(shapes):
        return False
    boxes = shapely.bounds(shapes)
    placed = ~np.isnan(boxes[:, 0])
    beyond = np.maximum.reduce([boxes[:, 0] - x, x - boxes[:, 2], boxes[:, 1] - y, y - boxes[:, 3]])
    return not (beyond[placed] > 2 * quantum_deg).any()
