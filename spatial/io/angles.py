"""Longitudes and latitudes as people write them: decimal degrees, or degrees, minutes and seconds."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Style = Literal["", "degrees", "packed"]

_SPELLED = re.compile(
    r"""^\s*(?P<before>[NSEW东西南北]?)[经纬]?\s*(?P<sign>-?)
    (?P<deg>\d{1,3})\s*[°º度d:\s-]\s*
    (?P<min>\d{1,2}(?:\.\d+)?)\s*(?:['′’分m:\s-]\s*
    (?:(?P<sec>\d{1,2}(?:\.\d+)?)\s*(?:["″”秒s]|''|′′)?)?)?\s*
    (?P<after>[NSEW东西南北]?)(?:经|纬)?\s*$""",
    re.VERBOSE | re.IGNORECASE,
)
_DEGREES = re.compile(r"^\s*(-?\d+(?:\.\d+)?)\s*[°º度]?\s*$")
_PACKED_POINT = re.compile(r"^(\d{1,3})\.(\d{2})(\d{2})(\d*)$")
_PACKED_WHOLE = re.compile(r"^(\d{1,3})(\d{2})(\d{2})(?:\.(\d*))?$")
_SOUTH_WEST = frozenset("SW南西sw")
_SIXTY, _CIRCLE = 60.0, 360.0


def plain(text: str) -> str:
    """Return a text with full-width signs as half-width ones.

    Examples
    --------
    >>> plain("３８．５")
    '38.5'
    """
    # Compatibility forms would also turn the prime of minutes and seconds into other signs.
    return "".join(sign if sign in "′″°º" else unicodedata.normalize("NFKC", sign) for sign in text).strip()


def degrees_of(text: str, style: Style = "") -> float:
    """Return an angle in degrees.

    Parameters
    ----------
    text
        As in the table's cell.
    style
        What the header states: ``packed`` for DDD.MMSS and DDDMMSS, else decimal degrees or spelled out.

    Raises
    ------
    ValueError
        If the text is no angle, or minutes or seconds are 60 or more.

    Examples
    --------
    >>> [round(degrees_of(text), 6) for text in ("113.06", "113°03′36.00″", "113-03-36", "113:03:36", "113 03 36")]
    [113.06, 113.06, 113.06, 113.06, 113.06]
    >>> round(degrees_of("113.0336", "packed"), 6), round(degrees_of("1130336.00", "packed"), 6)
    (113.06, 113.06)
    """
    cleaned = plain(text)
    if style == "packed":
        match = _PACKED_POINT.match(cleaned) or _PACKED_WHOLE.match(cleaned)
        if match is None:
            raise ValueError(text)
        degrees, minutes, seconds = match.group(1), match.group(2), f"{match.group(3)}.{match.group(4) or 0}"
        return _joined(float(degrees), float(minutes), float(seconds), text)
    simple = _DEGREES.match(cleaned)
    if simple is not None:
        return float(simple.group(1))
    match = _SPELLED.match(cleaned)
    if match is None:
        raise ValueError(text)
    value = _joined(float(match["deg"]), float(match["min"]), float(match["sec"] or 0), text)
    negative = match["sign"] == "-" or bool({match["before"], match["after"]} & _SOUTH_WEST)
    return -value if negative else value


def _joined(degrees: float, minutes: float, seconds: float, text: str) -> float:
    if minutes >= _SIXTY or seconds >= _SIXTY:
        raise ValueError(text)
    return degrees + minutes / _SIXTY + seconds / _SIXTY**2


def chance_unpacked(cells: Sequence[str]) -> float:
    """Return how likely decimal degrees would look as if packed of degrees, minutes and seconds (113.0336 for 113°03′36″).

    0 where they are too large for degrees; 1 where a pair of digits could be no minutes or seconds;
    else 0.6 to the power of the different pairs below 60.

    Parameters
    ----------
    cells
        Longitudes and latitudes of one table, as written.

    Examples
    --------
    >>> chance_unpacked(["1130336.00"]), chance_unpacked(["113.0612", "36.0578"])
    (0.0, 1.0)
    """
    fractions = []
    for cell in cells:
        cleaned = plain(cell)
        if _DEGREES.match(cleaned) is None:
            return 1.0
        if abs(float(cleaned.rstrip("°º度 "))) > 360:  # noqa: PLR2004 -- a circle
            return 1.0 if _PACKED_WHOLE.match(cleaned) is None else 0.0
        point = _PACKED_POINT.match(cleaned)
        if point is None:
            return 1.0
        fractions.append((cleaned.partition(".")[0], point.group(2), point.group(3)))
    pairs: NDArray[np.int64] = np.array([(int(a), int(b)) for _, a, b in fractions]).reshape(-1, 2)
    if not len(pairs) or (pairs >= _SIXTY).any():
        return 1.0
    minutes = {(degrees, minute) for degrees, minute, _ in fractions}
    return float((_SIXTY / 100) ** (len(minutes) + len({second for _, _, second in fractions})))
