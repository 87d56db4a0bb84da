"""The kinds of findings a check makes: severity, title, mend and whether a repair may do it, as data."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from spatial.findings import Finding, Severity
from spatial.words import Both


@dataclass(frozen=True)
class Code:
    """One kind of finding.

    Parameters
    ----------
    key
        Also the key of its sentence in ``data/messages.toml``.
    repairable
        Whether ``--repair`` mends it.
    title, mend
        What it is called, and what to do about it.
    setting
        The thresholds that decide, keys of ``data/settings.toml``.
    """

    key: str
    severity: Severity
    repairable: bool
    title: Both
    mend: Both
    setting: tuple[str, ...]
    source: str
    confidence: str


@cache
def codes() -> dict[str, Code]:
    """Return the kinds of findings by key, in the order of ``data/checks.toml``.

    Examples
    --------
    >>> codes()["spike"].repairable, codes()["overlap"].repairable
    (True, False)
    """
    text = files("spatial").joinpath("data", "checks.toml").read_text(encoding="utf-8")
    return {key: _code(key, entry) for key, entry in tomllib.loads(text).items()}


def _code(key: str, entry: dict[str, Any]) -> Code:
    return Code(
        key,
        entry["severity"],
        entry["repairable"],
        Both(entry["title_zh"], entry["title_en"]),
        Both(entry["mend_zh"], entry["mend_en"]),
        tuple(entry.get("settings", ())),
        entry["source"],
        entry["confidence"],
    )


def found(
    code: str,
    source: str,
    feature: str = "",
    *,
    at: tuple[float, float] | None = None,
    **values: object,
) -> Finding:
    """Return a finding of a known kind.

    Parameters
    ----------
    code
        A key of ``data/checks.toml``.
    source, feature
        File, and the feature's name.
    at
        Where: x (east) and y (north) in the file's own coordinates.
    **values
        The sentence's other placeholders.
    """
    return Finding(codes()[code].severity, code, source, feature, values, at)
