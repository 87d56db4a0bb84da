"""How results reach the terminal."""

from __future__ import annotations

import json
from collections.abc import Sequence

import click


def echo_json(content: object) -> None:
    """Print a result for machines to stdout."""
    click.echo(json.dumps(content, ensure_ascii=False, indent=1, allow_nan=False))


def echo_table(titles: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print a table whose columns line up, Chinese characters counting as two."""
    widths = [max(map(_width, column)) for column in zip(titles, *rows, strict=True)]
    for row in (titles, *rows):
        cells = [cell + " " * (width - _width(cell)) for cell, width in zip(row, widths, strict=True)]
        click.echo("  ".join(cells).rstrip())


def _width(text: str) -> int:
    import unicodedata

    return sum(2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in text)
