"""Overlaps, gaps and slits: by hand, against GEOS's coverage check and union, and without a quadratic step."""

from __future__ import annotations

import time

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from pyproj import CRS
from shapely import Polygon, box

from spatial.areas import official_area_m2
from spatial.check import tiling
from spatial.check.gaps import free_edges, holes_between, slits_between
from spatial.check.plane import plane_of
from spatial.check.tiling import Layer, check_duplicates, check_tiling, duplicate_pairs
from spatial.findings import Finding
from tests.traps.shapes import at, ring, square

PLANE = CRS("EPSG:4526")
NONE = np.empty(0, dtype=object)


def array(*shapes: shapely.Geometry) -> np.ndarray:
    result = np.empty(len(shapes), dtype=object)
    result[:] = shapes
    return result


def check(*shapes: shapely.Geometry, tiles: bool = True, crs: CRS | None = PLANE) -> list[Finding]:
    geometry = array(*shapes)
    layer = Layer("a", [str(row + 1) for row in range(len(shapes))], plane_of(geometry, crs))
    same = check_duplicates(geometry, layer)
    return same + check_tiling(geometry, layer, tiles=tiles, same=duplicate_pairs(same))


def mosaic(number: int, count: int) -> np.ndarray:
    """Parcels that tile a square: Voronoi cells of random points, on a millimetre grid."""
    points = np.random.default_rng(number).uniform(0, 1000, (count, 2))
    cells = shapely.get_parts(shapely.voronoi_polygons(shapely.multipoints(points), extend_to=box(0, 0, 1000, 1000)))
    return np.asarray(shapely.set_precision(shapely.intersection(cells, box(0, 0, 1000, 1000)), 0.001), dtype=object)


def test_an_overlap_by_hand() -> None:
    (finding,) = check(at(square()), at(square(90, 50)))
    common = at(box(90, 50, 100, 100))
    assert (finding.code, finding.severity, finding.feature, finding.values["other"]) == (
        "overlap",
        "warning",
        "1",
        "2",
    )
    assert float(str(finding.values["area"])) == pytest.approx(official_area_m2([common], PLANE)[0], abs=1e-3)
    assert finding.location is not None
    assert common.covers(shapely.Point(finding.location))
    # Twice 500 m2 over a perimeter of 120 m.
    assert finding.values["width"] == "8.333"


def test_a_parcel_inside_another_overlaps_it() -> None:
    assert [finding.code for finding in check(at(square()), at(square(20, 20, 30)))] == ["overlap"]


def test_a_duplicate_is_no_overlap_as_well() -> None:
    turned = Polygon([(100, 100), (100, 0), (0, 0), (0, 100)])
    found = check(at(square()), at(turned), at(square(100, 0)))
    assert [(finding.code, finding.feature, finding.values["other"]) for finding in found] == [("duplicate", "2", "1")]


def test_a_gap_by_hand() -> None:
    frame = [box(0, 0, 300, 100), box(0, 200, 300, 300), box(0, 100, 100, 200), box(200, 100, 300, 200)]
    (finding,) = check(*map(at, frame))
    assert (finding.code, finding.severity, finding.feature) == ("gap", "error", "1, 2, 3, 4")
    hole = at(box(100, 100, 200, 200))
    assert float(str(finding.values["area"])) == pytest.approx(official_area_m2([hole], PLANE)[0], abs=1e-3)
    (note,) = check(*map(at, frame), tiles=False)
    assert (note.code, note.severity, note.values["count"]) == ("gaps_seen", "note", 1)


def test_an_island_in_a_gap_is_taken_out_of_it() -> None:
    (hole,) = holes_between(array(square(0, 0, 300).difference(square(100, 100)), square(140, 140, 20)))
    assert hole.area == pytest.approx(10_000 - 400)


def test_a_slit_closed_at_one_end_is_found_once() -> None:
    """Two banks 20 cm apart, 100 m long, joined at the south."""
    shapes = [box(0, 10, 50, 110), box(50.2, 10, 100, 110), box(0, 0, 100, 10)]
    (finding,) = check(*map(at, shapes))
    assert finding.code == "narrow_gap"
    assert float(str(finding.values["area"])) == pytest.approx(20, abs=0.02)


def test_a_slit_closed_at_both_ends_is_a_gap_and_nothing_else() -> None:
    shapes = [box(0, 10, 50, 110), box(50.2, 10, 100, 110), box(0, 0, 100, 10), box(0, 110, 100, 120)]
    assert [finding.code for finding in check(*map(at, shapes))] == ["gap"]


@pytest.mark.parametrize(
    "shapes",
    [
        [square(), square(100, 100)],  # corner to corner
        [square(), square(101, 0)],  # a road between them
        [square(), square(100, 50)],  # a border with a vertex on one side only
        [square(), ring((100, 0), (200, 0), (200, 100), (136, 100))],  # a notch of 20 degrees
    ],
)
def test_what_is_no_slit(shapes: list[Polygon]) -> None:
    assert check(*map(at, shapes)) == []


def test_thin_parcels_fill_the_space_between_others() -> None:
    assert check(*map(at, [square(), box(100, 0, 100.3, 100), box(100.3, 0, 200, 100)])) == []


