"""The first letters of names in pinyin, so that 老雄山 is found by "lxs"."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice, product

from pypinyin import Style, pinyin

#: Of a very long name nobody types the end; of a name with many readings nobody means the rare ones.
_LONGEST, _READINGS = 40, 8


def initials(names: Iterable[str]) -> list[str]:
    """Return the initials of Chinese names in small letters, of every reading where a sign has several.

    Parameters
    ----------
    names
        Other signs than Chinese ones stay; a name without any has no initials, for it is found by itself.

    Returns
    -------
    list of str
        One for each name.

    Examples
    --------
    >>> initials(["abc", "老雄山"])
    ['', 'lxs']
    """
    listed = list(names)
    found = {name: "" if name.isascii() else _of(name) for name in set(listed)}
    return [found[name] for name in listed]


def _of(name: str) -> str:
    letters = pinyin(name[:_LONGEST], style=Style.FIRST_LETTER, heteronym=True)
    readings = ("".join(signs).lower() for signs in product(*letters))
    return " ".join(dict.fromkeys(islice(readings, _READINGS)))
