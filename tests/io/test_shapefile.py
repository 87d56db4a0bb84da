"""Shapefiles as they are mailed: parts missing, cut off, from another export, in other capitals."""

from __future__ import annotations

import struct
from pathlib import Path

import geopandas as gpd
import pytest

from spatial.errors import InputError
from spatial.io.stated import Stated
from spatial.io.vector import read_vector
from tests.small import CRS, at


@pytest.fixture
def shapefile(tmp_path: Path) -> Path:
    frame = gpd.GeoDataFrame({"名称": ["甲地", "乙地"]}, geometry=[at(0, 0, 10, 10), at(20, 0, 10, 10)], crs=CRS)
    frame.to_file(tmp_path / "a.shp", encoding="GBK")
    return tmp_path / "a.shp"


def refused(path: Path) -> str:
    with pytest.raises(InputError) as caught:
        read_vector(path)
    return caught.value.key


def test_capitals_of_suffixes_do_not_matter(shapefile: Path) -> None:
    for part in list(shapefile.parent.iterdir()):
        part.rename(part.with_suffix(part.suffix.upper()))
    file = read_vector(shapefile.with_suffix(".SHP"))
    assert file.features["名称"].tolist() == ["甲地", "乙地"]
    assert "dbf_missing" not in {finding.code for finding in file.findings}


def test_without_an_index(shapefile: Path) -> None:
    shapefile.with_suffix(".shx").unlink()
    assert refused(shapefile) == "shx_missing"


@pytest.mark.parametrize("suffix", [".shp", ".shx"])
@pytest.mark.parametrize("left", [-1, 60])
def test_a_copy_that_broke_off(shapefile: Path, suffix: str, left: int) -> None:
    part = shapefile.with_suffix(suffix)
    part.write_bytes(part.read_bytes()[:left])
    assert refused(shapefile) == "shp_cut"
    part.write_bytes(b"")
    assert refused(shapefile) == "file_empty"


@pytest.mark.parametrize("names", [["甲地"], ["甲地", "乙地", "丙地"]])
def test_a_table_of_another_export_drops_no_outline(shapefile: Path, names: list[str]) -> None:
    other = gpd.GeoDataFrame({"名称": names}, geometry=[at(0, 0, 1, 1)] * len(names), crs=CRS)
    other.to_file(shapefile.with_name("b.shp"), encoding="GBK")
    shapefile.with_name("b.dbf").replace(shapefile.with_suffix(".dbf"))
    assert refused(shapefile) == "shp_rows_differ"


def test_rows_marked_as_deleted_are_said(shapefile: Path) -> None:
    table = shapefile.with_suffix(".dbf")
    raw = bytearray(table.read_bytes())
    raw[struct.unpack_from("<H", raw, 8)[0]] = ord("*")
    table.write_bytes(raw)
    file = read_vector(shapefile)
    assert file.features["名称"].tolist() == ["乙地"]
    (said,) = [finding for finding in file.findings if finding.code == "shp_rows_deleted"]
    assert said.values["count"] == 1


def test_a_label_with_a_name_in_gbk(shapefile: Path) -> None:
    label = shapefile.with_suffix(".prj")
    label.write_bytes(label.read_bytes().replace(b'PROJCS["', b'PROJCS["' + "上党".encode("gbk")))
    file = read_vector(shapefile)
    assert file.crs.to_epsg() == 4526
    assert file.features["名称"].tolist() == ["甲地", "乙地"]
    label.write_bytes('LOCAL_CS["上党独立坐标系",UNIT["metre",1]]'.encode("gbk"))
    with pytest.raises(InputError, match="上党独立坐标系"):
        read_vector(shapefile)


@pytest.mark.parametrize(("label", "said"), [("", None), ("y" * 9999, "y" * 40), ("936", None), ("UTF-8", "UTF-8")])
def test_labels_of_encodings_are_compared_and_kept_short(shapefile: Path, label: str, said: str | None) -> None:
    shapefile.with_suffix(".cpg").write_text(label, encoding="ascii")
    found = [finding.values["stated"] for finding in read_vector(shapefile).findings if finding.code == "dbf_cpg_wrong"]
    assert found == ([said] if said else [])


def test_an_encoding_that_is_stated(shapefile: Path) -> None:
    assert read_vector(shapefile, Stated(encoding="gbk")).features["名称"].tolist() == ["甲地", "乙地"]
