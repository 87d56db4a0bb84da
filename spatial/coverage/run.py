"""Coverage of a workspace: read its layers, lay them over the district, state where all comes from."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from pyproj import CRS

from spatial.catalog import Layer, Workspace
from spatial.coverage.cover import NO_UNIT, Coverage, Partition, cover
from spatial.coverage.partitions import by_cell, by_class, by_name
from spatial.equal_area import to_equal_area
from spatial.errors import InputError
from spatial.findings import Finding
from spatial.io.rasters import read_classes
from spatial.io.vector import place_from, text_of
from spatial.loading import (
    LayerUse,
    LoadedLayer,
    cover_each_other,
    load_layer,
    overlap_finding,
    required_layers,
    use_of,
)
from spatial.recognition.place import Place
from spatial.roles import nearest_code, roles, zone_roles
from spatial.words import Both

_GRID = "grid:"
_RASTERS = (".tif", ".tiff", ".img", ".asc")
_AREAL = 2
_DATE = re.compile(r"\d{4}(-\d{2}(-\d{2})?)?")


@dataclass(frozen=True)
class CoverageResult:
    """A coverage, and what every output says of it.

    Parameters
    ----------
    missing
        Roles that were asked for, or protect, and have no layer: they are unknown, not zero.
    absent
        Roles that do not exist in the district, with the reason.
    layers
        Editions of the layers that took part.
    dated : DataFrame or None
        Where a date field was named: ``role``, ``date`` and ``area_m2`` of what each role and date takes when
        the strictest role takes a place, and within it the earliest date; their sum is what is covered.
    """

    coverage: Coverage
    district: Both
    date: dt.date
    missing: tuple[str, ...]
    absent: dict[str, Both]
    layers: tuple[LayerUse, ...]
    partitions: tuple[Partition, ...]
    findings: tuple[Finding, ...]
    dated: pd.DataFrame | None = None

    @property
    def illustrative(self) -> bool:
        """Whether any layer was drawn for the sample."""
        return any(layer.illustrative for layer in self.layers)


@dataclass(frozen=True)
class Asked:
    """What a coverage is asked for.

    Parameters
    ----------
    roles
        Zone roles; the protecting ones unless given.
    by
        Up to three partitions: a role (``TOWNSHIP``), a role and a field (``FARMLAND.slope_class``) or a
        grid (``grid:1000``, in metres).
    wanted
        Roles that should lie inside the others, such as ``FOREST``.
    dated
        Field with the date or year since when a zone is one, by its role's or its file's own name.
    """

    roles: tuple[str, ...] = ()
    by: tuple[str, ...] = ()
    wanted: tuple[str, ...] = ()
    dated: str = ""


def run_coverage(workspace: Workspace, date: dt.date, asked: Asked) -> CoverageResult:
    """Compute the coverage of a workspace on a date.

    Parameters
    ----------
    workspace, date
        The date decides the editions of layers.
    asked
        Roles and partitions.

    Raises
    ------
    InputError
        If a role is not known, a partition's layer is missing or beyond the district, a layer cannot be
        read, no role has a layer, or a partition is named twice or like a role that is counted.
    """
    source = _Source(workspace, date)
    wanted = [*dict.fromkeys(map(_known, asked.wanted))]
    covering = [role for role in dict.fromkeys(map(_known, asked.roles or _protecting())) if role not in wanted]
    read = {role: source.areal(role) for role in (*sorted(covering, key=_strictness), *wanted)}
    found = {role: geometry for role, geometry in read.items() if len(geometry)}
    if not any(role in found for role in covering):
        raise InputError("coverage_no_roles", roles=", ".join(covering) or "-")
    partitions = tuple(source.partition(spec) for spec in asked.by)
    for number, part in enumerate(partitions):
        if part.name in [other.name for other in partitions[:number]]:
            # Tables have one column for each partition.
            raise InputError("usage_by_twice", value=part.name)
    # A role may cover and divide at once: its units then stand under their names.
    partitions = tuple(replace(part, name=f"{part.name}.name") if part.name in read else part for part in partitions)
    coverage = cover(
        {role: geometry for role, geometry in found.items() if role not in wanted},
        partitions,
        source.district,
        wanted={role: geometry for role, geometry in found.items() if role in wanted},
    )
    return CoverageResult(
        coverage=coverage,
        district=workspace.name,
        date=date,
        missing=tuple(role for role in read if role not in found and role not in workspace.absent),
        absent={role: workspace.absent[role].reason for role in read if role in workspace.absent},
        layers=tuple(source.used.values()),
        partitions=partitions,
        findings=tuple(source.findings),
        dated=_dated(source, [role for role in found if role not in wanted], asked.dated) if asked.dated else None,
    )


def _dated(source: _Source, ordered: list[str], field: str) -> pd.DataFrame:
    """Give each place to its strictest role and there to the earliest date."""
    claims: dict[str, NDArray[np.object_]] = {}
    keys: dict[str, tuple[str, str]] = {}
    for role in ordered:
        geometry, dates = source.areal(role), source.dates(role, field)
        for date in sorted(set(dates), key=lambda text: (not text, text)):
            label = f"{role} {date}".strip()
            claims[label], keys[label] = geometry[dates == date], (role, date)
    awarded = cover(claims, [], source.district).awarded()
    awarded = awarded[awarded["role"] != NO_UNIT]
    pairs = [keys[label] for label in awarded["role"]]
    table = {"role": [pair[0] for pair in pairs], "date": [pair[1] for pair in pairs]}
    return pd.DataFrame(table | {"area_m2": awarded["area_m2"].to_numpy()})


def _protecting() -> list[str]:
    return [code for code, role in zone_roles().items() if role.protects]


def _known(code: str) -> str:
    if code not in roles():
        raise InputError("role_unknown", code=code, nearest=nearest_code(code, roles()))
    return code


def _strictness(code: str) -> tuple[bool, int]:
    return (roles()[code].kind != "zone", roles()[code].order)


class _Source:
    """The layers of a workspace on a date, each read once, in the equal-area plane."""

    def __init__(self, workspace: Workspace, date: dt.date) -> None:
        self._workspace, self._date = workspace, date
        self._plane = CRS(workspace.analysis_crs)
        self.used: dict[str, LayerUse] = {}
        self.findings: list[Finding] = []
        self._compared: set[str] = set()
        outline = self._load(workspace.outline(date), None)
        self._outline = outline.geometry
        self._place = place_from(outline.file)
        self.district = to_equal_area(outline.geometry, self._plane)

    def areal(self, role: str) -> NDArray[np.object_]:
        """Return the polygons of a role; none where the workspace has no layer of it."""
        layers = self._of_role(self._workspace.of_role(role, self._date))
        return np.concatenate([to_equal_area(layer.geometry, self._plane) for layer in layers] or [np.empty(0, object)])

    def dates(self, role: str, field: str) -> NDArray[np.str_]:
        """Return since when each feature of a role is what it is, as years or ISO dates; empty where nothing says."""
        dates = []
        for layer in self._workspace.of_role(role, self._date):
            for value in _values(self._polygons(layer), field):
                text = value.removesuffix("年").removesuffix(" 00:00:00")
                if text and not _is_date(text):
                    raise InputError("coverage_date_value", file=layer.path, field=field, value=value)
                dates.append(text)
        return np.array(dates, dtype=np.str_)

    def partition(self, spec: str) -> Partition:
        """Return the partition that a specification names."""
        if spec.startswith(_GRID):
            try:
                size_m = float(spec.removeprefix(_GRID))
            except ValueError as error:
                raise InputError("usage_by", value=spec) from error
            return by_cell(self._outline, size_m, self._plane)
        role, _, field = spec.partition(".")
        role = role.upper()
        layers = required_layers(self._workspace, _known(role), self._date)
        found = self._divided(layers, role, field)
        if not shapely.STRtree(self.district).query(found.geometry, predicate="intersects").size:
            raise InputError("coverage_by_beyond", file=layers[0].path, role=role)
        return found

    def _divided(self, layers: list[Layer], role: str, field: str) -> Partition:
        rasters = [layer for layer in layers if layer.path.suffix.lower() in _RASTERS]
        if rasters and len(layers) > 1:
            listed = ", ".join(f"{layer.layer_id} {layer.edition}" for layer in layers)
            raise InputError("coverage_by_rasters", role=role, layers=listed)
        if rasters and field:
            raise InputError("coverage_by_raster", role=role, file=rasters[0].path, field=field)
        if rasters:
            return self._classes(rasters[0])
        loaded = self._of_role(layers)
        names = [name for layer in loaded for name in (_values(layer, field) if field else layer.names)]
        geometry = np.concatenate([to_equal_area(layer.geometry, self._plane) for layer in loaded])
        return by_name(f"{role}.{field}" if field else role, geometry, names)

    def _of_role(self, layers: list[Layer]) -> list[LoadedLayer]:
        """Read the layers of a role; two editions in force at once would be counted as one."""
        loaded = [self._polygons(layer) for layer in layers]
        if len(loaded) > 1 and loaded[0].layer.role not in self._compared:
            self._compared.add(loaded[0].layer.role)
            if cover_each_other(loaded):
                self.findings.append(overlap_finding(loaded))
        return loaded

    def _classes(self, layer: Layer) -> Partition:
        grid = read_classes(layer.path, layer.stated)
        self.used[layer.layer_id] = use_of(layer, int(grid.valid.sum()))
        return by_class(layer.role, grid)

    def _polygons(self, layer: Layer) -> LoadedLayer:
        loaded = self._load(layer, self._place)
        if (shapely.get_dimensions(loaded.geometry) != _AREAL).any():
            raise InputError("coverage_not_areal", file=layer.path, role=layer.role)
        return loaded

    def _load(self, layer: Layer, place: Place | None) -> LoadedLayer:
        loaded = load_layer(layer, self._plane, place)
        if layer.layer_id not in self.used:
            self.used[layer.layer_id] = loaded.use
            self.findings.extend(loaded.file.findings)
        return loaded


def _is_date(text: str) -> bool:
    if not _DATE.fullmatch(text):
        return False
    try:
        dt.date.fromisoformat(text + "2018-01-01"[len(text) :])
    except ValueError:
        return False
    return True


def _values(layer: LoadedLayer, field: str) -> list[str]:
    """Return the values of a field, as the role or the file calls it."""
    frame = layer.file.features
    column = layer.layer.fields.get(field, field)
    if column not in frame.columns or column == frame.geometry.name:
        columns = ", ".join(str(name) for name in frame.columns if name != frame.geometry.name)
        raise InputError("coverage_by_field", file=layer.layer.path, field=field, columns=columns)
    present = ~shapely.is_missing(np.asarray(frame.geometry.array, dtype=object))
    return [text_of(value) for value in frame[column][present]]
