"""What the command says of coordinate systems, and that every output of offset data is labelled."""

from __future__ import annotations

import json
from pathlib import Path

import docx
import geopandas as gpd
import openpyxl
import pytest
import shapely
from pyproj import CRS

from spatial.cli.main import main
from spatial.equal_area import reproject
from spatial.offsets import to_gcj02
from tests.small import at, workspace
from tests.test_datum_shifts import SECRETS, SEVEN
from tests.traps import planes

LABEL = "not for boundary points"


def run(capsys: pytest.CaptureFixture[str], *args: object) -> tuple[int, str, str]:
    code = main([str(arg) for arg in args])
    captured = capsys.readouterr()
    return code, captured.out, captured.err


@pytest.fixture(scope="module")
def traps(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    return planes.write(tmp_path_factory.mktemp("traps"))


@pytest.mark.parametrize("command", ["area", "convert"])
def test_the_district_decides_what_an_unlabelled_plane_is(capsys, traps, tmp_path: Path, command: str) -> None:
    target = [tmp_path / "out.gpkg"] if command == "convert" else []
    code, _, err = run(capsys, command, traps["unlabelled_plain"], *target, "--lang", "en")
    assert (code, "EPSG:4534" in err, "--district" in err) == (2, True, True)
    options = ["--district", traps["district"], "--lang", "en"]
    code, _, err = run(capsys, command, traps["unlabelled_plain"], *target, *options)
    assert code == 0
    assert "taken as EPSG:4547" in err


def test_offset_data_are_refused_with_the_offset(capsys, traps, tmp_path: Path) -> None:
    for command, target in (("area", []), ("convert", [tmp_path / "out.gpkg"])):
        options = ["--district", traps["district"], "--lang", "en"]
        code, out, err = run(capsys, command, traps["gcj02"], *target, *options)
        assert (code, out) == (2, "")
        assert "this is the GCJ-02 offset" in err
    assert list(tmp_path.iterdir()) == []


def test_area_and_convert_label_what_was_moved_back(capsys, traps, tmp_path: Path) -> None:
    options = ["--district", traps["district"], "--unshift", "gcj02", "--quiet", "--lang", "en"]
    code, out, _ = run(capsys, "area", traps["gcj02"], *options)
    assert (code, LABEL in out) == (0, True)
    code, out, _ = run(capsys, "area", traps["gcj02"], *options, "--json")
    assert [found["code"] for found in json.loads(out)["findings"]] == ["unshifted"]
    for name in ("a.gpkg", "a.shp", "a.geojson", "a.parquet"):
        code, _, _ = run(capsys, "convert", traps["gcj02"], tmp_path / name, *options, "--to-crs", "EPSG:4490")
        assert code == 0
        file = tmp_path / name
        frame = gpd.read_parquet(file) if file.suffix == ".parquet" else gpd.read_file(file)
        assert frame["unshift"].tolist() == ["GCJ-02 moved back, approximate, 1-2 m"]
    code, _, err = run(capsys, "convert", traps["gcj02"], tmp_path / "a.txt", *options, "--to-crs", "EPSG:4526")
    assert (code, "not written as boundary points" in err) == (2, True)


def offset_project(folder: Path) -> Path:
    """A project of the small workspace, in GCJ-02 degrees."""
    shape = shapely.transform(
        reproject([at(5000, 5000, 100, 100)], CRS(4526), CRS(4490))[0],
        lambda c: shapely.get_coordinates(shapely.points(*to_gcj02(c[:, 0], c[:, 1]))),
    )
    path = folder / "p.geojson"
    gpd.GeoDataFrame({"name": ["厂"], "nature": ["WWTP"]}, geometry=[shape], crs=4326).to_file(path)
    return path


def test_every_output_of_a_screening_is_labelled(capsys, tmp_path: Path) -> None:
    place = workspace(tmp_path / "ws", {"PBF": {"田": at(0, 0, 9000, 9000)}})
    options = ["-w", place, "--unshift", "gcj02", "--lang", "en"]
    code, out, err = run(capsys, "screen", offset_project(tmp_path), *options, "--out", tmp_path / "out")
    assert code in {0, 1}
    assert LABEL in out
    assert "unofficial formula" in err
    folder = tmp_path / "out"
    book = openpyxl.load_workbook(folder / "screening.xlsx")
    assert all(any(LABEL in str(cell.value) for row in sheet.iter_rows(max_row=3) for cell in row) for sheet in book)
    assert LABEL in "\n".join(paragraph.text for paragraph in docx.Document(folder / "screening.docx").paragraphs)
    assert LABEL in (folder / "map.html").read_text(encoding="utf-8")
    content = json.loads((folder / "screening.json").read_text(encoding="utf-8"))
    assert "unshifted" in {found["code"] for found in content["findings"]}
    assert gpd.read_file(folder / "evidence.gpkg", layer="gross")["notice"].str.contains(LABEL).all()


def test_a_workspace_layer_in_gcj02_is_refused(capsys, tmp_path: Path) -> None:
    place = workspace(tmp_path / "ws", {"UDB_OUT": {"外": at(0, 0, 10_000, 10_000)}})
    layer = gpd.read_parquet(place / "udb_out.parquet")
    shape = reproject([layer.geometry[0].segmentize(200)], CRS(4526), CRS(4490))[0]
    moved = shapely.transform(shape, lambda c: shapely.get_coordinates(shapely.points(*to_gcj02(c[:, 0], c[:, 1]))))
    gpd.GeoDataFrame({"name": ["外"]}, geometry=[moved], crs=4490).to_parquet(place / "udb_out.parquet")
    project = tmp_path / "p.parquet"
    frame = gpd.GeoDataFrame({"name": ["厂"], "nature": ["WWTP"]}, geometry=[at(10, 10, 50, 50)], crs=4526)
    frame.to_parquet(project)
    code, out, err = run(capsys, "screen", project, "-w", place, "--lang", "en")
    assert (code, out) == (2, "")
    assert "udb_out.parquet" in err
    assert "this is the GCJ-02 offset" in err


def test_init_takes_unlabelled_layers_by_the_outline(capsys, tmp_path: Path) -> None:
    folder = tmp_path / "layers"
    folder.mkdir()
    district = reproject([at(0, 0, 10_000, 10_000)], CRS(4526), CRS(4547))
    gpd.GeoDataFrame({"name": ["区"]}, geometry=[at(0, 0, 10_000, 10_000)], crs=4526).to_parquet(
        folder / "district.parquet"
    )
    gpd.GeoDataFrame({"name": ["田"]}, geometry=district).to_parquet(folder / "pbf.parquet")
    code, out, _ = run(capsys, "init", tmp_path / "ws", "--from", folder, "--lang", "en")
    assert code == 0
    assert "taken as EPSG:4547" in out
    assert "EPSG:4547" in (tmp_path / "ws" / "catalog.toml").read_text(encoding="utf-8")


def test_parameters_are_used_and_never_shown(capsys, tmp_path: Path) -> None:
    path = tmp_path / "seven.toml"
    path.write_text(SEVEN.format(convention="position_vector"), encoding="utf-8")
    place = workspace(tmp_path / "ws", {"PBF": {"田": at(0, 0, 9000, 9000)}})
    project = tmp_path / "p.parquet"
    frame = gpd.GeoDataFrame({"name": ["厂"], "nature": ["WWTP"]}, geometry=[at(5000, 5000, 100, 100)], crs=2362)
    frame.to_parquet(project)
    code, out, err = run(capsys, "screen", project, "-w", place, "--lang", "en")
    assert (code, "official parameters" in err) == (2, True)
    options = ["-w", place, "--parameters", path, "--lang", "en", "--out", tmp_path / "out"]
    code, out, err = run(capsys, "screen", project, *options)
    assert code in {0, 1}
    assert "with the parameters the user supplied" in err
    written = out + err
    for file in (tmp_path / "out").rglob("*"):
        written += file.read_bytes().decode("utf-8", errors="ignore") if file.is_file() else ""
    assert not [secret for secret in SECRETS if secret in written]
