"""Rules as data: provisions, documents and decisions, by date and by level of government."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from spatial.roles import zone_roles
from spatial.screening.conditions import Term
from spatial.screening.result import FiredRule, Verdict
from spatial.validity import in_force
from spatial.words import Both

ANY_ZONE = "*"


@dataclass(frozen=True)
class Provision:
    """An article of an instrument; ``successor`` is the article that replaced it."""

    provision_id: str
    instrument: Both
    article: str
    valid_from: dt.date | None
    valid_to: dt.date | None
    successor: str
    gist: Both
    confidence: str
    source: str


@dataclass(frozen=True)
class Document:
    """A document that an applicant must obtain; ``kind_of`` is the general one it makes precise."""

    code: str
    name: Both
    kind_of: str


@dataclass(frozen=True)
class Successor:
    """A zone role of an older zoning and the role it is read as from a date on."""

    old_role: str
    new_role: str
    valid_from: dt.date
    note: Both
    confidence: str


@dataclass(frozen=True)
class Rule:
    """What a zone means for a kind of project, as one line of a rule file.

    Parameters
    ----------
    zone
        Zone role, or ``*`` for a rule bound to no zone.
    natures
        Project natures; empty means all.
    when
        Conditions on the project that must all hold.
    decision
        ``None`` removes the rule of the same id that a lower level gives.
    provisions
        Ids of the provisions it rests on, the decisive one first; ``clause`` is free text beside them.
    """

    rule_id: str
    level: str
    zone: str
    natures: frozenset[str]
    when: tuple[Term, ...]
    when_text: str
    decision: Verdict | None
    documents: tuple[str, ...]
    provisions: tuple[str, ...]
    clause: str
    note: Both
    confidence: str
    valid_from: dt.date | None
    valid_to: dt.date | None
    source: str
    place: str

    def applies_to(self, zone: str, nature: str) -> bool:
        """Return whether the rule speaks of this zone role and this nature."""
        return self.zone == zone and (not self.natures or nature in self.natures)


@dataclass(frozen=True)
class RuleBook:
    """All rules after overriding, with the provisions and documents they name."""

    rules: tuple[Rule, ...]
    provisions: dict[str, Provision]
    documents: dict[str, Document]
    successors: dict[str, Successor]
    sources: dict[str, str]

    @cached_property
    def _by_zone(self) -> dict[str, list[Rule]]:
        found: dict[str, list[Rule]] = {}
        for rule in self.rules:
            found.setdefault(rule.zone, []).append(rule)
        return found

    @cached_property
    def fired(self) -> dict[tuple[int, dt.date, tuple[str, ...]], FiredRule]:
        """Rules as they applied before: by rule, date and the facts that were not known."""
        return {}

    @cached_property
    def _predecessors(self) -> dict[str, list[Provision]]:
        found: dict[str, list[Provision]] = {}
        for provision in self.provisions.values():
            if provision.successor:
                found.setdefault(provision.successor, []).append(provision)
        return found

    def wanted_zones(self, date: dt.date) -> tuple[str, ...]:
        """Return the zone roles that a complete screening on a date needs.

        A role of an older zoning is wanted until its successor is in force, the successor from then on.
        """
        replaced = {role for role, successor in self.successors.items() if successor.valid_from <= date}
        return tuple(
            role
            for role in zone_roles()
            if role not in replaced
            and any(in_force(rule.valid_from, rule.valid_to, date) for rule in self._by_zone.get(role, []))
        )

    def find(self, zone: str, nature: str, date: dt.date) -> list[Rule]:
        """Return the rules in force on a date for a zone role and a nature."""
        return [
            rule
            for rule in self._by_zone.get(zone, [])
            if rule.applies_to(zone, nature) and in_force(rule.valid_from, rule.valid_to, date)
        ]

    def cited(self, rule: Rule, date: dt.date) -> list[Provision]:
        """Return the provisions a rule rests on that are in force on a date.

        An article that was not in force yet is replaced by the ones it succeeded, so a decision of
        March 2026 cites the law of March 2026.
        """
        found: dict[str, Provision] = {}
        for provision_id in rule.provisions:
            provision = self.provisions[provision_id]
            candidates = [provision, *self._predecessors.get(provision_id, [])]
            in_force_now = [p for p in candidates if in_force(p.valid_from, p.valid_to, date)]
            found |= {p.provision_id: p for p in in_force_now[:1]}
        return list(found.values())

    def clause(self, rule: Rule, date: dt.date) -> str:
        """Return the citation of a rule on a date, in Chinese as it is quoted."""
        by_instrument: dict[str, list[str]] = {}
        for provision in self.cited(rule, date):
            by_instrument.setdefault(provision.instrument.zh, []).append(provision.article)
        cited = [instrument + _articles(articles) for instrument, articles in by_instrument.items()]
        return "；".join([*cited, rule.clause] if rule.clause else cited)

    def why(self, rule: Rule, date: dt.date) -> Both:
        """Return in one clause why: the rule's own note, else what the decisive provision says."""
        cited = self.cited(rule, date)
        return rule.note if rule.note.zh or not cited else cited[0].gist

    def term(self, rule: Rule, date: dt.date) -> tuple[dt.date | None, dt.date | None]:
        """Return since when and until when the rule is in force in the words it is cited with."""
        decisive = self.cited(rule, date)[:1]
        starts = [day for day in (rule.valid_from, *(p.valid_from for p in decisive)) if day is not None]
        ends = [day for day in (rule.valid_to, *(p.valid_to for p in decisive)) if day is not None]
        return max(starts, default=None), min(ends, default=None)

    def united(self, documents: Iterable[str]) -> tuple[str, ...]:
        """Return each document once, in the table's order; a precise one replaces the general one."""
        asked = set(documents)
        general = {self.documents[code].kind_of for code in asked}
        return tuple(code for code in self.documents if code in asked - general)


def _articles(articles: list[str]) -> str:
    named = [article for article in articles if article]
    if not named:
        return ""
    numbers = [article for article in named if article.isdigit()]
    others = [article for article in named if not article.isdigit()]
    return (f"第{'、'.join(numbers)}条" if numbers else "") + "、".join(others)
