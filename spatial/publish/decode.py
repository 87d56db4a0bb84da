"""What a published page holds, read from the finished file and from nothing else."""

from __future__ import annotations

import base64
import binascii
import datetime as dt
import json
import re
import zlib
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from spatial.errors import InputError
from spatial.publish.arcs import HOLE, LINE, POINT, SHELL, Arcs, Ints
from spatial.publish.model import GeometryArray
from spatial.tables.cells import Cell, Column

_BLOCK = re.compile(
    r'<script type="(application/json|application/x-deflate)" id="([\w-]+)">(.*?)</script>\n?', re.DOTALL
)
_CORNERS = 3


@dataclass(frozen=True)
class DecodedLayer:
    """A layer as it stands in a page.

    Parameters
    ----------
    columns, rows
        As they were published.
    shapes : ndarray of shapely geometries
        Longitude and latitude, at the finest outlines of the page; ``None`` where a feature has no place. A ring that
        is smaller than the grid is a point.
    symbol_of : ndarray, shape (n,)
    note
        Source, edition and date, as the legend says them.
    texts
        All that the legend and the table's head say of it.
    """

    key: str
    role: str
    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    shapes: GeometryArray
    symbol_of: NDArray[np.int64]
    note: str
    illustrative: bool
    texts: tuple[str, ...] = ()


@dataclass(frozen=True)
class DecodedPage:
    """A published page.

    Parameters
    ----------
    facts
        As :class:`spatial.publish.model.Publication` was given them.
    tolerance_m
        How far the finest outlines in the page may be from the full ones, the grid apart.
    layers
        From the bottom of the map to its top.
    extent
        West, south, east, north of the first view.
    tiles
        Address and attribution of the tiles below, where there are any.
    """

    title: str
    lang: str
    lines: tuple[tuple[str, bool], ...]
    watermark: str
    facts: dict[str, str]
    tolerance_m: float
    layers: tuple[DecodedLayer, ...]
    extent: tuple[float, ...] = ()
    tiles: tuple[str, ...] = ()


def read_page(text: str) -> DecodedPage:
    """Read back what :func:`spatial.publish.page.page_text` wrote.

    Parameters
    ----------
    text
        The whole file.

    Raises
    ------
    InputError
        If the text is no published page, or one of its blocks cannot be read.
    """
    blocks = dict(blocks_of(text))
    try:
        page, facts = json.loads(blocks["ep-page"]), json.loads(blocks["ep-facts"])
        layers = tuple(_layer(entry, blocks[entry["block"]], page["quantum_deg"]) for entry in page["layers"])
        lines = tuple((str(line), bool(warns)) for line, warns in page["lines"])
        tiles = page["tiles"] or {}
        return DecodedPage(
            page["title"],
            page["lang"],
            lines,
            page["watermark"],
            facts["facts"],
            facts["tolerance_m"],
            layers,
            tuple(map(float, page["extent"])),
            tuple(str(tiles[key]) for key in ("url", "attribution") if tiles),
        )
    except (KeyError, TypeError, ValueError, IndexError, AttributeError, zlib.error, binascii.Error) as error:
        raise InputError("publish_unreadable", fault=f"{type(error).__name__}: {error}") from error


def blocks_of(text: str) -> list[tuple[str, str]]:
    """Return name and content of a page's blocks of data, in their order; a doctored page may have one twice."""
    return [(name, body) for _, name, body in _BLOCK.findall(text)]


def shell_of(text: str) -> str:
    """Return a page without its blocks of data."""
    return _BLOCK.sub("", text)


def numbers(block: bytes) -> Ints:
    """Return the numbers of :func:`spatial.publish.encode.varints`.

    Examples
    --------
    >>> numbers(bytes([1, 127, 128, 1, 172, 2])).tolist()
    [1, 127, 128, 300]
    """
    digits = np.frombuffer(block, dtype=np.uint8).astype(np.int64)
    ends = np.flatnonzero(digits < 128)  # noqa: PLR2004 - the high bit
    if not len(ends):
        return np.zeros(0, dtype=np.int64)
    begin = np.concatenate([[0], ends[:-1] + 1])
    place = np.arange(len(digits)) - np.repeat(begin, ends - begin + 1)
    return np.asarray(np.add.reduceat((digits & 127) << (7 * place), begin))


def sums(block: bytes) -> Ints:
    """Return the numbers of :func:`spatial.publish.encode.differences`.

    Examples
    --------
    >>> from spatial.publish.encode import differences
    >>> sums(differences(np.array([5, 2, -7])).tobytes()).tolist()
    [5, 2, -7]
    """
    turned = numbers(block)
    return np.cumsum((turned >> 1) ^ -(turned & 1))


