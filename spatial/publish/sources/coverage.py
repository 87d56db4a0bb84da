"""How much of each township control zones cover, each place once."""

from __future__ import annotations

from typing import Any

import numpy as np

from spatial.coverage.run import Asked, run_coverage
from spatial.loading import load_layer, outline_of
from spatial.publish.model import Layer
from spatial.publish.sources.scene import (
    Drawn,
    Scene,
    break_classes,
    break_labels,
    class_symbols,
    hectares,
    note_of,
    styles,
    titled,
    to_lon_lat,
    without_unknown,
)
from spatial.roles import roles
from spatial.tables.cells import Cell, Column, rounded, seen
from spatial.words import say

OPTIONS: dict[str, type] = {"roles": list}

_UNITS = "TOWNSHIP"


def draw(scene: Scene, options: dict[str, Any]) -> Drawn:
    """Return the townships by the share of them that the roles asked for cover, the protecting ones by default."""
    result = run_coverage(scene.workspace, scene.date, Asked(tuple(options.get("roles", ())), (_UNITS,)))
    found = result.coverage
    units = found.by_unit().set_index(_UNITS)
    by_role = found.by_role().pivot_table(index=_UNITS, columns="role", values="area_m2", aggfunc="sum")
    place = outline_of(scene.workspace, scene.date)
    loaded = [load_layer(layer, scene.plane, place) for layer in scene.workspace.of_role(_UNITS, scene.date)]
    names = [name for layer in loaded for name in layer.names]
    lang, table = scene.lang, styles()["share"]
    covering = [role for role in found.roles if by_role[role].sum() > 0]
    columns = (
        *titled(lang, ("name", "text"), ("unit_ha", "ha"), ("covered_ha", "ha"), ("share_pct", "pct")),
        *(Column(role, say(lang, "slope_in_ha", name=roles()[role].name(lang)), "ha") for role in covering),
    )
    rows: list[tuple[Cell, ...]] = [
        (
            seen(name),
            hectares(units["area_m2"].get(name, 0.0)),
            hectares(units["covered_m2"].get(name, 0.0)),
            rounded(units["share_pct"].get(name, np.nan), "pct"),
            *(hectares(by_role[role].get(name, 0.0)) for role in covering),
        )
        for name in names
    ]
    share = np.array([units["share_pct"].get(name, np.nan) for name in names])
    labels = [*break_labels(table["upper_pct"], "%", lang), say(lang, "publish_no_figure")]
    classes = break_classes(share, table["upper_pct"])
    layer = Layer(
        key="coverage",
        role=_UNITS,
        title=say(lang, "publish_coverage"),
        group=say(lang, "publish_group_analysis"),
        shapes=to_lon_lat(np.concatenate([layer.geometry for layer in loaded]), scene.plane),
        symbols=without_unknown(class_symbols(labels, [*table["colours"], "#eeeeee"]), classes),
        symbol_of=classes,
        columns=columns,
        rows=tuple(rows),
        name_key="name",
        labelled=True,
        chart_keys=tuple(covering),
        note=note_of([layer.use for layer in loaded], lang),
        illustrative=result.illustrative,
    )
    return Drawn((layer,), result.layers, result.findings)
