"""What the user says of a file that the file itself may not tell."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Stated:
    """Facts about a file from its user; empty means that the file decides.

    Parameters
    ----------
    crs
        Coordinate system, where the file has none.
    layer
        Layer of a file with several.
    encoding
        Encoding of its text.
    """

    crs: str = ""
    layer: str = ""
    encoding: str = ""
