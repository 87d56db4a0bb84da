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


def recipe_of(given: str) -> Path:
    """Return the file of a map recipe: a path, or the name of one that comes with the project.

    Raises
    ------
    InputError
        If there is none, with the names of those that come with the project.
    """
    if Path(given).suffix == ".toml" or Path(given).is_file():
        return Path(given)
    package = Path(__file__).resolve().parents[1]
    known: dict[str, Path] = {}
    for folder in (package / "_maps", package.parent / "maps"):
        known |= {path.stem: path for path in sorted(folder.glob("*.toml"))}
    if given not in known:
        raise InputError("recipe_unknown", value=given, known=", ".join(sorted(known)))
    return known[given]


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


def require_folder(given: Path | None) -> None:
    """Refuse an output folder that cannot be one, before anything is computed.

    Raises
    ------
    InputError
        If it, or what it would stand in, is a file.
    """
    known = () if given is None else (given.absolute(), *given.absolute().parents)
    found = next((path for path in known if path.exists()), None)
    if found is not None and not found.is_dir():
        raise InputError("out_no_folder", file=given, found=found)


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
