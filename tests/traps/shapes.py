"""Small files, one for each kind of finding of a check: `write(folder)` makes them all."""

from __future__ import annotations

import json
import sqlite3
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from shapely import LineString, MultiPolygon, Point, Polygon, box
from shapely.affinity import translate

CRS = "EPSG:4526"
EAST, NORTH = 38_410_000.0, 3_980_000.0
PREFIX = 38_000_000.0


def at(shape: Any) -> Any:
    """Move a shape drawn near (0, 0) to the district; centimetres stay exact there."""
    return translate(shape, EAST, NORTH)


def square(x: float = 0, y: float = 0, side: float = 100) -> Polygon:
    return box(x, y, x + side, y + side)


def ring(*points: tuple[float, float]) -> Polygon:
    return Polygon(points)


TURNED_HOLE = Polygon([(0, 0), (100, 0), (100, 100), (0, 100)], [[(20, 20), (40, 20), (40, 40), (20, 40)]])
FRAME = square(0, 0, 300).difference(square(100, 100, 100))

#: Shapes near (0, 0) by code; each file holds these and nothing else that is wrong.
SHAPES: dict[str, list[Any]] = {
    "null_geometry": [square(), None],
    "empty_geometry": [square(), Polygon()],
    "collection": [shapely.GeometryCollection([square(), Point(200, 200)])],
    "mixed_kinds": [square(), LineString([(200, 0), (300, 0)])],
    "has_z": [shapely.force_3d(square(), 900.0)],
    "zero_area_ring": [MultiPolygon([square(), ring((200, 0), (250, 0), (300, 0))])],
    "zero_area_feature": [square(), ring((200, 0), (250, 0), (300, 0))],
    "self_intersection": [ring((0, 0), (100, 100), (100, 0), (0, 100))],
    "hole_misplaced": [Polygon(square().exterior, [square(200, 0, 50).exterior.coords[::-1]])],
    "parts_overlap": [MultiPolygon([square(), square(20, 20, 30)])],
    "interior_disconnected": [Polygon(square().exterior, [[(0, 50), (50, 60), (100, 50), (50, 40)]])],
    "self_touch": [ring((0, 0), (100, 0), (100, 100), (50, 0.0), (0, 100))],
    "small_crossing": [ring((0, 0), (100, 0), (100, 100), (50, 100), (50.3, 100.3), (50.3, 99.7), (0, 100))],
    "line_crossing": [LineString([(0, 0), (100, 100), (100, 0), (0, 100)])],
    "repeated_point": [ring((0, 0), (100, 0), (100, 0), (100, 100), (0, 100))],
    "spike": [ring((0, 0), (100, 0), (100, 50), (150, 50.002), (100, 50.004), (100, 100), (0, 100))],
    "sharp_angle": [ring((0, 0), (100, 0), (100, 50), (200, 50.5), (100, 51), (100, 100), (0, 100))],
    "tiny_edge": [ring((0, 0), (100, 0), (100, 0.006), (100, 100), (0, 100))],
    "hole_orientation": [TURNED_HOLE],
    "orientation_mixed": [square(), shapely.reverse(square(200, 0))],
    "sliver": [square(), box(200, 0, 200.2, 100)],
    "duplicate": [square(), ring((100, 100), (0, 100), (0, 0), (100, 0))],
    "overlap": [square(), square(95, 0)],
    "overlap_rounding": [square(), ring((100, 0), (200, 0), (200, 100), (100, 100), (99.999, 50))],
    "gap": [FRAME],
    "narrow_gap": [square(), square(100.2, 0)],
    "gap_rounding": [
        ring((0, 0), (200, 0), (200, 100), (0, 100)),
        ring((0, 100), (100, 100.001), (200, 100), (200, 200), (0, 200)),
    ],
    "gaps_seen": [FRAME],
}
#: What the fault brings with it.
ALSO = {
    "interior_disconnected": {"gaps_seen"},
    "hole_orientation": {"gaps_seen"},
    "declared_missing": {"declared_planar"},
}
#: Made with --tiles.
TILES = {"gap", "narrow_gap", "gap_rounding"}

DECLARED = {
    "declared_planar": ("DKMJ", ["26.0000"], [square(0, 0, 509.902)]),
    "declared_official": ("DKMJ", ["25.9948"], [square(0, 0, 509.902)]),
    "declared_either": ("TBMJ", [100.0], [square(0, 0, 10)]),
    "declared_unit": ("DKMJ", ["260000"], [square(0, 0, 509.902)]),
    "declared_area_differs": ("DKMJ", ["31.5"], [square(0, 0, 509.902)]),
    "declared_missing": ("DKMJ", ["26.0000", ""], [square(0, 0, 509.902), square(600, 0)]),
    "declared_points": ("JZDS", [7], [square()]),
}


