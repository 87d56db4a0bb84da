from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import shapely
from pyproj import CRS

from spatial.areas import official_area_m2
from spatial.coverage.cells import class_areas
from spatial.errors import InputError
from spatial.io.elevation import open_dem
from spatial.io.rasters import ClassGrid
from spatial.runtime import blocks as blocks_module
from spatial.terrain import zones as module
from spatial.terrain.classes import classify, scheme_of
from spatial.terrain.slope import slope_deg
from spatial.terrain.zones import SlopeAreas, slope_class_areas
from tests.terrain.dems import EAST, NORTH, grid, rough, write
from tests.terrain.test_fractions import star

SURVEY = scheme_of("survey")


def by_zone(found: SlopeAreas) -> np.ndarray:
    return found.table["area_m2"].to_numpy().reshape(len(found.zone_m2), -1)


@pytest.fixture(scope="module")
def rough_dem(tmp_path_factory: pytest.TempPathFactory) -> Path:
    z = rough(120, 90, amplitude=120).astype(np.float32)
    z[30:33, 40:50] = -9999
    return write(tmp_path_factory.mktemp("dem") / "dem.tif", z, grid(120, 90), nodata=-9999)


def wide(seed: int) -> shapely.Geometry:
    return shapely.affinity.scale(star(seed, 500.0), 2, 4, origin=(EAST, NORTH, 0))


def test_a_ramp_by_hand(tmp_path: Path) -> None:
    """A hillside of 10 degrees: all of class III but the outermost cells, which have no slope."""
    z = 1000 + 30 * np.tan(np.radians(10)) * np.arange(10) * np.ones((8, 1))
    dem = open_dem(write(tmp_path / "a.tif", z, grid(8, 10)))
    found = slope_class_areas(dem, np.array([shapely.box(EAST, NORTH - 240, EAST + 150, NORTH)]), CRS(4526), SURVEY)
    assert by_zone(found)[0] / 900 == pytest.approx([16, 0, 0, 24, 0, 0], rel=1e-3)
    assert by_zone(found).sum() == pytest.approx(found.zone_m2[0], rel=1e-9)
    assert found.outside_m2[0] < 1e-3


@pytest.mark.parametrize("key", ["survey", "sl190"])
@pytest.mark.parametrize("method", ["horn", "zevenbergen-thorne"])
def test_one_pass_equals_slope_then_classes_then_exactextract(rough_dem: Path, key: str, method: str) -> None:
    dem, scheme = open_dem(rough_dem), scheme_of(key)
    zones = np.array([wide(seed) for seed in range(12)])
    codes = classify(slope_deg(dem.read(), dem.grid, method=method), scheme).astype(np.int32)
    cells = ClassGrid(codes, np.ones(codes.shape, bool), dem.grid.transform, dem.grid.crs)
    theirs = class_areas(cells, zones, dem.grid.crs)
    expected = np.zeros((12, len(scheme.classes) + 1))
    expected[theirs["zone"], theirs["code"]] = theirs["area_m2"]
    found = by_zone(slope_class_areas(dem, zones, dem.grid.crs, scheme, method=method))
    # exactextract's shares of border cells are in single precision.
    assert found == pytest.approx(expected, rel=1e-7, abs=1e-3)
    assert found.sum() == pytest.approx(expected.sum(), rel=1e-9)


def test_whole_cells_equal_exactextract_to_1e_9(rough_dem: Path) -> None:
    dem = open_dem(rough_dem)
    zones = np.array([shapely.box(EAST + 300, NORTH - 3000, EAST + 2400, NORTH - 90)])
    codes = classify(slope_deg(dem.read(), dem.grid), SURVEY).astype(np.int32)
    cells = ClassGrid(codes, np.ones(codes.shape, bool), dem.grid.transform, dem.grid.crs)
    theirs = class_areas(cells, zones, dem.grid.crs)
    found = by_zone(slope_class_areas(dem, zones, dem.grid.crs, SURVEY))[0]
    assert found[theirs["code"]] == pytest.approx(theirs["area_m2"].to_numpy(), rel=1e-9)


