"""The surroundings of a workspace's zones: bands, sources of risk in them, the fence on the land side."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from pyproj import CRS

from spatial.areas import ellipsoidal_length_m, official_area_m2
from spatial.catalog import Layer, Workspace
from spatial.equal_area import to_equal_area
from spatial.errors import InputError
from spatial.findings import Finding
from spatial.io.vector import FeatureNames, in_plane, place_from, read_vector
from spatial.loading import LayerUse, LoadedLayer, cover_each_other, load_layer, overlap_finding, required_layers
from spatial.overlay import robust
from spatial.recognition.place import Place
from spatial.roles import nearest_code, roles
from spatial.surroundings.measures import bands, exposure, fence_length_m
from spatial.words import Both

#: Roles whose polygons are water: no fence stands in them.
WATER_ROLES = ("RESERVOIR", "STREAM")
_AREAL = 2


@dataclass(frozen=True)
class SurroundingsResult:
    """What surrounds the zones of a role, and what every output says of it.

    Parameters
    ----------
    bands : GeoDataFrame
        In the analysis plane: ``from_m``, ``to_m``, official ``area_m2`` and ``in_district_m2``.
    exposure : DataFrame
        ``zone``, ``source`` (names), ``source_layer``, ``source_row`` (from 1), ``distance_m``, ``band_m``, ``inside_m2``.
    zones
        Number of zones.
    sources
        How many features each source has, near or far.
    border_m, fence_m
        Length of the outline of all zones together, and of its part on land [m].
    water
        Whether the workspace has water surfaces; without them all of the border counts as land.
    """

    role: str
    district: Both
    date: dt.date
    plane: CRS
    zones: int
    bands: gpd.GeoDataFrame
    exposure: pd.DataFrame
    sources: dict[str, int]
    border_m: float
    fence_m: float
    water: bool
    layers: tuple[LayerUse, ...]
    findings: tuple[Finding, ...]

    @property
    def illustrative(self) -> bool:
        """Whether any layer was drawn for the sample."""
        return any(layer.illustrative for layer in self.layers)


def run_surroundings(
    workspace: Workspace, date: dt.date, role: str, distances_m: Sequence[float], sources: Sequence[str] = ()
) -> SurroundingsResult:
    """Measure what surrounds the zones of a role on a date.

    Parameters
    ----------
    workspace, date
        The date decides the editions of layers.
    role
        Role of the zones, such as ``ECO_RED`` or ``WS1``.
    distances_m
        Outer distances of the bands, increasing [m].
    sources
        Roles of the workspace, or files: projects or sources of risk.

    Raises
    ------
    InputError
        If a role is unknown or has no layer, a layer or file cannot be read, the zones are no polygons,
        or the distances do not increase.
    """
    reader = _Reader(workspace, date)
    zones = reader.zones(role)
    names = np.array([name for layer in zones for name in layer.names], dtype=object)
    geometry = np.concatenate([layer.geometry for layer in zones])
    rings = bands(geometry, distances_m)
    in_district = robust.intersection(to_equal_area(rings, reader.plane), np.array([reader.district], dtype=object))
    frame = {
        "from_m": [0.0, *distances_m[:-1]],
        "to_m": list(distances_m),
        "area_m2": official_area_m2(rings, reader.plane),
        "in_district_m2": shapely.area(in_district),
    }
    water = reader.water()
    given = list(dict.fromkeys(name.upper() if name.upper() in roles() else name for name in sources))
    shown = [Path(name).name for name in given]
    # Two files of one name in two folders are two sources.
    risks = [
        reader.source(name, one if shown.count(one) == 1 else name) for name, one in zip(given, shown, strict=True)
    ]
    outline = shapely.boundary(robust.union(geometry))
    return SurroundingsResult(
        role=role,
        district=workspace.name,
        date=date,
        plane=reader.plane,
        zones=len(geometry),
        bands=gpd.GeoDataFrame(frame, geometry=rings, crs=reader.plane),
        exposure=_exposed(geometry, names, risks, distances_m, reader.plane),
        sources={risk.layer: len(risk.geometry) for risk in risks},
        border_m=float(ellipsoidal_length_m(np.array([outline], dtype=object), reader.plane)[0]),
        fence_m=fence_length_m(geometry, water, reader.plane),
        water=bool(len(water)),
        layers=tuple(reader.used.values()),
        findings=tuple(reader.findings),
    )


@dataclass(frozen=True)
class _Source:
    layer: str
    names: Sequence[str]
    geometry: NDArray[np.object_]


def _exposed(
    zones: NDArray[np.object_],
    names: NDArray[np.object_],
    sources: Sequence[_Source],
    distances_m: Sequence[float],
    plane: CRS,
) -> pd.DataFrame:
    columns = ["zone", "source", "source_layer", "source_row", "distance_m", "band_m", "inside_m2"]
    frames = []
    for source in sources:
        found = exposure(zones, source.geometry, distances_m, plane)
        called = np.array(list(source.names), dtype=object)
        found["source_layer"] = source.layer
        found["source_row"] = found["source"] + 1
        found["source"] = called[found["source"]]
        found["zone"] = names[found["zone"]]
        frames.append(found)
    return pd.concat(frames, ignore_index=True)[columns] if frames else pd.DataFrame(columns=columns)


class _Reader:
    """The layers of a workspace on a date, in its analysis plane."""

    def __init__(self, workspace: Workspace, date: dt.date) -> None:
        self._workspace, self._date = workspace, date
        self.plane = CRS(workspace.analysis_crs)
        self.used: dict[str, LayerUse] = {}
        self.findings: list[Finding] = []
        self._compared: set[str] = set()
        outline = self._load_all([workspace.outline(date)], None)[0]
        self._place = place_from(outline.file)
        self.district = robust.union(to_equal_area(outline.geometry, self.plane))

    def zones(self, role: str) -> list[LoadedLayer]:
        """Return the layers of a role, which must be polygons."""
        found = self._of_role(role)
        for layer in found:
            if (shapely.get_dimensions(layer.geometry) != _AREAL).any():
                raise InputError("coverage_not_areal", file=layer.layer.path, role=role)
        return found

    def water(self) -> NDArray[np.object_]:
        """Return the water surfaces; rivers that are lines have none."""
        layers = [layer for role in WATER_ROLES for layer in self._workspace.of_role(role, self._date)]
        found = [layer.geometry for layer in self._load_all(layers, self._place)]
        shapes = np.concatenate([np.empty(0, dtype=object), *found])
        areal: NDArray[np.object_] = shapes[shapely.get_dimensions(shapes) == _AREAL]
        return areal

    def source(self, name: str, shown: str) -> _Source:
        """Return sources of risk: the features of a role, or of a file."""
        role = name.upper()
        if role in roles() and not Path(name).exists():
            layers = self._of_role(role)
            names = [called for layer in layers for called in layer.names]
            return _Source(role, names, np.concatenate([layer.geometry for layer in layers]))
        file = read_vector(Path(name), place=self._place)
        geometry, findings = in_plane(file, self.plane)
        self.findings += [*file.findings, *findings]
        there = np.flatnonzero(~shapely.is_missing(geometry) & ~shapely.is_empty(geometry))
        if not there.size:
            raise InputError("layer_empty", file=name)
        if there.size < len(geometry):
            # Of a source of risk without a place nobody can say that it is far away.
            without: dict[str, object] = {"count": len(geometry) - there.size}
            self.findings.append(Finding("warning", "features_without_geometry", name, values=without))
        called = FeatureNames(file.features)
        return _Source(shown, [called[row] for row in there.tolist()], geometry[there])

    def _of_role(self, role: str) -> list[LoadedLayer]:
        if role not in roles():
            raise InputError("role_unknown", code=role, nearest=nearest_code(role, roles()))
        layers = required_layers(self._workspace, role, self._date)
        found = self._load_all(layers, self._place)
        if len(found) > 1 and role not in self._compared:
            self._compared.add(role)
            areal = all((shapely.get_dimensions(layer.geometry) == _AREAL).all() for layer in found)
            if areal and cover_each_other(found):
                self.findings.append(overlap_finding(found))
        return found

    def _load_all(self, layers: Sequence[Layer], place: Place | None) -> list[LoadedLayer]:
        loaded = [load_layer(layer, self.plane, place) for layer in layers]
        for layer in loaded:
            if layer.layer.layer_id not in self.used:
                self.used[layer.layer.layer_id] = layer.use
                self.findings += layer.file.findings
        return loaded
