"""A plain table: columns with their kinds, rows of values already rounded, and how a value reads as text."""

from __future__ import annotations

import datetime as dt
import math
import re
import tomllib
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from pathlib import PureWindowsPath
from typing import Any, Literal, get_args

from spatial.findings import Finding
from spatial.roles import data_rows
from spatial.units import Rounding, round_half
from spatial.words import Lang, Text, say

Unit = Literal["m2", "ha", "mu", "m", "pct", "deg"]
Kind = Literal["m2", "ha", "mu", "m", "pct", "deg", "text", "long", "count", "date", "exact", "verdict"]
Cell = str | float | dt.date | None

#: What a table shows where a figure does not apply.
NOTHING = "—"

_CIRCLE_DEG = 360.0

#: Kinds that hold numbers.
NUMERIC: frozenset[Kind] = frozenset({*get_args(Unit), "count", "exact"})

# A file, not a sentence with a full stop in it.
_FILE = re.compile(r".*[\\/].*\.[A-Za-z][A-Za-z0-9]{1,7}")

# Control characters break files, bidirectional ones can make a text read as another than it is,
# lone surrogates and non-characters cannot be stored.
_UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]"
)


@dataclass(frozen=True)
class Column:
    """One column: ``key`` for programs, ``title`` for people, ``kind`` for alignment and digits."""

    key: str
    title: str
    kind: Kind


@dataclass(frozen=True)
class Table:
    """Headers and rows, as every output shows them.

    Parameters
    ----------
    verdicts
        The outcome each row is coloured by, a key of :func:`verdict_styles`; empty where rows have none.
    """

    key: str
    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    verdicts: tuple[str | None, ...] = ()

    def column(self, key: str) -> list[Cell]:
        """Return one column's values.

        Raises
        ------
        ValueError
            If the table has no such column.
        """
        return [row[0] for row in self.picked((key,)).rows]

    def picked(self, keys: Sequence[str]) -> Table:
        """Return the table with some of its columns, in the order asked for.

        Raises
        ------
        ValueError
            If the table has no such column.
        """
        known = [column.key for column in self.columns]
        places = [known.index(key) for key in keys]
        columns = tuple(self.columns[place] for place in places)
        rows = tuple(tuple(row[place] for place in places) for row in self.rows)
        return replace(self, columns=columns, rows=rows)


@dataclass(frozen=True)
class VerdictStyle:
    """How a verdict is shown: never by colour alone.

    Parameters
    ----------
    symbol
        One character that stands for the verdict in black and white.
    shape
        Marker in a static figure, as matplotlib names it.
    fill, ink, tint
        Symbol background, symbol colour and table background as ``#rrggbb``.
    """

    symbol: str
    shape: str
    fill: str
    ink: str
    tint: str


@cache
def verdict_styles() -> dict[str, VerdictStyle]:
    """Return the styles of the outcomes by code, the strictest first.

    An outcome is a verdict's code, or ``N`` for a project to which no screening applies.

    Examples
    --------
    >>> verdict_styles()["X"].symbol
    '×'
    """
    return {
        row["code"]: VerdictStyle(row["symbol"], row["shape"], row["fill"], row["ink"], row["tint"])
        for row in data_rows("verdicts.csv")
    }


@dataclass(frozen=True)
class Digits:
    """Digits after the point by unit, and the rule of rounding."""

    rounding: Rounding
    decimals: dict[str, int]


@cache
def settings() -> dict[str, Any]:
    """Return the stated settings of ``data/report.toml``."""
    return tomllib.loads(files("spatial").joinpath("data", "report.toml").read_text(encoding="utf-8"))


@cache
def digits() -> Digits:
    """Return how figures are rounded."""
    table = settings()["rounding"]
    return Digits(table["rule"], table["decimals"])


def rounded(value: float | None, unit: Unit) -> float | None:
    """Round a figure once, by the stated setting; ``None`` stays ``None``.

    Examples
    --------
    >>> rounded(73333.333333, "m2"), rounded(None, "m2")
    (73333.33, None)
    """
    if value is None or not math.isfinite(value):
        return None
    setting = digits()
    return round_half(value, setting.decimals[unit], setting.rounding)


def seen(text: str) -> str:
    r"""Replace characters that cannot be seen or stored by a visible mark.

    Examples
    --------
    >>> seen("a\x07b")
    'a\ufffdb'
    """
    return _UNSEEN.sub("\ufffd", text.replace("\r\n", "\n").replace("\r", "\n"))


