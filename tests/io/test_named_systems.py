"""Coordinate systems named in words around a table decide, or are refused; they are never ignored."""

from __future__ import annotations

import pytest

from spatial.errors import DatumShiftRequiredError, InputError
from spatial.io.named_systems import plane_named, systems_in
from spatial.io.stated import Stated

EAST = 38_414_400.0


@pytest.mark.parametrize(
    ("text", "system"),
    [
        ("坐标系：1980西安坐标系  中央子午线114°", "xian1980"),
        ("80国家大地坐标系", "xian1980"),
        ("X（西安８０）", "xian1980"),
        ("X（80）", "xian1980"),
        ("Y(2000)", "cgcs2000"),
        ("1954年北京坐标系成果表", "beijing1954"),
        ("北京 54", "beijing1954"),
        ("2000国家大地坐标系", "cgcs2000"),
        ("北京2000坐标系", "local"),
        ("WGS-84", "wgs84"),
        ("长治市独立坐标系", "local"),
        ("高德坐标", "gcj02"),
        ("BD-09", "bd09"),
    ],
)
def test_names(text: str, system: str) -> None:
    assert systems_in(text) == {system}


@pytest.mark.parametrize(
    "text", ["界址点成果表", "共80个界址点", "2000年调查", "百度数据中心项目", "80", "54", "X(m)", ""]
)
def test_words_that_name_none(text: str) -> None:
    assert not systems_in(text)


def test_the_plane_of_an_old_datum() -> None:
    found = plane_named(["西安80坐标", "X"], EAST, Stated(), "a.csv")
    assert found is not None
    assert found.to_epsg() == 2362
    degrees = plane_named(["北京54"], 113.05, Stated(), "a.csv")
    assert degrees is not None
    assert degrees.to_epsg() == 4214
    with pytest.raises(DatumShiftRequiredError, match="西安80坐标"):
        plane_named(["西安80坐标"], 414_400.0, Stated(), "a.csv")


def test_what_needs_no_plane() -> None:
    assert plane_named(["成果表", "CGCS2000", "WGS84"], EAST, Stated(), "a.csv") is None
    assert plane_named(["西安80"], EAST, Stated(crs="EPSG:4526"), "a.csv") is None
    assert plane_named(["高德坐标"], 113.05, Stated(unshift="gcj02"), "a.csv") is None


@pytest.mark.parametrize(
    ("texts", "key"),
    [
        (["西安80", "2000坐标系"], "points_systems"),
        (["长治市独立坐标系"], "crs_local"),
        (["高德坐标"], "crs_offset"),
        (["百度坐标"], "crs_offset"),
    ],
)
def test_what_is_refused(texts: list[str], key: str) -> None:
    with pytest.raises(InputError) as caught:
        plane_named(texts, 113.05, Stated(), "a.csv")
    assert caught.value.key == key
    assert texts[0] in caught.value.text("zh") or key == "points_systems"
