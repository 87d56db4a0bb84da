from __future__ import annotations

import numpy as np
import pytest
import shapely
from shapely.geometry import GeometryCollection, LineString, MultiPoint, MultiPolygon, Point, Polygon, box

from spatial.overlay import ZoneIndex, merge_by_project, net_parts, robust

BOWTIE = Polygon([(0, 0), (10, 10), (10, 0), (0, 10)])


def objects(*geometries):
    array = np.empty(len(geometries), dtype=object)
    array[:] = geometries
    return array


def refusing(operation, accepts):
    """GEOS in a bad mood: it refuses a call unless ``accepts`` says otherwise."""

    def refuse(*arguments, **options):
        if accepts(*arguments, **options):
            return operation(*arguments, **options)
        raise shapely.GEOSException("TopologyException: side location conflict")

    return refuse


def single(*arguments, **_options):
    return not isinstance(arguments[0], np.ndarray)


def gridded(*_arguments, **options):
    return options.get("grid_size") == robust.FALLBACK_GRIDS_M[0]


def coarsely(*_arguments, **options):
    return options.get("grid_size") == robust.FALLBACK_GRIDS_M[-1]


@pytest.mark.parametrize("accepts", [single, gridded, coarsely])
@pytest.mark.parametrize("name", ["intersection", "difference"])
def test_a_refused_array_is_done_pair_by_pair(monkeypatch, name, accepts):
    left, right = objects(box(0, 0, 2, 2), box(0, 0, 1, 1)), objects(box(1, 0, 3, 2), box(5, 5, 6, 6))
    monkeypatch.setattr(shapely, name, refusing(getattr(shapely, name), accepts))
    found = getattr(robust, name)(left, right)
    assert shapely.area(found).tolist() == ([2.0, 0.0] if name == "intersection" else [2.0, 1.0])


def test_a_refused_union_is_done_on_the_grid(monkeypatch):
    monkeypatch.setattr(shapely, "union_all", refusing(shapely.union_all, gridded))
    assert robust.union(objects(box(0, 0, 2, 2), box(1, 0, 3, 2))).area == pytest.approx(6.0)


def test_repair_keeps_the_dimension():
    spike = Polygon([(0, 0), (4, 0), (4, 4), (4, 9), (4, 4), (0, 4)])
    mended = robust._mended(objects(spike))[0]
    assert mended.geom_type == "Polygon"
    assert mended.area == 16.0


def test_a_refused_predicate_is_answered_in_doubt(monkeypatch):
    monkeypatch.setattr(shapely, "intersects", refusing(shapely.intersects, lambda *_: False))
    pair = objects(box(0, 0, 1, 1)), objects(box(0, 0, 1, 1))
    assert robust.holds(shapely.intersects, *pair, in_doubt=True).tolist() == [True]
    assert robust.holds(shapely.intersects, *pair, in_doubt=False).tolist() == [False]


def test_a_refused_clip_is_an_intersection(monkeypatch):
    monkeypatch.setattr(shapely, "clip_by_rect", refusing(shapely.clip_by_rect, lambda *_: False))
    assert robust.clip_by_rect(box(0, 0, 4, 4), np.array([1.0, 1.0, 9.0, 2.0])).area == 3.0


def test_only_the_dimension_asked_for_is_kept():
    mixed = GeometryCollection([box(0, 0, 1, 1), GeometryCollection([LineString([(0, 0), (2, 0)]), Point(5, 5)])])
    found = robust.of_dimension(
        objects(mixed, mixed, mixed, Point(1, 1), None, Polygon()), np.array([2, 1, 0, 2, -1, 2])
    )
    assert [geometry if geometry is None else geometry.geom_type for geometry in found] == [
        "Polygon", "LineString", "Point", "MultiPolygon", None, "Polygon",
    ]  # fmt: skip
    assert found[3].is_empty
    several = GeometryCollection([Point(0, 0), MultiPoint([(1, 1), (2, 2)]), box(0, 0, 1, 1)])
    assert robust.of_dimension(objects(several), 0)[0] == MultiPoint([(0, 0), (1, 1), (2, 2)])


