"""Office files are zip archives: give them the result's date instead of the clock's, so equal inputs give equal bytes."""

from __future__ import annotations

import datetime as dt
import re
import zipfile
from pathlib import Path

#: For files that speak of no day: the archive needs one, and equal inputs shall give equal bytes.
NO_DAY = dt.date(2000, 1, 1)

_CORE = "docProps/core.xml"
_STAMP = re.compile(rb"(<dcterms:(created|modified)[^>]*>)[^<]*(</dcterms:(?:created|modified)>)")


def stamp(source: Path, target: Path, date: dt.date) -> None:
    """Copy an Office file, every time stamp in it set to the start of a day.

    Parameters
    ----------
    source, target
        An .xlsx or .docx file and where its stamped copy belongs.
    date
        The day; zip archives know none before 1980.
    """
    moment = (max(date.year, 1980), date.month, date.day, 0, 0, 0)
    core = rb"\g<1>" + date.isoformat().encode() + rb"T00:00:00Z\g<3>"
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w") as new:
        for name in old.namelist():
            content = old.read(name)
            entry = zipfile.ZipInfo(name, moment)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o600 << 16
            new.writestr(entry, _STAMP.sub(core, content) if name == _CORE else content)
