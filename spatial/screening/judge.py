"""From contacts to verdicts: which rules fire for a project in a zone, and what they add up to."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from spatial.roles import OTHER, roles
from spatial.screening.conditions import Facts, decide
from spatial.screening.result import FiredRule, Verdict
from spatial.screening.rules import ANY_ZONE, Rule, RuleBook
from spatial.settings import setting
from spatial.words import Both, Text, say


@dataclass(frozen=True)
class Judgement:
    """What the rules say of one project in one zone role, or of the project as such.

    Parameters
    ----------
    reason
        Sentences, the decisive one first.
    documents
        Codes of the documents needed.
    questions
        Facts that would settle a rule left open.
    """

    verdict: Verdict
    rules: tuple[FiredRule, ...]
    documents: tuple[str, ...]
    reason: tuple[Text, ...]
    questions: tuple[str, ...] = ()


def strictest(verdicts: Iterable[Verdict]) -> Verdict:
    """Return the strictest of several verdicts: X > R > C > P > U; U when there is none.

    Examples
    --------
    >>> strictest([Verdict.CONDITIONAL, Verdict.PROHIBITED]).name
    'PROHIBITED'
    """
    return max(verdicts, key=lambda verdict: verdict.severity, default=Verdict.UNDETERMINED)


def judge_zone(book: RuleBook, date: dt.date, role: str, facts: Facts) -> Judgement:
    """Judge a project that occupies zones of one role.

    Parameters
    ----------
    role
        Zone role as the layer states it; a role of an older zoning is read as its successor once
        the new zoning is in force, and the reason says that this is assumed.
    facts
        What is known of the project.
    """
    successor = book.successors.get(role)
    if successor is not None and successor.valid_from <= date:
        judged = judge_zone(book, date, successor.new_role, facts)
        assumed = Text("reason_legacy_zone", {"note": successor.note})
        return Judgement(judged.verdict, judged.rules, judged.documents, (*judged.reason, assumed), judged.questions)
    if facts.nature == OTHER:
        return Judgement(Verdict.REVIEW, (), (), (Text("reason_other"),))
    return _judge(book, date, book.find(role, facts.nature, date), facts) or Judgement(
        Verdict.REVIEW, (), (), (Text("reason_no_rule", {"date": date.isoformat()}),)
    )


def judge_project(book: RuleBook, date: dt.date, facts: Facts) -> Judgement | None:
    """Judge a project by the rules bound to no zone; ``None`` when none of them speaks of it."""
    return _judge(book, date, book.find(ANY_ZONE, facts.nature, date), facts)


def is_noise(role: str, overlap_m2: float | None, whole_m2: float | None) -> bool:
    """Return whether an overlap is below the role's noise limit and less than half of the project.

    Parameters
    ----------
    overlap_m2, whole_m2
        Official areas of the overlap and of the project [m2]; ``None`` for lines and points, which
        have no noise limit.

    Examples
    --------
    >>> is_noise("WS1", 0.81, 5_000.0), is_noise("WS1", 0.81, 0.81)
    (True, False)
    """
    if overlap_m2 is None or whole_m2 is None:
        return False
    return overlap_m2 < noise_limit_m2(role, whole_m2) and overlap_m2 < setting("noise_share") * whole_m2


def noise_limit_m2(role: str, whole_m2: float) -> float:
    """Return the area below which a contact with a role is digitising noise (DOMAIN 4.14).

    Examples
    --------
    >>> round(noise_limit_m2("PBF", 73_318.63), 1)
    7.3
    """
    return max(roles()[role].noise_m2, roles()[role].noise_pct / 100 * whole_m2)


def judge_noise(role: str, full: Judgement) -> Judgement:
    """Judge a contact below the role's noise limit.

    Parameters
    ----------
    full
        The judgement were it a contact in full: noise is never judged more strictly.

    Returns
    -------
    Judgement
        Digitising noise is no occupation: permitted, without documents. In roles where no contact
        may be dismissed it is manual review, neither dismissed nor prohibited by itself, with the
        rules and documents of the full contact; or what the full contact is, where that is permitted.
    """
    if roles()[role].noise_dismissible:
        return Judgement(Verdict.PERMITTED, (), (), (Text("reason_noise"),))
    if full.verdict == Verdict.PERMITTED:
        return full
    return Judgement(Verdict.REVIEW, full.rules, full.documents, (Text("reason_noise_review"),), full.questions)


def _judge(book: RuleBook, date: dt.date, rules: list[Rule], facts: Facts) -> Judgement | None:
    fired: list[FiredRule] = []
    for rule in rules:
        holds, unknown = decide(rule.when, facts)
        if holds is not False:
            fired.append(_fired(book, date, rule, unknown))
    if not fired:
        return None
    fired.sort(key=lambda rule: (-rule.decision.severity, bool(rule.unresolved), rule.rule_id))
    fired = [rule for rule in fired if _matters(rule, fired)]
    by_id = {rule.rule_id: rule for rule in rules}
    return Judgement(
        verdict=fired[0].decision,
        rules=tuple(fired),
        documents=book.united(code for rule in fired for code in rule.documents),
        reason=tuple(_reason(book, date, by_id[rule.rule_id], rule) for rule in fired),
        questions=tuple(dict.fromkeys(fact for rule in fired for fact in rule.unresolved)),
    )


def _asked(book: RuleBook, rule: Rule, unknown: tuple[str, ...]) -> tuple[str, ...]:
    """Return the documents of a rule; which of two kinds is open while a fact is unknown."""
    if not unknown:
        return rule.documents
    return tuple(dict.fromkeys(book.documents[code].kind_of or code for code in rule.documents))


def _matters(rule: FiredRule, fired: list[FiredRule]) -> bool:
    """Return whether a rule left open could make the verdict stricter or ask for more documents."""
    if not rule.unresolved:
        return True
    settled = [other for other in fired if not other.unresolved]
    asked = {code for other in settled for code in other.documents}
    stricter = rule.decision.severity > strictest(other.decision for other in settled).severity
    # Of several open rules the strictest speaks for all.
    return (stricter and rule is fired[0]) or not set(rule.documents) <= asked


def _fired(book: RuleBook, date: dt.date, rule: Rule, unknown: tuple[str, ...]) -> FiredRule:
    """Return a rule as it applies on a date, worked out once for all projects."""
    known = book.fired.get((id(rule), date, unknown))
    if known is None:
        known = book.fired[id(rule), date, unknown] = _worked_out(book, date, rule, unknown)
    return known


def _worked_out(book: RuleBook, date: dt.date, rule: Rule, unknown: tuple[str, ...]) -> FiredRule:
    decision = rule.decision or Verdict.REVIEW
    if unknown and decision == Verdict.PROHIBITED:
        # Whether it is prohibited hangs on a fact nobody stated: a person must ask.
        decision = Verdict.REVIEW
    return FiredRule(
        rule_id=rule.rule_id,
        level=rule.level,
        zone=rule.zone,
        decision=decision,
        documents=_asked(book, rule, unknown),
        clause=book.clause(rule, date),
        reason_zh=book.why(rule, date).zh,
        reason_en=book.why(rule, date).en,
        confidence=_confidence(book, date, rule),
        valid_from=book.term(rule, date)[0],
        valid_to=book.term(rule, date)[1],
        source=rule.source,
        unresolved=unknown,
    )


def _confidence(book: RuleBook, date: dt.date, rule: Rule) -> str:
    """Return the weakest confidence of the rule and the decisive provision."""
    cited = book.cited(rule, date)[:1]
    return max([rule.confidence, *(provision.confidence for provision in cited)], key="HML".index)


def facts_named(facts: tuple[str, ...]) -> Both:
    """Return the names of project facts for people."""
    return Both(
        "、".join(say("zh", f"fact_{fact}") for fact in facts), ", ".join(say("en", f"fact_{fact}") for fact in facts)
    )


def _reason(book: RuleBook, date: dt.date, rule: Rule, fired: FiredRule) -> Text:
    values: dict[str, object] = {
        "why": Both(fired.reason_zh, fired.reason_en),
        "clause": fired.clause,
        "documents": "、".join(book.documents[code].name.zh for code in fired.documents),
        "documents_en": "; ".join(book.documents[code].name.en for code in fired.documents),
        "facts": facts_named(fired.unresolved),
        "date": date.isoformat(),
    }
    if fired.unresolved:
        return Text("reason_open", values)
    if fired.decision == Verdict.PERMITTED:
        # The article restricts others: quoting it here would read as if it hit this project.
        return Text("reason_P_advice" if rule.note.zh else "reason_P", values)
    with_documents = "_documents" if rule.documents else ""
    return Text(f"reason_{fired.decision.value}{with_documents}", values)
