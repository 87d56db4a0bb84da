"""Drawings: what a CAD program draws becomes polygons, and everything else is said."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import ezdxf
import geopandas as gpd
import numpy as np
import pyogrio
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from spatial.errors import InputError
from spatial.io.curves import Chords, arc, bulged
from spatial.io.drawings import read_drawing
from spatial.io.stated import Stated
from spatial.io.vector import read_vector
from spatial.io.writers import write_vector
from tests.small import CRS, EAST, NORTH, at

SQUARE = [(EAST, NORTH), (EAST + 100, NORTH), (EAST + 100, NORTH + 100), (EAST, NORTH + 100)]


def drawn(path: Path, draw: Callable[[Any, Any], None], *, version: str = "R2010", units: int = 6) -> Path:
    document = ezdxf.new(version)
    document.header["$INSUNITS"] = units
    draw(document, document.modelspace())
    document.saveas(path)
    return path


def read(path: Path, layer: str = ""):
    frame, findings = read_drawing(path, Stated(layer=layer))
    return frame, {finding.code: finding for finding in findings}


def test_a_closed_polyline_is_a_polygon(tmp_path: Path) -> None:
    def draw(_: Any, space: Any) -> None:
        space.add_lwpolyline(SQUARE, close=True, dxfattribs={"layer": "地块", "color": 3})
        space.add_lwpolyline([*SQUARE, SQUARE[0]], dxfattribs={"layer": "地块"})
        space.add_polyline2d(SQUARE, close=True, dxfattribs={"layer": "地块"})
        space.add_polyline3d([(*point, 950) for point in SQUARE], close=True, dxfattribs={"layer": "地块"})
        space.add_text("污水处理厂", dxfattribs={"layer": "注记"})

    frame, found = read(drawn(tmp_path / "a.dxf", draw))
    assert frame.area.tolist() == [10_000.0] * 4
    assert frame.crs is None
    assert frame[["layer", "color"]].to_numpy().tolist() == [["地块", 3], *[["地块", 256]] * 3]
    assert found["drawing_words"].values["count"] == 1
    assert found["heights_dropped"].values["count"] == 1
    # All four lie on each other.
    assert found["drawing_nested"].values["count"] == 4


def test_a_circle_by_hand(tmp_path: Path) -> None:
    """Area of the inscribed polygon with n edges: n r^2 sin(2 pi / n) / 2."""
    path = drawn(tmp_path / "a.dxf", lambda _, space: space.add_circle((EAST, NORTH), 100))
    frame, found = read(path)
    edges = len(frame.geometry[0].exterior.coords) - 1
    assert frame.area[0] == pytest.approx(edges * 100**2 * math.sin(2 * math.pi / edges) / 2, rel=1e-9)
    assert frame.area[0] == pytest.approx(math.pi * 100**2, rel=2e-5)
    worst = float(str(found["drawing_curves"].values["worst"]))
    assert worst == pytest.approx(100 * (1 - math.cos(math.pi / edges)), abs=1e-6)
    assert 0 < worst <= 0.001


def test_bulges_follow_the_circle() -> None:
    """Two half circles of bulge 1 are a circle; every point lies on it."""
    for sign in (1, -1):
        chords = Chords(0.001, 100_000)
        points = bulged(np.array([[0.0, 0.0], [20.0, 0.0]]), np.array([sign, sign]) * 1.0, chords, closed=True)
        assert np.hypot(points[:, 0] - 10, points[:, 1]) == pytest.approx(10)
        assert shapely.Polygon(points).area == pytest.approx(math.pi * 100, rel=2e-4)
        assert chords.count == 2


@given(
    st.lists(st.tuples(st.floats(-50, 50), st.floats(-50, 50), st.floats(-3, 3)), min_size=2, max_size=6),
    st.booleans(),
)
def test_bulges_agree_with_ezdxf(rows: list[tuple[float, float, float]], closed: bool) -> None:
    from ezdxf.math import bulge_to_arc

    values = np.array(rows)
    chords = Chords(0.001, 1_000_000)
    points = bulged(values[:, :2], values[:, 2], chords, closed=closed)
    assert chords.worst <= 0.001 * (1 + 1e-6)
    pairs = list(zip(values, np.roll(values, -1, axis=0), strict=True))[: None if closed else -1]
    for start, end in pairs:
        chord = math.hypot(*(end - start)[:2])
        if abs(start[2]) > 0.01 and chord > 0.1:
            center, first, last, radius = bulge_to_arc(start[:2], end[:2], start[2])
            middle = (first + ((last - first) % (2 * math.pi)) / 2) % (2 * math.pi)
            expected = shapely.Point(center.x + radius * math.cos(middle), center.y + radius * math.sin(middle))
            assert shapely.LineString(points).distance(expected) <= 0.0011


def test_arcs_are_lines_and_too_many_points_are_refused() -> None:
    quarter = arc((0, 0), 1, 0, math.pi / 2, Chords(0.001, 100))
    assert quarter[[0, -1]] == pytest.approx(np.array([[1, 0], [0, 1]]))
    with pytest.raises(ValueError, match="too many"):
        arc((0, 0), 1e12, 0, 1, Chords(1e-9, 1000))


def test_ellipse_spline_and_hatch(tmp_path: Path) -> None:
    def draw(_: Any, space: Any) -> None:
        space.add_ellipse((EAST, NORTH), (100, 0), 0.5)
        # Four control points of an open cubic spline are those of one Bezier curve, here a loop.
        space.add_open_spline([SQUARE[0], SQUARE[1], SQUARE[3], SQUARE[0]])
        hatch = space.add_hatch()
        hatch.paths.add_polyline_path(SQUARE, is_closed=True)
        hatch.paths.add_polyline_path([(x * 0.5 + EAST / 2 + 25, y * 0.5 + NORTH / 2 + 25) for x, y in SQUARE])
        edges = space.add_hatch().paths.add_edge_path()
        edges.add_line((EAST, NORTH), (EAST + 10, NORTH))
        edges.add_arc((EAST + 5, NORTH), 5, 0, 180)

    frame, _ = read(drawn(tmp_path / "a.dxf", draw))
    areas = frame.area.tolist()
    assert areas[0] == pytest.approx(math.pi * 100 * 50, rel=1e-4)
    # A Bezier loop encloses 3/20 of the cross product of its inner control points, seen from its ends.
    assert areas[1] == pytest.approx(3 / 20 * 100 * 100, rel=1e-4)
    assert areas[-2] == pytest.approx(10_000 - 2_500)
    assert areas[-1] == pytest.approx(math.pi * 25 / 2, rel=1e-3)


def test_blocks_are_placed_scaled_and_turned(tmp_path: Path) -> None:
    def draw(document: Any, space: Any) -> None:
        inner = document.blocks.new("INNER", base_point=(1, 1))
        inner.add_lwpolyline([(1, 1), (3, 1), (3, 2), (1, 2)], close=True)
        inner.add_circle((1, 1), 1, dxfattribs={"layer": "圆"})
        outer = document.blocks.new("OUTER")
        outer.add_blockref("INNER", (10, 0), dxfattribs={"rotation": 90})
        space.add_blockref("OUTER", (EAST, NORTH), dxfattribs={"xscale": 2, "yscale": 3, "layer": "地块"})

    path = drawn(tmp_path / "a.dxf", draw)
    with pytest.raises(InputError, match=r"several layers \(.*地块 \(1\)"):
        read(path)
    frame, found = read(path, "地块")
    # 2 x 1 turned by 90 degrees is 1 x 2, scaled by 2 and 3 is 2 x 6.
    assert frame.geometry[0].bounds == pytest.approx((EAST + 18, NORTH, EAST + 20, NORTH + 6))
    assert frame["block"].tolist() == ["INNER"]
    assert found["drawing_layers"].values["count"] == 1
    circle, _ = read(path, "圆")
    assert circle.area[0] == pytest.approx(math.pi * 2 * 3, rel=1e-3)


def test_a_block_that_contains_itself_is_refused(tmp_path: Path) -> None:
    def draw(document: Any, space: Any) -> None:
        document.blocks.new("A").add_blockref("B", (0, 0))
        document.blocks.new("B").add_blockref("A", (0, 0))
        space.add_blockref("A", (0, 0))

    with pytest.raises(InputError, match="contains itself"):
        read(drawn(tmp_path / "a.dxf", draw))


def test_blocks_that_multiply_are_refused(tmp_path: Path) -> None:
    def draw(document: Any, space: Any) -> None:
        for level in range(10):
            block = document.blocks.new(f"B{level}")
            for _ in range(10):
                if level:
                    block.add_blockref(f"B{level - 1}", (0, 0))
                else:
                    block.add_text("x")
        space.add_blockref("B9", (0, 0), dxfattribs={"column_count": 9999, "row_count": 9999})

    with pytest.raises(InputError, match="larger than is allowed"):
        read(drawn(tmp_path / "a.dxf", draw))


def test_mirrored_entities_are_turned_over(tmp_path: Path) -> None:
    """MIRROR leaves an extrusion of -Z: the stored x is negative."""

    def draw(_: Any, space: Any) -> None:
        half = [(-EAST, NORTH, 1.0), (-EAST - 10, NORTH, 0.0)]
        space.add_lwpolyline(half, format="xyb", close=True, dxfattribs={"extrusion": (0, 0, -1)})

    frame, _ = read(drawn(tmp_path / "a.dxf", draw))
    west, south, east, north = frame.total_bounds
    assert (west, east) == pytest.approx((EAST, EAST + 10))
    # Heading west as stored, counter-clockwise over the north; mirrored it heads east, still over the north.
    assert (south - NORTH, north - NORTH) == pytest.approx((0, 5), abs=0.01)


@pytest.mark.parametrize(
    ("units", "scale", "code"),
    [(6, 1, None), (0, 1, "drawing_unit_none"), (4, 1000, "drawing_unit_scaled"), (4, 1, "drawing_unit_by_range")],
)
def test_units(tmp_path: Path, units: int, scale: float, code: str | None) -> None:
    square = [(x * scale, y * scale) for x, y in SQUARE]
    path = drawn(tmp_path / "a.dxf", lambda _, space: space.add_lwpolyline(square, close=True), units=units)
    frame, found = read(path)
    assert frame.area[0] == pytest.approx(10_000)
    assert [name for name in found if name.startswith("drawing_unit")] == ([code] if code else [])


@pytest.mark.parametrize(("version", "page"), [("R2000", "ANSI_936"), ("R2000", "ANSI_1252"), ("R2007", "ANSI_936")])
def test_chinese_names_of_layers(tmp_path: Path, version: str, page: str) -> None:
    def draw(document: Any, space: Any) -> None:
        document.header["$DWGCODEPAGE"] = "ANSI_936"
        document.encoding = "gbk" if version == "R2000" else "utf8"
        space.add_lwpolyline(SQUARE, close=True, dxfattribs={"layer": "生态保护红线"})

    path = drawn(tmp_path / "a.dxf", draw, version=version)
    raw = path.read_bytes()
    assert ("生态保护红线".encode("gbk") in raw) == (version == "R2000")
    path.write_bytes(raw.replace(b"ANSI_936", page.encode()))
    frame, found = read(path)
    assert frame["layer"].tolist() == ["生态保护红线"]
    assert ("drawing_page_wrong" in found) == (page == "ANSI_1252")


def test_open_lines_points_and_what_is_left_out(tmp_path: Path) -> None:
    def draw(_: Any, space: Any) -> None:
        space.add_line(SQUARE[0], SQUARE[1])
        space.add_lwpolyline(SQUARE)
        space.add_point((*SQUARE[0], 5))
        space.add_lwpolyline(SQUARE, close=True)
        space.add_solid(SQUARE)
        space.add_point((0, 0), dxfattribs={"layer": "Defpoints"})

    frame, found = read(drawn(tmp_path / "a.dxf", draw))
    assert frame.geom_type.tolist() == ["LineString", "LineString", "Point", "Polygon"]
    assert found["drawing_open"].values["count"] == 2
    assert "SOLID (1)" in found["drawing_others"].text("en")
    assert found["drawing_layers"].values["count"] == 1


def test_ends_that_nearly_meet_are_joined(tmp_path: Path) -> None:
    ends = [*SQUARE, (SQUARE[0][0] + 0.0005, SQUARE[0][1])]
    frame, _ = read(drawn(tmp_path / "a.dxf", lambda _, space: space.add_lwpolyline(ends)))
    assert frame.area[0] == pytest.approx(10_000)


@pytest.mark.parametrize(
    "raw", [b"", b"  0\nSECTION\n", b"not a drawing", bytes(range(256)), b"AutoCAD Binary DXF\r\n\x1a\0"]
)
def test_damaged_files_have_one_sentence(tmp_path: Path, raw: bytes) -> None:
    path = tmp_path / "a.dxf"
    path.write_bytes(raw)
    with pytest.raises(InputError):
        read_vector(path, Stated(crs=CRS))


def test_half_a_drawing_is_refused(tmp_path: Path) -> None:
    path = drawn(tmp_path / "a.dxf", lambda _, space: space.add_lwpolyline(SQUARE, close=True))
    raw = path.read_bytes()
    path.write_bytes(raw[: len(raw) * 2 // 3])
    with pytest.raises(InputError, match="damaged or incomplete"):
        read(path)


def test_there_and_back(tmp_path: Path) -> None:
    donut = at(0, 0, 100, 100).difference(at(10, 10, 20, 20))
    shapes = [donut, shapely.LineString(SQUARE[:2]), shapely.Point(SQUARE[0])]
    frame = gpd.GeoDataFrame({"layer": ["a/b"] * 3, "name": list("xyz")}, geometry=shapes, crs=CRS)
    findings = write_vector({"x": frame}, tmp_path / "a.dxf")
    assert {finding.code for finding in findings} == {"drawing_no_crs", "columns_lost", "drawing_holes"}
    assert "name" in str(findings[1].values["columns"])
    back, found = read(tmp_path / "a.dxf")
    assert back["layer"].unique().tolist() == ["a_b"]
    assert back.geometry[0].normalize().equals(shapely.Polygon(donut.exterior).normalize())
    assert shapely.get_coordinates(back.geometry[3]).tolist() == [list(SQUARE[0])]
    assert found["drawing_nested"].values["count"] == 1
    first = (tmp_path / "a.dxf").read_bytes()
    write_vector({"x": frame}, tmp_path / "a.dxf")
    # Nothing but the time stamp differs.
    assert len(set(first.splitlines()) ^ set((tmp_path / "a.dxf").read_bytes().splitlines())) <= 2


def test_degrees_are_not_drawn(tmp_path: Path) -> None:
    frame = gpd.GeoDataFrame(geometry=[shapely.box(113, 36, 114, 37)], crs=4490)
    with pytest.raises(InputError, match="need a projected system"):
        write_vector({"x": frame}, tmp_path / "a.dxf")


def test_gdal_reads_the_same(tmp_path: Path) -> None:
    write_vector({"x": gpd.GeoDataFrame(geometry=[at(0, 0, 10, 20), at(50, 0, 10, 20)], crs=CRS)}, tmp_path / "a.dxf")
    other = pyogrio.read_dataframe(tmp_path / "a.dxf")
    ours, _ = read(tmp_path / "a.dxf")
    lengths = other.length.tolist()
    assert ours.length.tolist() == lengths == [60.0, 60.0]


def test_a_long_polyline_is_read_quickly_enough_to_be_counted(tmp_path: Path) -> None:
    angles = np.linspace(0, 2 * np.pi, 20_000, endpoint=False)
    ring = np.column_stack([EAST + 1000 * np.cos(angles), NORTH + 1000 * np.sin(angles)])
    write_vector({"x": gpd.GeoDataFrame(geometry=[shapely.Polygon(ring)], crs=CRS)}, tmp_path / "a.dxf")
    frame, _ = read(tmp_path / "a.dxf")
    assert shapely.get_num_coordinates(frame.geometry[0]) == 20_001


def test_names_written_as_code_points_are_decoded(tmp_path: Path) -> None:
    import ezdxf

    document = ezdxf.new("R2000")
    document.modelspace().add_lwpolyline([(0, 0), (9, 0), (9, 9)], close=True, dxfattribs={"layer": "用地红线"})
    document.saveas(tmp_path / "a.dxf")
    assert b"U+7528" in (tmp_path / "a.dxf").read_bytes()
    frame, _ = read_drawing(tmp_path / "a.dxf", Stated(layer="用地红线"))
    assert frame["layer"].tolist() == ["用地红线"]
