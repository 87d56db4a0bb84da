"""Layers of the workspace by role, each with the role's style and its fields."""

from __future__ import annotations

import dataclasses
import re
from dataclasses import replace
from typing import Any

import numpy as np
import shapely

from spatial.areas import ellipsoidal_length_m, official_area_m2
from spatial.errors import InputError
from spatial.io.vector import place_from, text_of
from spatial.loading import LoadedLayer, load_layer
from spatial.publish.model import HATCHES, Layer
from spatial.publish.sources.colours import coloured
from spatial.publish.sources.scene import Drawn, Scene, hectares, note_of, role_symbol, styles, titled, to_lon_lat
from spatial.roles import Role, roles
from spatial.schemas import column_of, fields_of
from spatial.tables.cells import Cell, Column, rounded, seen
from spatial.words import Lang, say

OPTIONS: dict[str, type] = {"roles": list, "colour_by": str, "style": dict}

_LINE, _AREA = 1, 2
_COLOUR = re.compile(r"|#[0-9A-Fa-f]{6}")
_RASTERS = (".tif", ".tiff")


def draw(scene: Scene, options: dict[str, Any]) -> Drawn:
    """Return the layers in force of the roles asked for, or of all zone roles, the strictest on top."""
    asked = options.get("roles") or [code for code, role in roles().items() if role.kind == "zone"]
    outline = load_layer(scene.workspace.outline(scene.date), scene.plane)
    place = place_from(outline.file)
    loaded = [
        load_layer(layer, scene.plane, place)
        for code in sorted(asked, key=lambda code: -roles()[code].order)
        for layer in scene.workspace.of_role(code, scene.date)
        if layer.path.suffix.lower() not in _RASTERS
    ]
    findings = tuple(finding for layer in loaded for finding in layer.file.findings)
    layers = [_styled(_layer(layer, scene), options.get("style", {})) for layer in loaded]
    if "colour_by" in options:
        layers = [coloured(layer, options["colour_by"], scene.lang) for layer in layers]
    return Drawn(tuple(layers), tuple(layer.use for layer in loaded), findings)


def _styled(layer: Layer, style: dict[str, Any]) -> Layer:
    """Return a layer drawn as the recipe says instead of as its role is."""
    if not style:
        return layer
    (symbol,) = layer.symbols
    own = {one.name: type(getattr(symbol, one.name)) for one in dataclasses.fields(symbol) if one.name != "label"}
    for key, value in style.items():
        if key not in own:
            raise InputError("recipe_style", layer=layer.title, key=key, known=", ".join(own))
        number = own[key] is float and isinstance(value, int | float) and not isinstance(value, bool)
        colour = key not in {"fill", "edge"} or bool(_COLOUR.fullmatch(str(value)))
        if not (number or isinstance(value, own[key])) or not colour or (key == "hatch" and value not in HATCHES):
            raise InputError("recipe_style_value", layer=layer.title, key=key, value=value)
    return replace(layer, symbols=(replace(symbol, **style),))


def _layer(loaded: LoadedLayer, scene: Scene) -> Layer:
    role, lang = roles()[loaded.layer.role], scene.lang
    columns, rows = _attributes(loaded, scene)
    return Layer(
        key=loaded.layer.layer_id,
        role=role.code,
        title=role.name(lang),
        group=say(lang, f"map_group_{_GROUPS[role.kind]}"),
        shapes=to_lon_lat(loaded.geometry, scene.plane),
        symbols=(role_symbol(role, int((shapely.get_dimensions(loaded.geometry) == _AREA).sum())),),
        symbol_of=np.zeros(len(loaded.geometry), dtype=np.int32),
        columns=columns,
        rows=rows,
        name_key="name",
        note=note_of([loaded.use], lang),
        shown=role.code not in styles()["hidden"]["roles"],
        illustrative=loaded.layer.illustrative,
        texts=_texts(loaded),
    )


def _texts(loaded: LoadedLayer) -> tuple[str, ...]:
    """Return all that a file says of each feature, columns that no role has among them."""
    frame = loaded.file.features
    present = ~shapely.is_missing(np.asarray(frame.geometry.array, dtype=object))
    columns = [frame[column][present] for column in frame.columns if column != frame.geometry.name]
    return tuple(" ".join(map(text_of, row)) for row in zip(*columns, strict=True))


_GROUPS = {"zone": "zones", "base": "base", "pattern": "pattern"}


def _attributes(loaded: LoadedLayer, scene: Scene) -> tuple[tuple[Column, ...], tuple[tuple[Cell, ...], ...]]:
    """Return name, role, measure, and the fields of the role that the layer has."""
    role, lang = roles()[loaded.layer.role], scene.lang
    count = len(loaded.geometry)
    columns: list[Column] = list(titled(lang, ("name", "text"), ("role", "text")))
    values: list[list[Cell]] = [[seen(name) for name in loaded.names], [role.name(lang)] * count]
    dimension = int(shapely.get_dimensions(loaded.geometry).max(initial=0))
    if dimension == _AREA:
        columns += titled(lang, ("area_ha", "ha"))
        values.append([hectares(area) for area in official_area_m2(loaded.geometry, scene.plane)])
    elif dimension == _LINE:
        columns += titled(lang, ("length_m", "m"))
        values.append([rounded(float(length), "m") for length in ellipsoidal_length_m(loaded.geometry, scene.plane)])
    for column, found in _fields(loaded, role, lang):
        columns.append(column)
        values.append(found)
    return tuple(columns), tuple(zip(*values, strict=True))


def _fields(loaded: LoadedLayer, role: Role, lang: Lang) -> list[tuple[Column, list[Cell]]]:
    """Return the role's fields, but the one that features are called by."""
    frame = loaded.file.features
    present = ~shapely.is_missing(np.asarray(frame.geometry.array, dtype=object))
    found = []
    for rule in fields_of(role.code):
        column = column_of(rule, map(str, frame.columns), loaded.layer.fields)
        if column and not rule.is_label:
            # Aliases begin with the Chinese term of the standard.
            title = rule.aliases[0] if lang == "zh" and rule.aliases else rule.field.replace("_", " ")
            texts: list[Cell] = [seen(text_of(value)) for value in frame[column][present]]
            found.append((Column(rule.field, title, "text"), texts))
    return found
