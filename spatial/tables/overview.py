"""The tables over all projects of a screening.

Excel, Word, the map's popups and the terminal all show these tables; JSON carries the unrounded values.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from spatial.roles import natures, roles
from spatial.screening.result import FiredRule, ProjectResult, ScreeningResult, Verdict, ZoneRow
from spatial.tables.cells import (
    Cell,
    Column,
    Kind,
    Table,
    as_text,
    columns_of,
    file_name,
    joined,
    listed,
    rounded,
    seen,
    sentences,
    verdict_styles,
)
from spatial.tables.points import points_met
from spatial.units import from_m2
from spatial.words import Lang, say, table

#: Columns of the summary and their kinds.
SUMMARY: tuple[tuple[str, Kind], ...] = (
    ("project_id", "text"),
    ("name", "long"),
    ("nature", "text"),
    ("verdict", "verdict"),
    ("official_area_ha", "ha"),
    ("official_area_mu", "mu"),
    ("length_m", "m"),
    ("documents", "text"),
    ("conclusion", "long"),
    ("questions", "long"),
    ("removed_area_ha", "ha"),
    ("left_area_ha", "ha"),
    ("location", "text"),
    ("remarks", "text"),
    ("official_area_m2", "m2"),
    ("stored_area_m2", "m2"),
    ("planar_area_m2", "m2"),
    ("declared_area_m2", "m2"),
    ("declared_area_mu", "mu"),
    ("declared_difference_pct", "pct"),
    ("free_area_m2", "m2"),
    ("outside_area_m2", "m2"),
    ("free_length_m", "m"),
    ("outside_length_m", "m"),
    ("unchecked_count", "count"),
    ("unchecked", "long"),
)

#: The last of the columns of the summary that a print of it needs.
LAST_PRINTED = "remarks"

_ZONES: tuple[tuple[str, Kind], ...] = (
    ("project_id", "text"),
    ("name", "long"),
    ("role_code", "text"),
    ("role", "text"),
    ("zone_names", "long"),
    ("status", "text"),
    ("verdict", "verdict"),
    ("gross_area_m2", "m2"),
    ("gross_area_ha", "ha"),
    ("gross_area_mu", "mu"),
    ("gross_share_pct", "pct"),
    ("gross_length_m", "m"),
    ("point_count", "count"),
    ("net_area_m2", "m2"),
    ("net_area_ha", "ha"),
    ("net_share_pct", "pct"),
    ("net_length_m", "m"),
    ("distance_m", "m"),
    ("sliver_count", "count"),
    ("sliver_area_m2", "m2"),
    ("reason", "long"),
    ("clauses", "long"),
    ("documents", "text"),
    ("layer_ids", "text"),
    ("editions", "text"),
    ("remarks", "text"),
)

_RULES: tuple[tuple[str, Kind], ...] = (
    ("project_id", "text"),
    ("name", "long"),
    ("rule_id", "text"),
    ("level", "text"),
    ("role", "text"),
    ("decision", "verdict"),
    ("clause", "long"),
    ("reason", "long"),
    ("documents", "text"),
    ("confidence", "text"),
    ("valid_from", "date"),
    ("valid_to", "date"),
    ("unresolved", "text"),
    ("source", "long"),
)

_ALTERNATIVES: tuple[tuple[str, Kind], ...] = (
    ("group", "text"),
    ("rank", "count"),
    ("project_id", "text"),
    ("name", "long"),
    ("verdict", "verdict"),
    ("official_area_ha", "ha"),
    ("prohibited_area_m2", "m2"),
    ("conditional_area_m2", "m2"),
    ("review_area_m2", "m2"),
    ("document_count", "count"),
    ("documents", "text"),
    ("left_area_ha", "ha"),
    ("unchecked", "long"),
)


def outcome(found: ProjectResult) -> str:
    """Return what a project is shown as: its verdict's code, ``N`` where it is not spatial."""
    return "N" if found.project.location == "not_spatial" else found.verdict.value


def outcome_counts(result: ScreeningResult) -> dict[str, int]:
    """Return how many projects have which outcome, the strictest first, without those that none has."""
    found = [outcome(project) for project in result.projects]
    return {code: found.count(code) for code in verdict_styles() if code in found}


def headline(found: ProjectResult, lang: Lang) -> str:
    """Return a project's verdict as symbol and name, never without how many layers were not checked."""
    verdict = verdict_text(outcome(found), lang)
    if not found.missing_roles:
        return verdict
    return say(lang, "headline_unchecked", verdict=verdict, count=len(found.missing_roles))


