"""``ecopattern check``: exit codes, what is printed, what is written, repaired copies."""

from __future__ import annotations

import csv
import json
from importlib.resources import files
from pathlib import Path

import geopandas as gpd
import jsonschema
import pytest
import shapely
from openpyxl import load_workbook

from spatial.cli.main import main
from tests.traps import shapes
from tests.traps.shapes import layer, square
from tools.golden import CHECK_GOLDEN, check_summary

SCHEMA = json.loads(files("spatial").joinpath("data", "check.schema.json").read_text(encoding="utf-8"))


CORNERS = [(0, 0), (100, 0), (100, 100), (0, 100)]


def run(capsys: pytest.CaptureFixture[str], *args: object) -> tuple[int, str, str]:
    code = main([str(arg) for arg in args])
    captured = capsys.readouterr()
    return code, captured.out, captured.err


@pytest.fixture
def good(tmp_path: Path) -> Path:
    layer([square(), square(100, 0)], name=["甲", "乙"]).to_file(tmp_path / "good.gpkg")
    return tmp_path / "good.gpkg"


@pytest.fixture
def bad(tmp_path: Path) -> Path:
    bad = [square(), *shapes.SHAPES["self_intersection"], *shapes.SHAPES["repeated_point"]]
    moved = [shapely.affinity.translate(shape, 300 * place, 0) for place, shape in enumerate(bad)]
    layer(moved, name=["甲", "乙", "=1+1"]).to_file(tmp_path / "bad.gpkg")
    return tmp_path / "bad.gpkg"


def test_exit_codes(capsys, good: Path, bad: Path, tmp_path: Path) -> None:
    (tmp_path / "empty.gpkg").write_bytes(b"")
    assert run(capsys, "check", good)[0] == 0
    assert run(capsys, "check", bad)[0] == 1
    assert run(capsys, "check", good, bad)[0] == 1
    assert run(capsys, "check", tmp_path / "gone.gpkg")[0] == 2
    assert run(capsys, "check", tmp_path / "empty.gpkg", good)[0] == 2
    assert run(capsys, "check")[0] == 2


def test_gaps_are_errors_only_where_parcels_should_tile(capsys, tmp_path: Path) -> None:
    layer(shapes.SHAPES["gap"]).to_file(tmp_path / "a.gpkg")
    assert run(capsys, "check", tmp_path / "a.gpkg")[0] == 0
    assert run(capsys, "check", tmp_path / "a.gpkg", "--tiles")[0] == 1


@pytest.mark.parametrize(
    ("lang", "words"),
    [("zh", ["自相交", "改法", "结论：1 个错误"]), ("en", ["Self-intersection", "Mend", "Verdict: 1 errors"])],
)
def test_the_table_names_fault_place_and_mend(capsys, bad: Path, lang: str, words: list[str]) -> None:
    _, out, _ = run(capsys, "check", bad, "--lang", lang)
    for word in [*words, "38410350.000, 3980050.000", "2 (乙)", "[self_intersection]"]:
        assert word in out


def test_json_fits_its_schema(capsys, bad: Path, good: Path, tmp_path: Path) -> None:
    (tmp_path / "empty.gpkg").write_bytes(b"")
    for lang in ("zh", "en"):
        _, out, _ = run(capsys, "check", bad, good, tmp_path / "empty.gpkg", "--json", "--lang", lang)
        content = json.loads(out)
        jsonschema.validate(content, SCHEMA)
        assert [len(one["findings"]) > 0 for one in content["layers"]] == [True, False, True]
        assert content["layers"][0]["codes"] == {"self_intersection": 1, "repeated_point": 1}


def test_a_repaired_copy_and_its_log(capsys, bad: Path, tmp_path: Path) -> None:
    before = bad.read_bytes()
    out = tmp_path / "fixed.gpkg"
    code, _, err = run(capsys, "check", bad, "--repair", "--out", out, "--lang", "en")
    assert code == 1
    assert "1 features mended, 1 left" in err
    assert bad.read_bytes() == before
    old, new = gpd.read_file(bad), gpd.read_file(out)
    assert new["name"].tolist() == ["甲", "乙", "=1+1"]
    same = [shapely.to_wkb(one) == shapely.to_wkb(other) for one, other in zip(old.geometry, new.geometry, strict=True)]
    assert same == [True, True, False]
    text = (tmp_path / "fixed.repair-log.csv").read_bytes()
    assert text.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(text.decode("utf-8-sig").splitlines()))
    assert [row["Outcome"] for row in rows] == ["left", "mended"]
    assert float(rows[0]["Area by outlines"]) == pytest.approx(5000, rel=1e-3)
    assert float(rows[1]["Change"]) == 0.0
    assert json.loads(run(capsys, "check", out, "--json")[1])["layers"][0]["codes"] == {"self_intersection": 1}


