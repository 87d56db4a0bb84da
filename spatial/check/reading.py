"""Reading a file for a check: what the reader refuses becomes a finding, and the rest is read all the same."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import shapely
from numpy.typing import NDArray
from pyproj import CRS

from spatial.check.codes import found
from spatial.crs import offset_named, require_usable
from spatial.errors import InputError
from spatial.findings import Finding
from spatial.io.boundary_points import FIELDS, BoundaryFile, Parcel, parse
from spatial.io.coordinates import check_coordinates
from spatial.io.formats import reader_of
from spatial.io.parcel_shapes import parcel_layer
from spatial.io.readers import RawLayer, read_raw
from spatial.io.stated import Stated
from spatial.io.stored_kinds import are_measured, curves_cut, stored_kinds
from spatial.io.text import read_text
from spatial.io.vector import FeatureNames, Reading, labelled, placed_in_cgcs2000
from spatial.recognition.place import Place

#: Faults of one parcel, which do not keep the others from being read.
OF_A_PARCEL = frozenset({"txt_ring_short", "txt_rings_overlap", "txt_coordinates"})
#: Faults of the plane: the outlines can be looked at in their own units.
_OF_THE_PLANE = {"txt_zones_mixed", "txt_zone_contradiction", "datum_shift"}
#: Any plane in metres lets the reader make outlines; it is forgotten afterwards.
_ANY_PLANE = "EPSG:4547"
#: At most so many features, taken evenly, tell whether the plane is wrong; all are held against it in blocks of so many.
_PROBED, _BLOCK = 100, 256


@dataclass(frozen=True)
class Loaded:
    """A layer for a check.

    Parameters
    ----------
    frame
        Features before any mending; ``None`` where nothing could be read.
    crs
        The plane to believe; ``None`` where there is none or one that the coordinates contradict.
    stated_crs
        What the file or the user says of it, believed or not.
    findings
        What was seen or refused while reading.
    points_compared
        Whether the reader has compared declared numbers of points with the file's own lines.
    """

    frame: gpd.GeoDataFrame | None
    crs: CRS | None
    stated_crs: str
    findings: tuple[Finding, ...]
    points_compared: bool = False


@dataclass(frozen=True)
class Asked:
    """What is known of a file that is to be checked.

    Parameters
    ----------
    stated
        What the user says of it.
    place
        Where it should lie, where that is known.
    role, fields
        What it should be, and the columns that the catalogue names for the role's fields.
    tiles
        Whether its polygons should leave nothing between them.
    """

    stated: Stated = field(default_factory=Stated)
    place: Place | None = None
    role: str = ""
    fields: dict[str, str] = field(default_factory=dict)
    tiles: bool = False


def load(path: Path, asked: Asked) -> Loaded:
    """Read a layer, turning every refusal into a finding.

    Parameters
    ----------
    path
        An existing file.
    asked
        What is known of it.

    Raises
    ------
    InputError
        ``layers_many`` only: the caller checks each layer.
    """
    findings: list[Finding] = []
    stated = asked.stated
    raw = _read(path, stated, findings)
    frame = raw.features
    findings = [*raw.findings, *findings]
    if not isinstance(frame, gpd.GeoDataFrame) or frame.empty:
        if not _has_error(findings):
            findings.append(as_finding(InputError("layer_empty", file=path), path))
        return Loaded(None, None, "", tuple(findings))
    said = {finding.code for finding in findings}
    findings += [seen for seen in _stored_kinds(path, stated) if seen.code not in said]
    frame, crs, plane_findings = _plane(path, frame, asked, findings)
    name = CRS(frame.crs).name if frame.crs is not None else ""
    return Loaded(frame, crs, name, (*findings, *plane_findings), raw.points_compared)


def as_finding(error: InputError, path: Path, at: tuple[float, float] | None = None) -> Finding:
    """Return what a reader refuses as a finding of severity error."""
    said = dict(error.values)
    feature = str(said.pop("feature", ""))
    for name in ("file", "names"):
        said.pop(name, None)
    return Finding("error", error.key, str(path), feature, said, at)


def _read(path: Path, stated: Stated, findings: list[Finding]) -> RawLayer:
    try:
        return read_raw(path, stated)
    except InputError as error:
        if error.key == "layers_many":
            raise
        return _second_try(path, stated, error, findings)


def _second_try(path: Path, stated: Stated, error: InputError, findings: list[Finding]) -> RawLayer:
    """Read what the reader refused by a way that asks less of it."""
    try:
        reader = reader_of(path)
    except InputError:
        reader = ""
    if reader == "boundary_points" and error.key in OF_A_PARCEL | _OF_THE_PLANE:
        return _boundary_points(path, stated, findings)
    if reader in {"gdal", "shapefile", "keyhole"} and error.key == "file_unreadable":
        closed = _closing_rings(path, stated, findings)
        if closed is not None:
            return closed
    findings.append(as_finding(error, path))
    return RawLayer(None)


def _closing_rings(path: Path, stated: Stated, findings: list[Finding]) -> RawLayer | None:
    """Read a layer with rings that are left open, closing them; ``None`` where that was not the fault."""
    options: dict[str, Any] = {"encoding": stated.encoding} if stated.encoding else {}
    if stated.layer:
        options["layer"] = stated.layer
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            if not stated.layer and len(pyogrio.list_layers(path)) > 1:
                return None
            meta, _, shapes, _ = pyogrio.raw.read(path, **options)
            table = pyogrio.read_dataframe(path, read_geometry=False, **options)
        geometry = shapely.from_wkb(shapes, on_invalid="fix")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            is_open = shapely.is_missing(shapely.from_wkb(shapes, on_invalid="ignore")) & ~shapely.is_missing(geometry)
    except Exception:  # noqa: BLE001 -- GDAL, GEOS and pandas each have their own; the first error stands
        return None
    if not is_open.any():
        return None
    for row in np.flatnonzero(is_open):
        x, y = shapely.get_coordinates(geometry[row])[0].tolist() if not geometry[row].is_empty else (np.nan, np.nan)
        findings.append(found("ring_open", str(path), str(row + 1), at=(x, y) if np.isfinite(x) else None))
    return RawLayer(gpd.GeoDataFrame(table, geometry=geometry, crs=meta["crs"]))


def _boundary_points(path: Path, stated: Stated, findings: list[Finding]) -> RawLayer:
    """Read a boundary-point file parcel by parcel where the whole is refused."""
    decoded = read_text(path, stated=stated.encoding)
    try:
        file = parse(decoded.text, str(path))
    except InputError as error:
        findings.append(as_finding(error, path))
        return RawLayer(None)
    made: list[tuple[gpd.GeoDataFrame, list[Finding]]] = []
    plane = stated.crs

    def attempt(parcels: list[Parcel]) -> bool:
        """Read parcels, the bad ones apart; false where one of them is bad."""
        nonlocal plane
        part = BoundaryFile(file.header, parcels, file.unknown)
        try:
            layer = parcel_layer(part, str(path), stated_crs=plane)
        except InputError as error:
            if error.key in _OF_THE_PLANE and not plane:
                findings.append(as_finding(error, path))
                plane = _ANY_PLANE
                attempt(parcels)
            elif len(parcels) > 1:
                # Halving finds the few bad parcels without reading the good ones one by one.
                middle = len(parcels) // 2
                halves = [attempt(parcels[:middle]), attempt(parcels[middle:])]
                if all(halves):
                    # Each is right by itself, but they do not go together.
                    findings.append(as_finding(error, path))
            else:
                findings.append(as_finding(error, path, _first_point(parcels[0])))
                made.append((_without_shape(parcels[0]), []))
            return False
        made.append((layer.features, layer.findings))
        return True

    attempt(file.parcels)
    systems = {str(frame.crs) for frame, _ in made if frame.crs is not None}
    believed = plane != _ANY_PLANE or stated.crs == _ANY_PLANE
    crs = next((frame.crs for frame, _ in made if frame.crs is not None), None) if len(systems) == 1 else None
    frames = [frame.set_crs(None, allow_override=True) for frame, _ in made]
    joined = gpd.GeoDataFrame(pd.concat(frames, ignore_index=True), geometry="geometry")
    if believed and crs is not None:
        joined = joined.set_crs(crs)
    seen = [decoded.finding(str(path)), *(finding for _, some in made for finding in some)]
    return RawLayer(joined, tuple(seen), points_compared=True)


def _first_point(parcel: Parcel) -> tuple[float, float] | None:
    """Return a parcel's first point; northing stands first in these files."""
    return (float(parcel.y[0]), float(parcel.x[0])) if len(parcel.x) else None


