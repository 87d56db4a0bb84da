"""The verdict over all zones, in sentences; a pass is never claimed where something was not checked."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

from spatial.roles import roles
from spatial.screening.result import ProjectResult, Verdict
from spatial.settings import setting
from spatial.units import round_half
from spatial.words import LANGS, Both, Lang, Text, say


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
    verdict = settled(result.verdict, layers, result.missing_roles, partly_outside=_partly_outside(result))
    return replace(result, verdict=verdict, conclusion=(_headline(result, verdict, layers), *_reservations(result)))


def _headline(result: ProjectResult, verdict: Verdict, layers: Collection[str]) -> Text:
    if verdict == Verdict.UNDETERMINED:
        if not layers:
            return Text("conclusion_no_layers")
        return Text("conclusion_incomplete" if result.missing_roles else "conclusion_outside")
    deciding = [row.role for row in result.rows if row.verdict == verdict and row.status in {"contact", "general"}]
    return Text(f"conclusion_{verdict.value}", {"roles": _named(deciding)})


def _reservations(result: ProjectResult) -> list[Text]:
    """Return what the verdict does not cover."""
    said = []
    if _partly_outside(result):
        values: dict[str, object] = {
            "area_m2": f"{round_half(result.outside_m2, 2):,.2f}",
            "length_m": f"{round_half(result.outside_length_m, 2):,.2f}",
        }
        said.append(Text("conclusion_outside_area" if result.official_area_m2 else "conclusion_outside_length", values))
    if result.missing_roles:
        values = {"count": len(result.missing_roles), "roles": _named(result.missing_roles)}
        said.append(Text("conclusion_missing", values))
    if result.project.schematic:
        said.append(Text("conclusion_schematic"))
    return said


def _partly_outside(result: ProjectResult) -> bool:
    """Return whether a part outside the district is left unassessed, beyond what prints as 0.00."""
    if result.official_area_m2 is not None:
        return result.outside_m2 >= setting("touch_m2")
    return result.outside_length_m >= setting("touch_m")


def settled(
    verdict: Verdict, layers: Collection[str], missing: Collection[str], *, partly_outside: bool = False
) -> Verdict:
    """Return the verdict that may be claimed.

    No pass while layers are missing or a part lies outside the district, nothing without any layer;
    every other verdict stands, for what is missing could only make it stricter.

    Examples
    --------
    >>> settled(Verdict.PERMITTED, {"PBF"}, {"ECO_RED"}).name
    'UNDETERMINED'
    >>> settled(Verdict.CONDITIONAL, {"PBF"}, {"ECO_RED"}).name
    'CONDITIONAL'
    """
    unfounded = not layers and verdict != Verdict.PROHIBITED
    incomplete = verdict == Verdict.PERMITTED and (bool(missing) or partly_outside)
    return Verdict.UNDETERMINED if unfounded or incomplete else verdict


def _named(codes: Sequence[str]) -> Both:
    zh, en = ([_name(code, lang) for code in codes] for lang in LANGS)
    return Both("、".join(zh), ", ".join(en))


def _name(code: str, lang: Lang) -> str:
    return roles()[code].name(lang) if code in roles() else say(lang, "status_general")
