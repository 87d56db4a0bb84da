"""Telling people that code is compiled: it happens once, takes seconds, and looks like nothing going on.

Does not import numba, so that a command can ask to be told without paying for it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

_listeners: list[Callable[[], None]] = []
_registered: list[Any] = []


def when_compiling(tell: Callable[[], None]) -> None:
    """Have something called when the first kernel is compiled, not when it is loaded from the cache.

    Parameters
    ----------
    tell
        Called once; replaces what was to be called before.
    """
    _listeners[:] = [tell]


def announce_compiling() -> None:
    """Begin to listen; called where kernels are declared, after numba is imported."""
    if _registered:
        return
    from numba.core import event

    class _First(event.Listener):
        def on_start(self, event: Any) -> None:
            del event
            while _listeners:
                _listeners.pop()()

        def on_end(self, event: Any) -> None:
            """Do nothing: how long it took is seen."""

    _registered.append(_First())
    event.register("numba:compile", _registered[0])  # type: ignore[no-untyped-call]
