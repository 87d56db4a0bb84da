"""Slopes of other programs: the reference case of GRASS, and gdaldem."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import rasterio
from affine import Affine
from pyproj import CRS

from benchmarks import gdaldem
from spatial.grid import Grid
from spatial.io.elevation import open_dem
from spatial.terrain.slope import aspect_deg, slope_deg
from tests.shared import shared
from tests.terrain.dems import grid, rough, write


def test_the_fractal_surface_of_grass() -> None:
    folder = shared("cases", "grass_gdal_slope_fractal")
    z = np.loadtxt(folder / "fractal_surf.asc", skiprows=6)
    expected = np.loadtxt(folder / "expected_gdal_slope_north_up.txt")
    on = Grid(CRS(4526), Affine(1, 0, 38_410_015, 0, -1, 3_980_020), (10, 10))
    assert slope_deg(z, on)[1:-1, 1:-1] == pytest.approx(expected, abs=1e-4)


def by_gdal(dem: Path, folder: Path, product: str, *options: str) -> np.ndarray:
    if not gdaldem.name():
        pytest.skip("neither gdaldem nor a library that has it")
    gdaldem.slope(dem, folder / "out.tif", *options, product=product)
    with rasterio.open(folder / "out.tif") as source:
        return np.where(source.read(1) == source.nodata, np.nan, source.read(1))


@pytest.mark.parametrize(("method", "option"), [("horn", "Horn"), ("zevenbergen-thorne", "ZevenbergenThorne")])
def test_slope_and_aspect_equal_those_of_gdaldem(tmp_path: Path, method: str, option: str) -> None:
    # Sixteenths of a metre: gdaldem adds in single precision, which then loses nothing.
    z = (np.round(16 * rough(60, 70)) / 16).astype(np.float32)
    z[20, 30] = -9999
    dem = open_dem(write(tmp_path / "dem.tif", z, grid(60, 70), nodata=-9999))
    theirs = by_gdal(dem.path, tmp_path, "slope", "-alg", option)
    ours = slope_deg(dem.read(), dem.grid, method=method)
    assert ours == pytest.approx(theirs, abs=1e-4, nan_ok=True)
    theirs = by_gdal(dem.path, tmp_path, "aspect", "-alg", option)
    ours = aspect_deg(dem.read(), dem.grid, method=method)
    assert (np.isnan(ours) == np.isnan(theirs)).all()
    assert np.nanmax(np.abs((ours - theirs + 180) % 360 - 180)) < 2e-3


def test_a_real_mountain_equals_gdaldem(tmp_path: Path) -> None:
    dem = open_dem(shared("data", "dem", "bigtujunga_srtm30m.tif"))
    theirs = by_gdal(dem.path, tmp_path, "slope")
    ours = slope_deg(dem.read(), dem.grid)
    assert ours == pytest.approx(theirs, abs=1e-4, nan_ok=True)
    assert np.nanmax(ours) > 50


def test_a_real_geographic_grid_equals_gdaldem_with_the_steps_of_a_row(tmp_path: Path) -> None:
    dem = open_dem(shared("data", "dem", "shud_waerma_aster1s.tif"))
    z, row = dem.read(), 60
    east, north = (step[row] for step in dem.grid.steps_m())
    # The same heights in a plane whose cells measure what those of this row do.
    plane = Grid(CRS(4526), Affine(east, 0, 38_410_000, 0, -north, 3_980_000), dem.grid.shape)
    copy = write(tmp_path / "plane.tif", np.where(np.isnan(z), -9999, z).astype(np.float32), plane, nodata=-9999)
    theirs = by_gdal(copy, tmp_path, "slope")
    assert slope_deg(z, dem.grid)[row] == pytest.approx(theirs[row], abs=1e-4, nan_ok=True)
