"""What every zone is drawn from: outline, terrain, streams, and distances to them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from pyproj import CRS, Transformer

from layers.drawing import streams, terrain
from layers.drawing.canvas import Canvas, rescale, smooth
from layers.drawing.outline import County, installed_counties
from spatial.areas import official_area_m2
from spatial.units import to_m2

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    FloatArray = NDArray[np.float64]
    BoolArray = NDArray[np.bool_]

#: Zones stay this far inside the outline, so that rounding can never push them across it.
INSET_M = 2.0
ROUND_M = 0.01


@dataclass(frozen=True)
class Land:
    """The drawn land of one district; every member is in the plane of the canvas."""

    folder: Path
    facts: dict[str, Any]
    canvas: Canvas
    outline: shapely.Polygon
    neighbours: tuple[County, ...]
    height: FloatArray
    network: streams.Network

    @cached_property
    def inner(self) -> shapely.Polygon:
        """The outline, drawn in by :data:`INSET_M`."""
        return self.outline.buffer(-INSET_M)

    def target_m2(self, name: str) -> float:
        """Return a published figure of the facts as an area [m2]; a share is one of the real outline."""
        target = self.facts["target"][name]
        if target["unit"] == "km2":
            return to_m2(target["value"], "km2")
        whole = float(official_area_m2([self.outline], self.canvas.crs)[0])
        return whole * float(target["value"]) / 100

    @cached_property
    def inside(self) -> BoolArray:
        """Cells whose centre lies in the district."""
        return self.canvas.burn([self.outline])

    @cached_property
    def slope(self) -> FloatArray:
        """Slope [degrees]."""
        return terrain.slope_deg(self.height, self.canvas.cell_m)

    @cached_property
    def ruggedness(self) -> FloatArray:
        """Smoothed slope and height together, 0 in the basin to 1 on the ranges."""
        wide = smooth(self.slope, 8)
        return 0.6 * rescale(wide, self.inside) + 0.4 * rescale(smooth(self.height, 8), self.inside)

    @cached_property
    def above_stream(self) -> FloatArray:
        """Height above the stream cell that the water of a cell reaches first [m]."""
        return self.network.above_stream_m(self.height)


def to_plane(geometry: shapely.Geometry, crs: CRS) -> shapely.Geometry:
    """Project a geometry from CGCS2000 degrees and round it to the centimetre."""
    move = Transformer.from_crs(CRS.from_epsg(4490), crs, always_xy=True)
    moved = shapely.transform(geometry, lambda xy: np.column_stack(move.transform(xy[:, 0], xy[:, 1])))
    return shapely.set_precision(moved, ROUND_M)


def survey(folder: Path, facts: dict[str, Any]) -> Land:
    """Read the outline, make the terrain, and let the water run."""
    crs = CRS.from_user_input(facts["crs"])
    counties = installed_counties(facts["district"]["outline_provider"])
    home = next(county for county in counties if county.code == facts["district"]["code"])
    around = tuple(c for c in counties if c is not home and c.outline.distance(home.outline) < facts["neighbour_deg"])
    outline = to_plane(max(home.outline.geoms, key=lambda part: part.area), crs)
    canvas = Canvas.around(outline, crs, facts["grid"]["cell_m"], facts["grid"]["margin_m"], facts["seed"])
    height = terrain.build(canvas, facts)
    network = streams.trace(canvas, height, terrain.courses(canvas, facts), facts)
    return Land(folder, facts, canvas, outline, around, height, network)
