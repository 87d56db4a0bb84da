"""The tables that let somebody repeat a screening: closure, layers and editions, inputs, parameters, findings."""

from __future__ import annotations

from spatial.screening.result import ScreeningResult
from spatial.tables.cells import (
    Cell,
    Kind,
    Table,
    columns_of,
    digits,
    file_name,
    joined,
    listed,
    rounded,
    seen,
    sentences,
    without_folder,
)
from spatial.tables.overview import (
    avoidance_text,
    avoided_ha,
    level_name,
    make_table,
    missing_roles,
    role_name,
    role_names,
)
from spatial.tables.project import receptors_table
from spatial.units import from_m2
from spatial.words import Lang, say, table


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
            seen(file_name(layer.source)),
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
    rows = [(role_name(role, lang), say(lang, "layer_missing"), role) for role in missing_roles(result)]
    rows += [
        (role_name(role, lang), say(lang, "layer_absent", reason=seen(reason[0 if lang == "zh" else 1])), role)
        for role, reason in result.absent.items()
    ]
    kinds: tuple[tuple[str, Kind], ...] = (("role", "text"), ("absence", "long"), ("role_code", "text"))
    return Table("absent", say(lang, "table_absent"), columns_of(lang, *kinds), tuple(rows))


def record_table(result: ScreeningResult, lang: Lang) -> Table:
    """Return what the figures were made from and with: date, rule set, rounding, versions, parameters, inputs."""
    record = result.provenance
    setting = digits()
    decimals = joined(
        lang,
        (
            say(lang, "rounding_digits", unit=say(lang, f"unit_{unit}"), digits=number)
            for unit, number in setting.decimals.items()
        ),
    )
    facts = [
        ("district", result.district_zh if lang == "zh" else result.district_en),
        ("date", result.date.isoformat()),
        ("rule_set", rule_set_text(result, lang)),
        ("analysis_crs", result.analysis_crs),
        ("crs_path", listed(lang, (_crs_step(step, lang) for step in record.crs_path))),
        ("rounding", say(lang, f"rounding_{setting.rounding}", decimals=decimals)),
    ]
    rows = [(say(lang, "record_run"), say(lang, f"record_{key}"), seen(value)) for key, value in facts]
    entries = [
        *(("software", name, value) for name, value in record.software.items()),
        *(("parameters", _parameter(name, lang), value) for name, value in record.parameters.items()),
        *(("inputs", _input(name, result, lang), value) for name, value in record.inputs.items()),
    ]
    rows += [(say(lang, f"record_{key}"), seen(name), seen(str(value))) for key, name, value in entries]
    kinds: tuple[tuple[str, Kind], ...] = (("item", "text"), ("entry", "long"), ("value", "long"))
    return Table("record", say(lang, "table_record"), columns_of(lang, *kinds), tuple(rows))


def rule_set_text(result: ScreeningResult, lang: Lang) -> str:
    """Return the rule set in words: its levels and their files, the shipped ones called so."""
    files: dict[str, list[str]] = {}
    for source in result.rule_set.split("; "):
        level, mark, name = source.partition(": ")
        files.setdefault(level, []).extend([seen(file_name(name))] if mark else [])
    said = []
    for level, names in files.items():
        listing = joined(lang, names)
        if level == "national" and names:
            listing = say(lang, "rule_set_shipped", files=listing)
        said.append(_rules_of(level, listing, lang) if names else level_name(level, lang))
    return listed(lang, said)


def _rules_of(level: str, files: str, lang: Lang) -> str:
    key = "rule_set_own" if level == "workspace" else "rule_set_level"
    return say(lang, key, level=level_name(level, lang), files=files)


def _crs_step(step: str, lang: Lang) -> str:
    return step.replace("cylindrical equal area (CGCS2000)", say(lang, "equal_area")).replace(" -> ", " → ")


def _parameter(name: str, lang: Lang) -> str:
    return say(lang, f"param_{name}") if f"param_{name}" in table("labels") else name


def _input(name: str, result: ScreeningResult, lang: Lang) -> str:
    """Return what an input is called: a layer by its name, a rule file by its level, a project file as it is."""
    for layer in result.layers:
        if layer.layer_id == name:
            return f"{layer.name_zh if lang == 'zh' else layer.name_en} ({name})"
    level, mark, file = name.partition(": ")
    if mark and f"level_{level}" in table("labels"):
        return _rules_of(level, file_name(file), lang)
    return file_name(name)


def avoidance_table(result: ScreeningResult, lang: Lang) -> Table:
    """Return what avoidance cuts away and leaves of each project that has a choice."""
    rows: list[tuple[Cell, ...]] = []
    for found in result.projects:
        cut = found.avoidance
        if cut is not None:
            removed_ha, left_ha = avoided_ha(found)
            left_mu = rounded(from_m2(cut.area_m2, "mu"), "mu")
            who = (seen(found.project.project_id), seen(found.project.name))
            said = avoidance_text(found, lang, "avoidance_short")
            rows.append((*who, role_names(cut.roles, lang), removed_ha, left_ha, left_mu, cut.parts, said))
    kinds: tuple[tuple[str, Kind], ...] = (
        ("project_id", "text"),
        ("name", "long"),
        ("avoided_roles", "long"),
        ("removed_area_ha", "ha"),
        ("left_area_ha", "ha"),
        ("left_area_mu", "mu"),
        ("part_count", "count"),
        ("note", "long"),
    )
    return make_table("avoidance", kinds, tuple(rows), (), lang)


def all_receptors_table(result: ScreeningResult, lang: Lang) -> Table:
    """Return the receptors near each project, the nearest first."""
    rows = [
        (seen(found.project.project_id), seen(found.project.name), *place)
        for found in result.projects
        for place in receptors_table(found, lang).rows
    ]
    kinds: tuple[tuple[str, Kind], ...] = (
        ("project_id", "text"),
        ("name", "long"),
        ("receptor", "long"),
        ("receptor_kind", "text"),
        ("distance_m", "m"),
    )
    return make_table("receptors", kinds, tuple(rows), (), lang)


def questions_table(result: ScreeningResult, lang: Lang) -> Table:
    """Return the facts to state of each project."""
    rows = [
        (seen(found.project.project_id), seen(found.project.name), sentences(lang, [question]))
        for found in result.projects
        for question in found.questions
    ]
    kinds: tuple[tuple[str, Kind], ...] = (("project_id", "text"), ("name", "long"), ("question", "long"))
    return make_table("questions", kinds, tuple(rows), (), lang)


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
            seen(file_name(finding.source)),
            seen(finding.feature),
            seen(without_folder(finding, lang)),
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
