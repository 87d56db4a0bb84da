"""Every dialect of every format holds the same square; what a format cannot hold is said."""

from __future__ import annotations

import sqlite3
import struct
import zipfile
from itertools import pairwise
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyproj import CRS as SYSTEM

from spatial.areas import official_area_m2
from spatial.errors import InputError
from spatial.io.moving import moved_to
from spatial.io.stated import Stated
from spatial.io.vector import VectorFile, read_vector
from spatial.io.writers import write_vector
from tests.small import CRS, EAST, NORTH, at
from tests.traps import formats

PLACED = (".dxf", ".dat")


@pytest.fixture(scope="module")
def samples(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    return formats.write(tmp_path_factory.mktemp("formats"))


def codes(findings) -> set[str]:
    return {finding.code for finding in findings}


def test_every_dialect_holds_the_square(samples: dict[str, Path]) -> None:
    for name, path in samples.items():
        file = read_vector(path, Stated(crs=CRS) if path.suffix in PLACED else None)
        features = file.features.to_crs(CRS)
        assert len(features) == 1, name
        # Degrees with 15 digits are right to a nanometre, coordinates of tables to a millimetre.
        assert formats.square_of(features.geometry.iloc[0]), name
        assert all(finding.text("zh") and finding.text("en") for finding in file.findings), name


@pytest.mark.parametrize("count", range(8, 13))
def test_attribute_lines_of_any_length(samples: dict[str, Path], count: int) -> None:
    features = read_vector(samples[f"txt_{count}_fields"]).features
    assert features[["DKBH", "DKMC", "DLBM"]].to_numpy().tolist() == [["1", "甲地", "0809"]]
    extra = [name for name in features.columns if name[0] == "X"]
    assert "".join(features[extra].to_numpy()[0]) == "abcd"[: count - 8]


SHAPES = st.builds(
    lambda x, y, width, hole, part: shapely.MultiPolygon(
        [
            shapely.Polygon(at(x, y, width, width).exterior, [at(x + 1, y + 1, 1, 1).exterior] if hole else []),
            *([at(x + width + 1, y, 5, 5)] if part else []),
        ]
    ),
    *[st.integers(0, 5000).map(lambda value: value / 1000)] * 2,
    st.integers(5000, 90_000).map(lambda value: value / 1000),
    st.booleans(),
    st.booleans(),
)
TEXTS = st.text(st.characters(codec="gb18030", exclude_categories=("C", "Z"), exclude_characters=",@，＠"), max_size=12)


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.tuples(SHAPES, TEXTS), min_size=1, max_size=4),
    st.permutations(["txt", "shp", "gpkg", "geojson", "parquet", "fgb", "csv", "xlsx", "zip"]),
)
def test_all_formats_in_a_row_keep_everything(tmp_path: Path, rows, order: list[str]) -> None:
    """Pairwise and in any order: coordinates to the millimetre declared, attributes to the letter."""
    frame = gpd.GeoDataFrame(
        {"DKBH": [str(place) for place in range(len(rows))], "DKMC": [text for _, text in rows]},
        geometry=[shape for shape, _ in rows],
        crs=CRS,
    )
    features = frame
    for number, suffix in enumerate(order):
        write_vector({"layer": features}, tmp_path / f"{number}.{suffix}")
        features = read_vector(tmp_path / f"{number}.{suffix}").features
    assert features.crs.to_epsg() == 4526
    assert features["DKBH"].tolist() == frame["DKBH"].tolist()
    assert [text or "" for text in features["DKMC"]] == frame["DKMC"].tolist()
    for shape, expected in zip(features.geometry, frame.geometry, strict=True):
        both = [shapely.normalize(shapely.multipolygons(shapely.get_parts([one]))) for one in (shape, expected)]
        assert both[0].equals_exact(both[1], 6e-4)


