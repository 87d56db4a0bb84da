"""A prepared layer gives the answer that the layer itself gives, to the last byte, whatever happens to it."""

from __future__ import annotations

import datetime as dt
import json
import os
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path
from unittest.mock import patch

import geopandas as gpd
import numpy as np
import pyproj
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from spatial import settings as settings_module
from spatial.catalog import Workspace, load_workspace
from spatial.cli.main import main
from spatial.cli.places import sample_folder
from spatial.equal_area import to_equal_area
from spatial.errors import InputError
from spatial.io.caches import writable
from spatial.prepared import preparation as module
from spatial.prepared.preparation import FOLDER, Preparation
from spatial.prepared.sources import Sources
from spatial.prepared.store import ENTRY, GIANTS, PIECES, Features, Near, read_features, write_features
from spatial.screening.contacts import FEW_SITES
from spatial.screening.run import run_screening
from spatial.screening.to_json import to_json
from spatial.workspaces import guess_layers
from tests.small import CRS, EAST, NORTH, at, point, workspace, write

TODAY = dt.date(2026, 11, 21)
#: Small enough that a few zones are several row groups, and an outline of 60 corners a giant in many pieces.
SMALL = {
    "prepared_source_mib": 0.0,
    "prepared_giant_vertices": 50,
    "prepared_piece_vertices": 20,
    "prepared_group_vertices": 60,
}


@pytest.fixture(autouse=True, scope="module")
def small_sizes() -> Iterator[None]:
    table = settings_module._table()
    before = {name: table[name]["value"] for name in SMALL}
    for name, value in SMALL.items():
        table[name]["value"] = value
    yield
    for name, value in before.items():
        table[name]["value"] = value


def ring(x: float, y: float, radius: float, corners: int = 60) -> shapely.Polygon:
    angle = np.linspace(0, 2 * np.pi, corners, endpoint=False)
    reach = radius * (1 + 0.2 * np.sin(7 * angle))
    return shapely.Polygon(np.column_stack([EAST + x + reach * np.cos(angle), NORTH + y + reach * np.sin(angle)]))


