from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from spatial.catalog import load_workspace
from spatial.errors import InputError
from tests.small import at, workspace, write

TODAY = dt.date(2026, 11, 21)


def broken(folder: Path, old: str, new: str) -> Path:
    path = workspace(folder, {"PBF": {"a": at(0, 0, 1, 1)}}) / "catalog.toml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")
    return folder


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('role = "PBF"', 'role = "PBFF"', "nearest known code is PBF"),
        ("schema = 1", "schema = 2", "schema = 2 is not known"),
        ("schema = 1", "schema = ", "cannot be read"),
        ('path = "pbf.parquet"', 'path = "gone.parquet"', "gone.parquet does not exist"),
        ('path = "pbf.parquet"', "", "lacks the entry path"),
        ('edition = "2024"', 'edition = "2024"\ncolour = "red"', "colour is not known"),
        ('edition = "2024"', 'edition = "2024"\nvalid_from = "2024"', "is of the wrong type"),
        ('analysis_crs = "EPSG:4526"', 'analysis_crs = "EPSG:4490"', "is in degrees"),
        ('analysis_crs = "EPSG:4526"', 'analysis_crs = "EPSG:2362"', "neither CGCS2000 nor WGS 84"),
        ('analysis_crs = "EPSG:4526"', "", "lacks the entry analysis_crs"),
        ('edition = "2024"', 'edition = "2024"\nvalid_from = 2024-01-01T00:00:00', "is of the wrong type"),
        (
            'edition = "2024"',
            'edition = "2024"\nvalid_from = 2024-01-01\nvalid_to = 2023-01-01',
            "is not after valid_from",
        ),
        ('edition = "2024"', 'edition = "2024"\nillustrative = "false"', "is of the wrong type"),
        ('edition = "2024"', 'edition = "2024"\nfields = ["a"]', "is of the wrong type"),
        ('path = "pbf.parquet"', "path = 3", "is of the wrong type"),
        ("schema = 1", 'schema = 1\nabsent = "x"', "is of the wrong type"),
        ("schema = 1", 'schema = 1\n[[absnt]]\nrole = "WS1"', "absnt is not known"),
        ("schema = 1", 'schema = 1\n[[absent]]\nrole = "PBF"\nreason_zh = "x"', "declared absent but has a layer"),
        ('id = "pbf"', 'id = "district"', "stands twice"),
        ("[district]", "[distrikt]", "distrikt is not known"),
        ("schema = 1", 'schema = 1\n[[rules]]\nlevel = "nation"\npath = "a.csv"', "province, county or workspace"),
        ("schema = 1", 'schema = 1\n[[absent]]\nrole = "WS9"\nreason_zh = "x"', "is unknown"),
        ("schema = 1", 'schema = 1\n[[absent]]\nrole = "WS1"', "lacks the entry reason_zh"),
    ],
)
def test_faults_have_one_sentence(tmp_path: Path, old: str, new: str, said: str) -> None:
    with pytest.raises(InputError, match=said) as caught:
        load_workspace(broken(tmp_path, old, new))
    assert "\n" not in str(caught.value)


def test_a_folder_without_catalogue(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="not a workspace"):
        load_workspace(tmp_path)


def test_the_outline_must_be_named(tmp_path: Path) -> None:
    folder = broken(tmp_path, "[district]", '[district]\noutline_layer = "border"')
    with pytest.raises(InputError, match="no outline layer border"):
        load_workspace(folder).outline(TODAY)


def test_the_date_chooses_the_edition(tmp_path: Path) -> None:
    write(tmp_path / "pbf_old.parquet", {"a": at(0, 0, 2, 2)})
    extra = (
        '[[layer]]\nid = "pbf"\nrole = "PBF"\npath = "pbf_old.parquet"\nedition = "2018"\n'
        "valid_from = 2018-01-01\nvalid_to = 2022-10-01"
    )
    place = load_workspace(workspace(tmp_path, {"PBF": {"a": at(0, 0, 1, 1)}}, extra=extra))
    assert [layer.edition for layer in place.of_role("PBF", dt.date(2020, 1, 1))] == ["2018"]
    assert [layer.edition for layer in place.of_role("PBF", TODAY)] == ["2024"]
    assert place.of_role("WS1", TODAY) == []


def test_a_younger_edition_ends_an_open_one(tmp_path: Path) -> None:
    write(tmp_path / "new.parquet", {"a": at(0, 0, 2, 2)})
    extra = '[[layer]]\nid = "pbf"\nrole = "PBF"\npath = "new.parquet"\nedition = "2026"\nvalid_from = 2026-01-01'
    place = load_workspace(workspace(tmp_path, {"PBF": {"a": at(0, 0, 1, 1)}}, extra=extra))
    assert [layer.edition for layer in place.of_role("PBF", TODAY)] == ["2026"]
    assert [layer.edition for layer in place.of_role("PBF", dt.date(2025, 1, 1))] == ["2024"]


def test_rule_files_go_from_general_to_special(tmp_path: Path) -> None:
    extra = '[[rules]]\nlevel = "county"\npath = "c.csv"\n[[rules]]\nlevel = "province"\npath = "p.csv"'
    place = load_workspace(workspace(tmp_path, {}, extra=extra))
    assert [level for level, _ in place.rule_files] == ["province", "county"]


def test_chinese_quotation_marks_are_named(tmp_path: Path) -> None:
    (tmp_path / "catalog.toml").write_text("schema = 1\n[district]\nname_zh = “上党区”\n", encoding="utf-8")
    with pytest.raises(InputError, match="line 3 has Chinese quotation marks"):
        load_workspace(tmp_path)
