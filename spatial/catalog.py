"""A workspace: the layers that are known of a district, with edition, source and role."""

from __future__ import annotations

import datetime as dt
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from spatial.crs import known_crs
from spatial.errors import InputError
from spatial.io.stated import Stated
from spatial.roles import nearest_code, roles
from spatial.validity import in_force
from spatial.words import Both

CATALOG = "catalog.toml"
#: Levels of government whose rule files override the national set, from general to special.
RULE_LEVELS = ("province", "county", "workspace")

_SCHEMA = 1
_DISTRICT_KEYS = {
    "name_zh",
    "name_en",
    "code",
    "analysis_crs",
    "outline_layer",
    "published_area_km2",
    "published_area_source",
}
_LAYER_KEYS = {
    "id",
    "role",
    "path",
    "name_zh",
    "name_en",
    "source",
    "licence",
    "edition",
    "valid_from",
    "valid_to",
    "layer",
    "crs",
    "encoding",
    "fields",
    "illustrative",
}
_LAYER_NEEDS = ("id", "role", "path", "edition")


@dataclass(frozen=True)
class Layer:
    """One edition of one layer.

    Parameters
    ----------
    path
        The file, absolute.
    stated
        What the catalogue says of the file: coordinate system where it has none, layer, encoding.
    fields
        Role field to column name, where they differ.
    illustrative
        True when it was drawn for the sample: every output says so.
    """

    layer_id: str
    role: str
    path: Path
    name: Both
    source: str
    licence: str
    edition: str
    valid_from: dt.date | None
    valid_to: dt.date | None
    stated: Stated
    fields: dict[str, str]
    illustrative: bool


@dataclass(frozen=True)
class Absence:
    """A role that does not exist in the district, with the reason: absent is not missing."""

    role: str
    reason: Both
    source: str


@dataclass(frozen=True)
class Workspace:
    """The layers of a district.

    Parameters
    ----------
    analysis_crs
        Gauss-Kruger plane for distances, buffers and output.
    rule_files
        Rule files that override the national set: level and path.
    """

    root: Path
    name: Both
    code: str
    analysis_crs: str
    outline_layer: str
    published_area_km2: float | None
    layers: tuple[Layer, ...]
    absent: dict[str, Absence]
    rule_files: tuple[tuple[str, Path], ...] = field(default=())

    def of_role(self, role: str, date: dt.date) -> list[Layer]:
        """Return the layers of a role whose edition is valid on a date.

        Where editions of one layer id follow each other, the date decides; a layer without an end
        date that has a younger edition ends where that begins.
        """
        valid = [
            layer for layer in self.layers if layer.role == role and in_force(layer.valid_from, layer.valid_to, date)
        ]
        youngest: dict[str, Layer] = {}
        for layer in sorted(valid, key=lambda layer: layer.valid_from or dt.date.min):
            youngest[layer.layer_id] = layer
        return list(youngest.values())

    def outline(self) -> Layer:
        """Return the layer of the district's outline.

        Raises
        ------
        InputError
            If the catalogue names none.
        """
        for layer in self.layers:
            if layer.layer_id == self.outline_layer:
                return layer
        raise InputError("catalog_outline", file=self.root / CATALOG, layer=self.outline_layer)


