"""A 30 m terrain that water could have made: ranges, hills, and valleys where the plan's rivers run.

The rivers' courses fix a rough relief; water is then routed over it, and the height of every cell is
rebuilt upstream from the channel gradient S = k A^-m (Flint's law), steep where the table of facts
puts a range, flat in the basin. Repeating this gives valleys that branch and join like real ones.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numba
import numpy as np
import pyflwdir
import shapely
from scipy import ndimage

from layers.drawing.canvas import Canvas, smooth

if TYPE_CHECKING:
    from numpy.typing import NDArray

    FloatArray = NDArray[np.float64]


@dataclass(frozen=True)
class Course:
    """The wanted course of a river, from head to mouth, in the plane of the canvas; `joins` is empty for a main river."""

    name: str
    line: shapely.LineString
    mouth_height_m: float
    joins: str


def courses(canvas: Canvas, facts: dict[str, Any]) -> dict[str, Course]:
    """Return the wanted courses, bent by noise; a tributary ends on the river it joins."""
    bend_m, gradient = facts["terrain"]["bend_m"], facts["terrain"]["river_gradient"]
    bends = [canvas.noise(f"bend-{axis}", facts["terrain"]["bend_wavelength_m"]) * bend_m for axis in "xy"]
    made: dict[str, Course] = {}
    for river in facts["river"]:
        straight = shapely.segmentize(shapely.LineString(canvas.project(river["course"])), 4 * canvas.cell_m)
        xy = shapely.get_coordinates(straight)
        xy = xy + np.column_stack([canvas.sample(bend, xy) for bend in bends])
        height = facts["terrain"]["outlet_height_m"]
        if "joins" in river:
            parent = made[river["joins"]]
            along = parent.line.project(shapely.Point(xy[-1]))
            xy[-1] = shapely.get_coordinates(parent.line.interpolate(along))[0]
            height = parent.mouth_height_m + gradient * (parent.line.length - along)
        made[river["name"]] = Course(river["name"], shapely.LineString(xy), height, river.get("joins", ""))
    return made


def steepness(canvas: Canvas, facts: dict[str, Any]) -> FloatArray:
    """Return the gradient a cell without inflow would have: basin, rolling hills, ranges."""
    terrain = facts["terrain"]
    lines = [shapely.LineString(canvas.project(part["line"])) for part in terrain["hills"]]
    field = np.full(canvas.shape, float(terrain["basin_steepness"]))
    wobble = 1 + 0.35 * canvas.noise("steepness", 5000)
    for line, part in zip(lines, terrain["hills"], strict=True):
        reach = canvas.distance_to([line]) / (part["width_m"] * np.clip(wobble, 0.4, 1.8))
        field = np.maximum(field, part["steepness"] * np.exp(-(reach**2)))
    for ridge in facts["range"]:
        reach = canvas.distance_to([range_line(canvas, ridge)]) / (ridge["width_m"] * np.clip(wobble, 0.4, 1.8))
        field = np.maximum(field, ridge["steepness"] * np.exp(-(reach**2)))
    return smooth(field, 6)


def range_line(canvas: Canvas, ridge: dict[str, Any]) -> shapely.LineString:
    """Return the crest line of a range from the table of facts."""
    return shapely.LineString(canvas.project(ridge["crest"]))


def rough_relief(canvas: Canvas, rivers: dict[str, Course], facts: dict[str, Any], steep: FloatArray) -> FloatArray:
    """Return the first guess: heights along the courses, rising away from them and into the ranges."""
    terrain = facts["terrain"]
    height = np.full(canvas.shape, np.nan)
    for river in reversed(rivers.values()):
        xy = shapely.get_coordinates(shapely.segmentize(river.line, canvas.cell_m / 3))
        steps = np.hypot(*np.diff(xy, axis=0).T)
        to_mouth = river.line.length - np.concatenate([[0.0], np.cumsum(steps)])
        height[canvas.cell_of(xy)] = river.mouth_height_m + terrain["river_gradient"] * to_mouth
    away, nearest = ndimage.distance_transform_edt(np.isnan(height), sampling=canvas.cell_m, return_indices=True)
    rise = 0.02 + 0.25 * steep
    rough = canvas.noise("relief", 6000) * 0.5 + canvas.noise("relief-fine", 1500) * 0.3
    return np.asarray(height[tuple(nearest)] + smooth(rise * away, 10) * np.clip(1 + 0.5 * rough, 0.2, None) + rough)


@numba.njit(cache=True)
def _raise_upstream(downstream, order, base, gradient, step_m):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    height = base.copy()
    for cell in order:
        to = downstream[cell]
        if to != cell:
            height[cell] = height[to] + gradient[cell] * step_m[cell]
    return height


def sculpt(canvas: Canvas, rough: FloatArray, steep: FloatArray, facts: dict[str, Any]) -> FloatArray:
    """Rebuild heights from gradients along the flow paths, several times over."""
    terrain = facts["terrain"]
    height = rough
    rows, cols = canvas.shape
    for _ in range(terrain["rounds"]):
        flow = route(canvas, height)
        cells = np.maximum(flow.upstream_area(unit="cell").ravel(), 1).astype(float)
        gradient = np.minimum(steep.ravel() * cells ** -terrain["concavity"], terrain["steepest"])
        down = flow.idxs_ds
        own = np.arange(rows * cols)
        apart = np.hypot(own // cols - down // cols, own % cols - down % cols) * canvas.cell_m
        base = np.minimum(rough.ravel(), height.ravel())
        height = _raise_upstream(down, flow.idxs_seq, base, gradient, apart).reshape(canvas.shape)
        height = smooth(height, terrain["smooth_cells"])
    return height


def route(canvas: Canvas, height: FloatArray) -> pyflwdir.FlwdirRaster:
    """Route water over a terrain (D8, sinks filled, all edges open)."""
    return pyflwdir.from_dem(
        height.astype(np.float32), nodata=-9999.0, transform=canvas.transform, latlon=False, outlets="edge"
    )


def build(canvas: Canvas, facts: dict[str, Any]) -> FloatArray:
    """Return the heights of the terrain [m], rounded to 1/16 m."""
    steep = steepness(canvas, facts)
    rough = rough_relief(canvas, courses(canvas, facts), facts, steep)
    height = sculpt(canvas, rough, steep, facts)
    return np.round(height * 16) / 16


def slope_deg(height: FloatArray, cell_m: float) -> FloatArray:
    """Return the slope by Horn's third-order differences [degrees]."""
    east = ndimage.sobel(height, axis=1, mode="nearest") / (8 * cell_m)
    north = ndimage.sobel(height, axis=0, mode="nearest") / (8 * cell_m)
    return np.asarray(np.degrees(np.arctan(np.hypot(east, north))))
