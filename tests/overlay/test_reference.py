"""Overlays that QGIS and geopandas computed, from the reference cases beside the project."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely

from spatial.overlay import ZoneIndex, net_parts

CASES = Path(__file__).parents[2].parent / "shared" / "cases" / "geopandas_overlay" / "data" / "overlay"

pytestmark = pytest.mark.skipif(not CASES.is_dir(), reason="the reference cases are not beside the project")


def read(name):
    return gpd.read_file(CASES / name, engine="pyogrio")


def polygons(frame):
    return frame.geometry.to_numpy()


def sorted_areas(geometries):
    areas = np.sort(shapely.area(geometries))
    return areas[areas > 0]


@pytest.mark.parametrize(
    ("left", "right", "expected"),
    [
        ("nybb_qgis/polydf.shp", "nybb_qgis/polydf2.shp", "nybb_qgis/qgis-intersection.shp"),
        ("polys/df1.geojson", "polys/df2.geojson", "polys/df1_df2-intersection.geojson"),
        ("overlap/df1_overlap.geojson", "overlap/df2_overlap.geojson", "overlap/df1_df2_overlap-intersection.geojson"),
    ],
)
def test_intersections_equal_those_of_qgis(left, right, expected):
    projects, zones, judged = polygons(read(left)), polygons(read(right)), sorted_areas(polygons(read(expected)))
    for max_vertices in (50, 100_000):
        index = ZoneIndex(zones, max_vertices=max_vertices)
        assert sorted_areas(index.pieces(projects).geometry) == pytest.approx(judged, rel=1e-9)
        assert np.sort(index.areas(projects).area_m2) == pytest.approx(judged, rel=1e-9)


@pytest.mark.parametrize(
    ("left", "right", "expected"),
    [
        ("nybb_qgis/polydf.shp", "nybb_qgis/polydf2.shp", "nybb_qgis/qgis-difference.shp"),
        ("polys/df1.geojson", "polys/df2.geojson", "polys/df1_df2-difference.geojson"),
        ("polys/df2.geojson", "polys/df1.geojson", "polys/df1_df2-difference-inverse.geojson"),
        ("overlap/df1_overlap.geojson", "overlap/df2_overlap.geojson", "overlap/df1_df2_overlap-difference.geojson"),
    ],
)
def test_remainders_equal_the_differences_of_qgis(left, right, expected):
    projects, zones = polygons(read(left)), polygons(read(right))
    pieces = ZoneIndex(zones).pieces(projects)
    remainders = [net_parts(whole, list(pieces.geometry[pieces.project == i]))[1] for i, whole in enumerate(projects)]
    assert sorted_areas(remainders) == pytest.approx(sorted_areas(polygons(read(expected))), rel=1e-9)


@pytest.mark.parametrize("kind", ["line", "point"])
def test_lines_and_points_in_polygons_equal_those_of_geopandas(kind):
    expected = polygons(read(f"strict/{kind}_poly_intersection_True.geojson"))
    projects = {
        "line": [shapely.LineString([(2, 0), (2, 4), (6, 4)]), shapely.LineString([(0, 3), (6, 3)])],
        "point": [shapely.Point(2, 2), shapely.Point(3, 3)],
    }[kind]
    zones = [shapely.box(1, 1, 3, 3), shapely.box(3, 3, 5, 5)]
    found = ZoneIndex(zones).pieces(projects).geometry
    assert np.sort(shapely.length(found)) == pytest.approx(np.sort(shapely.length(expected)), rel=1e-12)
    assert len(found) == len(expected)
