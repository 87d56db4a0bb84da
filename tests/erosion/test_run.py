"""Soil loss over rasters: by hand on a tilted plane, by blocks, and by the command on the sample."""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pytest
import rasterio
from affine import Affine
from openpyxl import load_workbook
from pyproj import CRS

from spatial.areas import official_area_m2
from spatial.cli.main import main
from spatial.erosion.farmland import loss_of
from spatial.erosion.grades import regions
from spatial.erosion.land import land_table
from spatial.erosion.rasters import aligned
from spatial.erosion.run import Inputs, compute_loss
from spatial.erosion.slope_length import length_exponent_liu, segment_length_factor, slope_factor
from spatial.errors import InputError
from spatial.grid import Grid
from spatial.io.elevation import open_dem
from spatial.terrain.classes import scheme_of
from tests import small

CELL_M, SIZE = 20.0, 60
LEADING = (regions()["north_rocky"], regions()["northwest_loess"])


def raster(path: Path, values: np.ndarray, *, east: float = 0.0, nodata: float | None = None) -> Path:
    transform = Affine(CELL_M, 0, small.EAST + east, 0, -CELL_M, small.NORTH + SIZE * CELL_M)
    rows, columns = values.shape
    with rasterio.open(
        path, "w", driver="GTiff", width=columns, height=rows, count=1, dtype=values.dtype, crs=small.CRS,
        transform=transform, nodata=nodata,
    ) as file:  # fmt: skip
        file.write(values, 1)
    return path


def inputs(folder: Path, degrees: float, cover: np.ndarray, **more: object) -> Inputs:
    fall = CELL_M * math.tan(math.radians(degrees))
    dem = open_dem(raster(folder / "dem.tif", 2000 - np.arange(SIZE) * fall * np.ones((SIZE, 1))))
    land = aligned(raster(folder / "cover.tif", cover, nodata=0), dem.grid, dem.path)
    known = {"lands": land_table(), "rain": 1900.0, "soil": 0.035, "regions": LEADING, "scheme": scheme_of("survey")}
    return Inputs(dem=dem, cover=land, **(known | more))


def zone() -> np.ndarray:
    return np.array([small.at(200, 200, 600, 600)], dtype=object)


def test_a_tilted_field_by_hand(tmp_path: Path) -> None:
    found = compute_loss(inputs(tmp_path, 12, np.full((SIZE, SIZE), 1, np.uint8)), zone(), CRS(small.CRS))
    # Beyond the cap of 100 m each cell is the segment from 80 to 100 m; S of 12 degrees is 3.5953.
    length = float(segment_length_factor(80, 100, length_exponent_liu(12.0)))
    expected = 1900 * 0.035 * length * float(slope_factor(12.0)) * 0.40
    assert found.raster_t_hm2_a[30, 30] == pytest.approx(expected, rel=1e-6)
    (row,) = found.cube.itertuples()
    area = float(official_area_m2(zone(), CRS(small.CRS))[0])
    assert (row.cover, row.slope, row.grade) == (1, 3, 6)
    assert row.area_m2 == pytest.approx(area, rel=1e-9)
    assert row.loss_t_a == pytest.approx(expected * area / 1e4, rel=1e-9)


@pytest.mark.parametrize("workers", ["serial", "threads:2"])
def test_blocks_and_workers_do_not_matter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, workers: str) -> None:
    rng = np.random.default_rng(7)
    cover = rng.integers(0, 9, (SIZE, SIZE)).astype(np.uint8)
    whole = compute_loss(inputs(tmp_path, 9, cover, workers="serial"), zone(), CRS(small.CRS))
    from spatial.erosion import run
    from spatial.runtime.blocks import blocks_of

    monkeypatch.setattr(run, "blocks_of", lambda rows, halo: blocks_of(rows, halo=halo, height=13))
    cut = compute_loss(inputs(tmp_path, 9, cover, workers=workers), zone(), CRS(small.CRS))
    np.testing.assert_array_equal(cut.raster_t_hm2_a, whole.raster_t_hm2_a)
    assert cut.cube[["cover", "slope", "grade"]].equals(whole.cube[["cover", "slope", "grade"]])
    np.testing.assert_allclose(cut.cube["area_m2"], whole.cube["area_m2"], rtol=1e-12)


