"""When an edition of a layer, an article or a rule is in force."""

from __future__ import annotations

import datetime as dt


def in_force(valid_from: dt.date | None, valid_to: dt.date | None, date: dt.date) -> bool:
    """Return whether ``valid_from <= date < valid_to``; an open end never excludes.

    Examples
    --------
    >>> in_force(dt.date(2026, 8, 15), None, dt.date(2026, 8, 15))
    True
    >>> in_force(None, dt.date(2026, 8, 15), dt.date(2026, 8, 15))
    False
    """
    return (valid_from is None or valid_from <= date) and (valid_to is None or date < valid_to)
