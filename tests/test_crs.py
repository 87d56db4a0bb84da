from __future__ import annotations

import pytest
from pyproj import CRS

from spatial.crs import definition_of, gauss_kruger_of, known_crs, transformers
from spatial.errors import DatumShiftRequiredError, InputError

ESRI_ZONE_38 = (
    'PROJCS["CGCS2000_3_Degree_GK_Zone_38",GEOGCS["GCS_China_Geodetic_Coordinate_System_2000",'
    'DATUM["D_China_2000",SPHEROID["CGCS2000",6378137.0,298.257222101]],PRIMEM["Greenwich",0.0],'
    'UNIT["Degree",0.0174532925199433]],PROJECTION["Gauss_Kruger"],PARAMETER["False_Easting",38500000.0],'
    'PARAMETER["False_Northing",0.0],PARAMETER["Central_Meridian",114.0],PARAMETER["Scale_Factor",1.0],'
    'PARAMETER["Latitude_Of_Origin",0.0],UNIT["Meter",1.0]]'
)


@pytest.mark.parametrize("code", [4490, 4513, 4526, 4533, 4547, 4554, 4497, 4326, 32649, 3857])
def test_cgcs2000_and_wgs84_need_no_parameters(code: int) -> None:
    assert known_crs(f"EPSG:{code}") == CRS(code)


def test_esri_names_are_known() -> None:
    assert known_crs(ESRI_ZONE_38).is_projected


@pytest.mark.parametrize("code", [4214, 4610, 2362, 2414, 2383, 4555, 4258, 4269])
def test_every_other_datum_is_refused(code: int) -> None:
    with pytest.raises(DatumShiftRequiredError):
        known_crs(f"EPSG:{code}")


@pytest.mark.parametrize("text", ["", "EPSG:999999", "Shangdang"])
def test_what_is_no_system_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="not understood"):
        known_crs(text)


def test_wgs84_to_cgcs2000_is_a_stated_null_shift() -> None:
    steps = transformers("EPSG:32649", "EPSG:4490")
    x, y = 684657.1430, 3991438.7391
    for step in steps:
        x, y = step.transform(x, y)
    assert (x, y) == pytest.approx((113.05, 36.05), abs=1e-9)


def test_no_step_where_nothing_changes() -> None:
    assert transformers("EPSG:4526", "EPSG:4526") == ()


@pytest.mark.parametrize("zone", range(25, 46))
def test_zone_of_its_own_meridian(zone: int) -> None:
    crs = CRS(gauss_kruger_of(3.0 * zone))
    assert crs.name.endswith(f"zone {zone}")


@pytest.mark.parametrize("lon", [0.0, 60.0, 140.0])
def test_longitudes_outside_china(lon: float) -> None:
    with pytest.raises(InputError, match="not in China"):
        gauss_kruger_of(lon)


def test_definition_of_a_system_without_a_code_is_its_text() -> None:
    custom = CRS("+proj=tmerc +lon_0=113 +x_0=500000 +ellps=GRS80")
    assert CRS(definition_of(custom)) == custom
