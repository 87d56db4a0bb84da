"""The one table of zone roles and project natures: codes, names, colours, noise limits."""

from __future__ import annotations

import csv
import difflib
import re
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Literal

from spatial.words import Both, Lang, Listed

RoleKind = Literal["zone", "base", "pattern"]

#: The nature of a project of which none is known: always manual review.
OTHER = "OTHER"


@dataclass(frozen=True)
class Style:
    """How a role is drawn: colours as ``#rrggbb``, opacity 0 to 1, dash as an SVG pattern."""

    fill: str
    edge: str
    fill_opacity: float
    dash: str


@dataclass(frozen=True)
class Role:
    """What a layer can be.

    Parameters
    ----------
    code
        Code of DOMAIN 4.2, such as ``ECO_RED``.
    kind
        ``zone`` has rules, ``base`` is context, ``pattern`` is the belt-screens-corridors pattern.
    order
        Breaks ties between zones of equal strictness: the smaller takes the place.
    noise_m2, noise_pct
        A contact below the larger of the two (per cent of the project) is digitising noise.
    noise_dismissible
        False where any contact is at least manual review.
    avoidable
        False for land-use regimes that cover the whole district between them: there is no boundary
        to trim a project to.
    protects
        True where the role protects nature or water: what coverage counts unless roles are named.
    tiles
        True where the features of a layer should leave nothing between them.
    publishable
        False where a public map must not show the layer.
    """

    code: str
    kind: RoleKind
    order: int
    name_zh: str
    name_en: str
    style: Style
    avoidable: bool
    protects: bool
    tiles: bool
    publishable: bool
    noise_m2: float
    noise_pct: float
    noise_dismissible: bool
    confidence: str

    def name(self, lang: Lang) -> str:
        """Return the role's name in a language."""
        return self.name_zh if lang == "zh" else self.name_en


@dataclass(frozen=True)
class Nature:
    """What a project is, by the codes of DOMAIN 4.2."""

    code: str
    name_zh: str
    name_en: str

    def name(self, lang: Lang) -> str:
        """Return the nature's name in a language."""
        return self.name_zh if lang == "zh" else self.name_en


def data_rows(name: str) -> list[dict[str, str]]:
    """Return the rows of a CSV table under ``spatial/data``."""
    text = files("spatial").joinpath("data", name).read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))


@cache
def roles() -> dict[str, Role]:
    """Return all roles by code, in the table's order.

    Examples
    --------
    >>> roles()["WS1"].name("en")
    'drinking-water source: level-1 zone'
    """
    return {row["code"]: _role(row) for row in data_rows("roles.csv")}


def _role(row: dict[str, str]) -> Role:
    kinds: dict[str, RoleKind] = {"zone": "zone", "base": "base", "pattern": "pattern"}
    return Role(
        code=row["code"],
        kind=kinds[row["kind"]],
        order=int(row["order"]),
        name_zh=row["name_zh"],
        name_en=row["name_en"],
        style=Style(row["fill"], row["edge"], float(row["fill_opacity"]), row["dash"]),
        avoidable=row["avoidable"] == "yes",
        protects=row["protects"] == "yes",
        tiles=row["tiles"] == "yes",
        publishable=row["publish"] == "open",
        noise_m2=float(row["noise_m2"]),
        noise_pct=float(row["noise_pct"]),
        noise_dismissible=row["noise_dismissible"] == "yes",
        confidence=row["confidence"],
    )


@cache
def natures() -> dict[str, Nature]:
    """Return all project natures by code.

    Examples
    --------
    >>> natures()["WWTP"].name("zh")
    '污水处理厂、人工湿地'
    """
    return {row["code"]: Nature(row["code"], row["name_zh"], row["name_en"]) for row in data_rows("natures.csv")}


def nature_of(text: str) -> str:
    """Return the code of a nature given by code, by name, or by one of the words of its name; empty if unknown.

    Examples
    --------
    >>> nature_of("WWTP"), nature_of("污水处理厂"), nature_of("linear infrastructure"), nature_of("学校")
    ('WWTP', 'WWTP', 'LIN', '')
    """
    if text.upper() in natures():
        return text.upper()
    for code, nature in natures().items():
        words = [word for name in (nature.name_zh, nature.name_en) for word in (name, *re.split("[、,]", name))]
        if text.strip().lower() in {word.strip().lower() for word in words}:
            return code
    return ""


def nature_choices() -> Listed:
    """Return all natures by name and code, for a message."""
    items = ((nature.name_zh, nature.name_en, code) for code, nature in natures().items())
    return Listed(tuple(Both(f"{zh}（{code}）", f"{en} ({code})") for zh, en, code in items))


def zone_roles() -> dict[str, Role]:
    """Return the roles that rules can be bound to."""
    return {code: role for code, role in roles().items() if role.kind == "zone"}


def nearest_code(code: str, known: dict[str, Role] | dict[str, Nature]) -> str:
    """Return the known code most like an unknown one, for an error's hint.

    Examples
    --------
    >>> nearest_code("ECORED", roles())
    'ECO_RED'
    """
    close = difflib.get_close_matches(code.upper(), known, n=1, cutoff=0.0)
    return close[0]