@given(st.integers(0, 1000), st.integers(2, 25))
def test_a_mosaic_tiles_and_geos_agrees(number: int, count: int) -> None:
    cells = mosaic(number, count)
    whole = shapely.union_all(cells)
    # On the millimetre grid a corner may have moved off its neighbour's edge: then GEOS says so too.
    found = {finding.code for finding in check(*map(at, cells))}
    assert found <= {"overlap_rounding", "gap_rounding"}
    if shapely.coverage_is_valid(cells):
        assert found == set() or len(shapely.get_rings(whole)) > 1


@given(st.integers(0, 1000), st.integers(4, 25), st.data())
def test_a_moved_parcel_overlaps_what_geos_says(number: int, count: int, data: st.DataObject) -> None:
    cells = mosaic(number, count)
    row = data.draw(st.integers(0, len(cells) - 1))
    cells[row] = shapely.transform(cells[row], lambda xy: xy + np.array([7.0, 3.0]))
    found = [finding for finding in check(*map(at, cells)) if finding.code == "overlap"]
    shared = {place: cells[row].intersection(cells[place]).area for place in range(len(cells)) if place != row}
    large = {tuple(sorted((row + 1, place + 1))) for place, area in shared.items() if area > 0.5}
    named = {tuple(sorted((int(finding.feature), int(str(finding.values["other"]))))) for finding in found}
    assert large <= named
    assert not (named and shapely.coverage_is_valid(cells))
    assert sum(float(str(finding.values["area"])) for finding in found) == pytest.approx(
        sum(shared.values()), rel=1e-3, abs=0.5
    )


def test_the_compiled_kernel_and_geos_find_the_same_overlaps(monkeypatch: pytest.MonkeyPatch) -> None:
    cells = mosaic(7, 60)
    cells[::7] = shapely.transform(cells[::7], lambda xy: xy + np.array([4.0, -2.0]))
    found = []
    for limit in (10**9, -1):
        monkeypatch.setattr(tiling, "_BY_GEOS", limit)
        found.append(
            [(f.feature, f.values["other"], f.values["area"]) for f in check(*map(at, cells)) if f.code == "overlap"]
        )
    assert len(found[0]) > 10
    assert found[0] == found[1]


@given(st.integers(0, 1000), st.integers(4, 25), st.data())
def test_a_missing_parcel_is_a_gap_as_in_the_union(number: int, count: int, data: st.DataObject) -> None:
    cells = mosaic(number, count)
    left = np.delete(cells, data.draw(st.integers(0, len(cells) - 1)))
    union = shapely.union_all(left)
    holes = [Polygon(inner) for part in shapely.get_parts(union) for inner in part.interiors]
    expected = sum(hole.area for hole in holes)
    islands = sum(part.area for part in shapely.get_parts(union) if any(hole.contains(part) for hole in holes))
    assert shapely.area(holes_between(left)).sum() == pytest.approx(expected - islands, abs=1e-3)


def test_free_edges_of_a_mosaic_are_its_outline() -> None:
    cells = array(*[square(x * 100, y * 100) for x in range(5) for y in range(4)])
    start, end, _ = free_edges(cells)
    assert np.hypot(*(end - start).T).sum() == pytest.approx(1800)
    assert len(holes_between(cells)) == 0
    assert len(slits_between(cells, NONE)) == 0


def test_degrees_tile_too() -> None:
    frame = gpd.GeoSeries([at(square()), at(square(95, 0))], crs=PLANE).to_crs(4490)
    (finding,) = check(*frame, crs=CRS(4490))
    assert float(str(finding.values["area"])) == pytest.approx(500, rel=1e-3)
    assert finding.location == pytest.approx((frame[1].bounds[0], frame[1].bounds[1]), abs=1e-3)


def test_order_makes_no_difference() -> None:
    shapes = [at(square()), at(square(95, 0)), at(square(190.0, 0)), at(square(300.2, 0))]
    areas = [
        sorted((finding.code, str(finding.values["area"])) for finding in check(*some))
        for some in (shapes, shapes[::-1])
    ]
    assert areas[0] == areas[1]
    assert [code for code, _ in areas[0]] == ["overlap", "overlap"]


@pytest.mark.parametrize("kind", ["tiles", "apart", "giant"])
def test_no_quadratic_step(kind: str) -> None:
    """Four times the parcels may take eight times as long at most, not sixteen."""
    taken = []
    check(*[at(square(x * 100, y * 100)) for x in range(40) for y in range(40)])
    for side in (30, 60):
        step = 100 if kind != "apart" else 130
        cells = [square(x * step, y * step) for x in range(side) for y in range(side)]
        if kind == "giant":
            turn = np.linspace(0, 2 * np.pi, side**2 * 10, endpoint=False)
            reach = side * 40 + 5 * np.sin(turn * 50)
            middle = side * 50
            cells.append(Polygon(np.column_stack([middle + reach * np.cos(turn), middle + reach * np.sin(turn)])))
        geometry = [at(cell) for cell in cells]
        start = time.process_time()
        check(*geometry)
        taken.append(time.process_time() - start)
    assert taken[1] < 8 * taken[0] + 0.5