def test_all_tables_balance_and_what_is_lost_is_told(tmp_path: Path) -> None:
    rng = np.random.default_rng(3)
    cover = rng.integers(0, 9, (SIZE, SIZE)).astype(np.uint8)
    found = compute_loss(inputs(tmp_path, 9, cover), zone(), CRS(small.CRS))
    area = float(official_area_m2(zone(), CRS(small.CRS))[0])
    assert found.cube["area_m2"].sum() == pytest.approx(area, rel=1e-9)
    assert found.sheet["area_m2"].sum() == pytest.approx(area, rel=1e-9)
    for _, own in found.grades.groupby("region"):
        assert own["area_m2"].sum() == pytest.approx(area, rel=1e-9)
    none = found.cube.loc[found.cube["grade"] == 0, "area_m2"].sum()
    assert found.lost["area_m2"].sum() == pytest.approx(none, rel=1e-9)
    assert set(found.lost["reason"]) == {"cover", "masked"}
    inside = cover[20:50, 10:40]
    share = found.lost.set_index("reason")["area_m2"] / area
    assert share["cover"] == pytest.approx((inside == 0).mean(), rel=1e-4)
    assert share["masked"] == pytest.approx(np.isin(inside, [5, 6, 7]).mean(), rel=1e-4)


def test_factors_from_rasters(tmp_path: Path) -> None:
    plain = np.full((SIZE, SIZE), 1, np.uint8)
    whole = inputs(tmp_path, 12, plain)
    rain = np.full((SIZE, SIZE), 950.0, np.float32)
    rain[30, 30] = np.nan
    of_rain = aligned(raster(tmp_path / "r.tif", rain, nodata=np.nan), whole.dem.grid, whole.dem.path)
    found = compute_loss(inputs(tmp_path, 12, plain, rain=of_rain), zone(), CRS(small.CRS))
    constant = compute_loss(whole, zone(), CRS(small.CRS))
    assert found.raster_t_hm2_a[31, 31] == pytest.approx(constant.raster_t_hm2_a[31, 31] / 2, rel=1e-6)
    assert found.lost["reason"].tolist() == ["rain"]


def test_terraces_count_by_their_part_of_each_cell(tmp_path: Path) -> None:
    cover = np.full((SIZE, SIZE), 1, np.uint8)
    cover[:, 35] = 3
    # Ten and a half cells wide, some stated twice, and one column forest, where no works of farmland stand.
    field = small.at(490, 300, 210, 300)
    twice = np.array([field, small.at(500, 300, 100, 300)], dtype=object)
    plain = compute_loss(inputs(tmp_path, 12, cover), zone(), CRS(small.CRS)).raster_t_hm2_a
    found = compute_loss(inputs(tmp_path, 12, cover, terraces=twice, terrace_factor=0.084), zone(), CRS(small.CRS))
    left = found.raster_t_hm2_a[40] / plain[40]
    assert left[23] == 1
    assert left[24] == pytest.approx(1 - 0.5 * (1 - 0.084), rel=1e-5)
    assert left[26] == pytest.approx(0.084, rel=1e-5)
    assert left[34] == pytest.approx(0.084, rel=1e-5)
    assert left[35] == left[36] == 1
    # The sum over a parcel of whole cells is E times what it was.
    whole = np.array([small.at(500, 300, 100, 300)], dtype=object)
    sums = [
        loss_of(raster_of, found_grid(tmp_path), whole, CRS(small.CRS))["loss_t_a"][0]
        for raster_of in (found.raster_t_hm2_a, plain)
    ]
    assert sums[0] == pytest.approx(0.084 * sums[1], rel=1e-5)


def found_grid(folder: Path) -> Grid:
    return open_dem(folder / "dem.tif").grid


