"""Zones of control and the pattern of the plan, each grown from terrain and streams."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import shapely
import shapely.affinity
from scipy import ndimage

from layers.drawing.canvas import rescale, smooth
from layers.drawing.grow import area_m2, fit_area, level_set, rounded
from layers.drawing.terrain import range_line

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from layers.drawing.land import Land

    FloatArray = NDArray[np.float64]

_KM2 = 1e6
_NECK_M = 12.0


def frame(land: Land, rows: list[dict[str, Any]]) -> gpd.GeoDataFrame:
    """Return rows with a `geometry` each as a table in the plane of the canvas."""
    return gpd.GeoDataFrame(rows, geometry="geometry", crs=land.canvas.crs)


def _nearness(land: Land, seeds: list[list[float]], reach_m: float) -> FloatArray:
    """Return 1 at the seeds, falling to 0 far away."""
    points = [shapely.Point(xy) for xy in land.canvas.project(seeds)]
    return np.exp(-((land.canvas.distance_to(points) / reach_m) ** 2))


def _range_nearness(land: Land, names: list[str], reach_m: float) -> FloatArray:
    lines = [range_line(land.canvas, ridge) for ridge in land.facts["range"] if ridge["name"] in names]
    return np.exp(-((land.canvas.distance_to(lines) / reach_m) ** 2))


def forest(land: Land) -> gpd.GeoDataFrame:
    """Return the forest, of the plan's share of the district; natural on the range the plan names."""
    numbers = land.facts["forest"]
    score = land.ruggedness + 0.25 * land.canvas.noise("forest", 2500) + 0.08 * land.canvas.noise("forest-fine", 500)
    score += 0.5 * _range_nearness(land, numbers["ranges"], numbers["reach_m"])
    shape = level_set(land, smooth(score, 1), land.target_m2("forest"), least_m2=numbers["least_ha"] * 1e4)
    natural = land.canvas.distance_to(
        [range_line(land.canvas, ridge) for ridge in land.facts["range"] if ridge["name"] in numbers["natural_ranges"]]
    )
    rows = []
    for number, part in enumerate(_west_to_east(shape), 1):
        row, col = land.canvas.cell_of(shapely.get_coordinates(part.representative_point()))
        near = bool(natural[row[0], col[0]] < numbers["natural_reach_m"])
        rows.append({"forest_id": f"LD{number:03d}", "origin": "天然林" if near else "人工林", "geometry": part})
    return frame(land, rows)


def _west_to_east(shape: shapely.Geometry) -> list[shapely.Polygon]:
    return sorted(shapely.get_parts(shape), key=lambda part: part.bounds)


def redline(land: Land) -> gpd.GeoDataFrame:
    """Return the ecological redline: one irregular area per seed of the facts, of the printed total."""
    numbers = land.facts["redline"]
    total = land.target_m2("eco_red")
    weights = np.array([area["weight"] for area in numbers["area"]], dtype=float)
    texture = 0.18 * land.canvas.noise("redline", 900) + 0.08 * land.canvas.noise("redline-fine", 250)
    rows = []
    for index, (area, share) in enumerate(zip(numbers["area"], weights / weights.sum(), strict=True), 1):
        reach = 1.3 * np.sqrt(total * share / np.pi)
        score = _nearness(land, [area["seed"]], reach) * (1 + texture + 0.6 * (land.ruggedness - 0.5))
        shape = level_set(land, score, total * share, least_m2=2e4)
        rows.append(
            {
                "redline_id": f"SD{index:02d}",
                "name": area["name"],
                "type": area["type"],
                "nature_reserve_overlap": area["nature_reserve_overlap"],
                "approval_doc": numbers["approval_doc"],
                "flag": land.facts["target"]["eco_red"]["flag"],
                "geometry": shape,
            }
        )
    return frame(land, rows)


