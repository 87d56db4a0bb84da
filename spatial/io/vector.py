"""Reading vector layers so that their areas will be right: every trap is an error or a finding."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from pyproj import CRS

from spatial.crs import definition_of, known_crs, require_same_datum
from spatial.equal_area import densify, reproject
from spatial.errors import InputError
from spatial.findings import Finding
from spatial.io.coordinates import check_coordinates
from spatial.io.mending import mend
from spatial.io.readers import read_raw
from spatial.io.stated import Stated


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


def read_vector(path: Path, stated: Stated | None = None) -> VectorFile:
    """Read a vector layer and make sure that its areas will be right.

    Parameters
    ----------
    path
        A file of any format of ``data/formats.csv``.
    stated
        What the user says of the file: coordinate system where it has none, layer, encoding.

    Raises
    ------
    InputError
        If the file is missing, empty or unreadable, has several layers and none is named, has no
        coordinate system or one of another datum, if coordinates and coordinate system contradict each other, or if a geometry cannot
        be mended without changing its area.
    """
    stated = stated or Stated()
    raw = read_raw(path, stated)
    frame = raw.features
    if not isinstance(frame, gpd.GeoDataFrame) or frame.empty:
        raise InputError("layer_empty", file=path)
    if frame.crs is None:
        if not stated.crs:
            raise InputError("crs_missing", file=path)
        frame = frame.set_crs(known_crs(stated.crs))
    crs = CRS(frame.crs)
    if not (crs.is_projected or crs.is_geographic):
        raise InputError("crs_unusable", file=path, crs=crs.name)
    require_same_datum(crs, source=str(path))
    names = feature_names(frame)
    _require_simple(path, np.asarray(frame.geometry.array, dtype=object), names)
    check_coordinates(path, np.asarray(frame.geometry.array, dtype=object), crs, names)
    geometry, findings = mend(np.asarray(frame.geometry.array, dtype=object), crs, str(path), names)
    features = frame.set_geometry(gpd.GeoSeries(geometry, index=frame.index, crs=crs))
    return VectorFile(path, features, (*raw.findings, *findings))


def in_plane(file: VectorFile, plane: CRS) -> tuple[NDArray[np.object_], tuple[Finding, ...]]:
    """Return a layer's geometries in another plane, its edges straight where they were drawn.

    Parameters
    ----------
    file
        A layer as read.
    plane
        Where to; the layer's own plane changes nothing.

    Returns
    -------
    geometry : ndarray of shapely geometries, shape (n,)
        Edges cut to at most 50 m before they are moved, and valid.
    findings : tuple of Finding
        What had to be mended after the move.
    """
    geometry = np.asarray(file.features.geometry.array, dtype=object)
    if file.crs == plane:
        return geometry, ()
    moved = reproject(densify(geometry, file.crs), file.crs, plane)
    return mend(moved, plane, str(file.path), feature_names(file.features))


def _require_simple(path: Path, geometry: NDArray[np.object_], names: list[str]) -> None:
    """Refuse collections: whether they are meant as area or as line, nobody can say."""
    kinds = shapely.get_type_id(geometry)
    for row in np.flatnonzero(kinds == shapely.GeometryType.GEOMETRYCOLLECTION):
        raise InputError("feature_collection", file=path, feature=names[row])


def feature_names(frame: gpd.GeoDataFrame) -> list[str]:
    """Return how messages call each feature: by id or name where there is one, else by row from 1."""
    for column in ("project_id", "项目编号", "编号", "id", "name", "名称", "项目名称", "DKBH"):
        if column in frame.columns:
            return [f"{row} ({text_of(value)})" for row, value in enumerate(frame[column], start=1)]
    return [str(row) for row in range(1, len(frame) + 1)]


def text_of(value: object) -> str:
    """Return a cell as text, empty where it holds nothing.

    Examples
    --------
    >>> text_of(7.0), text_of(None), text_of(" a ")
    ('7', '', 'a')
    """
    if value is None or value is pd.NA or value is pd.NaT:
        return ""
    if isinstance(value, float):
        # A column of whole numbers with a gap is read as decimals: 7.0 is project 7.
        return "" if math.isnan(value) else str(int(value) if value.is_integer() else value)
    return str(value).strip()


def crs_name(crs: CRS) -> str:
    """Return a coordinate system as people write it: code and name."""
    definition = definition_of(crs)
    return f"{definition} ({crs.name})" if definition.startswith("EPSG") else crs.name
