"""The sample workspace keeps what its facts and its README promise."""

import tomllib
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import rasterio
import shapely

from layers.drawing.totals import totals
from spatial.areas import official_area_m2
from spatial.catalog import load_workspace
from spatial.roles import natures
from spatial.schemas import check_fields
from spatial.units import to_m2

ROOT = Path(__file__).parents[2] / "layers" / "shangdang"
FACTS = tomllib.loads((ROOT / "facts.toml").read_text(encoding="utf-8"))
WORKSPACE = load_workspace(ROOT)
VECTORS = [layer for layer in WORKSPACE.layers if layer.path.suffix == ".parquet"]
IDS = [layer.layer_id for layer in VECTORS]
POLYGON_ZONES = [i for i in IDS if i not in {"neighbour", "stream", "receptor"}]


def read(layer_id: str) -> gpd.GeoDataFrame:
    return gpd.read_parquet(ROOT / f"{layer_id}.parquet")


def area_m2(layer: gpd.GeoDataFrame) -> np.ndarray:
    return official_area_m2(layer.geometry.to_numpy(), layer.crs)


@pytest.fixture(scope="module")
def projects() -> gpd.GeoDataFrame:
    return gpd.read_file(ROOT / "projects.gpkg")


@pytest.fixture(scope="module")
def outline() -> shapely.Polygon:
    return read("district").geometry.iloc[0]


def test_totals_meet_the_published_figures():
    drawn = {total.key: total for total in totals(ROOT)}
    for key in ("eco_red", "scenic", "slope25"):
        assert drawn[key].drawn == pytest.approx(FACTS["target"][key]["value"], rel=2e-5), key
    assert drawn["forest"].drawn == pytest.approx(13.03, abs=1e-4)
    assert drawn["fence"].drawn == pytest.approx(10_000, rel=0.02)


def test_outline_is_the_real_one_not_scaled_to_the_plan():
    (drawn_km2,) = area_m2(read("district")) / 1e6
    assert drawn_km2 == pytest.approx(484.51, abs=0.005)
    assert FACTS["district"]["published_area_km2"] == 482.28


def test_readme_prints_the_measured_totals():
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    for total in totals(ROOT):
        assert total.row() in text


def test_redline_keeps_the_printed_unit_and_its_flag():
    target = FACTS["target"]["eco_red"]
    assert (target["value"], target["unit"], target["flag"]) == (1.04, "km2", "F1")
    assert set(read("eco_red")["flag"]) == {"F1"}


@pytest.mark.parametrize("layer_id", IDS)
def test_vector_layers_are_clean(layer_id):
    layer = read(layer_id)
    assert layer.crs.to_epsg() == 4526
    assert len(layer) > 0
    assert layer.geometry.is_valid.all()
    assert not layer.geometry.is_empty.any()
    assert not layer.geometry.has_z.any()
    polygons = layer.geometry[layer.geom_type.isin({"Polygon", "MultiPolygon"})]
    for part in shapely.get_parts(polygons.to_numpy()):
        assert part.exterior.is_ccw
        assert not any(hole.is_ccw for hole in part.interiors)
    coordinates = shapely.get_coordinates(layer.geometry.to_numpy())
    assert np.abs(coordinates * 100 - np.round(coordinates * 100)).max() < 1e-4


@pytest.mark.parametrize("layer_id", [i for i in IDS if i not in {"district", "neighbour", "udb_out", "township"}])
def test_everything_lies_in_the_district(layer_id, outline):
    assert shapely.covers(outline, read(layer_id).geometry.to_numpy()).all()


def test_projects_lie_in_the_district(projects, outline):
    placed = projects.geometry.dropna()
    assert shapely.covers(outline, placed.to_numpy()).all()


@pytest.mark.parametrize("names", [("township",), ("udb_in", "udb_out")])
def test_tilings_are_exact(names, outline):
    tiles = np.concatenate([read(name).geometry.to_numpy() for name in names])
    union = shapely.union_all(tiles)
    assert shapely.equals(union, outline)
    assert shapely.area(tiles).sum() == pytest.approx(outline.area, rel=1e-12)
    assert shapely.coverage_is_valid(shapely.get_parts(tiles)) or names != ("township",)
    crs = read("district").crs
    whole = official_area_m2([outline], crs)[0]
    assert official_area_m2(tiles, crs).sum() == pytest.approx(whole, rel=1e-9)


