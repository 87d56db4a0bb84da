"""From a recipe and a workspace to a map: layers drawn, attributes picked, what must be said put on it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import shapely

import spatial
from spatial.errors import InputError
from spatial.findings import Finding
from spatial.io.elevation import open_dem
from spatial.loading import LayerUse, load_layer
from spatial.publish.model import GeometryArray, Layer, Picture, Publication, Tiles
from spatial.publish.public import (
    PublicLayers,
    Removal,
    extent_on,
    make_public,
    require_no_secret,
    with_columns,
)
from spatial.publish.recipe import Entry, Recipe, nearest
from spatial.publish.relief import relief
from spatial.publish.secrets import secret_of
from spatial.publish.sources.registry import SOURCES
from spatial.publish.sources.scene import Scene, to_lon_lat
from spatial.roles import roles
from spatial.settings import setting
from spatial.tables.cells import listed, seen
from spatial.words import say

_MARGIN = 0.02


@dataclass(frozen=True)
class Composed:
    """A map ready to be written.

    Parameters
    ----------
    removed
        What was taken out of it for the public; nothing for the office.
    largest_shift_m
        Of all vertices, for the public.
    """

    publication: Publication
    removed: tuple[Removal, ...]
    largest_shift_m: float
    findings: tuple[Finding, ...]


def compose(recipe: Recipe, scene: Scene, *, public: bool = False, tiles: Tiles | None = None) -> Composed:
    """Make a map of a workspace by a recipe.

    Parameters
    ----------
    recipe
        From :func:`spatial.publish.recipe.read_recipe`.
    scene
        District, date and language.
    public
        Whether everybody may see it; then only what :func:`spatial.publish.public.make_public` leaves is in it.
    tiles
        Background of map tiles, where the user asked for one.

    Raises
    ------
    InputError
        If a layer cannot be read, an attribute is not there, nothing is left to draw, or the recipe does
        not allow a public map.
    """
    if public and tiles is not None and tiles.hosts and not tiles.ask_key:
        raise InputError("publish_public_key")
    layers, entries, uses, findings = _drawn(recipe, scene)
    made: PublicLayers | None = None
    if public:
        made = make_public(layers, recipe, [entry.attributes for entry in entries])
        layers = list(made.layers)
    else:
        chosen = zip(layers, entries, strict=True)
        layers = [with_columns(one, entry.attributes) if entry.attributes is not None else one for one, entry in chosen]
    if not layers:
        raise InputError("recipe_empty", file=recipe.path, roles=", ".join(_roles_of(recipe)))
    layers = _unique(layers)
    publication = Publication(
        title=_title(recipe, scene, layers),
        lang=scene.lang,
        lines=_lines(recipe, scene, layers, made),
        layers=tuple(layers),
        extent=_extent(layers, scene, made),
        picture=_picture(recipe, scene, public=public) if tiles is None else None,
        tiles=tiles,
        watermark="" if public and recipe.approval else say(scene.lang, "publish_watermark"),
        sources=_sources(uses, scene, public=public),
        around=_around(scene),
        facts=_facts(recipe, scene, layers, uses, made),
    )
    if made is not None:
        require_no_secret(publication, recipe)
    removed = () if made is None else made.removed
    return Composed(publication, removed, 0.0 if made is None else made.largest_shift_m, tuple(findings))


def _drawn(recipe: Recipe, scene: Scene) -> tuple[list[Layer], list[Entry], list[LayerUse], list[Finding]]:
    layers: list[Layer] = []
    entries: list[Entry] = []
    uses: dict[str, LayerUse] = {}
    findings: dict[str, Finding] = {}
    for entry in recipe.entries:
        found = SOURCES[entry.source].draw(scene, entry.options)
        _require_attributes(recipe, entry, found.layers)
        for layer in found.layers:
            layers.append(_styled(layer, entry, scene))
            entries.append(entry)
        uses |= {use.layer_id: use for use in found.uses}
        findings |= {finding.text("en"): finding for finding in found.findings}
    return layers, entries, list(uses.values()), list(findings.values())


def _require_attributes(recipe: Recipe, entry: Entry, layers: Sequence[Layer]) -> None:
    """Refuse attributes that no layer of an entry has; of several roles each may have some of them."""
    keys = tuple(dict.fromkeys(column.key for layer in layers for column in layer.columns))
    for name in entry.attributes or ():
        if layers and name not in keys and name not in SOURCES[entry.source].sometimes:
            raise InputError(
                "recipe_attribute", file=recipe.path, layer=layers[0].title, key=name, nearest=nearest(name, keys)
            )


def _styled(layer: Layer, entry: Entry, scene: Scene) -> Layer:
    alone = len(entry.options.get("roles", [])) <= 1
    return replace(
        layer,
        title=entry.title.say(scene.lang) if entry.title is not None and alone else layer.title,
        group=entry.group.say(scene.lang) if entry.group is not None else layer.group,
        labelled=(entry.labels or layer.labelled) and bool(layer.name_key),
        shown=entry.shown and layer.shown,
    )


def _unique(layers: Sequence[Layer]) -> list[Layer]:
    """Give each layer a key of its own: a recipe may draw one twice."""
    taken: dict[str, int] = {}
    found = []
    for layer in layers:
        taken[layer.key] = taken.get(layer.key, 0) + 1
        number = taken[layer.key]
        found.append(layer if number == 1 else replace(layer, key=f"{layer.key}-{number}"))
    return found


def _roles_of(recipe: Recipe) -> list[str]:
    return [code for entry in recipe.entries for code in entry.options.get("roles", [entry.source])]


def _title(recipe: Recipe, scene: Scene, layers: Sequence[Layer]) -> str:
    title = recipe.title.say(scene.lang).replace("{district}", scene.workspace.name.say(scene.lang))
    sketch = any(layer.illustrative for layer in layers)
    return say(scene.lang, "publish_sketch", title=seen(title)) if sketch else seen(title)


def _lines(
    recipe: Recipe, scene: Scene, layers: Sequence[Layer], made: PublicLayers | None
) -> tuple[tuple[str, bool], ...]:
    lang = scene.lang
    reviewed = made is not None and bool(recipe.approval)
    warned = [] if reviewed else [say(lang, "notice_internal")]
    if any(layer.illustrative for layer in layers):
        warned.append(say(lang, "notice_illustrative"))
    said = [say(lang, "publish_approval", number=seen(recipe.approval))] if reviewed else []
    if made is not None:
        said += [
            say(lang, "publish_released", role=roles()[code].name(lang), document=seen(recipe.release[code]))
            for code in dict.fromkeys(layer.role for layer in layers)
            if code in recipe.release
        ]
    said.append(say(lang, "publish_date", date=scene.date.isoformat()))
    said.append(say(lang, "publish_crs"))
    if made is not None:
        values = {"tolerance": f"{made.lattice.tolerance_m:g}", "largest": f"{made.largest_shift_m:.0f}"}
        said.append(say(lang, "publish_generalised", **values))
    said.append(say(lang, "publish_sources_beside"))
    mark = say(lang, "sentence_mark")
    lines = [(mark.join(warned), True)] if warned else []
    return (*lines, (mark.join(said), False))


def _extent(layers: Sequence[Layer], scene: Scene, made: PublicLayers | None) -> tuple[float, float, float, float]:
    outline = load_layer(scene.workspace.outline(scene.date), scene.plane)
    west, south, east, north = shapely.total_bounds(to_lon_lat(outline.geometry, scene.plane))
    if not np.isfinite(west):
        west, south, east, north = shapely.total_bounds(np.concatenate([layer.shapes for layer in layers]))
    wide, high = _MARGIN * (east - west), _MARGIN * (north - south)
    found = float(west - wide), float(south - high), float(east + wide), float(north + high)
    return found if made is None else extent_on(made.lattice, found)


def _sources(uses: Sequence[LayerUse], scene: Scene, *, public: bool) -> str:
    def named(use: LayerUse) -> str:
        # Layers that figures come from, but that are not shown: of one whose source names a secret, the role is told.
        hidden = public and secret_of([use.source]) is not None
        return roles()[use.role].name(scene.lang) if hidden else seen(use.source)

    sources = listed(scene.lang, dict.fromkeys(named(use) for use in uses if use.source))
    return say(scene.lang, "publish_sources", sources=sources or say(scene.lang, "publish_unstated"))


def _around(scene: Scene) -> GeometryArray:
    """Return the outlines of the district and its neighbours."""
    known = [layer for role in ("NEIGHBOUR", "DISTRICT") for layer in scene.workspace.of_role(role, scene.date)]
    found = [to_lon_lat(load_layer(layer, scene.plane).geometry, scene.plane) for layer in known]
    return np.concatenate(found) if len(found) > 1 else np.empty(0, dtype=object)


def _picture(recipe: Recipe, scene: Scene, *, public: bool) -> Picture | None:
    heights = scene.workspace.of_role("DEM", scene.date)
    if recipe.background != "relief" or not heights:
        return None
    dem = open_dem(heights[0].path, heights[0].stated)
    return relief(dem, least_m=setting("publish_relief_m") if public else 0.0)


def _facts(
    recipe: Recipe, scene: Scene, layers: Sequence[Layer], uses: Sequence[LayerUse], made: PublicLayers | None
) -> tuple[tuple[str, str], ...]:
    """Return what the checker reads back; see :mod:`spatial.publish.verify`."""
    facts = {
        "ecopattern": spatial.__version__,
        "audience": "public" if made is not None else "office",
        "district": scene.workspace.name.say(scene.lang),
        "date": scene.date.isoformat(),
        "crs": "EPSG:4490",
        "approval": recipe.approval if made is not None else "",
        "illustrative": "yes" if any(layer.illustrative for layer in layers) else "no",
        "released": json.dumps(recipe.release, ensure_ascii=False, sort_keys=True),
        "attributes": json.dumps({layer.key: [column.key for column in layer.columns] for layer in layers}),
        "sources": json.dumps({use.layer_id: use.sha256 for use in uses}, sort_keys=True),
    }
    if made is not None:
        facts |= {
            "tolerance_m": f"{made.lattice.tolerance_m:g}",
            "lattice_lon_deg": repr(made.lattice.lon_deg),
            "lattice_lat_deg": repr(made.lattice.lat_deg),
            "largest_shift_m": f"{made.largest_shift_m:.1f}",
        }
    return tuple(facts.items())
