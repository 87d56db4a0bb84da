"""Backgrounds: Tianditu or a folder; services whose tiles lie aside are refused with a reason."""

from __future__ import annotations

from urllib.parse import quote

import pytest

from spatial.errors import InputError
from spatial.publish.backgrounds import tiles_of


def test_nothing_asked_nothing_given(tmp_path):
    assert tiles_of("", "", tmp_path / "a.html") is None


def test_tianditu_without_a_key_asks_the_reader(tmp_path):
    tiles = tiles_of("tianditu:vec", "", tmp_path / "a.html")
    assert tiles.ask_key
    assert tiles.url.endswith("tk={key}")
    assert "{z}" in tiles.url
    assert tiles.hosts == ("https://t0.tianditu.gov.cn",)


def test_a_key_is_embedded_only_when_given(tmp_path):
    tiles = tiles_of("tianditu:img", "abcdef0123456789", tmp_path / "a.html")
    assert not tiles.ask_key
    assert tiles.url.endswith("tk=abcdef0123456789")


def test_a_folder_is_linked_from_the_page(tmp_path):
    tile = tmp_path / "tiles" / "12" / "3300" / "1600.png"
    tile.parent.mkdir(parents=True)
    tile.write_bytes(b"")
    tiles = tiles_of(str(tmp_path / "tiles"), "", tmp_path / "maps" / "a.html")
    assert tiles.url == "../tiles/{z}/{x}/{y}.png"
    assert (tiles.hosts, tiles.max_zoom) == ((), 12)


@pytest.mark.parametrize(
    ("asked", "key", "code", "says"),
    [
        ("https://webrd01.is.autonavi.com/appmaptile?x={x}", "", "tiles_shifted", "GCJ-02"),
        ("https://rt0.map.gtimg.com/tile", "", "tiles_shifted", "GCJ-02"),
        ("https://maponline0.bdimg.com/tile", "", "tiles_shifted", "BD-09"),
        ("https://tile.openstreetmap.org/{z}/{x}/{y}.png", "", "tiles_foreign", "openstreetmap"),
        ("tianditu:xyz", "", "tiles_theme", "vec"),
        ("tianditu:vec", "no key!", "tiles_key", "8"),
        ("", "abcdef0123456789", "tiles_key_alone", "Tianditu"),
        ("no/such/folder", "", "tiles_folder", "z/x/y"),
    ],
)
def test_what_is_refused(asked, key, code, says, tmp_path):
    with pytest.raises(InputError) as raised:
        tiles_of(asked, key, tmp_path / "a.html")
    assert raised.value.key == code
    assert says in raised.value.text("en")


@pytest.mark.parametrize("name", ["100%#?x", "{a}", "瓦片 目录"])
def test_names_of_folders_are_written_as_addresses(name, tmp_path):
    (tmp_path / name / "3" / "4").mkdir(parents=True)
    (tmp_path / name / "3" / "4" / "5.png").write_bytes(b"x")
    (tmp_path / name / "²" / "4").mkdir(parents=True)
    (tmp_path / name / "²" / "4" / "5.png").write_bytes(b"x")
    found = tiles_of(str(tmp_path / name), "", tmp_path / "a.html")
    assert found is not None
    assert found.url == f"{quote(name)}/{{z}}/{{x}}/{{y}}.png"
    assert found.max_zoom == 3
