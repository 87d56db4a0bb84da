"""The command, run in this process: exit codes, streams, languages, bad input."""

from __future__ import annotations

import json
from pathlib import Path

import geopandas as gpd
import pytest
import shapely

from spatial.cli.main import main
from tests.small import CRS, EAST, NORTH, at, workspace, write

DAY = ["--date", "2026-11-21"]


@pytest.fixture
def place(tmp_path: Path) -> Path:
    zones = {"PBF": {"田": at(0, 0, 100, 100)}, "UDB_OUT": {"外": at(0, 0, 9000, 9000)}}
    return workspace(tmp_path / "ws", zones)


@pytest.fixture
def site(tmp_path: Path) -> Path:
    return write(tmp_path / "site.geojson", {"厂": at(50, 50, 100, 100)}, nature=["WWTP"])


def run(capsys: pytest.CaptureFixture[str], *args: object) -> tuple[int, str, str]:
    code = main([str(arg) for arg in args])
    captured = capsys.readouterr()
    return code, captured.out, captured.err


def test_screen_says_the_verdict_and_exits_1(capsys, place: Path, site: Path) -> None:
    code, out, err = run(capsys, "screen", site, "-w", place, *DAY, "--lang", "zh")
    assert code == 1
    assert "[× 禁止" in out
    assert "永久基本农田" in out
    assert "不是法律意见" in out
    assert err.count("\n") == 1
    assert "RECEPTOR" in err


def test_screen_without_prohibition_exits_0(capsys, place: Path, tmp_path: Path) -> None:
    path = write(tmp_path / "b.gpkg", {"站": at(5000, 5000, 10, 10)}, nature=["MON"])
    code, out, _ = run(capsys, "screen", path, "-w", place, *DAY, "--lang", "en")
    assert code == 0
    assert "undeterminable" in out
    assert "not a legal opinion" in out


def test_json_is_for_machines(capsys, place: Path, site: Path) -> None:
    code, out, _ = run(capsys, "screen", site, "-w", place, *DAY, "--json", "--lang", "en")
    content = json.loads(out)
    assert code == 1
    assert content["schema"] == "ecopattern.screening/1"
    (found,) = content["projects"]
    assert found["verdict"] == "X"
    assert found["zones"][0]["gross_share_pct"] == pytest.approx(25, abs=1e-3)


def test_globals_may_stand_anywhere(capsys, place: Path, site: Path) -> None:
    for args in (
        ["--lang", "zh", "screen", site],
        ["screen", "--lang=zh", site],
        ["--quiet", "screen", site, "--lang", "zh"],
    ):
        assert "禁止" in run(capsys, *args, "-w", place, *DAY)[1]


def test_a_warning_goes_to_stderr_unless_quiet(capsys, place: Path, tmp_path: Path) -> None:
    path = write(tmp_path / "b.gpkg", {"站": at(0, 0, 10, 10)})
    assert "OTHER" in run(capsys, "screen", path, "-w", place, *DAY, "--lang", "en")[2]
    assert run(capsys, "screen", path, "-w", place, *DAY, "--quiet")[2] == ""


