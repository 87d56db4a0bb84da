"""What the user says of a file that the file itself may not tell."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal


@dataclass(frozen=True)
class Stated:
    """Facts about a file from its user; empty means that the file decides.

    Parameters
    ----------
    crs
        Coordinate system; where the file states another one, this one is used and a finding says so.
    layer
        Layer of a file with several.
    encoding
        Encoding of its text.
    parameters
        Local file of parameters from Beijing 1954 or Xi'an 1980 to CGCS2000.
    district
        Outline that the data must lie in.
    unshift
        Offset of web maps to be undone approximately; every output is labelled.
    """

    crs: str = ""
    layer: str = ""
    encoding: str = ""
    parameters: Path | None = None
    district: Path | None = None
    unshift: Literal["", "gcj02", "bd09"] = ""