def test_rusle_on_a_tilted_plane_by_hand(tmp_path: Path) -> None:
    cover = np.full((SIZE, SIZE), 1, np.uint8)
    cover[30, 13] = 8
    found = compute_loss(inputs(tmp_path, 12, cover, model="rusle"), zone(), CRS(small.CRS)).raster_t_hm2_a
    sine = math.sin(math.radians(12))
    beta = (sine / 0.0896) / (3 * sine**0.8 + 0.56)
    m, steep = beta / (1 + beta), 16.8 * sine - 0.5

    def by_hand(inlet_m2: float, management: float) -> float:
        length = ((inlet_m2 + CELL_M**2) ** (m + 1) - inlet_m2 ** (m + 1)) / (CELL_M ** (m + 2) * 22.13**m)
        return 1900 * 0.035 * length * steep * management

    # Twelve cells drain in; C of cropland is the rotation's, of bare land with a cover of 10 per cent Cai's.
    assert found[30, 12] == pytest.approx(by_hand(12 * CELL_M**2, 0.40), rel=1e-4)
    assert found[30, 13] == pytest.approx(by_hand(13 * CELL_M**2, 0.6508 - 0.3436), rel=1e-4)
    # From 304.8 m on water runs in channels.
    assert found[30, 40] == pytest.approx(by_hand(304.8 * CELL_M, 0.40), rel=1e-4)


@pytest.mark.parametrize("workers", ["serial", "threads:2"])
def test_rusle_by_blocks_is_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, workers: str) -> None:
    rng = np.random.default_rng(5)
    cover = rng.integers(0, 9, (SIZE, SIZE)).astype(np.uint8)
    terraces = np.array([small.at(333, 222, 345, 210)], dtype=object)
    given = inputs(tmp_path, 9, cover, model="rusle", terraces=terraces, terrace_factor=0.1, workers=workers)
    whole = compute_loss(given, zone(), CRS(small.CRS))
    from spatial.erosion import run, upslope
    from spatial.runtime.blocks import blocks_of

    for module in (run, upslope):
        monkeypatch.setattr(module, "blocks_of", lambda rows, halo: blocks_of(rows, halo=halo, height=17))
    cut = compute_loss(given, zone(), CRS(small.CRS))
    np.testing.assert_array_equal(cut.raster_t_hm2_a, whole.raster_t_hm2_a)