def verdict_name(verdict: str, lang: Lang) -> str:
    """Return an outcome's name.

    Examples
    --------
    >>> verdict_name(Verdict.PROHIBITED, "en")
    'prohibited'
    """
    return say(lang, f"verdict_{verdict}")


def verdict_text(verdict: str, lang: Lang) -> str:
    """Return an outcome as symbol and name, readable without colour.

    Examples
    --------
    >>> verdict_text(Verdict.CONDITIONAL, "zh")
    '! 有条件'
    """
    return f"{verdict_styles()[verdict].symbol} {verdict_name(verdict, lang)}"


def role_name(code: str, lang: Lang) -> str:
    """Return a role's name; ``"*"`` stands for rules bound to no zone."""
    if code == "*":
        return say(lang, "role_any")
    known = roles().get(code)
    return known.name(lang) if known else seen(code)


def role_names(codes: Iterable[str], lang: Lang) -> str:
    """Return the names of several roles in one text."""
    return joined(lang, (role_name(code, lang) for code in codes))


def missing_roles(result: ScreeningResult) -> tuple[str, ...]:
    """Return the roles that some project could not be checked against, each once."""
    return tuple(dict.fromkeys(role for found in result.projects for role in found.missing_roles))


def same_missing(result: ScreeningResult) -> tuple[str, ...]:
    """Return the roles not checked where they are the same for all projects that were placed, else none."""
    sets = {frozenset(found.missing_roles) for found in result.projects if found.missing_roles}
    return missing_roles(result) if len(sets) == 1 else ()


def document_name(code: str, result: ScreeningResult, lang: Lang) -> str:
    """Return a document's code and name."""
    names = result.documents.get(code)
    return f"{code} {seen(names[0 if lang == 'zh' else 1])}" if names else code


def fact_name(fact: str, lang: Lang) -> str:
    """Return the name of a project fact, the field's own name where the labels have none."""
    return say(lang, f"fact_{fact}") if f"fact_{fact}" in table("labels") else fact


def clauses(rules: Sequence[FiredRule], lang: Lang) -> str:
    """Return the clauses of rules, each once, in the rules' order."""
    return listed(lang, dict.fromkeys(seen(rule.clause) for rule in rules))


def summary_table(result: ScreeningResult, lang: Lang) -> Table:
    """Return one row per project: verdict, areas by name, documents, what was not checked."""
    rows = tuple(tuple(summary_cells(project, lang)) for project in result.projects)
    return make_table("summary", SUMMARY, rows, [outcome(project) for project in result.projects], lang)


def summary_cells(found: ProjectResult, lang: Lang) -> list[Cell]:
    """Return a project's figures in the order of ``SUMMARY``."""
    project = found.project
    removed_ha, left_ha = avoided_ha(found)
    has_area, has_length = found.official_area_m2 is not None, found.length_m is not None
    return [
        seen(project.project_id),
        seen(project.name),
        nature_name(project.nature, lang),
        headline(found, lang),
        *_three_units(found.official_area_m2)[1:],
        rounded(found.length_m, "m"),
        joined(lang, found.documents),
        conclusion_text(found, lang),
        sentences(lang, found.questions),
        removed_ha,
        _left(left_ha, lang),
        say(lang, f"location_{project.location}"),
        _remarks(lang, schematic=project.schematic, illustrative=project.illustrative),
        rounded(found.official_area_m2, "m2"),
        rounded(found.stored_area_m2, "m2"),
        rounded(found.planar_area_m2, "m2"),
        rounded(project.declared_area_m2, "m2"),
        _in_mu(project.declared_area_m2),
        _declared_difference_pct(found),
        rounded(found.free_m2, "m2") if has_area else None,
        rounded(found.outside_m2, "m2") if has_area else None,
        rounded(found.free_length_m, "m") if has_length else None,
        rounded(found.outside_length_m, "m") if has_length else None,
        len(found.missing_roles) or None,
        role_names(found.missing_roles, lang),
    ]


def avoided_ha(found: ProjectResult) -> tuple[float | None, float | None]:
    """Return what avoidance cuts away and leaves, in ha."""
    if found.avoidance is None:
        return (None, None)
    removed, left = found.avoidance.removed_m2, found.avoidance.area_m2
    return (rounded(from_m2(removed, "ha"), "ha"), rounded(from_m2(left, "ha"), "ha"))


