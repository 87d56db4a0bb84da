"""The sources that a recipe can name, and what each of them is asked for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from spatial.publish.sources import change, coverage, loss, role_layers, slope, verdicts
from spatial.publish.sources.scene import Drawn, Scene


@dataclass(frozen=True)
class Source:
    """What draws layers, and the keys that a recipe may give it."""

    draw: Callable[[Scene, dict[str, Any]], Drawn]
    options: dict[str, type]


SOURCES: dict[str, Source] = {
    "roles": Source(role_layers.draw, role_layers.OPTIONS),
    "screening": Source(verdicts.draw, verdicts.OPTIONS),
    "coverage": Source(coverage.draw, coverage.OPTIONS),
    "slope": Source(slope.draw, slope.OPTIONS),
    "loss": Source(loss.grades, loss.NO_OPTIONS),
    "loss_before": Source(loss.before, loss.NO_OPTIONS),
    "loss_after": Source(loss.after, loss.NO_OPTIONS),
    "priority": Source(loss.priority, loss.NO_OPTIONS),
    "change": Source(change.draw, change.OPTIONS),
}
