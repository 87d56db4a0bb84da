"""What a check returns: a finding says what was seen, where, and what was or can be done about it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from spatial.errors import sentence
from spatial.words import Lang

Severity = Literal["error", "warning", "note"]


@dataclass(frozen=True)
class Finding:
    """One thing seen in the input that a person should know of.

    Parameters
    ----------
    severity
        ``error`` stops the work, ``warning`` may change a result, ``note`` is for the record.
    code
        A key of ``data/messages.toml``.
    source
        File or layer the finding is about.
    feature
        Id of the feature, empty when the finding is about the whole file.
    values
        The sentence's other placeholders.
    location
        Where it was seen: x (east) and y (north) as the file states them.
    """

    severity: Severity
    code: str
    source: str
    feature: str = ""
    values: dict[str, object] = field(default_factory=dict)
    location: tuple[float, float] | None = None

    def text(self, lang: Lang) -> str:
        """Return the finding as a sentence."""
        return sentence(lang, self.code, {"file": self.source, "feature": self.feature} | self.values)
