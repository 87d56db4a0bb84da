"""Tables of points (CSV, Excel, CASS .dat): rows become parcels or sites, by evidence that is said.

X is northing. The table itself decides what its rows mean: a parcel or ring column, numbers that
run J1 to Jn, a ring that comes back to its start, or one name per row; where none does, it is refused.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from pyproj import CRS

from spatial.crs import CGCS2000_GEOGRAPHIC, system_of
from spatial.errors import InputError
from spatial.findings import Finding
from spatial.io.angles import chance_unpacked, degrees_of, plain
from spatial.io.boundary_points import Parcel
from spatial.io.named_systems import plane_named
from spatial.io.nesting import nested
from spatial.io.parcel_shapes import east_and_north, shapes_of
from spatial.io.point_columns import Header, find_header
from spatial.io.point_groups import Group, groups_of
from spatial.io.stated import Stated
from spatial.io.table_cells import Cells, csv_cells, sheet_cells
from spatial.recognition.candidates import LAT_DEG, LON_DEG, within
from spatial.settings import setting

FloatArray = NDArray[np.float64]

_THOUSANDS = re.compile(r"^-?\d{1,3}(,\d{3})+(\.\d+)?$")
_FIGURE = re.compile(r"^-?\d+(\.\d+)?$")
_FOUR_DECIMALS = re.compile(r"\.\d{4}\D*$")
_SCIENTIFIC = re.compile(r"^-?\d(?:\.(\d*))?[eE]\+?(\d+)$")
#: Columns that the writer names in Chinese, and what everything else calls them.
_CANONICAL = {"地块编号": "DKBH", "地块名称": "DKMC", "图形属性": "JXSX"}
_CASS = Header(-1, ["number", "code", "Y", "X", "H"], {"number": 0, "east": 2, "north": 3, "height": 4}, "")
_SHOWN = 5


@dataclass(frozen=True)
class Points:
    """The rows of a table that hold a point.

    Parameters
    ----------
    header
        What the columns mean.
    rows
        Cells, as many in each as the header has names.
    lines
        Row of each point in the file, from 1.
    blocks : ndarray of int
        A number that changes where the table has a row without a point.
    words
        What the rows without a point say, and the names of the columns of coordinates.
    """

    header: Header
    rows: list[list[str]]
    lines: list[int]
    blocks: NDArray[np.intp]
    words: list[str]

    def column(self, meaning: str) -> list[str] | None:
        """Return the cells of a column by its meaning, ``None`` where the table has none."""
        place = self.header.places.get(meaning)
        return None if place is None else [row[place] for row in self.rows]


def read_csv_points(path: Path, stated: Stated) -> tuple[gpd.GeoDataFrame, tuple[Finding, ...]]:
    """Read a CSV table of points; see :func:`point_layer`."""
    return point_layer(csv_cells(path, stated), str(path), stated)


def read_sheet_points(path: Path, stated: Stated) -> tuple[gpd.GeoDataFrame, tuple[Finding, ...]]:
    """Read a table of points in an Excel file; see :func:`point_layer`."""
    return point_layer(sheet_cells(path, stated), str(path), stated)


def read_cass_points(path: Path, stated: Stated) -> tuple[gpd.GeoDataFrame, tuple[Finding, ...]]:
    """Read a CASS data file, lines of number,code,Y (east),X (north),H; see :func:`point_layer`."""
    return point_layer(csv_cells(path, stated), str(path), stated, header=_CASS)


def point_layer(
    cells: Cells, source: str, stated: Stated, *, header: Header | None = None
) -> tuple[gpd.GeoDataFrame, tuple[Finding, ...]]:
    """Make features of a table of points.

    Parameters
    ----------
    cells
        The table, with a header unless one is given.
    source
        File name for findings and errors.
    stated
        ``crs`` is used where the table does not tell.
    header
        What the columns mean, for formats that never say.

    Returns
    -------
    features : GeoDataFrame
        Polygons, or points where each row is a site of its own. The system is CGCS2000 for degrees,
        what the user states, or ``None``; x is east.
    findings : tuple of Finding
        How the rows were understood, and what was left out.

    Raises
    ------
    InputError
        If there is no header, a cell is no number, or the rows can be understood in more than one way.
    """
    findings = list(cells.findings)
    found = header or find_header(cells.rows, source)
    points = _points_of(cells, found, source, findings)
    if "wkt" in found.coordinates:
        return _from_wkt(points, source, stated), tuple(findings)
    east, north, crs = _located(points, source, stated, findings)
    xy = np.column_stack([east, north])
    groups, evidence = groups_of(points, xy, source, scattered=header is not None)
    findings.append(evidence)
    if any(cell for cell in points.column("height") or ()):
        findings.append(Finding("note", "heights_dropped", source, values={"count": len(points.rows)}))
    if groups is None:
        columns = {name: [row[place] for row in points.rows] for place, name in _kept(points, polygons=False)}
        return gpd.GeoDataFrame(columns, geometry=shapely.points(xy), crs=crs), tuple(findings)
    return _parcels(points, xy, groups, source, crs, findings), tuple(findings)


def _points_of(cells: Cells, header: Header, source: str, findings: list[Finding]) -> Points:
    """Keep the rows that have coordinates; rows without are borders between blocks, and said if they hold anything."""
    wide = len(header.names)
    places = [header.places[name] for name in header.coordinates]
    kept, lines, blocks, words = [], [], [], []
    texts = [cells.title, *(header.names[place] for place in places)]
    texts += [cell for row in cells.rows[: max(header.row, 0)] for cell in row]
    block = 0
    for number, row in enumerate(cells.rows[header.row + 1 :], start=header.row + 2):
        cut = [*row[:wide], *[""] * (wide - len(row))]
        present = [bool(cut[place]) for place in places]
        if [plain(cell) for cell in cut] == header.names:
            continue
        if not any(present):
            # The length of an edge stands between the rows of its two points.
            block += 0 if _is_figure(cut, header) else 1
            words.extend([number] if any(cut) else [])
            texts += row
            continue
        if not all(present):
            raise InputError("points_half", file=source, feature=number)
        kept.append(cut)
        lines.append(number)
        blocks.append(block)
    if not kept:
        raise InputError("layer_empty", file=source)
    if words:
        values: dict[str, object] = {"count": len(words), "rows": ", ".join(map(str, words[:_SHOWN]))}
        findings.append(Finding("note", "points_words", source, values=values))
    return Points(header, kept, lines, np.array(blocks), texts)


def _is_figure(row: list[str], header: Header) -> bool:
    """Whether a row holds nothing but figures in columns that are plain attributes."""
    filled = [place for place, cell in enumerate(row) if cell]
    return bool(filled) and all(place not in header.places.values() and _FIGURE.match(row[place]) for place in filled)


def _located(
    points: Points, source: str, stated: Stated, findings: list[Finding]
) -> tuple[FloatArray, FloatArray, CRS | None]:
    """Return eastings, northings and the system, as far as the table tells it."""
    named = system_of(stated.crs) if stated.crs else None
    pair = ("lon", "lat") if "lon" in points.header.coordinates else ("east", "north")
    if pair[0] == "lon" or _is_spelled(points):
        lon, lat = _angles(points, pair, source, findings)
        return _degrees(lon, lat, source, named or plane_named(points.words, lon[0], stated, source), findings)
    north, east = (_numbers(points, name, source) for name in ("north", "east"))
    if max(np.abs(north).max(), np.abs(east).max()) <= 360:  # noqa: PLR2004 -- a circle
        _require_unpacked(points, pair, source, findings)
        return _degrees(east, north, source, named or plane_named(points.words, east[0], stated, source), findings)
    # Which plane they are in is recognised later, as it is for every layer that does not say.
    east, north, swapped = east_and_north(north, east, source) or (east, north, ())
    findings.extend(swapped)
    return east, north, named or plane_named(points.words, east[0], stated, source)


def _is_spelled(points: Points) -> bool:
    """Whether the columns X and Y hold degrees, minutes and seconds in words or signs."""
    for cell in (points.column(name) or [""] for name in ("east", "north")):
        try:
            _number_of(cell[0])
        except ValueError:
            try:
                degrees_of(cell[0])
            except ValueError:
                continue
            return True
    return False


def _numbers(points: Points, meaning: str, source: str) -> FloatArray:
    cells = points.column(meaning) or []
    try:
        values = np.array(cells, dtype=np.float64)
    except ValueError:
        values = np.array([_number(cell, points, at, source) for at, cell in enumerate(cells)])
    _require_exact(cells, points, source)
    if not np.isfinite(values).all():
        bad = int(np.flatnonzero(~np.isfinite(values))[0])
        raise InputError("points_bad_cell", file=source, feature=points.lines[bad], value=cells[bad][:60])
    return values


def _require_exact(cells: list[str], points: Points, source: str) -> None:
    """Refuse what a spreadsheet has shortened to powers of ten, coarser than a metre: 3.99E+06."""
    for at, cell in enumerate(cells):
        match = _SCIENTIFIC.match(cell) if "E" in cell or "e" in cell else None
        if match is not None and len(match.group(1) or "") < int(match.group(2)):
            raise InputError("points_rounded", file=source, feature=points.lines[at], value=cell[:60])


def _number_of(cell: str) -> float:
    text = plain(cell)
    if _THOUSANDS.match(text):
        text = text.replace(",", "")
    return float(text.removesuffix("米").removesuffix("m"))


def _number(cell: str, points: Points, at: int, source: str) -> float:
    try:
        return _number_of(cell)
    except ValueError as error:
        raise InputError("points_bad_cell", file=source, feature=points.lines[at], value=cell[:60]) from error


def _require_unpacked(points: Points, pair: tuple[str, str], source: str, findings: list[Finding]) -> None:
    """Refuse numbers that are most likely degrees, minutes and seconds, and warn of those that may be."""
    cells = [cell for name in pair for cell in points.column(name) or []]
    chance = chance_unpacked(cells)
    if chance < setting("packed_chance"):
        raise InputError("points_packed", file=source, value=cells[0])
    if chance < 1 and all(_FOUR_DECIMALS.search(cell) for cell in cells):
        findings.append(Finding("warning", "points_packed_maybe", source, values={"value": cells[0]}))


def _angles(
    points: Points, pair: tuple[str, str], source: str, findings: list[Finding]
) -> tuple[FloatArray, FloatArray]:
    lon, lat = (points.column(name) or [] for name in pair)
    style = points.header.style
    if not style:
        _require_unpacked(points, pair, source, findings)
    read = []
    for cells in (lon, lat):
        values = []
        for at, cell in enumerate(cells):
            try:
                values.append(degrees_of(cell, style))
            except ValueError as error:
                raise InputError("points_bad_cell", file=source, feature=points.lines[at], value=cell[:60]) from error
        read.append(np.array(values))
    if style == "packed":
        values_said: dict[str, object] = {"value": lon[0], "degrees": f"{read[0][0]:.8f}"}
        findings.append(Finding("note", "points_packed_read", source, values=values_said))
    return read[0], read[1]


def _degrees(
    lon: FloatArray, lat: FloatArray, source: str, named: CRS | None, findings: list[Finding]
) -> tuple[FloatArray, FloatArray, CRS | None]:
    values: dict[str, object] = {"x": f"{lon[0]:.6f}", "y": f"{lat[0]:.6f}"}
    if _within(lat, LON_DEG) and _within(lon, LAT_DEG):
        findings.append(Finding("warning", "points_lonlat_swapped", source, values=values))
        lon, lat = lat, lon
    if named is not None:
        return lon, lat, named
    findings.append(Finding("warning", "points_degrees", source, values=values))
    return lon, lat, CRS(CGCS2000_GEOGRAPHIC)


def _within(values: FloatArray, limits: tuple[float, float]) -> bool:
    return within((float(values.min()), float(values.max())), limits)


def _kept(points: Points, *, polygons: bool) -> list[tuple[int, str]]:
    """Return the columns that are attributes, by place and name."""
    used = {points.header.places[name] for name in points.header.coordinates}
    dropped = ("height", "number", "ring", "serial") if polygons else ("height",)
    used |= {points.header.places[name] for name in dropped if name in points.header.places}
    found: dict[str, int] = {}
    for place, name in enumerate(points.header.names):
        if place not in used and (name or any(row[place] for row in points.rows)):
            title = _CANONICAL.get(name, name) or f"column_{place + 1}"
            while title in found or title == "geometry":
                title += "_"
            found[title] = place
    return [(place, name) for name, place in found.items()]


def _parcels(  # noqa: PLR0917 -- one call
    points: Points, xy: FloatArray, groups: list[Group], source: str, crs: CRS | None, findings: list[Finding]
) -> gpd.GeoDataFrame:
    order = np.concatenate([group.rows for group in groups])
    parcels = []
    for group in groups:
        attributes = {"DKBH": group.name, "JXSX": group.kind}
        parcels.append(
            Parcel(attributes, points.lines[group.rows[0]], group.rings, xy[group.rows, 1], xy[group.rows, 0])
        )
    shapes, left_open = shapes_of(parcels, xy[order], source)
    findings.extend(left_open)
    columns: dict[str, list[str]] = {}
    varying = []
    for place, name in _kept(points, polygons=True):
        cells = [list(dict.fromkeys(points.rows[row][place] for row in group.rows)) for group in groups]
        # A merged cell holds its value in its first row only.
        filled = [[cell for cell in own if cell] for own in cells]
        if any(len(own) > 1 for own in filled):
            varying.append(name)
        else:
            columns[name] = [own[0] if own else "" for own in filled]
    if "DKBH" not in columns and "parcel" not in points.header.places:
        columns = {"DKBH": [group.name for group in groups], **columns}
    if not {"parcel", "name"} & set(points.header.places):
        findings.extend(_nested(shapes, groups, source))
    if varying:
        findings.append(Finding("note", "points_varying", source, values={"columns": ", ".join(varying)}))
    return gpd.GeoDataFrame(columns, geometry=shapes, crs=crs)


def _nested(shapes: NDArray[np.object_], groups: list[Group], source: str) -> list[Finding]:
    """Warn of outlines inside others where no column says what belongs together."""
    found = nested(shapes)
    if found is None:
        return []
    count, inner, outer = found
    values: dict[str, object] = {"count": count, "inner": groups[inner].name, "outer": groups[outer].name}
    return [Finding("warning", "points_nested", source, groups[inner].name, values)]


def _from_wkt(points: Points, source: str, stated: Stated) -> gpd.GeoDataFrame:
    texts = points.column("wkt") or []
    shapes = np.asarray(shapely.from_wkt(texts, on_invalid="ignore"), dtype=object)
    bad = np.flatnonzero(shapely.is_missing(shapes))
    if bad.size:
        raise InputError("points_bad_cell", file=source, feature=points.lines[bad[0]], value=texts[bad[0]][:60])
    columns = {name: [row[place] for row in points.rows] for place, name in _kept(points, polygons=False)}
    frame = gpd.GeoDataFrame(pd.DataFrame(columns, index=range(len(texts))), geometry=shapes)
    return frame.set_crs(system_of(stated.crs)) if stated.crs else frame
