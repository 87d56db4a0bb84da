"""A screening as text for the terminal: one short block per project."""

from __future__ import annotations

from spatial.screening.result import ProjectResult, ScreeningResult
from spatial.tables.cells import NOTHING, Table, as_text, joined, listed, seen
from spatial.tables.overview import (
    avoidance_text,
    outcome_counts,
    project_zones_table,
    role_names,
    summary_table,
    verdict_text,
)
from spatial.tables.project import receptors_text
from spatial.words import Lang, say

_SHOWN = ("contact", "noise", "near", "general")


def summary_text(result: ScreeningResult, lang: Lang) -> str:
    """Return what a planner wants to see at once: verdicts, overlaps, what was not checked.

    Parameters
    ----------
    result
        The screening; figures are those of the other outputs.
    """
    summary = summary_table(result, lang)
    district = seen(result.district_zh if lang == "zh" else result.district_en)
    blocks = [say(lang, "text_date", date=result.date.isoformat(), district=district)]
    blocks += [_block(found, _cells(summary, place), lang) for place, found in enumerate(result.projects)]
    missing = dict.fromkeys(role for found in result.projects for role in found.missing_roles)
    if missing:
        blocks.append(say(lang, "text_missing", roles=role_names(missing, lang)))
    if result.layers:
        blocks.append(say(lang, "text_editions", layers=_editions(result, lang)))
    return "\n\n".join([*blocks, *(say(lang, key) for key in (*result.notices, "notice_aid"))])


def verdict_counts(result: ScreeningResult, lang: Lang) -> str:
    """Return how many projects have which verdict, in one line."""
    named = [f"{verdict_text(code, lang)} {count}" for code, count in outcome_counts(result).items()]
    return say(lang, "text_counts", count=len(result.projects), verdicts=joined(lang, named))


def _editions(result: ScreeningResult, lang: Lang) -> str:
    pairs = ((layer.name_zh if lang == "zh" else layer.name_en, layer.edition) for layer in result.layers)
    return listed(lang, (say(lang, "text_layer", name=seen(name), edition=seen(edition)) for name, edition in pairs))


def _cells(table: Table, row: int) -> dict[str, str]:
    return {
        column.key: as_text(value, column.kind) for column, value in zip(table.columns, table.rows[row], strict=True)
    }


def _block(found: ProjectResult, summary: dict[str, str], lang: Lang) -> str:
    lines = [f"{summary['project_id']}  {summary['name']}  [{summary['verdict']}]"]
    if found.official_area_m2 is not None:
        lines.append(say(lang, "text_area", **summary))
    if found.length_m is not None:
        lines.append(say(lang, "text_length", **summary))
    zones = project_zones_table(found, lang, _SHOWN)
    for place, row in enumerate(found.rows):
        cells = _cells(zones, place)
        lines.append(f"  - {cells['verdict']}  {cells['role']}  {cells['status']}{_extent(cells, lang)}")
        lines.extend(f"      {text.say(lang)}" for text in row.reason)
    # The list of missing layers is the same for all: it stands once, below.
    said = [text for text in found.conclusion if text.key != "conclusion_missing"]
    lines.extend(f"  {text.say(lang)}" for text in (*said, *found.questions))
    if found.avoidance is not None:
        lines.append(say(lang, "text_avoidance", text=avoidance_text(found, lang, "avoidance_short")))
    if found.receptors:
        lines.append(say(lang, "text_receptors", receptors=receptors_text(found, lang)))
    return "\n".join(lines)


def _extent(cells: dict[str, str], lang: Lang) -> str:
    parts = [
        f"{cells[key]} {unit}"
        for key, unit in (
            ("gross_area_m2", "m2"),
            ("gross_length_m", "m"),
            ("gross_share_pct", "%"),
            ("distance_m", "m"),
        )
        if cells[key] != NOTHING
    ]
    if cells["point_count"] != NOTHING:
        parts.append(say(lang, "text_extent_points", count=cells["point_count"]))
    return "  " + ", ".join(parts) if parts else ""
