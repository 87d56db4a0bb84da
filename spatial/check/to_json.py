"""A check as JSON: schema ``ecopattern.check/1`` of ``data/check.schema.json``."""

from __future__ import annotations

from collections.abc import Sequence

from spatial.check.report import CheckReport, is_repairable, mend_of, title_of
from spatial.errors import InputError
from spatial.findings import Finding
from spatial.words import Both, Lang, Text

SCHEMA = "ecopattern.check/1"


def to_json(reports: Sequence[CheckReport], lang: Lang) -> dict[str, object]:
    """Return reports as plain values.

    Parameters
    ----------
    reports
        One for each layer.
    lang
        Language of sentences and mends; codes and numbers do not depend on it.
    """
    return {"schema": SCHEMA, "language": lang, "layers": [_layer(report, lang) for report in reports]}


def _layer(report: CheckReport, lang: Lang) -> dict[str, object]:
    return {
        "file": report.file,
        "readable": report.is_readable,
        "crs": report.crs or None,
        "features": report.features,
        "vertices": report.vertices,
        "kinds": report.kinds,
        "severities": report.severities,
        "codes": report.counts,
        "findings": [_finding(finding, lang) for finding in report.findings],
    }


def _finding(finding: Finding, lang: Lang) -> dict[str, object]:
    return {
        "code": finding.code,
        "severity": finding.severity,
        "title": title_of(finding, lang),
        "source": finding.source,
        "feature": finding.feature or None,
        "location": None if finding.location is None else list(finding.location),
        "text": finding.text(lang),
        "mend": mend_of(finding, lang) or None,
        "repairable": is_repairable(finding),
        "values": {name: _plain(value, lang) for name, value in finding.values.items()},
    }


def _plain(value: object, lang: Lang) -> object:
    if isinstance(value, Text | Both):
        return value.say(lang)
    if isinstance(value, InputError):
        return value.text(lang)
    return value if isinstance(value, int | float | str) else str(value)
