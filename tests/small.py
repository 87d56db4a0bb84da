"""A small workspace of plain boxes whose every figure can be worked out by hand."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
from shapely import Point, box
from shapely.geometry.base import BaseGeometry

from spatial.schemas import fields_of

CRS = "EPSG:4526"
EAST, NORTH = 38_410_000.0, 3_980_000.0


def at(x: float, y: float, width: float, height: float) -> BaseGeometry:
    """A box of the given size [m] whose corner is (x, y) from the workspace's origin."""
    return box(EAST + x, NORTH + y, EAST + x + width, NORTH + y + height)


def point(x: float, y: float) -> Point:
    return Point(EAST + x, NORTH + y)


def write(path: Path, shapes: dict[str, BaseGeometry | None], **columns: list[object]) -> Path:
    """Write shapes by name to a vector file, with more columns where given."""
    frame = gpd.GeoDataFrame({"name": list(shapes), **columns}, geometry=list(shapes.values()), crs=CRS)
    if path.suffix == ".parquet":
        frame.to_parquet(path)
    else:
        frame.to_file(path, engine="pyogrio")
    return path


def workspace(
    folder: Path, zones: dict[str, dict[str, BaseGeometry]], *, absent: tuple[str, ...] = (), extra: str = ""
) -> Path:
    """A workspace 10 km square with one layer for each role given."""
    folder.mkdir(parents=True, exist_ok=True)
    write(folder / "district.parquet", {"district": at(0, 0, 10_000, 10_000)})
    lines = [
        "schema = 1",
        "[district]",
        'name_zh = "试验区"',
        'name_en = "Test District"',
        'code = "000000"',
        f'analysis_crs = "{CRS}"',
        _layer("district", "DISTRICT"),
    ]
    for role, shapes in zones.items():
        needed = [rule.field for rule in fields_of(role) if rule.need == "required" and rule.field != "name"]
        write(folder / f"{role.lower()}.parquet", dict(shapes), **{field: list(shapes) for field in needed})
        lines.append(_layer(role.lower(), role))
    lines.extend(f'[[absent]]\nrole = "{role}"\nreason_zh = "本区没有"\nreason_en = "none here"' for role in absent)
    (folder / "catalog.toml").write_text("\n".join([*lines, extra]), encoding="utf-8")
    return folder


def _layer(layer_id: str, role: str) -> str:
    return f'[[layer]]\nid = "{layer_id}"\nrole = "{role}"\npath = "{layer_id}.parquet"\nedition = "2024"'
