"""Streams from flow accumulation, named after the rivers of the table of facts."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import shapely
from scipy import ndimage

from layers.drawing.terrain import Course, route

if TYPE_CHECKING:
    import pyflwdir
    from numpy.typing import NDArray

    from layers.drawing.canvas import Canvas

    FloatArray = NDArray[np.float64]
    BoolArray = NDArray[np.bool_]


@dataclass(frozen=True)
class Reach:
    """A stretch of stream between two confluences; `river` is empty for unnamed brooks."""

    line: shapely.LineString
    river: str
    order: int


@dataclass(frozen=True)
class Network:
    """Routed water: the D8 graph, cells drained through each cell, and the reaches."""

    flow: pyflwdir.FlwdirRaster
    drained: NDArray[np.int32]
    reaches: tuple[Reach, ...]
    is_stream: BoolArray

    def river(self, *names: str) -> shapely.MultiLineString:
        """Return the reaches of the named rivers."""
        return shapely.MultiLineString([reach.line for reach in self.reaches if reach.river in names])

    def above_stream_m(self, height: FloatArray) -> FloatArray:
        """Return the height above the first stream cell downstream [m]."""
        return np.asarray(self.flow.hand(self.is_stream, height.astype(np.float32)), dtype=float)

    def catchment(self, row: int, col: int) -> BoolArray:
        """Return the cells that drain through one cell."""
        cell = row * self.drained.shape[1] + col
        return np.asarray(self.flow.basins(idxs=np.array([cell])) > 0)


class _Water(NamedTuple):
    """The cell below each cell, and the cells drained through it."""

    down: NDArray[np.int64]
    drained: NDArray[np.int32]


def _path(down: NDArray[np.int64], start: int, stop: set[int]) -> list[int]:
    """Follow the water from a cell until it leaves the grid or meets a cell of `stop`."""
    path = [start]
    while (following := int(down[path[-1]])) != path[-1]:
        path.append(following)
        if following in stop:
            break
    return path


def _run(canvas: Canvas, water: _Water, course: Course, named: dict[int, str], reach_m: float) -> list[int]:
    """
    Return the cells of a river: from the largest stream near the head of its course, down to the mouth.

    Where the water near the head runs elsewhere, the river begins farther down its course.

    Raises
    ------
    ValueError
        If no stream along the course reaches the mouth or joined river: the terrain does not carry this river.
    """
    xy = shapely.get_coordinates(shapely.segmentize(course.line, reach_m / 2))
    xy = xy[shapely.contains_xy(canvas.box.buffer(-2 * canvas.cell_m), xy[:, 0], xy[:, 1])]
    rows, cols = (np.ravel(index) for index in np.indices(canvas.shape))
    mouth = np.ravel_multi_index(canvas.cell_of(xy[-1]), canvas.shape)
    for first in xy[:-1]:
        row, col = canvas.cell_of(first)
        near = np.hypot(rows - row, cols - col) * canvas.cell_m < reach_m
        start = int(np.argmax(np.where(near, water.drained.ravel(), -1)))
        path = _path(water.down, start, set(named))
        missed_m = np.hypot(rows[path] - rows[mouth], cols[path] - cols[mouth]).min() * canvas.cell_m
        if named.get(path[-1], "") == course.joins and (course.joins or missed_m < reach_m):
            return path
    raise ValueError(f"no stream runs along the course of {course.name}")


def _smoothed(xy: FloatArray) -> shapely.LineString:
    """Round a chain of cell centres off; both ends stay where they are."""
    if len(xy) > 3:  # noqa: PLR2004 -- shorter chains have nothing to round off
        soft = ndimage.gaussian_filter1d(xy, 1.5, axis=0, mode="nearest")
        xy = np.vstack([xy[:1], soft[1:-1], xy[-1:]])
    return shapely.LineString(xy).simplify(4.0)


def trace(canvas: Canvas, height: FloatArray, rivers: dict[str, Course], facts: dict[str, Any]) -> Network:
    """Route the water, follow the named rivers down from their heads, cut all streams at confluences."""
    flow = route(canvas, height)
    drained = flow.upstream_area(unit="cell")
    named: dict[int, str] = {}
    water = _Water(flow.idxs_ds, drained)
    for course in rivers.values():
        for cell in _run(canvas, water, course, named, facts["streams"]["head_reach_m"]):
            named.setdefault(cell, course.name)
    least = facts["streams"]["least_km2"] * 1e6 / canvas.cell_m**2
    is_stream = drained >= least
    is_stream.ravel()[np.fromiter(named, dtype=np.int64)] = True
    order = flow.stream_order(type="strahler", mask=is_stream)
    reaches = []
    with warnings.catch_warnings():
        # pyflwdir multiplies affine matrices in a way that affine 3 calls out of date.
        warnings.simplefilter("ignore", PendingDeprecationWarning)
        parts = flow.streams(mask=is_stream, strord=order)
    for part in parts:
        xy = np.asarray(part["geometry"]["coordinates"])
        if len(xy) > 1:
            row, col = canvas.cell_of(xy[0])
            river = named.get(int(row) * canvas.shape[1] + int(col), "")
            reaches.append(Reach(_smoothed(xy), river, int(part["properties"]["strord"])))
    return Network(flow, drained, tuple(reaches), is_stream)
