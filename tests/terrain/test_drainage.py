"""`ecopattern flow`: by hand on a valley, properties on noise, pyflwdir's orders and areas, and what is refused."""

from __future__ import annotations

import json
from pathlib import Path

import geopandas as gpd
import numpy as np
import pyflwdir
import pytest
import rasterio
import shapely
from affine import Affine
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import CRS

from spatial.areas import official_area_m2
from spatial.cli.main import main
from spatial.grid import Grid, cell_areas_m2
from spatial.terrain import drainage
from spatial.terrain.drainage import run_flow
from spatial.terrain.flow import accumulated, route
from spatial.terrain.streams import stream_lines
from tests import small

CELL_M = 100.0


def grid_of(shape: tuple[int, int]) -> Grid:
    return Grid(CRS(small.CRS), Affine(CELL_M, 0, small.EAST, 0, -CELL_M, small.NORTH + shape[0] * CELL_M), shape)


def raster(path: Path, heights: np.ndarray, **more: object) -> Path:
    grid = grid_of(heights.shape)
    known = {"crs": small.CRS, "transform": grid.transform, "dtype": "float32", "nodata": float("nan")} | more
    rows, columns = heights.shape
    with rasterio.open(path, "w", driver="GTiff", height=rows, width=columns, count=1, **known) as file:
        file.write(heights.astype(np.float32), 1)
    return path


def valley(rows: int = 9) -> np.ndarray:
    """A valley along the middle column of seven that falls southwards, its slopes straight down to it."""
    row, column = np.mgrid[:rows, :7]
    return 100.0 * np.abs(column - 3) + 10.0 * (rows - row)


def noise(seed: int, rows: int = 40, columns: int = 37) -> np.ndarray:
    rng = np.random.default_rng(seed)
    row, column = np.mgrid[:rows, :columns]
    heights = 3.0 * row + 20 * np.sin(row / 5) * np.cos(column / 4) + rng.normal(0, 5, (rows, columns))
    heights[:4, :9] = np.nan
    return heights


