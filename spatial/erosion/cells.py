"""Factors of the cells of a block: what their land cover means, and what rasters hold."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spatial.erosion.constants import constants
from spatial.erosion.land import CROP, MASKED, Land, management_factor
from spatial.erosion.ranges import require_factor
from spatial.erosion.rasters import Aligned
from spatial.errors import InputError
from spatial.grid import Span

Floats = NDArray[np.float64]

#: Kinds of land of a cell.
OPEN, CROPPED, SET_ASIDE = 0, 1, 2


def places(cover: NDArray[np.int64], lands: Mapping[int, Land]) -> NDArray[np.int64]:
    """Return the position of each cell's class among those known, 0 where there is none."""
    codes = np.array([0, *sorted(lands)])
    place = np.searchsorted(codes, cover)
    return np.where(codes[np.minimum(place, codes.size - 1)] == cover, place, 0)


@dataclass(frozen=True)
class LandOfCells:
    """Factors of the land cover of each cell."""

    biological: Floats
    tillage: Floats
    management: Floats
    kind: NDArray[np.int8]
    cover_pct: Floats


def codes_of(cover: NDArray[Any], path: Path) -> NDArray[np.int64]:
    """Return stored numbers of land cover as codes.

    Raises
    ------
    InputError
        If they are no whole numbers, as after averaging by a resampling.
    """
    with np.errstate(invalid="ignore"):
        codes: NDArray[np.int64] = cover.astype(np.int64)
    wrong = codes != cover
    if wrong.any():
        raise InputError("land_fraction", file=path, value=f"{cover[wrong][0]:g}", count=int(wrong.sum()))
    return codes


def land_of_cells(cover: NDArray[np.int64], lands: Mapping[int, Land], path: Path) -> LandOfCells:
    """Return the factors of the land cover of each cell.

    Parameters
    ----------
    cover : ndarray of int, shape (rows, columns)
        Codes, 0 where there is none.
    lands
        Classes by code.
    path
        Where the codes are from, for the message.

    Raises
    ------
    InputError
        If a code is not among the classes.
    """
    strange = np.setdiff1d(cover, [0, *lands])
    if strange.size:
        listed = ", ".join(map(str, strange[:10].tolist()))
        raise InputError("land_unknown", file=path, codes=listed)
    known = [lands[code] for code in sorted(lands)]
    kinds = {CROP: CROPPED, MASKED: SET_ASIDE}
    place = places(cover, lands)
    kind = np.array([OPEN, *(kinds.get(land.kind, OPEN) for land in known)], dtype=np.int8)
    return LandOfCells(
        biological=np.array([np.nan, *(land.biological for land in known)])[place],
        tillage=np.array([np.nan, *(land.tillage for land in known)])[place],
        management=np.array([np.nan, *map(management_factor, known)])[place],
        kind=kind[place],
        cover_pct=np.array([np.nan, *(land.cover_pct for land in known)])[place],
    )


def values_of(source: float | Aligned, rows: Span, factor: str) -> Floats | float:
    """Return a factor of some rows: the number itself, or what its raster holds.

    Raises
    ------
    InputError
        If the raster cannot be read or holds what cannot be this factor.
    """
    if not isinstance(source, Aligned):
        return source
    values = source.read(rows, np.nan)
    low, high = constants("factor", factor)["valid"]
    if ((values < low) | (values > high)).any():
        require_factor(values, factor, str(source.path))
    return values
