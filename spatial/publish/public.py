"""What must not leave the office is taken out of a map's data, and what is left is moved to a coarse grid."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import shapely
from numpy.typing import NDArray

from spatial.crs import ELLIPSOID
from spatial.errors import InputError
from spatial.publish.model import GeometryArray, Layer, Publication
from spatial.publish.recipe import Recipe
from spatial.publish.secrets import secret_of, texts_of
from spatial.roles import roles
from spatial.settings import setting
from spatial.words import Both

#: A point that is moved to the nearest node of a grid of pitch p moves by p / sqrt(6), root mean square.
_PITCH_PER_RMS = math.sqrt(6.0)


@dataclass(frozen=True)
class Removal:
    """What was taken out of a map.

    Parameters
    ----------
    what
        ``layer``, ``feature`` or ``attribute``.
    name
        Of the attribute or the feature; a feature's place among the layer's where it has none.
    """

    layer: str
    what: str
    name: str
    reason: Both


@dataclass(frozen=True)
class Lattice:
    """The nodes that positions of a public map are moved to.

    Parameters
    ----------
    lon_deg, lat_deg
        Distance of its nodes; a node lies at longitude and latitude 0.
    tolerance_m
        Root mean square of the distance to the nearest node.
    """

    lon_deg: float
    lat_deg: float
    tolerance_m: float


@dataclass(frozen=True)
class PublicLayers:
    """Layers that may be shown, and what was done to make them so.

    Parameters
    ----------
    largest_shift_m
        Of all vertices.
    """

    layers: tuple[Layer, ...]
    removed: tuple[Removal, ...]
    lattice: Lattice
    largest_shift_m: float


def make_public(layers: Sequence[Layer], recipe: Recipe, listed: Sequence[tuple[str, ...] | None]) -> PublicLayers:
    """Return what of a map's layers may be shown to everybody.

    Parameters
    ----------
    layers
        As the sources made them, all attributes among their columns.
    recipe
        States releases and the tolerance.
    listed
        The attributes that the recipe lists for each layer.

    Raises
    ------
    InputError
        If the recipe is not for the public, a layer's attributes are not listed, or its tolerance is finer
        than what may be shown.

    Notes
    -----
    Positions are moved to the nodes of a grid, the same for all layers: no vertex keeps its surveyed position,
    borders that are shared stay shared, and a checker can prove it from the file. Polygons that vanish stay
    as a point.
    """
    if recipe.audience != "public":
        raise InputError("publish_audience", file=recipe.path)
    least = setting("publish_tolerance_m")
    tolerance_m = least if recipe.tolerance_m is None else recipe.tolerance_m
    if tolerance_m < least:
        raise InputError("publish_tolerance", file=recipe.path, value=f"{tolerance_m:g}", least=f"{least:g}")
    kept: list[Layer] = []
    removed: list[Removal] = []
    for layer, attributes in zip(layers, listed, strict=True):
        if attributes is None:
            raise InputError("publish_attributes", file=recipe.path, layer=layer.title)
        reason = _why_not(layer.role, recipe)
        if reason is not None:
            removed.append(Removal(layer.title, "layer", layer.title, reason))
            continue
        allowed, gone = _without_secrets(layer, recipe)
        slim, columns = _without_columns(allowed, attributes)
        removed += [*gone, *columns]
        if len(slim.shapes):
            kept.append(slim)
    lattice = lattice_of(kept, tolerance_m)
    moved = [_moved(layer.shapes, lattice) for layer in kept]
    shift_m = max((_largest_shift_m(layer.shapes, lattice) for layer in kept), default=0.0)
    public = tuple(replace(layer, shapes=shapes) for layer, shapes in zip(kept, moved, strict=True))
    return PublicLayers(public, tuple(removed), lattice, shift_m)


def require_no_secret(publication: Publication, recipe: Recipe) -> None:
    """Refuse a public map whose title, notes, legend or facts name a secret; its features were looked at before.

    Raises
    ------
    InputError
        With the place and the text: whoever publishes has to change the recipe or the catalogue.
    """
    for where, text in texts_of(publication):
        found = secret_of([text])
        if found is not None:
            raise InputError("publish_secret", file=recipe.path, where=where, text=text[:80], reason=found.reason)


def extent_on(lattice: Lattice, bounds: tuple[float, float, float, float]) -> tuple[float, float, float, float]:
    """Return bounds moved outward to nodes: those of an outline would be four of its exact coordinates.

    Examples
    --------
    >>> extent_on(Lattice(0.5, 0.25, 50.0), (113.1, 36.1, 113.2, 36.4))
    (113.0, 36.0, 113.5, 36.5)
    """
    west, south, east, north = bounds
    lon, lat = lattice.lon_deg, lattice.lat_deg
    return (
        math.floor(west / lon) * lon,
        math.floor(south / lat) * lat,
        math.ceil(east / lon) * lon,
        math.ceil(north / lat) * lat,
    )


def _why_not(role: str, recipe: Recipe) -> Both | None:
    if not role or roles()[role].publishable or role in recipe.release:
        return None
    return Both(
        "该类图层未经同意不得公开矢量界线，配方中没有写明公开依据", "outlines of this role need a release in the recipe"
    )


def _without_secrets(layer: Layer, recipe: Recipe) -> tuple[Layer, list[Removal]]:
    """Leave out features that name a secret, or repeat the outline of a role that may not be shown."""
    keep, gone = [], []
    for place in range(len(layer.shapes)):
        row = layer.rows[place] if layer.rows else ()
        found = secret_of(row)
        reason = found.reason if found else None
        if reason is None and layer.feature_roles:
            reason = _why_not(layer.feature_roles[place], recipe)
        if reason is None:
            keep.append(place)
            continue
        gone.append(Removal(layer.title, "feature", _called(layer, place), reason))
    return _picked(layer, keep), gone


def _called(layer: Layer, place: int) -> str:
    """Return how the list of removals calls a feature: by its number, as its name may be the secret."""
    return f"{place + 1}/{len(layer.shapes)}"


def _picked(layer: Layer, places: list[int]) -> Layer:
    if len(places) == len(layer.shapes):
        return layer
    return replace(
        layer,
        shapes=layer.shapes[places],
        symbol_of=layer.symbol_of[places],
        rows=tuple(layer.rows[place] for place in places) if layer.rows else (),
        feature_roles=tuple(layer.feature_roles[place] for place in places) if layer.feature_roles else (),
    )


def _without_columns(layer: Layer, attributes: tuple[str, ...]) -> tuple[Layer, list[Removal]]:
    gone = [
        Removal(layer.title, "attribute", column.title, Both("配方未列出该属性", "the recipe does not list it"))
        for column in layer.columns
        if column.key not in attributes
    ]
    return with_columns(layer, attributes), gone


def with_columns(layer: Layer, attributes: tuple[str, ...]) -> Layer:
    """Return a layer with some of its columns only, in the order asked for; the others are not in it any more."""
    keys = [column.key for column in layer.columns]
    places = [keys.index(key) for key in attributes if key in keys]
    kept = {keys[place] for place in places}
    return replace(
        layer,
        columns=tuple(layer.columns[place] for place in places),
        rows=tuple(tuple(row[place] for place in places) for row in layer.rows) if places else (),
        name_key=layer.name_key if layer.name_key in kept else "",
        labelled=layer.labelled and layer.name_key in kept,
        chart_keys=tuple(key for key in layer.chart_keys if key in kept),
    )


def lattice_of(layers: Sequence[Layer], tolerance_m: float) -> Lattice:
    """Return the grid for a map: square on the ground in the middle of its layers."""
    bounds = [shapely.total_bounds(layer.shapes) for layer in layers if len(layer.shapes)]
    middle = float(np.mean([[box[1], box[3]] for box in bounds])) if bounds else 0.0
    pitch_m = _PITCH_PER_RMS * tolerance_m
    return Lattice(pitch_m / _metres_of_degree(middle)[0], pitch_m / _metres_of_degree(middle)[1], tolerance_m)


def _metres_of_degree(lat_deg: float) -> tuple[float, float]:
    """Return the length of a degree of longitude and of latitude on GRS80 [m]."""
    east = ELLIPSOID.inv(0.0, lat_deg, 1e-3, lat_deg)[2] * 1e3
    north = ELLIPSOID.inv(0.0, lat_deg - 5e-4, 0.0, lat_deg + 5e-4)[2] * 1e3
    return east, north


def _moved(shapes: GeometryArray, lattice: Lattice) -> GeometryArray:
    pitch = np.array([lattice.lon_deg, lattice.lat_deg])
    scaled = shapely.transform(shapes, lambda xy: xy / pitch)
    # Snap rounding: every vertex of the result is a node, and polygons stay valid.
    snapped = np.asarray(shapely.set_precision(scaled, 1.0), dtype=object)
    lost = shapely.is_empty(snapped)
    snapped[lost] = shapely.transform(shapely.point_on_surface(scaled[lost]), np.round)
    found: GeometryArray = np.asarray(shapely.transform(snapped, lambda xy: np.round(xy) * pitch), dtype=object)
    return found


def _largest_shift_m(shapes: GeometryArray, lattice: Lattice) -> float:
    coords: NDArray[np.float64] = shapely.get_coordinates(shapes)
    if not len(coords):
        return 0.0
    pitch = np.array([lattice.lon_deg, lattice.lat_deg])
    moved = np.round(coords / pitch) * pitch
    _, _, distance = ELLIPSOID.inv(coords[:, 0], coords[:, 1], moved[:, 0], moved[:, 1])
    return float(np.max(distance))