def test_points_and_lines_there_and_back(tmp_path: Path) -> None:
    line = shapely.LineString([(EAST, NORTH), (EAST + 5, NORTH), (EAST + 5, NORTH + 5)])
    lines = shapely.MultiLineString([line, shapely.LineString([(EAST, NORTH + 9), (EAST + 9, NORTH + 9)])])
    several = shapely.MultiPoint([(EAST, NORTH), (EAST + 1, NORTH + 1)])
    frame = gpd.GeoDataFrame({"DKBH": list("123")}, geometry=[line, lines, several], crs=CRS)
    for suffix in ("txt", "csv", "xlsx", "gpkg", "parquet", "geojson"):
        write_vector({"x": frame}, tmp_path / f"a.{suffix}")
        back = read_vector(tmp_path / f"a.{suffix}").features
        assert shapely.equals_exact(back.geometry.array, frame.geometry.array, 1e-6).all(), suffix


def test_a_shapefile_says_what_it_cuts(tmp_path: Path) -> None:
    frame = gpd.GeoDataFrame(
        {
            "地块名称和编号": ["甲"],
            "地块名称和面积": ["乙"],
            "text": ["长" * 100],
            "flag": [True],
            "day": [pd.Timestamp("2026-11-21 10:00")],
        },
        geometry=[at(0, 0, 1, 1)],
        crs=CRS,
    )
    findings = write_vector({"x": frame}, tmp_path / "a.shp")
    assert codes(findings) == {"names_cut", "texts_cut", "type_changed"}
    back = read_vector(tmp_path / "a.shp").features
    assert list(back.columns)[:2] == ["地块名", "地块_1"]
    assert back["text"][0] == "长" * 84
    assert back["day"][0] == "2026-11-21T10:00:00"
    assert all(str(tmp_path / "a.shp") in finding.text("en") for finding in findings)


def test_mixed_kinds_do_not_go_into_a_shapefile(tmp_path: Path) -> None:
    frame = gpd.GeoDataFrame(geometry=[at(0, 0, 1, 1), shapely.Point(EAST, NORTH)], crs=CRS)
    for name in ("a.shp", "a.zip"):
        with pytest.raises(InputError, match="holds one kind of geometry, but there are point, polygon"):
            write_vector({"x": frame}, tmp_path / name)
    assert list(tmp_path.iterdir()) == []


def test_kml_is_in_degrees_without_a_datum_step(tmp_path: Path) -> None:
    """DOMAIN 2.2: 113.05 E, 36.05 N in EPSG:4526."""
    frame = gpd.GeoDataFrame({"Name": ["甲"]}, geometry=[shapely.Point(38414397.3820, 3991508.3017)], crs=CRS)
    for suffix in ("kml", "kmz"):
        findings = write_vector({"x": frame}, tmp_path / f"a.{suffix}")
        assert codes(findings) == {"kml_degrees"}
        back = read_vector(tmp_path / f"a.{suffix}").features
        assert shapely.get_coordinates(back.geometry.array)[0] == pytest.approx([113.05, 36.05], abs=2e-9)
    assert zipfile.ZipFile(tmp_path / "a.kmz").namelist() == ["doc.kml"]


@pytest.mark.parametrize("epsg", [4526, 4547, 4490, 4326])
def test_geojson_keeps_its_system(tmp_path: Path, epsg: int) -> None:
    frame = gpd.GeoDataFrame({"name": ["a"]}, geometry=[at(0, 0, 33.333, 1 / 3)], crs=CRS).to_crs(epsg)
    write_vector({"x": frame}, tmp_path / "a.geojson")
    back = read_vector(tmp_path / "a.geojson")
    assert back.crs.to_epsg() == epsg
    assert back.features.geometry[0].normalize().equals_exact(frame.geometry[0].normalize(), 1e-9)


def test_what_boundary_points_cannot_carry_is_named(tmp_path: Path) -> None:
    frame = gpd.GeoDataFrame({"project_id": ["26"], "name": ["甲"]}, geometry=[at(0, 0, 1, 1)], crs=CRS)
    (finding,) = write_vector({"x": frame}, tmp_path / "a.txt")
    assert (finding.code, finding.values["columns"]) == ("columns_lost", "project_id")