def zones() -> dict[str, shapely.Geometry | None]:
    """Holes, several parts, giants, nothing at all, a bow-tie of less than 1 m2 beside a square, one name twice."""
    giant = ring(5000, 5000, 3000, 400)
    bow = [(0, 0), (50, 0), (50, 50), (20, 50), (20.5, 50.5), (20, 50.5), (20.5, 50), (0, 50)]
    return {
        "湖": giant.difference(ring(5000, 5000, 1000, 200)),
        "两片": shapely.MultiPolygon([at(100, 100, 200, 200), at(500, 100, 200, 200)]),
        "无": None,
        "环": at(1000, 100, 300, 300).difference(at(1100, 200, 100, 100)),
        "错": shapely.Polygon([(EAST + 2000 + x, NORTH + 200 + y) for x, y in bow]),
        "远": ring(8500, 8500, 500),
        **{f"田{place}": at(200 + place % 20 * 400, 9000 + place // 20 * 100, 50, 50) for place in range(100)},
    }


def synthetic(folder: Path, suffix: str = ".gpkg") -> Path:
    """A workspace whose layer of red lines has every kind of feature, and receptors."""
    root = workspace(folder, {"PBF": {"田": at(0, 0, 1000, 1000)}})
    shapes = zones()
    names = ["同名" if name.startswith("田1") else name for name in shapes]
    frame = gpd.GeoDataFrame(
        {"name": names, "HXLX": ["错类"] * 3 + ["水源涵养"] * (len(shapes) - 3)},
        geometry=list(shapes.values()),
        crs=CRS,
    )
    frame.to_file(root / f"red{suffix}", engine="pyogrio", **({"encoding": "GBK"} if suffix == ".shp" else {}))
    kinds: list[object] = ["school" if place % 2 else None for place in range(80)]
    write(root / "receptor.gpkg", {f"校{place}": point(place * 120, 4000) for place in range(80)}, kind=kinds)
    add(root, "red", "ECO_RED", f"red{suffix}")
    add(root, "receptor", "RECEPTOR", "receptor.gpkg")
    return root


def add(root: Path, layer_id: str, role: str, path: str) -> None:
    text = (root / "catalog.toml").read_text(encoding="utf-8")
    text += f'\n[[layer]]\nid = "{layer_id}"\nrole = "{role}"\npath = "{path}"\nedition = "2024"\n'
    (root / "catalog.toml").write_text(text, encoding="utf-8")


def projects(path: Path, **shapes: shapely.Geometry) -> Path:
    return write(path, dict(shapes), nature=["WWTP"] * len(shapes))


#: In a giant, across its border, in its hole, beside zones at 0 m, 12 m and 31 m, across two parts, a line, a point.
CASES = {
    "inside": at(7500, 5000, 60, 60),
    "border": at(7950, 4900, 900, 400),
    "hole": at(4990, 4990, 20, 20),
    "touches": at(300, 100, 40, 40),
    "near": at(312, 150, 30, 30),
    "missed": at(331.5, 150, 30, 30),
    "parts": at(250, 150, 300, 20),
    "mended": at(2010, 240, 20, 20),
    "line": shapely.LineString([(EAST + 50, NORTH + 150), (EAST + 6000, NORTH + 6000)]),
    "point": point(1050, 150),
    "corner": at(9990, 9990, 5, 5),
}


def plain(paths: list[Path], place: Workspace) -> object:
    return answer(paths, place, None)


def prepared(paths: list[Path], place: Workspace, *, whole: bool = False) -> object:
    return answer(paths, place, Preparation(place.root, Sources(place, TODAY), whole=whole))


def answer(paths: list[Path], place: Workspace, preparation: Preparation | None) -> object:
    """All that any output says: the result itself with its geometries, and its JSON in both languages."""
    result, loaded = run_screening(paths, place, TODAY, preparation=preparation)
    texts = [json.dumps(to_json(result, lang), ensure_ascii=False) for lang in ("zh", "en")]
    evidence = [
        None if shape is None else shape.wkb
        for found in result.projects
        for row in found.rows
        for shape in (row.evidence, row.net_evidence)
    ]
    return result, texts, evidence, loaded.findings, [layer.use for layer in loaded.layers]


def prepared_only(paths: list[Path], place: Workspace) -> object:
    """As ``prepared``; fails where a layer but the outline is read whole."""
    with patch.object(module, "load_layer", side_effect=AssertionError("read whole")):
        return prepared(paths, place)


def entries(root: Path) -> list[Path]:
    return sorted(path for path in (root / FOLDER).iterdir() if path.is_dir())


@pytest.mark.parametrize(("suffix", "encoding"), [(".gpkg", set()), (".shp", {"encoding_gb18030"})])
def test_all_projects_get_the_same_answer(tmp_path, suffix, encoding):
    place = load_workspace(synthetic(tmp_path / "ws", suffix))
    path = projects(tmp_path / "all.gpkg", **CASES)
    expected = plain([path], place)
    found = {finding.code for finding in expected[3]}
    assert found >= {"geometry_mended", "features_without_geometry", "field_value_unknown"} | encoding
    assert prepared([path], place) == expected
    assert prepared_only([path], place) == expected


def test_each_project_gets_the_same_answer(tmp_path):
    place = load_workspace(synthetic(tmp_path / "ws"))
    prepared([projects(tmp_path / "all.gpkg", **CASES)], place)
    for name, shape in CASES.items():
        path = projects(tmp_path / f"{name}.gpkg", **{name: shape})
        assert prepared_only([path], place) == plain([path], place), name


def test_the_sample_gets_the_same_answer(tmp_path):
    root = tmp_path / "ws"
    shutil.copytree(sample_folder("shangdang"), root, ignore=shutil.ignore_patterns("*.tif"))
    catalog = (root / "catalog.toml").read_text(encoding="utf-8")
    kept = [block for block in catalog.split("[[layer]]") if ".tif" not in block]
    (root / "catalog.toml").write_text("[[layer]]".join(kept), encoding="utf-8")
    place = load_workspace(root)
    path = tmp_path / "some.gpkg"
    gpd.read_file(root / "projects.gpkg").iloc[::10].to_file(path)
    expected = plain([path], place)
    assert prepared([path], place) == expected
    assert prepared_only([path], place) == expected


def test_many_places_get_the_same_answer(tmp_path):
    place = load_workspace(synthetic(tmp_path / "ws"))
    random = np.random.default_rng(1)
    corner = random.uniform(50, 9000, (FEW_SITES + 20, 2))
    path = projects(tmp_path / "p.gpkg", **{f"p{n}": at(x, y, 90, 70) for n, (x, y) in enumerate(corner.tolist())})
    expected = plain([path], place)
    assert prepared([path], place) == expected
    assert prepared_only([path], place) == expected


def test_a_project_outside_is_refused_alike(tmp_path):
    place = load_workspace(synthetic(tmp_path / "ws"))
    path = projects(tmp_path / "p.gpkg", p=at(20_000, 0, 10, 10))
    prepared([projects(tmp_path / "q.gpkg", q=CASES["near"])], place)
    with pytest.raises(InputError) as first:
        plain([path], place)
    with pytest.raises(InputError) as second:
        prepared([path], place)
    assert str(first.value) == str(second.value)


@settings(max_examples=10)
@given(data=st.data())
def test_any_zones_and_projects_get_the_same_answer(tmp_path_factory, data):
    number = st.floats(100, 9000, allow_subnormal=False)
    shape = st.builds(ring, number, number, st.floats(5, 3000), st.integers(3, 120)) | st.builds(
        at, number, number, st.floats(1, 900), st.floats(1, 900)
    )
    drawn = data.draw(st.lists(shape, min_size=1, max_size=8))
    sites = data.draw(
        st.lists(st.builds(at, number, number, st.floats(1, 900), st.floats(1, 900)), min_size=1, max_size=3)
    )
    folder = tmp_path_factory.mktemp("any")
    root = workspace(folder / "ws", {"ECO_RED": {f"z{n}": one for n, one in enumerate(drawn)}})
    place = load_workspace(root)
    path = projects(folder / "p.gpkg", **{f"p{n}": one for n, one in enumerate(sites)})
    expected = plain([path], place)
    assert prepared([path], place) == expected
    assert prepared_only([path], place) == expected


@pytest.fixture
def ready(tmp_path) -> tuple[Workspace, Path, object]:
    """A workspace prepared once, a project and its answer."""
    place = load_workspace(synthetic(tmp_path / "ws"))
    path = projects(tmp_path / "p.gpkg", p=CASES["border"])
    return place, path, prepared([path], place)


def test_layers_of_one_role_know_whether_they_overlap(ready, tmp_path):
    place, path, _ = ready
    for name, shape in (("more", at(100, 100, 500, 500)), ("less", at(9500, 100, 100, 100))):
        root = tmp_path / name
        shutil.copytree(place.root, root, ignore=shutil.ignore_patterns(FOLDER))
        write(root / "more.gpkg", {"又": shape}, HXLX=[None])
        add(root, "more", "ECO_RED", "more.gpkg")
        twice = load_workspace(root)
        expected = plain([path], twice)
        found = {finding.code for finding in expected[3]}
        assert ("role_editions_overlap" in found) == (name == "more")
        assert prepared([path], twice) == expected
        assert prepared_only([path], twice) == expected


def test_a_source_that_changed_is_prepared_anew(ready):
    place, path, before = ready
    kept = entries(place.root)
    frame = gpd.read_file(place.root / "red.gpkg")
    when = (place.root / "red.gpkg").stat()
    frame[frame["name"] != "湖"].to_file(place.root / "red.gpkg")
    os.utime(place.root / "red.gpkg", ns=(when.st_atime_ns, when.st_mtime_ns))
    after = prepared([path], place)
    assert after == plain([path], place)
    assert after[1] != before[1]
    assert len(entries(place.root)) == len(kept)
    assert entries(place.root) != kept


def test_a_catalogue_that_changed_is_prepared_anew(ready):
    place, path, _ = ready
    text = (place.root / "catalog.toml").read_text(encoding="utf-8")
    changed = text.replace('id = "red"', 'id = "red"\nfields = {name = "HXLX"}')
    (place.root / "catalog.toml").write_text(changed, encoding="utf-8")
    place = load_workspace(place.root)
    assert prepared([path], place) == plain([path], place)
    assert prepared_only([path], place) == plain([path], place)


def _truncated(file: Path) -> None:
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])


