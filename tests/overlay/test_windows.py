from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from shapely.geometry import box

from spatial.overlay import robust, windows
from tests.overlay.shapes import scene, seeds


def giant(rng):
    angle = np.linspace(0, 2 * np.pi, 3001)[:-1]
    reach = 1000 + 80 * np.sin(30 * angle + rng.uniform(0, 6)) + 10 * np.sin(700 * angle)
    outer = shapely.Polygon(np.column_stack([reach * np.cos(angle), reach * np.sin(angle)]))
    return outer.difference(shapely.Point(0, 0).buffer(400, quad_segs=200))


@settings(max_examples=20, deadline=None)
@given(seeds)
def test_fragments_equal_the_whole_within_their_members_boxes(seed):
    rng = np.random.default_rng(seed)
    large = giant(rng)
    west_south = rng.uniform(-1300, 1200, (40, 2))
    boxes = np.hstack([west_south, west_south + rng.uniform(0, 120, (40, 2))])
    parts = list(windows.fragments(large, boxes, 200))
    members = np.concatenate([part.members for part in parts])
    assert np.unique(members).size == members.size, "each row comes at most once"
    meets = shapely.intersects(large, shapely.box(*boxes.T))
    assert set(np.flatnonzero(meets)) <= set(members)
    for part in parts:
        assert part.geometry.is_valid
        assert part.members.size == 1 or shapely.get_num_coordinates(part.geometry) <= 200
        for member in part.members:
            window = box(*boxes[member])
            expected = shapely.intersection(large, window).area
            assert shapely.intersection(part.geometry, window).area == pytest.approx(expected, rel=1e-9, abs=1e-6)


def test_windows_keep_clear_of_vertices():
    """A vertex on the window's edge is where clipping in GEOS goes wrong."""
    room = windows._ROOM_M
    vertices = np.array([[-room, 5.0], [20.0, 5.0], [20.0, 9.0], [-room, 9.0]])
    large = shapely.Polygon(vertices).union(box(-50, 5, -40, 6)).union(box(-50, 5.5, 0, 5.7))
    part = next(windows.fragments(large, np.array([[0.0, 0.0, 10.0, 10.0]]), 4))
    assert part.geometry.bounds[0] < -room
    assert shapely.intersection(part.geometry, box(0, 0, 10, 10)).area == pytest.approx(40.0)


def test_an_untidy_clip_is_done_again_the_slow_way(monkeypatch):
    large = giant(np.random.default_rng(1))
    boxes = np.array([[950.0, -50.0, 1050.0, 50.0]])
    bowtie = shapely.Polygon([(900, -100), (1100, 100), (1100, -100), (900, 100)])
    monkeypatch.setattr(robust, "clip_by_rect", lambda *_: bowtie)
    part = next(windows.fragments(large, boxes, 100))
    window = box(*boxes[0])
    expected = shapely.intersection(large, window).area
    assert shapely.intersection(part.geometry, window).area == pytest.approx(expected, rel=1e-12)


def test_many_overlapping_boxes_end():
    zones = scene(np.random.default_rng(3), 1, corners=60)
    bounds = np.tile(shapely.bounds(zones), (50, 1))
    parts = list(windows.fragments(zones[0], bounds, 5))
    assert sorted(np.concatenate([part.members for part in parts])) == list(range(50))
