"""Files are written under a temporary name and renamed: a reader never sees half of one."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


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
    handle, name = tempfile.mkstemp(prefix=f".{target.name}.", suffix=target.suffix, dir=target.parent)
    os.close(handle)
    temporary = Path(name)
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
        # Each rename replaces one whole file by another; all of them are complete by now.
        for file in sorted(path for path in temporary.iterdir() if path.is_file()):
            file.replace(folder / file.name)
    except BaseException:
        shutil.rmtree(temporary, ignore_errors=True)
        for parent in made:
            if not any(parent.iterdir()):
                parent.rmdir()
        raise
    shutil.rmtree(temporary)
