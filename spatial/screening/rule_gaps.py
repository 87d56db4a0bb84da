"""Whether rules that override others leave a gap: a day or a kind of project that nobody speaks of any more."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from itertools import product

from spatial.errors import InputError
from spatial.roles import natures
from spatial.screening.conditions import WORDS, Facts, decide
from spatial.screening.rules import ANY_ZONE, Rule, RuleBook

_FAR = dt.date(2100, 1, 1)
#: Just beside a limit, on either side of it.
_BESIDE = 1e-6


def check_overrides(changed: Sequence[Rule], before: RuleBook, after: RuleBook) -> None:
    """Refuse overriding rules that leave unsaid what the rules they replace did say.

    Parameters
    ----------
    changed
        The rules of the overriding levels.
    before, after
        The national set alone, and with everything overridden.

    Raises
    ------
    InputError
        Naming the file, the zone, the nature, the day and the project that no rule covers.
    """
    for rule in changed:
        if rule.zone == ANY_ZONE:
            continue
        for nature in sorted(rule.natures or natures()):
            _check_pair(rule, nature, before, after)


def _check_pair(changed: Rule, nature: str, before: RuleBook, after: RuleBook) -> None:
    concerned = [rule for book in (before, after) for rule in book.rules if rule.applies_to(changed.zone, nature)]
    for day in _days([changed, *concerned]):
        old, new = (book.find(changed.zone, nature, day) for book in (before, after))
        for facts in _projects(nature, concerned):
            if _spoken(old, facts) and not _spoken(new, facts):
                raise InputError(
                    "rule_override_gap",
                    file=changed.place,
                    feature=changed.rule_id,
                    zone=changed.zone,
                    nature=nature,
                    date=day.isoformat(),
                    facts=", ".join(f"{key}={value}" for key, value in vars(facts).items() if key != "nature"),
                )


def _spoken(rules: list[Rule], facts: Facts) -> bool:
    return any(decide(rule.when, facts)[0] is not False for rule in rules)


def _days(rules: Sequence[Rule]) -> list[dt.date]:
    """Return one day of every span of time in which the same rules are in force."""
    edges = {day for rule in rules for day in (rule.valid_from, rule.valid_to) if day is not None}
    return sorted({_FAR, *edges, *(day - dt.timedelta(days=1) for day in edges)})


def _projects(nature: str, rules: Sequence[Rule]) -> Iterator[Facts]:
    """Yield a project of every kind that the rules' conditions tell apart."""
    limits: dict[str, set[float]] = {"area_ha": {1.0}, "slope_deg": {1.0}}
    for rule in rules:
        for term in rule.when:
            if term.fact in limits:
                limits[term.fact] |= {term.number - _BESIDE, term.number, term.number + _BESIDE}
    for status, discharging, area_ha, slope_deg in product(
        WORDS["status"], WORDS["discharging"], sorted(limits["area_ha"]), sorted(limits["slope_deg"])
    ):
        yield Facts(nature, status, discharging, area_ha, slope_deg)
