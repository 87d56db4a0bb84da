"""From a file of heights to the area of each slope class in each zone, in one pass and without files between."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from pyproj import CRS

from spatial.areas import official_area_m2
from spatial.errors import InputError
from spatial.findings import Finding
from spatial.grid import cell_area_series
from spatial.io.elevation import Dem, Heights
from spatial.runtime.blocks import Block, blocks_of, require_memory
from spatial.runtime.executors import THREADS, Progress, at_once, ordered
from spatial.settings import setting
from spatial.terrain.classes import NO_SLOPE, Scheme, limits_of
from spatial.terrain.forms import Floats, Ground, Spans, rows_of
from spatial.terrain.fractions import placed, spans_of
from spatial.terrain.resolution import coarseness
from spatial.terrain.rows import read_ahead, with_rim
from spatial.terrain.slope import HALO, Method, steps_of, weights_of
from spatial.units import from_m2

GeometryArray = NDArray[np.object_]

#: Heights in single precision and the file's blocks that GDAL keeps of them; what the kernel holds is small.
_BYTES_PER_CELL = 12.0
#: Breaks that the kernel compares with; a scheme with fewer leaves the rest out of reach.
_MOST_LIMITS = 6


@dataclass(frozen=True)
class SlopeAreas:
    """How large each slope class is in each zone.

    Parameters
    ----------
    table : DataFrame
        ``zone`` (position), ``code`` (of the class; 0 where heights are missing), ``area_m2``; all
        zones with all codes, zones in order.
    zone_m2 : ndarray of float, shape (zones,)
        Official area of each zone by its outline.
    outside_m2 : ndarray of float, shape (zones,)
        What of it lies beyond the grid.
    findings
        Cells too coarse for the classes, area beyond the grid, area without a slope.
    """

    table: pd.DataFrame
    zone_m2: Floats
    outside_m2: Floats
    findings: tuple[Finding, ...]


@dataclass(frozen=True)
class _Task:
    """One block: what its kernel needs, and the heights, or where to read them."""

    block: Block
    dem: Dem
    heights: Heights | None
    steps: Floats
    areas: Floats
    spans: Spans
    zones: int


@dataclass(frozen=True)
class _Sums:
    """The work on one block, the same for all blocks."""

    limits: Floats
    weights: tuple[float, float]

    def __call__(self, task: _Task) -> Floats:
        from spatial.terrain.kernels import class_sums

        heights = task.dem.read(task.block.read) if task.heights is None else task.heights
        heights, steps = with_rim(task.block, heights, task.steps, HALO)
        limits = np.full(_MOST_LIMITS, np.inf)
        limits[: self.limits.size] = self.limits
        sums = np.zeros((task.zones, self.limits.size + 2))
        class_sums(Ground(heights, steps, self.weights), limits, task.areas, task.spans, sums)
        return sums


def slope_class_areas(
    dem: Dem,
    zones: GeometryArray,
    crs: CRS,
    scheme: Scheme,
    *,
    method: Method = "horn",
    workers: str = THREADS,
    progress: Progress | None = None,
) -> SlopeAreas:
    """Return the official area of each slope class within each zone.

    Heights become slopes, classes and sums block by block; no raster lies between. Cells count with
    the exact part of them that is in a zone and with their own official area.

    Parameters
    ----------
    dem
        From :func:`spatial.io.elevation.open_dem`.
    zones : ndarray of Polygon or MultiPolygon, shape (n,)
        Valid, in ``crs``; each is measured by itself, so overlapping zones count twice.
    crs
        CGCS2000 or WGS 84.
    scheme
        Of slope classes.
    method
        As in :func:`spatial.terrain.slope.slope_deg`.
    workers
        As in :func:`spatial.runtime.executors.ordered`; the figures are the same to the last bit.
    progress
        Called after each block.

    Raises
    ------
    InputError
        If the heights cannot be read or are none, the plane stretches lengths too much, or the run
        would need too much memory.
    """
    blocks = blocks_of(dem.grid.shape[0], halo=HALO)
    require_memory(
        blocks,
        dem.grid.shape[1],
        bytes_per_cell=_BYTES_PER_CELL,
        at_once=at_once(workers),
        besides_mib=setting("ahead_mib"),
    )
    on_grid = placed(zones, crs, dem.grid)
    needed = _needed(on_grid, dem, blocks)
    # Reading begins before anything else is prepared: loading compiled code takes as long as many blocks.
    heights = read_ahead(dem, needed, workers)
    spans = spans_of(on_grid, dem.grid)
    total = np.zeros((len(zones), len(scheme.classes) + 1))
    work = _Sums(limits_of(scheme), weights_of(method))
    tasks = _tasks(dem, zip(needed, heights, strict=True), spans, len(zones))
    for done, sums in enumerate(ordered(work, tasks, workers), 1):
        # Blocks are added in their order, whoever finished first.
        total += sums
        if progress:
            progress(done, len(needed))
    zone_m2 = official_area_m2(zones, crs)
    codes = np.arange(NO_SLOPE, len(scheme.classes) + 1)
    table = pd.DataFrame(
        {
            "zone": np.repeat(np.arange(len(zones)), codes.size),
            "code": np.tile(codes, len(zones)),
            "area_m2": total.ravel(),
        }
    )
    outside_m2 = np.maximum(zone_m2 - total.sum(axis=1), 0.0)
    return SlopeAreas(table, zone_m2, outside_m2, _findings(dem, zone_m2.sum(), outside_m2.sum(), total))


def _findings(dem: Dem, whole_m2: float, outside_m2: float, total: Floats) -> tuple[Finding, ...]:
    """Return what the figures lack; refuse those that lack everything."""
    missing_m2 = total[:, NO_SLOPE].sum()
    if not total.any():
        raise InputError("dem_elsewhere", file=dem.path)
    if total.sum() == missing_m2:
        raise InputError("dem_void", file=dem.path)
    found = [coarseness(dem.grid, dem.path.name)]
    for code, area_m2 in (("dem_partial", outside_m2), ("dem_no_slope", missing_m2)):
        # Below this it is the rounding of a border, not a piece of land.
        if area_m2 > setting("area_change") * whole_m2:
            values: dict[str, object] = {
                "area": format(from_m2(float(area_m2), "ha"), ".2f"),
                "percent": f"{100 * area_m2 / whole_m2:.1f}",
            }
            found.append(Finding("warning", code, dem.path.name, values=values))
    return tuple(one for one in found if one is not None)


def _needed(zones: GeometryArray, dem: Dem, blocks: list[Block]) -> list[Block]:
    """Return the blocks between the northernmost and the southernmost zone."""
    _, south, _, north = shapely.total_bounds(zones)
    top, bottom = ((y - dem.grid.transform.f) / dem.grid.transform.e for y in (north, south))
    return [block for block in blocks if block.rows[0] <= bottom and top <= block.rows[1]]


def _tasks(dem: Dem, read: Iterable[tuple[Block, Heights | None]], spans: Spans, zones: int) -> Iterator[_Task]:
    steps, areas = steps_of(dem.grid), cell_area_series(dem.grid)
    for block, heights in read:
        own = areas[slice(*block.rows)]
        yield _Task(block, dem, heights, steps[slice(*block.read)], own, rows_of(spans, block.rows), zones)
