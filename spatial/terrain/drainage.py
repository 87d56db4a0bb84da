"""Drainage of a file of heights: filled, directions, contributing areas, streams, watersheds of given outlets."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from rasterio.features import shapes

from spatial.equal_area import reproject
from spatial.errors import InputError
from spatial.findings import Finding
from spatial.grid import Grid, cell_areas_m2
from spatial.io.elevation import Dem, open_dem
from spatial.io.stated import Stated
from spatial.io.vector import FeatureNames, read_vector, text_of
from spatial.provenance import sha256_of
from spatial.runtime.blocks import Block, require_memory
from spatial.settings import setting
from spatial.terrain.flow import Flow, accumulated, accumulated_shared, route
from spatial.terrain.slope import steps_of
from spatial.terrain.streams import stream_lines

Floats = NDArray[np.float64]
Sharing = Literal["d8", "shared"]

#: Routing, and besides it heights as read, areas of cells, two accumulations and the numbers of watersheds.
_BYTES_PER_CELL = 90.0
_NEIGHBOURS = [(row, column) for row in (-1, 0, 1) for column in (-1, 0, 1) if (row, column) != (0, 0)]


@dataclass(frozen=True)
class Outlets:
    """Points whose watersheds are wanted.

    Parameters
    ----------
    path, stated
        File of points, and what the user says of it.
    by
        Field of their names.
    snap_m
        How far away the stream may be.
    """

    path: Path
    stated: Stated | None = None
    by: str = ""
    snap_m: float = 0.0


@dataclass(frozen=True)
class Drainage:
    """How water leaves a file of heights.

    Parameters
    ----------
    raised_m : ndarray of float32, shape (rows, columns)
        By how much hollows were filled; nan where there is no cell.
    drained_km2 : ndarray of float, shape (rows, columns)
        By the way of sharing that was asked for; nan where there is no cell.
    streams
        As :func:`spatial.terrain.streams.stream_lines` returns them, always by D8.
    watersheds : GeoDataFrame
        ``name``, ``moved_m``, ``own_km2`` (its polygon, without watersheds of outlets upstream), ``drains_km2``
        (all that drains there), by D8; empty without outlets.
    whole_km2, filled_km2, filled_m3
        Official area with heights, area of the hollows, and what fills them.
    """

    dem: Dem
    sha256: str
    flow: Flow
    sharing: Sharing
    stream_km2: float
    raised_m: NDArray[np.float32]
    drained_km2: Floats
    streams: gpd.GeoDataFrame
    watersheds: gpd.GeoDataFrame
    whole_km2: float
    filled_km2: float
    filled_m3: float
    illustrative: bool
    findings: tuple[Finding, ...]


def run_flow(
    heights: tuple[Path, Stated | None],
    *,
    sharing: Sharing = "d8",
    stream_km2: float | None = None,
    outlets: Outlets | None = None,
    illustrative: bool = False,
) -> Drainage:
    """Route water over a file of heights.

    Parameters
    ----------
    heights
        File, and what is said of it.
    sharing
        ``d8`` gives all water to the steepest neighbour, ``shared`` to all lower ones (Freeman 1991).
    stream_km2
        What a stream drains at least; the setting ``flow_stream_km2`` where left out.
    outlets
        Whose watersheds are wanted.
    illustrative
        Whether the heights were drawn for the sample.

    Raises
    ------
    InputError
        If the heights need too much memory or cannot be read, the threshold is not above zero, or an outlet is
        no point, lies elsewhere or too far from a stream.
    """
    dem = open_dem(*heights)
    least_km2 = setting("flow_stream_km2") if stream_km2 is None else stream_km2
    if not least_km2 > 0:
        raise InputError("flow_threshold", value=f"{least_km2:g}")
    rows, columns = dem.grid.shape
    require_memory([Block(0, (0, rows), (0, rows))], columns, bytes_per_cell=_BYTES_PER_CELL, at_once=1)
    read, steps = dem.read(), steps_of(dem.grid)
    if not np.isfinite(read).any():
        raise InputError("dem_void", file=dem.path)
    flow = route(read, steps[:, 0], float(steps[:, 1].mean()))
    raised = (flow.filled - read).astype(np.float32)
    del read
    area_m2 = cell_areas_m2(dem.grid)
    by_d8 = accumulated(flow, area_m2) / 1e6
    streams = stream_lines(flow, by_d8, least_km2, dem.grid)
    basins, cut = _watersheds(dem.grid, flow, (by_d8, least_km2), area_m2, outlets)
    hollow = np.nan_to_num(raised) > 0
    return Drainage(
        dem=dem,
        sha256=sha256_of(dem.path),
        flow=flow,
        sharing=sharing,
        stream_km2=least_km2,
        raised_m=raised,
        drained_km2=by_d8 if sharing == "d8" else accumulated_shared(flow, area_m2) / 1e6,
        streams=streams,
        watersheds=basins,
        whole_km2=float(area_m2[np.isfinite(flow.filled)].sum()) / 1e6,
        filled_km2=float(area_m2[hollow].sum()) / 1e6,
        filled_m3=float((area_m2[hollow] * raised[hollow]).sum()),
        illustrative=illustrative,
        findings=cut,
    )


def _watersheds(
    grid: Grid, flow: Flow, drained: tuple[Floats, float], area_m2: Floats, outlets: Outlets | None
) -> tuple[gpd.GeoDataFrame, tuple[Finding, ...]]:
    empty: dict[str, list[object]] = {"name": [], "moved_m": [], "own_km2": [], "drains_km2": []}
    if outlets is None:
        return gpd.GeoDataFrame(empty, geometry=[], crs=grid.crs), ()
    from spatial.terrain.flow import watersheds

    table = _snapped(outlets, grid, drained)
    marks = np.zeros(grid.shape, dtype=np.int32)
    marks.ravel()[table["cell"]] = np.arange(1, len(table) + 1)
    labels = watersheds(flow, marks)
    own_m2 = np.bincount(labels.ravel(), area_m2.ravel(), minlength=len(table) + 1)[1:]
    # Water of cells at the rim leaves the grid: a basin that comes so near goes on beyond it.
    near = set(np.unique(labels[_beside(flow.direction >= len(_NEIGHBOURS)) & (labels > 0)]).tolist())
    near -= set(np.flatnonzero(flow.direction.ravel()[table["cell"]] >= len(_NEIGHBOURS)) + 1)
    cut = [name for number, name in enumerate(table["name"], start=1) if number in near]
    found = table.drop(columns="cell").assign(
        own_km2=own_m2 / 1e6, drains_km2=drained[0].ravel()[table["cell"]].tolist()
    )
    findings = [Finding("warning", "flow_cut", "", values={"names": ", ".join(cut)})] if cut else []
    return gpd.GeoDataFrame(found, geometry=_outlines(labels, len(table), grid), crs=grid.crs), tuple(findings)


def _beside(cells: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return the neighbours of cells, and what lies beside the grid's edge."""
    padded = np.pad(cells, 1, constant_values=True)
    found = np.zeros(cells.shape, dtype=bool)
    for row, column in _NEIGHBOURS:
        found |= padded[1 + row : 1 + row + cells.shape[0], 1 + column : 1 + column + cells.shape[1]]
    return found


