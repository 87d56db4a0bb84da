"""The sources that a recipe can name, and what each of them is asked for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from spatial.publish.sources import change, coverage, loss, role_layers, slope, verdicts
from spatial.publish.sources.scene import Drawn, Scene
from spatial.roles import roles


@dataclass(frozen=True)
class Source:
    """What draws layers.

    Parameters
    ----------
    options
        The keys that a recipe may give it.
    sometimes
        Attributes that its layers have in some districts only: a recipe may list them anyway.
    """

    draw: Callable[[Scene, dict[str, Any]], Drawn]
    options: dict[str, type]
    sometimes: tuple[str, ...] = ()


SOURCES: dict[str, Source] = {
    "roles": Source(role_layers.draw, role_layers.OPTIONS, ("area_ha", "length_m")),
    "screening": Source(verdicts.draw, verdicts.OPTIONS),
    "coverage": Source(coverage.draw, coverage.OPTIONS, tuple(roles())),
    "slope": Source(slope.draw, slope.OPTIONS),
    "loss": Source(loss.grades, loss.NO_OPTIONS),
    "loss_before": Source(loss.before, loss.NO_OPTIONS),
    "loss_after": Source(loss.after, loss.NO_OPTIONS),
    "priority": Source(loss.priority, loss.NO_OPTIONS),
    "change": Source(change.draw, change.OPTIONS),
}
