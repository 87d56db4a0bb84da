"""Fewer vertices, the same ones on both sides of a border, and no shape lost."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from spatial.publish.arcs import SHELL, cut, outlines
from spatial.publish.decode import shapes_of
from spatial.publish.outlines import draw, page_settings
from spatial.publish.simplify import levels, significance
from tests.publish import samples
from tests.publish.samples import array

M = 1 / 111_320.0
"""A metre of latitude, in degrees."""


def worth(*coords: tuple[float, float], quantum: float = 1e-7) -> list[float]:
    return significance(cut(outlines(array([shapely.LineString(coords)]), quantum)), quantum).tolist()


def test_a_known_line_by_hand() -> None:
    # On the equator a degree is as long to the east as to the north. From the chord of 8 m the peak is 5 m away; then the
    # vertex at (2, 1) is |2*5 - 4*1| / hypot(4, 5) = 0.937 m from the chord to it, that at (6, 2.5) lies on the other one.
    found = worth((0, 0), (2 * M, M), (4 * M, 5 * M), (6 * M, 2.5 * M), (8 * M, 0))
    assert found[2] == pytest.approx(5, abs=0.03)
    assert found[1] == pytest.approx(6 / np.hypot(4, 5), abs=0.03)
    assert found[3] == pytest.approx(0, abs=0.03)
    assert np.isinf([found[0], found[4]]).all()


def test_the_least_of_two_squares_keeps_three_corners() -> None:
    small = samples.square(0, 0, 3 * M)
    arcs = cut(outlines(array([small]), 1e-6))
    kept = levels(significance(arcs, 1e-6), np.array([0.0, 50.0, 775.0]))
    # One end twice, and two corners at every tolerance.
    assert (kept == 3).sum() == 4


def test_levels_count_the_tolerances_a_vertex_outlasts() -> None:
    assert levels(np.array([0.0, 0.1, 1.0, 1.1, np.inf]), np.array([0.0, 1.0, 5.0])).tolist() == [0, 1, 1, 2, 3]


def rough(seed: int, cells: int = 4, steps: int = 40) -> samples.np.ndarray:
    """Cells whose borders are crooked and shared."""
    random = np.random.default_rng(seed)

    def border(a: tuple[float, float], b: tuple[float, float]) -> list[tuple[float, float]]:
        share = np.linspace(0, 1, steps)[:, None]
        line = np.array(a) * (1 - share) + np.array(b) * share
        line[1:-1] += random.normal(0, 0.0004, (steps - 2, 2))
        return [tuple(point) for point in line.tolist()]

    level = {(x, y): border((x, y), (x + 1, y)) for x in range(cells) for y in range(cells + 1)}
    upright = {(x, y): border((x, y), (x, y + 1)) for x in range(cells + 1) for y in range(cells)}
    shapes = []
    for x in range(cells):
        for y in range(cells):
            ring = level[x, y] + upright[x + 1, y][1:] + level[x, y + 1][::-1][1:] + upright[x, y][::-1][1:]
            coords = np.array(ring) * 0.01 + (113, 36)
            shapes.append(shapely.Polygon(coords))
    return array(shapes)


@given(st.integers(0, 50))
def test_shared_borders_stay_shared_at_every_scale(seed: int) -> None:
    (drawn,), scales = draw([samples.layer("a", rough(seed))])
    for place in range(len(scales.tolerances_m)):
        kept = drawn.level > place
        before = np.concatenate([[0], np.cumsum(kept)])
        arcs = samples.replace(drawn.arcs, start=before[drawn.arcs.start], x=drawn.arcs.x[kept], y=drawn.arcs.y[kept])
        shapes = shapes_of(arcs, 16, 1e-6)
        assert all(shape.geom_type == "Polygon" for shape in shapes)
        around = shapely.area(shapely.Polygon(shapely.get_exterior_ring(shapely.coverage_union_all(shapes))))
        # No gap and no overlap between neighbours: a ring counted twice or missing would change the sum of signed areas.
        assert sum(shapely.area(shapes)) == pytest.approx(around, rel=1e-9) or not shapely.is_valid(shapes).all()


def test_the_finest_outlines_are_as_near_as_the_page_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(page_settings()["outlines"], "vertices", 10)
    given_shapes = rough(3)
    (drawn,), scales = draw([samples.layer("a", given_shapes)])
    tolerance_m = scales.tolerances_m[0]
    assert tolerance_m == page_settings()["outlines"]["finest_m"][-1]
    found = shapes_of(drawn.arcs, 16, 1e-6)
    for before, after in zip(given_shapes, found, strict=True):
        apart = max(shapely.Point(point).distance(after.exterior) for point in shapely.get_coordinates(before))
        assert apart <= (tolerance_m + 0.2) * M
    assert len(drawn.level) < shapely.get_num_coordinates(given_shapes).sum() / 2


@given(st.lists(st.tuples(st.floats(0, 0.1), st.floats(0, 0.1), st.floats(1e-9, 1e-3)), min_size=1, max_size=8))
def test_no_polygon_is_lost_however_small(places: list[tuple[float, float, float]]) -> None:
    shapes = [samples.square(x, y, side) for x, y, side in places]
    (drawn,), _ = draw([samples.layer("a", shapes)])
    found = shapes_of(drawn.arcs, len(shapes), 1e-6)
    assert all(shape is not None and not shape.is_empty for shape in found)
    assert (drawn.arcs.kind == SHELL).sum() == len(shapes)
    middle = shapely.get_coordinates(shapely.centroid(array(shapes)))
    assert np.abs(middle - shapely.get_coordinates(shapely.centroid(found))).max() < 2e-6


def test_a_thousand_vertices_take_no_time_to_cut_and_a_million_hardly_any() -> None:
    """The order of growth: ten times the vertices are far from a hundred times the arcs."""
    few, many = (cut(outlines(rough(1, cells), 1e-6)) for cells in (3, 9))
    assert len(many.arc) == pytest.approx(9 * len(few.arc), rel=0.25)
