"""The sweep against plain shapely, one combination at a time."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from spatial.overlay import ledger
from spatial.overlay.places import MAX_STATUSES, Claims, Places, places
from tests.overlay.shapes import EASTING_M, NORTHING_M, star


def claims(geometry: list[shapely.Geometry], label: list[int]) -> Claims:
    array = np.empty(len(geometry), dtype=object)
    array[:] = geometry
    return Claims(array, np.array(label, dtype=np.intp))


def blobs(rng: np.random.Generator, n: int, radius_m: float, spread_m: float) -> np.ndarray:
    shapes = np.empty(n, dtype=object)
    shapes[:] = [star(rng, corners=9, radius_m=radius_m, rounded=n % 2 == 0, spread_m=spread_m) for _ in range(n)]
    return shapely.transform(shapes, lambda xy: xy - np.array([EASTING_M, NORTHING_M]))


def by_combination(found: Places) -> dict[tuple[tuple[int, ...], int], float]:
    keys = zip(map(tuple, found.units.tolist()), found.statuses.tolist(), strict=True)
    return dict(zip(keys, found.area_m2.tolist(), strict=True))


def judged(statuses: Claims, partitions: list[Claims]) -> dict[tuple[tuple[int, ...], int], float]:
    """The same by plain set operations: dissolve each label, then intersect every combination."""
    one_box = shapely.box(*shapely.total_bounds(np.concatenate([c.geometry for c in [statuses, *partitions]])))
    whole = {
        label: shapely.union_all(statuses.geometry[statuses.label == label]) for label in set(statuses.label.tolist())
    }
    choices = []
    for part in partitions:
        rest, units = one_box, []
        for label in sorted(set(part.label.tolist())):
            own = shapely.union_all(part.geometry[part.label == label])
            units.append((label, rest.intersection(own)))
            rest = rest.difference(own)
        choices.append([*units, (-1, rest)])
    found = {}
    for units in itertools.product(*choices):
        place = shapely.intersection_all([one_box, *[shape for _, shape in units]])
        for n in range(len(whole) + 1):
            for chosen in itertools.combinations(sorted(whole), n):
                shape = place
                for label, own in whole.items():
                    shape = shape.intersection(own) if label in chosen else shape.difference(own)
                key = (tuple(unit for unit, _ in units), sum(1 << label for label in chosen))
                if shape.area > 1e-9 * one_box.area and key != ((-1,) * len(partitions), 0):
                    found[key] = shape.area
    return found


def assert_same(statuses: Claims, partitions: list[Claims], scale: float) -> None:
    found = {key: area for key, area in by_combination(places(statuses, partitions)).items() if area > 1e-9 * scale}
    wanted = judged(statuses, partitions)
    assert found.keys() == wanted.keys()
    assert np.allclose([found[key] for key in wanted], list(wanted.values()), rtol=1e-9, atol=1e-9 * scale)


def test_three_boxes_by_hand() -> None:
    found = places(
        claims([shapely.box(0, 0, 2, 1), shapely.box(1, 0, 3, 1), shapely.box(0, 0, 1, 1)], [0, 1, 0]),
        [claims([shapely.box(0, 0, 1.5, 1), shapely.box(1.25, 0, 9, 1)], [0, 1])],
    )
    expected = {((0,), 1): 1.0, ((0,), 3): 0.5, ((1,), 3): 0.5, ((1,), 2): 1.0, ((1,), 0): 6.0}
    assert by_combination(found) == pytest.approx(expected)
    assert found.shared_m2[0].tolist() == pytest.approx([0.25, 0.25])


def test_holes_parts_missing_and_empty() -> None:
    ring = shapely.box(0, 0, 9, 9).difference(shapely.box(3, 3, 6, 6))
    two = shapely.MultiPolygon([shapely.box(3, 3, 4, 4), shapely.box(20, 0, 21, 1)])
    found = places(claims([ring, two, None, shapely.Polygon()], [0, 1, 1, 0]))
    assert by_combination(found) == pytest.approx({((), 1): 72.0, ((), 2): 2.0})
    assert places(claims([], [])).area_m2.size == 0


def test_tiles_share_their_borders_exactly() -> None:
    tiles = [shapely.box(i, j, i + 1, j + 1) for i in range(30) for j in range(30)]
    found = places(claims(tiles, [0] * 900), [claims(tiles, list(range(900)))])
    assert found.area_m2.tolist() == pytest.approx([1.0] * 900)
    assert found.shared_m2[0].max() < 1e-12


def test_copies_and_near_copies_count_once() -> None:
    shape = shapely.Point(0, 0).buffer(100, quad_segs=40)
    copies = [shape] * 50 + [shapely.affinity.translate(shape, 1e-9 * n, 0) for n in range(50)]
    assert places(claims(copies, [0] * 100)).area_m2.sum() == pytest.approx(shape.area, rel=1e-9)


@pytest.mark.parametrize("seed", range(6))
def test_random_shapes_agree_with_shapely(seed: int) -> None:
    rng = np.random.default_rng(seed)
    own, units = blobs(rng, 40, 300.0, 1000.0), blobs(rng, 12, 400.0, 1000.0)
    statuses = Claims(own, rng.integers(0, 3, len(own)))
    partitions = [Claims(units, rng.integers(0, 4, len(units))), Claims(units[::-1], rng.integers(0, 2, len(units)))]
    assert_same(statuses, partitions, 1e6)


@settings(max_examples=40)
@given(st.lists(st.tuples(*[st.integers(0, 6)] * 4, st.integers(0, 2)), min_size=1, max_size=12), st.integers(0, 3))
def test_boxes_on_a_grid_touch_and_coincide(rows: list[tuple[int, int, int, int, int]], places_behind: int) -> None:
    # Borders on a grid shifted by odd amounts coincide, touch and nearly touch.
    shift = 10.0**-places_behind / 3
    shapes = [shapely.box(x + shift, y, x + w + 1, y + h + 1 + shift) for x, y, w, h, _ in rows]
    labels = [label for *_, label in rows]
    assert_same(claims(shapes, labels), [claims([shapely.box(0, 0, 7, 7), shapely.box(7, 0, 14, 14)], [0, 1])], 200.0)


@settings(max_examples=20)
@given(st.integers(0, 2**32 - 1), st.sampled_from([4, 16, 1000]))
def test_the_answer_depends_neither_on_order_nor_on_cutting(seed: int, max_vertices: int) -> None:
    rng = np.random.default_rng(seed)
    shapes = blobs(rng, 30, 250.0, 1000.0)
    label = rng.integers(0, 4, len(shapes))
    order = rng.permutation(len(shapes))
    one = places(Claims(shapes, label), [Claims(shapes, label)])
    other = places(Claims(shapes[order], label[order]), [Claims(shapes, label)], max_vertices=max_vertices)
    big = one.area_m2 > 1e-6
    found = by_combination(other)
    for key, area in zip(by_combination(one), one.area_m2, strict=True):
        assert found.get(key, 0.0) == pytest.approx(area, rel=1e-9, abs=1e-4)
    assert big.any()


def test_far_from_the_origin_nothing_is_lost() -> None:
    shapes = blobs(np.random.default_rng(3), 30, 300.0, 1000.0)
    far = shapely.transform(shapes, lambda xy: xy + np.array([3.8e6, 1.2e7]))
    label = np.arange(30) % 3
    assert places(Claims(far, label)).area_m2 == pytest.approx(places(Claims(shapes, label)).area_m2, rel=1e-8)


def test_what_does_not_fit_is_refused() -> None:
    with pytest.raises(ValueError, match="must be 0 to 63"):
        places(claims([shapely.box(0, 0, 1, 1)], [MAX_STATUSES]))
    with pytest.raises(ValueError, match="at most 3"):
        places(claims([], []), [claims([], [])] * 4)
    with pytest.raises(ValueError, match="not finite"):
        places(claims([shapely.Polygon([(0, 0), (1, np.inf), (2, 0)])], [0]))


@pytest.mark.parametrize("shift", [0, 21, 42])
def test_combinations_are_spread_over_the_table(shift: int) -> None:
    """Units of any partition: a run of taken slots is a walk for whoever comes next."""
    sums = ledger.empty_sums(16_384)
    for unit in range(1, 5_001):
        assert ledger._add(sums, unit << shift, np.uint64(unit % 7), 1.0) == 1
        assert ledger._add(sums, unit << shift, np.uint64(unit % 7), 1.0) == 0
    taken = np.concatenate([[False], ~np.isnan(sums.area), [False]])
    runs = np.diff(np.flatnonzero(~taken)) - 1
    assert runs.sum() == 5_000
    assert runs.max() < 30
