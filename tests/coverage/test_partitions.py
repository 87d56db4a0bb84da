from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import rasterio
import shapely
from affine import Affine
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import CRS

from spatial.areas import official_area_m2
from spatial.coverage import cover
from spatial.coverage.cells import class_areas
from spatial.coverage.partitions import by_cell, by_class, by_name
from spatial.equal_area import to_equal_area
from spatial.errors import InputError
from spatial.grid import cell_areas_m2
from spatial.io.rasters import ClassGrid, read_classes

PLANE = CRS(4526)
EAST, NORTH = 38_410_000.0, 3_980_000.0


def grid(codes: list[list[int]], size_m: float = 100.0, nodata: int = 0) -> ClassGrid:
    values = np.array(codes, dtype=np.int32)
    transform = Affine(size_m, 0, EAST, 0, -size_m, NORTH + size_m * len(codes))
    return ClassGrid(values, values != nodata, transform, PLANE, {1: "cropland"})


def test_features_of_one_name_are_one_unit() -> None:
    found = by_name("TOWNSHIP", np.array([shapely.box(n, 0, n + 1, 1) for n in range(3)]), ["b", "a", "b"])
    assert (found.units, found.unit.tolist()) == (("b", "a"), [0, 1, 0])


def test_cells_stand_on_whole_multiples_and_only_where_the_district_is() -> None:
    district = np.array(
        [shapely.Polygon([(EAST + 50, NORTH + 50), (EAST + 250, NORTH + 50), (EAST + 50, NORTH + 250)])]
    )
    found = by_cell(district, 100, PLANE)
    # Six lie in it; two only touch its slanting side.
    assert len(found.units) == 8
    assert found.units[0] == "38410000 3980000"
    whole = cover({}, [found], to_equal_area(district, PLANE)).by_unit()
    assert whole["area_m2"].sum() == pytest.approx(float(official_area_m2(district, PLANE)[0]), rel=1e-9)


@pytest.mark.parametrize("size", [0, -1, float("nan"), 0.01])
def test_cells_of_no_size_and_too_many_cells_are_refused(size: float) -> None:
    with pytest.raises(InputError, match="cell size"):
        by_cell(np.array([shapely.box(EAST, NORTH, EAST + 1000, NORTH + 1000)]), size, PLANE)


def test_classes_become_units_in_the_order_of_their_codes() -> None:
    found = by_class("LANDCOVER", grid([[2, 1], [0, 1]]))
    assert found.units == ("1 cropland", "2")
    areas = np.bincount(found.unit, shapely.area(found.geometry))
    assert areas == pytest.approx([20_000, 10_000], rel=5e-4)


def test_a_cells_official_area() -> None:
    one = cell_areas_m2(grid([[1]]).cells)
    expected = official_area_m2([shapely.box(EAST, NORTH, EAST + 100, NORTH + 100)], PLANE)[0]
    assert one[0, 0] == pytest.approx(float(expected), rel=1e-8)


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_cell_fractions_and_outlines_of_classes_agree(seed: int) -> None:
    rng = np.random.default_rng(seed)
    classes = grid(rng.integers(0, 4, (12, 15)).tolist())
    angles = np.sort(rng.uniform(0, 2 * np.pi, 9))
    ring = np.column_stack([EAST + 750 + 600 * np.cos(angles), NORTH + 600 + 500 * np.sin(angles)])
    zone = np.array([shapely.Polygon(ring)])
    by_fraction = class_areas(classes, zone, PLANE)
    district = np.array([shapely.box(EAST - 100, NORTH - 100, EAST + 1600, NORTH + 1300)])
    found = cover({"WS2": to_equal_area(zone, PLANE)}, [by_class("C", classes)], to_equal_area(district, PLANE))
    by_outline = found.by_unit().set_index("C")["covered_m2"]
    for row in by_fraction.itertuples():
        assert row.area_m2 == pytest.approx(by_outline[classes.name(row.code)], rel=1e-6, abs=0.01)


def test_a_turned_grid_is_refused() -> None:
    turned = ClassGrid(np.ones((2, 2), np.int32), np.ones((2, 2), bool), Affine(1, 1, 0, 1, -1, 0), PLANE)
    with pytest.raises(InputError, match="north up"):
        class_areas(turned, np.array([shapely.box(0, 0, 1, 1)]), PLANE)


def write(path: Path, values: np.ndarray, crs: str | None = "EPSG:4526", **tags: str) -> Path:
    profile = {
        "driver": "GTiff",
        "width": values.shape[1],
        "height": values.shape[0],
        "count": 1,
        "dtype": values.dtype,
    }
    with rasterio.open(path, "w", crs=crs, transform=Affine(30, 0, EAST, 0, -30, NORTH), nodata=0, **profile) as target:
        target.write(values, 1)
        target.update_tags(1, **tags)
    return path


def test_classes_and_their_names_are_read(tmp_path: Path) -> None:
    read = read_classes(write(tmp_path / "a.tif", np.array([[0, 3], [7, 7]], np.uint8), **{"3": "forest"}))
    assert read.codes[read.valid].tolist() == [3, 7, 7]
    assert [read.name(3), read.name(7)] == ["3 forest", "7"]


def test_measurements_are_no_classes(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no grid of classes"):
        read_classes(write(tmp_path / "a.tif", np.array([[1.5, 2.0]], np.float32)))
    with pytest.raises(InputError, match="states no coordinate system"):
        read_classes(write(tmp_path / "b.tif", np.array([[1, 2]], np.uint8), crs=None))
    with pytest.raises(InputError, match="does not exist"):
        read_classes(tmp_path / "gone.tif")
    (tmp_path / "c.tif").write_text("no grid", encoding="utf-8")
    with pytest.raises(InputError, match=r"c\.tif"):
        read_classes(tmp_path / "c.tif")
