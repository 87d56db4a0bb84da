"""Soil loss of a district by blocks: from heights and land cover to tables and a raster."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pyproj import CRS

from spatial.areas import official_area_m2
from spatial.erosion.capped_length import halo_of, ls_monitoring
from spatial.erosion.constants import constants
from spatial.erosion.grades import NO_GRADE, Region, grade_of, sheet_grade
from spatial.erosion.land import CROP, MASKED, Land, management_factor
from spatial.erosion.model import PER_KM2, soil_loss
from spatial.erosion.ranges import require_factor
from spatial.erosion.rasters import Aligned
from spatial.erosion.slope_length import slope_factor
from spatial.erosion.upslope import upslope_length_factor
from spatial.errors import InputError
from spatial.grid import Span, cell_area_series
from spatial.io.elevation import Dem
from spatial.runtime.blocks import Block, blocks_of, require_memory
from spatial.runtime.executors import THREADS, Progress, at_once, ordered
from spatial.settings import setting
from spatial.terrain.classes import Scheme, classify
from spatial.terrain.forms import Spans
from spatial.terrain.fractions import zone_spans
from spatial.terrain.slope import HALO, slope_of_rows, steps_of

GeometryArray = NDArray[np.object_]
Floats = NDArray[np.float64]

#: Why a cell has no soil loss, in the order in which it is asked.
LOST = ("slope", "cover", "rain", "soil", "masked", "outside")
_GRADES = 7
_BYTES_PER_CELL = 160.0


@dataclass(frozen=True)
class Inputs:
    """What soil loss is computed from.

    Parameters
    ----------
    dem
        Heights.
    cover
        Raster of land cover on their cells.
    lands
        Its classes by code; a code that is not there is refused.
    rain, soil
        R and K: one number, or rasters on the cells of the heights.
    regions
        Whose tolerance the grades are read by, the leading one first.
    scheme
        Slope classes of the pivot.
    model
        ``csle``: length and slope capped as the monitoring does; ``rusle``: length from the area that drains
        into each cell, which takes all heights at once.
    terraces
        Parcels that are terraced already, in the zones' system; empty where none is known.
    terrace_factor
        What terraces leave of the loss, E or P.
    workers, progress
        As :func:`spatial.runtime.executors.ordered` takes them.
    """

    dem: Dem
    cover: Aligned
    lands: Mapping[int, Land]
    rain: float | Aligned
    soil: float | Aligned
    regions: tuple[Region, ...]
    scheme: Scheme
    model: str = "csle"
    terraces: GeometryArray = field(default_factory=lambda: np.empty(0, dtype=object), compare=False)
    terrace_factor: float = 1.0
    workers: str = THREADS
    progress: Progress | None = field(default=None, compare=False)


@dataclass(frozen=True)
class Loss:
    """Soil loss of zones.

    Parameters
    ----------
    cube : DataFrame
        ``zone`` (position), ``cover`` (code), ``slope`` (class), ``grade`` by the leading region, ``area_m2``
        and ``loss_t_a``; every combination that occurs. Grade 0 are cells without a loss.
    grades : DataFrame
        ``zone``, ``region``, ``grade``, ``area_m2``: one reading for each region.
    sheet : DataFrame
        ``zone``, ``grade``, ``area_m2`` by the matrix of slope and cover, the second classification.
    lost : DataFrame
        ``zone``, ``reason`` (of :data:`LOST`), ``area_m2``: which input a cell without a loss lacks.
    raster_t_hm2_a : ndarray of float32, shape (rows, columns)
        nan where there is no loss.
    """

    cube: pd.DataFrame
    grades: pd.DataFrame
    sheet: pd.DataFrame
    lost: pd.DataFrame
    raster_t_hm2_a: NDArray[np.float32]

    def part(self, first: int, last: int) -> Loss:
        """Return the tables of some zones, from ``first`` up to before ``last``, numbered from 0."""
        cube, grades, sheet, lost = (
            table[table["zone"].between(first, last - 1)]
            .reset_index(drop=True)
            .assign(zone=lambda own: own["zone"] - first)
            for table in (self.cube, self.grades, self.sheet, self.lost)
        )
        return Loss(cube, grades, sheet, lost, self.raster_t_hm2_a)


@dataclass(frozen=True)
class _Task:
    """What one block needs; ``terraced`` and ``length`` are of its own rows, the length of RUSLE only."""

    block: Block
    heights: Floats
    areas: Floats
    spans: Spans
    terraced: Floats
    length: NDArray[np.float32] | None


@dataclass(frozen=True)
class _Codes:
    """The codes that a pivot of a block is summed by, and the loss of its cells."""

    loss: Floats
    cube: NDArray[np.int32]
    grades: tuple[NDArray[np.uint8], ...]
    sheet: NDArray[np.uint8]
    lost: NDArray[np.int32]


def compute_loss(inputs: Inputs, zones: GeometryArray, crs: CRS) -> Loss:
    """Compute the soil loss of zones by CSLE or RUSLE.

    Parameters
    ----------
    inputs
        Factors and how they are to be read.
    zones : ndarray of Polygon or MultiPolygon, shape (n,)
        In ``crs``; each is measured by itself.
    crs
        CGCS2000 or WGS 84.

    Returns
    -------
    Loss
        By exact parts of cells and their official areas; blocks and workers do not change it.

    Raises
    ------
    InputError
        If an input cannot be read, is out of range, holds codes of land cover that are not known, or the
        run would need too much memory.
    """
    from spatial.erosion import kernels

    dem = inputs.dem
    steps = steps_of(dem.grid)
    halo = halo_of(steps, constants("monitoring")["length_cap_m"]) + HALO
    blocks = blocks_of(dem.grid.shape[0], halo=halo)
    require_memory(blocks, dem.grid.shape[1], bytes_per_cell=_BYTES_PER_CELL, at_once=at_once(inputs.workers))
    length = upslope_length_factor(dem) if inputs.model == "rusle" else None
    ground = _Ground(dem, zone_spans(zones, crs, dem.grid), zone_spans(inputs.terraces, crs, dem.grid), length)
    tables = _Tables(inputs, official_area_m2(zones, crs))
    raster = np.full(dem.grid.shape, np.nan, dtype=np.float32)
    # What workers need of the inputs and no more: it travels with every block.
    work = _Work(replace(inputs, terraces=np.empty(0, dtype=object), progress=None), steps)
    for done, (task, codes) in enumerate(ordered(work, _tasks(ground, blocks), inputs.workers), 1):
        tables.add(kernels, task, codes)
        raster[slice(*task.block.rows)] = codes.loss
        if inputs.progress:
            inputs.progress(done, len(blocks))
    return tables.result(raster)


@dataclass(frozen=True)
class _Ground:
    """All that tasks are cut from."""

    dem: Dem
    zones: Spans
    terraces: Spans
    length: NDArray[np.float32] | None


def _tasks(ground: _Ground, blocks: list[Block]) -> Iterator[_Task]:
    from spatial.erosion import kernels

    areas = cell_area_series(ground.dem.grid)
    for block in blocks:
        own = slice(*block.rows)
        shares = np.zeros((block.rows[1] - block.rows[0], ground.dem.grid.shape[1]))
        kernels.add_shares(_rows_of(ground.terraces, block), shares)
        yield _Task(
            block,
            ground.dem.read(block.read).astype(np.float64),
            areas[own],
            _rows_of(ground.zones, block),
            # Where parcels overlap, a fault that `check` reports, a whole cell is the most there is.
            np.minimum(shares, 1.0),
            None if ground.length is None else ground.length[own],
        )


def _rows_of(spans: Spans, block: Block) -> Spans:
    begin, end = spans.first[block.rows[0]], spans.first[block.rows[1]]
    return Spans(
        spans.first[block.rows[0] : block.rows[1] + 1] - begin,
        spans.zone[begin:end],
        spans.start[begin:end],
        spans.stop[begin:end],
        spans.share[begin:end],
    )


@dataclass(frozen=True)
class _Work:
    """The work on one block, the same for all blocks."""

    inputs: Inputs
    steps: Floats

    def __call__(self, task: _Task) -> tuple[_Task, _Codes]:
        inputs, block = self.inputs, task.block
        steps = self.steps[slice(*block.read)]
        slope = slope_of_rows(task.heights, steps)
        own, inner = slope[block.inner], block.inner
        if task.length is None:
            length, steep = (factor[inner] for factor in ls_monitoring(task.heights, slope, steps))
        else:
            length, steep = task.length.astype(np.float64), slope_factor(own, "mccool")
        cover = inputs.cover.read(block.rows, 0.0).astype(np.int64)
        land = _of_land(cover, inputs)
        rain, soil = (_values(source, block.rows, name) for source, name in ((inputs.rain, "R"), (inputs.soil, "K")))
        # Works of farmland stand on cropland: E or P of a cell by the part of it that is terraced.
        works = np.where(land.kind == _CROP, 1.0 - task.terraced * (1.0 - inputs.terrace_factor), 1.0)
        factors: dict[str, Floats | float] = {"R": rain, "K": soil, "L": length, "S": steep}
        factors |= {"B": land.biological, "E": works, "T": land.tillage, "C": land.management, "P": works}
        loss = soil_loss(factors, inputs.model, checked=False)
        spent = replace(task, heights=np.empty((0, 0)), terraced=np.empty((0, 0)), length=None)
        return spent, self._codes(loss, own, (cover, land.kind, land.cover_pct), (rain, soil))

    def _codes(
        self,
        loss: Floats,
        slope: NDArray[np.float32],
        land: tuple[NDArray[np.int64], NDArray[np.int8], Floats],
        known: tuple[Floats | float, Floats | float],
    ) -> _Codes:
        inputs, (cover, kind, cover_pct) = self.inputs, land
        lost = np.full(loss.shape, len(LOST), dtype=np.int32)
        # What is beyond the heights is no cell.
        reasons = (np.isnan(slope), cover == 0, np.isnan(known[0]), np.isnan(known[1]), kind == _MASKED)
        for number in range(len(reasons) - 1, -1, -1):
            lost[np.broadcast_to(reasons[number], loss.shape)] = number
        grades = tuple(grade_of(PER_KM2 * loss, region.tolerance_t_km2_a) for region in inputs.regions)
        classes = classify(slope, inputs.scheme)
        place = _places(cover, inputs)
        slopes = len(inputs.scheme.classes) + 1
        cube = (place * slopes + classes) * _GRADES + grades[0]
        sheet = np.where(kind == _MASKED, NO_GRADE, sheet_grade(slope, cover_pct, kind == _CROP))
        return _Codes(loss, cube.astype(np.int32), grades, sheet.astype(np.uint8), lost)


_OPEN, _CROP, _MASKED = 0, 1, 2


def _places(cover: NDArray[np.int64], inputs: Inputs) -> NDArray[np.int64]:
    """Return the position of each cell's class among those known, 0 where there is none."""
    codes = np.array([0, *sorted(inputs.lands)])
    place = np.searchsorted(codes, cover)
    return np.where(codes[np.minimum(place, codes.size - 1)] == cover, place, 0)