def _empty(file: Path) -> None:
    file.write_bytes(b"")


def _foreign(file: Path) -> None:
    gpd.GeoDataFrame({"place": [0]}, geometry=[point(0, 0)], crs=CRS).to_parquet(file)


def _gone(file: Path) -> None:
    file.unlink()


@pytest.mark.parametrize("spoil", [_truncated, _empty, _foreign, _gone])
def test_spoilt_files_are_made_again(ready, spoil):
    place, path, expected = ready
    for name in (ENTRY, PIECES, GIANTS, "remarks"):
        files = [file for entry in entries(place.root) for file in entry.glob(f"{name}*")]
        assert files
        for file in files:
            spoil(file)
        assert prepared([path], place) == expected, name
        assert prepared_only([path], place) == expected, name


def test_no_flipped_byte_is_believed(ready):
    """The answer stays, whether the byte is read or not."""
    place, path, expected = ready
    files = [file for entry in entries(place.root) if "eco_red" in entry.name for file in entry.iterdir()]
    random = np.random.default_rng(2)
    for file in sorted(files):
        raw = file.read_bytes()
        # The end of a table says where all is.
        for spot in {*random.integers(0, len(raw), 1).tolist(), len(raw) - 6, len(raw) - 40}:
            file.parent.mkdir(exist_ok=True)
            file.write_bytes(raw[:spot] + bytes([raw[spot] ^ 0x55]) + raw[spot + 1 :])
            assert prepared([path], place) == expected, (file.name, spot)


