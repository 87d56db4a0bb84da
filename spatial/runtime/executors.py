"""Who works on the blocks: this thread, threads of this machine, or a Dask cluster."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from typing import Any, Protocol, TypeVar

from spatial.errors import InputError

T = TypeVar("T")
R = TypeVar("R")

SERIAL, THREADS, DASK = "serial", "threads", "dask:"

#: Called after each block with the number of blocks done and of all.
Progress = Callable[[int, int], None]


class _Future(Protocol):
    def result(self) -> Any: ...


def ordered(work: Callable[[T], R], items: Iterable[T], workers: str = THREADS) -> Iterator[R]:
    """Yield the results of some work in the order of its items, whoever does it.

    Parameters
    ----------
    work
        A function of one item that shares nothing with other calls; for Dask it and the items must
        be picklable, and files it reads must be found under the same path by every worker.
    items
        Taken a few ahead only, so that results do not pile up in memory.
    workers
        ``"serial"``, ``"threads"`` (as many as the machine has processors), ``"threads:N"``, or
        ``"dask:ADDRESS"`` of a scheduler.

    Raises
    ------
    InputError
        If ``workers`` is none of these, Dask is not installed, or its scheduler does not answer.

    Examples
    --------
    >>> list(ordered(abs, [-2, 3, -1], "threads"))
    [2, 3, 1]
    """
    count = at_once(workers)
    if workers == SERIAL:
        yield from map(work, items)
        return
    with ExitStack() as stack:
        submit: Callable[[Callable[[T], R], T], _Future]
        if workers.startswith(DASK):
            client = stack.enter_context(_client(workers.removeprefix(DASK)))
            count = 2 * max(len(client.scheduler_info()["workers"]), 1)
            # The same item may be worked on twice, by two calls with other files.
            submit = lambda function, item: client.submit(function, item, pure=False)  # noqa: E731
        else:
            submit = stack.enter_context(ThreadPoolExecutor(count - 1)).submit
        waiting: deque[_Future] = deque()
        for item in items:
            if len(waiting) == count:
                yield waiting.popleft().result()
            waiting.append(submit(work, item))
        while waiting:
            yield waiting.popleft().result()


def at_once(workers: str) -> int:
    """Return how many blocks are in this machine's memory at a time.

    One more than there are threads: a finished block waits to be taken while all of them work.

    Raises
    ------
    InputError
        If ``workers`` is not understood.

    Examples
    --------
    >>> at_once("serial"), at_once("threads:2")
    (1, 3)
    """
    kind, _, number = workers.partition(":")
    if workers == SERIAL:
        return 1
    if workers == THREADS:
        return (os.cpu_count() or 1) + 1
    if kind == THREADS and number.isdigit() and int(number):
        return int(number) + 1
    if workers.startswith(DASK) and number:
        return 2
    raise InputError("workers_unknown", workers=workers)


def _client(address: str) -> Any:
    try:
        from distributed import Client  # type: ignore[import-not-found,unused-ignore]
    except ImportError as error:
        raise InputError("dask_missing") from error
    try:
        return Client(address, timeout="10s")  # type: ignore[no-untyped-call,unused-ignore]
    except (OSError, ValueError) as error:
        raise InputError("dask_silent", address=address) from error
