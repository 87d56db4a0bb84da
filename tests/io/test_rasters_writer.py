from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import rasterio

from spatial.errors import InputError
from spatial.io.rasters import read_classes
from spatial.io.rasters_writer import Band, write_cog
from tests.terrain.dems import grid, rough

SLOPE = Band("slope", "float32", float("nan"), "degree", {"method": "horn", "来源": "示意"})


@pytest.mark.parametrize("crs", [4526, 4547, 4490, 32649])
def test_what_is_written_is_read(tmp_path: Path, crs: int) -> None:
    on = grid(700, 600, 30.0 if crs != 4490 else 1 / 3600, crs)
    z = rough(700, 600).astype(np.float32)
    z[0, 0] = np.nan
    write_cog(tmp_path / "a.tif", z, on, SLOPE)
    with rasterio.open(tmp_path / "a.tif") as source:
        assert np.array_equal(source.read(1), z, equal_nan=True)
        assert source.transform == on.transform
        assert source.crs.to_epsg() == crs
        assert (source.units, source.descriptions) == (("degree",), ("slope",))
        assert source.tags()["method"] == "horn"
        assert source.tags()["来源"] == "示意"
        assert np.isnan(source.nodata)
        assert source.tags(ns="IMAGE_STRUCTURE")["LAYOUT"] == "COG"
        assert source.overviews(1) == [2]
    assert [path.name for path in tmp_path.iterdir()] == ["a.tif"]


def test_the_same_numbers_give_the_same_bytes(tmp_path: Path) -> None:
    on, z = grid(600, 500), rough(600, 500).astype(np.float32)
    (tmp_path / "rows").mkdir()
    (tmp_path / "rows" / "rows.raw").write_bytes(z.tobytes())
    write_cog(tmp_path / "a.tif", z, on, SLOPE)
    write_cog(tmp_path / "b.tif", tmp_path / "rows" / "rows.raw", on, SLOPE)
    assert (tmp_path / "a.tif").read_bytes() == (tmp_path / "b.tif").read_bytes()


def test_classes_bring_their_names_and_colours(tmp_path: Path) -> None:
    band = Band(
        "classes", "uint8", 0, overview="mode", classes=[("", "#000000"), ("平地", "#1a9850"), ("steep", "#b2182b")]
    )
    codes = np.array([[0, 1], [2, 2]], np.uint8)
    write_cog(tmp_path / "a.tif", codes, grid(2, 2), band)
    with rasterio.open(tmp_path / "a.tif") as source:
        assert source.colormap(1)[2] == (0xB2, 0x18, 0x2B, 255)
    read = read_classes(tmp_path / "a.tif")
    assert read.names == {1: "平地", 2: "steep"}
    assert read.codes[read.valid].tolist() == [1, 2, 2]


def test_a_file_that_cannot_be_made_leaves_the_old_one(tmp_path: Path) -> None:
    (tmp_path / "a.tif").write_text("old", encoding="utf-8")
    short = tmp_path / "rows.raw"
    with pytest.raises((InputError, FileNotFoundError)):
        write_cog(tmp_path / "a.tif", short, grid(2, 2), SLOPE)
    assert (tmp_path / "a.tif").read_text(encoding="utf-8") == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["a.tif"]
