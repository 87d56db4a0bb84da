"""Loops over cells by numba. Importing this module imports numba, which takes 0.4 s."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from spatial.overlay.compiled import compiled
from spatial.terrain.forms import Floats, Ground, Indices, Spans

#: Degrees of one radian. Slopes in degrees and thresholds of classes are both made with it, so that they agree.
DEGREES = 180 / math.pi


@compiled
def gradient_row(ground: Ground, row: int, east: Floats, south: Floats) -> None:
    """Write how much the ground rises per metre to the east and to the south; nan where a neighbour is missing."""
    z, (side, middle) = ground.z, ground.weights
    last = z.shape[1] - 1
    west_weight, south_weight = 1 / (8 * ground.steps[row, 0]), 1 / (8 * ground.steps[row, 1])
    above, here, below = z[row - 1], z[row], z[row + 1]
    for column in range(1, last):
        a, b, c = float(above[column - 1]), float(above[column]), float(above[column + 1])
        d, e, f = float(here[column - 1]), float(here[column]), float(here[column + 1])
        g, h, i = float(below[column - 1]), float(below[column]), float(below[column + 1])
        # Nothing times zero is nothing: one rule for missing cells, whichever neighbours the formula uses.
        missing = 0 * e
        east[column] = (side * ((c - a) + (i - g)) + middle * (f - d)) * west_weight + missing
        south[column] = (side * ((g - a) + (i - c)) + middle * (h - b)) * south_weight + missing
    east[0] = east[last] = south[0] = south[last] = math.nan


@compiled
def slopes(ground: Ground, out: NDArray[np.float32]) -> None:
    """Write slopes in degrees; the outermost rows and columns have none."""
    rows, columns = ground.z.shape
    east, south = np.empty(columns), np.empty(columns)
    out[0] = out[rows - 1] = math.nan
    for row in range(1, rows - 1):
        gradient_row(ground, row, east, south)
        for column in range(columns):
            steep = east[column] * east[column] + south[column] * south[column]
            out[row, column] = math.atan(math.sqrt(steep)) * DEGREES


@compiled
def aspects(ground: Ground, out: NDArray[np.float32]) -> None:
    """Write the bearing in which the ground falls, in degrees from the north; nan where it is level."""
    rows, columns = ground.z.shape
    east, south = np.empty(columns), np.empty(columns)
    out[0] = out[rows - 1] = math.nan
    for row in range(1, rows - 1):
        gradient_row(ground, row, east, south)
        for column in range(columns):
            if east[column] == 0 and south[column] == 0:
                out[row, column] = math.nan
                continue
            # Downhill is against the gradient; north is against south.
            bearing = math.atan2(-east[column], south[column]) * DEGREES
            turned = np.float32(bearing + 360 if bearing < 0 else bearing)
            out[row, column] = 0.0 if turned >= 360 else turned  # noqa: PLR2004 -- degrees


@compiled
def row_areas(terms: Floats, area: Floats) -> None:
    """Write the area of each cell of a row by its series, see :func:`spatial.grid.cell_area_series`."""
    a, b, c, d, e, f, g = terms[0], terms[1], terms[2], terms[3], terms[4], terms[5], terms[6]
    step = 2 / area.size
    u = step / 2 - 1
    for column in range(area.size):
        v = u + step * column
        # All terms in one go, which stays in the processor's registers.
        area[column] = a + v * (b + v * (c + v * (d + v * (e + v * (f + v * g)))))


@compiled
def class_sums(ground: Ground, limits: Floats, areas: Floats, spans: Spans, sums: Floats) -> None:
    """Add the area of each class in each zone; the first and last row of heights are neighbours only.

    ``limits`` are six squared tangents, rising; a class begins above one. ``areas`` are the series of
    :func:`spatial.grid.cell_area_series`. ``sums`` has a row per zone; its column 0 takes cells
    without a slope. ``areas`` and ``spans`` count rows from the second row of heights.
    """
    columns = ground.z.shape[1]
    east, south, area = np.empty(columns), np.empty(columns), np.empty(columns)
    code = np.empty(columns, np.int64)
    a, b, c, d, e, f = limits[0], limits[1], limits[2], limits[3], limits[4], limits[5]
    # Four sums side by side: a processor need not wait for one addition before it begins the next.
    parts = np.zeros((4, sums.shape[1]))
    for row in range(ground.z.shape[0] - 2):
        if spans.first[row] == spans.first[row + 1]:
            continue
        gradient_row(ground, row + 1, east, south)
        row_areas(areas[row], area)
        for column in range(columns):
            steep = east[column] * east[column] + south[column] * south[column]
            code[column] = (
                (steep >= 0) + (steep > a) + (steep > b) + (steep > c) + (steep > d) + (steep > e) + (steep > f)
            )
        for k in range(spans.first[row], spans.first[row + 1]):
            share = spans.share[k]
            parts[:] = 0.0
            for column in range(spans.start[k], spans.stop[k]):
                parts[column & 3, code[column]] += area[column]
            for each in range(sums.shape[1]):
                together = (parts[0, each] + parts[1, each]) + (parts[2, each] + parts[3, each])
                sums[spans.zone[k], each] += share * together


@compiled
def parcel_sums(codes: NDArray[np.uint8], slope: NDArray[np.float32], areas: Floats, spans: Spans, out: Floats) -> None:
    """Add up classes and slopes of each parcel.

    ``out`` has a row per parcel: area times slope, area with a slope, steepest of the cells at least
    half in it, steepest of all its cells, then the area of each code from 0.
    """
    area = np.empty(codes.shape[1])
    for row in range(codes.shape[0]):
        if spans.first[row] == spans.first[row + 1]:
            continue
        row_areas(areas[row], area)
        for k in range(spans.first[row], spans.first[row + 1]):
            own, share = out[spans.zone[k]], spans.share[k]
            for column in range(spans.start[k], spans.stop[k]):
                part, steep = share * area[column], float(slope[row, column])
                own[4 + codes[row, column]] += part
                if steep >= 0:
                    own[0] += part * steep
                    own[1] += part
                    own[3] = max(own[3], steep)
                    if share >= 0.5:  # noqa: PLR2004 -- half
                        own[2] = max(own[2], steep)


@compiled
def label(codes: NDArray[np.uint8], labels: NDArray[np.int32]) -> int:  # noqa: C901
    """Write the number of each cell's patch of equal codes, cells touching along a side; return their count."""
    rows, columns = codes.shape
    root = labels.reshape(rows * columns)
    for row in range(rows):
        for column in range(columns):
            here = row * columns + column
            root[here] = here
            for side in range(2):
                if (row if side else column) == 0:
                    continue
                other = here - (columns if side else 1)
                if codes[row - side, column - 1 + side] != codes[row, column]:
                    continue
                a, b = here, other
                while root[a] != a:
                    a = root[a]
                while root[b] != b:
                    root[b] = root[root[b]]
                    b = root[b]
                # The root comes first in reading order, so that numbers are given out in it.
                root[max(a, b)] = min(a, b)
                root[here] = min(a, b)
    count = 0
    for here in range(rows * columns):
        # Roots come before their cells and are numbered by then; numbers are kept below zero meanwhile.
        if root[here] == here:
            count += 1
            root[here] = -count
        else:
            root[here] = root[root[here]]
    for here in range(rows * columns):
        root[here] = -root[here] - 1
    return count