@dataclass(frozen=True)
class _LandOfCells:
    """Factors of the land cover of each cell."""

    biological: Floats
    tillage: Floats
    management: Floats
    kind: NDArray[np.int8]
    cover_pct: Floats


def _of_land(cover: NDArray[np.int64], inputs: Inputs) -> _LandOfCells:
    strange = np.setdiff1d(cover, [0, *inputs.lands])
    if strange.size:
        listed = ", ".join(map(str, strange[:10].tolist()))
        raise InputError("land_unknown", file=inputs.cover.path, codes=listed)
    lands = [inputs.lands[code] for code in sorted(inputs.lands)]
    kinds = {CROP: _CROP, MASKED: _MASKED}
    place = _places(cover, inputs)
    kind = np.array([_OPEN, *(kinds.get(land.kind, _OPEN) for land in lands)], dtype=np.int8)
    return _LandOfCells(
        biological=np.array([np.nan, *(land.biological for land in lands)])[place],
        tillage=np.array([np.nan, *(land.tillage for land in lands)])[place],
        management=np.array([np.nan, *map(management_factor, lands)])[place],
        kind=kind[place],
        cover_pct=np.array([np.nan, *(land.cover_pct for land in lands)])[place],
    )


def _values(source: float | Aligned, rows: Span, factor: str) -> Floats | float:
    if not isinstance(source, Aligned):
        return source
    values = source.read(rows, np.nan)
    low, high = constants("factor", factor)["valid"]
    if ((values < low) | (values > high)).any():
        require_factor(values, factor, str(source.path))
    return values


