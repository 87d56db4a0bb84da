"""Findings kept as JSON and given back as they were."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from spatial.findings import Finding
from spatial.words import Both, Listed, Text


def to_plain(findings: Sequence[Finding]) -> list[dict[str, Any]]:
    """Return findings as JSON keeps them.

    Raises
    ------
    TypeError
        If one holds a value of a kind that would not come back as it is.
    """
    return [
        {
            "severity": found.severity,
            "code": found.code,
            "source": found.source,
            "feature": found.feature,
            "values": _plain_values(found.values),
            "location": None if found.location is None else list(found.location),
        }
        for found in findings
    ]


def from_plain(kept: Sequence[dict[str, Any]]) -> tuple[Finding, ...]:
    """Return findings that :func:`to_plain` made.

    Examples
    --------
    >>> found = Finding("note", "heights_dropped", "a.shp", values={"count": 3})
    >>> from_plain(to_plain([found])) == (found,)
    True
    """
    return tuple(
        Finding(
            severity=one["severity"],
            code=one["code"],
            source=one["source"],
            feature=one["feature"],
            values=_values(one["values"]),
            location=None if one["location"] is None else (one["location"][0], one["location"][1]),
        )
        for one in kept
    )


def _plain_values(values: dict[str, object]) -> dict[str, Any]:
    return {name: _plain(value) for name, value in values.items()}


def _values(kept: dict[str, Any]) -> dict[str, object]:
    return {name: _value(value) for name, value in kept.items()}


def _plain(value: object) -> Any:
    """Return a value with a mark of its kind where JSON has no such kind; JSON gives floats back exactly."""
    if isinstance(value, np.integer):
        value = int(value)
    if value is None or isinstance(value, str | bool | int | float):
        return value
    if isinstance(value, Text):
        return {"text": value.key, "values": _plain_values(value.values)}
    if isinstance(value, Both):
        return {"zh": value.zh, "en": value.en}
    if isinstance(value, Listed):
        return {"listed": [_plain(item) for item in value.items]}
    raise TypeError(type(value).__name__)


def _value(kept: Any) -> Any:
    if not isinstance(kept, dict):
        return kept
    if "text" in kept:
        return Text(kept["text"], _values(kept["values"]))
    if "listed" in kept:
        return Listed(tuple(_value(item) for item in kept["listed"]))
    return Both(kept["zh"], kept["en"])