def test_old_excel_is_not_written(tmp_path: Path) -> None:
    frame = gpd.GeoDataFrame(geometry=[at(0, 0, 1, 1)], crs=CRS)
    with pytest.raises(InputError, match=r"write \.xlsx instead"):
        write_vector({"x": frame}, tmp_path / "a.xls")
    with pytest.raises(InputError, match="one layer only"):
        write_vector({"x": frame, "y": frame}, tmp_path / "a.geojson")


def test_geodatabases(tmp_path: Path) -> None:
    path = tmp_path / "a.gdb"
    shapes = [shapely.force_3d(at(0, 0, 10, 10), 950)]
    frame = gpd.GeoDataFrame({"类型": ["甲"], "面积": [100.0]}, geometry=shapes, crs=CRS)
    frame.to_file(path, driver="OpenFileGDB", layer="红线", engine="pyogrio")
    file = read_vector(path)
    assert file.features["类型"].tolist() == ["甲"]
    assert file.features.area.tolist() == [100.0]
    assert codes(file.findings) == {"heights_dropped"}
    frame.to_file(path, driver="OpenFileGDB", layer="农田", engine="pyogrio", mode="a")
    archive = tmp_path / "b.gdb.zip"
    with zipfile.ZipFile(archive, "w") as opened:
        for member in sorted(path.iterdir()):
            opened.write(member, f"folder/a.gdb/{member.name}")
    for source in (path, archive):
        with pytest.raises(InputError, match="several layers"):
            read_vector(source)
        assert len(read_vector(source, Stated(layer="农田")).features) == 1
        with pytest.raises(InputError, match='no layer "x"'):
            read_vector(source, Stated(layer="x"))


def curved(path: Path, kind: str = "GEOMETRY") -> Path:
    """A GeoPackage with a straight square and a full circle of radius 50 m as a curve."""
    frame = gpd.GeoDataFrame({"name": ["square", "circle"]}, geometry=[at(0, 0, 10, 10)] * 2, crs=CRS)
    frame.to_file(path, layer="a", geometry_type="Unknown", engine="pyogrio")
    ring = [(0, 0), (50, 50), (100, 0), (50, -50), (0, 0)]
    body = struct.pack("<BII", 1, 10, 1) + struct.pack("<BII", 1, 8, 5)
    body += b"".join(struct.pack("<dd", EAST + x, NORTH + y) for x, y in ring)
    with sqlite3.connect(path) as base:
        for (name,) in base.execute("select name from sqlite_master where type = 'trigger'").fetchall():
            base.execute(f'drop trigger "{name}"')
        srs = base.execute("select srs_id from gpkg_geometry_columns").fetchone()[0]
        base.execute("update a set geom = ? where name = 'circle'", (b"GP\0\x01" + struct.pack("<i", srs) + body,))
        base.execute("update gpkg_geometry_columns set geometry_type_name = ?", (kind,))
    base.close()
    return path


@pytest.mark.parametrize("kind", ["GEOMETRY", "CURVEPOLYGON"])
def test_curves_are_cut_finely_and_said(tmp_path: Path, kind: str) -> None:
    file = read_vector(curved(tmp_path / "a.gpkg", kind))
    assert file.features.area.tolist() == pytest.approx([100, np.pi * 2500], rel=1e-6)
    (finding,) = file.findings
    assert (finding.code, finding.values["count"]) == ("curves_cut", 1)


def test_long_edges_change_areas_and_it_is_said(tmp_path: Path) -> None:
    long = gpd.GeoDataFrame({"name": ["长"]}, geometry=[at(0, 0, 30_000, 10_000)], crs=CRS)
    short = gpd.GeoDataFrame({"name": ["短"]}, geometry=[at(0, 0, 50, 50)], crs=CRS)
    moved, findings = moved_to(VectorFile(tmp_path, long, ()), SYSTEM(4490))
    (finding,) = findings
    before, after = (official_area_m2(frame.geometry.array, SYSTEM(frame.crs))[0] for frame in (long, moved))
    assert finding.values["relative"] == f"{abs(after / before - 1):.1e}"
    assert "长" in finding.text("en")
    assert moved_to(VectorFile(tmp_path, short, ()), SYSTEM(4490))[1] == []


