from __future__ import annotations

import zipfile
from pathlib import Path

import geopandas as gpd
import pytest

from spatial.errors import InputError
from spatial.io.formats import formats
from spatial.io.stated import Stated
from spatial.io.vector import read_vector
from spatial.io.writers import write_vector
from spatial.settings import setting
from tests.small import CRS, at, write


def zipped(path: Path, *members: Path, name: str = "{}") -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for member in members:
            archive.write(member, name.format(member.name))
    return path


@pytest.fixture
def shapefile(tmp_path: Path) -> list[Path]:
    folder = tmp_path / "shp"
    folder.mkdir()
    gpd.GeoDataFrame({"名称": ["田"]}, geometry=[at(0, 0, 10, 10)], crs=CRS).to_file(folder / "田.shp", encoding="GBK")
    return sorted(folder.iterdir())


def test_a_zipped_shapefile(tmp_path: Path, shapefile: list[Path]) -> None:
    file = read_vector(zipped(tmp_path / "a.zip", *shapefile))
    assert file.features["名称"].tolist() == ["田"]
    assert file.features.area.tolist() == [100.0]


def test_names_in_gbk_inside_an_archive(tmp_path: Path, shapefile: list[Path]) -> None:
    """Chinese Windows writes names without the UTF-8 flag."""
    path = zipped(tmp_path / "a.zip", *shapefile)
    raw = path.read_bytes().replace("田".encode(), "甲x".encode("gbk"))
    # Three bytes for three, and the flag cleared in both headers.
    data = bytearray(raw)
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at_ = data.find(signature)
        while at_ >= 0:
            data[at_ + offset + 1] &= ~0x08
            at_ = data.find(signature, at_ + 1)
    path.write_bytes(data)
    assert read_vector(path).features.area.tolist() == [100.0]


@pytest.mark.parametrize("name", ["../{}", "a/../../{}", "C:{}", "..\\{}"])
def test_names_that_point_outside_are_refused(tmp_path: Path, shapefile: list[Path], name: str) -> None:
    with pytest.raises(InputError, match="points outside its folder"):
        read_vector(zipped(tmp_path / "a.zip", *shapefile, name=name))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.zip", "shp"]


def test_bombs_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("spatial.io.archives.setting", lambda name: 1.0 if name == "archive_mib" else setting(name))
    with zipfile.ZipFile(tmp_path / "a.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.shp", b"\0" * (8 << 20))
    with pytest.raises(InputError, match="unpacks to more than is allowed"):
        read_vector(tmp_path / "a.zip")
    with zipfile.ZipFile(tmp_path / "b.zip", "w") as archive:
        for number in range(int(setting("archive_files")) + 1):
            archive.writestr(f"{number}", b"")
    with pytest.raises(InputError, match="unpacks to more than is allowed"):
        read_vector(tmp_path / "b.zip")


def test_damaged_and_pointless_archives(tmp_path: Path, shapefile: list[Path]) -> None:
    (tmp_path / "a.zip").write_bytes(b"PK\x03\x04 not really")
    with pytest.raises(InputError, match="damaged"):
        read_vector(tmp_path / "a.zip")
    (tmp_path / "readme.doc").write_text("x", encoding="utf-8")
    with pytest.raises(InputError, match="no layer that can be read"):
        read_vector(zipped(tmp_path / "b.zip", tmp_path / "readme.doc"))
    write(tmp_path / "other.gpkg", {"a": at(0, 0, 1, 1)})
    both = zipped(tmp_path / "c.zip", *shapefile, tmp_path / "other.gpkg")
    with pytest.raises(InputError, match="several layers"):
        read_vector(both)
    assert len(read_vector(both, Stated(layer="other")).features) == 1


def test_shadows_in_an_archive_are_no_layers(tmp_path: Path, shapefile: list[Path]) -> None:
    """Macintosh computers and office programs leave them behind."""
    path = zipped(tmp_path / "a.zip", *shapefile)
    with zipfile.ZipFile(path, "a") as archive:
        for name in ("__MACOSX/._田.shp", "._田.shp", ".DS_Store", "~$地块.txt"):
            archive.writestr(name, b"junk")
    assert read_vector(path).features["名称"].tolist() == ["田"]


def test_files_of_one_name_in_an_archive_are_named_by_their_folders(tmp_path: Path) -> None:
    write(tmp_path / "a.gpkg", {"a": at(0, 0, 1, 1)})
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for folder in ("东", "西"):
            archive.write(tmp_path / "a.gpkg", f"{folder}/a.gpkg")
    with pytest.raises(InputError, match=r"东/a\.gpkg, 西/a\.gpkg"):
        read_vector(path)
    assert len(read_vector(path, Stated(layer="西/a.gpkg")).features) == 1


