"""``ecopattern slope`` on a plane whose classes are known, and on the sample district."""

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
from tests import small


def tilted(path: Path, degrees: float, **profile: object) -> Path:
    """Heights of 100 by 100 cells of 10 m that fall to the east by one angle."""
    heights = 1000 - np.arange(100) * 10 * math.tan(math.radians(degrees)) * np.ones((100, 1))
    transform = Affine(10, 0, small.EAST, 0, -10, small.NORTH + 1000)
    known = {"width": 100, "height": 100, "count": 1, "dtype": "float64", "crs": small.CRS, "transform": transform}
    with rasterio.open(path, "w", driver="GTiff", **(known | profile)) as file:
        file.write(heights, 1)
    return path


def test_a_tilted_plane_by_hand(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    dem = tilted(tmp_path / "dem.tif", 10)
    zones = small.write(tmp_path / "z.gpkg", {"内": small.at(100, 100, 505, 300), "外": small.at(900, 0, 200, 1000)})
    assert main(["slope", str(dem), "--zones", str(zones), "--by", "name", "--json"]) == 0
    found = {zone["zone"]: zone for zone in json.loads(capsys.readouterr().out)["zones"]}
    area = float(official_area_m2([small.at(100, 100, 505, 300)], CRS(small.CRS))[0])
    codes = {entry["code"]: entry["area_m2"] for entry in found["内"]["classes"]}
    # 10 degrees are class III of the land survey; half a column of cells counts by half.
    assert codes[3] == pytest.approx(area, rel=1e-9)
    assert sum(codes.values()) == codes[3]
    outside = float(official_area_m2([small.at(1000, 0, 100, 1000)], CRS(small.CRS))[0])
    assert found["外"]["outside_m2"] == pytest.approx(outside, rel=1e-6)


def test_the_schemes_are_never_mixed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    dem = tilted(tmp_path / "dem.tif", 7)
    codes = {}
    for scheme in ("survey", "sl190"):
        assert main(["slope", str(dem), "--scheme", scheme, "--json"]) == 0
        printed = json.loads(capsys.readouterr().out)
        (zone,) = printed["zones"]
        codes[scheme] = max(zone["classes"], key=lambda entry: entry["area_m2"])["code"]
        assert printed["scheme"]["key"] == scheme
    assert codes == {"survey": 3, "sl190": 2}


def test_the_sample_is_labelled_and_rasters_agree_with_the_table(tmp_path: Path) -> None:
    out = tmp_path / "out"
    assert main(["--lang", "en", "--quiet", "slope", "-w", "sample:shangdang", "--out", str(out)]) == 0
    told = json.loads((out / "slope.json").read_text(encoding="utf-8"))
    assert told["illustrative"]
    assert {finding["code"] for finding in told["findings"]} >= {"dem_coarse"}
    book = load_workbook(out / "slope.xlsx")
    assert all("llustrative" in sheet["A2"].value for sheet in book.worksheets)
    with rasterio.open(out / "classes.tif") as source:
        assert source.crs.to_epsg() == 4526
        classes, cell_m2 = source.read(1), source.transform.a * -source.transform.e
    by_code = {code: (classes == code).sum() * cell_m2 for code in range(1, 6)}
    steep = sum(entry["area_m2"] for zone in told["zones"] for entry in zone["classes"] if entry["code"] == 5)
    # The raster is the frame of the district, the table the townships in it.
    assert 0 < steep < by_code[5]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["nowhere.tif"], "nowhere.tif"),
        (["{dem}", "--zones", "{points}"], "must be polygons"),
        (["{dem}", "--zones", "{zones}", "--by", "town"], 'no field "town"'),
        (["{dem}", "--workers", "many"], "many"),
    ],
)
def test_bad_input_is_said_in_a_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], said: str
) -> None:
    places = {
        "dem": tilted(tmp_path / "dem.tif", 3),
        "zones": small.write(tmp_path / "z.gpkg", {"a": small.at(0, 0, 100, 100)}),
        "points": small.write(tmp_path / "p.gpkg", {"a": small.point(5, 5)}),
    }
    given = [argument.format(**places) for argument in arguments]
    assert main(["--lang", "en", "slope", *given, "--out", str(tmp_path / "out")]) == 2
    assert said in capsys.readouterr().err
    assert not (tmp_path / "out").exists() or not list((tmp_path / "out").iterdir())
