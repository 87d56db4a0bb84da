"""Slope classes of zones, and what every output says of them."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from spatial.errors import InputError
from spatial.findings import Finding
from spatial.io.elevation import Dem, open_dem
from spatial.io.stated import Stated
from spatial.io.vector import FeatureNames, VectorFile, read_vector, text_of
from spatial.provenance import sha256_of
from spatial.runtime.blocks import Block, require_memory
from spatial.runtime.executors import THREADS, Progress
from spatial.terrain.classes import Scheme
from spatial.terrain.farmland import AskedParcels, FarmlandClasses, farmland_classes
from spatial.terrain.slope import Method, slope_deg
from spatial.terrain.surface import surface_by_zone
from spatial.terrain.zones import SlopeAreas, slope_class_areas
from spatial.words import Both

_AREAL = 2
#: Heights, slopes, classes, labels of patches, and what merges them, for the work that takes the whole grid.
_WHOLE_BYTES = 64.0


@dataclass(frozen=True)
class SlopeResult:
    """Areas of slope classes by zone.

    Parameters
    ----------
    zones
        Names, in the order of the table's positions.
    whole
        Whether there were no zones, so that the grid is the only one.
    illustrative
        Whether heights, zones or farmland were drawn for the sample.
    place
        Whose heights these are; none where only a file was named.
    surface : DataFrame
        As :func:`spatial.terrain.surface.surface_by_zone`; none where it was not asked for.
    parcels
        None where farmland was not asked for.
    """

    areas: SlopeAreas
    scheme: Scheme
    method: Method
    dem: Dem
    sha256: str
    zones: tuple[str, ...]
    whole: bool
    illustrative: bool
    findings: tuple[Finding, ...]
    place: Place | None = None
    surface: pd.DataFrame | None = None
    parcels: FarmlandClasses | None = None


@dataclass(frozen=True)
class Place:
    """A workspace by its name, and the date whose editions are taken."""

    name: Both
    date: dt.date


@dataclass(frozen=True)
class Wanted:
    """What is wanted besides areas of classes by zone; all of it takes the whole grid at once.

    Parameters
    ----------
    surface
        Areas of the ground's surface, for earthworks.
    parcels
        Classes of farmland.
    """

    surface: bool = False
    parcels: AskedParcels | None = None


@dataclass(frozen=True)
class Heights:
    """Which heights slopes are computed from.

    Parameters
    ----------
    path, stated
        The file, and what the user or the catalogue says of it.
    illustrative
        Whether they were drawn for the sample.
    place
        Of their workspace.
    """

    path: Path
    stated: Stated | None = None
    illustrative: bool = False
    place: Place | None = None


@dataclass(frozen=True)
class Zoning:
    """Which zones slopes are summed up in.

    Parameters
    ----------
    path
        File of polygons; the whole grid without one.
    stated
        What the user says of that file.
    by
        Field whose values name the zones; features of one value are one zone.
    illustrative
        Whether they were drawn for the sample.
    """

    path: Path | None = None
    stated: Stated | None = None
    by: str = ""
    illustrative: bool = False


def run_slope(
    heights: Heights,
    zoning: Zoning,
    scheme: Scheme,
    *,
    method: Method = "horn",
    wanted: Wanted | None = None,
    workers: str = THREADS,
    progress: Progress | None = None,
) -> SlopeResult:
    """Sum up the slope classes of a file of heights by zone.

    Parameters
    ----------
    heights, zoning
        Files of heights and zones.
    scheme, method
        Classes, and formula of the slope.
    wanted
        What else; nothing where left out.
    workers, progress
        As :func:`spatial.terrain.zones.slope_class_areas` takes them.

    Raises
    ------
    InputError
        If a file cannot be read, the zones are no polygons or miss the grid, or a field is not
        there, or what is wanted would need too much memory.
    """
    dem, wanted = open_dem(heights.path, heights.stated), wanted or Wanted()
    whole = bool(wanted.surface or wanted.parcels)
    if whole:
        require_whole(dem)
    names: tuple[str, ...]
    findings: tuple[Finding, ...]
    if zoning.path is None:
        names, geometry, plane, findings = (heights.path.stem,), _outline(dem), dem.grid.crs, ()
    else:
        file = read_vector(zoning.path, zoning.stated)
        names, geometry = _zones(file, zoning.by)
        plane, findings = file.crs, file.findings
    areas = slope_class_areas(dem, geometry, plane, scheme, method=method, workers=workers, progress=progress)
    slope = slope_deg(dem.read(), dem.grid, method=method) if whole else None
    parcels = surface = None
    if slope is not None and wanted.surface:
        surface = surface_by_zone(slope, dem.grid, geometry, plane, scheme)
    if slope is not None and wanted.parcels:
        parcels = farmland_classes(wanted.parcels, slope, dem.grid)
    return SlopeResult(
        areas=areas,
        scheme=scheme,
        method=method,
        dem=dem,
        sha256=sha256_of(heights.path),
        zones=names,
        whole=zoning.path is None,
        illustrative=heights.illustrative or zoning.illustrative or bool(parcels and parcels.illustrative),
        findings=(*findings, *areas.findings, *_unknown(parcels)),
        place=heights.place,
        surface=surface,
        parcels=parcels,
    )


def require_whole(dem: Dem) -> None:
    """Refuse heights of which the whole grid does not fit into memory.

    Raises
    ------
    InputError
        If the estimate exceeds the setting ``memory_mib``.
    """
    rows, columns = dem.grid.shape
    require_memory([Block(0, (0, rows), (0, rows))], columns, bytes_per_cell=_WHOLE_BYTES, at_once=1)


def _unknown(parcels: FarmlandClasses | None) -> tuple[Finding, ...]:
    """Say for which fields no coefficient is known, so that they have no net area."""
    if parcels is None or not parcels.unknown:
        return ()
    listed = ", ".join(f"{code} {form}".strip() for code, form in parcels.unknown)
    return (Finding("warning", "slope_no_ridge", "", values={"classes": listed}),)


def _outline(dem: Dem) -> NDArray[np.object_]:
    """Return the grid as a polygon with a corner at every cell, so that its edges bend as the rows do."""
    return np.array([shapely.segmentize(shapely.box(*dem.grid.bounds), dem.grid.transform.a)], dtype=object)


def _zones(file: VectorFile, by: str) -> tuple[tuple[str, ...], NDArray[np.object_]]:
    frame = file.features
    geometry = np.asarray(frame.geometry.array, dtype=object)
    present = ~shapely.is_missing(geometry) & ~shapely.is_empty(geometry)
    if not present.any():
        raise InputError("layer_empty", file=file.path)
    if (shapely.get_dimensions(geometry[present]) != _AREAL).any():
        raise InputError("zones_not_areal", file=file.path)
    if not by:
        names = np.array(list(FeatureNames(frame)), dtype=object)
        return tuple(names[present]), geometry[present]
    if by not in frame.columns:
        columns = ", ".join(str(name) for name in frame.columns if name != frame.geometry.name)
        raise InputError("coverage_by_field", file=file.path, field=by, columns=columns)
    values = np.array([text_of(value) for value in frame[by]], dtype=object)[present]
    own = tuple(dict.fromkeys(values))
    united = [shapely.union_all(geometry[present][values == name]) for name in own]
    return own, np.array(united, dtype=object)
