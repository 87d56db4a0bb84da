"""The project register: which projects have a place, and an illustrative footprint for those."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from scipy.optimize import brentq
from shapely import affinity

from layers.drawing.grow import area_m2, level_set, rounded
from layers.drawing.zones import frame
from spatial.units import to_m2

if TYPE_CHECKING:
    import geopandas as gpd

    from layers.drawing.land import Land

_LOCATIONS = {"Y": "given", "weak": "needed", "N": "not_spatial"}
#: Footprints of a declared area are stored finer, so that the area is met to 0.01 m2.
_FINE_M = 1e-4
#: A site is moved at most this far to graze a zone.
_MARCH_M = 1500.0


def blob(land: Land, name: str, xy: tuple[float, float], area: float, *, exact: bool = False) -> shapely.Polygon:
    """
    Return an irregular site around a point, of the given official area.

    Parameters
    ----------
    land : Land
        Gives the plane and the noise.
    name : str
        Names the noise: the same name gives the same shape.
    xy : tuple of float
        Middle [m].
    area : float
        Official area [m2]; met to 0.01 m2 if `exact`, else to about 1 m2.
    exact : bool
        Store coordinates to 0.1 mm instead of 1 cm.
    """
    rng = np.random.default_rng([land.canvas.seed, *name.encode()])
    angle = np.linspace(0, 2 * np.pi, 25)[:-1] + rng.uniform(-0.08, 0.08, 24)
    waves = sum(rng.normal(0, 0.17 / k) * np.cos(k * angle + rng.uniform(0, 2 * np.pi)) for k in range(1, 6))
    radius = np.sqrt(area / np.pi) * np.exp(waves + rng.normal(0, 0.02, 24))
    turn = rng.uniform(0, np.pi)
    east, north = 1.2 * radius * np.cos(angle), radius * np.sin(angle) / 1.2
    ring = np.column_stack([east * np.cos(turn) - north * np.sin(turn), east * np.sin(turn) + north * np.cos(turn)])
    site = shapely.Polygon(ring + np.asarray(xy))
    for _ in range(2):
        scale = np.sqrt(area / area_m2(site, land.canvas.crs))
        site = affinity.scale(site, scale, scale, origin=(*xy, 0.0))
    return rounded(site, _FINE_M if exact else 0.01)


def register(land: Land, drawn: dict[str, gpd.GeoDataFrame]) -> gpd.GeoDataFrame:
    """Return one row per project of the workspace's list, with a geometry where a place is given."""
    recipes = land.facts["footprint"]
    with (land.folder / "projects.csv").open(encoding="utf-8") as table:
        listed = list(csv.DictReader(table))
    rows = []
    for entry in listed:
        location = _LOCATIONS[entry["spatial"]]
        shape = footprint(land, drawn, entry, recipes[entry["project_id"]]) if location == "given" else None
        rows.append(
            {
                "project_id": entry["project_id"],
                "name": entry["name"],
                "nature": entry["nature"] or "OTHER",
                "status": entry["status"],
                "works": entry["works"],
                "discharging": entry["discharging"],
                "location": location,
                "declared_area_mu": float(entry["declared_area_mu"]) if entry["declared_area_mu"] else None,
                "width_m": float(entry["width_m"]) if entry["width_m"] else None,
                "slope_deg": None,
                "alternative_group": entry["alternative_group"],
                "class": entry["class"],
                "content": entry["content"],
                "period": entry["period"],
                "locator": entry["locator"],
                "note": entry["note"],
                "illustrative": True,
                "geometry": shape,
            }
        )
    made = frame(land, rows)
    for column in ("declared_area_mu", "width_m", "slope_deg"):
        made[column] = made[column].astype(float)
    return made


def footprint(
    land: Land, drawn: dict[str, gpd.GeoDataFrame], entry: dict[str, str], recipe: dict[str, Any]
) -> shapely.Geometry:
    """
    Draw the footprint of one project by its recipe.

    Raises
    ------
    ValueError
        If it does not lie in the district.
    """
    shape = _footprint(land, drawn, entry, recipe)
    if not shapely.covers(land.outline, shape):
        raise ValueError(f"project {entry['project_id']} is not within the district")
    return shape