def test_no_workspace_is_never_the_sample(capsys, site: Path, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    code, out, err = run(capsys, "screen", site, "--lang", "en")
    assert (code, out) == (2, "")
    assert "sample:shangdang" in err


def test_the_current_folder_may_be_the_workspace(capsys, place: Path, site: Path, monkeypatch) -> None:
    monkeypatch.chdir(place)
    assert run(capsys, "screen", site, *DAY)[0] == 1


BOW_TIE = shapely.Polygon([(EAST, NORTH), (EAST + 10, NORTH + 10), (EAST + 10, NORTH), (EAST, NORTH + 10)])
BAD = {
    "outside": (at(20_000, 0, 10, 10), CRS, "lies wholly outside"),
    "bow-tie": (BOW_TIE, CRS, "Self-intersection"),
    "null": (None, CRS, "no geometry"),
    "empty": (shapely.Polygon(), CRS, "no geometry"),
    "no-crs": (shapely.box(1000, 2000, 1100, 2100), None, "no coordinate system"),
    "datum": (at(0, 0, 1, 1), "EPSG:2362", "official parameters"),
    "swapped": (shapely.box(NORTH, EAST, NORTH + 1, EAST + 1), CRS, "axes are swapped"),
    "degrees": (shapely.box(113, 36, 113.1, 36.1), CRS, "look like degrees"),
    "metres": (at(0, 0, 1, 1), "EPSG:4490", "look like metres"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_input_is_one_sentence_and_no_output(capsys, place: Path, tmp_path: Path, case: str) -> None:
    shape, crs, said = BAD[case]
    frame = gpd.GeoDataFrame(
        {"name": ["甲", "乙"], "nature": ["WWTP", "WWTP"]},
        geometry=[at(0, 0, 1, 1) if case in {"null", "empty", "bow-tie"} else shape, shape],
        crs=crs,
    )
    frame.to_parquet(tmp_path / "bad.parquet")
    out_folder = tmp_path / "out"
    code, out, err = run(capsys, "screen", tmp_path / "bad.parquet", "-w", place, "--out", out_folder, "--lang", "en")
    assert (code, out) == (2, "")
    assert said in err
    assert "bad.parquet" in err
    assert err.count("\n") == 1
    assert not out_folder.exists()


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["screen", "gone.gpkg", "-w", "{place}"], "does not exist"),
        (["screen", "{site}", "-w", "{place}", "--nature", "WWTTP"], "is not a nature of project"),
        (["screen", "{site}", "-w", "{place}", "--date", "today"], "not a date"),
        (["screen", "{site}", "-w", "sample:nowhere"], "no such sample"),
        (["screen", "{site}", "-w", "gone"], "not a workspace"),
        (["--lang", "fr", "rules", "check"], "no such language"),
        (["area", "{site}", "--control", "many"], "not an area"),
        (["area", "{site}", "--by", "village"], "no field"),
        (["rules", "list", "--zone", "WS3"], "nearest known code"),
        (["rules", "try", "gone.csv"], "does not exist"),
        (["init", "{place}"], "not overwritten"),
        (["init", "new", "--from", "gone"], "does not exist"),
    ],
)
def test_bad_usage_exits_2_with_a_sentence(
    capsys, place: Path, site: Path, args: list[str], said: str, tmp_path, monkeypatch
) -> None:
    monkeypatch.chdir(tmp_path)
    filled = [arg.format(place=place, site=site) for arg in args]
    code, out, err = run(capsys, *filled, *([] if "--lang" in args else ["--lang", "en"]))
    assert (code, out) == (2, "")
    assert said in err


def test_usage_errors_of_the_parser_exit_2(capsys) -> None:
    assert run(capsys, "screen")[0] == 2
    assert run(capsys, "fly")[0] == 2
    assert run(capsys, "screen", "--colour")[0] == 2


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize(
    "command", [[], ["demo"], ["init"], ["convert"], ["area"], ["rules"], ["rules", "try"], ["screen"]]
)
def test_every_command_has_help_in_both_languages(capsys, lang: str, command: list[str]) -> None:
    code, out, _ = run(capsys, *command, "--help", "--lang", lang)
    assert code == 0
    assert any("\u4e00" <= sign <= "\u9fff" for sign in out) is (lang == "zh")


def test_version(capsys) -> None:
    assert run(capsys, "--version")[1].startswith("ecopattern 0.")


def test_area_table_and_json(capsys, site: Path) -> None:
    code, out, _ = run(capsys, "area", site, "--unit", "mu", "--lang", "zh")
    assert code == 0
    assert "椭球面积" in out
    content = json.loads(run(capsys, "area", site, "--json")[1])
    assert content["rows"][0]["official_area_m2"] == pytest.approx(9998, abs=1)


def test_area_adjusted_to_a_control(capsys, tmp_path: Path) -> None:
    path = write(tmp_path / "a.gpkg", {"a": at(0, 0, 100, 100), "b": at(100, 0, 100, 100)})
    total = sum(row["official_area_m2"] for row in json.loads(run(capsys, "area", path, "--json")[1])["rows"])
    out = run(capsys, "area", path, "--control", f"{total:.2f}", "--json")[1]
    assert sum(float(row["adjusted_area"]) for row in json.loads(out)["rows"]) == pytest.approx(round(total, 2))


def test_rules_check_list_and_try(capsys, tmp_path: Path) -> None:
    assert "no gap" in run(capsys, "rules", "check", "--lang", "en")[1]
    listed = run(capsys, "rules", "list", "--zone", "WS2", "--nature", "WWTP", *DAY)[1]
    assert "第320、318条" in listed
    assert run(capsys, "rules", "try")[0] == 0
    register = tmp_path / "cases.csv"
    register.write_text(
        "case,date,nature,status,discharging,area_ha,slope_deg,zones,expected,expected_documents,note\n"
        "A,2026-11-21,WWTP,,,,,WS2,P,,\n",
        encoding="utf-8",
    )
    code, out, _ = run(capsys, "rules", "try", register, "--lang", "en")
    assert code == 1
    assert "DIFFERS" in out


