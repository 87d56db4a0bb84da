"""Land cover, and farmland in parcels that carry one slope class each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from rasterio.features import shapes
from scipy import ndimage
from scipy.spatial import KDTree
from shapely.geometry import shape as from_geojson

from layers.drawing.canvas import smooth
from layers.drawing.grow import rounded
from layers.drawing.land import ROUND_M
from layers.drawing.zones import frame

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

    from layers.drawing.land import Land

    FloatArray = NDArray[np.float64]


def land_cover(land: Land, drawn: dict[str, gpd.GeoDataFrame]) -> NDArray[np.uint8]:
    """Return the class code of every cell of the district, 0 outside; codes are those of the facts."""
    code = {entry["key"]: entry["code"] for entry in land.facts["landcover"]["class"]}
    rules = land.facts["landcover"]
    cover = np.full(land.canvas.shape, code["cropland"], dtype=np.uint8)
    slope = smooth(land.slope, 1)
    mosaic = land.canvas.noise("mosaic", 1500) + 0.5 * land.canvas.noise("mosaic-fine", 300)
    cover[(slope > rules["orchard_from_deg"]) & (mosaic > rules["orchard_noise"])] = code["orchard"]
    cover[slope > rules["grass_from_deg"] - 2.5 * mosaic] = code["grass"]
    cover[land.canvas.burn(drawn["forest"].geometry)] = code["forest"]
    cover[(cover == code["grass"]) & (slope > rules["bare_from_deg"]) & (mosaic < rules["bare_noise"])] = code["bare"]
    cover[_settled(land, drawn["udb_in"], mosaic)] = code["built"]
    cover[land.canvas.burn(drawn["wetland"].geometry)] = code["wetland"]
    wide = land.network.drained > rules["river_from_km2"] * 1e6 / land.canvas.cell_m**2
    cover[wide | land.canvas.burn(drawn["reservoir"].geometry)] = code["water"]
    cover[~land.inside] = 0
    return cover


def _settled(land: Land, towns: gpd.GeoDataFrame, mosaic: FloatArray) -> NDArray[np.bool_]:
    """Return built-up cells: most of the towns, and a patch round every village."""
    rules = land.facts["landcover"]
    villages = [shapely.Point(xy) for xy in land.canvas.project([v["seat"] for v in land.facts["receptor"]])]
    near = land.canvas.distance_to(villages) < rules["village_reach_m"] * np.clip(1 + 0.4 * mosaic, 0.3, 2)
    flat = smooth(land.slope, 2) < rules["grass_from_deg"]
    return np.asarray(near & flat | (land.canvas.burn(towns.geometry) & (mosaic > rules["town_noise"])))


def slope_class(slope_deg: FloatArray, upper_deg: list[float]) -> NDArray[np.uint8]:
    """
    Return the class of each slope: 1 up to and including the first bound, and so on.

    Examples
    --------
    >>> slope_class(np.array([2.0, 2.1, 6.0, 25.0, 25.1]), [2.0, 6.0, 15.0, 25.0]).tolist()
    [1, 2, 2, 4, 5]
    """
    return (np.searchsorted(np.asarray(upper_deg), slope_deg, side="left") + 1).astype(np.uint8)


def parcels(land: Land, cover: NDArray[np.uint8]) -> gpd.GeoDataFrame:
    """Return cropland in parcels; each has the slope class that most of its cells have."""
    rules = land.facts["farmland"]
    crop = next(entry["code"] for entry in land.facts["landcover"]["class"] if entry["key"] == "cropland")
    free = ndimage.binary_opening(cover == crop, iterations=1)
    free &= land.canvas.burn([land.outline.buffer(-3 * land.canvas.cell_m)])
    labels = np.where(free, _mesh(land, rules["parcel_ha"] * 1e4), 0).astype(np.int32)
    found = [(from_geojson(g), int(v)) for g, v in shapes(labels, mask=labels > 0, transform=land.canvas.transform)]
    found = [(part, label) for part, label in found if part.area >= rules["least_ha"] * 1e4]
    thin = shapely.coverage_simplify([part for part, _ in found], rules["thin_m"])
    classes = slope_class(land.slope, rules["upper_deg"])
    terraced = land.canvas.noise("terraces", 4000)
    rows: list[dict[str, Any]] = []
    for part in sorted((p for p in thin if p.geom_type == "Polygon"), key=lambda part: part.bounds):
        row, col = _cells(land, part)
        grade = int(np.argmax(np.bincount(classes[row, col], minlength=6)))
        built = terraced[row, col].mean() > rules["terrace_noise"]
        rows.append(
            {
                "parcel_id": f"GD{len(rows) + 1:04d}",
                "slope_class": grade,
                "field_form": "" if grade == 1 else "TT" if built else "PD",
                "mean_slope_deg": round(float(land.slope[row, col].mean()), 2),
                "geometry": rounded(part),
            }
        )
    return frame(land, rows)


def _cells(land: Land, part: shapely.Polygon) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the cells in a parcel's box whose centre lies in the parcel."""
    west, south, east, north = part.bounds
    rows, cols = land.canvas.cell_of(np.array([[west, north], [east, south]]))
    row, col = np.mgrid[rows[0] : rows[1] + 1, cols[0] : cols[1] + 1]
    hit = shapely.contains_xy(part, land.canvas.east_m[col], land.canvas.north_m[row])
    return row[hit], col[hit]


