"""A workspace: the layers that are known of a district, with edition, source and role."""

from __future__ import annotations

import datetime as dt
import re
import tomllib
from collections.abc import Mapping
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

#: Stands in a new catalogue where a person has to write; a screening warns as long as it does.
TO_FILL_IN = "（请填写）"

_SCHEMA = 1
#: What each entry must be; a date and time is no date.
_DISTRICT_KEYS: dict[str, type | tuple[type, ...]] = {
    "name_zh": str,
    "name_en": str,
    "code": str,
    "analysis_crs": str,
    "outline_layer": str,
    "published_area_km2": (int, float),
    "published_area_source": str,
}
_LAYER_KEYS: dict[str, type | tuple[type, ...]] = {
    "id": str,
    "role": str,
    "path": str,
    "name_zh": str,
    "name_en": str,
    "source": str,
    "licence": str,
    "edition": str,
    "valid_from": dt.date,
    "valid_to": dt.date,
    "layer": str,
    "crs": str,
    "encoding": str,
    "fields": dict,
    "illustrative": bool,
}
_ABSENT_KEYS: dict[str, type | tuple[type, ...]] = {"role": str, "reason_zh": str, "reason_en": str, "source": str}
_RULES_KEYS: dict[str, type | tuple[type, ...]] = {"level": str, "path": str}
_SECTIONS = {"schema", "district", "layer", "absent", "rules"}
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

    def unfilled(self) -> list[str]:
        """Return what still holds the mark of a catalogue made by ``ecopattern init``."""
        stated = {"district.name_zh": self.name.zh}
        for layer in self.layers:
            stated[f"{layer.layer_id}.edition"] = layer.edition
            stated[f"{layer.layer_id}.source"] = layer.source
        return [key for key, value in stated.items() if TO_FILL_IN in value]

    def outline(self, date: dt.date) -> Layer:
        """Return the layer of the district's outline that is valid on a date.

        Raises
        ------
        InputError
            If the catalogue names none.
        """
        for layer in self.of_role("DISTRICT", date):
            if layer.layer_id == self.outline_layer:
                return layer
        raise InputError("catalog_outline", file=self.root / CATALOG, layer=self.outline_layer, date=date)


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
        text = path.read_text(encoding="utf-8-sig")
        content = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise _syntax_fault(path, error) from error
    for key in content.keys() - _SECTIONS:
        raise InputError("catalog_section", file=path, key=key)
    if content.get("schema") != _SCHEMA:
        raise InputError("catalog_schema", file=path, schema=content.get("schema"))
    district = _section(path, content.get("district"), "district", _DISTRICT_KEYS, ("name_zh", "analysis_crs"))
    _known(path, "district", district["analysis_crs"])
    if not known_crs(district["analysis_crs"]).is_projected:
        raise InputError("catalog_plane", file=path, crs=district["analysis_crs"])
    layers = _layers(path, _tables(path, content, "layer"))
    absences = [_absence(path, table) for table in _tables(path, content, "absent")]
    absent = {absence.role: absence for absence in absences}
    for layer in layers:
        if layer.role in absent:
            raise InputError("role_absent_and_present", file=path, feature=layer.role)
    return Workspace(
        root=root,
        name=Both(district["name_zh"], district.get("name_en", district["name_zh"])),
        code=str(district.get("code", "")),
        analysis_crs=district["analysis_crs"],
        outline_layer=district.get("outline_layer", "district"),
        layers=layers,
        absent=absent,
        rule_files=_rule_files(path, _tables(path, content, "rules")),
    )


def _syntax_fault(path: Path, error: Exception) -> InputError:
    """Return what is wrong with a catalogue; quotation marks of a Chinese keyboard are the commonest fault."""
    at = re.search(r"line (\d+)", str(error))
    if at is not None:
        line = int(at.group(1))
        if any(sign in path.read_text(encoding="utf-8-sig").splitlines()[line - 1] for sign in "“”‘’"):
            return InputError("catalog_quotes", file=path, line=line)
    return InputError("catalog_syntax", file=path, fault=error)


