"""KML as phones, maps and Chinese programs write it."""

from __future__ import annotations

import zipfile
from pathlib import Path

import geopandas as gpd
import pytest

from spatial.errors import InputError
from spatial.io.stated import Stated
from spatial.io.vector import read_vector
from spatial.io.writers import write_vector
from spatial.settings import setting
from tests.small import CRS, at

POINT = "<Point><coordinates>113,36</coordinates></Point>"


def document(places: str, encoding: str = "UTF-8") -> str:
    head = f'<?xml version="1.0" encoding="{encoding}"?>' if encoding else ""
    return f'{head}<kml xmlns="http://www.opengis.net/kml/2.2"><Document>{places}</Document></kml>'


def place(name: str, **fields: str) -> str:
    data = "".join(f'<Data name="{field}"><value>{value}</value></Data>' for field, value in fields.items())
    return f"<Placemark><name>{name}</name><ExtendedData>{data}</ExtendedData>{POINT}</Placemark>"


def test_chinese_fields_of_one_length_stay_apart(tmp_path: Path) -> None:
    """GDAL calls both ______ and keeps the last, unless told not to."""
    path = tmp_path / "a.kml"
    path.write_text(document(place("甲", 面积="1", 用途="林地") + place("乙", 用途="耕地")), encoding="utf-8")
    features = read_vector(path).features
    assert features["面积"].tolist()[0] == "1"
    assert features["用途"].tolist() == ["林地", "耕地"]


def test_a_kmz_keeps_the_attributes_of_its_schema(tmp_path: Path) -> None:
    frame = gpd.GeoDataFrame({"DKBH": ["1"], "用途": ["林地"]}, geometry=[at(0, 0, 100, 100)], crs=CRS)
    write_vector({"地块": frame}, tmp_path / "a.kmz")
    features = read_vector(tmp_path / "a.kmz").features
    assert (features["DKBH"][0], features["用途"][0], features["folder"][0]) == ("1", "林地", "地块")


def test_all_documents_of_a_kmz_are_read(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.kmz", "w") as archive:
        archive.writestr("我的收藏.kml", document(place("甲")))
        archive.writestr("sub/b.KML", document(place("乙")))
        archive.writestr("images/a.png", b"x")
    assert sorted(read_vector(tmp_path / "a.kmz").features["Name"]) == ["乙", "甲"]
    with zipfile.ZipFile(tmp_path / "b.kmz", "w") as archive:
        archive.writestr("images/a.png", b"x")
    with pytest.raises(InputError, match=r"no layer that can be read \(a.png\)"):
        read_vector(tmp_path / "b.kmz")


@pytest.mark.parametrize("declared", ["GBK", "gb2312", "UTF-8", ""])
def test_text_in_gbk_whatever_is_declared(tmp_path: Path, declared: str) -> None:
    (tmp_path / "a.kml").write_bytes(document(place("甲地"), declared).encode("gbk"))
    file = read_vector(tmp_path / "a.kml")
    assert file.features["Name"].tolist() == ["甲地"]
    assert [finding.code for finding in file.findings] == ["encoding_gb18030"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_other_encodings_that_are_right(tmp_path: Path, encoding: str) -> None:
    (tmp_path / "a.kml").write_bytes(document(place("甲地"), encoding.removesuffix("-sig")).encode(encoding))
    assert read_vector(tmp_path / "a.kml").features["Name"].tolist() == ["甲地"]


def test_a_document_that_calls_itself_packed(tmp_path: Path) -> None:
    (tmp_path / "a.kmz").write_text(document(place("甲")), encoding="utf-8")
    assert read_vector(tmp_path / "a.kmz").features["Name"].tolist() == ["甲"]


def test_folders_by_name(tmp_path: Path) -> None:
    folders = "".join(f"<Folder><name>{name}</name>{place(name)}</Folder>" for name in "甲乙")
    (tmp_path / "a.kml").write_text(document(folders), encoding="utf-8")
    assert read_vector(tmp_path / "a.kml", Stated(layer="乙")).features["Name"].tolist() == ["乙"]
    with pytest.raises(InputError, match="甲, 乙"):
        read_vector(tmp_path / "a.kml", Stated(layer="丙"))


def test_documents_without_bound_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("spatial.io.keyhole.setting", lambda name: 0.5 if name == "keyhole_mib" else setting(name))
    with zipfile.ZipFile(tmp_path / "a.kmz", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("doc.kml", document(place("a" * 2**20)))
    with pytest.raises(InputError, match="larger than is allowed"):
        read_vector(tmp_path / "a.kmz")
