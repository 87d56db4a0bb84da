"""All rings and lines of a layer as flat arrays, so that vertices are checked without a loop."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from spatial.check.plane import Plane

Geometries = NDArray[np.object_]
Floats = NDArray[np.float64]
Indices = NDArray[np.intp]
Flags = NDArray[np.bool_]

_FIRST_MULTI = int(shapely.GeometryType.MULTIPOINT)
_LINES = (int(shapely.GeometryType.LINESTRING), int(shapely.GeometryType.LINEARRING))
_POLYGON = int(shapely.GeometryType.POLYGON)


@dataclass(frozen=True)
class Paths:
    """Rings and lines of some geometries.

    Parameters
    ----------
    xy : ndarray of float, shape (vertices, 2)
        File coordinates; a ring ends where it starts.
    metres : ndarray of float, shape (vertices, 2)
        Metres from the path's first vertex.
    start : ndarray of int, shape (paths + 1,)
        Path ``p`` has the vertices ``start[p]`` up to ``start[p + 1]``.
    owner : ndarray of int, shape (paths,)
        Row of the geometry, ascending.
    is_ring, is_hole : ndarray of bool, shape (paths,)
    """

    xy: Floats
    metres: Floats
    start: Indices
    owner: Indices
    is_ring: Flags
    is_hole: Flags

    @property
    def path(self) -> Indices:
        """The path of each vertex."""
        return np.repeat(np.arange(len(self.owner)), np.diff(self.start))

    def point(self, vertex: int) -> tuple[float, float]:
        """Return a vertex in file coordinates."""
        return float(self.xy[vertex, 0]), float(self.xy[vertex, 1])


def flatten(geometry: Geometries, plane: Plane) -> Paths:
    """Return the rings and lines of geometries; points, empty and missing ones have none.

    Parameters
    ----------
    geometry : ndarray of shapely geometries, shape (n,)
        With finite coordinates; nested collections are opened.
    plane
        Where they lie.
    """
    parts, owner = shapely.get_parts(geometry, return_index=True)
    while (shapely.get_type_id(parts) >= _FIRST_MULTI).any():
        parts, inner = shapely.get_parts(parts, return_index=True)
        owner = owner[inner]
    kinds = shapely.get_type_id(parts)
    areal, linear = np.flatnonzero(kinds == _POLYGON), np.flatnonzero(np.isin(kinds, _LINES))
    rings, of_part = shapely.get_rings(parts[areal], return_index=True)
    is_hole = np.concatenate([np.diff(of_part, prepend=-1) == 0, np.zeros(len(linear), dtype=bool)])
    paths = np.concatenate([rings, parts[linear]])
    owners = np.concatenate([owner[areal[of_part]], owner[linear]])
    order = np.argsort(owners, kind="stable")
    is_ring = np.arange(len(paths)) < len(rings)
    xy, place = shapely.get_coordinates(paths[order], return_index=True)
    start = np.concatenate([[0], np.cumsum(np.bincount(place, minlength=len(paths)))]).astype(np.intp)
    first = xy[np.minimum(start[:-1], max(len(xy) - 1, 0))] if len(xy) else np.empty((len(paths), 2))
    metres = (xy - first[place]) * plane.scale(first[:, 1])[place]
    return Paths(xy, metres, start, owners[order], is_ring[order], is_hole[order])


def signed_areas_m2(paths: Paths) -> Floats:
    """Return the area each ring encloses, positive where it turns counter-clockwise; 0 for lines."""
    x, y = paths.metres[:, 0], paths.metres[:, 1]
    step = np.zeros(len(x))
    step[:-1] = x[:-1] * y[1:] - x[1:] * y[:-1]
    sums = _by_path(paths, step, skip_last=True) / 2
    return np.where(paths.is_ring, sums, 0.0)


def lengths_m(paths: Paths) -> Floats:
    """Return the length of each path."""
    return _by_path(paths, edges_m(paths), skip_last=True)


def edges_m(paths: Paths) -> Floats:
    """Return the length of the edge that begins at each vertex; meaningless at a path's last vertex."""
    step = np.zeros(len(paths.metres))
    step[:-1] = np.hypot(*np.diff(paths.metres, axis=0).T)
    return step


def is_last(paths: Paths) -> Flags:
    """Return which vertices end their path."""
    last = np.zeros(len(paths.xy), dtype=bool)
    filled = np.diff(paths.start) > 0
    last[paths.start[1:][filled] - 1] = True
    return last


def _by_path(paths: Paths, values: Floats, *, skip_last: bool) -> Floats:
    kept = np.where(is_last(paths), 0.0, values) if skip_last else values
    return np.bincount(paths.path, kept, len(paths.owner)).astype(np.float64)
