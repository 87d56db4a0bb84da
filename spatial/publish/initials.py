"""The first letters of names in pinyin, so that 老雄山 is found by "lxs"."""

from __future__ import annotations

from collections.abc import Iterable
from importlib import import_module
from importlib.util import find_spec
from itertools import islice, product

#: A dictionary of readings by phrase; it is needed to publish only, and maps are searched by name without it.
_LIBRARY = "pypinyin"
#: Of a very long name nobody types the end; of a name with many readings nobody means the rare ones.
_LONGEST, _READINGS = 40, 8


def known() -> bool:
    """Whether the dictionary is installed."""
    return find_spec(_LIBRARY) is not None


def initials(names: Iterable[str]) -> list[str]:
    """Return the initials of Chinese names in small letters, of every reading where a sign has several.

    Parameters
    ----------
    names
        Other signs than Chinese ones stay; a name without any has no initials, for it is found by itself.

    Returns
    -------
    list of str
        Empty strings where the dictionary is not installed.

    Examples
    --------
    >>> initials(["abc"])
    ['']
    """
    listed = list(names)
    found = {name: "" if name.isascii() or not known() else _of(name) for name in set(listed)}
    return [found[name] for name in listed]


def _of(name: str) -> str:
    library = import_module(_LIBRARY)
    letters = library.pinyin(name[:_LONGEST], style=library.Style.FIRST_LETTER, heteronym=True)
    readings = ("".join(signs).lower() for signs in product(*letters))
    return " ".join(dict.fromkeys(islice(readings, _READINGS)))
