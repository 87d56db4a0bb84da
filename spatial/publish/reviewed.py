"""The number that a map gets when it is reviewed (审图号)."""

from __future__ import annotations

import re

from spatial.roles import data_rows


def is_approval(text: str) -> bool:
    """Whether a text has the form of a map approval number.

    Examples
    --------
    >>> [is_approval(text) for text in ("晋S（2026）001号", "GS(2024)1234号", "GS京（2023）0061号", "无", "x")]
    [True, True, True, False, False]
    """
    return any(re.fullmatch(row["pattern"], text) for row in data_rows("approval_forms.csv"))
