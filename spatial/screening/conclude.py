"""The verdict over all zones, in sentences; a pass is never claimed where something was not checked."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from spatial.roles import roles
from spatial.screening.result import ProjectResult, Verdict
from spatial.words import Both, Text


def conclude(result: ProjectResult, layers: Collection[str]) -> ProjectResult:
    """Settle the verdict of a project and say why.

    Parameters
    ----------
    result
        With the strictest verdict of its rows.
    layers
        Zone roles that were there to check against.

    Returns
    -------
    ProjectResult
        ``U`` where the location is needed, the project is not spatial, no layer was there, or
        nothing was found but layers are missing; otherwise the verdict as it was.
    """
    project = result.project
    if project.location != "given":
        return replace(result, verdict=Verdict.UNDETERMINED, conclusion=(Text(f"conclusion_{project.location}"),))
    missing = Text(
        "conclusion_missing",
        {"count": len(result.missing_roles), "roles": _named(result.missing_roles)},
    )
    verdict = settled(result.verdict, layers, result.missing_roles)
    if verdict == Verdict.UNDETERMINED:
        why = Text("conclusion_incomplete" if layers else "conclusion_no_layers")
        return replace(result, verdict=verdict, conclusion=(why, missing))
    deciding = tuple(
        row.role for row in result.rows if row.verdict == result.verdict and row.status in {"contact", "general"}
    )
    said = [Text(f"conclusion_{result.verdict.value}", {"roles": _named(deciding)})]
    if result.missing_roles:
        said.append(missing)
    if project.schematic:
        said.append(Text("conclusion_schematic"))
    return replace(result, conclusion=tuple(said))


def settled(verdict: Verdict, layers: Collection[str], missing: Collection[str]) -> Verdict:
    """Return the verdict that may be claimed: no pass while layers are missing, nothing without any layer.

    Examples
    --------
    >>> settled(Verdict.PERMITTED, {"PBF"}, {"ECO_RED"}).name
    'UNDETERMINED'
    >>> settled(Verdict.CONDITIONAL, {"PBF"}, {"ECO_RED"}).name
    'CONDITIONAL'
    """
    unfounded = not layers and verdict != Verdict.PROHIBITED
    incomplete = verdict == Verdict.PERMITTED and bool(missing)
    return Verdict.UNDETERMINED if unfounded or incomplete else verdict


def _named(codes: tuple[str, ...]) -> Both:
    zh = "、".join(roles()[code].name_zh if code in roles() else "通用规则" for code in codes)
    en = ", ".join(roles()[code].name_en if code in roles() else "general rules" for code in codes)
    return Both(zh or "无", en or "none")