def conclusion_text(found: ProjectResult, lang: Lang) -> str:
    """Return what a project's conclusion says beyond the roles not checked, which every table lists by themselves."""
    return sentences(lang, (text for text in found.conclusion if text.key != "conclusion_missing"))


def _left(left_ha: float | None, lang: Lang) -> float | str | None:
    return say(lang, "no_room") if left_ha == 0 else left_ha


def avoidance_text(found: ProjectResult, lang: Lang, key: str = "avoidance_text") -> str:
    """Return what avoidance cuts away and leaves as a sentence, or that it leaves nothing; empty without any.

    Parameters
    ----------
    key
        The label to say it with: ``avoidance_text``, or ``avoidance_short`` for a narrow place.
    """
    cut = found.avoidance
    if cut is None:
        return ""
    removed_ha, left_ha = avoided_ha(found)
    return say(
        lang,
        key if left_ha else "avoidance_none",
        roles=role_names(cut.roles, lang),
        removed_ha=as_text(removed_ha, "ha"),
        left_ha=as_text(left_ha, "ha"),
        left_mu=as_text(_in_mu(cut.area_m2), "mu"),
        parts=cut.parts,
    )


def nature_name(code: str, lang: Lang) -> str:
    """Return the name of a project's nature."""
    known = natures().get(code)
    return known.name(lang) if known else seen(code)


def zones_table(result: ScreeningResult, lang: Lang) -> Table:
    """Return one row per project and zone role, with gross and net figures."""
    pairs = [(project, row) for project in result.projects for row in project.rows]
    rows = tuple(tuple(_zone_cells(project, row, lang)) for project, row in pairs)
    return make_table("zones", _ZONES, rows, [row.verdict for _, row in pairs], lang)


def project_zones_table(found: ProjectResult, lang: Lang, statuses: Sequence[str]) -> Table:
    """Return the zone rows of one project that have one of the given statuses."""
    chosen = [row for row in found.rows if row.status in statuses]
    rows = tuple(tuple(_zone_cells(found, row, lang)) for row in chosen)
    return make_table("zones", _ZONES, rows, [row.verdict for row in chosen], lang)


def _zone_cells(found: ProjectResult, row: ZoneRow, lang: Lang) -> list[Cell]:
    net_ha = None if row.net_area_m2 is None else from_m2(row.net_area_m2, "ha")
    return [
        seen(found.project.project_id),
        seen(found.project.name),
        row.role,
        role_name(row.role, lang),
        joined(lang, map(seen, row.zone_names)),
        say(lang, f"status_{row.status}"),
        verdict_text(row.verdict, lang),
        *_three_units(row.gross_area_m2),
        rounded(row.gross_share_pct, "pct"),
        rounded(row.gross_length_m, "m"),
        None if (met := points_met(found, row)) is None else len(met),
        rounded(row.net_area_m2, "m2"),
        rounded(net_ha, "ha"),
        rounded(row.net_share_pct, "pct"),
        rounded(row.net_length_m, "m"),
        rounded(row.distance_m, "m"),
        row.sliver_count or None,
        rounded(row.sliver_area_m2, "m2") if row.sliver_count else None,
        sentences(lang, row.reason),
        clauses(row.rules, lang),
        joined(lang, row.documents),
        joined(lang, map(seen, row.layer_ids)),
        joined(lang, map(seen, row.editions)),
        _remarks(lang, illustrative=row.illustrative),
    ]


def rules_table(result: ScreeningResult, lang: Lang) -> Table:
    """Return one row per rule that applied: clause, documents, confidence, validity."""
    rows: list[tuple[Cell, ...]] = []
    verdicts: list[str | None] = []
    for project in result.projects:
        for row in project.rows:
            for rule in row.rules:
                rows.append(tuple(_rule_cells(project, row, rule, lang)))
                verdicts.append(rule.decision)
    return make_table("rules", _RULES, tuple(rows), verdicts, lang)


def _rule_cells(found: ProjectResult, row: ZoneRow, rule: FiredRule, lang: Lang) -> list[Cell]:
    return [
        seen(found.project.project_id),
        seen(found.project.name),
        seen(rule.rule_id),
        level_name(rule.level, lang),
        role_name(row.role, lang),
        verdict_text(rule.decision, lang),
        seen(rule.clause),
        seen(rule.reason_zh if lang == "zh" else rule.reason_en),
        joined(lang, rule.documents),
        rule.confidence,
        rule.valid_from,
        rule.valid_to,
        joined(lang, (fact_name(fact, lang) for fact in rule.unresolved)),
        seen(file_name(rule.source)),
    ]


