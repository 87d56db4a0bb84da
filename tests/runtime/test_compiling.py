from __future__ import annotations

import numba

from spatial.overlay.compiled import compiled
from spatial.runtime.compiling import when_compiling


def fresh() -> object:
    return numba.njit(lambda number: number + 1)


def test_the_first_compilation_is_told_and_no_other() -> None:
    compiled(abs_of)
    told: list[str] = []
    when_compiling(lambda: told.append("now"))
    assert told == []
    one, other = fresh(), fresh()
    assert (one(1), other(2), one(2.5)) == (2, 3, 3.5)  # type: ignore[operator]
    assert told == ["now"]


def test_only_the_last_who_asked_is_told() -> None:
    compiled(abs_of)
    told: list[str] = []
    when_compiling(lambda: told.append("first"))
    when_compiling(lambda: told.append("second"))
    fresh()(1)  # type: ignore[operator]
    assert told == ["second"]


def abs_of(number: float) -> float:
    return number if number >= 0 else -number
