"""The erosion command on small workspaces: terraces, townships that do not tile, tables of one's own, what is refused."""

from __future__ import annotations

import hashlib
import json
import math
from pathlib import Path

import docx
import geopandas as gpd
import numpy as np
import pytest
import rasterio
from affine import Affine
from openpyxl import load_workbook
from pyproj import CRS

from spatial.areas import official_area_m2
from spatial.cli.main import main
from tests import small

CELL_M, SIZE = 20.0, 60
FACTORS = ["--rain", "1900", "--soil", "0.035"]
DAY = ["--date", "2026-11-21"]
_LAYER = '[[layer]]\nid = "{id}"\nrole = "{role}"\npath = "{path}"\nedition = "2024"\nvalid_from = 2020-01-01\n'


def raster(path: Path, values: np.ndarray) -> None:
    transform = Affine(CELL_M, 0, small.EAST, 0, -CELL_M, small.NORTH + SIZE * CELL_M)
    with rasterio.open(
        path, "w", driver="GTiff", width=SIZE, height=SIZE, count=1, dtype=values.dtype, crs=small.CRS,
        transform=transform,
    ) as file:  # fmt: skip
        file.write(values, 1)


def place(folder: Path, *, towns: bool = True, farm: bool = True, extra: str = "") -> Path:
    """A plane of 12 degrees under crops; its townships leave a strip out and share another."""
    layers = [
        ("dem", "DEM", "dem.tif"),
        ("cover", "LANDCOVER", "cover.tif"),
        *([("farm", "FARMLAND", "farm.parquet")] if farm else []),
    ]
    text = "\n".join(_LAYER.format(id=name, role=role, path=path) for name, role, path in layers)
    shapes = {"西": small.at(100, 100, 500, 1000), "东": small.at(500, 100, 500, 1000)}
    small.workspace(folder, {"TOWNSHIP": shapes} if towns else {}, extra=text + extra)
    small.write(folder / "district.parquet", {"district": small.at(100, 100, 1000, 1000)})
    fall = CELL_M * math.tan(math.radians(12))
    raster(folder / "dem.tif", (2000 - np.arange(SIZE) * fall * np.ones((SIZE, 1))).astype(np.float32))
    raster(folder / "cover.tif", np.full((SIZE, SIZE), 1, np.uint8))
    fields = {
        "甲": small.at(200, 200, 100, 100),
        "乙": small.at(400, 200, 100, 200),
        "丙": small.at(600, 600, 100, 100),
    }
    small.write(
        folder / "farm.parquet",
        dict(fields),
        slope_class=[3, 3, 4],
        field_form=["PD", "TT", "PD"],
        mean_slope_deg=[12, 12, 12],
    )
    return folder


