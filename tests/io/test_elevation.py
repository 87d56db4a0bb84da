from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import rasterio
from affine import Affine
from hypothesis import given
from hypothesis import strategies as st
from pyproj import CRS

from spatial.errors import InputError
from spatial.io.elevation import open_dem
from spatial.io.stated import Stated
from tests.shared import shared
from tests.terrain.dems import grid, rough, write

ON = grid(12, 9)


@pytest.mark.parametrize(
    ("kind", "read"),
    [("int16", "float32"), ("uint8", "float32"), ("float32", "float32"), ("int32", "float64"), ("float64", "float64")],
)
def test_heights_are_read_without_loss(tmp_path: Path, kind: str, read: str) -> None:
    z = np.clip(rough(12, 9), 0, 250 if kind == "uint8" else 4000).astype(kind)
    z[2, 3] = 7
    dem = open_dem(write(tmp_path / "a.tif", z, ON, nodata=7))
    found = dem.read()
    assert found.dtype == dem.dtype == read
    assert np.isnan(found[2, 3])
    z = z.astype(read)
    z[2, 3] = np.nan
    assert np.array_equal(found, z, equal_nan=True)
    assert (dem.grid.shape, dem.grid.crs) == ((12, 9), CRS(4526))


@given(first=st.integers(0, 11), count=st.integers(1, 12))
def test_rows_are_those_of_the_whole(first: int, count: int, tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.getbasetemp() / "rows.tif"
    if not path.exists():
        write(path, rough(12, 9).astype(np.float32), ON, tiled=True, blockxsize=16, blockysize=16)
    dem = open_dem(path)
    last = min(first + count, 12)
    assert np.array_equal(dem.read((first, last)), dem.read()[first:last])
    many = list(dem.read_many([(0, 5), (first, last)], threads=2))
    assert np.array_equal(many[1], dem.read()[first:last])


def test_scale_and_offset_are_applied(tmp_path: Path) -> None:
    z = np.array([[1000, 2000], [3000, -32768]], np.int16)
    dem = open_dem(write(tmp_path / "a.tif", z, grid(2, 2), nodata=-32768, scale=0.1, offset=50.0))
    assert dem.read() == pytest.approx(np.array([[150, 250], [350, np.nan]]), nan_ok=True)


def test_nan_is_no_data_declared_or_not(tmp_path: Path) -> None:
    z = rough(12, 9).astype(np.float32)
    z[0, 0] = np.nan
    for number, options in enumerate(({}, {"nodata": float("nan")}, {"nodata": -9999})):
        found = open_dem(write(tmp_path / f"{number}.tif", z, ON, **options)).read()
        assert np.isnan(found).sum() == 1


def test_infinite_heights_are_refused(tmp_path: Path) -> None:
    z = rough(12, 9).astype(np.float32)
    z[3, 3] = np.inf
    with pytest.raises(InputError, match="row 4, column 4 and 1 cells"):
        open_dem(write(tmp_path / "a.tif", z, ON)).read()


def test_a_mask_beside_the_numbers_is_obeyed(tmp_path: Path) -> None:
    path = write(tmp_path / "a.tif", rough(12, 9).astype(np.float32), ON)
    with rasterio.Env(GDAL_TIFF_INTERNAL_MASK=True), rasterio.open(path, "r+") as target:
        mask = np.full((12, 9), 255, np.uint8)
        mask[5] = 0
        target.write_mask(mask)
    assert np.isnan(open_dem(path).read()).sum(axis=1).tolist() == [0] * 5 + [9] + [0] * 6


@pytest.mark.parametrize(
    ("value", "kind"), [(-9999, "int16"), (-32768, "int16"), (32767, "int16"), (-3.4e38, "float32")]
)
def test_nodata_as_a_plain_number_is_refused_and_can_be_stated(tmp_path: Path, value: float, kind: str) -> None:
    z = rough(12, 9).astype(kind)
    z[6, 2:5] = value
    path = write(tmp_path / "plain.tif", z, ON)
    with pytest.raises(
        InputError, match=r"plain\.tif: the value .* in row 7, column 3 and 3 cells .*declare it in the file"
    ) as refused:
        open_dem(path).read()
    assert "无数据值" in refused.value.text("zh")
    assert np.isnan(open_dem(path, nodata=value).read()).sum() == 3


@pytest.mark.parametrize(
    ("described", "said"),
    [
        ({"unit": "ft"}, "multiply them by 0.3048 first"),
        ({"unit": "US survey foot"}, "0.3048006096"),
        ({"tags": {"units": "feet"}}, "0.3048"),
        ({"tags": {"unit": "cm"}}, "0.01"),
        ({"unit": "furlong"}, "is not known"),
    ],
)
def test_other_units_than_metres_are_refused(tmp_path: Path, described: dict, said: str) -> None:
    path = write(tmp_path / "a.tif", rough(12, 9).astype(np.float32), ON, **described)
    with pytest.raises(InputError, match=said):
        open_dem(path)


@pytest.mark.parametrize("described", [{"unit": "metre"}, {"unit": "m"}, {"tags": {"unit": "米"}}, {}])
def test_metres_by_any_name_are_read(tmp_path: Path, described: dict) -> None:
    assert open_dem(write(tmp_path / "a.tif", rough(12, 9).astype(np.float32), ON, **described)).read().shape == (12, 9)


def test_a_vertical_system_in_feet_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path / "a.tif", rough(12, 9).astype(np.float32), ON)
    with pytest.raises(InputError, match="US survey foot"):
        open_dem(path, Stated(crs="EPSG:4526+6360"))
    assert open_dem(path, Stated(crs="EPSG:4526+5737")).grid.crs == CRS(4526)


