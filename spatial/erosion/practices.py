"""Tables of conservation measures: factor E of works, factor T of tillage."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from spatial.erosion.constants import constants
from spatial.erosion.tables import said_by, table_rows
from spatial.errors import InputError
from spatial.words import Both

KINDS = ("engineering", "tillage")
#: How earth is moved: for level ground, for a bund, or not at all (or within the price of the hectare).
LEVEL, BUND, NONE = EARTHWORKS = ("level", "bund", "none")


@dataclass(frozen=True)
class Earthwork:
    """How the earth that a measure moves is reckoned.

    Parameters
    ----------
    way
        ``level``: B H / 8 for each metre of level ground; ``bund``: a cross-section for each metre; ``none``.
    figure
        Of ``level`` the share of the field that is made level, of ``bund`` the cross-section [m2].
    source, confidence
        Where the figure comes from, and how sure it is.
    """

    way: str
    figure: float
    source: Both
    confidence: str


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
    implied_by_level
        Whether a level field has it already.
    replaces_rotation
        Whether its factor is of a rotation that takes the place of the one before.
    group
        Only one measure of a group can be on a field; none where empty.
    earthwork
        How it is reckoned.
    """

    code: str
    kind: str
    name: Both
    factor: float
    levels_slope: bool
    terrace: bool
    source: Both
    confidence: str
    implied_by_level: bool
    replaces_rotation: bool
    group: str
    earthwork: Earthwork


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
        implied_by_level=(row.get("implied_by_level") or "").strip() == "yes",
        replaces_rotation=(row.get("replaces_rotation") or "").strip() == "yes",
        group=(row.get("exclusive_group") or "").strip(),
        earthwork=_earthwork(row, file, line),
    )


def _earthwork(row: Mapping[str, str | None], file: str, line: int) -> Earthwork:
    way, value = ((row.get(column) or "").strip() for column in ("earthwork", "earthwork_figure"))
    # A terrace without a way would cost no earth in silence.
    if way not in EARTHWORKS and (way or (row.get("terrace") or "").strip() == "yes"):
        raise InputError("measures_earthwork", file=file, line=line, value=way, known=", ".join(EARTHWORKS))
    if way in {"", NONE}:
        return Earthwork(NONE, 0.0, Both("", ""), "")
    try:
        figure = float(value)
    except ValueError:
        figure = math.nan
    most = 1.0 if way == LEVEL else constants("bund")["most_m2"]
    if not 0.0 < figure <= most:
        raise InputError("measures_earthwork_figure", file=file, line=line, value=value, most=f"{most:g}")
    return Earthwork(way, figure, said_by(row, "earthwork_source"), (row.get("earthwork_confidence") or "").strip())


def together(chosen: Sequence[Practice]) -> list[str]:
    """Return the codes of measures that cannot be on one field together; none where all can.

    Examples
    --------
    >>> table = practices()
    >>> together([table["TERRACE_EARTH"], table["TERRACE_SLOPE"], table["CONTOUR"]])
    ['TERRACE_EARTH', 'TERRACE_SLOPE']
    """
    codes, groups = [practice.code for practice in chosen], [practice.group for practice in chosen]
    return [
        code
        for code, group in zip(codes, groups, strict=True)
        if codes.count(code) > 1 or (group and groups.count(group) > 1)
    ]


def combined(chosen: Sequence[Practice], base_tillage: float) -> tuple[float, float]:
    """Return what measures on one field leave of its loss: E of its works, and T with them by T before.

    Parameters
    ----------
    chosen
        Measures of one field.
    base_tillage
        T of the rotation before.

    Raises
    ------
    InputError
        If two of them cannot be on one field.

    Notes
    -----
    ``1 - E T`` is what is saved where the rotation stays; the factor of a rotation that replaces it is divided
    by that of the one before. What is implied on level ground, contour tillage, is not counted again (DOMAIN 6.7).

    Examples
    --------
    >>> table = practices()
    >>> combined([table["TERRACE_EARTH"], table["CONTOUR"]], 0.4)
    (0.084, 1.0)
    >>> combined([table["TERRACE_SLOPE"], table["CONTOUR"]], 0.4)
    (0.414, 0.431)
    >>> combined([table["TERRACE_INTERVAL"], table["GRASS_ROTATION"]], 0.4)
    (0.347, 0.5625)
    """
    wrong = together(chosen)
    if wrong:
        raise InputError("measures_exclusive", codes=" ".join(wrong))
    level = any(practice.levels_slope for practice in chosen)
    works = tillage = 1.0
    for practice in chosen:
        if practice.kind == "engineering":
            works *= practice.factor
        elif not (level and practice.implied_by_level):
            tillage *= practice.factor / (base_tillage if practice.replaces_rotation else 1.0)
    return works, tillage
