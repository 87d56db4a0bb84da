"""Fewer vertices for smaller scales, the same ones wherever outlines share a border.

Every arc is simplified by itself (Douglas and Peucker 1973), so that neighbours stay neighbours; the ends
of arcs always stay, and a ring keeps three vertices at every scale.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from spatial.overlay.compiled import compiled
from spatial.publish.arcs import SHELL, Arcs, Ints

Floats = NDArray[np.float64]

#: Length of a degree of latitude [m], for drawing.
_DEGREE_M = 111_320.0
#: Steps between two vertices that have one between them.
_APART = 2


def significance(arcs: Arcs, quantum_deg: float) -> Floats:
    """Return how far outlines would move [m] if a vertex and all less important ones were left out.

    Parameters
    ----------
    arcs
        As :func:`spatial.publish.arcs.cut` returns them.
    quantum_deg
        Step of their grid [degrees].

    Returns
    -------
    ndarray, shape (vertices,)
        Infinite for ends of arcs and for what keeps a ring from collapsing.

    Examples
    --------
    >>> import shapely
    >>> from spatial.publish.arcs import cut, outlines
    >>> line = np.array([shapely.LineString([(0, 0), (1, 0.5), (2, 0)])], dtype=object)
    >>> significance(cut(outlines(line, 0.5)), 0.5).round().tolist()
    [inf, 55660.0, inf]
    """
    if not len(arcs.x):
        return np.zeros(0)
    unit_m = quantum_deg * _DEGREE_M
    middle = np.deg2rad((arcs.y.min() + arcs.y.max()) / 2 * quantum_deg)
    x_m = (arcs.x - arcs.x[0]) * unit_m * np.cos(middle)
    y_m = (arcs.y - arcs.y[0]) * unit_m
    return np.asarray(_significance(x_m, y_m, arcs.start, _needed(arcs)))


def levels(significance_m: Floats, tolerances_m: Floats) -> NDArray[np.uint8]:
    """Return at how many of the tolerances, from the finest on, a vertex is still drawn.

    Examples
    --------
    >>> levels(np.array([np.inf, 0.5, 4.0]), np.array([1.0, 3.0, 9.0])).tolist()
    [3, 0, 2]
    """
    return np.searchsorted(tolerances_m, significance_m, side="left").astype(np.uint8)


def _needed(arcs: Arcs) -> Ints:
    """Return how many vertices between its ends each arc must keep, so that its rings have three."""
    count = np.diff(arcs.part_start)
    of_part = np.repeat(np.arange(len(count)), count)
    needed = np.zeros(len(arcs.start) - 1, dtype=np.int64)
    rings = arcs.kind >= SHELL
    # Rings of two arcs have two ends; rings of one have one.
    for arcs_in_ring, inner in ((2, 1), (1, 2)):
        chosen = (rings & (count == arcs_in_ring))[of_part]
        needed[arcs.arc[chosen]] = inner
    return needed


@compiled
def _significance(x_m: Floats, y_m: Floats, start: Ints, needed: Ints) -> Floats:
    """Measure every vertex from the chord it is first cut off by, never more than that chord's ends were."""
    worth = np.full(len(x_m), np.inf)
    # Of two halves the shorter goes first, so that few wait.
    first, last, limit = np.empty(128, np.int64), np.empty(128, np.int64), np.empty(128)
    for arc in range(len(start) - 1):
        depth = 0
        first[0], last[0], limit[0] = start[arc], start[arc + 1] - 1, np.inf
        while depth >= 0:
            low, high, most = first[depth], last[depth], limit[depth]
            depth -= 1
            if high - low < _APART:
                continue
            far, square = _farthest(x_m, y_m, low, high)
            found = min(most, np.sqrt(square))
            worth[far] = found
            if far - low < high - far:
                first[depth + 1], last[depth + 1], limit[depth + 1] = far, high, found
                first[depth + 2], last[depth + 2], limit[depth + 2] = low, far, found
            else:
                first[depth + 1], last[depth + 1], limit[depth + 1] = low, far, found
                first[depth + 2], last[depth + 2], limit[depth + 2] = far, high, found
            depth += 2
        span = slice(start[arc], start[arc + 1])
        _keep(worth[span], x_m[span], y_m[span], needed[arc])
    return worth


@compiled
def _keep(worth: Floats, x_m: Floats, y_m: Floats, needed: int) -> None:
    """Make the most important vertices of one arc worth as much as its ends."""
    last = len(worth) - 1
    if needed == 0 or last < _APART:
        return
    far, _ = _farthest(x_m, y_m, 0, last)
    worth[far] = np.inf
    if needed == 1:
        return
    best, reach = -1, -1.0
    for begin, end in ((0, far), (far, last)):
        if end - begin >= _APART:
            place, square = _farthest(x_m, y_m, begin, end)
            if square > reach:
                best, reach = place, square
    if best >= 0:
        worth[best] = np.inf


@compiled
def _farthest(x_m: Floats, y_m: Floats, low: int, high: int) -> tuple[int, float]:
    """Return the vertex farthest from the chord between two others, and its squared distance."""
    along_x, along_y = x_m[high] - x_m[low], y_m[high] - y_m[low]
    length = along_x * along_x + along_y * along_y
    far, most = low + 1, -1.0
    for place in range(low + 1, high):
        off_x, off_y = x_m[place] - x_m[low], y_m[place] - y_m[low]
        if length > 0.0:
            share = min(max((off_x * along_x + off_y * along_y) / length, 0.0), 1.0)
            off_x, off_y = off_x - share * along_x, off_y - share * along_y
        square = off_x * off_x + off_y * off_y
        if square > most:
            far, most = place, square
    return far, most
