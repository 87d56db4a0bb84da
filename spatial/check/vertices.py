"""Faults of single vertices: repeated points, spikes, sharp angles, tiny edges."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from spatial.check.codes import found
from spatial.check.paths import Flags, Floats, Indices, Paths, edges_m, is_last
from spatial.findings import Finding
from spatial.settings import setting

#: Doubles of metres with a zone prefix are 7e-9 apart: an edge of exactly the limit may come out shorter.
_DOUBT_M = 1e-6
_FEWEST = 4  # a ring of three vertices is a triangle, however sharp


@dataclass(frozen=True)
class Corners:
    """What the outline does at each vertex of some rings.

    Parameters
    ----------
    angle_deg : ndarray of float
        Between the two edges; 0 where the outline turns straight back.
    width_m : ndarray of float
        Distance from the end of the shorter edge to the longer one.
    area_m2 : ndarray of float
        What taking the vertex out would change.
    """

    angle_deg: Floats
    width_m: Floats
    area_m2: Floats

    @property
    def is_spike(self) -> Flags:
        """Whether the vertex is the tip of a spike that can be cut off without anybody's loss."""
        narrow = (self.width_m < setting("spike_width_m")) & (self.area_m2 <= setting("repair_area_m2"))
        return np.asarray((self.angle_deg < setting("spike_angle_deg")) & narrow)

    @property
    def is_sharp(self) -> Flags:
        """Whether the outline turns back sharply, but too wide to be cut off unseen."""
        return np.asarray((self.angle_deg < setting("spike_angle_deg")) & ~self.is_spike)


def corners(metres: Floats, before: Indices, after: Indices) -> Corners:
    """Return the corners at vertices whose neighbours are known.

    Parameters
    ----------
    metres : ndarray of float, shape (n, 2)
    before, after : ndarray of int, shape (n,)
        Neighbours of each vertex along its ring.

    Examples
    --------
    >>> ring = np.array([[0.0, 0], [10, 0], [10, 10], [10, 50], [9.999, 10], [0, 10]])
    >>> place = np.arange(6)
    >>> corners(ring, place - 1, (place + 1) % 6).is_spike.tolist()
    [False, False, False, True, False, False]
    """
    back, on = metres[before] - metres, metres[after] - metres
    cross = np.abs(back[:, 0] * on[:, 1] - back[:, 1] * on[:, 0])
    dot = (back * on).sum(axis=1)
    longer = np.maximum(np.hypot(*back.T), np.hypot(*on.T))
    width = np.divide(cross, longer, out=np.zeros_like(cross), where=longer > 0)
    return Corners(np.degrees(np.arctan2(cross, dot)), width, cross / 2)


def repeated(paths: Paths) -> Flags:
    """Return which vertices repeat the one before them on their path."""
    same = np.zeros(len(paths.xy), dtype=bool)
    same[1:] = (paths.xy[1:] == paths.xy[:-1]).all(axis=1) & ~is_last(paths)[:-1]
    return same


def check_vertices(paths: Paths, source: str, names: list[str]) -> list[Finding]:
    """Find repeated points, spikes, sharp angles and tiny edges.

    Parameters
    ----------
    paths
        Rings and lines of the layer.
    source, names
        File, and one name per feature.

    Returns
    -------
    list of Finding
        Repeated points and tiny edges once per feature, at the first, with their number; spikes one by one.
    """
    same = repeated(paths)
    findings = _repeated_points(paths, same, source, names)
    findings += _tiny_edges(paths, source, names)
    vertex, corner = _corners_of(paths, same)
    for code, chosen in (("spike", corner.is_spike), ("sharp_angle", corner.is_sharp)):
        owner = paths.owner[paths.path]
        for place in np.flatnonzero(chosen).tolist():
            row = int(vertex[place])
            findings.append(
                found(
                    code,
                    source,
                    names[int(owner[row])],
                    at=paths.point(row),
                    angle=f"{corner.angle_deg[place]:.3f}",
                    width=f"{corner.width_m[place]:.4f}",
                )
            )
    return findings


def _repeated_points(paths: Paths, same: Flags, source: str, names: list[str]) -> list[Finding]:
    rows = np.flatnonzero(same)
    firsts, counts, owners = _per_feature(paths, rows)
    return [
        found("repeated_point", source, names[owner], at=paths.point(first), count=count)
        for first, count, owner in zip(firsts, counts, owners, strict=True)
    ]


def _tiny_edges(paths: Paths, source: str, names: list[str]) -> list[Finding]:
    length = edges_m(paths)
    rows = np.flatnonzero((length > 0) & (length < setting("tiny_edge_m") - _DOUBT_M) & ~is_last(paths))
    firsts, counts, owners = _per_feature(paths, rows)
    return [
        found("tiny_edge", source, names[owner], at=paths.point(first), count=count, length=f"{length[first]:.4f}")
        for first, count, owner in zip(firsts, counts, owners, strict=True)
    ]


def _per_feature(paths: Paths, rows: Indices) -> tuple[list[int], list[int], list[int]]:
    """Return the first vertex, the number of vertices and the row of each feature concerned."""
    owners, places, counts = np.unique(paths.owner[paths.path[rows]], return_index=True, return_counts=True)
    return rows[places].tolist(), counts.tolist(), owners.tolist()


def _corners_of(paths: Paths, same: Flags) -> tuple[NDArray[np.intp], Corners]:
    """Return the vertices of rings, repeats and closing points left out, and their corners."""
    keep = np.flatnonzero(~same & ~is_last(paths) & paths.is_ring[paths.path])
    # A repeat of the closing point leaves the vertex before it; take it out as well.
    first = paths.start[paths.path[keep]]
    keep = keep[(keep == first) | ~(paths.xy[keep] == paths.xy[first]).all(axis=1) | ~_runs_to_end(paths, keep)]
    path = paths.path[keep]
    size = np.bincount(path, minlength=len(paths.owner))
    big = size[path] >= _FEWEST
    keep, path = keep[big], path[big]
    place = np.arange(len(keep))
    opens, closes = np.diff(path, prepend=-1) != 0, np.diff(path, append=-1) != 0
    before, after = place - 1, place + 1
    before[opens], after[closes] = place[closes], place[opens]
    return keep, corners(paths.metres[keep], before, after)


def _runs_to_end(paths: Paths, vertex: Indices) -> Flags:
    """Return which vertices are followed by nothing but repeats of themselves up to the end of their path."""
    same = repeated(paths)
    ends = np.maximum.accumulate(np.where(same, -1, np.arange(len(same))))
    last = paths.start[paths.path[vertex] + 1] - 1
    return np.asarray(ends[last] == vertex)
