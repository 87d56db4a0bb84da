"""Mending geometries where that is safe, and saying so; refusing them where it is not."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import CRS

from spatial.areas import stored_vertex_area_m2
from spatial.errors import InputError
from spatial.findings import Finding
from spatial.settings import setting


def mend(
    geometry: NDArray[np.object_], crs: CRS, source: str, names: Sequence[str]
) -> tuple[NDArray[np.object_], tuple[Finding, ...]]:
    """Drop heights, turn empty geometries into missing ones and repair what can be repaired safely.

    Parameters
    ----------
    geometry : ndarray of shapely geometries, shape (n,)
        In ``crs``.
    crs
        Areas before and after a repair are compared in square metres whatever it is.
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
    heights = int(shapely.has_z(geometry).sum())
    flat = np.array(geometry, dtype=object)
    if heights:
        findings.append(Finding("note", "heights_dropped", source, values={"count": heights}))
    # Measures (M) are dropped like heights; plain geometries need no copy.
    if (shapely.get_coordinate_dimension(flat) > 2).any():  # noqa: PLR2004
        flat = np.array(shapely.force_2d(flat), dtype=object)
    for row in np.flatnonzero(shapely.is_empty(flat)):
        findings.append(Finding("note", "geometry_empty", source, names[int(row)]))
        flat[row] = None
    require_finite(flat, source, names)
    for row in np.flatnonzero(~shapely.is_missing(flat) & ~shapely.is_valid(flat)):
        flat[row], finding = _mended(flat[row], crs, source, names[int(row)])
        findings.append(finding)
    return flat, tuple(findings)


def require_finite(geometry: NDArray[np.object_], source: str, names: Sequence[str]) -> None:
    """Refuse geometries with coordinates that are NaN or infinite.

    Parameters
    ----------
    geometry, source, names
        As :func:`mend` takes them.

    Raises
    ------
    InputError
        With the first such feature.
    """
    if np.isfinite(shapely.get_coordinates(geometry)).all():
        return
    coords, owner = shapely.get_coordinates(geometry, return_index=True)
    bad = owner[~np.isfinite(coords).all(axis=1)]
    if bad.size:
        raise InputError("geometry_not_finite", file=source, feature=names[int(bad[0])])


def _mended(geometry: Any, crs: CRS, source: str, name: str) -> tuple[Any, Finding]:
    reason = shapely.is_valid_reason(geometry)
    repaired = shapely.make_valid(geometry, method="structure", keep_collapsed=False)
    # A bow-tie's signed halves cancel, so its stored area says nothing: the rings' extent must agree too.
    outline = shapely.make_valid(geometry, method="linework")
    before, after, extent = stored_vertex_area_m2([geometry, repaired, outline], crs).tolist()
    allowed = max(setting("repair_area_m2"), setting("repair_area_share") * before)
    if shapely.is_empty(repaired) or max(abs(after - before), abs(after - extent)) > allowed:
        raise InputError("geometry_invalid", file=source, feature=name, reason=reason)
    values: dict[str, object] = {"reason": reason, "before": f"{before:.4f}", "after": f"{after:.4f}"}
    return repaired, Finding("warning", "geometry_mended", source, name, values)