def earlier_redline(land: Land, redline: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return an earlier edition of the redline, made of the drawn one as the facts say."""
    changes = land.facts["redline"]["earlier"]
    rows = []
    for row in redline.to_dict("records"):
        name = row["redline_id"]
        if name in changes["absent"]:
            continue
        shape = row["geometry"]
        if name in changes["buffer_m"]:
            shape = shapely.intersection(shape.buffer(changes["buffer_m"][name]), land.inner)
        if name in changes["shift_m"]:
            shape = shapely.affinity.translate(shape, changes["shift_m"][name])
        kind = changes["type"].get(name, row["type"])
        rows.append({**row, "type": kind, "geometry": rounded(shape)})
    given_up = changes["given_up"]
    like = redline.set_index("redline_id").loc[given_up["like"]]
    east, north = land.canvas.project([given_up["centre"]])[0]
    there = shapely.affinity.translate(like.geometry, east - like.geometry.centroid.x, north - like.geometry.centroid.y)
    own = {"redline_id": given_up["id"], "name": given_up["name"], "type": given_up["type"]}
    rows.append({**like.to_dict(), **own, "nature_reserve_overlap": "否", "geometry": rounded(there)})
    return frame(land, rows).assign(approval_doc=changes["approval_doc"])


def scenic(land: Land) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
    """Return the scenic area without its core, and the core; together they have the announced area."""
    numbers = land.facts["scenic"]
    texture = 0.22 * land.canvas.noise("scenic", 3500) + 0.05 * land.canvas.noise("scenic-fine", 600)
    score = _nearness(land, numbers["seeds"], numbers["reach_m"]) * (1 + texture) + 0.35 * land.ruggedness
    whole = level_set(land, smooth(score, 2), land.target_m2("scenic"), least_m2=1e6)
    heart = _nearness(land, numbers["core_seeds"], numbers["core_reach_m"]) * (1 + texture) + 0.3 * land.ruggedness
    within = shapely.buffer(whole, -60.0)
    core = level_set(land, smooth(heart, 2), numbers["core_km2"] * _KM2, least_m2=5e5, within=within)
    common = {"name": numbers["name"], "level": numbers["level"], "plan": numbers["plan"]}
    rest = rounded(shapely.difference(whole, core))
    return frame(land, [{**common, "geometry": rest}]), frame(land, [{**common, "geometry": core}])


def steep_land(land: Land) -> gpd.GeoDataFrame:
    """Return steep patches of at least the announced contiguous size, of the announced total."""
    numbers = land.facts["slope25"]
    total, least = land.target_m2("slope25"), land.facts["target"]["slope25"]["least_ha"] * 1e4
    steep = smooth(land.slope, 3) + 1.0 * land.canvas.noise("steep", 800)
    inside = land.inside & (land.canvas.distance_to([land.outline.exterior]) > 2 * land.canvas.cell_m)
    cell_m2 = land.canvas.cell_m**2

    def in_patches(level: float) -> float:
        labels, _ = ndimage.label((steep > level) & inside)
        sizes = np.bincount(labels.ravel())[1:] * cell_m2
        return float(sizes[sizes > 1.25 * least].sum())

    low, high = float(np.percentile(steep[inside], 50)), float(steep[inside].max())
    for _ in range(25):
        middle = (low + high) / 2
        low, high = (middle, high) if in_patches(middle) > 1.3 * total else (low, middle)
    found = [shapely.Polygon(patch.exterior).simplify(6.0) for patch in land.canvas.polygons_above(steep, low)]
    clipped = [shapely.intersection(patch, land.inner) for patch in found if patch.area > least]
    patches = [patch for patch in clipped if patch.geom_type == "Polygon" and patch.area > 1.05 * least]
    patches = sorted((_without_necks(patch) for patch in patches), key=lambda patch: patch.bounds)
    patches = [patch for patch in patches if patch.area > 1.02 * least]
    biggest = max(range(len(patches)), key=lambda index: patches[index].area)
    others = sum(area_m2(patch, land.canvas.crs) for index, patch in enumerate(patches) if index != biggest)
    for _ in range(2):
        patches[biggest] = _without_necks(fit_area(patches[biggest], total - others, land.canvas.crs, land.inner))
    patches[biggest] = fit_area(patches[biggest], total - others, land.canvas.crs, land.inner)
    return frame(
        land,
        [
            {"patch_id": f"PD{number:02d}", "announcement": numbers["announcement"], "geometry": patch}
            for number, patch in enumerate(patches, 1)
        ],
    )


def _without_necks(patch: shapely.Polygon) -> shapely.Polygon:
    opened = rounded(patch.buffer(-_NECK_M).buffer(_NECK_M))
    whole = max(shapely.get_parts(opened), key=lambda part: part.area)
    return shapely.Polygon(whole.exterior).simplify(3.0)


def reservoirs(land: Land) -> gpd.GeoDataFrame:
    """Return the reservoirs: what a dam on a river floods, up to the wanted area."""
    rows = []
    for lake in land.facts["reservoir"]:
        near = land.canvas.distance_to([shapely.Point(land.canvas.project([lake["dam"]])[0])])
        drained = np.where(near < lake["search_m"], land.network.drained, 0)
        row, col = np.unravel_index(int(np.argmax(drained)), drained.shape)
        above = land.network.catchment(int(row), int(col)) & (near < lake["longest_m"])
        depth = np.where(above, -land.height, -1e4)
        depth = np.where(above, smooth(np.where(above, depth, depth[row, col] - 10), 2.5), depth[row, col] - 60)
        shape = level_set(land, depth, lake["area_km2"] * _KM2, least_m2=3e4)
        largest = max(shapely.get_parts(shape), key=lambda part: part.area)
        shape = fit_area(largest, lake["area_km2"] * _KM2, land.canvas.crs, land.inner)
        rows.append({"name": lake["name"], "river": lake["river"], "geometry": shape})
    return frame(land, rows)


def wetlands(land: Land) -> gpd.GeoDataFrame:
    """Return the wetlands: low ground beside a river around the seed."""
    rows = []
    for marsh in land.facts["wetland"]:
        texture = 0.3 * land.canvas.noise(f"wetland-{marsh['name']}", 700)
        river = np.exp(-land.canvas.distance_to([land.network.river(marsh["river"])]) / 250)
        score = _nearness(land, [marsh["seed"]], marsh["reach_m"]) * (0.4 + river) * (1 + texture)
        score -= 0.02 * np.clip(land.above_stream, 0, 20)
        shape = level_set(land, smooth(score, 1), marsh["area_km2"] * _KM2, least_m2=2e4)
        rows.append({"name": marsh["name"], "river": marsh["river"], "status": marsh["status"], "geometry": shape})
    return frame(land, rows)


def town_area(land: Land, tiled: shapely.Geometry) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
    """Return the area inside the urban development boundary, and the rest of the district."""
    numbers = land.facts["urban"]
    texture = 0.3 * land.canvas.noise("urban", 1800, 2.0)
    score = np.zeros(land.canvas.shape)
    for town in numbers["town"]:
        score = np.maximum(score, _nearness(land, [town["seed"]], town["reach_m"]))
    roads = shapely.MultiLineString([land.canvas.project(road) for road in numbers["roads"]])
    near_road = np.exp(-land.canvas.distance_to([roads]) / numbers["road_reach_m"])
    score = score * (0.55 + texture + 0.8 * near_road) - 0.6 * rescale(smooth(land.slope, 4), land.inside)
    inner = level_set(land, smooth(score, 2), numbers["total_km2"] * _KM2, least_m2=numbers["least_ha"] * 1e4)
    outer = rounded(shapely.difference(tiled, inner))
    parts = [
        {"udb_id": f"UD{number:02d}", "kind": numbers["kind"], "geometry": part}
        for number, part in enumerate(_west_to_east(inner), 1)
    ]
    return frame(land, parts), frame(land, [{"udb_id": "UDX", "kind": numbers["kind_outside"], "geometry": outer}])


def pattern(land: Land) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame, gpd.GeoDataFrame]:
    """Return the plan's one belt, two screens and many corridors."""
    numbers = land.facts["pattern"]
    wobble = 1 + 0.35 * land.canvas.noise("pattern", 1800) + 0.1 * land.canvas.noise("pattern-fine", 500)
    belts, corridors = (
        [
            {
                "name": part["name"],
                "river": "、".join(part["rivers"]),
                "aliases": "、".join(alias for river in part["rivers"] for alias in _aliases(land, river)),
                "function": part["function"],
                "width_m": 2 * part["half_width_m"],
                "precision": numbers["precision"],
                "geometry": _along(land, part, wobble),
            }
            for part in numbers[kind]
        ]
        for kind in ("belt", "corridor")
    )
    screens = [
        {
            "name": part["name"],
            "ranges": "、".join(part["ranges"]),
            "function": part["function"],
            "precision": numbers["precision"],
            "geometry": _screen(land, part, wobble),
        }
        for part in numbers["screen"]
    ]
    return frame(land, belts), frame(land, screens), frame(land, corridors)


def _along(land: Land, part: dict[str, Any], wobble: FloatArray) -> shapely.Geometry:
    """Return a band of changing width along rivers."""
    away = land.canvas.distance_to([land.network.river(*part["rivers"])])
    score = smooth(part["half_width_m"] * np.clip(wobble, 0.4, 2.0) - away, 1)
    band = shapely.union_all(land.canvas.polygons_above(score, 0.0)).simplify(10.0)
    pieces = shapely.get_parts(shapely.intersection(band, land.inner))
    least_m2 = land.facts["pattern"]["least_m2"]
    return rounded(shapely.union_all([piece for piece in pieces if piece.area > least_m2]))


def _screen(land: Land, part: dict[str, Any], wobble: FloatArray) -> shapely.Geometry:
    """Return the generalised foot of some ranges."""
    score = _range_nearness(land, part["ranges"], part["reach_m"]) * (1 + 0.4 * (wobble - 1))
    score += 0.35 * land.ruggedness
    return level_set(land, smooth(score, 3), part["area_km2"] * _KM2, least_m2=1e6)


def _aliases(land: Land, river: str) -> list[str]:
    return next(entry["aliases"] for entry in land.facts["river"] if entry["name"] == river)