def test_a_layer_without_a_plane_is_repaired_too(capsys, tmp_path: Path) -> None:
    layer(shapes.SHAPES["repeated_point"], None).to_parquet(tmp_path / "a.parquet")
    code, _, err = run(
        capsys, "check", tmp_path / "a.parquet", "--repair", "--out", tmp_path / "b.gpkg", "--lang", "en"
    )
    assert code == 1
    assert "1 features mended" in err
    assert gpd.read_file(tmp_path / "b.gpkg").crs is None
    log = (tmp_path / "b.repair-log.csv").read_text(encoding="utf-8-sig")
    assert "own unit" in log


def test_refused_parcels_keep_their_rows(capsys, tmp_path: Path) -> None:
    lines = ["[地块坐标]", "2,1.0,B1,甲,面,,,,@", "J1,1,3980000,38410000", "J2,1,3980100,38410000"]
    lines += ["4,1.0,G1,乙,面,,,,@", *(f"J{n},1,{3980000 + y},{38410000 + x}" for n, (x, y) in enumerate(CORNERS))]
    (tmp_path / "a.txt").write_text("\n".join(lines), encoding="gb18030")
    code, _, _ = run(capsys, "check", tmp_path / "a.txt", "--repair", "--out", tmp_path / "b.gpkg", "--lang", "en")
    assert code == 1
    fixed = gpd.read_file(tmp_path / "b.gpkg")
    assert fixed["DKBH"].tolist() == ["B1", "G1"]
    assert fixed.geometry.isna().tolist() == [True, False]
    assert "on reading" in (tmp_path / "b.repair-log.csv").read_text(encoding="utf-8-sig")


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["--repair"], "needs --out"),
        (["--repair", "--out", "{bad}"], "must not replace"),
        (["{good}", "--repair", "--out", "new.gpkg"], "exactly one input"),
        (["--out", "new.gpkg"], "goes with --repair"),
        (["--repair", "--out", "new.dwg"], "cannot be written"),
    ],
)
def test_wrong_usage_is_one_sentence_and_writes_nothing(
    capsys, bad: Path, good: Path, tmp_path: Path, args: list[str], said: str, monkeypatch
) -> None:
    monkeypatch.chdir(tmp_path)
    before = sorted(tmp_path.iterdir())
    filled = [arg.format(bad=bad, good=good) for arg in args]
    code, _, err = run(capsys, "check", bad, *filled, "--lang", "en")
    assert code == 2
    assert said in err
    assert sorted(tmp_path.iterdir()) == before


def test_the_folder_for_people(capsys, bad: Path, tmp_path: Path) -> None:
    out = tmp_path / "report"
    run(capsys, "check", bad, "--report", out, "--lang", "zh")
    assert sorted(path.name for path in out.iterdir()) == ["findings.json", "findings.xlsx", "map.html"]
    jsonschema.validate(json.loads((out / "findings.json").read_text(encoding="utf-8")), SCHEMA)
    sheet = load_workbook(out / "findings.xlsx").active
    rows = list(sheet.iter_rows(values_only=True))
    assert rows[0][:3] == ("级别", "代码", "问题")
    assert [row[1] for row in rows[1:]] == ["self_intersection", "repeated_point"]
    assert rows[1][5:7] == pytest.approx((38410350.0, 3980050.0))
    assert all(not str(cell).startswith("=") for row in rows for cell in row)
    first = {path.name: path.read_bytes() for path in out.iterdir()}
    run(capsys, "check", bad, "--report", out, "--lang", "zh")
    assert {path.name: path.read_bytes() for path in out.iterdir()} == first


def test_a_folder_is_checked_file_by_file(capsys, bad: Path, good: Path, tmp_path: Path) -> None:
    content = json.loads(run(capsys, "check", tmp_path, "--json")[1])
    assert [Path(one["file"]).name for one in content["layers"]] == ["bad.gpkg", "good.gpkg"]
    assert (bad, good) == (tmp_path / "bad.gpkg", tmp_path / "good.gpkg")


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_help_has_examples(capsys, lang: str) -> None:
    code, out, _ = run(capsys, "check", "--help", "--lang", lang)
    assert code == 0
    assert "ecopattern check" in out
    assert any("\u4e00" <= sign <= "\u9fff" for sign in out) is (lang == "zh")


def test_the_golden_report(tmp_path: Path) -> None:
    """Regenerate with `python -m tools.golden` and look at the difference."""
    assert check_summary(tmp_path) == json.loads(CHECK_GOLDEN.read_text(encoding="utf-8"))


