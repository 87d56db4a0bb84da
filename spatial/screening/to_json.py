"""The result as JSON: full precision, no geometry, a schema version; described by data/screening.schema.json."""

from __future__ import annotations

import datetime as dt
from typing import Any

from spatial.findings import Finding
from spatial.roles import natures, roles
from spatial.screening.result import FiredRule, ProjectResult, ScreeningResult, ZoneRow
from spatial.words import Lang, Text, say

SCHEMA = "ecopattern.screening/1"


def to_json(result: ScreeningResult, lang: Lang) -> dict[str, Any]:
    """Return a screening as plain data.

    Parameters
    ----------
    result
        The screening.
    lang
        Language of the sentences; codes and keys are the same in both.

    Returns
    -------
    dict
        Areas in m2, lengths in m, shares in per cent, none of them rounded. Geometries are in the
        GeoPackage of evidence, keyed by project and role.
    """
    return {
        "schema": SCHEMA,
        "notice": say(lang, "notice_aid"),
        "illustrative": result.illustrative,
        "district": {"name_zh": result.district_zh, "name_en": result.district_en},
        "date": result.date.isoformat(),
        "analysis_crs": result.analysis_crs,
        "projects": [_project(found, lang) for found in result.projects],
        "alternatives": {
            group: [found.project.project_id for found in sites] for group, sites in result.alternatives().items()
        },
        "layers": [
            {
                "id": layer.layer_id,
                "role": layer.role,
                "name_zh": layer.name_zh,
                "name_en": layer.name_en,
                "edition": layer.edition,
                "valid_from": _day(layer.valid_from),
                "valid_to": _day(layer.valid_to),
                "source": layer.source,
                "illustrative": layer.illustrative,
                "sha256": layer.sha256,
                "features": layer.features,
            }
            for layer in result.layers
        ],
        "absent_roles": {role: {"zh": zh, "en": en} for role, (zh, en) in result.absent.items()},
        "rule_set": result.rule_set,
        "findings": [_finding(finding, lang) for finding in result.findings],
        "provenance": {
            "software": result.provenance.software,
            "inputs_sha256": result.provenance.inputs,
            "parameters": result.provenance.parameters,
            "crs_path": list(result.provenance.crs_path),
        },
    }


def _project(found: ProjectResult, lang: Lang) -> dict[str, Any]:
    project = found.project
    return {
        "id": project.project_id,
        "name": project.name,
        "nature": project.nature,
        "nature_name": natures()[project.nature].name(lang),
        "status": project.status,
        "discharging": project.discharging,
        "kind": project.kind,
        "location": project.location,
        "schematic": project.schematic,
        "illustrative": project.illustrative,
        "alternative_group": project.alternative_group,
        "width_m": project.width_m,
        "slope_deg": project.slope_deg,
        "declared_area_m2": project.declared_area_m2,
        "verdict": found.verdict.value,
        "conclusion": _said(found.conclusion, lang),
        "official_area_m2": found.official_area_m2,
        "stored_area_m2": found.stored_area_m2,
        "planar_area_m2": found.planar_area_m2,
        "length_m": found.length_m,
        "free_m2": found.free_m2,
        "free_length_m": found.free_length_m,
        "outside_m2": found.outside_m2,
        "outside_length_m": found.outside_length_m,
        "closure": None if found.closure is None else vars(found.closure),
        "documents": list(found.documents),
        "missing_roles": list(found.missing_roles),
        "absent_roles": list(found.absent_roles),
        "clear_roles": list(found.clear_roles),
        "questions": _said(found.questions, lang),
        "receptors": [vars(receptor) for receptor in found.receptors],
        "avoidance": None
        if found.avoidance is None
        else {
            "area_m2": found.avoidance.area_m2,
            "removed_m2": found.avoidance.removed_m2,
            "parts": found.avoidance.parts,
            "roles": list(found.avoidance.roles),
        },
        "zones": [_row(row, lang) for row in found.rows],
    }


def _row(row: ZoneRow, lang: Lang) -> dict[str, Any]:
    return {
        "role": row.role,
        "role_name": roles()[row.role].name(lang) if row.role in roles() else say(lang, "status_general"),
        "status": row.status,
        "verdict": row.verdict.value,
        "zone_names": list(row.zone_names),
        "gross_area_m2": row.gross_area_m2,
        "gross_length_m": row.gross_length_m,
        "gross_share_pct": row.gross_share_pct,
        "net_area_m2": row.net_area_m2,
        "net_length_m": row.net_length_m,
        "net_share_pct": row.net_share_pct,
        "distance_m": row.distance_m,
        "sliver_count": row.sliver_count,
        "sliver_area_m2": row.sliver_area_m2,
        "reason": _said(row.reason, lang),
        "documents": list(row.documents),
        "layer_ids": list(row.layer_ids),
        "editions": list(row.editions),
        "illustrative": row.illustrative,
        "rules": [_rule(rule) for rule in row.rules],
    }


def _rule(rule: FiredRule) -> dict[str, Any]:
    return {
        "rule_id": rule.rule_id,
        "level": rule.level,
        "decision": rule.decision.value,
        "documents": list(rule.documents),
        "clause": rule.clause,
        "confidence": rule.confidence,
        "valid_from": _day(rule.valid_from),
        "valid_to": _day(rule.valid_to),
        "source": rule.source,
        "unresolved": list(rule.unresolved),
    }


def _finding(finding: Finding, lang: Lang) -> dict[str, Any]:
    return {
        "severity": finding.severity,
        "code": finding.code,
        "source": finding.source,
        "feature": finding.feature,
        "text": finding.text(lang),
    }


def _said(texts: tuple[Text, ...], lang: Lang) -> list[str]:
    return [text.say(lang) for text in texts]


def _day(date: dt.date | None) -> str | None:
    return None if date is None else date.isoformat()
