"""What two editions of a role changed."""

from __future__ import annotations

from typing import Any

import numpy as np
from pyproj import CRS

from spatial.change.run import ChangeResult, run_change
from spatial.crs import CGCS2000_GEOGRAPHIC, equal_area_crs
from spatial.equal_area import reproject
from spatial.publish.model import Layer, Symbol
from spatial.publish.sources.scene import Drawn, Scene, hectares, note_of, styles, titled
from spatial.roles import roles
from spatial.settings import setting
from spatial.tables.cells import Cell, rounded, seen
from spatial.words import Lang, say

OPTIONS: dict[str, type] = {"role": str, "from": str, "to": str}

#: From the bottom to the top.
_STATES = ("kept", "sliver", "removed", "added")


def draw(scene: Scene, options: dict[str, Any]) -> Drawn:
    """Return kept, added and removed parts; slivers of redrawing by themselves."""
    editions = (options.get("from", ""), options.get("to", ""))
    result = run_change(scene.workspace, options.get("role", "ECO_RED"), editions, setting("change_sliver_m"))
    return Drawn((layer_of(result, scene.lang),), (*result.old, *result.new), result.findings)


def layer_of(result: ChangeResult, lang: Lang) -> Layer:
    """Return the parts of a change as a layer, what came in on top."""
    parts = result.change.parts
    state = np.where(parts["sliver"], "sliver", parts["kind"])
    parts = parts.assign(state=state).sort_values("state", key=lambda column: column.map(_STATES.index), kind="stable")
    rows: list[tuple[Cell, ...]] = [
        (seen(row.new or row.old), say(lang, f"change_{row.state}"), hectares(row.area_m2), rounded(row.area_m2, "m2"))
        for row in parts.itertuples()
    ]
    role, old, new = roles()[result.role].name(lang), result.old[0].edition, result.new[0].edition
    return Layer(
        key="change",
        role=result.role,
        title=say(lang, "publish_change", role=role, old=old, new=new),
        group=say(lang, "publish_group_analysis"),
        shapes=reproject(
            np.array(parts["geometry"].tolist(), dtype=object), equal_area_crs(), CRS(CGCS2000_GEOGRAPHIC)
        ),
        symbols=tuple(_symbol(name, lang) for name in _STATES),
        symbol_of=np.array([_STATES.index(name) for name in parts["state"]], dtype=np.int32),
        columns=titled(lang, ("name", "text"), ("state", "text"), ("area_ha", "ha"), ("area_m2", "m2")),
        rows=tuple(rows),
        name_key="name",
        note=note_of([*result.old, *result.new], lang),
        illustrative=result.illustrative,
    )


def _symbol(state: str, lang: Lang) -> Symbol:
    style = styles()["change"][state]
    return Symbol(say(lang, f"change_{state}"), style["fill"], style["edge"], style["opacity"], hatch=style["hatch"])
