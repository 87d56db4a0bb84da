"""Repair: certain faults go, everything else stays to the last bit, and a second repair finds nothing."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from pyproj import CRS
from shapely import MultiPolygon, Point, Polygon

from spatial.check.codes import codes
from spatial.check.layer import check_layer
from spatial.check.repair import repair
from tests.traps import shapes
from tests.traps.shapes import at, layer, square

PLANE = CRS(shapes.CRS)
REPAIRABLE = {key for key, code in codes().items() if code.repairable}


def found(frame: gpd.GeoDataFrame) -> list[str]:
    names = [str(row + 1) for row in range(len(frame))]
    return [finding.code for finding in check_layer(frame, "a", names, crs=PLANE)]


def rough(number: int) -> Polygon:
    """A star-shaped outline with some of the faults that data have, chosen by number."""
    chance = np.random.default_rng(number)
    count = int(chance.integers(4, 12))
    turn = np.sort(chance.uniform(0, 2 * np.pi, count))
    reach = chance.uniform(30, 120, count)
    points = np.round(np.column_stack([reach * np.cos(turn), reach * np.sin(turn)]), 3).tolist()
    for fault in chance.choice(["repeat", "spike", "straight", "swap", "loop", "near", "none"], chance.integers(1, 4)):
        place = int(chance.integers(0, len(points)))
        x, y = points[place]
        if fault == "repeat":
            points[place:place] = [[x, y]] * int(chance.integers(1, 3))
        elif fault == "spike":
            points[place + 1 : place + 1] = [[x + 40, y + 0.001], [x, y + 0.003]]
        elif fault == "straight":
            points[place + 1 : place + 1] = [[x + 25, y - 10], [x, y]]
        elif fault == "swap":
            points[place], points[place - 1] = points[place - 1], points[place]
        elif fault == "loop":
            points[place + 1 : place + 1] = [[x + 0.3, y + 0.2], [x - 0.2, y + 0.3], [x + 0.2, y - 0.1]]
        elif fault == "near":
            points[place + 1 : place + 1] = [[x + 0.004, y]]
    holes = [[(0, 0), (5, 0), (5, 0), (0, 5)]] if chance.random() < 0.3 else []
    holes += [[(1, -9), (4, -9), (9, -9)]] if chance.random() < 0.2 else []
    return Polygon(points, holes)


@given(st.lists(st.integers(0, 10_000), min_size=1, max_size=4))
def test_repair_is_idempotent_and_leaves_nothing_repairable(numbers: list[int]) -> None:
    frame = layer([shapely.transform(rough(n), lambda xy, n=n: xy + np.array([300.0 * (n % 50), 0])) for n in numbers])
    once, log = repair(frame, crs=PLANE)
    twice, _ = repair(once, crs=PLANE)
    assert shapely.to_wkb(twice.geometry.array).tolist() == shapely.to_wkb(once.geometry.array).tolist()
    assert not REPAIRABLE & set(found(once))
    touched = {entry.row for entry in log if entry.steps}
    left = {entry.row for entry in log if entry.left}
    for row in range(len(frame)):
        same = shapely.to_wkb(frame.geometry[row]) == shapely.to_wkb(once.geometry[row])
        assert same == (row not in touched)
        assert shapely.is_valid(once.geometry[row]) == (row not in left) or "zero_area_feature" in found(once)


@given(st.integers(0, 10_000))
def test_what_is_mended_keeps_its_area(number: int) -> None:
    frame = layer([rough(number)])
    _, log = repair(frame, crs=PLANE)
    for entry in log:
        if entry.readings is not None and not entry.left:
            assert entry.readings.agree


@pytest.mark.parametrize("code", sorted(REPAIRABLE & set(shapes.SHAPES)))
def test_each_repairable_sample_is_mended(code: str) -> None:
    frame = layer([*shapes.SHAPES[code], square(5000, 5000)])
    assert code in found(frame)
    fixed, log = repair(frame, crs=PLANE)
    assert code not in found(fixed)
    assert code in log[0].steps
    assert abs(log[0].change) <= 1.0
    assert shapely.to_wkb(fixed.geometry.iloc[-1]) == shapely.to_wkb(frame.geometry.iloc[-1])
    assert fixed.geometry.is_valid.all()


@pytest.mark.parametrize("code", sorted(set(shapes.SHAPES) - REPAIRABLE))
def test_everything_else_is_left_as_it_is(code: str) -> None:
    frame = layer(shapes.SHAPES[code])
    fixed, log = repair(frame, crs=PLANE)
    assert shapely.to_wkb(fixed.geometry.array).tolist() == shapely.to_wkb(frame.geometry.array).tolist()
    assert not any(entry.steps for entry in log)


def test_a_bow_tie_is_left_with_both_readings() -> None:
    """Two triangles of 50 x 100 / 2 each side: 5000 m2 in all, and nothing as a signed sum."""
    _, (entry,) = repair(layer(shapes.SHAPES["self_intersection"]), crs=None)
    assert entry.left.startswith("Self-intersection")
    assert entry.readings is not None
    assert (entry.readings.stored, entry.readings.outlines, entry.readings.alternating) == pytest.approx(
        (0.0, 5000.0, 5000.0), abs=1e-6
    )
    assert entry.change == 0.0


def test_a_spike_is_cut_at_its_tip() -> None:
    fixed, (entry,) = repair(layer(shapes.SHAPES["spike"]), crs=None)
    assert "spike" in entry.steps
    # The triangle (100, 50), (150, 50.002), (100, 50.004): 50 x 0.004 / 2.
    assert entry.change == pytest.approx(-0.1, abs=1e-6)
    assert shapely.get_num_coordinates(fixed.geometry[0]) == 7


def test_heights_survive_a_repair() -> None:
    shape = Polygon([(0, 0, 1), (100, 0, 2), (100, 0, 2), (100, 100, 3)])
    fixed, _ = repair(layer([shape]), crs=PLANE)
    assert shapely.get_coordinates(fixed.geometry[0], include_z=True)[:, 2].tolist() == [1, 2, 3, 1]


def test_rows_columns_and_index_stay() -> None:
    frame = gpd.GeoDataFrame(
        {"name": ["a", "b", "c"]},
        geometry=[None, at(shapes.SHAPES["repeated_point"][0]), at(Point(0, 0))],
        crs=PLANE,
        index=[7, 3, 5],
    )
    fixed, log = repair(frame, crs=PLANE)
    assert fixed.index.tolist() == [7, 3, 5]
    assert fixed["name"].tolist() == ["a", "b", "c"]
    assert fixed.crs == frame.crs
    assert [entry.row for entry in log] == [1]
    assert shapely.get_num_coordinates(frame.geometry[3]) == 6


def test_a_part_without_area_goes_and_the_kind_stays() -> None:
    fixed, _ = repair(layer(shapes.SHAPES["zero_area_ring"]), crs=PLANE)
    assert isinstance(fixed.geometry[0], MultiPolygon)
    assert fixed.geometry[0].area == pytest.approx(10_000)


def test_degrees_are_repaired_by_metres() -> None:
    """A step of 1e-7 degrees is a centimetre: an edge, not a repeat."""
    shape: Any = Polygon([(113, 36), (113.01, 36), (113.0100001, 36), (113.01, 36.01), (113.01, 36.01)])
    fixed, (entry,) = repair(gpd.GeoDataFrame(geometry=[shape], crs=4490), crs=CRS(4490))
    assert entry.steps == ("repeated_point",)
    assert shapely.get_num_coordinates(fixed.geometry[0]) == 5
