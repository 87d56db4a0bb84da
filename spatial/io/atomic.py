"""Files are written under a temporary name and renamed: a reader never sees half of one."""

from __future__ import annotations

import errno
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def _require_no_folder(target: Path) -> None:
    if target.is_dir():
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(target))


def _beside(target: Path) -> Path:
    """Make a temporary file in the folder of another; what hinders it is said of the other."""
    try:
        _require_no_folder(target)
        handle, name = tempfile.mkstemp(prefix=f".{target.name}.", suffix=target.suffix, dir=target.parent)
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(target)) from error
    os.close(handle)
    return Path(name)


@contextmanager
def replacing(path: Path | str) -> Iterator[Path]:
    """Give a temporary path beside ``path`` and move it there when the block ends well.

    A disk that fills or a process killed half-way leaves the previous file as it was.

    Parameters
    ----------
    path
        Where the finished file belongs; its folder must exist.

    Examples
    --------
    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> with replacing(folder / "a.txt") as temporary:
    ...     _ = temporary.write_text("done", encoding="utf-8")
    >>> [file.name for file in folder.iterdir()]
    ['a.txt']
    """
    target = Path(path)
    temporary = _beside(target)
    try:
        yield temporary
        # A crash after the rename must not leave an empty file behind the new name.
        with temporary.open("rb+") as file:
            os.fsync(file.fileno())
        # mkstemp makes files for the owner only; a report is for colleagues too.
        umask = os.umask(0)
        os.umask(umask)
        temporary.chmod(0o666 & ~umask)
        temporary.replace(target)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def _keep(target: Path, kept: Path) -> None:
    """Keep a file under a second name, or where the disk knows no second names under that one alone."""
    try:
        os.link(target, kept)
    except OSError:
        target.replace(kept)


def _move(finished: list[Path], folder: Path, before: Path) -> None:
    """Move finished files into a folder; where one cannot be, a workbook open in Excel, all go back to what was there."""
    before.mkdir(exist_ok=True)
    done: list[Path] = []
    try:
        for file in finished:
            target = folder / file.name
            _require_no_folder(target)
            if target.exists():
                _keep(target, before / file.name)
            done.append(target)
            file.replace(target)
    except BaseException:
        for target in done:
            target.unlink(missing_ok=True)
            if (before / target.name).exists():
                (before / target.name).replace(target)
        raise


@contextmanager
def staged(folder: Path) -> Iterator[Path]:
    """Give a temporary folder and move its files into ``folder`` when the block ends well.

    Parameters
    ----------
    folder
        Made where it does not exist; files of other names in it stay. Sub-folders of the temporary
        folder are working space and are not moved.

    Examples
    --------
    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp()) / "out"
    >>> with staged(folder) as temporary:
    ...     _ = (temporary / "a.txt").write_text("done", encoding="utf-8")
    >>> [file.name for file in folder.iterdir()]
    ['a.txt']
    """
    made = [parent for parent in (folder, *folder.parents) if not parent.exists()]
    folder.mkdir(parents=True, exist_ok=True)
    temporary = Path(tempfile.mkdtemp(prefix=".unfinished-", dir=folder))
    try:
        yield temporary
        _move(sorted(path for path in temporary.iterdir() if path.is_file()), folder, temporary / "before")
    except BaseException:
        shutil.rmtree(temporary, ignore_errors=True)
        for parent in made:
            if not any(parent.iterdir()):
                parent.rmdir()
        raise
    shutil.rmtree(temporary)
