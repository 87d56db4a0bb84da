"""Cutting arcs, circles and ellipses into short edges, whose distance from the curve is bounded."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]

_CIRCLE = 2 * math.pi
#: No circle is drawn with fewer edges, however small it is.
_FEWEST_PER_CIRCLE = 16
#: Bulges below this are straight to the last bit of a drawing's coordinates.
_STRAIGHT = 1e-9


class Chords:
    """How curves are cut, and a record of what was cut.

    Parameters
    ----------
    largest
        Largest distance allowed between a curve and its chord, in drawing units.
    most
        Most vertices that one curve may be cut into.

    Attributes
    ----------
    count, worst
        Curves cut so far, and the largest distance reached [drawing units].
    """

    def __init__(self, largest: float, most: int) -> None:
        self.largest = largest
        self.most = most
        self.count = 0
        self.worst = 0.0

    def edges(self, radius: FloatArray, angle: FloatArray) -> NDArray[np.int64]:
        """Return into how many edges arcs are cut.

        Parameters
        ----------
        radius, angle : ndarray of float, shape (n,)
            Radius [drawing units] and opening angle [rad] of each arc.

        Raises
        ------
        ValueError
            If an arc would need more vertices than allowed.
        """
        # Sagitta: e = r (1 - cos(step / 2)).
        half = np.arccos(np.clip(1 - self.largest / np.maximum(radius, self.largest), -1.0, 1.0))
        step = np.minimum(2 * np.maximum(half, 1e-12), _CIRCLE / _FEWEST_PER_CIRCLE)
        wanted: FloatArray = np.ceil(np.abs(angle) / step)
        if not np.isfinite(wanted).all() or wanted.sum() > self.most:
            raise ValueError("too many vertices")
        count: NDArray[np.int64] = np.maximum(wanted, 1).astype(np.int64)
        error = radius * (1 - np.cos(np.abs(angle) / count / 2))
        self.note(len(count), float(error.max(initial=0.0)))
        return count

    def note(self, count: int, worst: float) -> None:
        """Record curves that something else has cut."""
        self.count += count
        self.worst = max(self.worst, worst)


def arc(center: tuple[float, float], radius: float, start: float, end: float, chords: Chords) -> FloatArray:
    """Cut an arc that runs counter-clockwise from ``start`` to ``end`` [rad].

    Returns
    -------
    ndarray of float, shape (n, 2)
        Its points; a whole circle ends on its first point.

    Examples
    --------
    >>> points = arc((0, 0), 10, 0, 2 * math.pi, Chords(0.001, 10_000))
    >>> bool((points[0] == points[-1]).all()), len(points)
    (True, 224)
    """
    sweep = (end - start) % _CIRCLE or _CIRCLE
    count = int(chords.edges(np.array([radius]), np.array([sweep]))[0])
    angles = start + sweep * np.arange(count + 1) / count
    points = np.column_stack([center[0] + radius * np.cos(angles), center[1] + radius * np.sin(angles)])
    if sweep == _CIRCLE:
        points[-1] = points[0]
    return points


def bulged(points: FloatArray, bulges: FloatArray, chords: Chords, *, closed: bool) -> FloatArray:
    """Cut the arcs of a polyline.

    Parameters
    ----------
    points : ndarray of float, shape (n, 2)
    bulges : ndarray of float, shape (n,)
        Tangent of a quarter of the angle of the arc from each point to the next, positive
        counter-clockwise, 0 for a straight edge (DXF reference, LWPOLYLINE, group 42).
    closed
        Whether the last point is joined to the first.

    Returns
    -------
    ndarray of float, shape (m, 2)
        The points given, with those of the arcs between them; closed ones end on their first point.

    Examples
    --------
    A bulge of 1 is half a circle:

    >>> half = bulged(np.array([[0.0, 0.0], [2.0, 0.0]]), np.array([1.0, 0.0]), Chords(1e-4, 10_000), closed=False)
    >>> [round(float(value), 3) for value in half.min(axis=0)]
    [0.0, -1.0]
    """
    if closed:
        points, bulges = np.vstack([points, points[:1]]), np.append(bulges, 0.0)
    start, end, bulge = points[:-1], points[1:], bulges[:-1]
    chord = np.hypot(*(end - start).T)
    curved = (np.abs(bulge) > _STRAIGHT) & (chord > 0)
    if not curved.any():
        return points
    bend, angle = bulge[curved], 4 * np.arctan(bulge[curved])
    radius = chord[curved] * (1 + bend**2) / (4 * np.abs(bend))
    count = np.ones(len(bulge), dtype=np.int64)
    count[curved] = chords.edges(radius, angle)
    # The centre lies left of the chord for positive bulges below 1.
    ahead = end[curved] - start[curved]
    normal = np.column_stack([-ahead[:, 1], ahead[:, 0]])
    center = (start[curved] + end[curved]) / 2 + normal * ((1 - bend**2) / (4 * bend))[:, None]
    first = np.concatenate([[0], np.cumsum(count)])
    found = np.empty((int(first[-1]) + 1, 2))
    found[first] = points
    owner = np.repeat(np.arange(int(curved.sum())), count[curved] - 1)
    place = np.concatenate([np.arange(1, number) for number in count[curved].tolist()])
    turn = angle[owner] * place / count[curved][owner]
    arm = start[curved][owner] - center[owner]
    cos, sin = np.cos(turn), np.sin(turn)
    at = first[:-1][curved][owner] + place
    found[at, 0] = center[owner, 0] + cos * arm[:, 0] - sin * arm[:, 1]
    found[at, 1] = center[owner, 1] + sin * arm[:, 0] + cos * arm[:, 1]
    return found
