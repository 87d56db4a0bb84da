"""Tables of conservation measures: factor E of works, factor T of tillage."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from spatial.erosion.tables import said_by, table_rows
from spatial.errors import InputError
from spatial.words import Both

KINDS = ("engineering", "tillage")


@dataclass(frozen=True)
class Practice:
    """A measure against erosion.

    Parameters
    ----------
    code
        Such as ``TERRACE_EARTH``.
    kind
        ``engineering`` changes E, ``tillage`` changes T.
    factor
        What the loss is multiplied by, 0 to 1.
    levels_slope
        Whether it makes the field level: contour tillage is then implied and must not be counted again.
    terrace
        Whether it is a terrace, with a length and with earth to be moved.
    source, confidence
        Where the factor comes from, and how sure it is.
    """

    code: str
    kind: str
    name: Both
    factor: float
    levels_slope: bool
    terrace: bool
    source: Both
    confidence: str


def practices(path: Path | None = None) -> dict[str, Practice]:
    """Return the measures of a table, by code.

    Parameters
    ----------
    path
        A copy of ``data/erosion_measures.csv`` with the user's own figures; the project's unless given.

    Raises
    ------
    InputError
        If a column is missing, a factor is no number from 0 to 1, or a kind is unknown.

    Examples
    --------
    >>> practices()["CONTOUR"].factor
    0.431
    """
    found = {}
    for row, name, number in table_rows("erosion_measures.csv", path):
        practice = _practice(row, name, number)
        found[practice.code] = practice
    return found


def _practice(row: Mapping[str, str | None], file: str, line: int) -> Practice:
    try:
        values = {key: (row[key] or "").strip() for key in ("code", "kind", "name_zh", "name_en", "factor")}
        factor = float(values["factor"])
    except KeyError as error:
        raise InputError("measures_column", file=file, column=str(error.args[0])) from error
    except ValueError as error:
        raise InputError("measures_factor", file=file, line=line, value=row["factor"] or "") from error
    if not 0.0 <= factor <= 1.0:
        raise InputError("measures_factor", file=file, line=line, value=values["factor"])
    if values["kind"] not in KINDS:
        raise InputError("measures_kind", file=file, line=line, value=values["kind"], known=", ".join(KINDS))
    return Practice(
        code=values["code"],
        kind=values["kind"],
        name=Both(values["name_zh"], values["name_en"]),
        factor=factor,
        levels_slope=(row.get("levels_slope") or "").strip() == "yes",
        terrace=(row.get("terrace") or "").strip() == "yes",
        source=said_by(row, "source"),
        confidence=(row.get("confidence") or "").strip(),
    )


def combined(chosen: list[Practice]) -> tuple[float, float]:
    """Return the factors E and T that measures on one field have together.

    Notes
    -----
    Factors multiply. A level terrace is tilled along the contour already: contour tillage beside one
    changes nothing (DOMAIN 6.7).

    Examples
    --------
    >>> table = practices()
    >>> combined([table["TERRACE_EARTH"], table["CONTOUR"]])
    (0.084, 1.0)
    >>> combined([table["TERRACE_SLOPE"], table["CONTOUR"]])
    (0.414, 0.431)
    """
    level = any(practice.levels_slope for practice in chosen)
    works = tillage = 1.0
    for practice in chosen:
        if practice.kind == "engineering":
            works *= practice.factor
        elif not (level and practice.code == "CONTOUR"):
            tillage *= practice.factor
    return works, tillage
