"""Opening archives that strangers send: nothing leaves the folder, nothing grows without bound."""

from __future__ import annotations

import stat
import zipfile
import zlib
from pathlib import Path, PurePosixPath

from spatial.errors import InputError
from spatial.settings import setting

_UTF8_NAME = 0x800
_CHUNK = 1 << 20


def unpack(archive: Path, folder: Path) -> list[Path]:
    """Unpack a zip file into an empty folder.

    Parameters
    ----------
    archive
        A .zip file.
    folder
        Where to; the caller removes it.

    Returns
    -------
    list of Path
        The files unpacked, sorted.

    Raises
    ------
    InputError
        If the archive is damaged or encrypted, if a name points outside the folder, or if it would
        unpack to more files or bytes than ``archive_files`` and ``archive_mib`` allow.
    """
    try:
        with zipfile.ZipFile(archive) as opened:
            entries = [entry for entry in opened.infolist() if not entry.is_dir()]
            if len(entries) > setting("archive_files"):
                raise InputError("archive_too_large", file=archive, limit=f"{setting('archive_files'):.0f}")
            left = int(setting("archive_mib") * 2**20)
            for entry in entries:
                left = _extract(opened, entry, folder, archive, left)
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError) as error:
        raise InputError("archive_damaged", file=archive, fault=error) from error
    return sorted(path for path in folder.rglob("*") if path.is_file())


def _extract(opened: zipfile.ZipFile, entry: zipfile.ZipInfo, folder: Path, archive: Path, left: int) -> int:
    """Write one entry, counting what really comes out: a stated size can lie."""
    target = folder / _safe(entry, archive)
    target.parent.mkdir(parents=True, exist_ok=True)
    with opened.open(entry) as source, target.open("wb") as file:
        while chunk := source.read(_CHUNK):
            left -= len(chunk)
            if left < 0:
                raise InputError("archive_too_large", file=archive, limit=f"{setting('archive_mib'):.0f} MiB")
            file.write(chunk)
    return left


def _safe(entry: zipfile.ZipInfo, archive: Path) -> Path:
    name = entry.filename
    if not entry.flag_bits & _UTF8_NAME:
        # Without the flag zipfile reads code page 437; Chinese Windows wrote GBK.
        try:
            name = name.encode("cp437").decode("gb18030")
        except UnicodeError:
            name = entry.filename
    path = PurePosixPath(name.replace("\\", "/"))
    is_link = stat.S_ISLNK(entry.external_attr >> 16)
    if path.is_absolute() or ".." in path.parts or ":" in name or "\0" in name or is_link:
        raise InputError("archive_unsafe", file=archive, name=name)
    return Path(*path.parts)
