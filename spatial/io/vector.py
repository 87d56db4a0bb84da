"""Reading and writing vector layers: every trap is an error or a finding, nothing is repaired in silence."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
from pyogrio.errors import DataSourceError
from pyproj import CRS

from spatial.crs import definition_of, known_crs, require_same_datum
from spatial.errors import InputError
from spatial.findings import Finding
from spatial.io.atomic import staged
from spatial.io.boundary_points import parse
from spatial.io.boundary_points_writer import write_boundary_points
from spatial.io.coordinates import check_coordinates
from spatial.io.dbf import table_text
from spatial.io.parcel_shapes import parcel_layer
from spatial.io.text import read_text
from spatial.settings import setting

_PARQUET = {".parquet", ".geoparquet"}
_BOUNDARY_POINTS = ".txt"
_SHAPEFILE = ".shp"
_DRIVERS = {".gpkg": "GPKG", ".geojson": "GeoJSON", ".json": "GeoJSON", ".shp": "ESRI Shapefile"}


@dataclass(frozen=True)
class VectorFile:
    """A vector layer as read: features, and what was seen or mended on the way.

    Parameters
    ----------
    features
        Valid 2-D geometries, or ``None`` where the file has none; x is east.
    """

    path: Path
    features: gpd.GeoDataFrame
    findings: tuple[Finding, ...]

    @property
    def crs(self) -> CRS:
        """The layer's coordinate system."""
        return CRS(self.features.crs)


def read_vector(path: Path, *, stated_crs: str = "") -> VectorFile:
    """Read a vector layer and make sure that its areas will be right.

    Parameters
    ----------
    path
        GeoParquet, a boundary-point file (.txt), or any format GDAL reads as one layer: GeoPackage,
        GeoJSON, Shapefile.
    stated_crs
        Coordinate system to use where the file has none.

    Raises
    ------
    InputError
        If the file is missing, empty or unreadable, has no coordinate system or one of another
        datum, if coordinates and coordinate system contradict each other, or if a geometry cannot
        be mended without changing its area.
    """
    if not path.exists():
        raise InputError("file_missing", file=path)
    frame, seen = _read(path, stated_crs)
    if not isinstance(frame, gpd.GeoDataFrame) or frame.empty:
        raise InputError("layer_empty", file=path)
    if frame.crs is None:
        if not stated_crs:
            raise InputError("crs_missing", file=path)
        frame = frame.set_crs(known_crs(stated_crs))
    crs = CRS(frame.crs)
    require_same_datum(crs, source=str(path))
    geometry, findings = mend(np.asarray(frame.geometry.array, dtype=object), str(path), feature_names(frame))
    check_coordinates(path, geometry, crs)
    features = frame.set_geometry(gpd.GeoSeries(geometry, index=frame.index, crs=crs))
    return VectorFile(path, features, (*seen, *findings))


def _read(path: Path, stated_crs: str) -> tuple[Any, list[Finding]]:
    if path.suffix.lower() == _BOUNDARY_POINTS:
        decoded = read_text(path)
        layer = parcel_layer(parse(decoded.text, str(path)), str(path), stated_crs=stated_crs)
        return layer.features, [decoded.finding(str(path)), *layer.findings]
    table = path.with_suffix(".dbf")
    if path.suffix.lower() == _SHAPEFILE and table.is_file() and table.stat().st_size:
        text = table_text(table)
        return _read_by_library(path, encoding=text.encoding), list(text.findings)
    return _read_by_library(path), []


def _read_by_library(path: Path, **options: str) -> Any:
    try:
        if path.suffix.lower() in _PARQUET:
            return gpd.read_parquet(path)
        return gpd.read_file(path, **options)
    except Exception as error:
        # GDAL, Arrow and pandas each have exceptions of their own for a file they cannot read.
        if path.is_file() and path.stat().st_size == 0:
            raise InputError("file_empty", file=path) from error
        raise InputError("file_unreadable", file=path, fault=_first_line(error)) from error


def _first_line(error: Exception) -> str:
    lines = str(error).splitlines()
    return lines[0] if lines else type(error).__name__


def feature_names(frame: gpd.GeoDataFrame) -> list[str]:
    """Return how messages call each feature: by id or name where there is one, else by row from 1."""
    for column in ("project_id", "id", "name", "名称", "项目名称", "DKBH"):
        if column in frame.columns:
            return [f"{row} ({value})" for row, value in enumerate(frame[column], start=1)]
    return [str(row) for row in range(1, len(frame) + 1)]


