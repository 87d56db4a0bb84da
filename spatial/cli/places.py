"""Which workspace and which date a command works with."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from spatial.catalog import CATALOG, Workspace, load_workspace
from spatial.errors import InputError

_SAMPLE = "sample:"


def sample_folder(name: str) -> Path:
    """Return the folder of a sample workspace: the checkout's when running from one, else the wheel's.

    Raises
    ------
    InputError
        If there is no sample of that name.
    """
    package = Path(__file__).resolve().parents[1]
    # An editable install can leave a stale copy in site-packages: the checkout comes first.
    for folder in (package.parent / "layers" / name, package / "_layers" / name):
        if (folder / CATALOG).is_file():
            return folder
    raise InputError("sample_missing", file=_SAMPLE + name)


def workspace_of(given: str | None) -> Workspace:
    """Return the workspace named by ``-w``, or the current folder if it is one.

    A verdict never falls back to the sample by itself.

    Raises
    ------
    InputError
        If nothing was named and the current folder is no workspace.
    """
    if given is None:
        return load_workspace(Path.cwd())
    if given.startswith(_SAMPLE):
        return load_workspace(sample_folder(given.removeprefix(_SAMPLE)))
    return load_workspace(Path(given))


def date_of(given: str | None) -> dt.date:
    """Return the date asked for, else today's.

    Raises
    ------
    InputError
        If the text is no date.
    """
    if given is None:
        return dt.datetime.now().astimezone().date()
    try:
        return dt.date.fromisoformat(given)
    except ValueError as error:
        raise InputError("usage_date", value=given) from error
