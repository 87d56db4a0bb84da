"""Reading on while others work."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")


def ahead(items: Iterator[T], count: int) -> Iterator[T]:
    """Take items in a thread of their own, from now on, up to some number before they are asked for.

    Parameters
    ----------
    items
        Used by that thread only, from its first item to its last.
    count
        How many may wait to be asked for.

    Examples
    --------
    >>> list(ahead(iter("abc"), 2))
    ['a', 'b', 'c']
    """
    pool = ThreadPoolExecutor(1)
    # An empty tuple stands for the end, which no item can be taken for.
    waiting: deque[Future[tuple[T, ...]]] = deque(pool.submit(_next, items) for _ in range(max(count, 1)))

    def taken() -> Iterator[T]:
        try:
            while found := waiting.popleft().result():
                waiting.append(pool.submit(_next, items))
                yield found[0]
        finally:
            pool.shutdown(cancel_futures=True)

    return taken()


def _next(items: Iterator[T]) -> tuple[T, ...]:
    for item in items:
        return (item,)
    return ()