def test_no_temporary_folder_in_a_message(tmp_path: Path, shapefile: list[Path]) -> None:
    table = next(path for path in shapefile if path.suffix == ".dbf")
    table.write_bytes(table.read_bytes()[:-5])
    (tmp_path / "b.geojson").write_text("{", encoding="utf-8")
    for path in (zipped(tmp_path / "a.zip", *shapefile), zipped(tmp_path / "b.zip", tmp_path / "b.geojson")):
        with pytest.raises(InputError) as caught:
            read_vector(path)
        assert "tmp" not in str(caught.value).replace(str(tmp_path), "")


def test_geojson_in_gbk(tmp_path: Path) -> None:
    frame = gpd.GeoDataFrame({"名称": ["地块"]}, geometry=[at(0, 0, 10, 10)], crs=CRS)
    text = frame.to_json(ensure_ascii=False)
    crs = '"crs": {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::4526"}}, '
    (tmp_path / "a.geojson").write_bytes(text.replace("{", "{" + crs, 1).encode("gbk"))
    file = read_vector(tmp_path / "a.geojson")
    assert file.features["名称"].tolist() == ["地块"]
    assert [finding.code for finding in file.findings] == ["encoding_gb18030"]


def test_a_file_with_several_layers_is_never_read_in_part(tmp_path: Path) -> None:
    frame = gpd.GeoDataFrame({"name": ["a"]}, geometry=[at(0, 0, 1, 1)], crs=CRS)
    write_vector({"one": frame, "two": frame}, tmp_path / "a.gpkg")
    with pytest.raises(InputError, match="several layers \\(one, two\\)"):
        read_vector(tmp_path / "a.gpkg")
    assert len(read_vector(tmp_path / "a.gpkg", Stated(layer="two")).features) == 1
    with pytest.raises(InputError, match='no layer "three"'):
        read_vector(tmp_path / "a.gpkg", Stated(layer="three"))


@pytest.mark.parametrize("suffix", [".dwg", ".mdb", ".ovkml", ".rar"])
def test_formats_to_export_first_say_how(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"a{suffix}"
    path.write_bytes(b"x")
    with pytest.raises(InputError) as caught:
        read_vector(path)
    assert formats()[suffix].hint.zh in caught.value.text("zh")
    assert formats()[suffix].hint.en in caught.value.text("en")


@pytest.mark.parametrize("suffix", [".fgb", ".kml"])
def test_more_formats_there_and_back(tmp_path: Path, suffix: str) -> None:
    frame = gpd.GeoDataFrame({"Name": ["甲"]}, geometry=[at(0, 0, 100, 100)], crs=CRS).to_crs(4326)
    write_vector({"layer": frame}, tmp_path / f"a{suffix}")
    file = read_vector(tmp_path / f"a{suffix}")
    assert file.features.to_crs(CRS).area[0] == pytest.approx(10_000, abs=0.1)


def test_all_folders_of_a_kml_are_read(tmp_path: Path) -> None:
    place = "<Placemark><name>{0}</name><Polygon><outerBoundaryIs><LinearRing><coordinates>113,36 113.{0},36 113.1,36.1 113,36</coordinates></LinearRing></outerBoundaryIs></Polygon></Placemark>"
    text = f'<kml xmlns="http://www.opengis.net/kml/2.2"><Document><Folder><name>一</name>{place.format(2)}</Folder><Folder><name>二</name>{place.format(3)}</Folder></Document></kml>'
    (tmp_path / "a.kml").write_text(text, encoding="utf-8")
    file = read_vector(tmp_path / "a.kml")
    assert sorted(file.features["folder"]) == ["一", "二"]
    kmz = tmp_path / "a.kmz"
    with zipfile.ZipFile(kmz, "w") as archive:
        archive.writestr("doc.kml", text)
    assert len(read_vector(kmz).features) == 2


def test_entities_in_xml_are_not_followed(tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_text("SECRET", encoding="utf-8")
    text = (
        f'<?xml version="1.0"?><!DOCTYPE kml [<!ENTITY e SYSTEM "file://{tmp_path}/secret.txt">]>'
        '<kml xmlns="http://www.opengis.net/kml/2.2"><Document><Placemark><name>&e;</name>'
        "<Point><coordinates>113,36</coordinates></Point></Placemark></Document></kml>"
    )
    (tmp_path / "a.kml").write_text(text, encoding="utf-8")
    try:
        features = read_vector(tmp_path / "a.kml").features
    except InputError:
        return
    assert "SECRET" not in features.to_json()
