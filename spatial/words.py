"""Every text a planner reads, in Chinese and English, from the tables under ``spatial/data``."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Literal, get_args

Lang = Literal["zh", "en"]
LANGS: tuple[Lang, ...] = get_args(Lang)


@cache
def table(name: str) -> dict[str, dict[str, str]]:
    """Return one text table of ``spatial/data``.

    Parameters
    ----------
    name
        ``"labels"`` or ``"messages"``.

    Returns
    -------
    dict
        ``{key: {"zh": template, "en": template}}``.
    """
    text = files("spatial").joinpath("data", f"{name}.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def say(lang: Lang, key: str, **values: object) -> str:
    """Return the label ``key`` in the language ``lang``, its placeholders filled.

    Parameters
    ----------
    lang
        ``"zh"`` or ``"en"``.
    key
        A key of ``labels.toml``.
    **values
        The template's placeholders.

    Raises
    ------
    KeyError
        If the table lacks the key: a fault of the program, not of the user's data.

    Examples
    --------
    >>> say("en", "unit_ha")
    'ha'
    >>> say("zh", "unit_mu")
    '亩'
    """
    return table("labels")[key][lang].format_map(values)


@dataclass(frozen=True)
class Both:
    """A name or sentence that comes from data in both languages.

    Examples
    --------
    >>> Both("亩", "mu").say("en")
    'mu'
    """

    zh: str
    en: str

    def say(self, lang: Lang) -> str:
        """Return the text in the language asked for."""
        return self.zh if lang == "zh" else self.en


@dataclass(frozen=True)
class Text:
    """A sentence not yet said in either language: a key of ``labels.toml`` and its values.

    Examples
    --------
    >>> Text("unit_ha").say("zh")
    '公顷'
    """

    key: str
    values: dict[str, object] = field(default_factory=dict)

    def say(self, lang: Lang) -> str:
        """Return the sentence; values that are texts themselves are said in the same language."""
        said = {k: v.say(lang) if isinstance(v, Text | Both | Listed) else v for k, v in self.values.items()}
        return say(lang, self.key, **said)


@dataclass(frozen=True)
class Listed:
    """Sentences one after the other, with the list mark of the language between them."""

    items: tuple[Text | Both, ...]

    def say(self, lang: Lang) -> str:
        """Return the list in the language asked for."""
        return say(lang, "list_mark").join(item.say(lang) for item in self.items)
