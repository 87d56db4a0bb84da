"""The points of a project that is given by points, and the zones each of them lies in."""

from __future__ import annotations

import numpy as np
import shapely

from spatial.equal_area import GeometryArray
from spatial.screening.result import ProjectResult, Verdict, ZoneRow

#: A point and its copy in the evidence are the same within this distance [m]: one plane and back.
_SAME_M = 0.01


def points_of(found: ProjectResult) -> GeometryArray:
    """Return a project's points in order, in the analysis CRS; none where it has an area or a length."""
    shape = found.project.geometry
    if shape is None or found.project.kind != "point" or shapely.get_dimensions(shape) != 0:
        return np.empty(0, dtype=object)
    return np.asarray(shapely.get_parts(shape), dtype=object)


def points_met(found: ProjectResult, row: ZoneRow) -> tuple[int, ...] | None:
    """Return the numbers, from 1, of the points that lie in a row's zones.

    Returns
    -------
    tuple of int or None
        ``None`` where the project has no points, the row is no overlap, or its evidence is not known.
    """
    points = points_of(found)
    if not len(points) or row.status != "contact":
        return None
    if row.evidence is None:
        return (1,) if len(points) == 1 else None
    inside = shapely.dwithin(points, row.evidence, _SAME_M)
    return tuple((np.flatnonzero(inside) + 1).tolist())


def rows_at(found: ProjectResult, number: int) -> list[ZoneRow]:
    """Return the rows whose zones the point of a number lies in, the strictest first."""
    rows = [row for row in found.rows if number in (points_met(found, row) or ())]
    return sorted(rows, key=lambda row: -row.verdict.severity)


def decisive_rows(found: ProjectResult) -> list[ZoneRow]:
    """Return the overlaps worth pointing at on a map.

    Those that prohibit or need review; else those with the project's verdict that do not cover the
    whole project, such as a land-use regime that holds everywhere.
    """
    met = [row for row in found.rows if row.status == "contact" and row.evidence is not None]
    grave = [row for row in met if row.verdict in {Verdict.PROHIBITED, Verdict.REVIEW}]
    return grave or [row for row in met if row.verdict == found.verdict and not _covers(found, row)]


def _covers(found: ProjectResult, row: ZoneRow) -> bool:
    """Return whether a zone covers the whole project, but for what prints as nothing."""
    points = points_of(found)
    if len(points):
        return len(points_met(found, row) or ()) == len(points)
    return row.gross_share_pct is not None and round(row.gross_share_pct, 2) >= 100.0  # noqa: PLR2004 -- per cent
