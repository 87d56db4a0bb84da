"""What no text of a public map may name: patterns, and the texts of a map that they are looked for in."""

from __future__ import annotations

import json
import math
import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from spatial.publish.model import Layer, Publication
from spatial.roles import data_rows
from spatial.words import Both

#: Blanks and hyphens with which names and numbers are spaced out.
_SPACED = re.compile(r"(?<=[\u3400-\u9fff])\s+(?=[\u3400-\u9fff])|(?<=\d)[\s\-\u2010-\u2015]+(?=\d)")
#: Facts of which only the names can be read: the rest are hashes, whose digits may look like a number.
_HASHED = "sources"
#: The many digits of a fraction are no number of a person.
_NUMBERS = ("lattice_lon_deg", "lattice_lat_deg", "largest_shift_m", "tolerance_m")


@dataclass(frozen=True)
class Secret:
    """A pattern of texts that no public map may show."""

    pattern: re.Pattern[str]
    reason: Both


@cache
def secrets() -> tuple[Secret, ...]:
    """Return the patterns of ``data/never_public.csv``.

    Examples
    --------
    >>> any(secret.pattern.search("羊驮寺村部队营区") for secret in secrets())
    True
    """
    return tuple(
        Secret(re.compile(row["pattern"], re.IGNORECASE), Both(row["reason_zh"], row["reason_en"]))
        for row in data_rows("never_public.csv")
    )


def secret_of(texts: Iterable[object]) -> Secret | None:
    """Return the first secret that a text, or a whole number, names; however it is spaced out.

    Examples
    --------
    >>> [secret_of([text]) is not None for text in ("取 水 口", "１３８ 1234-5678", 13812345678, "水库")]
    [True, True, True, False]
    """
    known = [form for text in texts for form in _forms(text)]
    return next((one for one in secrets() for text in known if one.pattern.search(text)), None)


def _forms(value: object) -> tuple[str, ...]:
    """Return what a reader sees of a cell: without signs that nobody sees, as it stands and closed up."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, str | int):
        return ()
    plain = unicodedata.normalize("NFKC", str(value))
    shown = "".join(sign for sign in plain if sign in "\n\t" or not _unseen(sign))
    return shown, _SPACED.sub("", shown)


def _unseen(sign: str) -> bool:
    # U+FFFD is what outputs show in the place of a sign that cannot be seen.
    return sign == "\ufffd" or unicodedata.category(sign) in {"Cf", "Cc", "Mn"}


def texts_of(publication: Publication) -> Iterator[tuple[str, str]]:
    """Yield what a map says beside the cells of its tables: where it stands, and the text."""
    yield "title", publication.title
    for line, _ in publication.lines:
        yield "lines", line
    yield "sources", publication.sources
    yield from fact_texts(dict(publication.facts))
    if publication.tiles is not None:
        yield "tiles", publication.tiles.url
        yield "tiles", publication.tiles.attribution
    for layer in publication.layers:
        yield from layer_texts(layer)


def layer_texts(layer: Layer) -> Iterator[tuple[str, str]]:
    """Yield what the legend says of a layer."""
    labels: Sequence[str] = [symbol.label for symbol in layer.symbols]
    columns = [text for column in layer.columns for text in (column.key, column.title)]
    for text in (layer.key, layer.title, layer.group, layer.note, *labels, *columns):
        yield layer.title, text


def fact_texts(facts: dict[str, str]) -> Iterator[tuple[str, str]]:
    """Yield what the facts say, hashes apart."""
    for key, value in facts.items():
        if key == _HASHED:
            yield from ((key, str(name)) for name in json.loads(value))
        elif key not in _NUMBERS or not _is_number(value):
            yield key, value


def _is_number(text: str) -> bool:
    try:
        return math.isfinite(float(text))
    except ValueError:
        return False