def _without_shape(parcel: Parcel) -> gpd.GeoDataFrame:
    """Return a parcel that has no outline, so that its row is not lost."""
    columns = {name: [parcel.attributes.get(name, "")] for name in FIELDS}
    return gpd.GeoDataFrame(columns, geometry=gpd.GeoSeries([None]))


def _stored_kinds(path: Path, stated: Stated) -> list[Finding]:
    """Find measures, and curves in layers that say of themselves that they hold none."""
    try:
        if reader_of(path) not in {"gdal", "shapefile", "archive"}:
            return []
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            source = f"/vsizip/{path}" if path.suffix.lower() == ".zip" else path
            kinds = stored_kinds(source, stated.layer or None)
    except Exception:  # noqa: BLE001 -- what cannot be asked here was said by the reader
        return []
    findings = curves_cut(kinds, str(path))
    measured = are_measured(kinds)
    if measured.any():
        findings.append(found("has_m", str(path), str(int(np.argmax(measured)) + 1), count=int(measured.sum())))
    return findings


def _plane(
    path: Path, frame: gpd.GeoDataFrame, asked: Asked, earlier: list[Finding]
) -> tuple[gpd.GeoDataFrame, CRS | None, list[Finding]]:
    """Return the layer in the plane to believe, and what is wrong with the one that is stated."""
    if frame.crs is None and any(finding.code in _OF_THE_PLANE for finding in earlier):
        return frame, None, []
    try:
        frame, named = labelled(path, frame, asked.stated, asked.place)
    except InputError as error:
        return frame, None, [as_finding(error, path)]
    crs, findings = CRS(frame.crs), list(named)
    if not asked.stated.unshift or offset_named(crs) != asked.stated.unshift:
        try:
            require_usable(crs, source=str(path))
        except InputError as error:
            return frame, crs if crs.is_projected or crs.is_geographic else None, [*findings, as_finding(error, path)]
    layer = _Sound.of(frame, path, crs, asked.place)
    probed = layer.rows[:: len(layer.rows) // _PROBED + 1]
    strays = layer.strays(probed)
    # Where most features contradict the plane it is the plane that is wrong, and one example will do.
    if 2 * len(strays) > len(probed):
        return frame, None, [*findings, strays[min(strays)]]
    strays = layer.strays(layer.rows)
    sound = layer.geometry.copy()
    sound[list(strays)] = None
    try:
        findings += placed_in_cgcs2000(sound, crs, Reading(path, asked.stated, asked.place, layer.names))[2]
    except InputError as error:
        findings.append(as_finding(error, path))
    return frame, crs, [*findings, *strays.values()]


@dataclass(frozen=True)
class _Sound:
    """The features of a layer whose coordinates are numbers, to be held against their plane."""

    path: Path
    crs: CRS
    place: Place | None
    names: Sequence[str]
    geometry: NDArray[np.object_]
    rows: NDArray[np.intp]

    @classmethod
    def of(cls, frame: gpd.GeoDataFrame, path: Path, crs: CRS, place: Place | None) -> _Sound:
        geometry = np.asarray(frame.geometry.array, dtype=object).copy()
        coords, owner = shapely.get_coordinates(geometry, return_index=True)
        geometry[np.unique(owner[~np.isfinite(coords).all(axis=1)])] = None
        rows = np.flatnonzero(~shapely.is_missing(geometry) & ~shapely.is_empty(geometry))
        return cls(path, crs, place, FeatureNames(frame), geometry, rows)

    def strays(self, rows: NDArray[np.intp]) -> dict[int, Finding]:
        """Return a finding for each of some features whose coordinates contradict the plane, by row."""
        strays: dict[int, Finding] = {}
        # Block by block: a refusal names the first feature only, and what follows it is looked at again.
        for block in np.split(rows, range(_BLOCK, len(rows), _BLOCK)):
            start = 0
            while start < len(block):
                places = [str(place) for place in range(start, len(block))]
                try:
                    check_coordinates(self.path, self.geometry[block[start:]], self.crs, places, self.place)
                except InputError as error:
                    place = int(str(error.values["feature"]))
                    row = int(block[place])
                    x, y = shapely.get_coordinates(self.geometry[row])[0].tolist()
                    strays[row] = replace(as_finding(error, self.path, (x, y)), feature=self.names[row])
                    start = place + 1
                else:
                    break
        return strays


def _has_error(findings: list[Finding]) -> bool:
    """Return whether any finding is an error."""
    return any(finding.severity == "error" for finding in findings)
