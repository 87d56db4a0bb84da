"""Coverage against plain shapely, unit by unit, and that it depends on no order, cut or batch."""

from __future__ import annotations

from importlib import import_module

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from spatial.coverage import Coverage, Partition, cover
from spatial.overlay import places as sweeping
from tests.overlay.shapes import near_origin, scene

ROLES = ("ECO_RED", "SCENIC", "WS2")


def drawn(seed: int) -> tuple[dict[str, np.ndarray], Partition, np.ndarray]:
    """Irregular zones that touch and nearly coincide, crooked units that share borders, a district around a hole."""
    rng = np.random.default_rng(seed)
    zones = dict(zip(ROLES, np.array_split(scene(rng, 15, corners=40), 3), strict=True))
    frame = shapely.box(*shapely.total_bounds(np.concatenate(list(zones.values())))).buffer(-5.0, join_style="mitre")
    west, south, east, north = frame.bounds
    inner = rng.uniform([west, south], [east, north], (12, 2))
    units = shapely.intersection(
        shapely.get_parts(shapely.voronoi_polygons(shapely.MultiPoint(inner), extend_to=frame)), frame
    )
    hole = shapely.Point((west + east) / 2, (south + north) / 2).buffer((east - west) / 10)
    names = tuple(map(str, range(len(units))))
    return zones, Partition("UNIT", names, units, np.arange(len(units))), np.array([frame.difference(hole)])


def error_m2(zones: dict[str, np.ndarray], district: np.ndarray) -> float:
    return 4e-9 * float(shapely.length(np.concatenate([*zones.values(), district])).sum())


@settings(max_examples=20)
@given(st.integers(0, 2**32 - 1))
def test_every_unit_is_what_union_and_intersection_say(seed: int) -> None:
    zones, units, district = drawn(seed)
    found, error = cover(zones, [units], district), error_m2(zones, district)
    table = found.by_unit().set_index("UNIT")
    roles = found.by_role().set_index(["UNIT", "role"])
    within = near_origin(district)[0]
    own = {role: shapely.union_all(near_origin(shapes)) for role, shapes in zones.items()}
    anything = shapely.union_all(list(own.values()))
    for name, unit in zip(units.units, near_origin(units.geometry), strict=True):
        here = unit.intersection(within)
        if here.area < 1.0:
            continue
        row = table.loc[name]
        assert row["area_m2"] == pytest.approx(here.area, rel=1e-9, abs=error)
        assert row["covered_m2"] == pytest.approx(anything.intersection(here).area, rel=1e-9, abs=error)
        assert row["covered_m2"] + row["uncovered_m2"] == pytest.approx(row["area_m2"], rel=1e-12)
        for role, shape in own.items():
            others = shapely.union_all([other for name_of, other in own.items() if name_of != role])
            assert roles.loc[(name, role), "area_m2"] == pytest.approx(
                shape.intersection(here).area, rel=1e-9, abs=error
            )
            only = shape.difference(others).intersection(here).area
            assert roles.loc[(name, role), "only_m2"] == pytest.approx(only, rel=1e-9, abs=error)
    assert table["area_m2"].sum() == pytest.approx(within.area, rel=1e-9)
    assert found.outside_m2 == pytest.approx(
        {r: s.difference(within).area for r, s in own.items()}, rel=1e-9, abs=error
    )


def assert_same(one: Coverage, other: Coverage, error: float) -> None:
    keys = ["UNIT", *ROLES]
    left, right = (found.places.set_index(keys)["area_m2"] for found in (one, other))
    both = left.to_frame("left").join(right.rename("right"), how="outer").fillna(0.0)
    assert both["left"].to_numpy() == pytest.approx(both["right"].to_numpy(), rel=1e-9, abs=error)
    assert one.covered_m2 == pytest.approx(other.covered_m2, rel=1e-9, abs=error)


@settings(max_examples=15)
@given(st.integers(0, 2**32 - 1))
def test_the_answer_does_not_depend_on_the_order_of_features(seed: int) -> None:
    zones, units, district = drawn(seed)
    rng = np.random.default_rng(seed + 1)
    order = rng.permutation(len(units.unit))
    other = cover(
        {role: zones[role][rng.permutation(len(zones[role]))] for role in ROLES},
        [Partition("UNIT", units.units, units.geometry[order], units.unit[order])],
        district,
    )
    assert_same(cover(zones, [units], district), other, error_m2(zones, district))


@pytest.mark.parametrize(("limit", "value"), [("_MAX_VERTICES", 6), ("_AT_A_TIME", 60), ("_AT_A_TIME", 700)])
@pytest.mark.parametrize("seed", range(5))
def test_the_answer_depends_neither_on_cutting_nor_on_batches(
    monkeypatch: pytest.MonkeyPatch, limit: str, value: int, seed: int
) -> None:
    zones, units, district = drawn(seed)
    once = cover(zones, [units], district)
    if limit == "_MAX_VERTICES":
        plain = sweeping.places
        module = import_module("spatial.coverage.cover")
        monkeypatch.setattr(module, "places", lambda *claims: plain(*claims, max_vertices=value))
    else:
        monkeypatch.setattr(sweeping, limit, value)
    assert_same(once, cover(zones, [units], district), error_m2(zones, district))


def test_batches_are_made_before_anything_is_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each with what lies in it and no more, one beside the other without a gap."""
    rng = np.random.default_rng(4)
    x, y = rng.uniform(0, 1000, (2, 400))
    geometry = shapely.box(x, y, x + 20, y + 20)
    monkeypatch.setattr(sweeping, "_AT_A_TIME", 300)
    levels = list(sweeping._levels(geometry, np.arange(400), np.array([-1.0, -1.0, 1021.0, 1021.0]), (500, 500)))
    assert len(levels) > 8
    assert sum(np.prod(level.box[0, 2:] - level.box[0, :2]) for level in levels) == pytest.approx(1022.0**2)
    for level in levels:
        west, south, east, north = level.box[0]
        assert west <= level.pieces.x.min()
        assert level.pieces.x.max() <= east
        assert south <= level.pieces.y.min()
        assert level.pieces.y.max() <= north


def test_large_polygons_are_not_taken_apart_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sweeping, "_AT_A_TIME", 10)
    rings = np.array([shapely.Point(0, 0).buffer(radius, quad_segs=50) for radius in (100.0, 101.0, 102.0)])
    found = sweeping.places(sweeping.Claims(rings, np.arange(3)))
    assert dict(zip(found.statuses.tolist(), found.area_m2, strict=True))[7] == pytest.approx(rings[0].area, rel=1e-9)
