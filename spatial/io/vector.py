"""Reading vector layers so that their areas will be right: every trap is an error or a finding."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import numpy as np
from pyproj import CRS

from spatial.crs import definition_of, known_crs, require_same_datum
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
    require_same_datum(crs, source=str(path))
    geometry, findings = mend(np.asarray(frame.geometry.array, dtype=object), str(path), feature_names(frame))
    check_coordinates(path, geometry, crs)
    features = frame.set_geometry(gpd.GeoSeries(geometry, index=frame.index, crs=crs))
    return VectorFile(path, features, (*raw.findings, *findings))


def feature_names(frame: gpd.GeoDataFrame) -> list[str]:
    """Return how messages call each feature: by id or name where there is one, else by row from 1."""
    for column in ("project_id", "id", "name", "名称", "项目名称", "DKBH"):
        if column in frame.columns:
            return [f"{row} ({value})" for row, value in enumerate(frame[column], start=1)]
    return [str(row) for row in range(1, len(frame) + 1)]


def crs_name(crs: CRS) -> str:
    """Return a coordinate system as people write it: code and name."""
    definition = definition_of(crs)
    return f"{definition} ({crs.name})" if definition.startswith("EPSG") else crs.name
