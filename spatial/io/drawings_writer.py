"""Writing CAD drawings: one closed polyline per ring, in metres, as every CAD program takes them."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from pyproj import CRS

from spatial.errors import InputError
from spatial.findings import Finding
from spatial.io.atomic import replacing

_VERSION = "R2010"
_METRES = 6
#: Signs that names of layers must not hold (DXF reference, symbol names).
_FORBIDDEN = re.compile(r"[<>/\\\":;?*|=`,\x00-\x1f]")
_LONGEST_NAME = 255
#: Columns that a drawing keeps; handle and block are of the drawing that was read.
_KEPT = frozenset({"layer", "color", "handle", "block"})
_BY_LAYER = 256


def write_drawing(frame: gpd.GeoDataFrame, path: Path, layer: str) -> list[Finding]:
    """Write features as a drawing (DXF R2010, metres).

    Parameters
    ----------
    frame
        In a projected system in metres; the columns ``layer`` and ``color`` are kept where there are.
    path
        The .dxf file; replaced as a whole or left as it was.
    layer
        Name of the layer for features without one.

    Returns
    -------
    list of Finding
        What a drawing cannot hold: coordinate system, attributes, holes as holes.

    Raises
    ------
    InputError
        If the coordinates are degrees or not metres.
    """
    from ezdxf.document import Drawing

    crs = CRS(frame.crs)
    if not crs.is_projected or any(axis.unit_conversion_factor != 1 for axis in crs.axis_info):
        raise InputError("drawing_plane_needed", file=path, crs=crs.name)
    document: Any = Drawing.new(_VERSION)
    document.units = _METRES
    space = document.modelspace()
    geometry = np.asarray(frame.geometry.array, dtype=object)
    layers = [_layer_name(text, layer) for text in frame["layer"]] if "layer" in frame else [_layer_name(layer, "0")]
    layers = layers if len(layers) == len(frame) else layers * len(frame)
    colors = [_color(value) for value in frame["color"]] if "color" in frame else [_BY_LAYER] * len(frame)
    holes = 0
    for shape, name, color in zip(geometry, layers, colors, strict=True):
        if name not in document.layers:
            document.layers.add(name)
        for part in shapely.get_parts(shape) if shape is not None else ():
            holes += _draw(space, part, {"layer": name, "color": color})
    _save(document, path)
    return _lost(frame, path, crs, holes)


def _draw(space: Any, part: Any, attributes: dict[str, object]) -> int:
    """Draw one part and return how many holes it has."""
    dimension = shapely.get_dimensions(part)
    if dimension == 0:
        space.add_point((part.x, part.y), dxfattribs=attributes)
        return 0
    if dimension == 1:
        _polyline(space, shapely.get_coordinates(part), attributes, closed=False)
        return 0
    rings = shapely.get_rings(part)
    for ring in rings:
        _polyline(space, shapely.get_coordinates(ring)[:-1], attributes, closed=True)
    return len(rings) - 1


def _polyline(space: Any, points: np.ndarray[Any, Any], attributes: dict[str, object], *, closed: bool) -> None:
    drawn = space.add_lwpolyline([], close=closed, dxfattribs=attributes)
    # One assignment: appending points one by one takes time that grows with their square.
    values = np.zeros((len(points), 5))
    values[:, :2] = points
    drawn.lwpoints.values = values


def _save(document: Any, path: Path) -> None:
    from ezdxf._options import options

    fixed = options.write_fixed_meta_data_for_testing
    # The same features give the same bytes: no random identifiers, no time.
    options.write_fixed_meta_data_for_testing = True
    try:
        with replacing(path) as temporary:
            document.saveas(temporary)
    finally:
        options.write_fixed_meta_data_for_testing = fixed


def _layer_name(value: object, otherwise: str) -> str:
    text = value.strip() if isinstance(value, str) else ""
    return _FORBIDDEN.sub("_", text or otherwise)[:_LONGEST_NAME] or "0"


def _color(value: object) -> int:
    number = int(value) if isinstance(value, int | float | np.number) and value == value else _BY_LAYER  # noqa: PLR0124 -- NaN
    return number if 0 < number <= _BY_LAYER else _BY_LAYER


def _lost(frame: gpd.GeoDataFrame, path: Path, crs: CRS, holes: int) -> list[Finding]:
    source = str(path)
    found = [Finding("note", "drawing_no_crs", source, values={"crs": crs.name})]
    columns = [str(name) for name in frame.columns if name not in _KEPT and name != frame.geometry.name]
    if columns:
        found.append(Finding("warning", "columns_lost", source, values={"columns": ", ".join(columns)}))
    if holes:
        found.append(Finding("warning", "drawing_holes", source, values={"count": holes}))
    missing = int(shapely.is_missing(np.asarray(frame.geometry.array, dtype=object)).sum())
    if missing:
        found.append(Finding("warning", "features_not_written", source, values={"count": missing}))
    return found
