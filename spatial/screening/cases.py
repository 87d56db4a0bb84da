"""A register of past cases, run through the rules without geometry to see that they still decide as before."""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import dataclass
from pathlib import Path

from spatial.errors import InputError
from spatial.io.text import csv_rows, read_text
from spatial.roles import nature_choices, natures, nearest_code, zone_roles
from spatial.screening.conclude import settled
from spatial.screening.conditions import WORDS, Facts
from spatial.screening.judge import is_noise, judge_noise, judge_project, judge_zone, strictest
from spatial.screening.result import FiredRule, Verdict
from spatial.screening.rules import RuleBook
from spatial.units import to_m2

COLUMNS = [
    "case",
    "date",
    "nature",
    "status",
    "discharging",
    "area_ha",
    "slope_deg",
    "zones",
    "expected",
    "expected_documents",
    "note",
]


@dataclass(frozen=True)
class Case:
    """One decided case.

    Parameters
    ----------
    zones
        Zone roles the project occupies, with the overlap [m2] where it matters, else ``None``.
    expected
        The decision taken.
    documents
        The documents asked for; ``None`` where the register does not say.
    """

    name: str
    date: dt.date
    facts: Facts
    zones: dict[str, float | None]
    expected: Verdict
    documents: frozenset[str] | None


@dataclass(frozen=True)
class Tried:
    """What the rules say of a case today."""

    case: Case
    verdict: Verdict
    documents: tuple[str, ...]
    rules: tuple[FiredRule, ...]

    @property
    def agrees(self) -> bool:
        """Whether verdict and, where stated, documents are the expected ones."""
        same = self.case.documents is None or self.case.documents == set(self.documents)
        return self.verdict == self.case.expected and same


def read_cases(path: Path) -> list[Case]:
    """Read a register of cases from CSV.

    Raises
    ------
    InputError
        Naming the line, the fault and the mend.
    """
    return [_case(place, cells) for place, cells in csv_rows(read_text(path).text, str(path), COLUMNS)]


def try_case(book: RuleBook, case: Case) -> Tried:
    """Judge a case by the rules in force on its date."""
    area_m2 = None if case.facts.area_ha is None else to_m2(case.facts.area_ha, "ha")
    judged = []
    for role, overlap in case.zones.items():
        full = judge_zone(book, case.date, role, case.facts)
        judged.append(judge_noise(role, full) if is_noise(role, overlap, area_m2) else full)
    general = judge_project(book, case.date, case.facts)
    judged = [*judged, general] if general is not None else judged
    verdict = strictest([Verdict.PERMITTED, *(judgement.verdict for judgement in judged)])
    return Tried(
        case=case,
        # A past case was decided on all layers: the ones it does not name were not touched.
        verdict=settled(verdict, case.zones, ()),
        documents=book.united(code for judgement in judged for code in judgement.documents),
        rules=tuple(rule for judgement in judged for rule in judgement.rules),
    )


def _case(place: str, cells: dict[str, str]) -> Case:
    name = cells["case"]
    if cells["nature"] not in natures():
        raise InputError("unknown_nature", file=place, feature=name, code=cells["nature"], choices=nature_choices())
    try:
        facts = Facts(
            nature=cells["nature"],
            status=_word("status", cells),
            discharging=_word("discharging", cells),
            area_ha=_number(cells["area_ha"]),
            slope_deg=_number(cells["slope_deg"]),
        )
        zones = dict(_zone(place, name, text) for text in cells["zones"].split())
        documents = (
            None if cells["expected_documents"] == "" else frozenset(cells["expected_documents"].split()) - {"-"}
        )
        return Case(name, dt.date.fromisoformat(cells["date"]), facts, zones, Verdict(cells["expected"]), documents)
    except InputError:
        raise
    except ValueError as error:
        raise InputError("case_bad", file=place, feature=name, fault=error) from error


def _number(text: str) -> float | None:
    if not text:
        return None
    number = float(text)
    if not (math.isfinite(number) and number >= 0):
        raise ValueError(text)
    return number


def _word(fact: str, cells: dict[str, str]) -> str:
    word = cells[fact] or "unknown"
    if word not in WORDS[fact]:
        raise ValueError(f"{fact} = {word}")
    return word


def _zone(place: str, name: str, text: str) -> tuple[str, float | None]:
    role, _, overlap = text.partition(":")
    if role not in zone_roles():
        raise InputError("unknown_role", file=place, feature=name, code=role, nearest=nearest_code(role, zone_roles()))
    return role, _number(overlap)
