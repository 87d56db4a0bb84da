"""A published map on disk: a page or a figure, and beside it the list of what the public does not get."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from pathlib import Path

from spatial.errors import InputError
from spatial.io.atomic import staged
from spatial.publish.compose import Composed
from spatial.publish.figure import FORMATS, write_figure
from spatial.publish.page import PageReport, write_page
from spatial.words import Lang, say


@dataclass(frozen=True)
class Written:
    """What was written."""

    paths: tuple[Path, ...]
    page: PageReport | None
    made: Composed

    def said(self, lang: Lang) -> list[str]:
        """Return what whoever publishes should know of it."""
        lines = []
        if self.page is not None:
            size = f"{self.page.size_bytes / 1000:,.0f}"
            lines.append(say(lang, "publish_size", kilobytes=size, features=self.page.features))
        if len(self.paths) > 1:
            largest = f"{self.made.largest_shift_m:.1f}"
            lines.append(say(lang, "publish_removed", count=len(self.made.removed), largest=largest))
        return lines


def write_publication(made: Composed, path: Path, lang: Lang) -> Written:
    """Write a map, and for a public one ``<name>.removed.csv`` beside it, which stays in the office.

    Parameters
    ----------
    path
        ``.html`` for a page, or one of the :data:`spatial.publish.figure.FORMATS`.

    Raises
    ------
    InputError
        If the path ends otherwise.
    """
    require_format(path)
    page = None
    names = [path.name]
    with staged(path.parent) as temporary:
        if path.suffix.lower() in FORMATS:
            write_figure(made.publication, temporary / path.name)
        else:
            page = write_page(made.publication, temporary / path.name)
        if dict(made.publication.facts)["audience"] == "public":
            names.append(path.with_suffix(".removed.csv").name)
            _write_removed(made, temporary / names[-1], lang)
    return Written(tuple(path.parent / name for name in names), page, made)


def require_format(path: Path) -> None:
    """Refuse a file that no map is written as."""
    if path.suffix.lower() not in {".html", *FORMATS}:
        raise InputError("publish_format", file=path, known=", ".join((".html", *FORMATS)))


def _write_removed(made: Composed, path: Path, lang: Lang) -> None:
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow([say(lang, f"publish_removed_{key}") for key in ("layer", "what", "name", "reason")])
    for one in made.removed:
        rows.writerow([one.layer, say(lang, f"publish_removed_{one.what}"), one.name, one.reason.say(lang)])
    # Excel reads UTF-8 only with this mark.
    path.write_text("\ufeff" + text.getvalue(), encoding="utf-8", newline="")
