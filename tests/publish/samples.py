"""Publications for tests: the sample workspace as a planner would publish it, and small ones made by hand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from pyproj import CRS

from spatial.areas import official_area_m2
from spatial.catalog import load_workspace
from spatial.cli.places import sample_folder
from spatial.crs import CGCS2000_GEOGRAPHIC
from spatial.equal_area import reproject
from spatial.publish.model import Layer, Publication, Symbol
from spatial.roles import roles
from spatial.tables.cells import Column, rounded

AREA_COLUMNS = (
    Column("name", "名称", "text"),
    Column("area_ha", "面积（公顷）", "ha"),
    Column("area_mu", "面积（亩）", "mu"),
)
SLOPES = (("≤2°", "#38a800"), ("2°—6°", "#8bd100"), ("6°—15°", "#ffff00"), ("15°—25°", "#ff8000"), (">25°", "#c00000"))


def array(shapes: Sequence[Any]) -> np.ndarray[Any, np.dtype[np.object_]]:
    found = np.empty(len(shapes), dtype=object)
    found[:] = shapes
    return found


@cache
def _frame(layer_id: str) -> gpd.GeoDataFrame:
    return gpd.read_parquet(sample_folder("shangdang") / f"{layer_id}.parquet")


def role_layer(layer_id: str, group: str, **more: Any) -> Layer:
    """A layer of the sample workspace in its role's colours, with areas of the full geometry."""
    entry = next(found for found in load_workspace(sample_folder("shangdang")).layers if found.layer_id == layer_id)
    frame, style = _frame(layer_id), roles()[entry.role].style
    shapes = np.asarray(frame.geometry.array, dtype=object)
    areal = bool((shapely.get_dimensions(shapes) == 2).all())
    area = official_area_m2(shapes, CRS(frame.crs)) if areal else np.zeros(len(shapes))
    names = frame["name"].fillna("").astype(str) if "name" in frame else [""] * len(frame)
    rows = tuple(
        (name, rounded(a / 1e4, "ha"), rounded(a * 3 / 2000, "mu")) for name, a in zip(names, area, strict=True)
    )
    symbol = Symbol("", style.fill, style.edge, style.fill_opacity, 1.2 if areal else 1.8, style.dash)
    given: dict[str, Any] = {
        "key": layer_id,
        "role": entry.role,
        "title": roles()[entry.role].name("zh"),
        "group": group,
        "shapes": reproject(shapes, CRS(frame.crs), CRS(CGCS2000_GEOGRAPHIC)),
        "symbols": (symbol,),
        "symbol_of": np.zeros(len(shapes), dtype=np.int32),
        "columns": AREA_COLUMNS if areal else AREA_COLUMNS[:1],
        "rows": rows if areal else tuple(row[:1] for row in rows),
        "name_key": "name",
        "note": f"{entry.name.zh}，{entry.edition}，{entry.source}",
        "illustrative": entry.illustrative,
    }
    return Layer(**(given | more))


def coverage_layer() -> Layer:
    """Townships by a share, with figures that a click shows as bars."""
    base = role_layer("township", "统计")
    count = len(base.shapes)
    share = np.round(np.linspace(3.2, 61.7, count), 2)
    classes = np.minimum(share // 15, 3).astype(np.int32)
    fills = ("#edf8e9", "#bae4b3", "#74c476", "#238b45")
    labels = ("＜15%", "15%—30%", "30%—45%", "≥45%")
    symbols = tuple(Symbol(label, fill, "#5b6b75", 0.75, 0.8) for label, fill in zip(labels, fills, strict=True))
    columns = (
        *AREA_COLUMNS,
        Column("eco_pct", "生态保护红线占比（%）", "pct"),
        Column("pbf_pct", "永久基本农田占比（%）", "pct"),
    )
    rows = tuple((*row, float(s), round(90 - float(s), 2)) for row, s in zip(base.rows, share, strict=True))
    return replace(
        base,
        key="coverage",
        title="生态保护红线覆盖率",
        symbols=symbols,
        symbol_of=classes,
        columns=columns,
        rows=rows,
        labelled=True,
        chart_keys=("eco_pct", "pbf_pct"),
    )


def slope_layer() -> Layer:
    """Steep land beside gentle land: red and green meet, so the steepest class is hatched."""
    base = role_layer("slope25", "统计", shown=False)
    symbols = tuple(
        Symbol(label, fill, "#7a4a00", 0.6, 0.4, hatch="slash" if fill == "#c00000" else "") for label, fill in SLOPES
    )
    return replace(base, title="坡度级", symbols=symbols, symbol_of=np.full(len(base.shapes), 4, dtype=np.int32))


def hatched(layer: Layer, hatch: Any) -> Layer:
    return replace(layer, symbols=tuple(replace(symbol, hatch=hatch) for symbol in layer.symbols))


def district(**more: Any) -> Publication:
    """The sample workspace as a planner would publish it."""
    layers = (
        role_layer("neighbour", "底图", labelled=True),
        coverage_layer(),
        slope_layer(),
        role_layer("pbf", "管控区", shown=False),
        role_layer("eco_red", "管控区"),
        hatched(role_layer("ws1", "管控区"), "slash"),
        hatched(role_layer("ws2", "管控区"), "dots"),
        role_layer("stream", "底图", labelled=True),
        role_layer("reservoir", "底图", labelled=True),
        role_layer("receptor", "项目与敏感点", symbols=(Symbol("", "#7b3294", "#ffffff", 1.0, 1.2, radius=4.5),)),
        role_layer("district", "底图", symbols=(Symbol("", "", "#4d4d4d", 0.0, 2.2, "10 3 2 3"),)),
    )
    west, south, east, north = shapely.total_bounds(layers[-1].shapes).tolist()
    given: dict[str, Any] = {
        "title": "长治市上党区生态保护红线覆盖率",
        "lang": "zh",
        "lines": (
            ("内部使用，未经审核不得公开；含示意数据，不作划界依据", True),
            ("坐标系 CGCS2000；数据日期 2026-11-21；来源见图例", False),
        ),
        "layers": layers,
        "extent": (west, south, east, north),
        "watermark": "内部使用 未经审核",
        "facts": (("approval", ""), ("date", "2026-11-21")),
    }
    return Publication(**(given | more))


def layer(key: str, shapes: Sequence[Any], **more: Any) -> Layer:
    """A layer of few shapes with one symbol and a name for each."""
    given: dict[str, Any] = {
        "key": key,
        "role": "",
        "title": f"图层{key}",
        "group": "组",
        "shapes": array(shapes),
        "symbols": (Symbol("", "#2a7f9e", "#1f3a4d", 0.4, 1.0),),
        "symbol_of": np.zeros(len(shapes), dtype=np.int32),
        "columns": (Column("name", "名称", "text"),),
        "rows": tuple((f"{key}{number}",) for number in range(len(shapes))),
        "name_key": "name",
    }
    return Layer(**(given | more))


def publication(*layers: Layer, **more: Any) -> Publication:
    given: dict[str, Any] = {
        "title": "样图",
        "lang": "zh",
        "lines": (("示意图", True),),
        "layers": layers,
        "extent": (113.0, 36.0, 113.1, 36.1),
    }
    return Publication(**(given | more))


def square(x: float, y: float, side: float = 0.01) -> Any:
    return shapely.box(113 + x, 36 + y, 113 + x + side, 36 + y + side)