def test_routing_that_needs_too_much_memory_is_refused_before_it_begins(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from spatial.erosion import upslope

    assert upslope.require_memory_to_route((1000, 1000)) == pytest.approx(1e6 * 46 / 2**20)
    monkeypatch.setattr(upslope, "route", lambda *_: pytest.fail("routed all the same"))
    with pytest.raises(InputError, match="MiB"):
        upslope.require_memory_to_route((200_000, 200_000))
    monkeypatch.setattr("spatial.runtime.blocks.setting", lambda _: 0.01)
    dem = inputs(tmp_path, 12, np.full((SIZE, SIZE), 1, np.uint8)).dem
    with pytest.raises(InputError, match="MiB"):
        upslope.upslope_length_factor(dem)


def test_parts_of_a_loss_are_those_of_their_zones(tmp_path: Path) -> None:
    cover = np.full((SIZE, SIZE), 1, np.uint8)
    zones = np.concatenate([zone(), np.array([small.at(300, 300, 100, 100)], dtype=object)])
    both = compute_loss(inputs(tmp_path, 12, cover), zones, CRS(small.CRS))
    alone = compute_loss(inputs(tmp_path, 12, cover), zones[1:], CRS(small.CRS))
    part = both.part(1, 2)
    assert part.cube.equals(alone.cube)
    assert part.grades.equals(alone.grades)
    assert both.part(0, 2).cube.equals(both.cube)


def test_rasters_that_do_not_fit_are_refused(tmp_path: Path) -> None:
    plain = np.full((SIZE, SIZE), 1, np.uint8)
    whole = inputs(tmp_path, 12, plain)
    for east, said in ((7.0, "cover.tif"), (1e6, "no part in common")):
        path = raster(tmp_path / "cover.tif", plain, east=east)
        with pytest.raises(InputError) as caught:
            aligned(path, whole.dem.grid, whole.dem.path)
        assert said in caught.value.text("en")
    with pytest.raises(InputError, match="77"):
        compute_loss(inputs(tmp_path, 12, np.full((SIZE, SIZE), 77, np.uint8)), zone(), CRS(small.CRS))
    negative = aligned(raster(tmp_path / "r.tif", np.full((SIZE, SIZE), -9999.0)), whole.dem.grid, whole.dem.path)
    with pytest.raises(InputError, match="-9999"):
        compute_loss(inputs(tmp_path, 12, plain, rain=negative), zone(), CRS(small.CRS))


def test_fractions_of_codes_are_refused(tmp_path: Path) -> None:
    cover = np.full((SIZE, SIZE), 1.0, np.float32)
    cover[3, 4] = 2.5
    with pytest.raises(InputError, match=r"2\.5"):
        compute_loss(inputs(tmp_path, 12, cover), zone(), CRS(small.CRS))


def test_land_beyond_the_heights_is_told(tmp_path: Path) -> None:
    found = compute_loss(
        inputs(tmp_path, 12, np.full((SIZE, SIZE), 1, np.uint8)),
        np.array([small.at(200, 200, 2000, 600)], dtype=object),
        CRS(small.CRS),
    )
    lost = found.lost.set_index("reason")["area_m2"]
    beyond = float(official_area_m2([small.at(1200, 200, 1000, 600)], CRS(small.CRS))[0])
    assert lost["outside"] == pytest.approx(beyond, rel=1e-6)
    elsewhere = np.array([small.at(9000, 9000, 100, 100)], dtype=object)
    with pytest.raises(InputError) as caught:
        compute_loss(inputs(tmp_path, 12, np.full((SIZE, SIZE), 1, np.uint8)), elsewhere, CRS(small.CRS))
    assert "no cell" in caught.value.text("en")


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("3,林,forest,open,38,1,60,,L", "38"),
        ("1,耕,crop,crop,0.5,0.4,,,L", '"b" must be 1'),
        ("0,耕,crop,crop,1,0.4,,,L", "no positive whole number"),
        ("3,林,forest,open,nan,1,60,,L", "no value at all"),
        ("3,林,forest,wood,0.1,1,60,,L", "wood"),
    ],
)
def test_tables_of_land_cover_that_are_wrong(tmp_path: Path, row: str, said: str) -> None:
    path = tmp_path / "land.csv"
    head = "code,name_zh,name_en,kind,b,t,cover_pct,source,confidence"
    path.write_bytes(f"{head}\n{row}\n".encode("gbk"))
    with pytest.raises(InputError) as caught:
        land_table(path)
    assert said in caught.value.text("en")
    path.write_bytes(f"{head}\n2,园地,orchard,open,0.1,1,60,,L\n".encode("gbk"))
    assert land_table(path)[2].name.zh == "园地"


def test_the_command_on_the_sample(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "out"
    arguments = ["erosion", "-w", "sample:shangdang", "--date", "2026-11-21", "--out", str(out), "--json"]
    assert main(["--lang", "en", *arguments]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told == json.loads((out / "erosion.json").read_text(encoding="utf-8"))
    assert told["illustrative"]
    assert [region["tolerance_t_km2_a"] for region in told["regions"]] == [200.0, 1000.0]
    slight = {
        region["code"]: sum(
            row["area_m2"] for row in told["grades"] if row["region"] == region["code"] and row["grade"] == 1
        )
        for region in told["regions"]
    }
    assert 0 < slight["north_rocky"] < slight["northwest_loess"]
    book = load_workbook(out / "erosion.xlsx")
    assert all("llustrative" in sheet["A2"].value for sheet in book.worksheets)
    with rasterio.open(out / "loss_t_km2_a.tif") as source:
        loss = source.read(1)
        assert source.units == ("t/(km2 a)",)
    with rasterio.open(out / "loss_t_hm2_a.tif") as source:
        np.testing.assert_allclose(100 * source.read(1), loss, rtol=1e-6)
        assert source.units == ("t/(hm2 a)",)
    assert np.nanmin(loss) >= 0


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--rain", "120"], "American"),
        (["--soil", "nowhere.tif"], "nowhere.tif"),
        (["--land", "nowhere.csv"], "nowhere.csv"),
    ],
)
def test_bad_factors_are_said_in_a_sentence(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, arguments: list[str], said: str
) -> None:
    out = tmp_path / "out"
    assert main(["--lang", "en", "erosion", "-w", "sample:shangdang", *arguments, "--out", str(out)]) == 2
    assert said in capsys.readouterr().err
    assert not out.exists()
