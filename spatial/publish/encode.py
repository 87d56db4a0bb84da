"""A layer as bytes: columns and outlines as differences in as few bytes as they need, deflated.

A block is a length (four bytes, little end first), that many bytes of JSON, and the sections the JSON lists, the
whole deflated (RFC 1950) and written in base64. Numbers are varints: seven bits a byte, the lowest first, the high bit
set where more follow; signed ones as 2n or -2n - 1 ("zigzag"). See :mod:`spatial.publish.decode` for the way back.
"""

from __future__ import annotations

import base64
import datetime as dt
import json
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spatial.publish.arcs import Arcs, Ints
from spatial.publish.initials import initials
from spatial.publish.model import Layer
from spatial.tables.cells import Cell, seen

Bytes = NDArray[np.uint8]


@dataclass(frozen=True)
class Drawn:
    """A layer's outlines as the page gets them.

    Parameters
    ----------
    arcs
        With the vertices that are left out at the finest scale already gone.
    level : ndarray, shape (vertices,)
        At how many tolerances, from the finest on, each vertex is drawn.
    label_x, label_y : ndarray, shape (features,) or (0,)
        Where names stand, in quanta.
    """

    arcs: Arcs
    level: NDArray[np.uint8]
    label_x: Ints
    label_y: Ints


def zigzag(values: Ints) -> Ints:
    """Return non-negative numbers for signed ones.

    Examples
    --------
    >>> zigzag(np.array([0, -1, 1, -2, 2])).tolist()
    [0, 1, 2, 3, 4]
    """
    return (values << 1) ^ (values >> 63)


def varints(values: Ints) -> Bytes:
    """Return non-negative numbers below 2^63, seven bits a byte.

    Examples
    --------
    >>> varints(np.array([1, 127, 128, 300])).tolist()
    [1, 127, 128, 1, 172, 2]
    """
    rest = np.asarray(values, dtype=np.int64)
    if not len(rest):
        return np.zeros(0, dtype=np.uint8)
    places = max(1, -(-int(rest.max()).bit_length() // 7))
    digits = np.stack([rest >> (7 * place) for place in range(places)], axis=1)
    # The lowest digit is always written, a higher one where anything is left.
    written = digits > 0
    written[:, 0] = True
    more = np.zeros_like(written)
    more[:, :-1] = written[:, 1:]
    return np.asarray(((digits & 127) | (more << 7)).astype(np.uint8)[written])


def differences(values: Ints) -> Bytes:
    """Return signed numbers as varints of the difference to the one before, the first to 0."""
    return varints(zigzag(np.diff(values, prepend=0)))


def encode(layer: Layer, drawn: Drawn) -> str:
    """Return a layer as a block of text for a page.

    Parameters
    ----------
    layer
        Its titles and attributes; geometry is taken from ``drawn``.
    drawn
        As :func:`spatial.publish.outlines.draw` returns it.
    """
    arcs = drawn.arcs
    counts = np.bincount(arcs.feature, minlength=len(layer.shapes)).astype(np.int64)
    sections = {
        "parts": varints(counts),
        "kinds": arcs.kind,
        "refs": varints(np.diff(arcs.part_start)),
        "arcs": differences((arcs.arc << 1) | arcs.backward),
        "lengths": varints(np.diff(arcs.start)),
        "x": differences(arcs.x),
        "y": differences(arcs.y),
        "levels": drawn.level,
        "symbols": varints(layer.symbol_of.astype(np.int64)),
        "label_x": differences(drawn.label_x),
        "label_y": differences(drawn.label_y),
    }
    head = {
        "features": len(layer.shapes),
        "arcs": len(arcs.start) - 1,
        "vertices": len(arcs.x),
        "values": _columns(layer),
        "initials": _initials(layer),
    }
    return packed(head, sections)


def packed(head: Mapping[str, Any], sections: Mapping[str, Bytes]) -> str:
    """Return a block: JSON that lists its sections, and the sections."""
    listed = [[name, len(section)] for name, section in sections.items()]
    text = json.dumps({**head, "sections": listed}, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    # A lone surrogate cannot be stored; every output shows it as a mark.
    first = text.encode("utf-8", errors="replace")
    whole = b"".join([len(first).to_bytes(4, "little"), first, *(section.tobytes() for section in sections.values())])
    return base64.b64encode(zlib.compress(whole, 9)).decode("ascii")


def _columns(layer: Layer) -> list[list[Any]]:
    return [[_plain(row[place]) for row in layer.rows] for place in range(len(layer.columns))]


def _initials(layer: Layer) -> list[str]:
    """Return what names are found by beside themselves; nothing where no name has any."""
    place = next((place for place, column in enumerate(layer.columns) if column.key == layer.name_key), None)
    found = [] if place is None else initials(str(row[place] or "") for row in layer.rows)
    return found if any(found) else []


def _plain(cell: Cell) -> Any:
    if isinstance(cell, str):
        return seen(cell)
    return cell.isoformat() if isinstance(cell, dt.date) else cell
