"""How results reach the terminal."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from spatial.cli.main import DONE, Session
from spatial.findings import Finding

if TYPE_CHECKING:
    from spatial.tables.cells import Table

_SHOWN_ROWS = 40
#: Signs of a cell that a line of the terminal has room for; files have all.
_SHOWN_SIGNS = 120


def deliver(
    session: Session,
    findings: Iterable[Finding],
    *,
    write: Callable[[], Sequence[Path]] | None,
    content: Callable[[], object] | None,
    show: Callable[[], None],
) -> int:
    """Say what was noticed, write the files that were asked for, then show the result.

    Parameters
    ----------
    findings
        Notes are for the record only.
    write
        Writes and returns the files; nothing where no folder was named.
    content
        The result for machines; nothing where it is shown to people.
    show
        Prints the result for people.
    """
    for finding in findings:
        if finding.severity != "note":
            session.tell(finding.text(session.lang))
    # First the files: who pipes the tables into `head` wants them all the same.
    if write is not None:
        session.tell(session.say("written_to", files=", ".join(map(str, write()))))
    if content is not None:
        echo_json(content())
    else:
        show()
    return DONE


def echo_json(content: object) -> None:
    """Print a result for machines to stdout."""
    # A console that cannot show every sign gets escapes, never question marks.
    encoding = getattr(sys.stdout, "encoding", None) or "ascii"
    is_utf8 = encoding.lower().replace("-", "") == "utf8"
    click.echo(json.dumps(content, ensure_ascii=not is_utf8, indent=1, allow_nan=False))


def echo_tables(session: Session, tables: Sequence[Table]) -> None:
    """Print tables with their titles; of long ones the first rows, and how many there are more."""
    from spatial.tables.cells import as_text, seen

    for table in tables:
        click.echo(f"\n{table.title}")
        rows = [
            [_cut(seen(as_text(value, column.kind))) for value, column in zip(row, table.columns, strict=True)]
            for row in table.rows[:_SHOWN_ROWS]
        ]
        echo_table([column.title for column in table.columns], rows)
        if len(table.rows) > _SHOWN_ROWS:
            click.echo(session.say("coverage_more", count=len(table.rows) - _SHOWN_ROWS))


def echo_table(titles: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print a table whose columns line up, Chinese characters counting as two."""
    widths = [max(map(_width, column)) for column in zip(titles, *rows, strict=True)]
    for row in (titles, *rows):
        cells = [cell + " " * (width - _width(cell)) for cell, width in zip(row, widths, strict=True)]
        click.echo("  ".join(cells).rstrip())


def _cut(text: str) -> str:
    """Return a cell as it fits on one line."""
    line = " ".join(text.split())
    return line if len(line) <= _SHOWN_SIGNS else f"{line[: _SHOWN_SIGNS - 1]}…"


def _width(text: str) -> int:
    import unicodedata

    return sum(2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in text)
