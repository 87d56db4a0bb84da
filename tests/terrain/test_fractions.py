from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import shapely
from exactextract import exact_extract
from exactextract.raster import NumPyRasterSource
from hypothesis import given
from hypothesis import strategies as st
from pyproj import CRS

from spatial.equal_area import densify, reproject
from spatial.grid import Grid
from spatial.terrain.fractions import zone_spans
from tests.terrain.dems import EAST, NORTH, grid

ON = grid(20, 25)


def shares(zone: shapely.Geometry, on: Grid = ON, crs: CRS | None = None) -> np.ndarray:
    """The share of every cell, by the spans."""
    spans = zone_spans(np.array([zone]), crs or on.crs, on)
    found = np.zeros(on.shape)
    for row in range(on.shape[0]):
        for k in range(spans.first[row], spans.first[row + 1]):
            found[row, spans.start[k] : spans.stop[k]] += spans.share[k]
    return found


def star(seed: int, reach: float, *, hole: bool = False) -> shapely.Geometry:
    rng = np.random.default_rng(seed)
    angles = np.sort(rng.uniform(0, 2 * np.pi, rng.integers(5, 30)))
    radius = rng.uniform(0.2, 1, angles.size) * reach
    middle = EAST + rng.uniform(0, 750), NORTH - rng.uniform(0, 600)
    ring = np.column_stack([middle[0] + radius * np.cos(angles), middle[1] + radius * np.sin(angles)])
    made = shapely.make_valid(shapely.Polygon(ring))
    return shapely.difference(made, shapely.Point(middle).buffer(reach / 4)) if hole else made


def test_a_box_by_hand() -> None:
    found = shares(shapely.box(EAST + 15, NORTH - 75, EAST + 75, NORTH - 30))
    expected = np.zeros(ON.shape)
    expected[1, :3] = [0.5, 1, 0.5]
    expected[2, :3] = [0.25, 0.5, 0.25]
    assert found == pytest.approx(expected, abs=1e-9)


def test_a_triangle_by_hand() -> None:
    found = shares(shapely.Polygon([(EAST, NORTH), (EAST + 60, NORTH - 60), (EAST, NORTH - 60)]))
    assert found[:3, :3] == pytest.approx(np.array([[0.5, 0, 0], [1, 0.5, 0], [0, 0, 0]]), abs=1e-9)


def test_cells_within_count_as_whole_exactly() -> None:
    found = shares(star(3, 280.0))
    assert ((found == 1) | (found < 1 - 1e-7)).all()
    assert (found == 1).any()


@given(st.integers(0, 10_000), st.sampled_from([20.0, 90.0, 300.0, 900.0, 5000.0]), st.booleans())
def test_fractions_equal_exactextract_and_the_planar_area(seed: int, reach: float, hole: bool) -> None:
    zone = star(seed, reach, hole=hole)
    found = shares(zone)
    inside = shapely.intersection(zone, shapely.box(*ON.bounds)).area
    assert found.sum() * 900 == pytest.approx(inside, rel=1e-9, abs=1e-4)
    west, south, east, north = ON.bounds
    source = NumPyRasterSource(np.zeros(ON.shape), west, south, east, north, srs_wkt=ON.crs.to_wkt())
    frame = gpd.GeoDataFrame(geometry=densify(np.array([zone]), ON.crs), crs=ON.crs)
    theirs = exact_extract(source, frame, ["cell_id", "coverage"], output="pandas")
    expected = np.zeros(ON.shape).ravel()
    expected[np.asarray(theirs["cell_id"][0], dtype=int)] = theirs["coverage"][0]
    # exactextract returns shares in single precision.
    assert found.ravel() == pytest.approx(expected, abs=1e-7)


def test_cells_share_out_zones_that_tile() -> None:
    rng = np.random.default_rng(5)
    points = shapely.MultiPoint(
        np.column_stack([EAST + rng.uniform(-100, 900, 40), NORTH - rng.uniform(-100, 700, 40)])
    )
    tiles = shapely.get_parts(shapely.voronoi_polygons(points, extend_to=shapely.box(*ON.bounds).buffer(100)))
    assert sum(shares(tile) for tile in tiles) == pytest.approx(np.ones(ON.shape), abs=1e-9)


def test_zones_come_from_other_systems() -> None:
    zone = star(8, 200.0)
    degrees = reproject(densify(np.array([zone]), ON.crs), ON.crs, CRS(4490))[0]
    assert shares(degrees, crs=CRS(4490)) == pytest.approx(shares(zone), abs=1e-6)


@pytest.mark.parametrize("way", [(-1e4, 0), (1e4, 0), (0, 1e4), (0, -1e4)])
def test_zones_beyond_the_grid_have_no_cells(way: tuple[float, float]) -> None:
    assert not shares(shapely.affinity.translate(star(1, 200.0), *way)).any()


def test_a_zone_larger_than_the_grid_has_all_cells() -> None:
    assert (shares(shapely.box(EAST - 1e4, NORTH - 1e4, EAST + 1e4, NORTH + 1e4)) == 1).all()


def test_no_zones_and_empty_ones() -> None:
    for zones in (np.array([], dtype=object), np.array([shapely.Polygon()])):
        spans = zone_spans(zones, ON.crs, ON)
        assert spans.zone.size == 0
        assert spans.first.tolist() == [0] * 21