def test_a_stranger_in_place_of_the_folder_is_replaced(ready):
    place, path, expected = ready
    for entry in entries(place.root):
        shutil.rmtree(entry)
        entry.write_text("not a folder", encoding="utf-8")
    assert prepared([path], place) == expected
    assert prepared_only([path], place) == expected


def test_a_workspace_that_cannot_be_written_uses_the_cache_of_the_user(tmp_path, monkeypatch):
    place = load_workspace(synthetic(tmp_path / "ws"))
    path = projects(tmp_path / "p.gpkg", p=CASES["border"])
    monkeypatch.setattr(module, "writable", lambda folder: place.root not in folder.parents and writable(folder))
    monkeypatch.setattr(module, "home_cache", lambda: tmp_path / "cache")
    expected = plain([path], place)
    assert prepared([path], place) == expected
    assert not (place.root / FOLDER).exists()
    assert list((tmp_path / "cache" / "ecopattern").glob("*/eco_red-*"))
    assert prepared_only([path], place) == expected


def test_nowhere_to_write_is_no_fault(tmp_path, monkeypatch):
    place = load_workspace(synthetic(tmp_path / "ws"))
    path = projects(tmp_path / "p.gpkg", p=CASES["border"])
    monkeypatch.setattr(module, "writable", lambda _: False)
    monkeypatch.setattr(module, "home_cache", lambda: tmp_path / "cache")
    assert prepared([path], place) == plain([path], place)
    assert not (tmp_path / "cache").exists()


def test_a_full_disk_is_no_fault_and_leaves_nothing(tmp_path):
    place = load_workspace(synthetic(tmp_path / "ws"))
    path = projects(tmp_path / "p.gpkg", p=CASES["border"])
    with patch.object(module, "write_features", side_effect=OSError(28, "No space left on device")):
        assert prepared([path], place) == plain([path], place)
    assert entries(place.root) == []


def test_two_at_once_do_not_hurt_each_other(tmp_path):
    place = load_workspace(synthetic(tmp_path / "ws"))
    path = projects(tmp_path / "p.gpkg", p=CASES["border"])
    gate = threading.Barrier(2, timeout=60)
    write_features = module.write_features

    def together(*given):
        gate.wait()
        return write_features(*given)

    found: list[object] = []
    threads = [threading.Thread(target=lambda: found.append(prepared([path], place))) for _ in range(2)]
    with patch.object(module, "write_features", together):
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert found == [plain([path], place)] * 2
    assert not list((place.root / FOLDER).glob(".unfinished-*"))
    assert prepared_only([path], place) == found[0]


def test_paths_spelled_otherwise_name_the_files_as_given(ready, monkeypatch):
    place, path, expected = ready
    monkeypatch.chdir(place.root.parent)
    near = load_workspace(Path(place.root.name))
    kept = entries(place.root)
    first = prepared([path], near)
    assert first == plain([path], near)
    assert first[3] != expected[3]
    assert entries(place.root) == kept
    assert prepared_only([path], near) == first
    assert prepared_only([path], place) == expected


