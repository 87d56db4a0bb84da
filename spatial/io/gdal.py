"""Asking GDAL and its like: options for a while, and their many errors as one sentence."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyogrio

from spatial.errors import InputError, fault_of


@contextmanager
def option(name: str, value: str) -> Iterator[None]:
    """Set an option of GDAL while the block runs."""
    before = pyogrio.get_gdal_config_option(name)
    pyogrio.set_gdal_config_options({name: value})
    try:
        yield
    finally:
        pyogrio.set_gdal_config_options({name: None if before is None else str(before)})


def tried(path: Path, read: Callable[[], Any], *, key: str = "file_unreadable") -> Any:
    """Return what a reader of a library returns.

    Parameters
    ----------
    path
        For the message.
    read
        What reads it.
    key
        Of the sentence.

    Raises
    ------
    InputError
        If the library cannot read the file, for whatever reason.
    """
    try:
        with warnings.catch_warnings():
            # What libraries grumble about is found again, and said better, by the checks after reading.
            warnings.simplefilter("ignore")
            return read()
    except InputError:
        raise
    except Exception as error:
        # GDAL, Arrow and pandas each have exceptions of their own for a file they cannot read.
        if path.is_file() and path.stat().st_size == 0:
            raise InputError("file_empty", file=path) from error
        raise InputError(key, file=path, fault=fault_of(error)) from error


@contextmanager
def standing_for(shown: Path | str, folder: Path) -> Iterator[None]:
    """Name the user's own file in errors from copies in a temporary folder, which mean nothing to anybody."""
    try:
        yield
    except InputError as error:
        plain = {
            name: value.replace(f"{folder}/", "").replace(f"{folder}\\", "") if isinstance(value, str) else value
            for name, value in error.values.items()
        }
        raise type(error)(error.key, **(plain | {"file": str(shown)})) from error