def test_what_is_no_grid_of_heights_is_refused(tmp_path: Path) -> None:
    z = rough(12, 9).astype(np.float32)
    with pytest.raises(InputError, match="does not exist"):
        open_dem(tmp_path / "gone.tif")
    (tmp_path / "text.tif").write_text("no grid", encoding="utf-8")
    with pytest.raises(InputError, match=r"text\.tif"):
        open_dem(tmp_path / "text.tif")
    with pytest.raises(InputError, match="states no coordinate system"):
        open_dem(write(tmp_path / "a.tif", z, ON, crs=None))
    with pytest.raises(InputError, match="Xian 1980"):
        open_dem(write(tmp_path / "b.tif", z, ON, crs="EPSG:2362"))
    with pytest.raises(InputError, match="foot"):
        open_dem(write(tmp_path / "c.tif", z, ON, crs="EPSG:2225"))
    with pytest.raises(InputError, match="north up"):
        open_dem(write(tmp_path / "d.tif", z, ON, transform=ON.transform.rotation(10)))
    profile = {"width": 2, "height": 2, "count": 2, "dtype": "uint8", "crs": ON.crs, "transform": ON.transform}
    with rasterio.open(tmp_path / "e.tif", "w", driver="GTiff", **profile) as target:
        target.write(np.ones((2, 2, 2), np.uint8))
    with pytest.raises(InputError, match="2 bands"):
        open_dem(tmp_path / "e.tif")


def test_a_damaged_file_is_said_in_one_sentence(tmp_path: Path) -> None:
    z = np.random.default_rng(0).normal(900, 5, (300, 300)).astype(np.float32)
    path = write(tmp_path / "a.tif", z, grid(300, 300), tiled=True, compress="deflate")
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 3])
    with pytest.raises(InputError, match=r"a\.tif"):
        open_dem(path).read()


def test_real_files() -> None:
    basin = open_dem(shared("data", "yuehe", "yuehe_qinling_dem90m.tif"))
    assert basin.read().dtype == np.float64
    share = 1 - np.isnan(basin.read()).mean()
    assert share == pytest.approx(0.41, abs=0.005)
    upper = open_dem(shared("data", "dem", "shud_waerma_aster1s.tif"))
    assert (np.nanmin(upper.read()), np.nanmax(upper.read())) == (3812, 4470)


@pytest.mark.parametrize(
    ("west", "north", "said"),
    [(38412030.0, 3992010.0, "from 38412030"), (36.05, 113.03, "113.03 north"), (113.03, 90.05, "90.05 north")],
)
def test_degrees_that_are_none_are_refused_at_once(tmp_path: Path, west: float, north: float, said: str) -> None:
    path = tmp_path / "degrees.tif"
    profile = {"driver": "GTiff", "height": 9, "width": 12, "count": 1, "dtype": "float32", "crs": "EPSG:4490"}
    with rasterio.open(path, "w", **profile, transform=Affine(0.01, 0, west, 0, -0.01, north)) as file:
        file.write(rough(9, 12).astype("float32"), 1)
    with pytest.raises(InputError, match="is in degrees, but the raster reaches") as refused:
        open_dem(path)
    assert said in refused.value.text("en")


def test_a_turned_grid_is_named(tmp_path: Path) -> None:
    path = write(tmp_path / "turned.tif", rough(9, 9), ON)
    with rasterio.open(path, "r+") as file:
        file.transform = Affine(30, 5, 38_400_000, 5, -30, 4_000_000)
    with pytest.raises(InputError, match=r"turned\.tif: the grid has no cells, or is turned"):
        open_dem(path)