def unpacked(block: str) -> tuple[dict[str, Any], dict[str, bytes]]:
    """Return the JSON and the sections of :func:`spatial.publish.encode.packed`."""
    inflate = zlib.decompressobj()
    whole = inflate.decompress(base64.b64decode(block, validate=True)) + inflate.flush()
    if inflate.unused_data or not inflate.eof:
        raise ValueError("bytes after the block")
    place = 4 + int.from_bytes(whole[:4], "little")
    head = json.loads(whole[4:place])
    sections = {}
    for name, length in head["sections"]:
        sections[name] = whole[place : place + length]
        place += length
    if place != len(whole):
        raise ValueError("bytes after the sections")
    return head, sections


def _layer(entry: dict[str, Any], block: str, quantum_deg: float) -> DecodedLayer:
    head, sections = unpacked(block)
    columns = tuple(Column(key, title, kind) for key, title, kind, _ in entry["columns"])
    values = [_cells(column, found) for column, found in zip(columns, head["values"], strict=True)]
    return DecodedLayer(
        entry["key"],
        entry["role"],
        entry["title"],
        columns,
        tuple(zip(*values, strict=True)) if values else ((),) * head["features"],
        shapes_of(arcs_of(sections), head["features"], quantum_deg),
        numbers(sections["symbols"]),
        entry["note"],
        bool(entry["illustrative"]),
        tuple(map(str, _texts(entry))),
    )


def _texts(entry: dict[str, Any]) -> list[Any]:
    plain = [entry[key] for key in ("key", "title", "group", "note", "name_key")]
    return [
        *plain,
        *(one["label"] for one in entry["symbols"]),
        *(text for one in entry["columns"] for text in one[:2]),
    ]


def _cells(column: Column, values: list[Any]) -> list[Cell]:
    if column.kind != "date":
        return values
    return [dt.date.fromisoformat(value) if value else None for value in values]


def arcs_of(sections: dict[str, bytes]) -> Arcs:
    """Return the arcs of a block's sections."""
    parts = numbers(sections["parts"])
    refs = sums(sections["arcs"])
    return Arcs(
        start=np.concatenate([[0], np.cumsum(numbers(sections["lengths"]))]).astype(np.int64),
        x=sums(sections["x"]),
        y=sums(sections["y"]),
        feature=np.repeat(np.arange(len(parts)), parts),
        kind=np.frombuffer(sections["kinds"], dtype=np.uint8),
        part_start=np.concatenate([[0], np.cumsum(numbers(sections["refs"]))]).astype(np.int64),
        arc=refs >> 1,
        backward=(refs & 1).astype(bool),
    )


def shapes_of(arcs: Arcs, features: int, quantum_deg: float) -> GeometryArray:
    """Put shapes together from arcs; the finest outlines of each."""
    coords = np.column_stack([arcs.x, arcs.y]) * quantum_deg
    rings: list[list[tuple[int, NDArray[np.float64]]]] = [[] for _ in range(features)]
    for part, feature in enumerate(arcs.feature):
        pieces: list[NDArray[np.float64]] = []
        for place in range(arcs.part_start[part], arcs.part_start[part + 1]):
            arc = arcs.arc[place]
            piece = coords[arcs.start[arc] : arcs.start[arc + 1]]
            piece = piece[::-1] if arcs.backward[place] else piece
            pieces.append(np.asarray(piece[1:] if pieces else piece, dtype=np.float64))
        rings[feature].append((int(arcs.kind[part]), np.concatenate(pieces)))
    shapes = np.empty(features, dtype=object)
    shapes[:] = [_shape(found) for found in rings]
    return shapes


def _shape(parts: list[tuple[int, NDArray[np.float64]]]) -> Any:
    """Return one geometry: single where there is one part, a collection where kinds are mixed."""
    single: list[Any] = []
    shell: NDArray[np.float64] | None = None
    holes: list[NDArray[np.float64]] = []

    def close() -> None:
        nonlocal shell, holes
        if shell is not None:
            single.append(shapely.Polygon(shell, holes))
        shell, holes = None, []

    for kind, coords in parts:
        if kind == HOLE:
            if shell is not None and len(coords) > _CORNERS:
                holes.append(coords)
            continue
        close()
        if kind == SHELL and len(coords) > _CORNERS:
            shell = coords
        elif kind == LINE and len(coords) > 1:
            single.append(shapely.LineString(coords))
        elif kind in {POINT, LINE, SHELL}:
            single.append(shapely.Point(coords[0]))
    close()
    if len(single) <= 1:
        return single[0] if single else None
    kinds = {shape.geom_type for shape in single}
    gather = {"Polygon": shapely.MultiPolygon, "LineString": shapely.MultiLineString, "Point": shapely.MultiPoint}
    return gather[kinds.pop()](single) if len(kinds) == 1 else shapely.GeometryCollection(single)