def _section(
    path: Path, table: Any, name: str, known: Mapping[str, type | tuple[type, ...]], needed: tuple[str, ...]
) -> dict[str, Any]:
    """Check one table of the catalogue: its entries, their types, and that what is needed is there."""
    if not isinstance(table, dict):
        raise InputError("catalog_key_missing", file=path, feature=name, key=name)
    feature = str(table.get("id") or table.get("role") or name)
    for key, value in table.items():
        if key not in known:
            raise InputError("catalog_key_unknown", file=path, feature=feature, key=key)
        if not isinstance(value, known[key]) or isinstance(value, dt.datetime):
            kind = "/".join(kind.__name__ for kind in _as_tuple(known[key]))
            raise InputError("catalog_type", file=path, feature=feature, key=key, value=value, kind=kind)
    for key in needed:
        if not table.get(key):
            raise InputError("catalog_key_missing", file=path, feature=feature, key=key)
    return table


def _as_tuple(kinds: type | tuple[type, ...]) -> tuple[type, ...]:
    return kinds if isinstance(kinds, tuple) else (kinds,)


def _tables(path: Path, content: dict[str, Any], name: str) -> list[Any]:
    """Return the tables of one kind, which TOML writes as [[name]]."""
    tables = content.get(name, [])
    if not isinstance(tables, list):
        raise InputError("catalog_type", file=path, feature=name, key=name, value=tables, kind=f"[[{name}]]")
    return tables


def _layers(path: Path, tables: list[Any]) -> tuple[Layer, ...]:
    layers = tuple(_layer(path, table) for table in tables)
    editions = [(layer.layer_id, layer.edition) for layer in layers]
    for layer_id, edition in editions:
        if editions.count((layer_id, edition)) > 1:
            raise InputError("catalog_twice", file=path, feature=layer_id, edition=edition)
    return layers


def _layer(path: Path, table: Any) -> Layer:
    table = _section(path, table, "layer", _LAYER_KEYS, _LAYER_NEEDS)
    role = table["role"]
    if role not in roles():
        raise InputError("unknown_role", file=path, feature=table["id"], code=role, nearest=nearest_code(role, roles()))
    file = path.parent / table["path"]
    if not file.exists():
        raise InputError("catalog_file_missing", file=path, feature=table["id"], path=table["path"])
    if table.get("crs"):
        _known(path, table["id"], table["crs"])
    if table.get("valid_to", dt.date.max) <= table.get("valid_from", dt.date.min):
        raise InputError("catalog_backwards", file=path, feature=table["id"])
    return Layer(
        layer_id=table["id"],
        role=role,
        path=file,
        name=Both(table.get("name_zh", roles()[role].name_zh), table.get("name_en", roles()[role].name_en)),
        source=table.get("source", ""),
        edition=str(table["edition"]),
        valid_from=table.get("valid_from"),
        valid_to=table.get("valid_to"),
        stated=Stated(table.get("crs", ""), table.get("layer", ""), table.get("encoding", "")),
        fields=dict(table.get("fields", {})),
        illustrative=bool(table.get("illustrative", False)),
    )


def _known(path: Path, feature: str, definition: str) -> None:
    """Refuse a coordinate system that is not known, saying where it stands."""
    try:
        known_crs(definition)
    except InputError as error:
        raise InputError("catalog_crs", file=path, feature=feature, why=error) from error


def _absence(path: Path, table: Any) -> Absence:
    table = _section(path, table, "absent", _ABSENT_KEYS, ("role", "reason_zh"))
    role = table["role"]
    if role not in roles():
        raise InputError("unknown_role", file=path, feature="absent", code=role, nearest=nearest_code(role, roles()))
    return Absence(role, Both(table["reason_zh"], table.get("reason_en", table["reason_zh"])), table.get("source", ""))


def _rule_files(path: Path, tables: list[Any]) -> tuple[tuple[str, Path], ...]:
    for table in tables:
        if _section(path, table, "rules", _RULES_KEYS, ("path",)).get("level") not in RULE_LEVELS:
            raise InputError("catalog_rules", file=path, value=table.get("level"))
    ordered = sorted(tables, key=lambda table: RULE_LEVELS.index(table["level"]))
    return tuple((table["level"], path.parent / table["path"]) for table in ordered)
