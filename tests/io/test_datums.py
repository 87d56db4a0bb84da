"""Xi'an 1980 and Beijing 1954 with invented parameters: PROJ's own pipeline is the other program."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely
from pyproj import CRS, Transformer

from spatial.errors import DatumShiftRequiredError, InputError
from spatial.io.datums import old_datum, to_cgcs2000
from spatial.io.stated import Stated
from spatial.io.vector import read_vector
from tests.io.test_boundary_points import ATTRIBUTES, HEADER, rows
from tests.test_datum_shifts import FOUR, SECRETS, SEVEN
from tests.traps import planes

POINT = (38_414_397.382, 3_991_508.302)


@pytest.fixture
def seven(tmp_path: Path) -> Path:
    path = tmp_path / "seven.toml"
    path.write_text(SEVEN.format(convention="position_vector"), encoding="utf-8")
    return path


@pytest.fixture
def four(tmp_path: Path) -> Path:
    path = tmp_path / "four.toml"
    path.write_text(FOUR, encoding="utf-8")
    return path


def moved(code: int, point: tuple[float, float], parameters: Path) -> tuple[float, float, int | None]:
    geometry, crs, _ = to_cgcs2000(Path("a.shp"), np.array([shapely.Point(point)]), CRS(code), parameters)
    return geometry[0].x, geometry[0].y, crs.to_epsg()


@pytest.mark.parametrize(
    ("code", "target"), [(2362, 4526), (2383, 4547), (2338 + 6, 4546), (4610, 4490), (2327 + 6, 4497)]
)
def test_the_plane_keeps_its_zone_and_prefix(seven: Path, code: int, target: int) -> None:
    point = (
        (113.05, 36.05) if code == 4610 else Transformer.from_crs(4610, code, always_xy=True).transform(113.05, 36.05)
    )
    x, y, epsg = moved(code, point, seven)
    # A 6-degree plane without prefix is the 3-degree plane of its meridian.
    assert epsg == target
    pipeline = Transformer.from_pipeline(
        "+proj=pipeline +step +proj=unitconvert +xy_in=deg +xy_out=rad +step +proj=cart +a=6378140 +rf=298.257 "
        "+step +proj=helmert +x=13.5791 +y=-24.6802 +z=31.4159 +rx=1.2345 +ry=-2.3456 +rz=3.4567 +s=-4.5678 "
        "+convention=position_vector +step +inv +proj=cart +ellps=GRS80 "
        "+step +proj=unitconvert +xy_in=rad +xy_out=deg"
    )
    lon, lat, _ = pipeline.transform(113.05, 36.05, 0.0)
    expected = Transformer.from_crs(4490, target, always_xy=True).transform(lon, lat)
    assert (x, y) == pytest.approx(expected, abs=1e-8 if target == 4490 else 1e-4)


def test_a_similarity_by_hand_with_and_without_prefix(four: Path) -> None:
    angle, k = np.radians(1.9876 / 3600), 1 + 2.3456e-6
    x0, y0 = POINT[0] - 38_000_000, POINT[1]
    expected = (
        71.2345 + k * (x0 * np.cos(angle) - y0 * np.sin(angle)),
        -45.6789 + k * (x0 * np.sin(angle) + y0 * np.cos(angle)),
    )
    assert moved(2383, (x0, y0), four) == pytest.approx((*expected, 4547), abs=1e-6)
    assert moved(2362, POINT, four) == pytest.approx((expected[0] + 38_000_000, expected[1], 4526), abs=1e-6)


@pytest.mark.parametrize("code", [2414, 4214, 4555, 4258])
def test_parameters_of_one_datum_are_for_no_other(seven: Path, code: int) -> None:
    point = shapely.Point(113.05, 36.05)
    with pytest.raises(InputError, match=r"use the parameters of this system|neither CGCS2000 nor WGS 84"):
        to_cgcs2000(Path("a.shp"), np.array([point]), CRS(code), seven)


def test_a_similarity_is_for_one_meridian(four: Path) -> None:
    with pytest.raises(InputError, match="use the parameters of this system"):
        moved(2382, (684_731.0, 3_993_035.0), four)
    with pytest.raises(InputError, match="use the parameters of this system"):
        moved(4610, (113.05, 36.05), four)


def test_a_wrong_unit_is_seen(tmp_path: Path) -> None:
    path = tmp_path / "bad.toml"
    path.write_text(SEVEN.format(convention="position_vector").replace("13.5791", "13579.1"), encoding="utf-8")
    with pytest.raises(InputError, match="not plausible") as caught:
        moved(2362, POINT, path)
    assert "13579" not in str(caught.value)


def test_cgcs2000_needs_no_parameters_and_ignores_them(seven: Path) -> None:
    assert moved(4526, POINT, seven) == (*POINT, 4526)


def test_old_datums_by_name_and_ellipsoid() -> None:
    assert old_datum(CRS(2414)) == "beijing1954"
    esri = (
        planes.custom(114.0)
        .replace("D_China_2000", "D_Xian_1980")
        .replace("6378137.0,298.257222101", "6378140.0,298.257")
    )
    assert old_datum(CRS(esri)) == "xian1980"
    # The name on another ellipsoid is neither.
    assert old_datum(CRS(esri.replace("6378140.0", "6378245.0"))) is None


def test_a_layer_and_a_boundary_file_with_parameters(tmp_path: Path, seven: Path) -> None:
    gpd.GeoDataFrame({"name": ["甲"]}, geometry=[planes.site()], crs=2362).to_parquet(tmp_path / "a.parquet")
    lines = [line.replace("2000国家大地坐标系", "1980西安坐标系") for line in HEADER] + [ATTRIBUTES, *rows()]
    (tmp_path / "a.txt").write_text("\n".join(lines), encoding="gb18030")
    for name in ("a.parquet", "a.txt"):
        with pytest.raises(DatumShiftRequiredError):
            read_vector(tmp_path / name)
        file = read_vector(tmp_path / name, Stated(parameters=seven))
        assert file.crs.to_epsg() == 4526
        assert "datum_shifted" in {found.code for found in file.findings}
        shown = f"{file!r} {[found.text(lang) for found in file.findings for lang in ('zh', 'en')]}"
        assert not [secret for secret in SECRETS if secret in shown]
        assert "seven.toml" not in "".join(found.text("en") for found in file.findings)


def test_a_user_may_state_an_old_system(tmp_path: Path, seven: Path) -> None:
    gpd.GeoDataFrame({"name": ["甲"]}, geometry=[planes.site()]).to_parquet(tmp_path / "a.parquet")
    with pytest.raises(DatumShiftRequiredError):
        read_vector(tmp_path / "a.parquet", Stated(crs="EPSG:2362"))
    assert read_vector(tmp_path / "a.parquet", Stated(crs="EPSG:2362", parameters=seven)).crs.to_epsg() == 4526