def _footprint(
    land: Land, drawn: dict[str, gpd.GeoDataFrame], entry: dict[str, str], recipe: dict[str, Any]
) -> shapely.Geometry:
    if "fence_of" in recipe:
        zones = drawn[recipe["fence_of"]].geometry.buffer(-recipe["set_back_m"]).exterior
        return shapely.set_precision(shapely.MultiLineString(list(zones)), 0.01)
    if "river" in recipe:
        return _river_line(land, recipe["river"])
    if "path" in recipe:
        return _bent_path(land, entry["project_id"], recipe["path"])
    if "points" in recipe:
        return shapely.MultiPoint(np.round(land.canvas.project(recipe["points"]), 2))
    if "around_river" in recipe:
        return _strip(land, entry["project_id"], recipe)
    declared = entry["declared_area_mu"]
    area = to_m2(float(declared), "mu") if declared else recipe["area_ha"] * 1e4
    spots = land.canvas.project(recipe["sites"])
    sites = [
        blob(land, f"{entry['project_id']}-{number}", (float(x), float(y)), float(area), exact=bool(declared))
        for number, (x, y) in enumerate(spots)
    ]
    if not declared:
        sites = [rounded(shapely.intersection(site, land.inner)) for site in sites]
    if "grazes" in recipe:
        sites = [graze(site, drawn[recipe["grazes"]].geometry.union_all(), recipe["overlap_m2"]) for site in sites]
    return sites[0] if len(sites) == 1 else rounded(shapely.MultiPolygon(sites))


def graze(site: shapely.Polygon, zone: shapely.Geometry, overlap_m2: float) -> shapely.Polygon:
    """
    Move a site towards the nearest edge of a zone until it overlaps by a few square metres.

    Examples
    --------
    >>> site = graze(shapely.box(0, 0, 10, 10), shapely.box(30, 0, 60, 10), 5.0)
    >>> round(shapely.intersection(site, shapely.box(30, 0, 60, 10)).area, 2)
    5.0
    """
    middle = site.centroid
    near = shapely.intersection(zone, middle.buffer(_MARCH_M * 2))
    start, end = shapely.get_coordinates(shapely.shortest_line(middle, shapely.boundary(near)))
    step = (end - start) / max(float(np.hypot(*(end - start))), 1e-9)

    def excess(by_m: float) -> float:
        moved = affinity.translate(site, *(step * by_m))
        return float(shapely.intersection(moved, near).area) - overlap_m2

    towards = excess(0.0) < 0
    stops = np.arange(0.0, _MARCH_M, 2.0)
    last = next(stop for stop in stops if (excess(stop) < 0) != towards)
    by_m = brentq(excess, last - 2.0, last, xtol=1e-5)
    return rounded(affinity.translate(site, *(step * by_m)))


def _river_line(land: Land, rivers: list[str]) -> shapely.Geometry:
    cut = shapely.intersection(shapely.line_merge(land.network.river(*rivers)), land.inner)
    return shapely.set_precision(cut, 0.01)


def _bent_path(land: Land, name: str, path: list[list[float]]) -> shapely.LineString:
    line = shapely.segmentize(shapely.LineString(land.canvas.project(path)), 120)
    xy = shapely.get_coordinates(line)
    ease = np.sin(np.linspace(0, np.pi, len(xy)))[:, None]
    bends = [land.canvas.sample(land.canvas.noise(f"path-{name}-{axis}", 2500), xy) * 60 for axis in "xy"]
    return shapely.LineString(np.round(xy + ease * np.column_stack(bends), 2)).simplify(2.0)


def _strip(land: Land, name: str, recipe: dict[str, Any]) -> shapely.Geometry:
    """Return an area of the wanted size along rivers, near the seeds if any."""
    away = land.canvas.distance_to([land.network.river(*recipe["around_river"])])
    score = -away * (1 + 0.25 * land.canvas.noise(f"strip-{name}", 1200))
    if "near" in recipe:
        points = [shapely.Point(xy) for xy in land.canvas.project(recipe["near"])]
        score -= recipe["near_weight"] * land.canvas.distance_to(points)
    return level_set(land, score, recipe["area_ha"] * 1e4, least_m2=1e4)
