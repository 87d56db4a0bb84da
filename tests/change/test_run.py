"""The command change on a small workspace with two editions of a redline."""

from __future__ import annotations

import json
import re
from pathlib import Path

import geopandas as gpd
import pytest
from openpyxl import load_workbook

from spatial.catalog import load_workspace
from spatial.change.run import run_change
from spatial.cli.main import main
from spatial.errors import InputError
from tests import small


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    extra = '[[layer]]\nid = "old"\nrole = "ECO_RED"\npath = "old.parquet"\nedition = "2018"\nvalid_from = 2018-01-01\nvalid_to = 2024-01-01'
    made = small.workspace(tmp_path / "ws", {"ECO_RED": {"甲": small.at(1000, 1000, 2000, 1000)}}, extra=extra)
    small.write(made / "old.parquet", {"甲": small.at(0, 1000, 2000, 1000.4)}, type=["水源涵养"])
    text = (
        (made / "catalog.toml")
        .read_text(encoding="utf-8")
        .replace(
            'path = "eco_red.parquet"\nedition = "2024"',
            'path = "eco_red.parquet"\nedition = "2024"\nvalid_from = 2024-01-01',
        )
    )
    (made / "catalog.toml").write_text(text, encoding="utf-8")
    return made


def test_the_older_edition_comes_first(folder: Path) -> None:
    result = run_change(load_workspace(folder), "ECO_RED", ("", ""), 1.0)
    totals = result.change.totals().set_index("kind")
    assert (result.old[0].edition, result.new[0].edition) == ("2018", "2024")
    for kind in ("kept", "added", "removed"):
        assert totals.loc[kind, "area_m2"] == pytest.approx(1e6, rel=2e-3)
    # The strip of 0.4 m along the north is redrawing; the one that was removed hangs on it.
    assert totals.loc["removed", "sliver_m2"] == 0.0
    backwards = run_change(load_workspace(folder), "ECO_RED", ("2024", "2018"), 1.0)
    assert backwards.change.old_m2 == pytest.approx(result.change.new_m2)


@pytest.mark.parametrize(
    ("role", "editions", "said"),
    [
        ("ECO_RED", ("2018", "2030"), 'no edition "2030"'),
        ("DISTRICT", ("", ""), "say with --from and --to"),
        ("ECORED", ("", ""), "ECO_RED"),
        ("ECO_RED", ("2018", ""), "say with --from and --to"),
        ("ECO_RED", ("2018", "2018"), "say with --from and --to"),
        ("WS1", ("", ""), "no layer of WS1"),
    ],
)
def test_what_cannot_be_compared_is_said(folder: Path, role: str, editions: tuple[str, str], said: str) -> None:
    with pytest.raises(InputError, match=said):
        run_change(load_workspace(folder), role, editions, 1.0)


def test_workbook_geopackage_map_and_json(folder: Path, tmp_path: Path, capsys) -> None:
    out = tmp_path / "out"
    args = ["change", "eco_red", "-w", str(folder), "--from", "2018", "--to", "2024", "--out", str(out), "--json"]
    assert main(args) == 0
    printed = json.loads(capsys.readouterr().out)
    assert json.loads((out / "change.json").read_text(encoding="utf-8")) == printed
    assert load_workbook(out / "change.xlsx").sheetnames[:2] == ["总体", "按分区"]
    parts = gpd.read_file(out / "change.gpkg", engine="pyogrio")
    assert sorted(parts["kind"]) == ["added", "kept", "removed"]
    page = (out / "map.html").read_text(encoding="utf-8")
    assert not re.search(r'(src|href)="https?:', page)
    assert "由版本 2018 到版本 2024" in page
    first = {file.name: file.read_bytes() for file in out.iterdir()}
    assert main(args) == 0
    capsys.readouterr()
    assert all((out / name).read_bytes() == first[name] for name in ("change.xlsx", "change.json", "map.html"))


def test_tables_are_printed_in_both_languages(folder: Path, capsys) -> None:
    for lang, said in (("zh", "新增"), ("en", "added")):
        assert main(["change", "ECO_RED", "-w", str(folder), "--lang", lang]) == 0
        assert said in capsys.readouterr().out


def test_without_dates_nothing_says_which_edition_is_the_older_one(folder: Path) -> None:
    catalog = folder / "catalog.toml"
    text = re.sub(r"\nvalid_(from|to) = .*", "", catalog.read_text(encoding="utf-8"))
    catalog.write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match="say with --from and --to"):
        run_change(load_workspace(folder), "ECO_RED", ("", ""), 1.0)
    assert run_change(load_workspace(folder), "ECO_RED", ("2018", "2024"), 1.0).old[0].edition == "2018"


@pytest.mark.parametrize("width", ["nan", "inf", "-1"])
def test_a_width_that_is_none_is_refused(folder: Path, width: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["change", "ECO_RED", "-w", str(folder), "--width", width, "--lang", "en"]) == 2
    assert f"--width {width} cannot be used" in capsys.readouterr().err


def test_features_that_overlap_where_the_other_edition_has_nothing_are_refused(folder: Path) -> None:
    shapes = {"一": small.at(5000, 5000, 1000, 1000), "二": small.at(5500, 5000, 1000, 1000)}
    small.write(folder / "old.parquet", dict(shapes), type=["水源涵养", "水源涵养"])
    with pytest.raises(InputError, match="probably overlap each other"):
        run_change(load_workspace(folder), "ECO_RED", ("", ""), 1.0)
