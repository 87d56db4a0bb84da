from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from spatial.errors import InputError
from spatial.io.dbf import table_text
from spatial.io.stated import Stated
from spatial.io.vector import read_vector
from tests.shared import shared
from tests.small import CRS, at


def shapefile(folder: Path, encoding: str, *, name: str = "名称", value: str = "永久基本农田") -> Path:
    frame = gpd.GeoDataFrame({name: [value, "一"]}, geometry=[at(0, 0, 1, 1), at(5, 0, 1, 1)], crs=CRS)
    frame.to_file(folder / "a.shp", encoding=encoding)
    (folder / "a.cpg").unlink(missing_ok=True)
    return folder / "a.shp"


def codes(path: Path) -> list[str]:
    return [finding.code for finding in read_vector(path).findings]


@pytest.mark.parametrize(("encoding", "evidence"), [("GBK", "gb18030"), ("UTF-8", "utf8")])
def test_the_contents_decide_without_a_label(tmp_path: Path, encoding: str, evidence: str) -> None:
    file = read_vector(shapefile(tmp_path, encoding))
    assert file.features["名称"].tolist() == ["永久基本农田", "一"]
    assert f"encoding_{evidence}" in [finding.code for finding in file.findings]


@pytest.mark.parametrize(
    ("encoding", "label"), [("GBK", "UTF-8"), ("UTF-8", "GBK"), ("UTF-8", "936"), ("GBK", "ISO-8859-1")]
)
def test_a_wrong_label_is_overruled_and_said(tmp_path: Path, encoding: str, label: str) -> None:
    path = shapefile(tmp_path, encoding)
    path.with_suffix(".cpg").write_text(label, encoding="ascii")
    file = read_vector(path)
    assert file.features["名称"].tolist() == ["永久基本农田", "一"]
    assert "dbf_cpg_wrong" in [finding.code for finding in file.findings]


@pytest.mark.parametrize("label", ["GBK", "GB2312", "936", "gb18030", "CP936"])
def test_a_right_label_is_no_finding(tmp_path: Path, label: str) -> None:
    path = shapefile(tmp_path, "GBK")
    path.with_suffix(".cpg").write_text(label, encoding="ascii")
    assert "dbf_cpg_wrong" not in codes(path)


def test_a_cell_cut_in_the_middle_of_a_character(tmp_path: Path) -> None:
    """A full cell of 80 bytes holds 26 characters of UTF-8 and two bytes of the next."""
    table = shapefile(tmp_path, "UTF-8", value="x" * 80).with_suffix(".dbf")
    raw = table.read_bytes()
    assert b"x" * 80 in raw
    table.write_bytes(raw.replace(b"x" * 80, ("农" * 27).encode()[:80]))
    assert table_text(table).encoding == "utf-8"


def test_a_name_cut_in_the_middle_of_a_character(tmp_path: Path) -> None:
    path = shapefile(tmp_path, "GBK")
    table = path.with_suffix(".dbf")
    raw = bytearray(table.read_bytes())
    raw[32:43] = "A永久基本农田".encode("gbk")[:10].ljust(11, b"\0")
    table.write_bytes(raw)
    assert "dbf_name_cut" in codes(path)


def test_a_damaged_table(tmp_path: Path) -> None:
    path = tmp_path / "a.dbf"
    path.write_bytes(b"\x03")
    with pytest.raises(InputError, match="damaged"):
        table_text(path)


@given(st.binary(max_size=300))
def test_any_bytes_are_decided_or_refused(raw: bytes) -> None:
    import tempfile

    with tempfile.NamedTemporaryFile(suffix=".dbf") as file:
        file.write(raw)
        file.flush()
        try:
            found = table_text(Path(file.name))
        except InputError as error:
            assert error.key in {"dbf_damaged", "text_encoding"}
        else:
            assert found.encoding


def test_a_real_table_without_labels_has_the_right_names() -> None:
    path = shared("data", "gbk_shapefile", "res2_4m.shp")
    file = read_vector(path, Stated(crs="EPSG:4326"))
    assert {"北京", "景德镇", "白银"} <= set(file.features["NAME"])
    assert "encoding_gb18030" in [finding.code for finding in file.findings]
