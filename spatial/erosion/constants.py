"""Coefficients of published erosion formulas, from ``data/erosion.toml``."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files
from typing import Any


@cache
def _table() -> dict[str, Any]:
    return tomllib.loads(files("spatial").joinpath("data", "erosion.toml").read_text(encoding="utf-8"))


def constants(*keys: str) -> dict[str, Any]:
    """Return the entry of a formula, with its source and confidence.

    Examples
    --------
    >>> constants("unit_plot")["length_m"], constants("slope", "liu")["confidence"]
    (22.13, 'H')
    """
    found = _table()
    for key in keys:
        found = found[key]
    return found
