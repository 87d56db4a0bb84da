from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import CRS
from shapely.geometry.base import BaseGeometry

from spatial.change.compare import Change, Edition, change_between
from spatial.equal_area import to_equal_area
from spatial.errors import InputError

PLANE = CRS(4526)
EAST, NORTH = 38_410_000.0, 3_980_000.0


def edition(name: str, shapes: dict[str, BaseGeometry], **columns: list[str]) -> Edition:
    geometry = np.empty(len(shapes), dtype=object)
    geometry[:] = [shapely.affinity.translate(shape, EAST, NORTH) for shape in shapes.values()]
    return Edition(
        name,
        to_equal_area(geometry, PLANE),
        tuple(shapes),
        pd.DataFrame(columns, index=range(len(shapes))),
    )


def kinds(change: Change) -> dict[str, float]:
    return dict(zip(change.totals()["kind"], change.totals()["area_m2"], strict=True))


def area(*sides: float) -> float:
    (shape,) = edition("", {"": shapely.box(*sides)}).geometry
    return float(shape.area)


def test_a_zone_that_moved() -> None:
    old = edition("2018", {"A": shapely.box(0, 0, 200, 100)})
    new = edition("2022", {"A": shapely.box(50, 0, 250, 100)})
    change = change_between(old, new, PLANE, 1.0)
    expected = {"kept": area(50, 0, 200, 100), "added": area(200, 0, 250, 100), "removed": area(0, 0, 50, 100)}
    assert kinds(change) == pytest.approx(expected, rel=1e-8)
    zone, *areas = change.by_zone().iloc[0].tolist()
    assert zone == "A"
    assert areas == pytest.approx([*expected.values(), 0.0], rel=1e-8)


def test_redrawing_is_told_apart_from_change() -> None:
    old = edition("a", {"A": shapely.box(0, 0, 1000, 1000)})
    new = edition("b", {"A": shapely.union_all([shapely.box(0.3, 0, 1000.3, 1000), shapely.box(1000, 400, 1100, 500)])})
    change = change_between(old, new, PLANE, 1.0)
    table = change.totals().set_index("kind")
    assert table.loc["removed", "sliver_m2"] == pytest.approx(table.loc["removed", "area_m2"])
    assert table.loc["removed", "area_m2"] == pytest.approx(300.0, rel=1e-3)
    # The new bay is wider than a metre, and takes the sliver it hangs on with it.
    assert table.loc["added", "sliver_m2"] == 0.0
    assert change.by_zone()["added_m2"].tolist() == pytest.approx([300 + 99.7 * 100], rel=1e-3)


def test_names_and_attributes_that_changed() -> None:
    old = edition(
        "a", {"A": shapely.box(0, 0, 100, 100), "B": shapely.box(100, 0, 200, 100)}, type=["水源涵养", "水土保持"]
    )
    new = edition("b", {"AB": shapely.box(0, 0, 200, 100)}, type=["水源涵养"])
    change = change_between(old, new, PLANE, 1.0)
    assert change.attributes[["attribute", "old", "new"]].to_numpy().tolist() == [["type", "水土保持", "水源涵养"]]
    assert change.attributes["area_m2"].tolist() == pytest.approx([area(100, 0, 200, 100)], rel=1e-8)
    assert sorted(zip(change.parts["old"], change.parts["new"], change.parts["changed"], strict=True)) == [
        ("A", "AB", ""),
        ("B", "AB", "type"),
    ]


def test_nothing_in_common_and_nothing_at_all() -> None:
    old, new = edition("a", {"A": shapely.box(0, 0, 10, 10)}), edition("b", {"B": shapely.box(50, 0, 60, 10)})
    assert kinds(change_between(old, new, PLANE, 1.0)) == pytest.approx(
        {"kept": 0.0, "added": area(50, 0, 60, 10), "removed": area(0, 0, 10, 10)}
    )
    same = change_between(old, old, PLANE, 1.0)
    assert kinds(same) == pytest.approx({"kept": same.old_m2, "added": 0.0, "removed": 0.0})


def test_an_edition_that_overlaps_itself_is_refused() -> None:
    old = edition("a", {"A": shapely.box(0, 0, 10, 10), "B": shapely.box(5, 0, 15, 10)})
    with pytest.raises(InputError, match="features probably overlap"):
        change_between(old, edition("b", {"A": shapely.box(0, 0, 20, 10)}), PLANE, 1.0)


@settings(max_examples=25)
@given(st.integers(0, 2**32 - 1))
def test_parts_sum_to_both_editions(seed: int) -> None:
    rng = np.random.default_rng(seed)

    def tiles(name: str) -> Edition:
        xs = np.sort(rng.uniform(0, 5000, 6))
        return edition(
            name, {str(n): shapely.box(xs[n], rng.uniform(0, 500), xs[n + 1], rng.uniform(600, 3000)) for n in range(5)}
        )

    old, new = tiles("a"), tiles("b")
    change = change_between(old, new, PLANE, 5.0)
    forward, back = kinds(change), kinds(change_between(new, old, PLANE, 5.0))
    assert forward["kept"] + forward["added"] == pytest.approx(change.new_m2, rel=1e-6)
    assert (back["added"], back["removed"]) == pytest.approx((forward["removed"], forward["added"]), rel=1e-6, abs=1)
    one, other = shapely.union_all(old.geometry), shapely.union_all(new.geometry)
    assert forward["kept"] == pytest.approx(one.intersection(other).area, rel=1e-6, abs=1)