def test_headers_that_declare_gigabytes(tmp_path: Path, samples: dict[str, Path]) -> None:
    """A count of two thousand million in a header must not be believed."""
    raw = bytearray(samples["shp_gbk_without_cpg"].with_suffix(".dbf").read_bytes())
    raw[4:8] = struct.pack("<I", 2_000_000_000)
    for suffix in (".shp", ".shx", ".prj"):
        (tmp_path / f"a{suffix}").write_bytes(samples["shp_gbk_without_cpg"].with_suffix(suffix).read_bytes())
    (tmp_path / "a.dbf").write_bytes(raw)
    shape = bytearray(samples["shp"].read_bytes())
    shape[24:28] = struct.pack(">i", 2_000_000_000)
    shape[104:108] = struct.pack(">i", 1_000_000_000)
    (tmp_path / "b.shp").write_bytes(shape)
    pack = bytearray(samples["gpkg"].read_bytes())
    pack[28:32] = struct.pack(">I", 2_000_000_000)
    (tmp_path / "c.gpkg").write_bytes(pack)
    text = samples["txt_gbk_crlf"].read_bytes().replace(b"5,1.0000", b"2000000000,1.0000")
    (tmp_path / "d.txt").write_bytes(text)
    for name in ("a.shp", "b.shp", "c.gpkg", "d.txt"):
        try:
            features = read_vector(tmp_path / name).features
        except InputError:
            continue
        assert len(features) == 1, name


def test_neighbours_in_the_list_of_formats_convert(samples: dict[str, Path], tmp_path: Path) -> None:
    """Any format into any: each sample is written as the next kind and read again."""
    kinds = ["txt", "shp", "zip", "gpkg", "geojson", "parquet", "fgb", "kml", "kmz", "dxf", "csv", "xlsx", "txt"]
    for first, second in pairwise(kinds):
        frame = gpd.GeoDataFrame({"DKMC": ["甲地"]}, geometry=[at(0, 0, 100, 100)], crs=CRS)
        write_vector({"x": frame}, tmp_path / f"one.{first}")
        one = read_vector(tmp_path / f"one.{first}", Stated(crs=CRS) if first == "dxf" else None)
        plane, _ = moved_to(one, SYSTEM(CRS))
        write_vector({"x": plane}, tmp_path / f"two.{second}")
        two = read_vector(tmp_path / f"two.{second}", Stated(crs=CRS) if second == "dxf" else None)
        assert formats.square_of(moved_to(two, SYSTEM(CRS))[0].geometry.iloc[0]), (first, second)
    assert samples


def test_tables_beside_layers_in_an_archive(samples: dict[str, Path], tmp_path: Path) -> None:
    """A table is read from an archive only where there is no layer beside it."""
    for members, columns in ((["csv_parcels", "geojson"], ["DKMC"]), (["csv_parcels"], ["DKBH", "DKMC"])):
        with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
            for name in members:
                archive.write(samples[name], samples[name].name)
        assert read_vector(tmp_path / "a.zip").features.columns.drop("geometry").tolist() == columns


def test_a_folder_that_a_kml_file_does_not_have(tmp_path: Path) -> None:
    write_vector({"甲": gpd.GeoDataFrame({"name": ["a"]}, geometry=[at(0, 0, 5, 5)], crs=CRS)}, tmp_path / "a.kml")
    with pytest.raises(InputError, match="甲"):
        read_vector(tmp_path / "a.kml", Stated(layer="乙"))


def test_a_column_called_fid_stays_a_column(tmp_path: Path) -> None:
    """Layers that were joined bring theirs along, with repeats."""
    frame = gpd.GeoDataFrame({"fid": [7, 7], "_FID": ["a", "b"]}, geometry=[at(0, 0, 1, 1), at(2, 0, 1, 1)], crs=CRS)
    write_vector({"a": frame}, tmp_path / "a.gpkg")
    features = read_vector(tmp_path / "a.gpkg").features
    assert features["fid"].tolist() == [7, 7]
    assert features["_FID"].tolist() == ["a", "b"]
