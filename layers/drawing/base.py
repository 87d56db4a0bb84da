"""Layers that are context: district, neighbours, townships, streams, receptors."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import shapely

from layers.drawing.grow import rounded
from layers.drawing.land import ROUND_M, Land, to_plane
from layers.drawing.tiles import townships
from layers.drawing.zones import frame

if TYPE_CHECKING:
    from typing import Any


def tiled_district(land: Land) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
    """
    Return the district and its townships.

    Where a township border meets the outline, the outline gets a vertex, so that both fit exactly;
    rounding that vertex moves the outline by less than a centimetre.
    """
    facts = land.facts["district"]
    tiles = townships(land)
    towns = [
        {"code": f"{facts['code']}{number:03d}", "name": town["name"], "kind": town["kind"], "geometry": tile}
        for number, (town, tile) in enumerate(zip(land.facts["township"], tiles, strict=True), 1)
    ]
    whole = shapely.orient_polygons(shapely.normalize(shapely.coverage_union_all(np.array(tiles))))
    district = {"code": facts["code"], "name": facts["name_zh"], "geometry": whole}
    return frame(land, [district]), frame(land, towns)


def neighbours(land: Land) -> gpd.GeoDataFrame:
    """Return the neighbouring counties, cut to the surroundings of the district."""
    window = shapely.box(*land.outline.buffer(land.facts["neighbour_window_m"]).bounds)
    rows = []
    for county in sorted(land.neighbours, key=lambda county: county.code):
        cut = shapely.intersection(to_plane(county.outline, land.canvas.crs), window)
        rows.append({"code": county.code, "name": county.name, "geometry": rounded(cut)})
    return frame(land, rows)


def stream_lines(land: Land) -> gpd.GeoDataFrame:
    """Return the stream reaches inside the district; brooks have no name."""
    aliases = {river["name"]: "、".join(river["aliases"]) for river in land.facts["river"]}
    rows: list[dict[str, Any]] = []
    for reach in sorted(land.network.reaches, key=lambda reach: reach.line.bounds):
        cut = shapely.set_precision(shapely.intersection(reach.line, land.inner), ROUND_M)
        for part in shapely.get_parts(cut):
            if part.length > 0 and part.geom_type == "LineString":
                rows.append(
                    {
                        "stream_id": f"HL{len(rows) + 1:03d}",
                        "name": reach.river,
                        "aliases": aliases.get(reach.river, ""),
                        "strahler_order": reach.order,
                        "geometry": part,
                    }
                )
    return frame(land, rows)


def receptors(land: Land) -> gpd.GeoDataFrame:
    """Return the places where people live, learn or are healed."""
    rows = [
        {
            "receptor_id": f"MG{number:02d}",
            "name": place["name"],
            "kind": place["kind"],
            "geometry": shapely.Point(np.round(land.canvas.project([place["seat"]])[0], 2)),
        }
        for number, place in enumerate(land.facts["receptor"], 1)
    ]
    return frame(land, rows)
