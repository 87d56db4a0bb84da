"""A recipe of a map: which layers, how, under which title, and who may see it."""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from spatial.errors import InputError, fault_of
from spatial.io.text import read_text
from spatial.publish.reviewed import is_approval
from spatial.roles import nearest_code, roles
from spatial.settings import setting
from spatial.words import Both

_SCHEMA = 1
AUDIENCES = ("office", "public")
#: Backgrounds that a recipe names; others are given when it is rendered.
BACKGROUNDS = ("relief", "none")

_RECIPE_KEYS: dict[str, type] = {
    "schema": int,
    "title": dict,
    "audience": str,
    "background": str,
    "public": dict,
    "layer": list,
}
_PUBLIC_KEYS: dict[str, type | tuple[type, ...]] = {"approval": str, "tolerance_m": (int, float), "release": dict}
#: Keys of every layer; a source has some of its own.
_LAYER_KEYS: dict[str, type] = {
    "source": str,
    "title": dict,
    "group": dict,
    "attributes": list,
    "labels": bool,
    "shown": bool,
}
_LONGEST_TITLE = 120


@dataclass(frozen=True)
class Entry:
    """A layer, or several of one kind, as a recipe asks for it.

    Parameters
    ----------
    source
        A key of :data:`spatial.publish.sources.SOURCES`.
    options
        What the source is asked for, such as ``roles``.
    title, group
        Instead of the source's own.
    attributes
        Which columns are published, all others are removed; ``None`` for all, which no public map may have.
    labels, shown
        Whether names are drawn, and whether the layer is switched on when the map opens.
    """

    source: str
    options: dict[str, Any]
    title: Both | None = None
    group: Both | None = None
    attributes: tuple[str, ...] | None = None
    labels: bool = False
    shown: bool = True


@dataclass(frozen=True)
class Recipe:
    """A map that can be rendered for any district.

    Parameters
    ----------
    path
        Its file, for messages.
    title
        May hold ``{district}``.
    audience
        ``office`` or ``public``: a public map can be made of the second only.
    entries
        From the bottom of the map to its top.
    approval
        Number of the map review (审图号); empty where the map has not been reviewed.
    tolerance_m
        To which positions of a public map are generalised [m]; the settings' default where ``None``.
    release
        Role to the document by which its outlines were released to the public.
    """

    path: Path
    title: Both
    audience: str
    background: str
    entries: tuple[Entry, ...]
    approval: str = ""
    tolerance_m: float | None = None
    release: dict[str, str] = field(default_factory=dict)


def read_recipe(path: Path, options: Mapping[str, Mapping[str, type]]) -> Recipe:
    """Read a recipe.

    Parameters
    ----------
    path
        A TOML file.
    options
        Source to its own keys and their types.

    Raises
    ------
    InputError
        If the file is no TOML, a key is missing, unknown or of the wrong type, or a role or source is
        unknown; with the nearest name.
    """
    try:
        # A mark at the begin and GB18030 are what Windows editors write.
        read = tomllib.loads(read_text(path).text)
    except tomllib.TOMLDecodeError as error:
        raise InputError("recipe_toml", file=path, fault=fault_of(error)) from error
    _check(read, _RECIPE_KEYS, ("schema", "title", "layer"), path, "recipe")
    if read["schema"] != _SCHEMA:
        raise InputError("recipe_schema", file=path, schema=read["schema"], known=_SCHEMA)
    public = read.get("public", {})
    _check(public, _PUBLIC_KEYS, (), path, "[public]")
    if not read["layer"]:
        raise InputError("recipe_missing", file=path, where="recipe", key="layer")
    return Recipe(
        path=path,
        title=_both(read["title"], path, "title"),
        audience=_one_of(read.get("audience", "office"), AUDIENCES, path, "audience"),
        background=_one_of(read.get("background", "relief"), BACKGROUNDS, path, "background"),
        entries=tuple(_entry(layer, options, path, f"[[layer]] {n}") for n, layer in enumerate(read["layer"], 1)),
        approval=_approval(public.get("approval", ""), path),
        tolerance_m=_tolerance(public.get("tolerance_m"), path),
        release=_released(public.get("release", {}), path),
    )