def test_what_a_database_keeps_beside_itself_counts(ready):
    """Somebody who has it open leaves an empty log; what is written there is not in its own file yet."""
    place, path, expected = ready
    log = Path(f"{place.root / 'red.gpkg'}-wal")
    log.write_bytes(b"")
    assert prepared_only([path], place) == expected
    log.write_bytes(b"written, not yet in the file")
    with pytest.raises(AssertionError, match="read whole"):
        prepared_only([path], place)
    assert prepared([path], place)[1] == expected[1]


def test_small_layers_are_left_alone(tmp_path):
    place = load_workspace(synthetic(tmp_path / "ws"))
    table = settings_module._table()
    with patch.dict(table["prepared_source_mib"], value=16):
        prepared([projects(tmp_path / "p.gpkg", p=CASES["border"])], place)
    assert not (place.root / FOLDER).exists()


def test_a_layer_that_misses_the_district_is_never_prepared(tmp_path):
    root = workspace(tmp_path / "ws", {"ECO_RED": {"远": at(10_400, 0, 100, 100)}})
    place = load_workspace(root)
    path = projects(tmp_path / "p.gpkg", p=at(100, 100, 50, 50))
    for _ in range(2):
        with pytest.raises(InputError) as error:
            prepared([path], place)
        assert error.value.key == "zones_outside"
    assert not (root / FOLDER).exists()


def test_a_giant_is_read_only_where_it_comes_near(tmp_path):
    """In its hole and by the box around it nothing of it is near; of many projects only the box is asked."""
    giant = zones()["湖"]
    geometry = np.array([giant, at(100, 100, 50, 50), at(5000, 5000, 10, 10)], dtype=object)
    texts = {"name": ["湖", "西", "中"]}
    sums = write_features(tmp_path, Features(np.arange(3), geometry, texts), pyproj.CRS(CRS))
    hole = np.array([at(4990, 4990, 20, 20).bounds])
    few, many = (read_features(tmp_path, sums, Near(hole, exactly=exactly)) for exactly in (True, False))
    assert few.texts == {"name": ["中"]}
    assert many.texts == {"name": ["湖", "中"]}
    assert many.places.tolist() == [0, 2]
    assert many.geometry[0].wkb == giant.wkb
    assert {place: shape.wkb for place, shape in many.equal_area.items()} == {
        0: to_equal_area([giant], pyproj.CRS(CRS))[0].wkb
    }


def test_maps_get_all_features(ready):
    place, path, _ = ready
    whole = Preparation(place.root, Sources(place, TODAY), whole=True)
    with patch.object(module, "load_layer", side_effect=AssertionError("read whole")):
        _, loaded = run_screening([path], place, TODAY, preparation=whole)
    _, expected = run_screening([path], place, TODAY)
    for layer, other in zip(loaded.layers, expected.layers, strict=True):
        assert layer.names == other.names
        assert shapely.to_wkb(layer.geometry).tolist() == shapely.to_wkb(other.geometry).tolist()


def test_the_pieces_are_geoparquet_in_the_eyes_of_others(ready):
    """geopandas finds by the box column what lies in a window, giants in pieces."""
    place, _, _ = ready
    (entry,) = (path for path in entries(place.root) if path.name.startswith("eco_red"))
    window = at(7900, 4900, 100, 100)
    found = gpd.read_parquet(entry / PIECES, bbox=window.bounds)
    every = gpd.read_parquet(entry / PIECES)
    assert found.crs == CRS
    assert set(found["text_name"]) == {"湖"}
    assert 0 < len(found) < len(every)
    assert np.isclose(every[~every["whole"] & (every["text_name"] == "湖")].area.sum(), zones()["湖"].area, rtol=1e-9)


def test_prepared_files_are_no_layers(ready):
    place, _, _ = ready
    named = {guess.path.name for guess in guess_layers(place.root)}
    assert named == {"district.parquet", "pbf.parquet", "red.gpkg", "receptor.gpkg"}
    assert (place.root / FOLDER / ".gitignore").read_text(encoding="ascii") == "*\n"


def test_the_command_says_once_that_it_prepares(tmp_path, capsys):
    root = synthetic(tmp_path / "ws")
    path = projects(tmp_path / "p.gpkg", p=CASES["border"])
    outputs = []
    for _ in range(2):
        main(["--lang", "en", "screen", str(path), "-w", str(root), "--json", "--date", TODAY.isoformat()])
        outputs.append(capsys.readouterr())
    assert "red.gpkg is large" in outputs[0].err
    assert "is large" not in outputs[1].err
    assert outputs[0].out == outputs[1].out