@pytest.mark.parametrize("workers", ["threads", "threads:1", "threads:3"])
def test_who_works_does_not_matter(rough_dem: Path, workers: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blocks_module, "setting", {"block_rows": 16, "memory_mib": 1000}.__getitem__)
    zones = np.array([wide(seed) for seed in range(5)])
    dem = open_dem(rough_dem)
    seen: list[tuple[int, int]] = []
    alone = slope_class_areas(dem, zones, CRS(4526), SURVEY, workers="serial")
    found = slope_class_areas(dem, zones, CRS(4526), SURVEY, workers=workers, progress=lambda *done: seen.append(done))
    assert by_zone(found).tobytes() == by_zone(alone).tobytes()
    assert [done for done, _ in seen] == list(range(1, len(seen) + 1))
    assert seen[-1][0] == seen[-1][1]


def test_the_height_of_blocks_changes_rounding_only(rough_dem: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    dem, zones = open_dem(rough_dem), np.array([wide(3)])
    whole = by_zone(slope_class_areas(dem, zones, CRS(4526), SURVEY))
    for rows in (1, 2, 7, 64):
        monkeypatch.setattr(blocks_module, "setting", {"block_rows": rows, "memory_mib": 1000}.__getitem__)
        assert by_zone(slope_class_areas(dem, zones, CRS(4526), SURVEY)) == pytest.approx(whole, rel=1e-13)


@pytest.mark.parametrize("crs", [4490, 4526])
def test_parts_and_what_lies_outside_sum_to_the_zone(tmp_path: Path, crs: int) -> None:
    on = grid(80, 70, 30.0 if crs == 4526 else 1 / 3600, crs)
    dem = open_dem(write(tmp_path / "a.tif", rough(80, 70).astype(np.float32), on))
    west, south, east, north = on.bounds
    width, height = east - west, north - south
    zone = shapely.box(west + width / 3, south - height / 2, east + width / 5, north - height / 4)
    found = slope_class_areas(dem, np.array([zone]), on.crs, SURVEY)
    inside = official_area_m2([shapely.intersection(zone, shapely.box(*on.bounds))], on.crs)[0]
    assert by_zone(found).sum() == pytest.approx(float(inside), rel=1e-8)
    assert found.outside_m2[0] == pytest.approx(float(found.zone_m2[0] - inside), rel=1e-7)


def test_findings_say_what_the_figures_lack(rough_dem: Path) -> None:
    dem = open_dem(rough_dem)
    zone = shapely.box(EAST - 300, NORTH - 3000, EAST + 900, NORTH - 300)
    found = slope_class_areas(dem, np.array([zone]), CRS(4526), SURVEY)
    assert [one.code for one in found.findings] == ["dem_coarse", "dem_partial", "dem_no_slope"]
    assert "25.0 %" in found.findings[1].text("en")
    assert all(one.text("zh") for one in found.findings)


def test_zones_elsewhere_and_empty_heights_are_refused(tmp_path: Path, rough_dem: Path) -> None:
    with pytest.raises(InputError, match="none of the zones"):
        slope_class_areas(open_dem(rough_dem), np.array([shapely.box(0, 0, 1, 1)]), CRS(4490), SURVEY)
    empty = write(tmp_path / "a.tif", np.full((9, 9), -1, np.int16), grid(9, 9), nodata=-1)
    with pytest.raises(InputError, match="not one cell has a slope"):
        slope_class_areas(open_dem(empty), np.array([shapely.box(*grid(9, 9).bounds)]), CRS(4526), SURVEY)


def test_a_run_too_large_is_refused_before_it_begins(rough_dem: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blocks_module, "setting", {"block_rows": 512, "memory_mib": 0.01}.__getitem__)
    monkeypatch.setattr(module, "placed", None)
    with pytest.raises(InputError, match="more than the limit"):
        slope_class_areas(open_dem(rough_dem), np.array([wide(1)]), CRS(4526), SURVEY)
