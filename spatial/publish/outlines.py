"""How finely the layers of a page are drawn: one table of tolerances for all of them."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from spatial.publish.arcs import Arcs, Ints, cut, outlines
from spatial.publish.encode import Drawn
from spatial.publish.model import GeometryArray, Layer
from spatial.publish.simplify import Floats, levels, significance


@dataclass(frozen=True)
class Scales:
    """Tolerances [m], from the finest outlines of a page to the coarsest; the first may be 0."""

    tolerances_m: tuple[float, ...]


@cache
def page_settings() -> dict[str, Any]:
    """Return the stated settings of ``data/publish_page.toml``."""
    return tomllib.loads(files("spatial").joinpath("data", "publish_page.toml").read_text(encoding="utf-8"))


def draw(layers: Sequence[Layer]) -> tuple[list[Drawn], Scales]:
    """Cut and thin the outlines of layers, all by the same tolerances.

    Parameters
    ----------
    layers
        With their full geometry, which nothing but drawing is simplified from.
    """
    setting = page_settings()["outlines"]
    quantum_deg = setting["quantum_deg"]
    arcs = [cut(outlines(layer.shapes, quantum_deg)) for layer in layers]
    worth = [significance(found, quantum_deg) for found in arcs]
    scales = _scales(worth)
    drawn = [
        _thinned(found, levels(important, np.array(scales.tolerances_m)), _labels(layer, quantum_deg))
        for layer, found, important in zip(layers, arcs, worth, strict=True)
    ]
    return drawn, scales


def _scales(worth: Sequence[Floats]) -> Scales:
    setting = page_settings()["outlines"]
    finest = setting["finest_m"][-1]
    for tolerance_m in setting["finest_m"]:
        if sum(int((important > tolerance_m).sum()) for important in worth) <= setting["vertices"]:
            finest = tolerance_m
            break
    coarser = [tolerance_m for tolerance_m in setting["coarser_m"] if tolerance_m >= finest * setting["coarser_by"]]
    return Scales((finest, *coarser))


def _thinned(arcs: Arcs, level: NDArray[np.uint8], label: tuple[Ints, Ints]) -> Drawn:
    kept = level > 0
    before = np.concatenate([[0], np.cumsum(kept)])
    fewer = replace(arcs, start=before[arcs.start].astype(np.int64), x=arcs.x[kept], y=arcs.y[kept])
    return Drawn(fewer, level[kept], *label)


def _labels(layer: Layer, quantum_deg: float) -> tuple[Ints, Ints]:
    """Return where names stand: inside areas, halfway along lines; nowhere where none are drawn."""
    if not layer.labelled:
        return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)
    grid = np.rint(_places(layer.shapes) / quantum_deg).astype(np.int64)
    return grid[:, 0], grid[:, 1]


def _places(shapes: GeometryArray) -> NDArray[np.float64]:
    parts, feature = shapely.get_parts(shapes, return_index=True)
    lines = shapely.get_dimensions(parts) == 1
    size = np.where(lines, shapely.length(parts), shapely.area(parts))
    places = np.zeros((len(shapes), 2))
    order = np.lexsort((size, feature))
    # The last one of each feature is its largest part.
    largest = order[np.append(np.diff(feature[order]) > 0, [True])[: len(order)]]
    line = lines[largest]
    at = np.empty(len(largest), dtype=object)
    at[line] = shapely.line_interpolate_point(parts[largest][line], 0.5, normalized=True)
    at[~line] = shapely.point_on_surface(parts[largest][~line])
    filled = ~shapely.is_empty(at)
    places[feature[largest][filled]] = shapely.get_coordinates(at[filled])
    return places
