"""What land covers mean for erosion: factors B and T, cover, and what is set aside."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from spatial.erosion.cover import cover_factor
from spatial.erosion.ranges import require_factor
from spatial.erosion.tables import said_by, table_rows
from spatial.errors import InputError
from spatial.words import Both

CROP, OPEN, MASKED = "crop", "open", "masked"
_KINDS = (CROP, OPEN, MASKED)
_LONGEST_CODE = 9


@dataclass(frozen=True)
class Land:
    """A class of land cover.

    Parameters
    ----------
    code
        In the raster of land cover.
    kind
        ``crop``, ``open`` (anything else that erodes) or ``masked`` (set aside: water, built-up land).
    biological, tillage
        Factors B and T; 1 where they do not apply, nan where set aside.
    cover_pct
        Vegetation cover for the matrix of SL 190; nan for cropland and what is set aside.
    """

    code: int
    name: Both
    kind: str
    biological: float
    tillage: float
    cover_pct: float
    source: Both
    confidence: str


def land_table(path: Path | None = None) -> dict[int, Land]:
    """Return the classes of land cover by code.

    Parameters
    ----------
    path
        A copy of ``data/erosion_cover.csv`` with the user's own classes; the project's unless given.

    Raises
    ------
    InputError
        If a column is missing, or a row holds no number where one is needed.

    Examples
    --------
    >>> land_table()[1].tillage
    0.4
    """
    name = str(path or "erosion_cover.csv")
    found = [_land(*row) for row in table_rows("erosion_cover.csv", path)]
    if not found:
        raise InputError("plan_empty", file=name, name="erosion_cover.csv")
    # One bare class has a cover below 1 per cent; where all have, they are parts of one.
    covers = [land.cover_pct for land in found if land.kind == OPEN and land.cover_pct > 0]
    if len(covers) > 1 and max(covers) <= 1:
        raise InputError("land_cover_share", file=name, value=f"{max(covers):g}")
    table = {land.code: land for land in found}
    if len(table) < len(found):
        codes = [land.code for land in found]
        raise InputError("land_twice", file=name, code=next(code for code in codes if codes.count(code) > 1))
    return table


def _land(row: Mapping[str, str | None], file: str, line: int) -> Land:
    def number(column: str, *, needed: bool) -> float:
        value = (row[column] or "").strip()
        if not value and not needed:
            return float("nan")
        try:
            return float(value)
        except ValueError as error:
            raise InputError("land_number", file=file, line=line, column=column, value=value) from error

    try:
        kind = (row["kind"] or "").strip()
        if kind not in _KINDS:
            raise InputError("land_kind", file=file, line=line, value=kind, known=", ".join(_KINDS))
        needed = kind != MASKED
        land = Land(
            code=_code(row["code"] or "", file, line),
            name=Both((row["name_zh"] or "").strip(), (row["name_en"] or "").strip()),
            kind=kind,
            biological=number("b", needed=needed),
            tillage=number("t", needed=needed),
            cover_pct=number("cover_pct", needed=kind == OPEN),
            source=said_by(row, "source"),
            confidence=(row.get("confidence") or "").strip(),
        )
    except KeyError as error:
        raise InputError("land_column", file=file, column=str(error.args[0])) from error
    where = f"{file}:{line}"
    if needed:
        require_factor([land.biological], "B", where)
        require_factor([land.tillage], "T", where)
    if kind == OPEN:
        require_factor([land.cover_pct], "cover_pct", where)
    wrong = ("b" if kind == CROP and land.biological != 1 else "") or (
        "t" if kind == OPEN and land.tillage != 1 else ""
    )
    if wrong:
        raise InputError("land_not_one", file=file, line=line, column=wrong, kind=kind)
    return land


def _code(text: str, file: str, line: int) -> int:
    # Longer ones are in no raster.
    if not text.strip().isdecimal() or len(text.strip()) > _LONGEST_CODE or int(text) == 0:
        raise InputError("land_code", file=file, line=line, value=text)
    return int(text)


def rotation_factor(lands: Mapping[int, Land]) -> float:
    """Return T of the rotation of cropland: of several the least, so that none that replaces it saves too much; 1 without any.

    Examples
    --------
    >>> rotation_factor(land_table())
    0.4
    """
    return min((land.tillage for land in lands.values() if land.kind == CROP and land.tillage > 0), default=1.0)


def management_factor(land: Land) -> float:
    """Return C of a land cover for RUSLE: the rotation's factor on cropland, by cover (Cai) elsewhere, nan where set aside.

    Examples
    --------
    >>> table = land_table()
    >>> management_factor(table[1]), round(management_factor(table[8]), 4)
    (0.4, 0.3072)
    """
    if land.kind == CROP:
        return land.tillage
    return float("nan") if land.kind == MASKED else float(cover_factor(land.cover_pct))


def district_factors(code: str) -> tuple[float, float, Both] | None:
    """Return indicative R and K of a district and where they come from; none where the table has none.

    Examples
    --------
    >>> district_factors("140404")[:2]
    (1900.0, 0.025)
    """
    text = files("spatial").joinpath("data", "erosion_districts.csv").read_text(encoding="utf-8")
    for row in csv.DictReader(text.splitlines()):
        if row["code"] == code:
            said = said_by(row, "source")
            grade = f" ({row['confidence']})"
            return float(row["r"]), float(row["k"]), Both(said.zh + grade, said.en + grade)
    return None
