"""The fields that a layer of a role needs: which column holds each, and whether its values are known."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Literal

import numpy as np
import pandas as pd

from spatial.errors import InputError
from spatial.findings import Finding
from spatial.io.vector import text_of
from spatial.roles import data_rows

#: Field names of a Shapefile are cut to ten bytes; in UTF-8 the third character of three bytes ends at nine.
_CUT_BYTES = (9, 10)
_REMARK = re.compile(r"[（(].*?[)）]\s*$")
_SEVERAL = re.compile(r"[、，,;；/和及]+")

Need = Literal["required", "expected", "optional"]
_NEEDS: dict[str, Need] = {"required": "required", "expected": "expected", "optional": "optional"}


@dataclass(frozen=True)
class FieldRule:
    """A field of a role.

    Parameters
    ----------
    need
        ``required`` where outputs need it, ``expected`` where the role's standard has it, else ``optional``.
    is_label
        True where the field is what people call a feature.
    allowed
        Name of a list of ``data/field_values.csv``, or a regular expression where ``kind`` is
        ``pattern``; empty for free text.
    aliases
        Other names of the column, in the order they are looked for.
    """

    field: str
    need: Need
    is_label: bool
    kind: str
    allowed: str
    aliases: tuple[str, ...]
    confidence: str


@dataclass(frozen=True)
class Fields:
    """Which column of a layer holds each field of its role, and what is wrong with them."""

    columns: dict[str, str]
    findings: tuple[Finding, ...]


@cache
def fields_of(role: str) -> tuple[FieldRule, ...]:
    """Return the fields of a role, in the table's order.

    Examples
    --------
    >>> [rule.field for rule in fields_of("PBF")]
    ['code', 'name']
    """
    rows = [row for row in data_rows("role_fields.csv") if role in row["roles"].split()]
    return tuple(
        FieldRule(
            field=row["field"],
            need=_NEEDS[row["need"]],
            is_label=row["label"] == "yes",
            kind=row["kind"],
            allowed=row["values"],
            aliases=tuple(row["aliases"].split()),
            confidence=row["confidence"],
        )
        for row in rows
    )


@cache
def known_values(name: str) -> dict[str, str]:
    """Return a list of known values: each spelling to the value it stands for.

    Examples
    --------
    >>> known_values("land_code")["旱地"]
    '0103'
    """
    spellings: dict[str, str] = {}
    for row in data_rows("field_values.csv"):
        if row["list"] == name:
            for spelling in (row["value"], row["name_zh"], *row["aliases"].split()):
                spellings[spelling] = row["value"]
    return spellings


def column_of(rule: FieldRule, columns: Iterable[str], stated: Mapping[str, str]) -> str:
    """Return the column that holds a field, empty where none does.

    Parameters
    ----------
    columns
        Columns of the layer.
    stated
        Field to column, as the catalogue states it; it goes before every alias.

    Examples
    --------
    >>> rule = fields_of("PBF")[0]
    >>> column_of(rule, ["OBJECTID", "YJJBNTTBBH"], {}), column_of(rule, ["OBJECTID"], {})
    ('YJJBNTTBBH', '')
    """
    if rule.field in stated:
        return stated[rule.field]
    by_name = {column.upper(): column for column in columns}
    for alias in (rule.field, *rule.aliases):
        if alias.upper() in by_name:
            return by_name[alias.upper()]
    for alias in (rule.field, *rule.aliases):
        for name, column in by_name.items():
            if name != alias.upper() and alias.upper().startswith(name) and _may_be_cut(column):
                return column
    return ""


def _may_be_cut(column: str) -> bool:
    return any(len(column.encode(encoding)) in _CUT_BYTES for encoding in ("utf-8", "gb18030"))


def label_column(role: str, columns: Iterable[str], stated: Mapping[str, str]) -> str:
    """Return the column that holds what people call a feature of a role, empty where there is none.

    Examples
    --------
    >>> label_column("ECO_RED", ["HXMC", "geometry"], {})
    'HXMC'
    """
    names = list(columns)
    found = (column_of(rule, names, stated) for rule in fields_of(role) if rule.is_label)
    return next(filter(None, found), "")


def check_fields(frame: pd.DataFrame, role: str, stated: Mapping[str, str], source: str) -> Fields:
    """Check the attributes of a layer against its role (DOMAIN 4.2).

    Parameters
    ----------
    frame
        One row per feature; the geometry does not matter.
    role
        Role code.
    stated
        Field to column, as the catalogue states it.
    source
        File for findings and errors.

    Returns
    -------
    Fields
        Findings: needed fields that are missing or empty, columns taken by an alias, values that are
        not known with the nearest known one.

    Raises
    ------
    InputError
        If the catalogue names a field that the role does not have or a column that the layer does not.
    """
    _require_stated(frame, role, stated, source)
    columns: dict[str, str] = {}
    findings: list[Finding] = []
    for rule in fields_of(role):
        column = column_of(rule, map(str, frame.columns), stated)
        if not column:
            if rule.need != "optional":
                findings.append(_missing(rule, role, source))
            continue
        columns[rule.field] = column
        if column != rule.field and rule.field not in stated:
            findings.append(Finding("note", "field_alias", source, values={"field": rule.field, "column": column}))
        findings.extend(_check_values(frame[column], rule, source))
    return Fields(columns, tuple(findings))


def _require_stated(frame: pd.DataFrame, role: str, stated: Mapping[str, str], source: str) -> None:
    known = {rule.field for rule in fields_of(role)}
    for field, column in stated.items():
        if field not in known:
            raise InputError("field_unknown", file=source, field=field, role=role, fields=", ".join(sorted(known)))
        if column not in frame.columns:
            nearest = _nearest(column, map(str, frame.columns))
            raise InputError("field_stated_missing", file=source, field=field, column=column, nearest=nearest)


def _missing(rule: FieldRule, role: str, source: str) -> Finding:
    values: dict[str, object] = {"field": rule.field, "role": role, "aliases": " ".join(rule.aliases)}
    return Finding("warning" if rule.need == "required" else "note", "field_missing", source, values=values)


def _check_values(cells: pd.Series, rule: FieldRule, source: str) -> list[Finding]:
    places, distinct = pd.factorize(cells, use_na_sentinel=True)
    texts = [text_of(value) for value in distinct]
    findings: list[Finding] = []
    filled = np.array([bool(text) for text in texts] + [False])  # the last stands for place -1, no value
    empty = np.flatnonzero(~filled[places])
    if empty.size and rule.need == "required":
        values: dict[str, object] = {"field": rule.field, "count": empty.size, "first": int(empty[0]) + 1}
        findings.append(Finding("warning", "field_empty", source, values=values))
    for place, text in enumerate(texts):
        if text and not _is_known(text, rule):
            rows = np.flatnonzero(places == place)
            values = {
                "field": rule.field,
                "value": text[:60],
                "count": rows.size,
                "nearest": _nearest_value(text, rule),
            }
            findings.append(Finding("warning", "field_value_unknown", source, str(rows[0] + 1), values))
    return findings


def _is_known(text: str, rule: FieldRule) -> bool:
    if rule.kind == "pattern":
        return re.fullmatch(rule.allowed, text) is not None
    if rule.kind != "code":
        return True
    known = known_values(rule.allowed)
    # A remark in brackets is not part of the value, and a place may have several functions.
    parts = [part.strip() for part in _SEVERAL.split(_REMARK.sub("", text)) if part.strip()]
    return text in known or (bool(parts) and all(part in known for part in parts))


def _nearest_value(text: str, rule: FieldRule) -> str:
    if rule.kind == "pattern":
        return rule.allowed
    known = known_values(rule.allowed)
    return known.get(_nearest(_REMARK.sub("", text), known), "")


def _nearest(text: str, known: Iterable[str]) -> str:
    close = difflib.get_close_matches(text, list(known), n=1, cutoff=0.0)
    return close[0] if close else ""
