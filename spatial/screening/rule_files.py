"""Reading and checking rule files: the national set of the package, and files that override it."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import replace
from importlib.resources import files
from itertools import pairwise
from pathlib import Path

from spatial.errors import InputError
from spatial.io.text import csv_rows, read_text
from spatial.roles import OTHER, data_rows, nature_choices, natures, nearest_code, zone_roles
from spatial.screening import conditions
from spatial.screening.result import Verdict
from spatial.screening.rule_gaps import check_overrides
from spatial.screening.rules import ANY_ZONE, Document, Provision, Rule, RuleBook, Successor
from spatial.words import Both

COLUMNS = [
    "rule_id",
    "zone",
    "nature",
    "when",
    "decision",
    "documents",
    "provisions",
    "clause",
    "note_zh",
    "note_en",
    "confidence",
    "valid_from",
    "valid_to",
    "source",
]

_NATIONAL = ("zones.csv", "general.csv")
_NATIONAL_LEVEL = "national"
#: Written in the decision column to remove the rule of the same id of a lower level.
_REMOVED = "-"


def load_rule_book(overrides: Sequence[tuple[str, Path]] = ()) -> RuleBook:
    """Read the national rules and the files that override them.

    Parameters
    ----------
    overrides
        Level (``province``, ``county``, ``workspace``) and CSV file, from general to special. All
        editions of a rule id in a file replace all editions of that id of the levels before.

    Raises
    ------
    InputError
        Naming the file, the line, the fault and the mend; also for two editions of one rule that
        overlap or leave a gap, and for a zone and nature that no rule covers.
    """
    documents = {row["code"]: _document(row) for row in data_rows("rules/documents.csv")}
    provisions = {row["id"]: _provision(row) for row in data_rows("rules/provisions.csv")}
    successors = {row["old_role"]: _successor(row) for row in data_rows("rules/zone_successors.csv")}
    editions: dict[str, list[Rule]] = {}
    national: dict[str, list[Rule]] = {}
    sources: dict[str, str] = {}
    for level, name, text in _texts(overrides):
        rules = _read(level, name, text, set(documents), set(provisions))
        _check_editions(name, rules)
        editions |= rules
        national |= rules if level == _NATIONAL_LEVEL else {}
        sources[f"{level}: {Path(name).name}"] = hashlib.sha256(text.encode()).hexdigest()
    kept = tuple(rule for rules in editions.values() for rule in rules if rule.decision is not None)
    book = RuleBook(kept, provisions, documents, successors, sources)
    _check_complete(book)
    if overrides:
        changed = [rule for rules in editions.values() for rule in rules if rule.level != _NATIONAL_LEVEL]
        before = tuple(rule for rules in national.values() for rule in rules)
        check_overrides(changed, replace(book, rules=before), book)
    return book


def _texts(overrides: Sequence[tuple[str, Path]]) -> Iterator[tuple[str, str, str]]:
    folder = files("spatial").joinpath("data", "rules")
    for name in _NATIONAL:
        yield _NATIONAL_LEVEL, name, folder.joinpath(name).read_text(encoding="utf-8")
    for level, path in overrides:
        yield level, str(path), read_text(path).text


def _read(level: str, name: str, text: str, documents: set[str], provisions: set[str]) -> dict[str, list[Rule]]:
    found: dict[str, list[Rule]] = {}
    for place, cells in csv_rows(text, name, COLUMNS):
        rule = _rule(level, place, cells)
        _check_codes(rule, documents, provisions)
        found.setdefault(rule.rule_id, []).append(rule)
    return found


def _rule(level: str, place: str, cells: dict[str, str]) -> Rule:
    try:
        when = conditions.parse(cells["when"])
    except ValueError as error:
        raise InputError("rule_when", file=place, feature=cells["rule_id"], term=error) from error
    decisions = {verdict.value: verdict for verdict in Verdict if verdict != Verdict.UNDETERMINED}
    if cells["decision"] not in {*decisions, _REMOVED} or not cells["rule_id"]:
        raise InputError("rule_decision", file=place, feature=cells["rule_id"], value=cells["decision"])
    return Rule(
        rule_id=cells["rule_id"],
        level=level,
        zone=cells["zone"],
        natures=frozenset(cells["nature"].replace("*", "").split()),
        when=when,
        when_text=cells["when"],
        decision=decisions.get(cells["decision"]),
        documents=tuple(cells["documents"].split()),
        provisions=tuple(cells["provisions"].split()),
        clause=cells["clause"],
        note=Both(cells["note_zh"], cells["note_en"] or cells["note_zh"]),
        confidence=cells["confidence"],
        valid_from=_date(cells["valid_from"], place, cells["rule_id"]),
        valid_to=_date(cells["valid_to"], place, cells["rule_id"]),
        source=cells["source"],
        place=place,
    )


def _date(text: str, place: str, rule_id: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(text) if text else None
    except ValueError as error:
        raise InputError("rule_date", file=place, feature=rule_id, value=text) from error


def _check_codes(rule: Rule, documents: set[str], provisions: set[str]) -> None:
    """Refuse a zone, nature, document or provision that no table knows."""
    where = {"file": rule.place, "feature": rule.rule_id}
    if rule.zone != ANY_ZONE and rule.zone not in zone_roles():
        raise InputError("unknown_role", **where, code=rule.zone, nearest=nearest_code(rule.zone, zone_roles()))
    for nature in sorted(rule.natures - natures().keys()):
        raise InputError("unknown_nature", **where, code=nature, choices=nature_choices())
    for code in rule.documents:
        if code not in documents:
            raise InputError("rule_document", **where, code=code)
    for provision in rule.provisions:
        if provision not in provisions:
            raise InputError("rule_provision", **where, code=provision)
    if rule.decision is not None and not (rule.provisions or rule.clause):
        raise InputError("rule_without_clause", **where)
    if rule.confidence not in {"H", "M", "L"}:
        raise InputError("rule_confidence", **where, value=rule.confidence)


def _check_editions(name: str, editions: dict[str, list[Rule]]) -> None:
    """Refuse editions of one rule that overlap, run backwards or leave a gap in time."""
    for rule_id, rules in editions.items():
        ordered = sorted(rules, key=lambda rule: rule.valid_from or dt.date.min)
        for rule in ordered:
            if rule.valid_from and rule.valid_to and rule.valid_to <= rule.valid_from:
                raise InputError("rule_backwards", file=rule.place, feature=rule_id)
        for earlier, later in pairwise(ordered):
            if earlier.valid_to is None or later.valid_from is None or later.valid_from < earlier.valid_to:
                raise InputError("rule_overlap", file=name, feature=rule_id)
            if later.valid_from > earlier.valid_to:
                raise InputError("rule_gap", file=name, feature=rule_id, start=earlier.valid_to, end=later.valid_from)


def _check_complete(book: RuleBook) -> None:
    """Refuse a set in which some zone in force has nothing to say about some nature."""
    every = natures().keys() - {OTHER}
    covered: dict[str, set[str]] = {}
    for rule in book.rules:
        if rule.valid_to is None:
            covered.setdefault(rule.zone, set()).update(rule.natures or every)
    for zone in zone_roles():
        for nature in sorted(every - covered.get(zone, set())):
            if zone not in book.successors:
                raise InputError("rule_uncovered", file=", ".join(book.sources), zone=zone, nature=nature)


def _document(row: dict[str, str]) -> Document:
    return Document(row["code"], Both(row["name_zh"], row["name_en"]), row["kind_of"])


def _provision(row: dict[str, str]) -> Provision:
    return Provision(
        provision_id=row["id"],
        instrument=Both(row["instrument_zh"], row["instrument_en"]),
        article=row["article"],
        valid_from=dt.date.fromisoformat(row["valid_from"]) if row["valid_from"] else None,
        valid_to=dt.date.fromisoformat(row["valid_to"]) if row["valid_to"] else None,
        successor=row["successor"],
        gist=Both(row["gist_zh"], row["gist_en"]),
        confidence=row["confidence"],
        source=row["source"],
    )


def _successor(row: dict[str, str]) -> Successor:
    return Successor(
        old_role=row["old_role"],
        new_role=row["new_role"],
        valid_from=dt.date.fromisoformat(row["valid_from"]),
        note=Both(row["note_zh"], row["note_en"]),
        confidence=row["confidence"],
    )
