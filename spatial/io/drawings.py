"""Reading CAD drawings (DXF): outlines become polygons, nothing else is guessed.

A drawing has no coordinate system; east is x.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from spatial.errors import InputError, fault_of
from spatial.findings import Finding
from spatial.io.curves import Chords
from spatial.io.drawing_shapes import WORDS, Shape, shape_of
from spatial.io.drawing_units import Unit, unit_of
from spatial.io.nesting import nested
from spatial.io.parcel_shapes import assemble
from spatial.io.stated import Stated
from spatial.io.text import decode
from spatial.settings import setting

FloatArray = NDArray[np.float64]

_BINARY = b"AutoCAD Binary DXF"
_CODE_PAGE = re.compile(rb"\$DWGCODEPAGE\s+3\s+(\S+)")
_VERSION = re.compile(rb"\$ACADVER\s+1\s+(AC\d+)")
#: From this version on all text is UTF-8 (DXF reference).
_UTF8_FROM = b"AC1021"
_CHINESE_PAGES = frozenset({b"ANSI_936", b"GB2312", b"gb2312", b"ansi_936"})
_BY_BLOCK, _BY_LAYER = 0, 256
_INHERITED = "0"
_UNPLOTTED = "DEFPOINTS"
_SHOWN = 5


@dataclass
class _Items:
    """What has been read so far, entity by entity."""

    shapes: list[Shape] = field(default_factory=list)
    rows: list[tuple[str, str, str, int]] = field(default_factory=list)
    words: int = 0
    others: Counter[str] = field(default_factory=Counter)
    broken: list[str] = field(default_factory=list)


def read_drawing(path: Path, stated: Stated) -> tuple[gpd.GeoDataFrame, tuple[Finding, ...]]:
    """Read the model space of a drawing, or of one of its layers.

    Parameters
    ----------
    path
        A .dxf file of any version, text or binary.
    stated
        ``layer`` chooses one of several; ``encoding`` forces the encoding of old versions.

    Returns
    -------
    features : GeoDataFrame
        Columns ``layer``, ``handle``, ``block`` and ``color`` (AutoCAD colour index); no CRS;
        metres. Nested outlines are separate polygons.
    findings : tuple of Finding
        Units, curves that were cut, what was left out, and outlines inside others.

    Raises
    ------
    InputError
        If the file is damaged, has shapes on several layers and none is named, or is larger than
        the settings allow.
    """
    if path.stat().st_size > setting("drawing_mib") * 2**20:
        raise InputError("drawing_large", file=path, limit=f"{setting('drawing_mib'):.0f} MiB")
    document, findings = _opened(path, stated)
    unit = unit_of(document, path)
    findings.extend(unit.findings)
    chords = Chords(setting("drawing_chord_m") / unit.factor, int(setting("drawing_points")))
    items = _items(document, path, chords, unit)
    chosen = _layer(items, path, stated)
    kept = [place for place, row in enumerate(items.rows) if chosen is None or row[0] == chosen]
    shapes = np.full(len(kept), None, dtype=object)
    for at, place in enumerate(kept):
        shapes[at] = _geometry(items.shapes[place], unit.factor)
    columns = {
        name: [items.rows[place][at] for place in kept] for at, name in enumerate(("layer", "handle", "block", "color"))
    }
    frame = gpd.GeoDataFrame(columns, geometry=shapes)
    findings.extend(_seen(items, chords, unit, path, [items.shapes[place] for place in kept]))
    findings.extend(_nested(frame, str(path)))
    return frame, tuple(findings)


def _opened(path: Path, stated: Stated) -> tuple[Any, list[Finding]]:
    from ezdxf.filemanagement import readfile

    raw = path.read_bytes()
    if not raw.strip():
        raise InputError("file_empty", file=path)
    encoding, findings = _encoding(raw, path, stated)
    try:
        document: Any = readfile(path, encoding=encoding, errors="strict" if encoding else "surrogateescape")
        # A file can be read and yet hold no model space.
        document.modelspace()
    except MemoryError:
        raise
    except Exception as error:
        # The parser raises errors of many kinds on files that break the rules of the format.
        raise InputError("drawing_damaged", file=path, fault=fault_of(error)) from error
    return document, findings


def _encoding(raw: bytes, path: Path, stated: Stated) -> tuple[str | None, list[Finding]]:
    """Return the encoding to force, ``None`` where the file's own statement can be believed."""
    version = _VERSION.search(raw[:4096])
    if raw.startswith(_BINARY) or raw.isascii() or (version is not None and version.group(1) >= _UTF8_FROM):
        return None, []
    decoded = decode(raw, str(path), stated=stated.encoding)
    page = _CODE_PAGE.search(raw[:8192])
    findings = [decoded.finding(str(path))]
    if page is not None and page.group(1) not in _CHINESE_PAGES and decoded.evidence != "stated":
        values: dict[str, object] = {"stated": page.group(1).decode("ascii", "replace"), "encoding": decoded.encoding}
        findings.append(Finding("warning", "drawing_page_wrong", str(path), values=values))
    return ("gb18030" if decoded.encoding == "gbk" else decoded.encoding), findings