def level_name(level: str, lang: Lang) -> str:
    """Return the name of a rule set's level, the level's own name where the labels have none."""
    return say(lang, f"level_{level}") if f"level_{level}" in table("labels") else seen(level)


def alternatives_table(result: ScreeningResult, lang: Lang) -> Table:
    """Return alternative sites side by side, the most feasible of each group first."""
    rows: list[tuple[Cell, ...]] = []
    verdicts: list[str | None] = []
    for group, ranked in result.ranked_alternatives().items():
        for rank, project in ranked:
            rows.append(tuple(_alternative_cells(group, rank, project, lang)))
            verdicts.append(outcome(project))
    return make_table("alternatives", _ALTERNATIVES, tuple(rows), verdicts, lang)


def _alternative_cells(group: str, rank: int, found: ProjectResult, lang: Lang) -> list[Cell]:
    left_ha = avoided_ha(found)[1]
    return [
        seen(group),
        rank,
        seen(found.project.project_id),
        seen(found.project.name),
        headline(found, lang),
        _three_units(found.official_area_m2)[1],
        *(_net_area(found, verdict) for verdict in (Verdict.PROHIBITED, Verdict.CONDITIONAL, Verdict.REVIEW)),
        len(found.documents),
        joined(lang, found.documents),
        _left(left_ha, lang),
        role_names(found.missing_roles, lang),
    ]


def _net_area(found: ProjectResult, verdict: Verdict) -> float | None:
    if found.official_area_m2 is None:
        return None
    return rounded(sum(row.net_area_m2 or 0.0 for row in found.rows if row.verdict == verdict), "m2")


def make_table(
    key: str,
    keys: Sequence[tuple[str, Kind]],
    rows: tuple[tuple[Cell, ...], ...],
    verdicts: Sequence[str | None],
    lang: Lang,
) -> Table:
    """Make a table whose titles are the labels ``table_<key>`` and ``col_<column>``."""
    columns: tuple[Column, ...] = columns_of(lang, *keys)
    return Table(key, say(lang, f"table_{key}"), columns, rows, tuple(verdicts))


def _three_units(area_m2: float | None) -> tuple[float | None, float | None, float | None]:
    """Return an area in m2, ha and mu, each rounded once from the unrounded figure."""
    if area_m2 is None:
        return (None, None, None)
    return (rounded(area_m2, "m2"), rounded(from_m2(area_m2, "ha"), "ha"), _in_mu(area_m2))


def _in_mu(area_m2: float | None) -> float | None:
    return None if area_m2 is None else rounded(from_m2(area_m2, "mu"), "mu")


def _declared_difference_pct(found: ProjectResult) -> float | None:
    declared, official = found.project.declared_area_m2, found.official_area_m2
    if declared is None or not official:
        return None
    return rounded(100.0 * (declared - official) / official, "pct")


def _remarks(lang: Lang, *, schematic: bool = False, illustrative: bool = False) -> str:
    said = [say(lang, "schematic")] if schematic else []
    return joined(lang, [*said, say(lang, "illustrative")] if illustrative else said)


def basis_table(result: ScreeningResult, lang: Lang) -> Table:
    """Return the clauses that decided, each once, with roles, decisions, confidence and validity."""
    grouped: dict[str, list[FiredRule]] = {}
    for found in result.projects:
        for row in found.rows:
            for rule in row.rules:
                grouped.setdefault(rule.clause, []).append(rule)
    rows: list[tuple[Cell, ...]] = []
    for clause, rules in grouped.items():
        decisions = sorted({rule.decision for rule in rules}, key=lambda verdict: -verdict.severity)
        starts = sorted({rule.valid_from.isoformat() for rule in rules if rule.valid_from})
        rows.append(
            (
                seen(clause),
                role_names(dict.fromkeys(rule.zone for rule in rules), lang),
                joined(lang, (verdict_name(verdict, lang) for verdict in decisions)),
                joined(lang, sorted({rule.confidence for rule in rules})),
                joined(lang, starts),
            )
        )
    keys: tuple[tuple[str, Kind], ...] = (
        ("clause", "long"),
        ("role", "text"),
        ("decision", "text"),
        ("confidence", "text"),
        ("valid_from", "text"),
    )
    return make_table("basis", keys, tuple(rows), (), lang)