def load_workspace(root: Path) -> Workspace:
    """Read and check the catalogue of a workspace; no layer is opened.

    Parameters
    ----------
    root
        A folder with ``catalog.toml``.

    Raises
    ------
    InputError
        Naming the file, the layer, the fault and the mend.
    """
    path = root / CATALOG
    if not path.is_file():
        raise InputError("workspace_missing", file=path)
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputError("catalog_syntax", file=path, fault=error) from error
    if content.get("schema") != _SCHEMA:
        raise InputError("catalog_schema", file=path, schema=content.get("schema"))
    district = _section(path, content.get("district"), "district", _DISTRICT_KEYS, ("name_zh", "analysis_crs"))
    known_crs(district["analysis_crs"])
    if not known_crs(district["analysis_crs"]).is_projected:
        raise InputError("catalog_plane", file=path, crs=district["analysis_crs"])
    return Workspace(
        root=root,
        name=Both(district["name_zh"], district.get("name_en", district["name_zh"])),
        code=str(district.get("code", "")),
        analysis_crs=district["analysis_crs"],
        outline_layer=district.get("outline_layer", "district"),
        published_area_km2=district.get("published_area_km2"),
        layers=_layers(path, content.get("layer", [])),
        absent={row["role"]: _absence(path, row) for row in content.get("absent", [])},
        rule_files=_rule_files(path, content.get("rules", [])),
    )


def _section(path: Path, table: Any, name: str, known: set[str], needed: tuple[str, ...]) -> dict[str, Any]:
    if not isinstance(table, dict):
        raise InputError("catalog_key_missing", file=path, feature=name, key=name)
    for key in needed:
        if not table.get(key):
            raise InputError("catalog_key_missing", file=path, feature=table.get("id", name), key=key)
    for key in table.keys() - known:
        raise InputError("catalog_key_unknown", file=path, feature=table.get("id", name), key=key)
    return table


def _layers(path: Path, tables: list[dict[str, Any]]) -> tuple[Layer, ...]:
    layers = tuple(_layer(path, table) for table in tables)
    editions = [(layer.layer_id, layer.edition) for layer in layers]
    for layer_id, edition in editions:
        if editions.count((layer_id, edition)) > 1:
            raise InputError("catalog_twice", file=path, feature=layer_id, edition=edition)
    return layers


def _layer(path: Path, table: dict[str, Any]) -> Layer:
    table = _section(path, table, "layer", _LAYER_KEYS, _LAYER_NEEDS)
    role = table["role"]
    if role not in roles():
        raise InputError("unknown_role", file=path, feature=table["id"], code=role, nearest=nearest_code(role, roles()))
    file = path.parent / table["path"]
    if not file.exists():
        raise InputError("catalog_file_missing", file=path, feature=table["id"], path=table["path"])
    if table.get("crs"):
        known_crs(table["crs"])
    for key in ("valid_from", "valid_to"):
        if not isinstance(table.get(key, dt.date.min), dt.date):
            raise InputError("catalog_date", file=path, feature=table["id"], key=key, value=table[key])
    return Layer(
        layer_id=table["id"],
        role=role,
        path=file,
        name=Both(table.get("name_zh", roles()[role].name_zh), table.get("name_en", roles()[role].name_en)),
        source=table.get("source", ""),
        licence=table.get("licence", ""),
        edition=str(table["edition"]),
        valid_from=table.get("valid_from"),
        valid_to=table.get("valid_to"),
        stated=Stated(table.get("crs", ""), table.get("layer", ""), table.get("encoding", "")),
        fields=dict(table.get("fields", {})),
        illustrative=bool(table.get("illustrative", False)),
    )


def _absence(path: Path, table: dict[str, Any]) -> Absence:
    role = table.get("role", "")
    if role not in roles():
        raise InputError("unknown_role", file=path, feature="absent", code=role, nearest=nearest_code(role, roles()))
    if not table.get("reason_zh"):
        raise InputError("catalog_key_missing", file=path, feature=f"absent {role}", key="reason_zh")
    return Absence(role, Both(table["reason_zh"], table.get("reason_en", table["reason_zh"])), table.get("source", ""))


def _rule_files(path: Path, tables: list[dict[str, Any]]) -> tuple[tuple[str, Path], ...]:
    for table in tables:
        if table.get("level") not in RULE_LEVELS or not table.get("path"):
            raise InputError("catalog_rules", file=path, value=table.get("level"))
    ordered = sorted(tables, key=lambda table: RULE_LEVELS.index(table["level"]))
    return tuple((table["level"], path.parent / table["path"]) for table in ordered)
