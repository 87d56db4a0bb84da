"""What can go wrong, said in one sentence that names the file, the feature, the fault and the mend."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from spatial.words import Both, Lang, Listed, Text, table


def _said(value: object, lang: Lang) -> object:
    if isinstance(value, InputError):
        return value.text(lang)
    return value.say(lang) if isinstance(value, Both | Text | Listed) else value


def sentence(lang: Lang, key: str, values: dict[str, object]) -> str:
    """Return the message ``key`` with its placeholders filled; bilingual values are said in the same language."""
    said = {name: _said(value, lang) for name, value in values.items()}
    return table("messages")[key][lang].format_map(said)


def fault_of(error: BaseException) -> str:
    r"""Return the first line of what another program says of its error, its kind where it says nothing.

    Examples
    --------
    >>> fault_of(ValueError("bad header\nat byte 7")), fault_of(EOFError())
    ('bad header', 'EOFError')
    """
    lines = str(error).splitlines()
    return lines[0] if lines else type(error).__name__


class InputError(ValueError):
    """Bad input or usage: the command prints the sentence and ends with exit code 2.

    Parameters
    ----------
    key
        A key of ``data/messages.toml``, which holds the sentence in Chinese and English.
    **values
        The sentence's placeholders, such as ``file`` and ``feature``.

    Examples
    --------
    >>> error = InputError("file_missing", file="a.shp")
    >>> error.text("en")
    'a.shp: the file does not exist; check the path and the spelling.'
    """

    def __init__(self, key: str, /, **values: object) -> None:
        self.key = key
        self.values = values
        super().__init__(self.text("en"))

    def __reduce__(self) -> tuple[Callable[[], InputError], tuple[()]]:
        # Errors come back from the workers of a cluster.
        return partial(type(self), self.key, **self.values), ()

    def text(self, lang: Lang) -> str:
        """Return the sentence in the language asked for."""
        return sentence(lang, self.key, self.values)


class DatumShiftRequiredError(InputError):
    """The data's datum needs transformation parameters that only the user can supply (DOMAIN 2.3)."""
