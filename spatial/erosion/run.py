"""Soil loss of a district by blocks: from heights and land cover to tables and a raster."""

from __future__ import annotations

import hashlib
import pickle
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pyproj import CRS

from spatial.areas import official_area_m2
from spatial.erosion.capped_length import halo_of, ls_monitoring
from spatial.erosion.cells import CROPPED, SET_ASIDE, codes_of, land_of_cells, places, values_of
from spatial.erosion.constants import constants
from spatial.erosion.grades import NO_GRADE, Region, grade_of, sheet_grade
from spatial.erosion.land import Land
from spatial.erosion.model import PER_KM2, soil_loss
from spatial.erosion.rasters import Aligned
from spatial.erosion.slope_length import slope_factor
from spatial.erosion.sums import Ground, ZoneSums, from_plain, sums_of
from spatial.erosion.upslope import upslope_length_factor
from spatial.errors import InputError
from spatial.grid import cell_area_series
from spatial.io.elevation import Dem, Heights
from spatial.runtime.blocks import Block, blocks_of, require_memory
from spatial.runtime.executors import THREADS, Progress, at_once, ordered
from spatial.runtime.restart import InMemory, Unfinished, key_of
from spatial.settings import setting
from spatial.terrain.classes import Scheme, classify
from spatial.terrain.forms import Spans, rows_of
from spatial.terrain.fractions import zone_spans
from spatial.terrain.rows import read_ahead
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
        As :func:`spatial.runtime.executors.ordered` takes them; blocks of an earlier run count at once.
    scratch
        A name in the folder of the output. There finished blocks are kept, so that the same run goes on
        after it was killed, and the raster lies until :meth:`Loss.discard`; in memory where there is none.
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
    scratch: Path | None = None


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
    cells
        How many cells have a loss.
    kept
        The raster, on the disk or in memory.
    """

    cube: pd.DataFrame
    grades: pd.DataFrame
    sheet: pd.DataFrame
    lost: pd.DataFrame
    cells: int
    kept: Unfinished | InMemory

    @property
    def raster_t_hm2_a(self) -> NDArray[np.float32]:
        """The raster, shape (rows, columns), nan where there is no loss; it may lie on the disk."""
        return self.kept.whole()

    def parts_t_hm2_a(self) -> Iterator[NDArray[np.float32]]:
        """Yield the rows of the raster block by block, for rasters that are larger than memory."""
        for block in blocks_of(len(self.raster_t_hm2_a)):
            yield self.kept.read(block.rows)

    def part(self, first: int, last: int) -> Loss:
        """Return the tables of some zones, from ``first`` up to before ``last``, numbered from 0."""
        cube, grades, sheet, lost = (
            table[table["zone"].between(first, last - 1)]
            .reset_index(drop=True)
            .assign(zone=lambda own: own["zone"] - first)
            for table in (self.cube, self.grades, self.sheet, self.lost)
        )
        return Loss(cube, grades, sheet, lost, self.cells, self.kept)

    def discard(self) -> None:
        """Give up what is kept on the disk: the outputs are written."""
        self.kept.discard()


@dataclass(frozen=True)
class _Task:
    """What one block needs; ``length`` is of its own rows, of RUSLE only."""

    block: Block
    heights: Heights | None
    areas: Floats
    spans: Spans
    terraces: Spans
    length: NDArray[np.float32] | None


@dataclass(frozen=True)
class _Sums:
    """What a block adds to the tables: the cube, the grades by each region, the sheet, what is lost."""

    cells: int
    tables: tuple[ZoneSums, ...]

    def plain(self) -> dict[str, object]:
        return {"cells": self.cells, "tables": [table.plain() for table in self.tables]}


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
    dem = inputs.dem
    steps = steps_of(dem.grid)
    halo = halo_of(steps, constants("monitoring")["length_cap_m"]) + HALO
    blocks = blocks_of(dem.grid.shape[0], halo=halo)
    _require_memory(inputs, blocks)
    kept = _kept(inputs, blocks, (zones, crs))
    missing = [block for block in blocks if not kept.has(block)]
    fresh = {block.number for block in missing}
    length = upslope_length_factor(dem) if inputs.model == "rusle" and missing else None
    ground = _Surroundings(dem, zone_spans(zones, crs, dem.grid), zone_spans(inputs.terraces, crs, dem.grid), length)
    tables = _Tables(inputs, official_area_m2(zones, crs))
    # What workers need of the inputs and no more: it travels with every block.
    carried = replace(inputs, terraces=np.empty(0, dtype=object), progress=None, scratch=None)
    work = _Work(carried, steps, len(zones))
    tasks = _tasks(ground, zip(missing, read_ahead(dem, missing, inputs.workers), strict=True))
    results = ordered(work, tasks, inputs.workers)
    done = len(blocks) - len(missing)
    try:
        # Sums are added in the order of the blocks, whoever finished first and in whichever run.
        for block in blocks:
            if block.number not in fresh:
                told = kept.told(block)
                tables.add(_Sums(told["cells"], tuple(map(from_plain, told["tables"]))))
                continue
            loss, sums = next(results)
            kept.add(block, loss, sums.plain())
            tables.add(sums)
            done += 1
            if inputs.progress:
                inputs.progress(done, len(blocks))
        return tables.result(kept)
    except InputError:
        # Inputs that are refused will not be the same at the next run.
        kept.discard()
        raise


def _require_memory(inputs: Inputs, blocks: list[Block]) -> None:
    rows, columns = inputs.dem.grid.shape
    held_mib = 0.0 if inputs.scratch else rows * columns * np.dtype(np.float32).itemsize / 2**20
    require_memory(
        blocks,
        columns,
        bytes_per_cell=_BYTES_PER_CELL,
        at_once=at_once(inputs.workers),
        besides_mib=held_mib + setting("ahead_mib"),
    )


def _kept(inputs: Inputs, blocks: list[Block], zones: tuple[GeometryArray, CRS]) -> Unfinished | InMemory:
    """Return where the rows go: to the disk, with what an earlier run of the same job left there, or to memory."""
    if inputs.scratch is None:
        return InMemory(inputs.dem.grid.shape, "float32")
    same = replace(inputs, workers="", progress=None, scratch=None)
    sources = [value.path for value in vars(inputs).values() if isinstance(value, Dem | Aligned)]
    told = hashlib.sha256(pickle.dumps((same, *zones))).hexdigest()
    key = key_of(sources, {"job": told, "blocks": [block.rows for block in blocks]})
    return Unfinished(inputs.scratch, key, inputs.dem.grid.shape[1], "float32")


@dataclass(frozen=True)
class _Surroundings:
    """All that tasks are cut from."""

    dem: Dem
    zones: Spans
    terraces: Spans
    length: NDArray[np.float32] | None


def _tasks(ground: _Surroundings, read: Iterable[tuple[Block, Heights | None]]) -> Iterator[_Task]:
    areas = cell_area_series(ground.dem.grid)
    for block, heights in read:
        own = slice(*block.rows)
        zones, terraces = rows_of(ground.zones, block.rows), rows_of(ground.terraces, block.rows)
        yield _Task(block, heights, areas[own], zones, terraces, None if ground.length is None else ground.length[own])


@dataclass(frozen=True)
class _Work:
    """The work on one block, the same for all blocks."""

    inputs: Inputs
    steps: Floats
    zones: int

    def __call__(self, task: _Task) -> tuple[NDArray[np.float32], _Sums]:
        inputs, block = self.inputs, task.block
        heights = inputs.dem.read(block.read) if task.heights is None else task.heights
        steps = self.steps[slice(*block.read)]
        slope = slope_of_rows(heights, steps)
        own, inner = slope[block.inner], block.inner
        if task.length is None:
            length, steep = (factor[inner] for factor in ls_monitoring(heights, slope, steps))
        else:
            length, steep = task.length.astype(np.float64), slope_factor(own, "mccool")
        cover = codes_of(inputs.cover.read(block.rows, 0.0), inputs.cover.path)
        land = land_of_cells(cover, inputs.lands, inputs.cover.path)
        rain, soil = (values_of(source, block.rows, name) for source, name in ((inputs.rain, "R"), (inputs.soil, "K")))
        # Works of farmland stand on cropland: E or P of a cell by the part of it that is terraced.
        works = np.where(land.kind == CROPPED, 1.0 - _shares(task, own.shape) * (1.0 - inputs.terrace_factor), 1.0)
        factors: dict[str, Floats | float] = {"R": rain, "K": soil, "L": length, "S": steep}
        factors |= {"B": land.biological, "E": works, "T": land.tillage, "C": land.management, "P": works}
        loss = soil_loss(factors, inputs.model, checked=False)
        ground = Ground(loss, task.areas, task.spans, self.zones)
        sums = self._sums(ground, own, (cover, land.kind, land.cover_pct), (rain, soil))
        return loss.astype(np.float32), sums

    def _sums(
        self,
        ground: Ground,
        slope: NDArray[np.float32],
        land: tuple[NDArray[np.int64], NDArray[np.int8], Floats],
        known: tuple[Floats | float, Floats | float],
    ) -> _Sums:
        inputs, (cover, kind, cover_pct), loss = self.inputs, land, ground.loss
        lost = np.full(loss.shape, len(LOST), dtype=np.int32)
        # What is beyond the heights is no cell.
        reasons = (np.isnan(slope), cover == 0, np.isnan(known[0]), np.isnan(known[1]), kind == SET_ASIDE)
        for number in range(len(reasons) - 1, -1, -1):
            lost[np.broadcast_to(reasons[number], loss.shape)] = number
        grades = [grade_of(PER_KM2 * loss, region.tolerance_t_km2_a) for region in inputs.regions]
        place, slopes = places(cover, inputs.lands), len(inputs.scheme.classes) + 1
        cube = (place * slopes + classify(slope, inputs.scheme)) * _GRADES + grades[0]
        sheet = np.where(kind == SET_ASIDE, NO_GRADE, sheet_grade(slope, cover_pct, kind == CROPPED))
        coded = [(cube, _cube_size(inputs)), *((own, _GRADES) for own in (*grades, sheet)), (lost, len(LOST) + 1)]
        return _Sums(int(np.isfinite(loss).sum()), tuple(sums_of(codes, size, ground) for codes, size in coded))


def _shares(task: _Task, shape: tuple[int, ...]) -> Floats:
    """Return which part of each cell is terraced."""
    from spatial.erosion.kernels import add_shares

    shares = np.zeros(shape)
    add_shares(task.terraces, shares)
    # Where parcels overlap, a fault that `check` reports, a whole cell is the most there is.
    return np.minimum(shares, 1.0)


def _cube_size(inputs: Inputs) -> int:
    return (len(inputs.lands) + 1) * (len(inputs.scheme.classes) + 1) * _GRADES


class _Tables:
    """Sums over blocks, added in their order."""

    def __init__(self, inputs: Inputs, zone_m2: Floats) -> None:
        self._inputs, self._zone_m2 = inputs, zone_m2
        zones = len(zone_m2)
        self._slopes = len(inputs.scheme.classes) + 1
        # One more column for the cells that lack nothing.
        sizes = [_cube_size(inputs), *[_GRADES] * (len(inputs.regions) + 1), len(LOST) + 1]
        self._totals = [(np.zeros((zones, size)), np.zeros((zones, size))) for size in sizes]
        self._cube = self._totals[0]
        self._grades = [area for area, _ in self._totals[1:-2]]
        self._sheet, self._lost = self._totals[-2][0], self._totals[-1][0]
        self._cells = 0

    def add(self, sums: _Sums) -> None:
        """Add one block."""
        self._cells += sums.cells
        for table, totals in zip(sums.tables, self._totals, strict=True):
            table.add_to(totals)

    def result(self, kept: Unfinished | InMemory) -> Loss:
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
        grades, sheet = pd.concat(read, ignore_index=True), _long(self._sheet, "grade")
        return Loss(cube, grades, sheet, lost, self._cells, kept)


def _long(sums: Floats, name: str) -> pd.DataFrame:
    zone, code = np.nonzero(sums)
    return pd.DataFrame({"zone": zone, name: code, "area_m2": sums[zone, code]})
