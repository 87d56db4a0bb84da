"""Whether a layer is offset against linework known to be right: GCJ-02, BD-09, or shifted otherwise.

The reference line is moved as each offset would move it and compared with the layer's linework. An
offset is only ever found where most of the reference coincides with the layer under it, clearly better
than without it, better than under shifts of the same length in other directions, and where a shift
measured without any formula agrees.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import CRS

from spatial.crs import CGCS2000_GEOGRAPHIC, ELLIPSOID, gauss_kruger_of
from spatial.equal_area import densify, reproject
from spatial.offsets import THERE, Offset
from spatial.settings import setting

FloatArray = NDArray[np.float64]
GeometryArray = NDArray[np.object_]
Kind = Literal["none", "gcj02", "bd09", "other", "unknown"]

#: Points of a line that are compared; every so many of them are enough for a first look.
_POINTS, _FEWER = 600, 6
_GRID_STEPS = 13
_FINEST_M, _ROUGH_M = 0.5, 4.0
_DIRECTIONS = 8
#: A little more than the longest shift looked for, and the distance at which lines stop to count.
_NEAR_DEG = 0.035


@dataclass(frozen=True)
class Shift:
    """What the comparison of a layer with a reference found.

    Parameters
    ----------
    kind
        ``none``: it lies on the reference; ``gcj02``, ``bd09``: it is offset like that; ``other``: it is
        shifted by something else; ``unknown``: too little linework coincides to tell.
    distance_m, azimuth_deg
        From the true place to where the layer lies, measured without any formula; 0 where unknown.
    spread_m
        How far, at the middle (median), the lines still lie apart once shifted back.
    """

    kind: Kind
    distance_m: float = 0.0
    azimuth_deg: float = 0.0
    spread_m: float = 0.0


_UNKNOWN = Shift("unknown")


class _Lines:
    """Linework in a plane, with points along it, ready to be asked for distances."""

    def __init__(self, lines: GeometryArray, plane: CRS) -> None:
        dense = densify(lines, plane)
        coords, owner = shapely.get_coordinates(dense, return_index=True)
        same = owner[1:] == owner[:-1]
        self.tree = shapely.STRtree(shapely.linestrings(np.stack([coords[:-1][same], coords[1:][same]], axis=1)))
        chosen = np.unique(np.linspace(0, len(coords) - 1, min(_POINTS, len(coords))).astype(int))
        self.points: FloatArray = coords[chosen]

    def distances_m(self, points: FloatArray) -> FloatArray:
        """Return the distance of each point from the nearest line, cut off where it says nothing."""
        limit = setting("offset_cut_m")
        found = np.full(len(points), limit)
        (near, _), distance = self.tree.query_nearest(
            shapely.points(points), max_distance=limit, return_distance=True, all_matches=False
        )
        found[near] = distance
        return found


@dataclass(frozen=True)
class _Fit:
    """How well the reference, moved somehow, coincides with the layer."""

    cost_m: float
    median_m: float
    share: float

    @classmethod
    def of(cls, lines: _Lines, points: FloatArray) -> _Fit:
        distance = lines.distances_m(points)
        near = float((distance < setting("offset_near_m")).mean())
        return cls(float(distance.mean()), float(np.median(distance)), near)


def shift_of(layer: GeometryArray, reference: GeometryArray) -> Shift:
    """Compare a layer's linework with reference linework and measure the shift between them.

    Parameters
    ----------
    layer, reference : ndarray of shapely lines or polygons, shape (n,), (m,)
        Longitude and latitude in degrees; the reference in CGCS2000 (or WGS 84).

    Returns
    -------
    Shift
        ``unknown`` wherever the evidence is thin: never an accusation without a majority of linework.

    Raises
    ------
    InputError
        If the reference is not in China.
    """
    known, seen = _lines(reference), _lines(layer)
    if not len(known) or not len(seen):
        return _UNKNOWN
    west, _, east, _ = shapely.total_bounds(known).tolist()
    plane = CRS(gauss_kruger_of((west + east) / 2))
    right = _Lines(reproject(known, CRS(CGCS2000_GEOGRAPHIC), plane), plane)
    close = _near(seen, known)
    if not len(close) or np.hypot(*np.ptp(right.points, axis=0)) < setting("offset_extent_m"):
        return _UNKNOWN
    lines = _Lines(reproject(close, CRS(CGCS2000_GEOGRAPHIC), plane), plane)
    return _judged(lines, right, plane)


def _judged(lines: _Lines, right: _Lines, plane: CRS) -> Shift:
    """Weigh the explanations of where a layer lies against each other."""
    moved = {kind: _moved(right.points, plane, kind) for kind in THERE}
    fits = {kind: _Fit.of(lines, points) for kind, points in moved.items()}
    still = _Fit.of(lines, right.points)
    if max(fit.share for fit in (still, *fits.values())) < setting("offset_share"):
        return _UNKNOWN
    if still.median_m < setting("offset_least_m"):
        return Shift("none", spread_m=still.median_m)
    suspects = [kind for kind in THERE if _explains(fits[kind], [still, *(fits[k] for k in fits if k != kind)])]
    shift = _measured(lines, right, exact=bool(suspects))
    distance, azimuth = _on_ellipsoid(right.points, shift, plane)
    back = _Fit.of(lines, right.points + shift)
    measured = (distance, azimuth, back.median_m)
    for kind in suspects:
        expected = (moved[kind] - right.points).mean(axis=0)
        agrees = np.hypot(*(shift - expected)) <= setting("offset_agrees_m")
        if agrees and _only_there(lines, right.points, expected, fits[kind].cost_m / setting("offset_direction")):
            return Shift(kind, *measured)
    if still.share < setting("offset_share"):
        return _UNKNOWN
    sharp = distance > setting("offset_least_m") and back.median_m < setting("offset_sharp") * distance
    alone = back.cost_m / setting("offset_alone")
    apart = sharp and alone < still.cost_m and _only_there(lines, right.points, shift, alone)
    return Shift("other", *measured) if apart else Shift("none", spread_m=still.median_m)


def _explains(fit: _Fit, others: list[_Fit]) -> bool:
    """Whether most of the reference coincides under one offset, and clearly less under the others."""
    clearly = setting("offset_clearly")
    return fit.share >= setting("offset_share") and all(fit.cost_m <= clearly * other.cost_m for other in others)


def _only_there(lines: _Lines, points: FloatArray, shift: FloatArray, limit_m: float) -> bool:
    """Whether shifts of the same length in other directions fit worse: lines everywhere fit every shift."""
    turns = np.arange(1, _DIRECTIONS) * 2 * np.pi / _DIRECTIONS
    turned = [np.array([[np.cos(a), -np.sin(a)], [np.sin(a), np.cos(a)]]) @ shift for a in turns]
    return all(limit_m < _Fit.of(lines, points + other).cost_m for other in turned)


def _lines(geometry: GeometryArray) -> GeometryArray:
    """Return outlines of polygons and lines themselves; points have none."""
    parts = shapely.get_parts(np.asarray(geometry, dtype=object)[~shapely.is_missing(geometry)])
    kinds = shapely.get_dimensions(parts)
    rings = shapely.get_parts(shapely.boundary(parts[kinds == 2]))  # noqa: PLR2004 -- an area
    return np.concatenate([rings, parts[kinds == 1]])


def _near(lines: GeometryArray, reference: GeometryArray) -> GeometryArray:
    """Leave out lines that no shift looked for brings to the reference."""
    whole = shapely.union_all(reference)
    shapely.prepare(whole)
    return np.asarray(lines[shapely.dwithin(whole, lines, _NEAR_DEG)], dtype=object)


def _moved(points: FloatArray, plane: CRS, kind: Offset) -> FloatArray:
    """Return where an offset would put the points."""
    geographic = CRS(CGCS2000_GEOGRAPHIC)
    lon, lat = shapely.get_coordinates(reproject(shapely.points(points), plane, geographic)).T
    moved = shapely.points(*THERE[kind](lon, lat))
    return np.asarray(shapely.get_coordinates(reproject(moved, geographic, plane)))


def _measured(lines: _Lines, right: _Lines, *, exact: bool) -> FloatArray:
    """Return the shift that brings the lines closest together: a grid first, then ever finer steps.

    Unless ``exact``, few points are used and no grid: enough to see whether there is a small shift.
    """
    reach = setting("offset_reach_m")

    def cost_m(shift: FloatArray, every: int) -> float:
        # Both ways: a coarse line and a detailed one miss each other differently.
        there = lines.distances_m(right.points[::every] + shift).mean()
        back = right.distances_m(lines.points[::every] - shift).mean()
        return float(there + back)

    best, every = np.zeros(2), 1 if exact else _FEWER
    if exact:
        axis = np.linspace(-reach, reach, _GRID_STEPS)
        grid = np.array([(x, y) for x in axis for y in axis])
        best = grid[int(np.argmin([cost_m(shift, _FEWER) for shift in grid]))]
    step = reach / (_GRID_STEPS - 1)
    lowest = cost_m(best, every)
    while step > (_FINEST_M if exact else _ROUGH_M):
        around = [best + np.array([x, y]) * step for x in (-1, 0, 1) for y in (-1, 0, 1) if x or y]
        tried = [cost_m(shift, every) for shift in around]
        if min(tried) < lowest:
            lowest, best = min(tried), around[int(np.argmin(tried))]
        else:
            step /= 2
    return np.asarray(best)


def _on_ellipsoid(there: FloatArray, shift: FloatArray, plane: CRS) -> tuple[float, float]:
    """Return length [m] and azimuth [degrees] of a shift at the middle of the reference."""
    middle = there.mean(axis=0)
    ends = shapely.points(np.array([middle, middle + shift]))
    (lon, lat), (to_lon, to_lat) = shapely.get_coordinates(reproject(ends, plane, CRS(CGCS2000_GEOGRAPHIC)))
    azimuth, _, distance = ELLIPSOID.inv(lon, lat, to_lon, to_lat)
    return float(distance), float(azimuth % 360)
