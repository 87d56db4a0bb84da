"""Moving a layer to another plane vertex by vertex, and saying what that does to its areas."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
from pyproj import CRS

from spatial.areas import official_area_m2
from spatial.equal_area import reproject
from spatial.findings import Finding
from spatial.io.vector import FeatureNames, VectorFile
from spatial.settings import setting


def moved_to(file: VectorFile, plane: CRS) -> tuple[gpd.GeoDataFrame, list[Finding]]:
    """Return a layer in another plane, its vertices moved and none added.

    Parameters
    ----------
    file
        A layer as read.
    plane
        Where to.

    Returns
    -------
    features : GeoDataFrame
        In ``plane``.
    findings : list of Finding
        A straight edge of one plane is bent in another: how much the official areas change by
        that, where it is more than ``area_change``.
    """
    features = file.features
    if file.crs == plane:
        return features, []
    moved = reproject(features.geometry.array, file.crs, plane)
    before = official_area_m2(features.geometry.array, file.crs)
    after = official_area_m2(moved, plane)
    has_area = np.nan_to_num(before) > 0
    share = np.zeros(len(before))
    share[has_area] = np.abs(after[has_area] / before[has_area] - 1)
    findings = []
    if share.size and share.max() > setting("area_change"):
        worst = int(share.argmax())
        values: dict[str, object] = {"relative": f"{share[worst]:.1e}"}
        name = FeatureNames(features)[worst]
        findings.append(Finding("warning", "convert_area_changed", str(file.path), name, values))
    return features.set_geometry(gpd.GeoSeries(moved, index=features.index, crs=plane)), findings