def test_no_exception_of_geos_escapes_from_invalid_input():
    """Readers refuse or repair invalid geometries; if one slips through, the engine still answers."""
    rng = np.random.default_rng(11)
    tangles = [Polygon(np.round(rng.uniform(0, 20, (12, 2)))) for _ in range(10)]
    broken = objects(BOWTIE, MultiPolygon([box(0, 0, 5, 5), box(1, 1, 9, 9)]), *tangles)
    assert not shapely.is_valid(broken).all()
    with pytest.raises(shapely.GEOSException):
        shapely.intersection(np.repeat(broken, broken.size), np.tile(broken, broken.size))
    pieces = ZoneIndex(broken, max_vertices=8).pieces(broken)
    merged = merge_by_project(pieces, broken.size)
    net, rest = net_parts(broken[0], list(pieces.geometry[pieces.project == 0]))
    assert shapely.area(merged[0]) > 0
    assert np.isfinite(shapely.area(np.array([*net, rest], dtype=object))).all()
    assert np.isfinite(ZoneIndex(broken).areas(broken).area_m2).all()


def test_repair_makes_no_area_out_of_a_hair() -> None:
    """A ring of 1e-7 m2 that touches its own hole, as moving a difference to the district's place leaves it."""
    shell = [
        (17681.102672238543, 4619593.005673643),
        (17683.85927487428, 4619592.787054731),
        (17682.462168363592, 4619594.534597356),
        (17689.76451368048, 4619592.318725755),
    ]
    hole = [
        (17682.4621683672, 4619594.534597355),
        (17683.859274876333, 4619592.787054731),
        (17689.76451368048, 4619592.318725755),
    ]
    hair = np.array([shapely.Polygon(shell, [hole])], dtype=object)
    assert not shapely.is_valid(hair)[0]
    mended = robust.valid(hair)
    assert shapely.is_valid(mended)[0]
    assert shapely.area(mended)[0] == pytest.approx(shapely.area(hair)[0], abs=1e-6)


def test_repair_drops_no_part() -> None:
    """Two triangles, one with a corner tripled by rounding: building from rings drops the larger one."""
    first = [(-8586.996352421065, 4629674.837418708), (-8590.638315831915, 4629666.257636204)]
    second = [
        (-8614.035682250968, 4629647.508423002),
        (-8594.26116612672, 4629657.722880613),
        (-8594.26116612695, 4629657.722880613),
        (-8594.261166128517, 4629657.722880612),
        (-8544.774766438255, 4629617.329011658),
    ]
    parts = objects(MultiPolygon([Polygon([*first, (-8613.5650412439, 4629670.732965002)]), Polygon(second)]))
    assert not shapely.is_valid(parts)[0]
    mended = robust.valid(parts)
    assert shapely.is_valid(mended)[0]
    assert shapely.area(mended)[0] == pytest.approx(758.6256230, abs=1e-6)


@pytest.mark.parametrize("refused", [{"structure"}, {"linework", "structure"}])
def test_a_refused_repair_is_tried_the_other_ways(monkeypatch, refused) -> None:
    def accepts(geometry, method="linework", **_options):
        return not isinstance(geometry, np.ndarray) and method not in refused

    monkeypatch.setattr(shapely, "make_valid", refusing(shapely.make_valid, accepts))
    spiked = Polygon([(0, 0), (4, 0), (4, 4), (4, 9), (4, 4), (0, 4)])
    assert shapely.area(robust.valid(objects(spiked, box(0, 0, 1, 1)))).tolist() == [16.0, 1.0]


def test_sound_is_flat_and_valid_and_keeps_what_is_missing() -> None:
    high = Polygon([(0, 0, 5), (1, 0, 5), (1, 1, 5)])
    found = robust.sound(objects(high, BOWTIE, None, Polygon(), Point(1, 2)))
    assert not shapely.has_z(found).any()
    assert np.nan_to_num(shapely.area(found)).tolist() == [0.5, 50.0, 0.0, 0.0, 0.0]
    assert found[2] is None
