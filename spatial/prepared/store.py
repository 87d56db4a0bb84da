"""One prepared layer as a folder of files: written whole or not at all, read in part, believed only if unchanged.

``pieces.parquet`` holds every feature in Hilbert order with its box: ordinary ones as they are, giants
cut into pieces. Areas and distances are never taken from pieces, since a cut adds vertices and with
them rounding: pieces only tell which giants come near a project. ``giants.parquet`` holds those whole,
each in a row group of its own, in the analysis plane and, since that takes long, in the equal-area one.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import shapely
from numpy.typing import NDArray
from pyproj import CRS
from shapely.geometry.base import BaseGeometry

from spatial.equal_area import to_equal_area
from spatial.prepared.cells import cut_into_cells, hilbert_order
from spatial.prepared.tables import DamagedError, Rows, TableFile, write_table
from spatial.settings import setting

FloatArray = NDArray[np.float64]
GeometryArray = NDArray[np.object_]
Indices = NDArray[np.intp]

ENTRY, PIECES, GIANTS = "entry.json", "pieces.parquet", "giants.parquet"
_TEXT = "text_"


@dataclass(frozen=True)
class Near:
    """Where the projects are, in the analysis plane.

    Parameters
    ----------
    boxes : ndarray of float, shape (n, 4)
        West, south, east, north, with the distance that still counts as near on all sides.
    exactly
        Whether a feature counts only if it meets a box itself, not only with its own box.
    """

    boxes: FloatArray
    exactly: bool


@dataclass(frozen=True)
class Features:
    """Features of a layer, in the layer's order.

    Parameters
    ----------
    places : ndarray of int, shape (n,)
        Their places in the whole layer.
    texts
        Columns that outputs need, as text.
    equal_area
        Geometries in the equal-area plane, by place among these features, where they were kept.
    """

    places: Indices
    geometry: GeometryArray
    texts: dict[str, list[str]]
    equal_area: Mapping[int, BaseGeometry] = field(default_factory=dict)


def write_features(folder: Path, features: Features, plane: CRS) -> dict[str, Any]:
    """Write the tables of a layer into a folder.

    Returns
    -------
    dict
        What :func:`read_features` compares the files with.
    """
    geometry = features.geometry
    giant = shapely.get_num_coordinates(geometry) > setting("prepared_giant_vertices")
    giant &= shapely.get_dimensions(geometry) == 2  # noqa: PLR2004 -- an area
    plain, giants = np.flatnonzero(~giant), np.flatnonzero(giant)
    boxes, shapes, owners = [shapely.bounds(geometry[plain])], [geometry[plain]], [plain]
    for place in giants.tolist():
        cells, cut = cut_into_cells(geometry[place], int(setting("prepared_piece_vertices")))
        boxes.append(cells)
        shapes.append(cut)
        owners.append(np.full(len(cut), place))
    box, shape, owner = np.concatenate(boxes), np.concatenate(shapes), np.concatenate(owners)
    order = hilbert_order(box)
    box, shape, owner = box[order], shape[order], owner[order]
    columns = _columns(features, owner) | {"whole": ~giant[owner], "geometry": shapely.to_wkb(shape)}
    sums = {PIECES: write_table(folder / PIECES, columns, box, _starts(shape), plane)}
    if giants.size:
        moved = to_equal_area(geometry[giants], plane)
        columns = _columns(features, giants) | {
            "geometry": shapely.to_wkb(geometry[giants]),
            "equal_area": shapely.to_wkb(moved),
        }
        starts = range(giants.size)
        table = write_table(folder / GIANTS, columns, shapely.bounds(geometry[giants]), starts, plane)
        sums[GIANTS] = table | {"places": giants.tolist()}
    return sums


def read_features(folder: Path, sums: Mapping[str, Any], near: Near | None) -> Features:
    """Read the features near projects, or all.

    Raises
    ------
    DamagedError, OSError, pyarrow.ArrowException
        If the files are not what was written.
    """
    with (folder / PIECES).open("rb") as opened:
        table = TableFile(opened, sums[PIECES])
        rows = _meeting_rows(table, near)
    whole = rows["whole"].astype(bool)
    found = [_picked(rows, whole)]
    if GIANTS in sums:
        with (folder / GIANTS).open("rb") as opened:
            table = TableFile(opened, sums[GIANTS])
            # Where few projects are asked about, a giant counts only if one of its pieces is near them.
            counts = np.isin(sums[GIANTS]["places"], rows["place"][~whole]) if near and near.exactly else None
            found.append(_meeting_rows(table, near, counts))
    return _joined(found)


def _joined(parts: Sequence[Rows]) -> Features:
    places = np.concatenate([rows["place"] for rows in parts]).astype(np.intp)
    order = np.argsort(places, kind="stable")
    moved = [rows.get("equal_area", np.full(len(rows["place"]), None, dtype=object)) for rows in parts]
    equal_area = np.concatenate(moved)[order]
    filled = [place for place, shape in enumerate(equal_area) if shape is not None]
    texts = [name for name in parts[0] if name.startswith(_TEXT)]
    return Features(
        places[order],
        np.asarray(shapely.from_wkb(_column(parts, "geometry")[order]), dtype=object),
        {name.removeprefix(_TEXT): _column(parts, name)[order].tolist() for name in texts},
        dict(zip(filled, shapely.from_wkb(equal_area[filled]), strict=True)),
    )


def _column(parts: Sequence[Rows], name: str) -> NDArray[np.object_]:
    return np.concatenate([np.asarray(rows[name], dtype=object) for rows in parts])


def _picked(rows: Rows, chosen: NDArray[Any]) -> Rows:
    return {name: column[chosen] for name, column in rows.items()}


def _columns(features: Features, rows: Indices) -> dict[str, Any]:
    texts = {f"{_TEXT}{name}": np.array(cells, dtype=object)[rows] for name, cells in features.texts.items()}
    return {"place": rows.astype(np.int64), **{name: pa.array(cells, pa.string()) for name, cells in texts.items()}}


def _starts(shapes: GeometryArray) -> list[int]:
    """Begin a row group where the vertices of the one before are enough to be read at once."""
    total = np.concatenate([[0], np.cumsum(shapely.get_num_coordinates(shapes))[:-1]])
    return np.unique(total // setting("prepared_group_vertices"), return_index=True)[1].tolist() or [0]


def _meeting_rows(table: TableFile, near: Near | None, counts: NDArray[np.bool_] | None = None) -> Rows:
    """Return the rows whose boxes meet those of projects, of the row groups that count."""
    groups = table.boxes()
    wanted = np.arange(len(groups)) if counts is None else np.flatnonzero(counts)
    if near is None:
        return table.rows(wanted)
    tree = shapely.STRtree(shapely.box(*near.boxes.T))
    rows = table.rows(wanted[np.unique(tree.query(shapely.box(*groups[wanted].T))[0])])
    return _picked(rows, np.unique(tree.query(shapely.box(*rows["bbox"].T))[0]))


def sealed(content: dict[str, Any]) -> str:
    """Return content as JSON with a sum of itself."""
    return json.dumps(content | {"sum": _seal(content)}, ensure_ascii=False, sort_keys=True)


def opened(path: Path) -> dict[str, Any]:
    """Read what :func:`sealed` made.

    Raises
    ------
    OSError, ValueError
        If it is not there, or not what was written.
    """
    content = json.loads(path.read_text(encoding="utf-8"))
    if not isinstance(content, dict) or content.pop("sum", "") != _seal(content):
        raise DamagedError
    return content


def _seal(content: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(content, ensure_ascii=False, sort_keys=True).encode()).hexdigest()