def _items(document: Any, path: Path, chords: Chords, unit: Unit) -> _Items:
    items = _Items()
    gap = setting("drawing_close_m") / unit.factor
    walk = _Walk(document, path, chords, gap, items)
    for entity in document.modelspace():
        walk.take(entity, _MODEL_SPACE)
    return items


@dataclass(frozen=True)
class _Insert:
    """What the entities of a block take over from where it is inserted.

    Parameters
    ----------
    matrix
        From the block to the drawing; ``None`` for the model space.
    block
        Its name.
    layer, color
        For entities on layer 0 and of the colour BYBLOCK.
    inside
        The blocks around it and itself.
    """

    matrix: Any = None
    block: str = ""
    layer: str = _INHERITED
    color: int = _BY_LAYER
    inside: tuple[str, ...] = ()


_MODEL_SPACE = _Insert()


@dataclass
class _Walk:
    """A walk through entities and the blocks they insert."""

    document: Any
    path: Path
    chords: Chords
    gap: float
    items: _Items
    points: int = 0
    visits: int = 0

    def take(self, entity: Any, at: _Insert) -> None:
        """Read an entity, moved to where its block stands."""
        from ezdxf.lldxf.const import DXFError
        from ezdxf.lldxf.encoding import decode_dxf_unicode

        kind = entity.dxftype()
        # Old drawings hold Chinese names as \\U+7528; whoever reads the file leaves them so.
        own_layer = decode_dxf_unicode(_value(entity, "layer", _INHERITED))
        layer = at.layer if at.inside and own_layer == _INHERITED else own_layer
        own_color = int(_value(entity, "color", _BY_LAYER))
        color = at.color if own_color == _BY_BLOCK else own_color
        if kind == "INSERT":
            self._insert(entity, replace(at, layer=layer, color=color))
            return
        if kind in WORDS:
            self.items.words += 1
            return
        handle = entity.dxf.get("handle") or "?"
        try:
            shape = shape_of(entity, self.chords, self.gap) if at.matrix is None else self._placed(entity, at.matrix)
        except (ValueError, TypeError, IndexError, ZeroDivisionError, OverflowError, DXFError):
            self.items.broken.append(f"{kind} {handle}")
            return
        if shape is None:
            self.items.others[kind] += 1
            return
        self.points += sum(map(len, shape.runs))
        if self.points > setting("drawing_points"):
            raise InputError("drawing_large", file=self.path, limit=f"{setting('drawing_points'):.0f}")
        self.items.shapes.append(shape)
        self.items.rows.append((layer, handle, at.block, color))

    def _placed(self, entity: Any, matrix: Any) -> Shape | None:
        """Return a shape of a block where the block stands, its curves cut for the size they have there."""
        rows = [matrix.get_row(number) for number in (0, 1)]
        scale = max(math.hypot(*row[:2]) for row in rows) or 1.0
        chords = Chords(self.chords.largest / scale, self.chords.most)
        shape = shape_of(entity, chords, self.gap / scale)
        self.chords.note(chords.count, chords.worst * scale)
        return None if shape is None else replace(shape, runs=tuple(_moved(run, matrix) for run in shape.runs))

    def _insert(self, entity: Any, at: _Insert) -> None:
        name = entity.dxf.get("name", "")
        if name in at.inside or len(at.inside) >= setting("drawing_depth"):
            raise InputError("drawing_recursion", file=self.path, feature=name)
        content = self.document.blocks.get(name)
        self.items.words += len(entity.attribs)
        if content is None:
            self.items.others[f"INSERT {name}"] += 1
            return
        for copy in entity.multi_insert() if entity.mcount > 1 else (entity,):
            own = copy.matrix44()
            placed = own if at.matrix is None else own * at.matrix
            here = replace(at, matrix=placed, block=name, inside=(*at.inside, name))
            for child in (None, *content):
                # Blocks that hold nothing must not multiply unseen either.
                self.visits += 1
                if self.visits > setting("drawing_block_entities"):
                    limit = f"{setting('drawing_block_entities'):.0f}"
                    raise InputError("drawing_large", file=self.path, limit=limit)
                if child is not None:
                    self.take(child, here)