def layer(shapes: list[Any], crs: str | None = CRS, **columns: list[Any]) -> gpd.GeoDataFrame:
    moved = [shape if shape is None or shape.is_empty else at(shape) for shape in shapes]
    frame = gpd.GeoDataFrame(columns, geometry=moved, crs=crs)
    # Without a plane there is no zone prefix either, or the plane would be recognised.
    return frame if crs else frame.set_geometry(frame.translate(-PREFIX))


def _not_finite(path: Path) -> None:
    with np.errstate(invalid="ignore"):
        bad = Polygon([(EAST, NORTH), (EAST + 100, float("nan")), (EAST + 100, NORTH + 100), (EAST, NORTH + 100)])
    gpd.GeoDataFrame(geometry=[bad], crs=CRS).to_parquet(path)


def _stored(path: Path, wkb: bytes) -> None:
    """Write a GeoPackage and put well-known binary into it that no Python writer would write."""
    layer([square()]).to_file(path, engine="pyogrio", layer="layer", geometry_type="Polygon")
    with sqlite3.connect(path) as base:
        (blob,) = base.execute("SELECT geom FROM layer").fetchone()
        for (name,) in base.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            base.execute(f'DROP TRIGGER "{name}"')
        # A GeoPackage geometry is a header of 8 bytes, an envelope of 32, and well-known binary.
        base.execute("UPDATE layer SET geom = ?", (blob[:40] + wkb,))
    base.close()


def _has_m(path: Path) -> None:
    corners = at(square()).exterior.coords
    text = ", ".join(f"{x} {y} 1" for x, y in corners)
    _stored(path, shapely.to_wkb(shapely.from_wkt(f"POLYGON M (({text}))"), flavor="iso", output_dimension=4))


def _curves(path: Path) -> None:
    circle = [(0, 50), (50, 100), (100, 50), (50, 0), (0, 50)]
    points = b"".join(struct.pack("<dd", EAST + x, NORTH + y) for x, y in circle)
    # A curve polygon of one circular string.
    _stored(path, struct.pack("<BIIBII", 1, 10, 1, 1, 8, len(circle)) + points)


def _ring_open(path: Path) -> None:
    corners = [[113.0, 36.0], [113.001, 36.0], [113.001, 36.001], [113.0, 36.001]]
    good = [[x + 0.01, y] for x, y in corners]
    features = [
        {"type": "Feature", "properties": {}, "geometry": {"type": "Polygon", "coordinates": [points]}}
        for points in (corners, [*good, good[0]])
    ]
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}), encoding="utf-8")


MADE: dict[str, tuple[str, Callable[[Path], None]]] = {
    "not_finite": (".parquet", _not_finite),
    "has_m": (".gpkg", _has_m),
    "curves_cut": (".gpkg", _curves),
    "ring_open": (".geojson", _ring_open),
}


def write(folder: Path) -> dict[str, Path]:
    """Write one small file for each code of ``data/checks.toml``, named after it.

    Returns
    -------
    dict
        Code to file.
    """
    files = {}
    for code, shapes in SHAPES.items():
        files[code] = folder / f"{code}.parquet"
        layer(shapes).to_parquet(files[code])
    for code, (field, values, shapes) in DECLARED.items():
        files[code] = folder / f"{code}.parquet"
        layer(shapes, **{field: values}).to_parquet(files[code])
    for code, (suffix, make) in MADE.items():
        files[code] = folder / f"{code}{suffix}"
        make(files[code])
    return files


def clean(folder: Path) -> list[Path]:
    """Write files in which nothing is wrong: parcels that tile, an island in its hole, lines, points, degrees."""
    rows = [square(x * 100, y * 100) for x in range(4) for y in range(3)]
    shapes: dict[str, list[Any]] = {
        "tiles": rows,
        "island": [FRAME, square(100, 100, 100)],
        "parts": [MultiPolygon([square(), square(300, 0)])],
        "lines": [LineString([(0, 0), (50, 20), (100, 0)])],
        "points": [Point(0, 0), Point(10, 10)],
    }
    files = []
    for name, made in shapes.items():
        files.append(folder / f"clean_{name}.gpkg")
        layer([shapely.normalize(shapely.orient_polygons(shape)) for shape in made]).to_file(files[-1])
    files.append(folder / "clean_degrees.geojson")
    layer([square(), square(100, 0)]).to_crs(4490).to_file(files[-1])
    return files
