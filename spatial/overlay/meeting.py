"""What pairs of geometries share, when many small ones meet each large one."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import shapely

from spatial.overlay import robust
from spatial.overlay.rings import Floats, Geometries, Indices
from spatial.overlay.windows import fragments

_BATCH = 4096
"""Pairs whose fragments are prepared together, which bounds the memory that preparing takes."""


def shared(
    large: Geometries, small: Geometries, pairs: tuple[Indices, Indices], max_vertices: int
) -> tuple[Indices, Indices, Geometries]:
    """Intersect pairs of geometries, cutting the large one of each pair first.

    Parameters
    ----------
    large, small : array of geometries, shapes (n,) and (m,)
        Valid; planar, metres.
    pairs : tuple of arrays of int, shape (k,)
        Positions in ``large`` and ``small`` of geometries whose boxes meet.
    max_vertices : int
        A large geometry with more vertices than this is cut.

    Returns
    -------
    large_index, small_index : array of int, shape (j,)
        The pairs that meet, in no particular order.
    geometry : array of geometries, shape (j,)
        What they share, of any dimension; the small geometry itself where it is covered.
    """
    if pairs[0].size == 0:
        return *pairs, np.empty(0, dtype=object)
    pieces, of_pair, large_index, small_index = _cut_down(large, shapely.bounds(small), pairs, max_vertices)
    geometry = _intersections(pieces, of_pair, small[small_index])
    met = ~shapely.is_missing(geometry) & ~shapely.is_empty(geometry)
    return large_index[met], small_index[met], geometry[met]


def near(
    large: Geometries, small: Geometries, pairs: tuple[Indices, Indices], within_m: float, max_vertices: int
) -> tuple[Indices, Indices, Floats]:
    """Measure the distance of pairs of geometries, cutting the large one of each pair first.

    Parameters
    ----------
    large, small, pairs, max_vertices
        As in :func:`shared`; the boxes of a pair come within the distance of each other.
    within_m : float
        Pairs farther apart are left out, metres.

    Returns
    -------
    large_index, small_index : array of int, shape (j,)
        In no particular order.
    distance_m : array of float, shape (j,)
    """
    if pairs[0].size == 0:
        return *pairs, np.empty(0)
    # What is cut away lies farther from the small geometry than asked.
    reach = shapely.bounds(small) + within_m * np.array([-1.0, -1.0, 1.0, 1.0])
    pieces, of_pair, large_index, small_index = _cut_down(large, reach, pairs, max_vertices)
    chosen: list[Indices] = []
    order = np.argsort(of_pair, kind="stable")
    for start in range(0, order.size, _BATCH):
        rows = order[start : start + _BATCH]
        left, right = pieces[of_pair[rows]], small[small_index[rows]]
        shapely.prepare(left)
        chosen.append(rows[shapely.dwithin(left, right, within_m)])
        shapely.destroy_prepared(left)
    rows = np.concatenate([np.empty(0, dtype=np.intp), *chosen])
    return large_index[rows], small_index[rows], shapely.distance(pieces[of_pair[rows]], small[small_index[rows]])


def _cut_down(
    large: Geometries, boxes: Floats, pairs: tuple[Indices, Indices], max_vertices: int
) -> tuple[Geometries, Indices, Indices, Indices]:
    """Return pieces of the large geometries, and for each pair its piece, large and small geometry."""
    hold = shapely.get_num_coordinates(large)[pairs[0]] > max_vertices
    plain, member = pairs[0][~hold], pairs[1][~hold]
    used, piece = np.unique(plain, return_inverse=True)
    cut, cut_piece, cut_large, cut_member = _cut(large, boxes, (pairs[0][hold], pairs[1][hold]), max_vertices)
    # Copies, because preparing a geometry that another thread uses crashes the interpreter.
    pieces = np.concatenate([shapely.force_2d(large[used]), cut])
    of_pair = np.concatenate([piece, cut_piece + used.size])
    return pieces, of_pair, np.concatenate([plain, cut_large]), np.concatenate([member, cut_member])


def _cut(
    large: Geometries, boxes: Floats, pairs: tuple[Indices, Indices], max_vertices: int
) -> tuple[Geometries, Indices, Indices, Indices]:
    order = np.argsort(pairs[0], kind="stable")
    owner, member = pairs[0][order], pairs[1][order]
    edges = np.flatnonzero(np.diff(owner, prepend=-1, append=-1))
    pieces: list[shapely.Geometry] = []
    members: list[Indices] = []
    owners: list[int] = []
    for start, stop in pairwise(edges):
        whole = large[owner[start]]
        for fragment in fragments(whole, boxes[member[start:stop]], max_vertices):
            pieces.append(shapely.force_2d(whole) if fragment.geometry is whole else fragment.geometry)
            members.append(member[start:stop][fragment.members])
            owners.append(owner[start])
    sizes = [len(rows) for rows in members]
    cut = np.empty(len(pieces), dtype=object)
    cut[:] = pieces
    return (
        cut,
        np.repeat(np.arange(len(pieces)), sizes),
        np.repeat(np.array(owners, dtype=np.intp), sizes),
        np.concatenate([np.empty(0, dtype=np.intp), *members]),
    )


def _intersections(pieces: Geometries, of_pair: Indices, small: Geometries) -> Geometries:
    result = np.empty(of_pair.size, dtype=object)
    order = np.argsort(of_pair, kind="stable")
    for start in range(0, order.size, _BATCH):
        rows = order[start : start + _BATCH]
        left, right = pieces[of_pair[rows]], small[rows]
        shapely.prepare(left)
        inside = robust.holds(shapely.contains_properly, left, right, in_doubt=False)
        result[rows[inside]] = right[inside]
        open_rows = np.flatnonzero(~inside)
        meets = robust.holds(shapely.intersects, left[open_rows], right[open_rows], in_doubt=True)
        shapely.destroy_prepared(left)
        crossing = open_rows[meets]
        result[rows[crossing]] = robust.intersection(left[crossing], right[crossing])
    return result
