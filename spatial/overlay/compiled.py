"""The decorator of compiled kernels: numba, with a cache folder that can be written."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, ParamSpec, TypeVar, cast

from spatial.io.caches import home_cache, shared_cache, writable
from spatial.runtime.compiling import announce_compiling

_VARIABLE = "NUMBA_CACHE_DIR"

P = ParamSpec("P")
R = TypeVar("R")


def compiled(function: Callable[P, R]) -> Callable[P, R]:
    """Compile a function at its first call and keep the machine code for the next process.

    Numba takes 0.4 s to import, so modules with kernels are imported where they are used.

    Parameters
    ----------
    function : callable
        Plain loops over numbers and arrays; it runs without the interpreter's lock.

    Returns
    -------
    callable
        The same function, compiled.
    """
    _find_cache_folder(Path(function.__code__.co_filename).parent)
    from numba import config, njit

    config.reload_config()  # type: ignore[no-untyped-call]  # for a program that imported numba before
    announce_compiling()
    # The wrapper for callers in C, of which there are none, costs a tenth of the time of compiling.
    options: dict[str, Any] = {"cache": True, "nogil": True, "no_cfunc_wrapper": True}
    return cast("Callable[P, R]", njit(**options)(function))


def _find_cache_folder(source: Path) -> None:
    # Numba refuses to cache, already at import, when it can write neither beside the source nor
    # in the home: a read-only installation run by a user without a home.
    if _VARIABLE in os.environ or writable(source) or writable(home_cache()):
        return
    os.environ[_VARIABLE] = str(shared_cache("numba"))
