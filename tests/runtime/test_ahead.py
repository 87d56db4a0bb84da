from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from spatial.runtime.ahead import ahead


def counted(taken: list[int], last: int) -> Iterator[int]:
    for number in range(last):
        taken.append(threading.get_ident())
        yield number


@pytest.mark.parametrize("count", [1, 3, 100])
def test_all_items_come_in_order_from_one_other_thread(count: int) -> None:
    taken: list[int] = []
    assert list(ahead(counted(taken, 20), count)) == list(range(20))
    assert len(set(taken)) == 1
    assert threading.get_ident() not in taken


def test_it_begins_at_once_and_goes_no_further_than_told() -> None:
    begun = threading.Event()
    taken: list[int] = []

    def items() -> Iterator[int]:
        begun.set()
        yield from counted(taken, 50)

    reader = ahead(items(), 4)
    assert begun.wait(5)
    assert next(reader) == 0
    assert len(taken) <= 5
    reader.close()  # type: ignore[attr-defined]
    assert len(taken) <= 5


def test_an_error_comes_where_its_item_would() -> None:
    def items() -> Iterator[int]:
        yield 1
        raise ValueError("here")

    reader = ahead(items(), 3)
    assert next(reader) == 1
    with pytest.raises(ValueError, match="here"):
        next(reader)
