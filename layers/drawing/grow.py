"""Areas that follow the land: grown out of a field to a wanted official area."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely
from scipy.optimize import brentq

from layers.drawing.land import ROUND_M, Land
from spatial.areas import official_area_m2

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from pyproj import CRS

    FloatArray = NDArray[np.float64]


_FARTHEST_M = 200.0


def area_m2(shape: shapely.Geometry, crs: CRS) -> float:
    """Return the official area of one shape [m2]."""
    return float(official_area_m2([shape], crs)[0])


def rounded(shape: shapely.Geometry, step_m: float = ROUND_M) -> shapely.Geometry:
    """Round coordinates, keep the polygons, and turn their rings as GIS files have them."""
    fixed = shapely.set_precision(shape, step_m)
    polygons = [part for part in shapely.get_parts(fixed) if part.geom_type == "Polygon" and part.area > 0]
    made = shapely.MultiPolygon(polygons) if len(polygons) != 1 else polygons[0]
    return shapely.orient_polygons(shapely.normalize(made))


def fit_area(shape: shapely.Geometry, wanted_m2: float, crs: CRS, within: shapely.Geometry) -> shapely.Geometry:
    """
    Move a shape's border in or out until its official area is the wanted one.

    Parameters
    ----------
    shape, within : shapely.Geometry
        Polygons in `crs`; the result stays within `within`.
    wanted_m2 : float
        Official area [m2]; met to about the rounding of the coordinates.
    crs : pyproj.CRS
        Projected.

    Raises
    ------
    ValueError
        If the area cannot be met: the field was drawn too far off.
    """

    def moved(by_m: float) -> shapely.Geometry:
        return shapely.intersection(shape.buffer(by_m, join_style="mitre", mitre_limit=1.5), within)

    # The ratio of planar to official area hardly changes while the border moves.
    plane_m2 = wanted_m2 * shape.area / area_m2(shape, crs)
    if moved(_FARTHEST_M).area < plane_m2:
        raise ValueError(f"no room for {wanted_m2:.0f} m2")
    by_m = brentq(lambda by: moved(by).area - plane_m2, -_FARTHEST_M, _FARTHEST_M, xtol=1e-6)
    fitted = rounded(moved(by_m))
    if abs(area_m2(fitted, crs) - wanted_m2) > 1e-3 * wanted_m2:
        raise ValueError(f"area {area_m2(fitted, crs):.0f} m2 where {wanted_m2:.0f} m2 is wanted")
    return fitted


def level_set(
    land: Land, score: FloatArray, wanted_m2: float, *, least_m2: float, within: shapely.Geometry | None = None
) -> shapely.Geometry:
    """
    Return the part of the district where a score is highest, of the wanted official area.

    Pieces and holes below `least_m2` are left out; borders are contour lines, thinned by 8 m.
    """
    room = land.inner if within is None else shapely.intersection(within, land.inner)
    cells = np.sort(score[land.canvas.burn([room])])[::-1]
    wanted_cells = wanted_m2 / land.canvas.cell_m**2

    def drawn(count: float) -> shapely.Geometry:
        level = cells[min(int(count), len(cells) - 1)]
        pieces = [
            shapely.Polygon(piece.exterior, [hole for hole in piece.interiors if shapely.Polygon(hole).area > least_m2])
            for piece in land.canvas.polygons_above(score, float(level))
            if piece.area > least_m2
        ]
        clipped = shapely.intersection(shapely.union_all(pieces), room)
        return shapely.union_all([p for p in shapely.get_parts(clipped) if p.area > least_m2]).simplify(8.0)

    count = wanted_cells
    for _ in range(2):
        got = drawn(count).area
        count *= float(np.clip(wanted_m2 / max(got, 1.0), 0.5, 2.0))
    return fit_area(drawn(count), wanted_m2, land.canvas.crs, room)