def _outlines(labels: NDArray[np.int32], count: int, grid: Grid) -> list[shapely.Geometry]:
    parts: list[list[shapely.Geometry]] = [[] for _ in range(count)]
    for outline, label in shapes(labels, mask=labels > 0, connectivity=4, transform=grid.transform):
        parts[int(label) - 1].append(shapely.geometry.shape(outline))
    return [one[0] if len(one) == 1 else shapely.MultiPolygon(one) for one in parts]


def _snapped(outlets: Outlets, grid: Grid, drained: tuple[Floats, float]) -> pd.DataFrame:
    """Return name, cell on the nearest stream, and the way there [m] of each outlet."""
    file = read_vector(outlets.path, outlets.stated)
    frame = file.features
    points = np.asarray(frame.geometry.array, dtype=object)
    if shapely.is_missing(points).any() or (shapely.get_type_id(points) != shapely.GeometryType.POINT).any():
        raise InputError("flow_not_points", file=outlets.path)
    if outlets.by and outlets.by not in frame.columns:
        columns = ", ".join(str(name) for name in frame.columns if name != frame.geometry.name)
        raise InputError("coverage_by_field", file=outlets.path, field=outlets.by, columns=columns)
    named = [text_of(value) for value in frame[outlets.by]] if outlets.by else list(FeatureNames(frame))
    moved = reproject(points, file.crs, grid.crs)
    stream = np.flatnonzero((drained[0] >= drained[1]).ravel())
    if not stream.size:
        raise InputError("flow_no_streams", value=f"{drained[1]:g}")
    rows, columns_at = np.divmod(stream, grid.shape[1])
    east_m, north_m = grid.steps_m()
    limit = outlets.snap_m or setting("flow_snap_m")
    found: list[dict[str, object]] = []
    for name, point in zip(named, moved, strict=True):
        column = (point.x - grid.transform.c) / grid.transform.a - 0.5
        row = (point.y - grid.transform.f) / grid.transform.e - 0.5
        if not (-0.5 <= row < grid.shape[0] - 0.5 and -0.5 <= column < grid.shape[1] - 0.5):  # noqa: PLR2004 -- half a cell
            raise InputError("flow_outside", file=outlets.path, feature=name)
        here = round(row)
        away = np.hypot((columns_at - column) * east_m[here], (rows - row) * north_m[here])
        nearest = int(np.argmin(away))
        if away[nearest] > limit:
            values = {"distance": f"{away[nearest]:.0f}", "limit": f"{limit:g}", "stream": f"{drained[1]:g}"}
            raise InputError("flow_far", file=outlets.path, feature=name, **values)
        found.append({"name": name, "cell": int(stream[nearest]), "moved_m": float(away[nearest])})
    table = pd.DataFrame(found)
    twice = table[table["cell"].duplicated(keep=False)]
    if len(twice):
        raise InputError("flow_same", file=outlets.path, features=", ".join(map(str, twice["name"])))
    return table
