"""The result of checking a file: what is in it and what was found, one immutable object."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import cache

from spatial.check.codes import codes
from spatial.findings import Finding, Severity
from spatial.roles import data_rows
from spatial.words import Both, Lang

SEVERITIES: tuple[Severity, ...] = ("error", "warning", "note")


@dataclass(frozen=True)
class CheckReport:
    """What a check saw in one layer.

    Parameters
    ----------
    file
        Path as given; the layer's name behind it where a file has several.
    crs
        Name of the coordinate system; empty where there is none.
    features, vertices
        How many.
    kinds
        Geometry type to number of features, missing ones as ``None``.
    findings
        Errors first, then as found.
    is_readable
        Whether any feature could be looked at.
    """

    file: str
    crs: str
    features: int
    vertices: int
    kinds: dict[str, int]
    findings: tuple[Finding, ...]
    is_readable: bool = True

    @property
    def counts(self) -> dict[str, int]:
        """How many findings there are of each code, the most severe codes first."""
        return dict(Counter(finding.code for finding in self.findings))

    @property
    def severities(self) -> dict[Severity, int]:
        """How many findings there are of each severity."""
        counted = Counter(finding.severity for finding in self.findings)
        return {severity: counted[severity] for severity in SEVERITIES}


def in_order(findings: list[Finding]) -> tuple[Finding, ...]:
    """Return findings by severity, and within it as they were made; the same one only once."""
    kept: dict[tuple[object, ...], Finding] = {}
    for finding in findings:
        key = (finding.code, finding.source, finding.feature, finding.location, finding.text("en"))
        kept.setdefault(key, finding)
    return tuple(sorted(kept.values(), key=lambda finding: SEVERITIES.index(finding.severity)))


def mend_of(finding: Finding, lang: Lang) -> str:
    """Return what to do about a finding; empty where its sentence says so itself."""
    known = codes().get(finding.code)
    return known.mend.say(lang) if known else ""


def title_of(finding: Finding, lang: Lang) -> str:
    """Return what a kind of finding is called; one made while reading by what it is about."""
    known = codes().get(finding.code)
    return known.title.say(lang) if known else reading_title(finding.code).say(lang)


@cache
def reading_title(code: str) -> Both:
    """Return what a message made while reading is about, by the longest beginning of its code.

    Examples
    --------
    >>> reading_title("crs_recognised").say("en"), reading_title("unheard_of").say("en")
    ('Coordinate system', 'Reading')
    """
    rows = [row for row in data_rows("reading_titles.csv") if code.startswith(row["prefix"])]
    best = max(rows, key=lambda row: len(row["prefix"]))
    return Both(best["title_zh"], best["title_en"])


def is_repairable(finding: Finding) -> bool:
    """Return whether ``--repair`` mends what was found."""
    known = codes().get(finding.code)
    return known is not None and known.repairable
