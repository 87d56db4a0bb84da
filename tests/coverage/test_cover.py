from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from spatial.coverage import Partition, cover
from spatial.errors import InputError


def array(*shapes: shapely.Geometry) -> np.ndarray:
    found = np.empty(len(shapes), dtype=object)
    found[:] = shapes
    return found


DISTRICT = array(shapely.box(0, 0, 4, 1))
ZONES = {"ECO_RED": array(shapely.box(0, 0, 2, 1)), "SCENIC": array(shapely.box(1, 0, 3, 1), shapely.box(1.5, 0, 3, 1))}
TOWNS = Partition("TOWNSHIP", ("A", "B"), array(shapely.box(0, 0, 2, 1), shapely.box(2, 0, 3.5, 1)), np.array([0, 1]))


def test_each_place_counts_once() -> None:
    found = cover(ZONES, [], DISTRICT)
    assert found.district_m2 == pytest.approx(4.0)
    assert found.covered_m2 == pytest.approx(3.0)
    table = found.by_role()
    assert table["role"].tolist() == ["ECO_RED", "SCENIC"]
    assert table["area_m2"].tolist() == pytest.approx([2.0, 2.0])
    assert table["only_m2"].tolist() == pytest.approx([1.0, 1.0])
    assert table["share_pct"].tolist() == pytest.approx([50.0, 50.0])


def test_units_close() -> None:
    table = cover(ZONES, [TOWNS], DISTRICT).by_unit().set_index("TOWNSHIP")
    assert table.loc["A"].tolist() == pytest.approx([2.0, 2.0, 0.0, 100.0])
    assert table.loc["B"].tolist() == pytest.approx([1.5, 1.0, 0.5, 200 / 3])
    # What no township covers is a gap of the partition, and said.
    assert table.loc[""].tolist() == pytest.approx([0.5, 0.0, 0.5, 0.0])


def test_overlaps_of_roles_are_a_matrix() -> None:
    table = cover(ZONES, [], DISTRICT).overlaps()
    assert table.to_numpy() == pytest.approx(np.array([[2.0, 1.0], [1.0, 2.0]]))


def test_the_number_of_roles_sums_to_the_district() -> None:
    table = cover(ZONES, [TOWNS], DISTRICT).by_count()
    assert dict(zip(table["n_roles"], table["area_m2"], strict=True)) == pytest.approx({0: 1.0, 1: 2.0, 2: 1.0})
    assert table["share_pct"].sum() == pytest.approx(100.0)


@pytest.mark.parametrize(
    ("order", "areas"),
    [(None, {"ECO_RED": 2.0, "SCENIC": 1.0}), (["SCENIC", "ECO_RED"], {"ECO_RED": 1.0, "SCENIC": 2.0})],
)
def test_a_place_with_several_roles_goes_to_the_first(order: list[str] | None, areas: dict[str, float]) -> None:
    table = cover(ZONES, [], DISTRICT).awarded(order)
    assert dict(zip(table["role"], table["area_m2"], strict=True)) == pytest.approx({**areas, "": 1.0})


def test_what_is_wanted_and_not_covered() -> None:
    found = cover(ZONES, [], DISTRICT, wanted={"FOREST": array(shapely.box(2.5, 0, 4, 1))})
    assert found.gaps()[["area_m2", "gap_m2"]].to_numpy() == pytest.approx(np.array([[1.5, 1.0]]))
    # What is wanted covers nothing itself.
    assert found.covered_m2 == pytest.approx(3.0)
    assert found.overlaps().loc["FOREST", "SCENIC"] == pytest.approx(0.5)
    assert cover(ZONES, [], DISTRICT).gaps().empty


def test_what_lies_beyond_the_district_is_told_apart() -> None:
    found = cover({"ECO_RED": array(shapely.box(3, 0, 6, 1))}, [TOWNS], DISTRICT)
    assert found.covered_m2 == pytest.approx(1.0)
    assert found.outside_m2 == pytest.approx({"ECO_RED": 2.0})


def test_overlaps_and_overhang_of_units_are_measured() -> None:
    units = Partition("U", ("A", "B", "C"), array(shapely.box(0, 0, 3, 1), shapely.box(2, 0, 5, 1)), np.array([0, 1]))
    table = cover(ZONES, [units], DISTRICT).units.set_index("unit")
    assert table.loc["A", ["drawn_m2", "taken_m2", "in_district_m2", "shared_m2"]].tolist() == pytest.approx(
        [3, 3, 3, 1]
    )
    assert table.loc["B", ["drawn_m2", "taken_m2", "in_district_m2", "shared_m2"]].tolist() == pytest.approx(
        [3, 2, 1, 1]
    )
    assert table.loc["C", ["drawn_m2", "taken_m2", "in_district_m2", "shared_m2"]].tolist() == [0, 0, 0, 0]


def test_three_partitions_balance_in_both_directions() -> None:
    classes = Partition(
        "CLASS", ("1", "2"), array(shapely.box(0, 0, 4, 0.5), shapely.box(0, 0.5, 4, 1)), np.array([0, 1])
    )
    uses = Partition("USE", ("f",), array(shapely.box(0.5, 0, 3.25, 1)), np.array([0]))
    table = cover(ZONES, [TOWNS, classes, uses], DISTRICT).by_unit()
    for name, sums in (
        ("TOWNSHIP", {"A": 2, "B": 1.5, "": 0.5}),
        ("CLASS", {"1": 2, "2": 2}),
        ("USE", {"f": 2.75, "": 1.25}),
    ):
        assert table.groupby(name)["area_m2"].sum().to_dict() == pytest.approx(sums)
    assert table["area_m2"].sum() == pytest.approx(4.0)


def test_too_many_roles_and_a_district_without_area_are_refused() -> None:
    with pytest.raises(InputError, match="64 roles are more than the 63"):
        cover({str(n): array(shapely.box(0, 0, 1, 1)) for n in range(64)}, [], DISTRICT)
    with pytest.raises(InputError, match="do not close"):
        cover(ZONES, [], array(shapely.Polygon()))


@settings(max_examples=30)
@given(st.integers(0, 2**32 - 1))
def test_any_zones_close(seed: int) -> None:
    rng = np.random.default_rng(seed)

    def boxes(n: int) -> np.ndarray:
        corner, size = rng.uniform(-50, 950, (n, 2)), rng.uniform(1, 300, (n, 2))
        return shapely.box(corner[:, 0], corner[:, 1], corner[:, 0] + size[:, 0], corner[:, 1] + size[:, 1])

    zones = {role: boxes(8) for role in ("ECO_RED", "SCENIC", "WS2")}
    tiles = array(*[shapely.box(i, j, i + 500, j + 500) for i in (0, 500) for j in (0, 500)])
    found = cover(
        zones, [Partition("T", ("1", "2", "3", "4"), tiles, np.arange(4))], array(shapely.box(0, 0, 1000, 1000))
    )
    units = found.by_unit()
    assert (units["covered_m2"] + units["uncovered_m2"]).to_numpy() == pytest.approx(
        units["area_m2"].to_numpy(), rel=1e-12
    )
    assert units["area_m2"].to_numpy() == pytest.approx(np.full(4, 250_000.0), rel=1e-9)
    inside = [shapely.intersection(shapely.union_all(own), shapely.box(0, 0, 1000, 1000)) for own in zones.values()]
    assert np.diag(found.overlaps()) == pytest.approx(shapely.area(inside), rel=1e-9)
    assert found.covered_m2 == pytest.approx(shapely.union_all(inside).area, rel=1e-9)
    assert found.awarded()["area_m2"].sum() == pytest.approx(1e6, rel=1e-9)
