"""Compiling all kernels ahead of their first use, by jobs of a few cells."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import shapely
from affine import Affine
from pyproj import CRS

from spatial.erosion.capped_length import ls_monitoring
from spatial.erosion.sums import Ground, sums_of
from spatial.grid import Grid, cell_area_series
from spatial.overlay import ZoneIndex
from spatial.overlay.places import Claims, places
from spatial.overlay.rings import flatten
from spatial.publish.arcs import cut, outlines
from spatial.publish.simplify import significance
from spatial.runtime.compiling import when_compiling
from spatial.terrain import flow
from spatial.terrain.forms import Ground as Surface
from spatial.terrain.fractions import zone_spans
from spatial.terrain.parcels import parcel_classes
from spatial.terrain.slope import aspect_of_rows, slope_of_rows, steps_of, weights_of

_CELLS, _CELL_M = 12, 30.0


def warm_up(tell: Callable[[], None]) -> None:
    """Compile every kernel that is not in the cache yet.

    Parameters
    ----------
    tell
        Called before the first one is compiled; not called where all of them are there.
    """
    when_compiling(tell)
    _overlay()
    _terrain()
    _maps()


def _overlay() -> None:
    from spatial.overlay import sweep

    # Round enough to be cut into pieces and halves, so that these are compiled too.
    discs = shapely.buffer(shapely.points(np.arange(4) * 50.0, 0.0), 100.0)
    ZoneIndex(discs[:2], max_vertices=8).areas(discs)
    places(Claims(discs, np.arange(4)), [Claims(discs[:2], np.arange(2))], max_vertices=8)
    # What otherwise happens with a million vertices only.
    sweep.within(flatten(discs, (0.0, 0.0))[0], np.array([0.0, 0.0, 60.0, 60.0]))


def _maps() -> None:
    bent = shapely.LineString([(0, 0), (1, 0.5), (2, 0)])
    significance(cut(outlines(np.array([bent], dtype=object), 0.5)), 0.5)


def _terrain() -> None:
    from spatial.erosion.kernels import add_shares
    from spatial.terrain.kernels import class_sums

    grid = Grid(CRS(4526), Affine(_CELL_M, 0, 38_410_000, 0, -_CELL_M, 3_980_000), (_CELLS, _CELLS))
    heights = np.add.outer(np.arange(_CELLS), np.arange(_CELLS) ** 2.0).astype(np.float32)
    west, south, east, north = grid.bounds
    zones = np.array([shapely.box(west + 50, south + 50, east - 50, north - 50)], dtype=object)
    steps, areas, spans = steps_of(grid), cell_area_series(grid), zone_spans(zones, grid.crs, grid)
    slope = slope_of_rows(heights, steps)
    aspect_of_rows(heights, steps)
    ground = Surface(heights, steps, weights_of("horn"))
    class_sums(ground, np.arange(6.0), areas, spans, np.zeros((1, 7)))
    parcel_classes(slope, grid, zones, grid.crs)
    ls_monitoring(heights, slope, steps)
    sums_of(np.zeros(grid.shape, np.int32), 1, Ground(np.ones(grid.shape), areas, spans, 1))
    add_shares(spans, np.zeros(grid.shape))
    water = flow.route(heights, steps[:, 0], _CELL_M)
    ones = np.ones(grid.shape)
    flow.accumulated(water, ones)
    flow.accumulated_shared(water, ones)
    flow.watersheds(water, ones.astype(np.int32))
    flow.inlet_length_m(water, slope)
