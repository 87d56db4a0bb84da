"""Protection zones of drinking-water sources: irregular, longer uphill than downhill, one inside the other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from layers.drawing.canvas import rescale, smooth
from layers.drawing.grow import level_set, rounded
from layers.drawing.zones import frame

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

    from layers.drawing.land import Land

    FloatArray = NDArray[np.float64]


def _reach(
    land: Land, well: dict[str, Any], relief_gradient: tuple[FloatArray, FloatArray], dryness: FloatArray
) -> FloatArray:
    """Return a distance from the well that grows slower uphill, and faster on crests [m]."""
    xy = land.canvas.project([well["seat"]])[0]
    east = land.canvas.east_m[None, :] - xy[0]
    north = land.canvas.north_m[:, None] - xy[1]
    down, right = relief_gradient
    row, col = land.canvas.cell_of(xy)
    uphill = np.array([right[row, col], -down[row, col]])
    uphill /= np.hypot(*uphill) + 1e-12
    away = np.hypot(east, north)
    towards = (east * uphill[0] + north * uphill[1]) / np.maximum(away, 1.0)
    texture = 0.22 * land.canvas.noise(f"source-{well['name']}", 1600, 2.8)
    return np.asarray(away * np.clip(1 - 0.42 * towards + texture + 0.3 * dryness, 0.3, None))


def zones(land: Land) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame, gpd.GeoDataFrame]:
    """Return level 1, level 2 and quasi zones; each leaves out the zones within it."""
    numbers = land.facts["sources"]
    rings: tuple[list[dict[str, Any]], ...] = ([], [], [])
    taken: list[shapely.Geometry] = []
    down, right = np.gradient(smooth(land.height, 15))
    relief_gradient = (np.asarray(down), np.asarray(right))
    dryness = rescale(smooth(land.above_stream, 3), land.inside) - 0.5
    for index, well in enumerate(numbers["source"], 1):
        score = -_reach(land, well, relief_gradient, dryness)
        free = land.inner if not taken else shapely.difference(land.inner, shapely.union_all(taken).buffer(5.0))
        sizes = numbers[well["grade"]]
        room, whole = free, []
        for level in ("quasi", "two", "one"):
            shape = _main_part(level_set(land, score, sizes[f"{level}_ha"] * 1e4, least_m2=5e3, within=room))
            whole.append(shape)
            room = shape.buffer(-15.0)
        quasi, two, one = whole
        taken.append(quasi)
        nested = (one, rounded(shapely.difference(two, one)), rounded(shapely.difference(quasi, two)))
        for ring, shape in zip(rings, nested, strict=True):
            ring.append(
                {
                    "source_id": f"SY{index:02d}",
                    "name": well["name"],
                    "grade": "县城" if well["grade"] == "county" else "乡镇",
                    "source_type": numbers["source_type"],
                    "approval_doc": numbers["approval_doc"],
                    "geometry": shape,
                }
            )
    one, two, quasi = (frame(land, ring) for ring in rings)
    return one, two, quasi


def _main_part(shape: shapely.Geometry) -> shapely.Geometry:
    """Return the largest piece without its holes."""
    return rounded(shapely.Polygon(max(shapely.get_parts(shape), key=lambda part: part.area).exterior))