def test_a_valley_by_hand(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    dem = raster(tmp_path / "dem.tif", valley())
    out = tmp_path / "out"
    points = small.write(tmp_path / "p.gpkg", {"桥": small.point(380, 230)})
    args = ["flow", str(dem), "--stream", "0.2", "--outlets", str(points), "--by", "name", "--out", str(out), "--json"]
    assert main(["--lang", "en", *args]) == 0
    captured = capsys.readouterr()
    told = json.loads(captured.out)
    # Ten in a hundred downstream never beat a hundred in a hundred down the side: each row of seven cells of a hectare
    # comes straight to its middle, and seven rows lie above the point.
    assert told["filled_m3"] == 0
    (basin,) = told["watersheds"]
    assert basin["own_km2"] == pytest.approx(0.49, rel=1e-3)
    # The point lies 30 m east and 20 m south of the middle of the cell in row 6 from the top (from 0).
    assert basin["moved_m"] == pytest.approx(np.hypot(30, 20), abs=1e-6)
    assert f"moved {np.hypot(30, 20):.1f} m" in captured.err
    assert basin["own_km2"] == pytest.approx(basin["drains_km2"], rel=1e-12)
    drawn = gpd.read_file(out / "flow.gpkg", layer="watersheds")
    area = float(official_area_m2(np.asarray(drawn.geometry, dtype=object), CRS(small.CRS))[0])
    assert area / 1e6 == pytest.approx(basin["own_km2"], rel=1e-8)
    lines = gpd.read_file(out / "flow.gpkg", layer="streams")
    assert len(lines) == 1
    assert lines.length.sum() == pytest.approx(lines["length_m"].sum(), rel=1e-9)
    assert set(shapely.get_coordinates(lines.geometry)[:, 0]) == {small.EAST + 350}
    with rasterio.open(out / "direction.tif") as file:
        directions = file.read(1)
    # South is 4, east 1, west 16; the lowest cell leaves the grid.
    assert (directions[1:-1, 3] == 4).all()
    assert directions[-1].tolist() == [1, 1, 1, 0, 16, 16, 16]
    # From the third row, the first with 0.2 km2, to the last.
    assert lines["length_m"].sum() == pytest.approx(600)
    with rasterio.open(out / "accumulation_km2.tif") as file:
        drained, unit = file.read(1), file.units[0]
    assert unit == "km2"
    assert drained.max() == pytest.approx(told["most_drained_km2"], rel=1e-6)


def test_hollows_are_counted_in_cubic_metres(tmp_path: Path) -> None:
    heights = np.full((7, 7), 10.0)
    heights[3, 3] = 4.0
    found = run_flow((raster(tmp_path / "dem.tif", heights), None), stream_km2=99.0)
    cell_m2 = float(cell_areas_m2(found.dem.grid)[3, 3])
    assert found.filled_m3 == pytest.approx(6 * cell_m2, rel=1e-9)
    assert found.filled_km2 == pytest.approx(cell_m2 / 1e6, rel=1e-9)
    assert found.whole_km2 == pytest.approx(cell_areas_m2(found.dem.grid).sum() / 1e6)
    assert len(found.streams) == 0


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from([0.02, 0.05, 0.2]))
def test_reaches_hold_every_stream_cell_once(seed: int, least_km2: float) -> None:
    heights = noise(seed)
    grid = grid_of(heights.shape)
    flow = route(heights, np.full(heights.shape[0], CELL_M), CELL_M)
    drained = accumulated(flow, np.full(heights.shape, 0.01))
    lines = stream_lines(flow, drained, least_km2, grid)
    streams = drained >= least_km2
    diagonal = np.isin(flow.direction, [1, 3, 5, 7])
    whole_m = np.where(flow.direction == 8, 0.0, np.where(diagonal, np.sqrt(2), 1.0) * CELL_M)[streams].sum()
    assert lines["length_m"].sum() == pytest.approx(whole_m, rel=1e-9)
    assert lines.length.sum() == pytest.approx(whole_m, rel=1e-9)
    by_reach = lines.set_index("reach")
    into = lines[lines["flows_to"] > 0].groupby("flows_to")
    # The order of each reach from those that flow into it, one cell wide reaches without a line left out of both.
    for reach, above in into:
        top = above["strahler"].max()
        assert by_reach.loc[reach, "strahler"] == top + ((above["strahler"] == top).sum() > 1)
        assert by_reach.loc[reach, "drains_km2"] >= above["drains_km2"].sum() - 1e-9
    assert (by_reach.loc[~by_reach.index.isin(into.groups), "strahler"] == 1).all()
    assert (lines["from_m"] >= lines["to_m"]).all()


def test_orders_and_areas_are_those_of_pyflwdir(tmp_path: Path) -> None:
    path = raster(tmp_path / "dem.tif", noise(5, 120, 110))
    found = run_flow((path, None), stream_km2=0.3)
    other = pyflwdir.from_array(found.flow.esri, ftype="d8", transform=found.dem.grid.transform, latlon=False)
    cells = other.upstream_area("cell")
    known = np.isfinite(found.flow.filled)
    mean_km2 = found.drained_km2[known] / cells[known]
    assert mean_km2 == pytest.approx(0.01, rel=1e-3)
    orders = other.stream_order(type="strahler", mask=found.drained_km2 >= 0.3)
    for line, order in zip(found.streams.geometry, found.streams["strahler"], strict=True):
        x, y = shapely.get_coordinates(line)[0]
        column, row = ~found.dem.grid.transform @ (x, y)
        assert orders[int(row), int(column)] == order
    assert found.streams["strahler"].max() >= 3


def test_watersheds_upstream_are_their_own_and_cut_ones_are_told(tmp_path: Path) -> None:
    path = raster(tmp_path / "dem.tif", valley(30))
    points = small.write(tmp_path / "p.gpkg", {"up": small.point(350, 2050), "down": small.point(350, 850)})
    found = run_flow((path, None), stream_km2=0.1, outlets=drainage.Outlets(points, None, "name", 50.0))
    by_name = found.watersheds.set_index("name")
    assert by_name.loc["down", "drains_km2"] == pytest.approx(by_name["own_km2"].sum(), rel=1e-9)
    assert by_name.loc["up", "own_km2"] == pytest.approx(by_name.loc["up", "drains_km2"], rel=1e-12)
    (cut,) = found.findings
    assert cut.code == "flow_cut"
    # A bowl whose rim is known all around is not cut.
    row, column = np.mgrid[:21, :21]
    bowl = 1000.0 - np.hypot(row - 10, column - 10) * 10
    cone = raster(tmp_path / "cone.tif", np.where(np.hypot(row - 10, column - 10) < 8, 1200 - bowl, bowl))
    one = small.write(tmp_path / "one.gpkg", {"a": small.point(1050, 1050)})
    inner = run_flow((cone, None), stream_km2=0.05, outlets=drainage.Outlets(one, None, "name", 900.0))
    assert inner.watersheds["own_km2"][0] > 0


