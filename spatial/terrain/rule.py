"""The numbers of the rule of 2008 on slope classes of farmland."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files


@dataclass(frozen=True)
class ParcelRule:
    """Numbers of the rule.

    Parameters
    ----------
    min_patch_m2
        Smaller patches of a slope class go to a neighbour.
    tie_m2
        Classes whose areas differ by no more than this tie; the lower one is taken.
    """

    min_patch_m2: float
    tie_m2: float


@cache
def rule_value(name: str) -> float:
    """Return a number of ``data/parcel_rule.toml``, in the unit its entry states.

    Examples
    --------
    >>> rule_value("min_patch_m2")
    3000.0
    """
    text = files("spatial").joinpath("data", "parcel_rule.toml").read_text(encoding="utf-8")
    return float(tomllib.loads(text)[name]["value"])


def rule_of_2008() -> ParcelRule:
    """Return the rule as ``data/parcel_rule.toml`` has it."""
    return ParcelRule(rule_value("min_patch_m2"), rule_value("tie_m2"))