class _Tables:
    """Sums over blocks, added in their order whoever finished first."""

    def __init__(self, inputs: Inputs, zone_m2: Floats) -> None:
        self._inputs, self._zone_m2 = inputs, zone_m2
        zones = len(zone_m2)
        self._slopes = len(inputs.scheme.classes) + 1
        size = (len(inputs.lands) + 1) * self._slopes * _GRADES
        self._cube = np.zeros((zones, size)), np.zeros((zones, size))
        self._grades = [np.zeros((zones, _GRADES)) for _ in inputs.regions]
        self._sheet = np.zeros((zones, _GRADES))
        # One more column for the cells that lack nothing.
        self._lost = np.zeros((zones, len(LOST) + 1))

    def add(self, kernels: object, task: _Task, codes: _Codes) -> None:
        """Add one block."""
        add = kernels.code_sums  # type: ignore[attr-defined]
        add(codes.cube, codes.loss, task.areas, task.spans, self._cube)
        values = [own.astype(np.int32) for own in (*codes.grades, codes.sheet)]
        for own, sums in zip([*values, codes.lost], [*self._grades, self._sheet, self._lost], strict=True):
            add(own, codes.loss, task.areas, task.spans, (sums, np.zeros_like(sums)))

    def result(self, raster: NDArray[np.float32]) -> Loss:
        """Return the sums as tables."""
        covers = [0, *sorted(self._inputs.lands)]
        zone, code = np.nonzero(self._cube[0])
        place, rest = np.divmod(code, self._slopes * _GRADES)
        slope, grade = np.divmod(rest, _GRADES)
        cube = pd.DataFrame(
            {
                "zone": zone,
                "cover": np.array(covers)[place],
                "slope": slope,
                "grade": grade,
                "area_m2": self._cube[0][zone, code],
                # From t/(hm2 a) times m2.
                "loss_t_a": self._cube[1][zone, code] / 1e4,
            }
        )
        read = [
            _long(sums, "grade").assign(region=region.code)
            for region, sums in zip(self._inputs.regions, self._grades, strict=True)
        ]
        outside_m2 = self._zone_m2 - self._lost.sum(axis=1)
        # Less than this is the rounding of a border.
        self._lost[:, LOST.index("outside")] = np.where(
            outside_m2 > setting("area_change") * self._zone_m2, outside_m2, 0.0
        )
        if not self._cube[1].any():
            raise InputError("erosion_nothing", file=self._inputs.dem.path, cover=self._inputs.cover.path)
        lost = _long(self._lost[:, : len(LOST)], "reason")
        lost["reason"] = np.array(LOST)[lost["reason"]]
        return Loss(cube, pd.concat(read, ignore_index=True), _long(self._sheet, "grade"), lost, raster)


def _long(sums: Floats, name: str) -> pd.DataFrame:
    zone, code = np.nonzero(sums)
    return pd.DataFrame({"zone": zone, name: code, "area_m2": sums[zone, code]})
