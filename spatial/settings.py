"""Thresholds and defaults that are data: each with unit, source and confidence."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files


@cache
def _table() -> dict[str, dict[str, object]]:
    text = files("spatial").joinpath("data", "settings.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def setting(name: str) -> float:
    """Return a number of ``data/settings.toml``, in the unit its entry states.

    Examples
    --------
    >>> setting("near_m")
    30.0
    """
    value = _table()[name]["value"]
    if not isinstance(value, int | float):
        raise TypeError(name)
    return float(value)


def span(name: str) -> tuple[float, float]:
    """Return the two ends of a range of ``data/settings.toml``, in the unit its entry states.

    Examples
    --------
    >>> span("china_lon_deg")
    (73.0, 136.0)
    """
    value = _table()[name]["value"]
    if not isinstance(value, list):
        raise TypeError(name)
    low, high = value
    return float(low), float(high)


def entry(name: str) -> dict[str, object]:
    """Return a setting with its unit, what it decides, source and confidence.

    Examples
    --------
    >>> entry("near_m")["unit"]
    'm'
    """
    return dict(_table()[name])
