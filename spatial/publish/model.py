"""What a published map holds, before it becomes a page: layers, the symbols they are drawn by, what is said of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from spatial.errors import InputError
from spatial.tables.cells import Cell, Column
from spatial.words import Lang

GeometryArray = NDArray[np.object_]
Hatch = Literal["", "slash", "backslash", "cross", "dots", "horizontal", "vertical"]
HATCHES: tuple[Hatch, ...] = get_args(Hatch)


@dataclass(frozen=True)
class Symbol:
    """How features of one class are drawn, and what the legend calls them: one table for both.

    Parameters
    ----------
    label
        In the legend; empty where the layer's title says it.
    fill, edge
        ``#rrggbb``; no area is filled where ``fill`` is empty.
    fill_opacity
        0 to 1.
    width
        Of the edge or line, in CSS pixels.
    dash
        SVG pattern, such as ``6 4``; empty for a whole line.
    hatch
        Drawn over the fill where colours alone would not tell classes apart.
    radius
        Of points, in CSS pixels.
    """

    label: str
    fill: str
    edge: str
    fill_opacity: float = 0.4
    width: float = 1.0
    dash: str = ""
    hatch: Hatch = ""
    radius: float = 5.0


@dataclass(frozen=True)
class Layer:
    """One layer of a published map.

    Parameters
    ----------
    key
        Unique, letters, digits, ``_`` and ``-``.
    role
        Code of :mod:`spatial.roles`; empty for what an analysis made.
    group
        Title of the group it stands in; groups are shown in the order in which they first occur.
    shapes : ndarray of shapely geometries, shape (n,)
        CGCS2000 longitude and latitude, in full: only the page simplifies, for drawing.
    symbols, symbol_of
        Classes in the order of the legend, and the class of each shape.
    columns, rows
        What is known of each shape: already rounded, and nothing that must not be read.
    name_key
        Column by which features are searched and called; empty where they have no names.
    labelled
        Whether names are drawn on the map.
    chart_keys
        Number columns that a click shows as a bar chart.
    note
        Source, edition and date, as the legend says them.
    illustrative
        Whether it was drawn for the sample or is a sketch.
    feature_roles
        Role whose outline each shape repeats, where shapes of one layer repeat those of several.
    texts
        All that the file says of each shape: looked at for secrets, never written.
    """

    key: str
    role: str
    title: str
    group: str
    shapes: GeometryArray
    symbols: tuple[Symbol, ...]
    symbol_of: NDArray[np.int32]
    columns: tuple[Column, ...] = ()
    rows: tuple[tuple[Cell, ...], ...] = ()
    name_key: str = ""
    labelled: bool = False
    chart_keys: tuple[str, ...] = ()
    note: str = ""
    shown: bool = True
    illustrative: bool = False
    feature_roles: tuple[str, ...] = ()
    texts: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Refuse a layer that does not agree with itself."""
        features = len(self.shapes)
        if len(self.symbol_of) != features or (self.columns and len(self.rows) != features):
            raise ValueError(f"{self.key}: {features} shapes, {len(self.symbol_of)} symbols, {len(self.rows)} rows")
        if features and not 0 <= int(self.symbol_of.min()) <= int(self.symbol_of.max()) < len(self.symbols):
            raise ValueError(f"{self.key}: a symbol of a shape is not among {len(self.symbols)}")


@dataclass(frozen=True)
class Picture:
    """An image under the layers, such as shaded relief.

    Parameters
    ----------
    png
        The file's bytes.
    bounds
        West, south, east, north in degrees of longitude and latitude, edges of the picture; its rows are
        equally spaced in Web Mercator, as the map shows it.
    """

    png: bytes
    bounds: tuple[float, float, float, float]


@dataclass(frozen=True)
class Tiles:
    """A background of map tiles that the reader's browser fetches.

    Parameters
    ----------
    url
        Template with ``{z}``, ``{x}``, ``{y}``; a folder beside the page, or Tianditu.
    hosts
        Origins that the page's policy has to allow, empty for a folder.
    attribution
        Shown on the map.
    ask_key
        Whether the reader's browser asks for a key and keeps it (``{key}`` in ``url``).
    """

    url: str
    hosts: tuple[str, ...]
    attribution: str
    max_zoom: int = 18
    ask_key: bool = False


@dataclass(frozen=True)
class Publication:
    """A map to publish.

    Parameters
    ----------
    lines
        Below the title, each with whether it warns: source, date, coordinate system, "schematic".
    layers
        From the bottom of the map to its top.
    extent
        West, south, east, north of the first view.
    watermark
        Across the whole map, such as "internal use, not reviewed"; empty where the map has been reviewed.
    sources
        Where the data come from, for a figure; a page says it beside each layer.
    around : ndarray of Polygon or MultiPolygon
        Districts around it, for the inset of a figure; may be empty.
    facts
        What a checker reads back from the finished file, see :mod:`spatial.publish.verify`.
    """

    title: str
    lang: Lang
    lines: tuple[tuple[str, bool], ...]
    layers: tuple[Layer, ...]
    extent: tuple[float, float, float, float]
    picture: Picture | None = None
    tiles: Tiles | None = None
    watermark: str = ""
    sources: str = ""
    around: GeometryArray = field(default_factory=lambda: np.empty(0, dtype=object))
    facts: tuple[tuple[str, str], ...] = ()

    def __post_init__(self) -> None:
        """Refuse two layers of one key."""
        keys = [layer.key for layer in self.layers]
        if len(set(keys)) != len(keys):
            raise InputError("publish_keys", keys=", ".join(sorted({key for key in keys if keys.count(key) > 1})))