def test_ten_townships_have_the_names_of_the_plan():
    assert sorted(read("township")["name"]) == sorted(
        ["韩店街道", "苏店镇", "荫城镇", "西火镇", "八义镇", "郝家庄镇", "南宋镇", "西池乡", "北呈乡", "东和乡"]
    )


def test_township_borders_are_not_straight():
    borders = shapely.boundary(read("township").geometry.to_numpy())
    assert (shapely.get_num_coordinates(borders) > 60).all()


def test_rivers_of_the_plan_are_there_and_flow_together():
    streams = read("stream")
    named = streams[streams["name"] != ""]
    assert set(named["name"]) == {"陶清河", "浊漳南源", "荫城河", "南宋河", "黎水河", "色头河"}
    assert "黑水河" in named.loc[named["name"] == "黎水河", "aliases"].iloc[0]
    network = shapely.union_all(named[named["name"].isin(["陶清河", "荫城河", "南宋河", "色头河"])].geometry.to_numpy())
    assert len(shapely.get_parts(shapely.line_merge(network))) >= 4
    assert shapely.get_parts(network.buffer(1.0)).size == 1


def test_source_zones_nest_and_do_not_overlap():
    one, two, quasi = (read(name).set_index("source_id").geometry for name in ("ws1", "ws2", "wsq"))
    assert len(one) == len(two) == len(quasi) == 14
    assert (read("ws1")["grade"] == "县城").sum() == 4
    for name in one.index:
        assert one[name].intersection(two[name]).area == pytest.approx(0, abs=1e-6)
        assert shapely.Polygon(two[name].exterior).contains(one[name])
        assert shapely.Polygon(quasi[name].exterior).contains(two[name])
        assert two[name].intersection(quasi[name]).area == pytest.approx(0, abs=1e-6)
    every = np.concatenate([zone.to_numpy() for zone in (one, two, quasi)])
    assert shapely.union_all(every).area == pytest.approx(shapely.area(every).sum(), rel=1e-9)
    assert read("ws1")["name"].str.contains("示意").all()


def test_scenic_area_leaves_its_core_out():
    rest, core = read("scenic").geometry.iloc[0], read("scenic_core").geometry.iloc[0]
    assert rest.intersection(core).area == pytest.approx(0, abs=1e-6)
    assert shapely.union_all([rest, core]).geom_type == "Polygon"


def test_steep_patches_have_the_announced_size():
    patches = read("slope25")
    assert (patches.geom_type == "Polygon").all()
    assert (area_m2(patches) >= 50_000).all()


def test_zones_are_not_boxes():
    for layer_id in set(POLYGON_ZONES) - {"farmland"}:
        parts = shapely.get_parts(read(layer_id).geometry.to_numpy())
        large = parts[shapely.area(parts) > 15_000]
        filled = shapely.area(large) / shapely.area(shapely.minimum_rotated_rectangle(large))
        assert (filled < 0.95).all(), layer_id
        assert np.median(shapely.get_num_coordinates(large)) >= 12, layer_id


def test_farmland_has_slope_classes_and_field_forms():
    farmland = read("farmland")
    assert set(farmland["slope_class"]) <= {1, 2, 3, 4, 5}
    assert farmland["slope_class"].nunique() >= 4
    flat = farmland["slope_class"] == 1
    assert set(farmland.loc[flat, "field_form"]) == {""}
    assert set(farmland.loc[~flat, "field_form"]) == {"TT", "PD"}


def test_basic_farmland_keeps_out_of_towns_and_level_one_zones():
    basic = read("pbf").geometry.union_all()
    for layer_id in ("udb_in", "ws1", "eco_red", "reservoir"):
        assert basic.intersection(read(layer_id).geometry.union_all()).area == 0, layer_id


def test_only_outlines_of_counties_are_not_illustrative():
    real = {layer.layer_id for layer in WORKSPACE.layers if not layer.illustrative}
    assert real == {"district", "neighbour"}
    for layer in WORKSPACE.layers:
        assert ("示意" in layer.name.zh) == layer.illustrative
        assert ("illustrative" in layer.name.en) == layer.illustrative


def test_layers_have_the_fields_of_their_role():
    for layer in VECTORS:
        fields = check_fields(read(layer.layer_id), layer.role, layer.fields, layer.layer_id)
        assert [finding for finding in fields.findings if finding.severity != "note"] == [], layer.layer_id