def _entry(layer: Any, options: Mapping[str, Mapping[str, type]], path: Path, where: str) -> Entry:
    if not isinstance(layer, dict):
        raise InputError("recipe_type", file=path, where=where, key="layer", value=layer)
    if "source" not in layer:
        raise InputError("recipe_missing", file=path, where=where, key="source")
    source = _one_of(layer["source"], tuple(options), path, f"{where} source")
    _check(layer, {**_LAYER_KEYS, **options[source]}, (), path, where)
    own = {key: value for key, value in layer.items() if key in options[source]}
    if own.get("roles") == []:
        raise InputError("recipe_type", file=path, where=where, key="roles", value=[])
    for code in own.get("roles", []):
        _role(code, path, where)
    attributes = layer.get("attributes")
    if attributes is not None and not all(isinstance(name, str) for name in attributes):
        raise InputError("recipe_type", file=path, where=where, key="attributes", value=attributes)
    return Entry(
        source=source,
        options=own,
        title=_both(layer["title"], path, f"{where} title") if "title" in layer else None,
        group=_both(layer["group"], path, f"{where} group") if "group" in layer else None,
        attributes=None if attributes is None else tuple(attributes),
        labels=layer.get("labels", False),
        shown=layer.get("shown", True),
    )


def _check(
    found: Mapping[str, Any],
    known: Mapping[str, type | tuple[type, ...]],
    needed: tuple[str, ...],
    path: Path,
    where: str,
) -> None:
    for key, value in found.items():
        if key not in known:
            raise InputError("recipe_key", file=path, where=where, key=key, nearest=nearest(key, known))
        # A truth value is an integer for Python, but no tolerance.
        if not isinstance(value, known[key]) or (isinstance(value, bool) and known[key] is not bool):
            raise InputError("recipe_type", file=path, where=where, key=key, value=value)
    for key in needed:
        if key not in found:
            raise InputError("recipe_missing", file=path, where=where, key=key)


def nearest(name: str, known: Mapping[str, Any] | tuple[str, ...]) -> str:
    """Return the known name that looks most like another, all of them where none does.

    Examples
    --------
    >>> nearest("attribute", ("attributes", "labels")), nearest("x", ("a", "b"))
    ('attributes', 'a, b')
    """
    close = difflib.get_close_matches(name, list(known), n=1)
    return close[0] if close else ", ".join(known)


def _one_of(value: Any, known: tuple[str, ...], path: Path, where: str) -> str:
    if value not in known:
        raise InputError("recipe_value", file=path, where=where, value=value, nearest=nearest(str(value), known))
    return str(value)


def _role(code: str, path: Path, where: str) -> str:
    if not isinstance(code, str) or code not in roles():
        raise InputError("recipe_value", file=path, where=where, value=code, nearest=nearest_code(str(code), roles()))
    return code


def _both(value: Any, path: Path, where: str) -> Both:
    texts = [value.get(lang) for lang in ("zh", "en")] if isinstance(value, dict) else [None]
    if not all(isinstance(text, str) and 0 < len(text.strip()) <= _LONGEST_TITLE for text in texts):
        raise InputError("recipe_title", file=path, where=where, longest=_LONGEST_TITLE)
    return Both(str(texts[0]), str(texts[1]))


def _tolerance(value: float | None, path: Path) -> float | None:
    if value is not None and not 0 < value < float("inf"):
        raise InputError("recipe_type", file=path, where="[public]", key="tolerance_m", value=value)
    most = setting("publish_tolerance_most_m")
    if value is not None and value > most:
        raise InputError("publish_tolerance_most", file=path, value=f"{value:g}", most=f"{most:g}")
    return None if value is None else float(value)


def _approval(text: str, path: Path) -> str:
    """Return the number of the map review; a map with one carries no watermark, so that not any text will do."""
    number = text.strip()
    if number and not is_approval(number):
        raise InputError("publish_approval_form", file=path, value=number[:40])
    return number


def _released(found: Mapping[str, Any], path: Path) -> dict[str, str]:
    """Return by which document outlines of a role were released; without one they are not."""
    for code, document in found.items():
        _role(code, path, "[public] release")
        if not isinstance(document, str) or not any(sign.isalnum() for sign in document):
            raise InputError("recipe_release", file=path, code=code)
    return {code: document.strip() for code, document in found.items()}
