"""The maps of a report of soil loss: grades of the district, and the farmland where measures save most."""

from __future__ import annotations

from pathlib import Path

from spatial.catalog import Workspace
from spatial.erosion.result import ErosionResult
from spatial.publish.compose import compose
from spatial.publish.figure import write_figure
from spatial.publish.recipe import Entry, Recipe
from spatial.publish.sources.loss import given
from spatial.publish.sources.scene import Scene
from spatial.words import LANGS, Both, Lang, say

_AROUND = Entry("roles", {"roles": ["TOWNSHIP", "DISTRICT", "STREAM", "RESERVOIR"]})
MAPS = {"loss": "publish_loss", "priority": "publish_priority"}


def draw_erosion_maps(result: ErosionResult, workspace: Workspace, folder: Path, lang: Lang) -> dict[str, Path]:
    """Draw the maps of a result.

    Parameters
    ----------
    result, workspace
        What was computed, and of what.
    folder
        Where to; it exists.

    Returns
    -------
    dict of Path
        ``loss.png``, and ``priority.png`` where measures were asked for, by what they show.
    """
    scene = Scene(workspace, result.date, lang, given(result))
    found = {}
    for name, title in MAPS.items():
        if name == "priority" and (result.measures is None or result.measures.farmland.measures.empty):
            continue
        said = Both(*(f"{{district}}{say(one, 'title_mark')}{say(one, title)}" for one in LANGS))
        recipe = Recipe(Path(name), said, "office", "relief", (Entry(name, {}), _AROUND))
        found[name] = folder / f"{name}.png"
        write_figure(compose(recipe, scene).publication, found[name])
    return found
