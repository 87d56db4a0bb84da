"""The small language of a rule's ``when``: ``area_ha >= 5 and status = new|unknown``."""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Callable
from dataclasses import dataclass

#: What a condition may ask: numbers, and words with the values they can take.
NUMBERS = ("area_ha", "slope_deg")
WORDS = {"status": ("new", "altered", "existing", "unknown"), "discharging": ("yes", "no", "unknown")}

_COMPARE: dict[str, Callable[[float, float], bool]] = {
    ">=": operator.ge,
    "<=": operator.le,
    ">": operator.gt,
    "<": operator.lt,
}
_TERM = re.compile(r"^\s*(\w+)\s*(>=|<=|>|<|=)\s*(\S+)\s*$")


@dataclass(frozen=True)
class Facts:
    """What is known of a project; ``None`` and ``unknown`` are what is not.

    Parameters
    ----------
    area_ha
        Official area [ha].
    slope_deg
        Slope of the ground [degrees].
    """

    nature: str
    status: str = "unknown"
    discharging: str = "unknown"
    area_ha: float | None = None
    slope_deg: float | None = None


@dataclass(frozen=True)
class Term:
    """One comparison; all terms of a condition must hold."""

    fact: str
    sign: str
    number: float = math.nan
    words: frozenset[str] = frozenset()

    def holds(self, facts: Facts) -> bool | None:
        """Return whether the term holds, ``None`` when the fact is not known."""
        value = getattr(facts, self.fact)
        if self.words:
            # A term that names "unknown" asks for it; any other cannot be decided then.
            return value in self.words if value != "unknown" or "unknown" in self.words else None
        return None if value is None else _COMPARE[self.sign](value, self.number)


def parse(text: str) -> tuple[Term, ...]:
    """Read a condition.

    Parameters
    ----------
    text
        Terms joined by ``and``; empty means always.

    Raises
    ------
    ValueError
        Naming the part that cannot be read.

    Examples
    --------
    >>> [term.fact for term in parse("area_ha >= 0.5 and area_ha < 5")]
    ['area_ha', 'area_ha']
    """
    return tuple(_term(part) for part in text.split(" and ")) if text.strip() else ()


def _term(part: str) -> Term:
    match = _TERM.match(part)
    if match is None:
        raise ValueError(part.strip())
    fact, sign, value = match.groups()
    if fact in NUMBERS and sign in _COMPARE:
        number = float(value)
        if not math.isfinite(number):
            raise ValueError(part.strip())
        return Term(fact, sign, number=number)
    words = frozenset(value.split("|"))
    if fact in WORDS and sign == "=" and words <= set(WORDS[fact]):
        return Term(fact, sign, words=words)
    raise ValueError(part.strip())


def decide(terms: tuple[Term, ...], facts: Facts) -> tuple[bool | None, tuple[str, ...]]:
    """Return whether a condition holds, and the facts that would settle it when it is open.

    Examples
    --------
    >>> decide(parse("slope_deg > 25 and status = new"), Facts("AGR", status="new"))
    (None, ('slope_deg',))
    """
    answers = [(term.fact, term.holds(facts)) for term in terms]
    if any(answer is False for _, answer in answers):
        return False, ()
    open_facts = tuple(dict.fromkeys(fact for fact, answer in answers if answer is None))
    return (None, open_facts) if open_facts else (True, ())
