from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import rasterio

from spatial.io.elevation import open_dem
from spatial.io.rasters import read_classes
from spatial.runtime import blocks as blocks_module
from spatial.terrain.classes import classify, scheme_of
from spatial.terrain.run import Job, write_terrain
from spatial.terrain.slope import aspect_deg, slope_deg
from tests.terrain.dems import grid, rough, write


@pytest.fixture
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blocks_module, "setting", {"block_rows": 13, "memory_mib": 1000}.__getitem__)


@pytest.mark.usefixtures("small_blocks")
@pytest.mark.parametrize("crs", [4526, 4490])
def test_files_hold_what_the_functions_return(tmp_path: Path, crs: int) -> None:
    on = grid(70, 60, 30.0 if crs == 4526 else 1 / 3600, crs)
    z = rough(70, 60).astype(np.float32)
    z[40, 7] = -9999
    dem = open_dem(write(tmp_path / "dem.tif", z, on, nodata=-9999))
    slope = slope_deg(dem.read(), on)
    survey = scheme_of("survey")
    expected = {"slope": slope, "aspect": aspect_deg(dem.read(), on), "classes": classify(slope, survey)}
    for product, values in expected.items():
        write_terrain(dem, tmp_path / "out.tif", Job(product, scheme=survey))
        with rasterio.open(tmp_path / "out.tif") as source:
            assert source.read(1).tobytes() == values.tobytes()
            assert source.transform == on.transform
    assert read_classes(tmp_path / "out.tif").names[5] == "Ⅴ级（>25°） / V (over 25°)"


@pytest.mark.usefixtures("small_blocks")
@pytest.mark.parametrize("workers", ["serial", "threads:2"])
def test_the_output_does_not_depend_on_who_works(tmp_path: Path, workers: str) -> None:
    dem = open_dem(write(tmp_path / "dem.tif", rough(50, 40).astype(np.int16), grid(50, 40)))
    write_terrain(dem, tmp_path / "a.tif", Job("slope"))
    write_terrain(dem, tmp_path / "b.tif", Job("slope", workers=workers))
    assert (tmp_path / "a.tif").read_bytes() == (tmp_path / "b.tif").read_bytes()


def test_what_was_done_stands_in_the_file(tmp_path: Path) -> None:
    dem = open_dem(write(tmp_path / "dem.tif", rough(9, 9).astype(np.float32), grid(9, 9)))
    write_terrain(dem, tmp_path / "out.tif", Job("classes", "zevenbergen-thorne", scheme_of("sl190")))
    with rasterio.open(tmp_path / "out.tif") as source:
        tags = source.tags()
    assert tags["breaks_deg"] == "5 8 15 25 35"
    assert (tags["scheme"], tags["closed_end"], tags["method"]) == ("sl190", "lower", "zevenbergen-thorne")
    assert len(tags["source_sha256"]) == 64