def _value(entity: Any, name: str, otherwise: Any) -> Any:
    """Return an attribute; entities of kinds that the parser does not know have none."""
    return entity.dxf.get(name, otherwise) if entity.dxf.is_supported(name) else otherwise


def _moved(run: FloatArray, matrix: Any) -> FloatArray:
    rows = [tuple(matrix.get_row(number)) for number in (0, 1, 3)]
    (ax, ay), (bx, by), (cx, cy) = ((row[0], row[1]) for row in rows)
    return np.column_stack([run[:, 0] * ax + run[:, 1] * bx + cx, run[:, 0] * ay + run[:, 1] * by + cy])


def _layer(items: _Items, path: Path, stated: Stated) -> str | None:
    """Return the layer to read, ``None`` where there is only one to choose from."""
    counts = Counter(row[0] for row in items.rows)
    if not counts:
        raise InputError("layer_empty", file=path)
    listed = ", ".join(f"{name} ({count})" for name, count in counts.most_common())
    if stated.layer:
        # CAD programs do not tell capitals from small letters in the names of layers.
        for name in counts:
            if name.casefold() == stated.layer.casefold():
                return name
        raise InputError("layer_unknown", file=path, layer=stated.layer, layers=listed)
    drawn = [name for name in counts if name.upper() != _UNPLOTTED] or list(counts)
    if len(drawn) > 1:
        raise InputError("layers_many", file=path, layers=listed, names=tuple(drawn))
    return drawn[0]


def _geometry(shape: Shape, factor: float) -> Any:
    runs = [run * factor if factor != 1 else run for run in shape.runs]
    if shape.kind == "point":
        return shapely.Point(runs[0][0])
    if shape.kind == "line":
        return shapely.LineString(runs[0])
    if shape.kind == "outline":
        return shapely.Polygon(runs[0])
    try:
        # A hatch fills by even and odd: here a ring inside another is a hole by definition.
        return assemble(runs)
    except (ValueError, shapely.errors.GEOSException):
        return shapely.MultiPolygon([shapely.Polygon(run) for run in runs])


def _seen(items: _Items, chords: Chords, unit: Unit, path: Path, kept: list[Shape]) -> list[Finding]:
    source = str(path)
    found = []
    if chords.count:
        values: dict[str, object] = {"count": chords.count, "worst": f"{chords.worst * unit.factor:.6f}"}
        found.append(Finding("note", "drawing_curves", source, values=values))
    if items.words:
        found.append(Finding("note", "drawing_words", source, values={"count": items.words}))
    if items.others:
        kinds = ", ".join(f"{kind} ({count})" for kind, count in items.others.most_common(_SHOWN * 2))
        found.append(Finding("warning", "drawing_others", source, values={"kinds": kinds}))
    if items.broken:
        shown = ", ".join(items.broken[:_SHOWN])
        found.append(Finding("warning", "drawing_broken", source, values={"count": len(items.broken), "shown": shown}))
    heights = sum(shape.height for shape in kept)
    if heights:
        found.append(Finding("note", "heights_dropped", source, values={"count": heights}))
    lines = sum(shape.kind == "line" for shape in kept)
    if lines and lines < len(kept):
        found.append(Finding("note", "drawing_open", source, values={"count": lines}))
    return found + _left_out(items, kept, source)


def _left_out(items: _Items, kept: list[Shape], source: str) -> list[Finding]:
    if len(kept) == len(items.shapes):
        return []
    return [Finding("note", "drawing_layers", source, values={"count": len(items.shapes) - len(kept)})]


def _nested(frame: gpd.GeoDataFrame, source: str) -> list[Finding]:
    """Warn of polygons inside others: they may be meant as holes, which only their author knows."""
    geometry = np.asarray(frame.geometry.array, dtype=object)
    found = nested(geometry)
    if found is None:
        return []
    count, inner, outer = found
    at = shapely.get_coordinates(geometry[inner])[0]
    handles = frame["handle"]
    values: dict[str, object] = {"count": count, "inner": handles.iloc[inner], "outer": handles.iloc[outer]}
    location = (float(at[0]), float(at[1]))
    return [Finding("warning", "drawing_nested", source, handles.iloc[inner], values, location)]