def told(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict:
    assert main(["--lang", "en", "--quiet", "erosion", *FACTORS, *DAY, "--json", *arguments]) == 0
    return json.loads(capsys.readouterr().out)


def refused(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert main(["--lang", "en", "erosion", *FACTORS, *DAY, *arguments]) == 2
    return capsys.readouterr().err


def test_terraces_halve_nothing_but_their_own_loss(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = place(tmp_path / "ws", towns=False)
    found = told(capsys, "-w", str(folder), "--measures")
    without = told(capsys, "-w", str(place(tmp_path / "plain", towns=False, farm=False)))
    saved = sum(row["loss_t_a"] for row in without["cube"]) - sum(row["loss_t_a"] for row in found["cube"])
    terrace_m2 = float(official_area_m2([small.at(400, 200, 100, 200)], CRS(small.CRS))[0])
    by_hand = 1900 * 0.035 * 0.40 * (1 - 0.084) * _ls(12) * terrace_m2 / 1e4
    assert saved == pytest.approx(by_hand, rel=1e-5)
    assert "1 terraced fields" in found["basis"]["E"]["en"]
    assert "no FARMLAND layer" in without["basis"]["E"]["en"]
    assert "没有 FARMLAND" in without["basis"]["E"]["zh"]


def _ls(degrees: float) -> float:
    from spatial.erosion.slope_length import length_exponent_liu, segment_length_factor, slope_factor

    return float(segment_length_factor(80, 100, length_exponent_liu(degrees)) * slope_factor(degrees))


def test_measures_by_hand_in_every_output(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "out"
    found = told(capsys, "-w", str(place(tmp_path / "ws")), "--measures", "--budget", "1.5 ha", "--out", str(out))
    area_hm2 = float(official_area_m2([small.at(200, 200, 100, 100)], CRS(small.CRS))[0]) / 1e4
    loss = 1900 * 0.035 * 0.40 * _ls(12) * area_hm2
    parcels = {row["parcel"]: row for row in found["measures"]["parcels"]}
    assert set(parcels) == {"甲", "丙"}
    assert parcels["甲"]["saved_t_a"] == pytest.approx(loss * (1 - 0.084), rel=1e-5)
    assert parcels["丙"]["saved_t_a"] == pytest.approx(loss * (1 - 0.347 * 0.225 / 0.40), rel=1e-4)
    # The budget in hectares ranks by hectares: the better of the two, whole, and no part of the other.
    assert found["measures"]["ranking"] == "saved_t_per_hm2"
    assert [row["parcel"] for row in found["measures"]["parcels"] if row["in_budget"]] == ["甲"]
    by_key = {row["scenario"]: row for row in found["measures"]["scenarios"]}
    assert list(by_key) == ["class_3", "class_4", "all", "budget"]
    assert by_key["budget"] == by_key["class_3"] | {"scenario": "budget"}
    assert by_key["all"]["saved_t_a"] == pytest.approx(by_key["class_3"]["saved_t_a"] + by_key["class_4"]["saved_t_a"])
    assert "never multiplied" in found["measures"]["caveats"]["en"]
    frame = gpd.read_file(out / "priority_parcels.gpkg", layer="priority_parcels")
    assert frame["parcel"].tolist() == ["甲", "丙"]
    assert frame["saved_t_a"].to_numpy() == pytest.approx([parcels[name]["saved_t_a"] for name in frame["parcel"]])
    assert frame.crs == CRS(small.CRS)
    assert "replace" in frame["prices"][0]
    book = load_workbook(out / "erosion.xlsx")
    sheet = book["Scenarios of measures"]
    assert "never multiplied" in sheet["A2"].value
    assert "replace" in sheet["A2"].value
    assert len(sheet._charts) == 1
    text = "\n".join(paragraph.text for paragraph in docx.Document(str(out / "erosion.docx")).paragraphs)
    assert "Priority parcels" in text
    assert "never multiplied" in text


def test_the_same_run_gives_the_same_bytes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = place(tmp_path / "ws")
    sums = []
    for name in ("one", "two"):
        told(capsys, "-w", str(folder), "--measures", "--out", str(tmp_path / name))
        kinds = ("erosion.xlsx", "erosion.docx", "erosion.json", "loss_t_km2_a.tif")
        sums.append([hashlib.sha256((tmp_path / name / kind).read_bytes()).hexdigest() for kind in kinds])
    assert sums[0] == sums[1]


def test_townships_that_do_not_tile_are_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = place(tmp_path / "ws")
    found = told(capsys, "-w", str(folder))
    areas = {
        name: float(official_area_m2([shape], CRS(small.CRS))[0])
        for name, shape in {"whole": small.at(100, 100, 1000, 1000), "left": small.at(1000, 100, 100, 1000)}.items()
    }
    assert sum(row["area_m2"] for row in found["whole"]["cube"]) == pytest.approx(areas["whole"], rel=1e-9)
    said = {finding["code"]: finding["text"] for finding in found["findings"]}
    hectares = f"{areas['left'] / 1e4:.4f}"[:-1]
    assert hectares in said["townships_outside"]
    # The strip shared is as wide as the one left out.
    assert "townships_shared" in said
    assert "townships_beyond" not in said
    assert main(["--lang", "en", "--quiet", "erosion", *FACTORS, *DAY, "-w", str(folder)]) == 0
    lines = capsys.readouterr().out.splitlines()
    row = next(line for line in lines if line.startswith("district (outline"))
    assert f"{areas['whole'] / 1e4:,.4f}" in row


def test_layers_that_need_repair_reach_the_findings(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = place(tmp_path / "ws")
    small.write(folder / "township.parquet", {"西": small.at(100, 100, 1000, 1000), "无": None})
    codes = [finding["code"] for finding in told(capsys, "-w", str(folder))["findings"]]
    assert "features_without_geometry" in codes


def test_what_was_named_is_hashed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = place(tmp_path / "ws")
    raster(tmp_path / "r.tif", np.full((SIZE, SIZE), 1900.0, np.float32))
    prices = tmp_path / "prices.csv"
    prices.write_text(
        "code,unit,yuan,source,confidence\nEARTHWORK,m3,9,定额,H\nTERRACE_EARTH,hm2,1,定额,H\nCONTOUR,hm2,1,定额,H\n"
        "TERRACE_INTERVAL,hm2,1,定额,H\nGRASS_ROTATION,hm2,1,定额,H\n",
        encoding="utf-8",
    )
    arguments = ["-w", str(folder), "--rain", str(tmp_path / "r.tif"), "--measures", "--prices", str(prices)]
    found = told(capsys, *arguments)
    assert {file["option"]: file["sha256"] for file in found["files"]} == {
        "--rain": hashlib.sha256((tmp_path / "r.tif").read_bytes()).hexdigest(),
        "--prices": hashlib.sha256(prices.read_bytes()).hexdigest(),
    }
    assert "placeholder" not in found["measures"]["caveats"]["en"]
    assert "prices.csv (confidence H)" in found["measures"]["caveats"]["en"]


def test_a_region_may_be_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = str(place(tmp_path / "ws"))
    assert [region["code"] for region in told(capsys, "-w", folder)["regions"]] == ["north_rocky", "northwest_loess"]
    assert "--region" in str(told(capsys, "-w", folder)["findings"])
    found = told(capsys, "-w", folder, "--region", "south_red")
    assert "--region" not in str(found["findings"])
    assert str(tmp_path) not in str(found["findings"])
    assert [region["tolerance_t_km2_a"] for region in found["regions"]] == [500.0]
    said = refused(capsys, "-w", folder, "--region", "mars")
    assert "mars" in said
    assert "northeast_black" in said
    assert main(["--lang", "zh", "erosion", "--help"]) == 0
    assert "northeast_black" in capsys.readouterr().out.replace("\n", "").replace(" ", "")


def test_rusle_says_so_everywhere(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "out"
    found = told(capsys, "-w", str(place(tmp_path / "ws")), "--model", "rusle", "--out", str(out))
    assert found["model"] == "rusle"
    with rasterio.open(out / "loss_t_km2_a.tif") as source:
        assert source.tags()["model"] == "RUSLE"
    assert "RUSLE" in load_workbook(out / "erosion.xlsx").worksheets[0]["A1"].value
    assert "RUSLE" in docx.Document(str(out / "erosion.docx")).paragraphs[0].text


@pytest.mark.parametrize("role", ["DEM", "LANDCOVER"])
def test_two_layers_in_force_are_refused_by_name(tmp_path: Path, capsys: pytest.CaptureFixture[str], role: str) -> None:
    path = {"DEM": "dem.tif", "LANDCOVER": "cover.tif"}[role]
    folder = place(tmp_path / "ws", extra=_LAYER.format(id="second", role=role, path=path))
    said = refused(capsys, "-w", str(folder))
    assert "second" in said
    assert "valid_to" in said


def test_measures_need_farmland(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = place(tmp_path / "ws", farm=False)
    assert "FARMLAND" in refused(capsys, "-w", str(folder), "--measures")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--budget", "50 ha"], "--measures"),
        (["--measures", "--budget", "plenty"], "plenty"),
        (["--measures", "--budget", "-5 yuan"], "above 0"),
        (["--measures", "--plan", "nowhere.csv"], "nowhere.csv"),
        (["--measures", "--prices", "nowhere.csv"], "nowhere.csv"),
    ],
)
def test_bad_wishes_are_said_in_a_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], said: str
) -> None:
    out = tmp_path / "out"
    assert said in refused(capsys, "-w", str(place(tmp_path / "ws")), *arguments, "--out", str(out))
    assert not out.exists()


def other_cover(folder: Path, values: np.ndarray, **options: object) -> None:
    raster(folder / "cover.tif", values)
    with rasterio.open(folder / "cover.tif", "r+") as file:
        for name, value in options.items():
            setattr(file, name, value)


def part(value: float, dtype: str = "float32") -> np.ndarray:
    values = np.full((SIZE, SIZE), 1, dtype)
    values[10, 10] = value
    return values


def test_land_cover_that_was_averaged_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = place(tmp_path / "ws")
    other_cover(folder, part(1.5))
    assert "1 cells of land cover hold no whole number, such as 1.5" in refused(capsys, "-w", str(folder))
    other_cover(folder, part(np.inf))
    assert "no whole number, such as inf" in refused(capsys, "-w", str(folder))


def test_undeclared_nan_of_land_cover_is_no_data(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = place(tmp_path / "ws")
    other_cover(folder, part(0, "uint8"), nodata=0)
    declared = told(capsys, "-w", str(folder))
    other_cover(folder, part(np.nan))
    assert told(capsys, "-w", str(folder))["lost"] == declared["lost"]


def test_an_image_is_no_land_cover(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = place(tmp_path / "ws")
    with rasterio.open(folder / "cover.tif") as file:
        profile = {**file.profile, "count": 3}
    with rasterio.open(folder / "cover.tif", "w", **profile) as file:
        file.write(np.ones((3, SIZE, SIZE), np.uint8))
    assert "3 bands of uint8" in refused(capsys, "-w", str(folder))


def test_stored_numbers_are_scaled_as_the_raster_says(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = place(tmp_path / "ws")
    raster(tmp_path / "r.tif", np.full((SIZE, SIZE), 19000, np.int32))
    with rasterio.open(tmp_path / "r.tif", "r+") as file:
        file.scales = (0.1,)
    scaled = told(capsys, "-w", str(folder), "--rain", str(tmp_path / "r.tif"))
    plain = told(capsys, "-w", str(folder), "--rain", "1900")
    assert scaled["cube"] == plain["cube"]


def test_a_factor_of_nothing_is_no_data(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = place(tmp_path / "ws")
    raster(tmp_path / "r.tif", 1900 * (part(0) > 0).astype(np.float32))
    assert "R is 0 somewhere" in refused(capsys, "-w", str(folder), "--rain", str(tmp_path / "r.tif"))


def heights(folder: Path, value: float) -> None:
    with rasterio.open(folder / "dem.tif", "r+") as file:
        values = file.read(1)
        values[5, 5] = value
        file.write(values, 1)


def test_zeros_among_mountains_are_no_heights(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = place(tmp_path / "ws")
    heights(folder, 0.0)
    assert "row 6, column 6 and 1 cells in all are exactly 0 m" in refused(capsys, "-w", str(folder))


@pytest.mark.parametrize(
    ("column", "value", "said"),
    [
        ("slope_class", [3, 3, 9], "whole number from 1 to 5"),
        ("slope_class", [3, 3, 2.7], "whole number from 1 to 5"),
        ("mean_slope_deg", [12, 12, -5], "between 0 and 90"),
        ("mean_slope_deg", [12, 12, 95], "between 0 and 90"),
        ("mean_slope_deg", [12, 12, math.inf], "between 0 and 90"),
        ("geometry", None, "is no polygon"),
    ],
)
def test_farmland_that_cannot_be(tmp_path: Path, capsys: pytest.CaptureFixture[str], column, value, said) -> None:
    folder = place(tmp_path / "ws")
    frame = gpd.read_parquet(folder / "farm.parquet")
    frame[column] = frame.geometry.centroid if value is None else value
    frame.to_parquet(folder / "farm.parquet")
    out = tmp_path / "out"
    assert said in refused(capsys, "-w", str(folder), "--measures", "--out", str(out))
    assert not out.exists()


def test_farmland_counted_twice_or_beyond_the_heights_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = place(tmp_path / "ws")
    right = {row["code"] for row in told(capsys, "-w", str(folder), "--measures")["findings"]}
    assert not right & {"farmland_shared", "farmland_beyond"}
    twice = {
        "甲": small.at(200, 200, 100, 100),
        "乙": small.at(250, 200, 100, 100),
        "丙": small.at(1150, 600, 100, 100),
    }
    small.write(
        folder / "farm.parquet", dict(twice), slope_class=[3, 3, 4], field_form=["PD"] * 3, mean_slope_deg=[12] * 3
    )
    found = {row["code"]: row["text"] for row in told(capsys, "-w", str(folder), "--measures")["findings"]}
    shared = float(official_area_m2([small.at(250, 200, 50, 100)], CRS(small.CRS))[0]) / 1e4
    beyond = float(official_area_m2([small.at(1200, 600, 50, 100)], CRS(small.CRS))[0]) / 1e4
    assert f"overlap by {shared:.4f} ha" in found["farmland_shared"]
    assert f"{beyond:.4f} ha of 1 parcels" in found["farmland_beyond"]


def test_files_of_an_earlier_run_are_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder, out = place(tmp_path / "ws"), tmp_path / "out"
    told(capsys, "-w", str(folder), "--measures", "--out", str(out))
    assert main(["--lang", "en", "erosion", *FACTORS, *DAY, "-w", str(folder), "--out", str(out)]) == 0
    said = capsys.readouterr().err
    assert "priority_parcels.gpkg, priority.png are of an earlier run" in said


def test_a_folder_that_cannot_be_written_stays_as_it_was(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder, out = place(tmp_path / "ws"), tmp_path / "out"
    (out / "erosion.xlsx").mkdir(parents=True)
    (out / "erosion.docx").write_text("old", encoding="utf-8")
    assert "erosion.xlsx" in refused(capsys, "-w", str(folder), "--out", str(out))
    assert sorted(path.name for path in out.iterdir()) == ["erosion.docx", "erosion.xlsx"]
    assert (out / "erosion.docx").read_text(encoding="utf-8") == "old"
    (tmp_path / "file").write_text("mine", encoding="utf-8")
    assert "is a file" in refused(capsys, "-w", str(folder), "--out", str(tmp_path / "file" / "x"))
    assert (tmp_path / "file").read_text(encoding="utf-8") == "mine"
