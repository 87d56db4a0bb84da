"""Layers of a workspace on a date, read into one plane, with what every output says of them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import CRS
from shapely.geometry.base import BaseGeometry

from spatial.catalog import Layer, Workspace
from spatial.errors import InputError
from spatial.findings import Finding
from spatial.io.vector import VectorFile, in_plane, place_from, read_vector, text_of
from spatial.provenance import sha256_of
from spatial.recognition.place import Place
from spatial.roles import roles
from spatial.schemas import check_fields, column_of, fields_of, known_values, label_column
from spatial.settings import setting
from spatial.words import Both

#: Roles drawn for orientation in maps and figures; no rule is bound to them.
CONTEXT_ROLES = ("NEIGHBOUR", "TOWNSHIP", "RESERVOIR", "STREAM", "ESP_BELT", "ESP_SCREEN", "ESP_CORRIDOR")


@dataclass(frozen=True)
class LayerUse:
    """An edition of a layer that took part, as every output prints it."""

    layer_id: str
    role: str
    name_zh: str
    name_en: str
    edition: str
    valid_from: dt.date | None
    valid_to: dt.date | None
    source: str
    illustrative: bool
    sha256: str
    features: int


@dataclass(frozen=True)
class LoadedLayer:
    """A layer with its features in the analysis plane.

    Parameters
    ----------
    is_prepared
        Whether it comes from what was prepared of it once: it may be only the part near the projects,
        its file has only the columns that a screening prints, and the whole was judged then.
    equal_area
        Geometries in the equal-area plane, by place, of features that take long to be moved there.
    """

    layer: Layer
    file: VectorFile
    geometry: NDArray[np.object_]
    names: tuple[str, ...]
    use: LayerUse
    is_prepared: bool = False
    equal_area: Mapping[int, BaseGeometry] = field(default_factory=dict)


def required_layers(workspace: Workspace, role: str, date: dt.date) -> list[Layer]:
    """Return the layers of a role that are in force on a date.

    Raises
    ------
    InputError
        If there is none.
    """
    layers = workspace.of_role(role, date)
    if not layers:
        name = Both(roles()[role].name_zh, roles()[role].name_en)
        raise InputError("role_missing", role=role, name=name)
    return layers


def only_layer(workspace: Workspace, role: str, date: dt.date) -> Layer:
    """Return the one layer of a role that is in force on a date.

    Raises
    ------
    InputError
        If there is none, or more than one.
    """
    layers = required_layers(workspace, role, date)
    if len(layers) > 1:
        name = Both(roles()[role].name_zh, roles()[role].name_en)
        named = ", ".join(f"{layer.layer_id} ({layer.path.name})" for layer in layers)
        raise InputError("role_several", role=role, name=name, layers=named, date=date.isoformat())
    return layers[0]


def load_layer(layer: Layer, plane: CRS, place: Place | None = None) -> LoadedLayer:
    """Read a layer of a workspace into a plane, its fields checked against its role.

    Parameters
    ----------
    layer
        As the catalogue states it.
    plane
        Where to; edges are cut before they are moved.
    place
        The district that it should lie in, where that is known.

    Raises
    ------
    InputError
        As :func:`spatial.io.vector.read_vector`, and if no feature has a geometry or the catalogue
        names fields that are not there.
    """
    file = read_vector(layer.path, layer.stated, place)
    geometry, findings = in_plane(file, plane)
    fields = check_fields(file.features, layer.role, layer.fields, str(layer.path))
    file = replace(file, findings=(*file.findings, *findings, *fields.findings))
    present = ~shapely.is_missing(geometry)
    names = _names(layer, file)
    without = int((~present).sum())
    if without == len(geometry):
        raise InputError("layer_empty", file=layer.path)
    if without:
        finding = Finding("warning", "features_without_geometry", str(layer.path), values={"count": without})
        file = replace(file, findings=(*file.findings, finding))
    kept = tuple(name for name, there in zip(names, present, strict=True) if there)
    return LoadedLayer(layer, file, geometry[present], kept, use_of(layer, len(geometry)))


def use_of(layer: Layer, features: int, sha256: str = "") -> LayerUse:
    """Return what outputs print of a layer that took part with so many features or cells; its sum where known."""
    return LayerUse(
        layer_id=layer.layer_id,
        role=layer.role,
        name_zh=layer.name.zh,
        name_en=layer.name.en,
        edition=layer.edition,
        valid_from=layer.valid_from,
        valid_to=layer.valid_to,
        source=layer.source,
        illustrative=layer.illustrative,
        sha256=sha256 or sha256_of(layer.path),
        features=features,
    )


def field_cells(loaded: LoadedLayer, field: str) -> list[str] | None:
    """Return a field of each feature as the codes of its list; nothing where the layer has no such field.

    Parameters
    ----------
    loaded
        A layer.
    field
        Of its role, by ``data/role_fields.csv``; other names and spellings are known.
    """
    frame = loaded.file.features
    present = ~shapely.is_missing(np.asarray(frame.geometry.array, dtype=object))
    rule = next(rule for rule in fields_of(loaded.layer.role) if rule.field == field)
    column = column_of(rule, map(str, frame.columns), loaded.layer.fields)
    if not column:
        return None
    spellings = known_values(rule.allowed)
    texts = [text_of(value) for value in frame[column][present]]
    return [spellings.get(text, text) for text in texts]


def _names(layer: Layer, file: VectorFile) -> list[str]:
    column = label_column(layer.role, map(str, file.features.columns), layer.fields)
    return [text_of(value) for value in file.features[column]] if column else [""] * len(file.features)


def cover_each_other(loaded: Sequence[LoadedLayer]) -> bool:
    """Return whether any two layers of a role, all polygons, cover the same places."""
    whole = [shapely.union_all(layer.geometry) for layer in loaded]
    shared = [shapely.area(shapely.intersection(one, whole[place + 1 :])) for place, one in enumerate(whole)]
    return bool(np.concatenate(shared).max(initial=0.0) >= setting("repair_area_m2"))


def overlap_finding(loaded: Sequence[LoadedLayer]) -> Finding:
    """Say that layers of one role cover the same places: an old edition was left in, most likely."""
    names = ", ".join(f"{layer.layer.layer_id} {layer.layer.edition}" for layer in loaded)
    values: dict[str, object] = {"role": loaded[0].layer.role, "count": len(loaded), "layers": names}
    return Finding("warning", "role_editions_overlap", str(loaded[0].layer.path), values=values)


def load_context(workspace: Workspace, date: dt.date) -> tuple[LoadedLayer, ...]:
    """Read the vector layers that show where things are: townships, rivers, the pattern."""
    plane = CRS(workspace.analysis_crs)
    known = [
        layer
        for role in CONTEXT_ROLES
        for layer in workspace.of_role(role, date)
        if layer.layer_id != workspace.outline_layer
    ]
    place = outline_of(workspace, date)
    return tuple(load_layer(layer, plane, place) for layer in known)


def outline_of(workspace: Workspace, date: dt.date) -> Place:
    """Read the outline that the projects and layers of a workspace must lie in."""
    layer = workspace.outline(date)
    return place_from(read_vector(layer.path, layer.stated))


def require_over(layer: LoadedLayer, district: BaseGeometry, workspace: Workspace) -> None:
    """Refuse a zone layer that misses the district: an empty overlap would look like no conflict."""
    distance = float(shapely.distance(layer.geometry, district).min())
    if distance > 0:
        raise InputError(
            "zones_outside",
            file=layer.layer.path,
            role=layer.layer.role,
            district=workspace.name,
            distance_km=f"{distance / 1000:.1f}",
        )
