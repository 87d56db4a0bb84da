from __future__ import annotations

import pytest
from pyproj import CRS

from spatial.crs import (
    definition_of,
    gauss_kruger_of,
    known_crs,
    offset_named,
    plain_crs,
    transformers,
    transverse_mercator,
)
from spatial.errors import DatumShiftRequiredError, InputError
from tests.traps.planes import GCJ_NAMED, GRADS, LOCAL, ON_KRASSOVSKY, custom

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


@pytest.mark.parametrize("zone", range(25, 46))
def test_esri_planes_are_the_epsg_ones_by_their_parameters(zone: int) -> None:
    assert plain_crs(CRS(custom(3.0 * zone, zone * 1e6 + 500_000))).to_epsg() == 4513 + zone - 25
    assert plain_crs(CRS(custom(3.0 * zone))).to_epsg() == 4534 + zone - 25


@pytest.mark.parametrize("zone", range(13, 24))
def test_six_degree_planes_with_prefix(zone: int) -> None:
    assert plain_crs(CRS(custom(6.0 * zone - 3, zone * 1e6 + 500_000))).to_epsg() == 4491 + zone - 13


@pytest.mark.parametrize(
    ("meridian", "false_easting"), [(113.0, 500_000.0), (114.0, 37_500_000.0), (114.0, 0.0), (114.0, 38_600_000.0)]
)
def test_planes_that_are_no_zone_stay_what_they_are(meridian: float, false_easting: float) -> None:
    crs = plain_crs(CRS(custom(meridian, false_easting)))
    assert crs.to_authority(min_confidence=100) is None
    assert transverse_mercator(crs) == (meridian, false_easting, 1.0)
    assert known_crs(crs.to_wkt()).is_projected


def test_the_name_does_not_decide() -> None:
    lying = custom(111.0).replace("CGCS2000_GK", "CGCS2000_3_Degree_GK_Zone_38")
    assert plain_crs(CRS(lying)).to_epsg() == 4546


@pytest.mark.parametrize(
    ("code", "plain"), [("EPSG:4490+5737", 4490), ("EPSG:4526+5737", 4526), ("EPSG:4979", 4979), ("OGC:CRS84", 4326)]
)
def test_heights_do_not_matter(code: str, plain: int) -> None:
    assert plain_crs(CRS(code)).to_epsg() == plain


def test_a_null_shift_does_not_matter_but_any_other_does() -> None:
    null = custom(114.0).replace("298.257222101]]", "298.257222101],TOWGS84[0,0,0,0,0,0,0]]")
    assert CRS(null).is_bound
    assert plain_crs(CRS(null)).to_epsg() == 4547
    with pytest.raises(DatumShiftRequiredError):
        known_crs(null.replace("[0,0,0,0", "[15.8,-154.4,-82.3,0"))
    with pytest.raises(DatumShiftRequiredError):
        known_crs("+proj=longlat +ellps=krass +towgs84=15.8,-154.4,-82.3,0,0,0,0")


@pytest.mark.parametrize(
    ("definition", "key"),
    [
        (ON_KRASSOVSKY, "datum_shift"),
        (GCJ_NAMED, "crs_offset"),
        (GCJ_NAMED.replace("GCJ-02", "火星坐标系"), "crs_offset"),
        (GCJ_NAMED.replace("GCJ-02", "BD09"), "crs_offset"),
        (LOCAL, "crs_local"),
        (GRADS, "crs_unit"),
        (custom(114.0, 38_500.0, 'UNIT["Kilometer",1000.0]'), "crs_unit"),
        (GCJ_NAMED.replace("GCJ-02", "x").replace('"Greenwich",0', '"Paris",2.5969213'), "datum_shift"),
        ("EPSG:4978", "crs_unusable"),
        ("+proj=longlat +ellps=GRS80", "datum_shift"),
    ],
)
def test_the_whitelist_looks_at_the_parameters(definition: str, key: str) -> None:
    with pytest.raises(InputError) as caught:
        known_crs(definition)
    assert caught.value.key == key


def test_offsets_by_name() -> None:
    assert offset_named(CRS(GCJ_NAMED)) == "gcj02"
    assert offset_named(CRS(4326)) is None
