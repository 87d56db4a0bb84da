"""GEOS judges areas and places, pair by pair; ``python -m tools.confirm`` does the same to millions."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
import shapely
from shapely.geometry import LineString, MultiPolygon, Polygon, box

from tests.overlay import pairs as drawn

PAIRS = 2_500
#: Of a pair's outlines some 1,000 m long: a millionth of what rounding where they lie explains.
KERNEL_M2, SWEEP_M2 = 2e-8, 2e-7


@pytest.mark.parametrize("kind", drawn.KINDS)
def test_areas_are_those_of_geos(kind: str) -> None:
    rng = np.random.default_rng(20261122)
    for max_vertices in (256, 8):
        pairs = drawn.draw(rng, kind, PAIRS // 2)
        assert len(pairs.left) > PAIRS // 3
        judged = drawn.by_geos(pairs)
        error = np.abs(drawn.by_kernel(pairs, max_vertices=max_vertices) - judged)
        assert (error <= drawn.tolerance_m2(pairs)).all()
        assert error.max() <= KERNEL_M2
        some = judged > 1.0
        assert (error[some] <= 1e-9 * judged[some]).all()


@pytest.mark.parametrize("kind", drawn.KINDS)
def test_places_are_those_of_geos(kind: str) -> None:
    pairs = drawn.draw(np.random.default_rng(7), kind, 600)
    error = np.abs(drawn.by_sweep(pairs, max_vertices=48) - drawn.by_geos(pairs))
    assert (error <= drawn.tolerance_m2(pairs)).all()
    assert error.max() <= SWEEP_M2


@pytest.mark.parametrize("kind", drawn.KINDS)
def test_each_kind_is_what_it_says(kind: str) -> None:
    pairs = drawn.draw(np.random.default_rng(3), kind, 400)
    areas = drawn.by_geos(pairs)
    if kind in {"point_touch", "edge_touch", "tiles"}:
        assert shapely.intersects(pairs.left_near, pairs.right_near).mean() > 0.3
        assert (areas < 1e-6).mean() > 0.9
    elif kind == "slivers":
        assert 1e-8 < np.median(areas) < 1e-4
    elif kind == "identical":
        assert areas == pytest.approx(shapely.area(pairs.left_near), rel=1e-12)
    else:
        assert (areas > 1.0).mean() > 0.3


@pytest.mark.parametrize("kind", drawn.KINDS)
def test_the_exact_judge_confirms_both(kind: str) -> None:
    pairs = drawn.draw(np.random.default_rng(11), kind, 40)
    judged, found = drawn.by_geos(pairs), drawn.by_kernel(pairs, max_vertices=256)
    for number in range(0, len(judged), 20):
        exact = drawn.exact_area(pairs.left_near[number], pairs.right_near[number])
        assert judged[number] == pytest.approx(float(exact), rel=1e-12, abs=1e-8)
        assert found[number] == pytest.approx(float(exact), rel=1e-12, abs=1e-8)


def test_the_exact_judge_by_hand() -> None:
    frame = box(0, 0, 9, 9).difference(box(3, 3, 6, 6))
    assert drawn.exact_area(frame, box(0, 0, 6, 6)) == 27
    assert drawn.exact_area(MultiPolygon([box(0, 0, 1, 1), box(2, 0, 3, 1)]), box(0.5, 0.5, 2.5, 9)) == Fraction(1, 2)
    assert drawn.exact_area(Polygon([(0, 0), (3, 0), (0, 1)]), box(0, 0, 1, 1)) == Fraction(5, 6)
    assert drawn.exact_area(box(0, 0, 1, 1), LineString([(1, 0), (1, 1)]).buffer(0)) == 0
