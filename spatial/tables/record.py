"""The tables that let somebody repeat a screening: closure, layers and editions, inputs, parameters, findings."""

from __future__ import annotations

from spatial.screening.result import ScreeningResult
from spatial.tables.cells import Cell, Kind, Table, columns_of, digits, joined, rounded, seen
from spatial.tables.overview import missing_roles, role_name
from spatial.words import Lang, say


def closure_table(result: ScreeningResult, lang: Lang) -> Table:
    """Return how well each project's parts sum to its whole, in m2, or in m for lines."""
    rows: list[tuple[Cell, ...]] = []
    for found in result.projects:
        if found.closure is None:
            continue
        line = found.official_area_m2 is None
        unit = say(lang, "unit_m" if line else "unit_m2")
        whole = rounded(found.closure.whole, "m" if line else "m2")
        parts = rounded(found.closure.parts, "m" if line else "m2")
        difference, relative = found.closure.difference, found.closure.relative
        rows.append(
            (seen(found.project.project_id), seen(found.project.name), unit, whole, parts, difference, relative)
        )
    kinds: tuple[tuple[str, Kind], ...] = (
        ("project_id", "text"),
        ("name", "long"),
        ("unit", "text"),
        ("whole", "m2"),
        ("parts", "m2"),
        ("difference", "exact"),
        ("relative", "exact"),
    )
    return Table("closure", say(lang, "table_closure"), columns_of(lang, *kinds), tuple(rows))


def layers_table(result: ScreeningResult, lang: Lang) -> Table:
    """Return the editions of the layers that took part."""
    rows = tuple(
        (
            seen(layer.layer_id),
            role_name(layer.role, lang),
            seen(layer.name_zh if lang == "zh" else layer.name_en),
            seen(layer.edition),
            layer.valid_from,
            layer.valid_to,
            layer.features,
            seen(layer.source),
            say(lang, "illustrative") if layer.illustrative else "",
            layer.sha256,
        )
        for layer in result.layers
    )
    kinds: tuple[tuple[str, Kind], ...] = (
        ("layer_id", "text"),
        ("role", "text"),
        ("layer_name", "long"),
        ("edition", "text"),
        ("valid_from", "date"),
        ("valid_to", "date"),
        ("features", "count"),
        ("source", "long"),
        ("remarks", "text"),
        ("sha256", "text"),
    )
    return Table("layers", say(lang, "table_layers"), columns_of(lang, *kinds), rows)


def absent_table(result: ScreeningResult, lang: Lang) -> Table:
    """Return the roles without a layer: missing ones, and ones the workspace declares not to exist."""
    rows = [(role, role_name(role, lang), say(lang, "layer_missing")) for role in missing_roles(result)]
    rows += [
        (role, role_name(role, lang), say(lang, "layer_absent", reason=seen(reason[0 if lang == "zh" else 1])))
        for role, reason in result.absent.items()
    ]
    kinds: tuple[tuple[str, Kind], ...] = (("role_code", "text"), ("role", "text"), ("absence", "long"))
    return Table("absent", say(lang, "table_absent"), columns_of(lang, *kinds), tuple(rows))


def record_table(result: ScreeningResult, lang: Lang) -> Table:
    """Return what the figures were made from and with: date, rule set, rounding, versions, parameters, inputs."""
    record = result.provenance
    setting = digits()
    decimals = joined(lang, (f"{unit} {number}" for unit, number in setting.decimals.items()))
    facts = [
        ("district", result.district_zh if lang == "zh" else result.district_en),
        ("date", result.date.isoformat()),
        ("rule_set", result.rule_set),
        ("analysis_crs", result.analysis_crs),
        ("crs_path", " → ".join(record.crs_path)),
        ("rounding", say(lang, f"rounding_{setting.rounding}", decimals=decimals)),
    ]
    rows = [(say(lang, "record_run"), say(lang, f"record_{key}"), seen(value)) for key, value in facts]
    for key, entries in (
        ("software", record.software),
        ("parameters", record.parameters),
        ("inputs", record.inputs),
    ):
        rows += [(say(lang, f"record_{key}"), seen(name), seen(str(value))) for name, value in entries.items()]
    kinds: tuple[tuple[str, Kind], ...] = (("item", "text"), ("entry", "long"), ("value", "long"))
    return Table("record", say(lang, "table_record"), columns_of(lang, *kinds), tuple(rows))


def documents_table(result: ScreeningResult, lang: Lang) -> Table:
    """Return the documents asked for, with the projects that need each."""
    needed: dict[str, list[str]] = {}
    for found in result.projects:
        for code in found.documents:
            needed.setdefault(code, []).append(seen(found.project.project_id))
    order = [
        *(code for code in result.documents if code in needed),
        *(code for code in needed if code not in result.documents),
    ]
    rows = tuple(
        (
            code,
            seen(result.documents[code][0 if lang == "zh" else 1]) if code in result.documents else "",
            len(needed[code]),
            joined(lang, needed[code]),
        )
        for code in order
    )
    kinds: tuple[tuple[str, Kind], ...] = (
        ("document_code", "text"),
        ("document", "long"),
        ("project_count", "count"),
        ("projects", "long"),
    )
    return Table("documents", say(lang, "table_documents"), columns_of(lang, *kinds), rows)


def findings_table(result: ScreeningResult, lang: Lang) -> Table:
    """Return what was mended or noticed while reading."""
    rows = tuple(
        (
            say(lang, f"severity_{finding.severity}"),
            seen(finding.source),
            seen(finding.feature),
            seen(finding.text(lang)),
        )
        for finding in result.findings
    )
    kinds: tuple[tuple[str, Kind], ...] = (
        ("severity", "text"),
        ("file", "text"),
        ("feature", "text"),
        ("finding", "long"),
    )
    return Table("findings", say(lang, "table_findings"), columns_of(lang, *kinds), rows)
