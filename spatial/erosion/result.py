"""Soil loss of a workspace, and what every output says of it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import CRS

from spatial.catalog import Workspace
from spatial.erosion.closure import closure_of
from spatial.erosion.farmland import Farmland, farmland_findings, farmland_of, require_farmland, terraced
from spatial.erosion.grades import Region
from spatial.erosion.land import Land, land_table, rotation_factor
from spatial.erosion.plan import Prescription, Price, plan_table, price_table, require_prices
from spatial.erosion.rasters import aligned
from spatial.erosion.run import Inputs, Loss, compute_loss
from spatial.erosion.scenarios import Budget, Outcome, Ranking, outcomes
from spatial.erosion.sources import (
    Factors,
    UsedFile,
    factors_of,
    regions_findings,
    regions_for,
    terrace_practice,
    used_file,
)
from spatial.errors import InputError
from spatial.findings import Finding
from spatial.grid import Grid
from spatial.io.elevation import open_dem
from spatial.io.vector import place_from
from spatial.loading import LayerUse, LoadedLayer, load_layer, only_layer, required_layers, use_of
from spatial.runtime.executors import THREADS, Progress
from spatial.terrain.classes import Scheme, scheme_of
from spatial.terrain.resolution import coarseness
from spatial.terrain.slope import slope_deg
from spatial.words import Both

GeometryArray = NDArray[np.object_]


@dataclass(frozen=True)
class Asked:
    """What a user wants to know of measures.

    Parameters
    ----------
    plan, prices
        Tables of the user's own; the project's where none.
    ranking
        What comes first.
    budget
        None where there is no limit.
    """

    plan: Path | None = None
    prices: Path | None = None
    ranking: Ranking = "saved_t_per_yuan"
    budget: Budget | None = None


@dataclass(frozen=True)
class Chosen:
    """What a user states for a run.

    Parameters
    ----------
    rain, soil
        R and K: a number, or the path of a raster; the district's indicative figures where empty.
    land
        Table of land cover; the project's where none.
    region
        Code of the region of SL 190 whose tolerance counts; the district's where empty.
    model
        ``csle`` or ``rusle``.
    measures
        None where measures are not asked for.
    workers, progress
        As :func:`spatial.runtime.executors.ordered` takes them.
    scratch
        As :class:`spatial.erosion.run.Inputs` takes it.
    """

    rain: str = ""
    soil: str = ""
    land: Path | None = None
    region: str = ""
    model: str = "csle"
    measures: Asked | None = None
    workers: str = THREADS
    progress: Progress | None = None
    scratch: Path | None = None


@dataclass(frozen=True)
class Measures:
    """What measures on the farmland of a district would do.

    Parameters
    ----------
    outcomes
        Of each scenario.
    plane
        Of the parcels' shapes.
    base_tillage
        T of the rotation before.
    """

    farmland: Farmland
    plan: dict[int, Prescription]
    prices: dict[str, Price]
    asked: Asked
    outcomes: tuple[Outcome, ...]
    plane: CRS
    base_tillage: float


@dataclass(frozen=True)
class ErosionResult:
    """Soil loss of a district.

    Parameters
    ----------
    loss
        Of the townships.
    whole
        Of the district's outline by itself, as zone 0.
    zones
        Names of the townships, in the order of the tables' positions; the district where there are none.
    lands, regions, scheme
        What the codes of the tables mean.
    basis
        Factor to where it comes from.
    files
        What the user named.
    measures
        None where they were not asked for.
    """

    loss: Loss
    whole: Loss
    model: str
    grid: Grid
    zones: tuple[str, ...]
    lands: dict[int, Land]
    regions: tuple[Region, ...]
    scheme: Scheme
    basis: dict[str, Both]
    district: Both
    date: dt.date
    layers: tuple[LayerUse, ...]
    files: tuple[UsedFile, ...]
    findings: tuple[Finding, ...]
    measures: Measures | None

    @property
    def illustrative(self) -> bool:
        """Whether any layer was drawn for the sample."""
        return any(layer.illustrative for layer in self.layers)


@dataclass(frozen=True)
class _Vectors:
    """Outlines and parcels of a workspace in its plane; townships may be none."""

    outline: LoadedLayer
    townships: tuple[LoadedLayer, ...]
    farmland: tuple[LoadedLayer, ...]
    announced: tuple[LoadedLayer, ...]
    plane: CRS

    @property
    def layers(self) -> tuple[LoadedLayer, ...]:
        return (self.outline, *self.townships, *self.farmland, *self.announced)

    @property
    def zones(self) -> GeometryArray:
        """Townships, and last the district as one."""
        whole = np.array([shapely.union_all(self.outline.geometry)], dtype=object)
        return np.concatenate([*(layer.geometry for layer in self.townships), whole])


def run_erosion(workspace: Workspace, date: dt.date, chosen: Chosen) -> ErosionResult:
    """Compute the soil loss of a workspace by township, and what measures would save where they are asked for.

    Parameters
    ----------
    workspace, date
        With layers of ``DEM``, ``LANDCOVER`` and, where it has them, ``TOWNSHIP`` and ``FARMLAND``; the whole
        district is one zone where there are no townships.
    chosen
        Factors and tables of the user's own.

    Raises
    ------
    InputError
        If a layer is missing, stands there twice or cannot be read, a factor is out of its range, or nothing is
        known of R or K.
    """
    heights, cover = only_layer(workspace, "DEM", date), only_layer(workspace, "LANDCOVER", date)
    lands, regions = land_table(chosen.land), regions_for(workspace, chosen.region)
    tables = _tables(chosen.measures) if chosen.measures else None
    dem = open_dem(heights.path, heights.stated)
    factors = factors_of(workspace, (chosen.rain, chosen.soil), dem.grid, heights.path)
    vectors = _vectors(workspace, date, chosen)
    terraces = terraced(vectors.farmland)
    inputs = Inputs(
        dem=dem,
        cover=aligned(cover.path, dem.grid, heights.path, cover.stated),
        lands=lands,
        rain=factors.rain,
        soil=factors.soil,
        regions=regions,
        scheme=scheme_of("survey"),
        model=chosen.model,
        terraces=np.empty(0, dtype=object) if terraces is None else terraces,
        terrace_factor=terrace_practice()[0].factor,
        workers=chosen.workers,
        progress=chosen.progress,
        scratch=chosen.scratch,
    )
    if chosen.measures:
        require_farmland(vectors.farmland)
    zones = vectors.zones
    loss = compute_loss(inputs, zones, vectors.plane)
    try:
        measures = _measures(vectors, chosen.measures, (loss.raster_t_hm2_a, inputs), tables)
    except InputError:
        # As with inputs that are refused earlier: nothing is left of the run.
        loss.discard()
        raise
    counted = farmland_findings(measures.farmland, vectors.farmland[0].layer.path, vectors.plane) if measures else ()
    names = tuple(name for layer in vectors.townships for name in layer.names)
    whole = loss.part(len(zones) - 1, len(zones))
    return ErosionResult(
        loss=loss.part(0, len(names)) if names else whole,
        whole=whole,
        model=chosen.model,
        grid=dem.grid,
        zones=names or (workspace.name.zh,),
        lands=lands,
        regions=regions,
        scheme=inputs.scheme,
        basis=factors.basis | {"E": _works_basis(vectors.farmland, terraces)},
        district=workspace.name,
        date=date,
        layers=(use_of(heights, loss.cells), use_of(cover, loss.cells), *(layer.use for layer in vectors.layers)),
        files=_files(chosen, factors),
        findings=(
            *regions_findings(workspace, chosen.region),
            *_findings(vectors, coarseness(dem.grid, heights.path.name)),
            *counted,
        ),
        measures=measures,
    )


def _tables(asked: Asked) -> tuple[dict[int, Prescription], dict[str, Price]]:
    plan, prices = plan_table(asked.plan), price_table(asked.prices)
    require_prices(plan, prices, asked.prices)
    return plan, prices


def _vectors(workspace: Workspace, date: dt.date, chosen: Chosen) -> _Vectors:
    plane = CRS(workspace.analysis_crs)
    outline = load_layer(workspace.outline(date), plane)
    place = place_from(outline.file)

    def of_role(role: str) -> tuple[LoadedLayer, ...]:
        return tuple(load_layer(layer, plane, place) for layer in workspace.of_role(role, date))

    if chosen.measures:
        required_layers(workspace, "FARMLAND", date)
    farmland = of_role("FARMLAND")
    return _Vectors(
        outline=outline,
        townships=of_role("TOWNSHIP"),
        farmland=farmland,
        announced=of_role("SLOPE25") if chosen.measures else (),
        plane=plane,
    )


def _works_basis(farmland: tuple[LoadedLayer, ...], terraces: GeometryArray | None) -> Both:
    """Say what E or P is made of."""
    from spatial.words import say

    if terraces is None:
        key = "erosion_works_no_form" if farmland else "erosion_works_no_layer"
        return Both(say("zh", key), say("en", key))
    practice, source = terrace_practice()
    return Both(
        *(
            say(
                lang,
                "erosion_works",
                count=len(terraces),
                practice=practice.name.say(lang),
                factor=f"{practice.factor:g}",
                source=source.say(lang),
            )
            for lang in ("zh", "en")
        )
    )


def _files(chosen: Chosen, factors: Factors) -> tuple[UsedFile, ...]:
    named = {"--land": chosen.land}
    if chosen.measures:
        named |= {"--plan": chosen.measures.plan, "--prices": chosen.measures.prices}
    return (*factors.files, *(used_file(option, path) for option, path in named.items() if path is not None))


def _findings(vectors: _Vectors, coarse: Finding | None) -> tuple[Finding, ...]:
    read = tuple(finding for layer in vectors.layers for finding in layer.file.findings)
    closed: tuple[Finding, ...] = ()
    if vectors.townships:
        closure = closure_of(vectors.zones[:-1], vectors.outline.geometry, vectors.plane)
        closed = closure.findings(str(vectors.townships[0].layer.path))
    return (*([coarse] if coarse else []), *read, *closed)


def _measures(
    vectors: _Vectors,
    asked: Asked | None,
    loss: tuple[NDArray[np.float32], Inputs],
    tables: tuple[dict[int, Prescription], dict[str, Price]] | None,
) -> Measures | None:
    if asked is None or tables is None:
        return None
    raster, dem, base_tillage = loss[0], loss[1].dem, rotation_factor(loss[1].lands)
    layers = vectors.farmland, vectors.announced
    # Slopes of the whole raster are computed only where a layer does not state its parcels'.
    farmland = farmland_of(
        layers,
        vectors.plane,
        (raster, dem.grid),
        tables,
        base_tillage=base_tillage,
        slopes=lambda: slope_deg(dem.read(), dem.grid),
    )
    treated = outcomes(farmland.measures, asked.ranking, asked.budget)
    return Measures(farmland, *tables, asked, treated, vectors.plane, base_tillage)
