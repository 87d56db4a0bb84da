"""From boundary points to parcels: rings closed, holes and parts told apart, the plane recognised."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import CRS
from shapely.errors import GEOSException
from shapely.geometry.base import BaseGeometry

from spatial.crs import system_of
from spatial.errors import DatumShiftRequiredError, InputError
from spatial.findings import Finding
from spatial.gauss_kruger import Datum, Zone, zone_of_easting, zone_of_number
from spatial.io.boundary_points import FIELDS, BoundaryFile, FloatArray, Parcel
from spatial.io.named_systems import systems_in
from spatial.io.point_columns import unit_of_sign
from spatial.recognition.candidates import EASTING_M, NORTHING_M, ZONE_M, are_eastings, are_northings

_SMALLEST_RING = 3
#: What headers call the old datums: 1980西安坐标系, 80国家大地坐标系, 西安80, 1954北京坐标系, 北京54 ...
_DATUMS: dict[str, Datum] = {"80": "xian1980", "西安": "xian1980", "54": "beijing1954", "北京": "beijing1954"}


@dataclass(frozen=True)
class ParcelLayer:
    """Parcels as features, with what was seen on the way; east is x."""

    features: gpd.GeoDataFrame
    findings: list[Finding]


def parcel_layer(file: BoundaryFile, source: str, *, stated_crs: str = "") -> ParcelLayer:
    """Make features of a boundary-point file.

    Parameters
    ----------
    file
        As :func:`spatial.io.boundary_points.parse` returns it.
    source
        File name for findings and errors.
    stated_crs
        Coordinate system the user states, for files that do not tell.

    Returns
    -------
    ParcelLayer
        One polygon or multipolygon per parcel (``JXSX`` 面), line (线) or point (点); in the plane of
        the datum the header names, without a system where neither header nor prefix names a zone.

    Raises
    ------
    InputError
        If the coordinates fit no plane of China, if header and coordinates contradict each other, or if
        rings overlap.
    DatumShiftRequiredError
        If the header names a datum that is none of the national ones.
    """
    findings: list[Finding] = [
        Finding("note", "txt_header_line", source, f"{number}", {"line": line}) for number, line in file.unknown
    ]
    if file.wider:
        findings.append(Finding("note", "txt_cells_left_out", source, values={"count": file.wider}))
    for parcel in file.parcels:
        if not len(parcel.x):
            raise InputError("txt_ring_short", file=source, feature=_name(parcel), count=0)
    east, north = _axes(file, source, findings)
    crs = _plane(file, east, source, stated_crs, findings)
    shapes, left_open = shapes_of(file.parcels, np.column_stack([east, north]), source)
    findings.extend(left_open)
    for parcel in file.parcels:
        _check_count(parcel, source, findings)
    names = list(dict.fromkeys([*FIELDS, *(name for parcel in file.parcels for name in parcel.attributes)]))
    columns = {name: [parcel.attributes.get(name, "") for parcel in file.parcels] for name in names}
    return ParcelLayer(gpd.GeoDataFrame(columns, geometry=shapes, crs=crs), findings)


def shapes_of(
    parcels: list[Parcel], points: FloatArray, source: str
) -> tuple[NDArray[np.object_], tuple[Finding, ...]]:
    """Make the shapes of parcels from their points.

    Parameters
    ----------
    parcels
        What their rings and kinds are; at least one point each.
    points : ndarray of float, shape (n, 2)
        East and north of all points, parcel after parcel.
    source
        File name for findings and errors.

    Returns
    -------
    shapes : ndarray of shapely geometries
        One for each parcel.
    findings : tuple of Finding
        Rings that were left open.

    Raises
    ------
    InputError
        If a ring has fewer than three points or rings of one parcel cross.
    """
    bounds = np.concatenate([[0], np.cumsum([len(parcel.x) for parcel in parcels])])
    shapes, left_open = _plain(parcels, points, bounds)
    for place in np.flatnonzero(shapely.is_missing(shapes)).tolist():
        shapes[place], left_open[place] = _shape(parcels[place], points[bounds[place] : bounds[place + 1]], source)
    named = [_name(parcel) for parcel, count in zip(parcels, left_open.tolist(), strict=True) for _ in range(count)]
    return shapes, tuple(Finding("warning", "txt_ring_open", source, name) for name in named)


def _axes(file: BoundaryFile, source: str, findings: list[Finding]) -> tuple[FloatArray, FloatArray]:
    """Return eastings and northings, swapping what an exporter wrote in the wrong order."""
    x = np.concatenate([parcel.x for parcel in file.parcels])
    y = np.concatenate([parcel.y for parcel in file.parcels])
    found = east_and_north(x, y, source)
    if found is None:
        at = _misfit(x, y)
        owner = int(np.searchsorted(np.cumsum([len(parcel.x) for parcel in file.parcels]), at, side="right"))
        name = _name(file.parcels[owner])
        raise InputError("txt_coordinates", file=source, feature=name, x=f"{x[at]:.14g}", y=f"{y[at]:.14g}")
    east, north, swapped = found
    findings.extend(swapped)
    return east, north


def _misfit(x: FloatArray, y: FloatArray) -> int:
    """Return the first point that is not written like most of them."""
    prefix, easting = np.divmod(y, ZONE_M)
    fits = (x >= NORTHING_M[0]) & (x <= NORTHING_M[1]) & (easting >= EASTING_M[0]) & (easting <= EASTING_M[1])
    most = max((fits & (prefix > 0), fits & (prefix == 0)), key=np.count_nonzero)
    return int(np.argmin(most)) if most.any() else 0


def east_and_north(
    x: FloatArray, y: FloatArray, source: str
) -> tuple[FloatArray, FloatArray, tuple[Finding, ...]] | None:
    """Tell X (north) from Y (east) by their ranges in China.

    Parameters
    ----------
    x, y : ndarray of float, shape (n,)
        Coordinates [m] as the file names them: X is north, Y is east.
    source
        File name for findings.

    Returns
    -------
    tuple or None
        Eastings, northings, and a finding where X and Y were swapped; ``None`` if they are no
        Gauss-Kruger coordinates of China.

    Examples
    --------
    >>> east, north, findings = east_and_north(np.array([38_414_397.4]), np.array([3_991_508.3]), "a.txt")
    >>> float(north[0]), [found.code for found in findings]
    (3991508.3, ['txt_axes_swapped'])
    """
    if are_northings(x) and are_eastings(y):
        return y, x, ()
    if are_northings(y) and are_eastings(x):
        values: dict[str, object] = {"x": f"{x[0]:.3f}", "y": f"{y[0]:.3f}"}
        return x, y, (Finding("warning", "txt_axes_swapped", source, values=values),)
    return None


def _plane(file: BoundaryFile, east: FloatArray, source: str, stated: str, findings: list[Finding]) -> CRS | None:
    """Recognise the plane from the header and the zone prefix, which must not contradict each other.

    ``None`` where neither names a zone: the place, if it is known, decides later.
    """
    if stated:
        return system_of(stated)
    datum = _datum(file, source, findings)
    _check_header(file, source, findings)
    named = _zone_of_header(file, source, findings)
    prefixes = {zone_of_easting(float(value)) for value in (east.min(), east.max())}
    if prefixes == {None}:
        if named is None:
            _require_cgcs2000(file, datum, source)
            return None
        findings.append(_chosen(source, named, datum, prefixed=False))
        return CRS(named.epsg_of(datum, prefixed=False))
    (zone, *others) = prefixes
    if others or zone is None:
        raise InputError("txt_zones_mixed", file=source, west=f"{east.min():.3f}", east=f"{east.max():.3f}")
    if named is not None and named != zone:
        raise InputError("txt_zone_contradiction", file=source, header=named.number, prefix=zone.number)
    findings.append(_chosen(source, zone, datum, prefixed=True))
    return CRS(zone.epsg_of(datum, prefixed=True))


def _require_cgcs2000(file: BoundaryFile, datum: str, source: str) -> None:
    """Refuse an old datum in an unknown zone: parameters alone do not help."""
    if datum:
        stated = _system_of_header(file)
        raise DatumShiftRequiredError("datum_shift", file=source, crs=stated, datum=stated)


def _datum(file: BoundaryFile, source: str, findings: list[Finding]) -> Literal["", Datum]:
    """Return the old datum that the header names, empty for CGCS2000, which is assumed where it names none."""
    stated = _system_of_header(file)
    named = systems_in(stated)
    if "local" not in named and (named & {"cgcs2000", "wgs84"} or "2000" in stated):
        return ""
    if not stated:
        findings.append(Finding("warning", "txt_datum_assumed", source))
        return ""
    for sign, datum in _DATUMS.items():
        if sign in stated and "local" not in named:
            return datum
    raise DatumShiftRequiredError("datum_shift", file=source, crs=stated, datum=stated)


def _system_of_header(file: BoundaryFile) -> str:
    """Return what the header calls the system, under this key or a longer one: 坐标系名称, 坐标系统."""
    keys = [key for key in file.header if key.startswith(("坐标系", "坐標系"))]
    return next((file.header[key] for key in sorted(keys, key=len) if file.header[key]), "")


def _check_header(file: BoundaryFile, source: str, findings: list[Finding]) -> None:
    unit = file.header.get("计量单位", "")
    if unit and unit_of_sign(unit) != "metre":
        raise InputError("txt_unit", file=source, unit=unit)
    projection = file.header.get("投影类型", "")
    if projection and "高斯" not in projection and "gauss" not in projection.lower():
        raise InputError("txt_projection", file=source, projection=projection)
    if any(not _is_zero(part) for part in file.header.get("转换参数", "").split(",")):
        # Which parameters they are is nobody's business: they are classified.
        findings.append(Finding("warning", "txt_parameters", source))


def _is_zero(text: str) -> bool:
    try:
        return not text.strip() or float(text) == 0
    except ValueError:
        return False


def _zone_of_header(file: BoundaryFile, source: str, findings: list[Finding]) -> Zone | None:
    # People write 38, 第38带 or 38带.
    number = re.search(r"\d{1,3}", file.header.get("带号", ""))
    zone = zone_of_number(int(number.group())) if number is not None else None
    width = file.header.get("几度分带", "").removesuffix("度")
    if zone is not None and width and width != str(zone.width_deg):
        values: dict[str, object] = {"width": width, "zone": zone.number, "other": zone.width_deg}
        findings.append(Finding("warning", "txt_width", source, values=values))
    return zone


def _chosen(source: str, zone: Zone, datum: Literal["", Datum], *, prefixed: bool) -> Finding:
    values: dict[str, object] = {"epsg": zone.epsg_of(datum, prefixed=prefixed), "zone": zone.number}
    values["datum"] = {"": "CGCS2000", "xian1980": "Xi'an 1980", "beijing1954": "Beijing 1954"}[datum]
    return Finding("note", f"txt_plane_{'prefix' if prefixed else 'header'}", source, values=values)


def _plain(
    parcels: list[Parcel], points: FloatArray, bounds: NDArray[np.int64]
) -> tuple[NDArray[np.object_], NDArray[np.int64]]:
    """Return the parcels of one ring, all at once, and how many rings of each the file left open.

    ``None`` stands for those that need a closer look.
    """
    starts, stops = bounds[:-1], bounds[1:]
    shapes = np.full(len(parcels), None, dtype=object)
    owner = np.repeat(np.arange(len(parcels)), stops - starts)
    labels = np.concatenate([parcel.rings for parcel in parcels])
    at_start = (points == points[starts[owner]]).all(axis=1)
    one_ring = np.logical_and.reduceat(labels == labels[starts[owner]], starts)
    meetings = np.add.reduceat(at_start.astype(int), starts)
    areal = np.array([parcel.attributes.get("JXSX", "") not in {"点", "线"} for parcel in parcels])
    # A ring meets its first point at the start, and at the end where the file closes it.
    closed = (meetings == 2) & at_start[stops - 1] & (stops - starts > _SMALLEST_RING)  # noqa: PLR2004
    is_open = one_ring & areal & (meetings == 1) & (stops - starts >= _SMALLEST_RING)
    plain = one_ring & areal & closed | is_open
    if plain.any():
        kept = plain[owner]
        rank = np.cumsum(plain) - 1
        shapes[plain] = shapely.polygons(shapely.linearrings(points[kept], indices=rank[owner[kept]]))
    return shapes, is_open.astype(np.int64)


def _shape(parcel: Parcel, points: FloatArray, source: str) -> tuple[BaseGeometry, int]:
    """Return the shape of a parcel, and how many of its rings the file left open."""
    name = _name(parcel)
    kind = parcel.attributes.get("JXSX", "")
    if kind == "点":
        return shapely.multipoints(points) if len(points) > 1 else shapely.points(points[0]), 0
    if kind == "线":
        parts = np.split(points, np.flatnonzero(np.diff(parcel.rings)) + 1)
        if min(map(len, parts)) < 2:  # noqa: PLR2004 -- a line has two ends
            raise InputError("txt_ring_short", file=source, feature=name, count=min(map(len, parts)))
        return shapely.MultiLineString(parts) if len(parts) > 1 else shapely.linestrings(points), 0
    stored = split_rings(parcel.rings, points)
    rings = [_closed(ring, name, source) for ring in stored]
    try:
        return assemble(rings), sum(ring is not own for ring, own in zip(rings, stored, strict=True))
    except ValueError as error:
        raise InputError("txt_rings_overlap", file=source, feature=name) from error


def _name(parcel: Parcel) -> str:
    return parcel.attributes.get("DKBH") or str(parcel.line)


def _check_count(parcel: Parcel, source: str, findings: list[Finding]) -> None:
    """Compare the declared number of points; some programs count the closing points, some do not."""
    declared = parcel.attributes.get("JZDS", "")
    count = len(parcel.x)
    if not declared.isdigit() or int(declared) == count:
        return
    if not count - len(np.unique(parcel.rings)) <= int(declared) <= count:
        values: dict[str, object] = {"declared": declared, "count": count}
        findings.append(Finding("warning", "txt_count_differs", source, _name(parcel), values))


def split_rings(labels: NDArray[np.intp], points: FloatArray) -> list[FloatArray]:
    """Cut the points of a parcel into rings.

    Parameters
    ----------
    labels : ndarray of int, shape (n,)
        Ring number of each point; a change begins a ring, and so does a point after a ring has
        come back to its start.
    points : ndarray of float, shape (n, 2)

    Returns
    -------
    list of ndarray
        Points of each ring, as in the file.
    """
    rings: list[FloatArray] = []
    start = 0
    for place in range(1, len(points) + 1):
        ends = place == len(points) or labels[place] != labels[start]
        closes = place - start > _SMALLEST_RING - 1 and bool((points[place - 1] == points[start]).all())
        if ends or closes:
            if place > start:
                rings.append(points[start:place])
            start = place
    return rings


def _closed(ring: FloatArray, name: str, source: str) -> FloatArray:
    """Return a ring that ends on its first point, the very same where it did."""
    if len({(x, y) for x, y in ring.tolist()}) < _SMALLEST_RING:
        raise InputError("txt_ring_short", file=source, feature=name, count=len(ring))
    if (ring[0] == ring[-1]).all():
        return ring
    return np.vstack([ring, ring[:1]])


def assemble(rings: list[FloatArray]) -> BaseGeometry:
    """Tell outer rings from holes by containment, never by number or orientation.

    Parameters
    ----------
    rings : list of ndarray of float, shape (n, 2)
        Closed rings of one parcel.

    Returns
    -------
    Polygon or MultiPolygon
        A ring inside an odd number of others is a hole of the smallest of them.

    Raises
    ------
    ValueError
        If two rings cross.

    Examples
    --------
    >>> square = np.array([[0, 0], [4, 0], [4, 4], [0, 4], [0, 0]], dtype=float)
    >>> assemble([square / 4 + 1, square]).area
    15.0
    """
    if len(rings) == 1:
        return shapely.Polygon(rings[0])
    polygons = shapely.polygons([shapely.linearrings(ring) for ring in rings])
    inside = _containment(polygons)
    depth = inside.sum(axis=1)
    holes: dict[int, list[FloatArray]] = {place: [] for place in np.flatnonzero(depth % 2 == 0).tolist()}
    for place in np.flatnonzero(depth % 2 == 1).tolist():
        parents = np.flatnonzero(inside[place] & (depth == depth[place] - 1))
        holes[int(parents[0])].append(rings[place])
    parts = [shapely.Polygon(rings[place], inner) for place, inner in holes.items()]
    return parts[0] if len(parts) == 1 else shapely.multipolygons(parts)


def _containment(polygons: NDArray[np.object_]) -> NDArray[np.bool_]:
    """Return which ring (row) lies inside which (column); rings may touch but not cross."""
    inside = np.zeros((len(polygons), len(polygons)), dtype=bool)
    first, second = shapely.STRtree(polygons).query(polygons, predicate="intersects")
    for one, other in zip(first.tolist(), second.tolist(), strict=True):
        if one < other:
            small, large = sorted((one, other), key=lambda place: float(shapely.area(polygons[place])))
            if _holds(polygons[large], polygons[small]):
                inside[small, large] = True
    return inside


def _holds(large: BaseGeometry, small: BaseGeometry) -> bool:
    """Whether a ring lies inside another; an error where they cross or cannot be compared at all."""
    try:
        if large.covers(small):
            return True
        overlap = small.intersection(large).area
    except GEOSException as error:
        # Rings that cross themselves have no inside to speak of.
        raise ValueError from error
    if overlap > 0:
        raise ValueError
    return False
