"""Slope classes of the district as polygons, with the exact area of each class."""

from __future__ import annotations

from typing import Any

import numpy as np

from spatial.io.elevation import Dem, open_dem
from spatial.loading import load_layer, only_layer, use_of
from spatial.publish.model import Layer
from spatial.publish.sources.patches import Codes, patches_of
from spatial.publish.sources.scene import Drawn, Scene, class_symbols, hectares, note_of, styles, titled, to_lon_lat
from spatial.runtime.blocks import blocks_of
from spatial.tables.cells import Cell, rounded
from spatial.terrain.classes import Scheme, classify, scheme_of
from spatial.terrain.rows import with_rim
from spatial.terrain.slope import HALO, slope_of_rows, steps_of
from spatial.terrain.zones import slope_class_areas
from spatial.words import say

OPTIONS: dict[str, type] = {"scheme": str}


def draw(scene: Scene, options: dict[str, Any]) -> Drawn:
    """Return the classes of one scheme inside the district."""
    lang = scene.lang
    scheme = scheme_of(options.get("scheme", "survey"))
    heights = only_layer(scene.workspace, "DEM", scene.date)
    dem = open_dem(heights.path, heights.stated)
    outline = load_layer(scene.workspace.outline(scene.date), scene.plane)
    found = patches_of(codes_of(dem, scheme), dem.grid, outline.geometry, scene.plane)
    areas = slope_class_areas(dem, outline.geometry, scene.plane, scheme)
    whole = areas.table.groupby("code")["area_m2"].sum()
    classes = {one.code: (number, one) for number, one in enumerate(scheme.classes)}
    rows: list[tuple[Cell, ...]] = [
        (
            classes[code][1].name.say(lang),
            hectares(whole.get(code, 0.0)),
            rounded(100 * float(whole.get(code, 0.0)) / float(areas.zone_m2.sum()), "pct"),
        )
        for code in found.code.tolist()
    ]
    use = use_of(heights, dem.grid.shape[0] * dem.grid.shape[1])
    layer = Layer(
        key=f"slope-{scheme.key}",
        role="DEM",
        title=scheme.name.say(lang),
        group=say(lang, "publish_group_analysis"),
        shapes=to_lon_lat(found.shapes, dem.grid.crs),
        symbols=class_symbols(
            [one.name.say(lang) for one in scheme.classes],
            [one.colour for one in scheme.classes],
            styles()["class_hatch"][scheme.key],
        ),
        symbol_of=np.array([classes[code][0] for code in found.code.tolist()], dtype=np.int32),
        columns=titled(lang, ("slope_class", "text"), ("class_ha", "ha"), ("class_pct", "pct")),
        rows=tuple(rows),
        note=say(lang, "publish_merged", note=note_of([use], lang), side=f"{found.merged_m:.0f}"),
        illustrative=heights.illustrative or outline.layer.illustrative,
    )
    return Drawn((layer,), (use, outline.use), (*outline.file.findings, *areas.findings))


def codes_of(dem: Dem, scheme: Scheme) -> Codes:
    """Return the slope class of every cell, block by block: only the classes are held whole."""
    steps = steps_of(dem.grid)
    codes = np.zeros(dem.grid.shape, dtype=np.uint8)
    for block in blocks_of(dem.grid.shape[0], halo=HALO):
        heights, own = with_rim(block, dem.read(block.read), steps[slice(*block.read)], HALO)
        codes[slice(*block.rows)] = classify(slope_of_rows(heights, own)[HALO:-HALO], scheme)
    return codes