@compiled
def trace(edges: Floats, group: Indices, shape: tuple[int, int], key: Indices, weights: Floats) -> int:
    """Write for each edge of some outlines the cells it passes, and how it cuts them; return their number.

    ``edges`` are x and y, x and y in cells from the grid's corner, x east and y south, the inside on
    their left. ``key`` numbers cells by row, then ``group``, then column. ``weights`` takes the height
    by which the edge passes through the cell, positive to the south, and that height times the share
    of the cell that lies east of the edge.
    """
    rows, columns = shape
    groups = group[-1] + 1
    at = 0
    for edge in range(edges.shape[0]):
        xa, ya, xb, yb = edges[edge, 0], edges[edge, 1], edges[edge, 2], edges[edge, 3]
        sign = 1.0
        if ya > yb:
            xa, ya, xb, yb, sign = xb, yb, xa, ya, -1.0
        if ya == yb or yb <= 0 or ya >= rows:
            continue
        lean = (xb - xa) / (yb - ya)
        low, high = min(xa, xb), max(xa, xb)
        for row in range(max(int(ya), 0), min(math.ceil(yb), rows)):
            top, bottom = max(ya, float(row)), min(yb, row + 1.0)
            x0 = min(max(xa + (top - ya) * lean, low), high)
            x1 = min(max(xa + (bottom - ya) * lean, low), high)
            west, east = min(x0, x1), max(x0, x1)
            base = (row * groups + group[edge]) * columns
            height, width = sign * (bottom - top), east - west
            # What lies west of the grid acts on its first column as a whole.
            column, here = max(math.floor(west), 0), west
            while here < columns:
                there = min(east, 0.0) if here < 0 else min(east, column + 1.0)
                part = height if there - here == width else height * ((there - here) / width)
                inside = 1.0 if there <= 0 else 1 - ((here + there) / 2 - column)
                key[at], weights[at, 0], weights[at, 1] = base + column, part, part * inside
                at += 1
                if there >= east:
                    break
                column += 1 if here >= 0 else 0
                here = there
    return at
