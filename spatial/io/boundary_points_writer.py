"""Writing boundary-point files: GB18030, CRLF, X north first, as the reporting software takes them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import CRS
from shapely.geometry.base import BaseGeometry

from spatial.areas import official_area_m2
from spatial.errors import InputError
from spatial.gauss_kruger import Zone, zones
from spatial.io.atomic import replacing
from spatial.io.boundary_points import FIELDS
from spatial.io.placing import UNSHIFTED
from spatial.units import from_m2, round_half

_EXTRA = "X"
#: What files call the kinds of geometry (JXSX 图形属性), by dimension.
KINDS = {0: "点", 1: "线", 2: "面"}
_DECIMALS_HA = 4


def write_boundary_points(frame: gpd.GeoDataFrame, path: Path, *, decimals: int = 3) -> None:
    """Write parcels as a boundary-point file that its own reader takes without a finding.

    Parameters
    ----------
    frame
        Polygons, lines or points in a CGCS2000 Gauss-Kruger plane. Columns of
        :data:`spatial.io.boundary_points.FIELDS` are kept; ``name`` stands for DKMC. A parcel
        without a stated area gets the official one [ha].
    path
        The .txt file; replaced as a whole or left as it was.
    decimals
        Digits of the coordinates after the point [m].

    Raises
    ------
    InputError
        If the coordinates were moved back approximately, the plane is not a CGCS2000 Gauss-Kruger
        one, a geometry is missing, or a name holds a sign that the format uses itself.
    """
    if UNSHIFTED in frame.columns:
        raise InputError("unshift_boundary_points", file=path)
    crs = CRS(frame.crs)
    zone = gauss_kruger_zone(crs, path)
    for number, shape in enumerate(frame.geometry.array, start=1):
        if shape is None or shapely.is_empty(shape):
            raise InputError("txt_no_geometry", file=path, feature=number)
    lines = [*_header(zone, decimals), "[地块坐标]"]
    areas_ha = [from_m2(float(area), "ha") for area in official_area_m2(frame.geometry.array, crs)]
    records = frame.drop(columns=frame.geometry.name).to_dict("records")
    for number, (record, shape) in enumerate(zip(records, frame.geometry.array, strict=True), start=1):
        points = [
            f"J{point},{ring},{north:.{decimals}f},{east:.{decimals}f}"
            for point, ring, east, north in numbered_points(shape)
        ]
        cells = _cells({str(key): value for key, value in record.items()}, shape, len(points), areas_ha[number - 1])
        lines.append(",".join([_plain(cell, path, number) for cell in cells]) + ",@")
        lines.extend(points)
    with replacing(path) as temporary:
        temporary.write_bytes(("\r\n".join(lines) + "\r\n").encode("gb18030"))


def gauss_kruger_zone(crs: CRS, path: Path) -> Zone:
    """Return the zone of a CGCS2000 Gauss-Kruger plane, its eastings with the prefix or without.

    Raises
    ------
    InputError
        If the plane is another one.
    """
    code = crs.to_epsg()
    for zone in (*zones(3), *zones(6)):
        if code in {zone.epsg(prefixed=True), zone.epsg(prefixed=False)}:
            return zone
    raise InputError("txt_plane_needed", file=path, crs=crs.name)


def _header(zone: Zone, decimals: int) -> list[str]:
    return [
        "[属性描述]",
        "坐标系=2000国家大地坐标系",
        f"几度分带={zone.width_deg}",
        "投影类型=高斯克吕格",
        "计量单位=米",
        f"带号={zone.number}",
        f"精度={10.0**-decimals:.{decimals}f}",
        "转换参数=,,,,,,",
    ]


def _cells(record: dict[str, object], shape: BaseGeometry, count: int, area_ha: float) -> list[str]:
    stated = {key: "" if value is None or value != value else str(value) for key, value in record.items()}  # noqa: PLR0124 -- NaN
    known = {
        "JZDS": str(count),
        "DKMJ": stated.get("DKMJ") or (f"{round_half(area_ha, _DECIMALS_HA):.{_DECIMALS_HA}f}" if area_ha else ""),
        "DKMC": stated.get("DKMC") or stated.get("name", ""),
        "JXSX": KINDS[int(shapely.get_dimensions(shape))],
    }
    extra = sorted((key for key in stated if key[:1] == _EXTRA and key[1:].isdigit()), key=lambda key: int(key[1:]))
    return [*(known.get(field, stated.get(field, "")) for field in FIELDS), *(stated[key] for key in extra)]


def _plain(cell: str, path: Path, number: int) -> str:
    if any(sign in cell for sign in ",@\r\n＠"):
        raise InputError("txt_sign", file=path, feature=number, value=cell[:60])
    return cell


def numbered_points(shape: BaseGeometry) -> Iterator[tuple[int, int, float, float]]:
    """Yield point number, ring number, x and y of a shape, ring by ring, numbered through from 1.

    A ring ends with its own first point, under that point's number.

    Examples
    --------
    >>> [(number, ring) for number, ring, _, _ in numbered_points(shapely.box(0, 0, 1, 1))]
    [(1, 1), (2, 1), (3, 1), (4, 1), (1, 1)]
    """
    number = 1
    for ring, coords in enumerate(_rings(shape), start=1):
        points = coords.tolist()
        first, closed = number, len(points) > 1 and points[0] == points[-1]
        for x, y in points[:-1] if closed else points:
            yield number, ring, x, y
            number += 1
        if closed:
            yield first, ring, *points[0]


def _rings(shape: BaseGeometry) -> Iterator[NDArray[np.float64]]:
    for part in shapely.get_parts(shape):
        if shapely.get_dimensions(part) == 2:  # noqa: PLR2004 -- an area
            yield from (shapely.get_coordinates(ring) for ring in shapely.get_rings(part))
        else:
            yield shapely.get_coordinates(part)