def _mesh(land: Land, mean_m2: float) -> NDArray[np.int32]:
    """Return a label per cell: its nearest random centre, in a plane bent by noise."""
    rng = np.random.default_rng([land.canvas.seed, 7])
    height, width = (cells * land.canvas.cell_m for cells in land.canvas.shape)
    centres = rng.uniform(size=(int(height * width / mean_m2), 2)) * [height, width]
    bends = [land.canvas.noise(f"mesh-{axis}", 1200) * 0.35 * np.sqrt(mean_m2) for axis in "yx"]
    spots = np.indices(land.canvas.shape) * land.canvas.cell_m + np.array(bends)
    _, nearest = KDTree(centres).query(spots.reshape(2, -1).T)
    return np.asarray((nearest + 1).reshape(land.canvas.shape), dtype=np.int32)


def basic_farmland(land: Land, farmland: gpd.GeoDataFrame, drawn: dict[str, gpd.GeoDataFrame]) -> gpd.GeoDataFrame:
    """Return permanent basic farmland: gentle parcels out of the towns and zones kept free, by township."""
    rules = land.facts["basic_farmland"]
    kept = shapely.union_all([drawn[name].geometry.union_all() for name in rules["outside_of"]])
    kept = shapely.union_all([kept, _sites_kept_clear(land, rules["kept_from_sites_m"])])
    gentle = farmland[farmland["slope_class"] <= rules["steepest_class"]]
    chosen = gentle[~gentle.geometry.intersects(kept)]
    spots = shapely.get_coordinates(chosen.geometry.representative_point().to_numpy())
    liking = land.canvas.sample(land.canvas.noise("basic-farmland", rules["cluster_m"]), spots)
    chosen = chosen[liking <= np.quantile(liking, rules["share"])]
    middle = chosen.geometry.representative_point()
    rows: list[dict[str, Any]] = []
    for town in drawn["township"].itertuples():
        own = chosen.geometry[middle.within(town.geometry)]
        for part in shapely.get_parts(shapely.union_all(own.to_numpy(), grid_size=ROUND_M)):
            rows.append(
                {"code": f"{town.code}-YN{len(rows) + 1:03d}", "township": town.name, "geometry": rounded(part)}
            )
    return frame(land, rows)


def _sites_kept_clear(land: Land, reach_m: float) -> shapely.Geometry:
    """Return the surroundings of the project sites that the facts put outside basic farmland."""
    sites = [xy for recipe in land.facts["footprint"].values() if recipe.get("off_pbf") for xy in recipe["sites"]]
    return shapely.union_all(shapely.buffer(shapely.points(land.canvas.project(sites)), reach_m))