def mend(
    geometry: NDArray[np.object_], source: str, names: list[str]
) -> tuple[NDArray[np.object_], tuple[Finding, ...]]:
    """Drop heights, turn empty geometries into missing ones and repair what can be repaired safely.

    Parameters
    ----------
    geometry : ndarray of shapely geometries, shape (n,)
        In the units of the source plane.
    source, names
        File, and one name per feature, for messages.

    Returns
    -------
    geometry : ndarray of shapely geometries, shape (n,)
        2-D and valid, ``None`` where there was nothing.
    findings : tuple of Finding
        What was done, feature by feature.

    Raises
    ------
    InputError
        If the repair would change an area by more than ``repair_area_m2`` and ``repair_area_share``,
        or if coordinates are not finite.
    """
    findings: list[Finding] = []
    if shapely.has_z(geometry).any():
        findings.append(
            Finding("note", "heights_dropped", source, values={"count": int(shapely.has_z(geometry).sum())})
        )
    flat = np.array(shapely.force_2d(geometry), dtype=object)
    for row in np.flatnonzero(shapely.is_empty(flat)):
        findings.append(Finding("note", "geometry_empty", source, names[row]))
        flat[row] = None
    for row in np.flatnonzero(~shapely.is_missing(flat) & ~shapely.is_valid(flat)):
        flat[row], finding = _mended(flat[row], source, names[row])
        findings.append(finding)
    return flat, tuple(findings)


def _mended(geometry: Any, source: str, name: str) -> tuple[Any, Finding]:
    reason = shapely.is_valid_reason(geometry)
    if not np.isfinite(shapely.get_coordinates(geometry)).all():
        raise InputError("geometry_not_finite", file=source, feature=name)
    repaired = shapely.make_valid(geometry, method="structure", keep_collapsed=False)
    before, after = float(shapely.area(geometry)), float(shapely.area(repaired))
    allowed = max(setting("repair_area_m2"), setting("repair_area_share") * before)
    # A bow-tie's signed halves cancel, so its stored area says nothing: the rings' extent must agree too.
    outline = float(shapely.area(shapely.make_valid(geometry, method="linework")))
    if shapely.is_empty(repaired) or max(abs(after - before), abs(after - outline)) > allowed:
        raise InputError("geometry_invalid", file=source, feature=name, reason=reason)
    values: dict[str, object] = {"reason": reason, "before": f"{before:.4f}", "after": f"{after:.4f}"}
    return repaired, Finding("warning", "geometry_mended", source, name, values)


def write_vector(frames: dict[str, gpd.GeoDataFrame], path: Path) -> None:
    """Write layers to one file under a temporary name and rename it.

    Parameters
    ----------
    frames
        Layer name to features. Only a GeoPackage takes more than one.
    path
        ``.gpkg``, ``.geojson``, ``.shp``, ``.parquet`` or ``.txt`` (boundary points).
    """
    suffix = path.suffix.lower()
    if suffix == _BOUNDARY_POINTS:
        (frame,) = frames.values()
        write_boundary_points(frame, path)
        return
    if suffix not in {*_PARQUET, *_DRIVERS}:
        raise InputError(
            "format_unknown", file=path, formats=" ".join(sorted({*_PARQUET, *_DRIVERS, _BOUNDARY_POINTS}))
        )
    # A Shapefile is several files: all of them are finished before any takes its place.
    with staged(path.parent) as folder:
        for layer, frame in frames.items():
            _write_layer(frame, folder / path.name, layer, path)


def _write_layer(frame: gpd.GeoDataFrame, temporary: Path, layer: str, path: Path) -> None:
    suffix = path.suffix.lower()
    options = {"encoding": "UTF-8"} if suffix == _SHAPEFILE else {}
    try:
        if suffix in _PARQUET:
            frame.to_parquet(temporary, compression="zstd")
        else:
            frame.to_file(temporary, driver=_DRIVERS[suffix], layer=layer, engine="pyogrio", **options)
    except DataSourceError as error:
        # GDAL does not say why: a full disk is the usual reason.
        raise InputError("write_failed", file=path, fault=_first_line(error)) from error


def crs_name(crs: CRS) -> str:
    """Return a coordinate system as people write it: code and name."""
    definition = definition_of(crs)
    return f"{definition} ({crs.name})" if definition.startswith("EPSG") else crs.name