def test_absent_roles_are_not_drawn():
    drawn = {layer.role for layer in WORKSPACE.layers}
    assert not drawn & set(WORKSPACE.absent)
    assert {"PA_CORE", "PA_GEN", "BANK_YELLOW"} <= set(WORKSPACE.absent)


def test_the_workspace_is_small():
    assert sum(path.stat().st_size for path in ROOT.rglob("*") if path.is_file()) < 6_000_000


@pytest.mark.parametrize("name", ["dem.tif", "landcover.tif"])
def test_rasters_are_cloud_optimised_on_30_m_cells(name):
    with rasterio.open(ROOT / name) as raster:
        assert raster.tags(ns="IMAGE_STRUCTURE")["LAYOUT"] == "COG"
        assert raster.crs.to_epsg() == 4526
        assert (raster.transform.a, raster.transform.e) == (30.0, -30.0)
        assert raster.overviews(1)


def test_ranges_stand_where_the_plan_puts_them(outline):
    with rasterio.open(ROOT / "dem.tif") as raster:
        height = raster.read(1, masked=True)
        rows, cols = np.indices(height.shape)
        east, north = rasterio.transform.xy(raster.transform, rows.ravel(), cols.ravel())
    inside = shapely.contains_xy(outline, east, north).reshape(height.shape)
    west, south, right, top = outline.bounds
    x = (np.reshape(east, height.shape) - west) / (right - west)
    y = (np.reshape(north, height.shape) - south) / (top - south)
    basin = height[inside & (x < 0.5) & (y > 0.5)].mean()
    assert height[inside & (y < 0.15)].mean() > basin + 150
    assert height[inside & (x > 0.8) & (y > 0.7)].mean() > basin + 100


def test_land_cover_agrees_with_the_forest_layer():
    codes = {entry["key"]: entry["code"] for entry in FACTS["landcover"]["class"]}
    with rasterio.open(ROOT / "landcover.tif") as raster:
        cover = raster.read(1)
    assert set(np.unique(cover)) <= {0, *codes.values()}
    share = (cover == codes["forest"]).sum() / (cover > 0).sum()
    assert share * 100 == pytest.approx(13.03, abs=0.5)


def test_register_counts(projects):
    own = projects[~projects["project_id"].isin(["26b", "26c"])]
    assert len(own) == 69
    assert own["location"].value_counts().to_dict() == {"given": 38, "needed": 17, "not_spatial": 14}
    assert len(projects) == 71
    assert projects.geometry.notna().equals(projects["location"] == "given")
    assert set(projects["nature"]) <= {*natures(), "OTHER"}
    assert (own["nature"] == "OTHER").sum() == 14
    assert projects["illustrative"].all()
    assert set(projects["status"]) == {"new", "altered", "unknown"}
    assert set(projects["discharging"]) <= {"yes", "no", "unknown"}


def test_declared_footprints_are_exact(projects):
    declared = projects[projects["declared_area_mu"].notna()]
    assert sorted(declared["project_id"]) == ["26", "26b", "26c", "27"]
    wanted = [to_m2(mu, "mu") for mu in declared["declared_area_mu"]]
    assert area_m2(declared) == pytest.approx(wanted, abs=0.01)
    assert wanted[0] == pytest.approx(73333.3333, abs=1e-4)


def test_alternatives_are_one_group_and_say_that_they_are_invented(projects):
    group = projects[projects["alternative_group"] == "主城区污水处理厂搬迁"].set_index("project_id")
    assert list(group.index) == ["26", "26b", "26c"]
    assert group.loc[["26b", "26c"], "note"].str.contains("虚构").all()


def test_some_projects_meet_zones_and_some_do_not(projects):
    shapes = projects.set_index("project_id").geometry
    basic, level_two, marsh = (read(name).geometry.union_all() for name in ("pbf", "ws2", "wetland"))
    assert shapes["30"].intersection(level_two).area > 1000
    assert 0 < shapes["32"].intersection(basic).area < 1
    assert shapes["26b"].intersection(basic).area > 10_000
    assert shapes["26c"].intersects(marsh)
    assert shapes["17"].intersection(basic).length > 500
    assert shapes["17"].intersects(read("esp_corridor").geometry.union_all())
    for clean in ("24", "27"):
        assert not shapes[clean].intersects(shapely.union_all([basic, level_two, marsh]))
