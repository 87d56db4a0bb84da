"""All checks of one layer, from its features to a list of findings."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from pyproj import CRS

from spatial.check.declared import check_declared_areas, check_declared_points
from spatial.check.paths import flatten
from spatial.check.plane import plane_of
from spatial.check.shapes import (
    check_flat,
    check_kinds,
    check_orientation,
    check_presence,
    check_slivers,
    check_validity,
)
from spatial.check.tiling import Layer, check_duplicates, check_tiling, duplicate_pairs
from spatial.check.vertices import check_vertices
from spatial.findings import Finding

_AREA = 2


def check_layer(
    frame: gpd.GeoDataFrame,
    source: str,
    names: list[str],
    *,
    crs: CRS | None,
    tiles: bool = False,
    points_compared: bool = False,
) -> list[Finding]:
    """Check the features of a layer.

    Parameters
    ----------
    frame
        Features as read, before any mending.
    source, names
        File, and one name per feature.
    crs
        The plane to believe; ``None`` where there is none, or one that the coordinates contradict:
        then areas are in the layer's own units and declared areas are not compared.
    tiles
        Whether the polygons should leave nothing between them: then gaps are errors.
    points_compared
        Whether declared numbers of points were compared while reading, with the file's own lines.

    Returns
    -------
    list of Finding
        Locations are in the file's own coordinates.

    Examples
    --------
    >>> from shapely import box
    >>> frame = gpd.GeoDataFrame(geometry=[box(0, 0, 9, 9), box(8, 0, 18, 9)], crs=4526)
    >>> [found.code for found in check_layer(frame, "a.gpkg", ["1", "2"], crs=None)]
    ['overlap']
    """
    raw = np.asarray(frame.geometry.array, dtype=object)
    present = check_presence(raw, source, names)
    plane = plane_of(present.geometry, crs)
    layer = Layer(source, names, plane)
    findings = [*present.findings, *check_kinds(present.geometry, source, names)]
    solid = check_flat(present.geometry, plane, source, names)
    paths = flatten(solid.geometry, plane)
    findings += solid.findings
    findings += check_validity(solid.geometry, plane, source, names)
    findings += check_vertices(paths, source, names)
    findings += check_orientation(paths, source, names)
    findings += check_slivers(paths, source, names)
    same = check_duplicates(solid.geometry, layer)
    findings += same
    findings += check_tiling(solid.geometry, layer, tiles=tiles, same=duplicate_pairs(same))
    columns: dict[str, list[Any]] = {
        str(name): frame[name].tolist() for name in frame.columns if name != frame.geometry.name
    }
    valid = solid.geometry.copy()
    valid[~shapely.is_valid(valid)] = None
    findings += check_declared_areas(columns, valid, layer)
    if not points_compared:
        findings += check_declared_points(columns, solid.geometry, layer)
    return findings
