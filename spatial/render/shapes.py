"""Geometries as a page draws them: longitude and latitude, few decimals, lighter where they are many."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import CRS

from spatial.crs import CGCS2000_GEOGRAPHIC
from spatial.equal_area import GeometryArray, reproject

FloatArray = NDArray[np.float64]


@dataclass(frozen=True)
class Drawing:
    """How outlines are lightened for drawing.

    Parameters
    ----------
    tolerance_m
        Simplification of outlines [m]; 0 leaves every vertex.
    vertices
        Vertices after it.
    """

    tolerance_m: float
    vertices: int


def lighten(
    layers: Sequence[GeometryArray], most: int, steps_m: Sequence[float]
) -> tuple[list[GeometryArray], Drawing]:
    """Simplify outlines step by step until they have few enough vertices; areas never come from these.

    Parameters
    ----------
    layers
        Arrays of geometries in a projected system in metres.
    most
        Vertices that may stay untouched.
    steps_m
        Tolerances to try in order [m]; the last one is kept even where it is not enough.
    """
    chosen, count = list(layers), _vertices(layers)
    tolerance_m = 0.0
    for step_m in steps_m:
        if count <= most:
            break
        chosen = [np.asarray(shapely.simplify(layer, step_m), dtype=object) for layer in layers]
        tolerance_m, count = step_m, _vertices(chosen)
    return chosen, Drawing(tolerance_m, count)


def _vertices(layers: Sequence[GeometryArray]) -> int:
    return sum(int(shapely.get_num_coordinates(layer).sum()) for layer in layers)


def lon_lat(geometry: Any, crs: str, decimals: int) -> GeometryArray:
    """Move geometries to longitude and latitude of CGCS2000 (WGS 84 within decimetres) and round them.

    Parameters
    ----------
    geometry : array_like of shapely geometries, shape (n,)
    crs
        The analysis system, such as ``EPSG:4526``.
    decimals
        Digits after the point; six are 0.1 m.
    """
    moved = reproject(geometry, CRS(crs), CRS(CGCS2000_GEOGRAPHIC))

    def cut(coords: FloatArray) -> FloatArray:
        return np.round(coords, decimals)

    return np.asarray(shapely.transform(moved, cut), dtype=object)


def feature_collection(shapes: GeometryArray) -> dict[str, Any]:
    """Return GeoJSON features that know their place in the array; missing and empty geometries are left out."""
    features = [
        {"type": "Feature", "properties": {"place": place}, "geometry": json.loads(shapely.to_geojson(shape))}
        for place, shape in enumerate(shapes)
        if shape is not None and not shape.is_empty
    ]
    return {"type": "FeatureCollection", "features": features}


def bounds(layers: Sequence[GeometryArray]) -> tuple[float, float, float, float] | None:
    """Return west, south, east, north over all layers; ``None`` where nothing is drawn."""
    filled = [layer for layer in layers if len(layer) and not np.isnan(shapely.total_bounds(layer)).any()]
    if not filled:
        return None
    west, south, east, north = shapely.total_bounds(np.concatenate(filled)).tolist()
    return west, south, east, north
