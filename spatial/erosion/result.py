"""Soil loss of a workspace, and what every output says of it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from pyproj import CRS

from spatial.catalog import Layer, Workspace
from spatial.erosion.grades import Region, regions_of
from spatial.erosion.land import Land, district_factors, land_table
from spatial.erosion.ranges import require_factor
from spatial.erosion.rasters import Aligned, aligned
from spatial.erosion.run import Inputs, Loss, compute_loss
from spatial.errors import InputError
from spatial.findings import Finding
from spatial.grid import Grid
from spatial.io.elevation import open_dem
from spatial.io.vector import place_from
from spatial.loading import LayerUse, load_layer, use_of
from spatial.roles import roles
from spatial.runtime.blocks import blocks_of
from spatial.runtime.executors import THREADS, Progress
from spatial.terrain.classes import Scheme, scheme_of
from spatial.terrain.resolution import coarseness
from spatial.words import Both


@dataclass(frozen=True)
class Chosen:
    """What a user states for a run.

    Parameters
    ----------
    rain, soil
        R and K: a number, or the path of a raster; the district's indicative figures where empty.
    land
        Table of land cover; the project's where none.
    workers, progress
        As :func:`spatial.runtime.executors.ordered` takes them.
    scratch
        As :class:`spatial.erosion.run.Inputs` takes it.
    """

    rain: str = ""
    soil: str = ""
    land: Path | None = None
    workers: str = THREADS
    progress: Progress | None = None
    scratch: Path | None = None


@dataclass(frozen=True)
class ErosionResult:
    """Soil loss of a district.

    Parameters
    ----------
    zones
        Names of the townships, in the order of the tables' positions.
    lands, regions, scheme
        What the codes of the tables mean.
    basis
        Factor to where it comes from.
    """

    loss: Loss
    grid: Grid
    zones: tuple[str, ...]
    lands: dict[int, Land]
    regions: tuple[Region, ...]
    scheme: Scheme
    basis: dict[str, str]
    district: Both
    date: dt.date
    layers: tuple[LayerUse, ...]
    findings: tuple[Finding, ...]

    @property
    def illustrative(self) -> bool:
        """Whether any layer was drawn for the sample."""
        return any(layer.illustrative for layer in self.layers)


def run_erosion(workspace: Workspace, date: dt.date, chosen: Chosen) -> ErosionResult:
    """Compute the soil loss of a workspace by township.

    Parameters
    ----------
    workspace, date
        With layers of ``DEM``, ``LANDCOVER`` and, where it has them, ``TOWNSHIP``; the whole district is one
        zone otherwise.
    chosen
        Factors and tables of the user's own.

    Raises
    ------
    InputError
        If a layer is missing or cannot be read, a factor is out of its range, or nothing is known of R or K.
    """
    heights, cover = _layer(workspace, "DEM", date), _layer(workspace, "LANDCOVER", date)
    dem = open_dem(heights.path, heights.stated)
    plane = CRS(workspace.analysis_crs)
    outline = load_layer(workspace.outline(date), plane)
    zones = [load_layer(layer, plane, place_from(outline.file)) for layer in workspace.of_role("TOWNSHIP", date)]
    zones = zones or [outline]
    lands = land_table(chosen.land)
    rain, soil, basis = _factors(workspace, chosen, dem.grid, heights.path)
    regions = regions_of(workspace.code)
    inputs = Inputs(
        dem=dem,
        cover=aligned(cover.path, dem.grid, heights.path, cover.stated),
        lands=lands,
        rain=rain,
        soil=soil,
        regions=regions,
        scheme=scheme_of("survey"),
        workers=chosen.workers,
        progress=chosen.progress,
        scratch=chosen.scratch,
    )
    loss = compute_loss(inputs, np.concatenate([layer.geometry for layer in zones]), plane)
    coarse = coarseness(dem.grid, heights.path.name)
    return ErosionResult(
        loss=loss,
        grid=dem.grid,
        zones=tuple(name for layer in zones for name in layer.names),
        lands=lands,
        regions=regions,
        scheme=inputs.scheme,
        basis=basis,
        district=workspace.name,
        date=date,
        layers=(use_of(heights, loss.cells), use_of(cover, loss.cells), *(layer.use for layer in zones)),
        findings=tuple(finding for finding in (coarse,) if finding),
    )


def _layer(workspace: Workspace, role: str, date: dt.date) -> Layer:
    layers = workspace.of_role(role, date)
    if not layers:
        raise InputError("coverage_role_missing", role=role, name=Both(roles()[role].name_zh, roles()[role].name_en))
    return layers[0]


def _factors(
    workspace: Workspace, chosen: Chosen, grid: Grid, heights: Path
) -> tuple[float | Aligned, float | Aligned, dict[str, str]]:
    """Return R and K and where each comes from."""
    known = district_factors(workspace.code)
    found: list[float | Aligned] = []
    basis: dict[str, str] = {}
    for factor, option, stated, place in (("R", "--rain", chosen.rain, 0), ("K", "--soil", chosen.soil, 1)):
        if not stated and known is None:
            raise InputError("erosion_unknown", factor=factor, district=workspace.name, code=workspace.code)
        if not stated and known is not None:
            found.append(float(known[place]))
            basis[factor] = f"{known[place]:g}: {known[2]}"
            continue
        number = _number(stated)
        if number is not None:
            require_factor([number], factor, option)
        found.append(_raster(Path(stated), factor, grid, heights) if number is None else number)
        basis[factor] = stated
    return found[0], found[1], basis


def _raster(path: Path, factor: str, grid: Grid, heights: Path) -> Aligned:
    """Return a raster of a factor, its units looked at as a whole: a dry part of it alone would mislead."""
    raster = aligned(path, grid, heights)
    # Only the least and the greatest count, so that rasters larger than memory can be looked at.
    parts = (raster.read(block.rows, np.nan) for block in blocks_of(grid.shape[0]))
    extremes = [(np.fmin.reduce(part, axis=None), np.fmax.reduce(part, axis=None)) for part in parts]
    require_factor(extremes, factor, str(path))
    return raster


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None