def test_a_workspace_is_checked_with_its_roles(capsys, tmp_path: Path) -> None:
    from tests import small

    folder = small.workspace(tmp_path / "ws", {"ECO_RED": {"红线": small.at(0, 0, 500, 500)}})
    # Townships leave a slit between them, and nobody said which is which.
    towns = {"": small.at(0, 0, 5000, 5000), "乙": small.at(5000.2, 0, 4000, 5000)}
    small.write(folder / "township.parquet", towns)
    entry = '[[layer]]\nid = "township"\nrole = "TOWNSHIP"\npath = "township.parquet"\nedition = "2024"\n'
    (folder / "catalog.toml").write_text(
        (folder / "catalog.toml").read_text(encoding="utf-8") + "\n" + entry, encoding="utf-8"
    )
    code, out, _ = run(capsys, "check", "-w", folder, "--json")
    found = {Path(layer["file"]).stem: layer["codes"] for layer in json.loads(out)["layers"]}
    assert code == 1
    assert set(found) == {"district", "eco_red", "township"}
    assert {"narrow_gap", "field_empty"} <= set(found["township"])
    assert "field_missing" in found["eco_red"]


def test_the_workspaces_outline_says_where_a_file_should_lie(capsys, tmp_path: Path) -> None:
    from tests import small

    folder = small.workspace(tmp_path / "ws", {})
    frame = gpd.GeoDataFrame(geometry=[small.at(0, 0, 100, 100)], crs=small.CRS)
    frame.set_crs("EPSG:4527", allow_override=True).translate(1e6).to_file(tmp_path / "a.gpkg", engine="pyogrio")
    code, out, _ = run(capsys, "check", tmp_path / "a.gpkg", "-w", folder, "--json")
    assert code == 1
    assert "place_missed" in json.loads(out)["layers"][0]["codes"]
    code, out, _ = run(capsys, "check", tmp_path / "a.gpkg", "--json")
    assert code == 0


def test_nothing_to_check_is_said(capsys) -> None:
    code, _, err = run(capsys, "check", "--lang", "en")
    assert code == 2
    assert "nothing to check was named" in err


def test_a_folder_says_what_nobody_looked_at(capsys, tmp_path: Path) -> None:
    layer(shapes.SHAPES["repeated_point"]).to_file(tmp_path / "a.shp", engine="pyogrio")
    (tmp_path / "b.dwg").write_bytes(b"AC1032")
    (tmp_path / "c.csv").write_text(
        "点号,X,Y\nJ1,3980000,38410000\nJ2,3980100,38410000\nJ3,3980100,38410100\n", encoding="utf-8"
    )
    _, out, err = run(capsys, "check", tmp_path, "--json", "--lang", "en")
    assert [Path(one["file"]).name for one in json.loads(out)["layers"]] == ["a.shp", "c.csv"]
    assert "Not checked, files of other formats: 1 (b.dwg)" in err
    code, _, err = run(capsys, "area", tmp_path, "--lang", "en")
    assert (code, "this is a folder" in err) == (2, True)


@pytest.mark.parametrize("suffix", ["txt", "csv", "xlsx", "dxf", "kml", "geojson"])
def test_a_copy_without_a_system_is_not_written_where_the_format_needs_one(capsys, tmp_path: Path, suffix: str) -> None:
    layer(shapes.SHAPES["repeated_point"], None).to_parquet(tmp_path / "a.parquet")
    out = tmp_path / f"b.{suffix}"
    code, _, err = run(capsys, "check", tmp_path / "a.parquet", "--repair", "--out", out, "--lang", "en")
    assert code == 2
    assert "state it with --crs" in err
    assert [path.name for path in tmp_path.iterdir()] == ["a.parquet"]


def test_parcels_that_could_not_be_formed_are_left_and_logged(capsys, tmp_path: Path) -> None:
    ring = "\n".join(f"J{n},{{0}},{3980000 + x},{38410000 + y}" for n, x, y in ((1, 0, 0), (2, 9, 0), (3, 9, 9)))
    crossing = "\n".join(f"J{n},2,{3980000 + x},{38410000 + y}" for n, x, y in ((1, 4, 0), (2, 4, 9), (3, 0, 9)))
    text = f"6,,A,甲,面,,,,@\n{ring.format(1)}\n{crossing}\n3,,B,乙,面,,,,@\n{ring.format(1)}\n"
    (tmp_path / "a.txt").write_text(text, encoding="utf-8")
    out = tmp_path / "b.gpkg"
    _, _, err = run(capsys, "check", tmp_path / "a.txt", "--repair", "--out", out, "--lang", "en")
    assert "1 features mended, 1 left" in err
    rows = list(csv.DictReader((tmp_path / "b.repair-log.csv").read_text(encoding="utf-8-sig").splitlines()))
    assert {(row["Feature"], row["Outcome"]) for row in rows} == {("B", "on reading"), ("A", "left")}