def test_shared_water_is_all_there(tmp_path: Path) -> None:
    path = raster(tmp_path / "dem.tif", noise(3))
    d8, shared = (run_flow((path, None), sharing=sharing, stream_km2=0.3) for sharing in ("d8", "shared"))
    leaving = d8.flow.direction == 8
    assert d8.drained_km2[leaving].sum() == pytest.approx(d8.whole_km2, rel=1e-9)
    assert shared.drained_km2[leaving].sum() == pytest.approx(d8.whole_km2, rel=1e-9)
    # Streams are by D8 whatever was asked for.
    assert shared.streams.equals(d8.streams)
    assert not np.allclose(shared.drained_km2, d8.drained_km2, equal_nan=True)


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (["--stream", "0"], "above 0 km2"),
        (["--stream", "nan"], "above 0 km2"),
        (["--outlets", "{far}", "--snap", "50"], "from the nearest stream"),
        (["--outlets", "{off}"], "outside the heights"),
        (["--outlets", "{field}"], "single points"),
        (["--outlets", "{twice}"], "one cell"),
        (["--outlets", "{far}", "--stream", "99"], "no cell drains"),
        (["--outlets", "{far}", "--by", "nothing"], '"nothing"'),
        (["--outlets", "{far}", "--snap", "-1"], "--snap"),
        (["--by", "name"], "--outlets only"),
        (["--date", "2026-11-21"], "--date"),
        (["-w", "sample:shangdang"], "dem.tif"),
    ],
)
def test_bad_input_is_said_in_a_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], more: list[str], said: str
) -> None:
    places = {
        "far": small.write(tmp_path / "far.gpkg", {"a": small.point(550, 450)}),
        "off": small.write(tmp_path / "off.gpkg", {"a": small.point(-50, 450)}),
        "field": small.write(tmp_path / "field.gpkg", {"a": small.at(0, 0, 100, 100)}),
        "twice": small.write(tmp_path / "twice.gpkg", {"a": small.point(350, 350), "b": small.point(351, 352)}),
    }
    dem = raster(tmp_path / "dem.tif", valley())
    given_more = [one.format(**places) for one in more]
    stream = [] if "--stream" in more else ["--stream", "0.1"]
    code = main(["--lang", "en", "flow", str(dem), *stream, *given_more, "--out", str(tmp_path / "out")])
    captured = capsys.readouterr()
    assert code == 2
    assert said in captured.err
    assert "unexpected" not in captured.err
    assert not (tmp_path / "out").exists()


def test_memory_is_asked_before_heights_are_read(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "huge.tif"
    # A file of holes: 10,000 million cells that take no room on disk.
    rows = columns = 100_000
    known = {"crs": small.CRS, "transform": Affine(1, 0, small.EAST, 0, -1, small.NORTH), "dtype": "uint8"}
    with rasterio.open(
        path,
        "w",
        driver="GTiff",
        height=rows,
        width=columns,
        count=1,
        tiled=True,
        sparse_ok=True,
        bigtiff=True,
        **known,
    ):
        pass
    monkeypatch.setattr(drainage, "steps_of", lambda _: pytest.fail("read before asked"))
    assert main(["--lang", "en", "flow", str(path)]) == 2
    assert "MiB" in capsys.readouterr().err


def test_the_sample_in_both_languages(capsys: pytest.CaptureFixture[str]) -> None:
    for lang, word in (("zh", "示意"), ("en", "llustrative")):
        assert main(["--lang", lang, "flow", "-w", "sample:shangdang", "--accumulation", "shared"]) == 0
        assert word in capsys.readouterr().out