def file_name(text: str) -> str:
    """Return a file's name without its folders; a text that names no file stays as it is.

    Examples
    --------
    >>> file_name("C:/data/a.shp"), file_name("/home/a/b.gpkg"), file_name("DOMAIN 4.13")
    ('a.shp', 'b.gpkg', 'DOMAIN 4.13')
    """
    return PureWindowsPath(text).name if _FILE.fullmatch(text) and "://" not in text else text


def without_folder(finding: Finding, lang: Lang) -> str:
    """Return a finding's sentence with the file's name instead of its whole path."""
    text = finding.text(lang)
    return text.replace(finding.source, file_name(finding.source)) if finding.source else text


def are_degrees(coordinate: float) -> bool:
    """Whether a coordinate of a file is small enough to be degrees, for the digits it is shown with.

    Examples
    --------
    >>> are_degrees(113.05), are_degrees(38_414_397.382)
    (True, False)
    """
    return abs(coordinate) <= _CIRCLE_DEG


def coordinate_text(coordinate: float) -> str:
    """Return a coordinate of a file: degrees to a centimetre, metres to a millimetre.

    Examples
    --------
    >>> coordinate_text(113.05), coordinate_text(38_414_397.382)
    ('113.0500000', '38414397.382')
    """
    return f"{coordinate:.7f}" if are_degrees(coordinate) else f"{coordinate:.3f}"


def shortened(text: str, length: int) -> str:
    """Cut a text to ``length`` characters, the last one an ellipsis when something is missing.

    Examples
    --------
    >>> shortened("abcdef", 4)
    'abc…'
    """
    return text if len(text) <= length else text[: length - 1] + "…"


def text_width(text: str) -> int:
    """Return the width of a text's longest line in columns; a Chinese character takes two.

    Examples
    --------
    >>> text_width("红线 ab")
    7
    """
    return max(
        sum(2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in line) for line in text.split("\n")
    )


def as_text(value: Cell, kind: Kind) -> str:
    """Return a value as people read it in a document, a page or a terminal.

    Examples
    --------
    >>> as_text(73333.33, "m2"), as_text(None, "m2"), as_text(1.0, "pct")
    ('73,333.33', '—', '1.00')
    """
    if value is None or value == "":
        return NOTHING
    if isinstance(value, str):
        return value
    if isinstance(value, dt.date):
        return value.isoformat()
    if kind == "exact":
        return f"{value:.6g}" if value else "0"
    if kind == "count":
        return f"{value:,.0f}"
    return f"{value:,.{digits().decimals[kind]}f}"


def notice(lang: Lang, said: Iterable[str], *, illustrative: bool) -> str:
    """Return the line that every sheet carries: what is said of all figures, and what the data are.

    Examples
    --------
    >>> notice("en", ["editions valid on 2026-11-21", "4 zones"], illustrative=False)
    'editions valid on 2026-11-21; 4 zones.'
    """
    sentences = [say(lang, "notice_sentence", said=say(lang, "notice_mark").join(map(seen, said)))]
    return say(lang, "sentence_mark").join([*sentences, *([say(lang, "notice_illustrative")] if illustrative else [])])


def joined(lang: Lang, parts: Iterable[str]) -> str:
    """Join parts with the language's list mark, without the empty ones."""
    return say(lang, "list_mark").join(part for part in parts if part)


def listed(lang: Lang, parts: Iterable[str]) -> str:
    """Join parts that may hold commas of their own, such as clauses and document names."""
    return say(lang, "part_mark").join(part for part in parts if part)


def sentences(lang: Lang, texts: Iterable[Text]) -> str:
    """Say texts one after the other, each once."""
    said = dict.fromkeys(seen(text.say(lang)) for text in texts)
    return say(lang, "sentence_mark").join(said)


def columns_of(lang: Lang, *pairs: tuple[str, Kind]) -> tuple[Column, ...]:
    """Make columns from keys and kinds; titles are the labels ``col_<key>``."""
    return tuple(Column(key, say(lang, f"col_{key}"), kind) for key, kind in pairs)


def without_empty(table: Table) -> Table:
    """Leave out the figure columns in which no row has a figure, such as lengths where no project is a line."""
    kept = [
        place
        for place, column in enumerate(table.columns)
        if column.kind not in NUMERIC or any(row[place] is not None for row in table.rows)
    ]
    return table.picked([table.columns[place].key for place in kept])