def test_init_guesses_and_says_so(capsys, tmp_path: Path) -> None:
    layers = tmp_path / "layers"
    layers.mkdir()
    write(layers / "XZQ.gpkg", {"区": at(0, 0, 10_000, 10_000)})
    write(layers / "YJJBNT_2024.gpkg", {"田": at(0, 0, 100, 100)})
    write(layers / "untitled.gpkg", {"?": at(0, 0, 100, 100)})
    code, out, _ = run(capsys, "init", tmp_path / "new", "--from", layers, "--lang", "en")
    assert code == 0
    assert "PBF" in out
    assert "not recognised" in out
    text = (tmp_path / "new" / "catalog.toml").read_text(encoding="utf-8")
    assert 'analysis_crs = "EPSG:4526"' in text
    assert "untitled.gpkg" in text
    site = write(tmp_path / "s.gpkg", {"厂": at(50, 50, 100, 100)}, nature=["WWTP"])
    assert run(capsys, "screen", site, "-w", tmp_path / "new", *DAY)[0] == 1


def test_init_takes_boundary_points_for_no_land_cover_and_a_stray_layer_for_itself(capsys, tmp_path: Path) -> None:
    layers = tmp_path / "layers"
    layers.mkdir()
    points = "\n".join(f"J{n},1,{3980000 + x},{38410000 + y}" for n, x, y in ((1, 0, 0), (2, 9, 0), (3, 9, 9)))
    # Every boundary-point file has the column DLBM, which elsewhere means land cover.
    (layers / "地块.txt").write_text(f"3,,A,甲,面,,,0809,@\n{points}\n", encoding="utf-8")
    gpd.GeoDataFrame(geometry=[at(0, 0, 9, 9)], crs=6933).to_file(layers / "stray.gpkg")
    code, out, _ = run(capsys, "init", tmp_path / "new", "--from", layers, "--lang", "en")
    assert code == 0
    assert "LANDCOVER" not in (tmp_path / "new" / "catalog.toml").read_text(encoding="utf-8")
    assert "outside China" in out


def test_an_empty_workspace_can_be_made(capsys, tmp_path: Path) -> None:
    assert run(capsys, "init", tmp_path / "new")[0] == 0
    assert (tmp_path / "new" / "catalog.toml").is_file()


def test_convert_there_and_back(capsys, tmp_path: Path, site: Path) -> None:
    code, out, _ = run(capsys, "convert", site, tmp_path / "a.txt", "--to-crs", "EPSG:4547", "--lang", "en")
    assert code == 0
    assert "EPSG:4547" in out
    code, out, err = run(capsys, "convert", tmp_path / "a.txt", tmp_path / "b.gpkg", "--lang", "en")
    assert code == 0
    assert "zone 38" in err
    areas = [
        json.loads(run(capsys, "area", path, "--json")[1])["rows"][0]["official_area_m2"]
        for path in (site, tmp_path / "b.gpkg")
    ]
    assert areas[0] == pytest.approx(areas[1], abs=0.2)
    assert run(capsys, "convert", site, tmp_path / "a.dwg")[0] == 2


def test_boundary_points_are_screened_directly(capsys, place: Path, tmp_path: Path, site: Path) -> None:
    run(capsys, "convert", site, tmp_path / "a.txt", "--to-crs", CRS)
    assert run(capsys, "screen", tmp_path / "a.txt", "-w", place, *DAY, "--nature", "WWTP")[0] == 1


def test_convert_says_what_a_format_cannot_hold(capsys, tmp_path: Path, site: Path) -> None:
    code, out, err = run(capsys, "convert", site, tmp_path / "a.dxf", "--to-crs", CRS, "--lang", "en")
    assert code == 0
    assert "1 features" in out
    assert "a drawing holds no coordinate system" in err
    code, _, err = run(capsys, "convert", tmp_path / "a.dxf", tmp_path / "b.csv", "--crs", CRS, "--lang", "en")
    assert code == 0
    assert "a table of points holds no coordinate system" in err
    code, out, err = run(capsys, "area", tmp_path / "b.csv", "--json", "--lang", "en")
    assert code == 0
    assert "rows form 1 parcels by their parcel number" in err
    areas = [json.loads(text)["rows"][0]["official_area_m2"] for text in (out, run(capsys, "area", site, "--json")[1])]
    assert areas[0] == pytest.approx(areas[1], rel=1e-5)
    assert run(capsys, "convert", site, tmp_path / "a.xls", "--lang", "en")[0] == 2


def test_drawings_and_tables_are_screened_directly(capsys, place: Path, tmp_path: Path, site: Path) -> None:
    for name in ("a.dxf", "a.csv", "a.xlsx", "a.kmz", "a.zip"):
        assert run(capsys, "convert", site, tmp_path / name, "--to-crs", CRS)[0] == 0
        stated = ["--crs", CRS] if name == "a.dxf" else []
        assert run(capsys, "screen", tmp_path / name, "-w", place, *DAY, "--nature", "WWTP", *stated)[0] == 1, name
