"""Draw the layers of a workspace: `python -m layers.drawing layers/shangdang`."""

from __future__ import annotations

import sys
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from layers.drawing import base, cover, projects, sources, write, zones
from layers.drawing.land import Land, survey
from layers.drawing.totals import totals

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

_NO_HEIGHT = -9999.0


class Drawing(NamedTuple):
    """Everything that was drawn: vector layers by id, and two grids."""

    land: Land
    layers: dict[str, gpd.GeoDataFrame]
    height_m: NDArray[np.float32]
    cover: NDArray[np.uint8]


def draw(folder: Path) -> Drawing:
    """Draw all layers of a workspace from its `facts.toml` and `projects.csv`; nothing is written."""
    facts: dict[str, Any] = tomllib.loads((folder / "facts.toml").read_text(encoding="utf-8"))
    land = survey(folder, facts)
    made: dict[str, gpd.GeoDataFrame] = {}
    made["district"], made["township"] = base.tiled_district(land)
    made["neighbour"] = base.neighbours(land)
    made["stream"] = base.stream_lines(land)
    made["receptor"] = base.receptors(land)
    made["forest"] = zones.forest(land)
    made["eco_red"] = zones.redline(land)
    made["eco_red_2018"] = zones.earlier_redline(land, made["eco_red"])
    made["scenic"], made["scenic_core"] = zones.scenic(land)
    made["slope25"] = zones.steep_land(land)
    made["reservoir"] = zones.reservoirs(land)
    made["wetland"] = zones.wetlands(land)
    made["udb_in"], made["udb_out"] = zones.town_area(land, made["district"].geometry.iloc[0])
    made["esp_belt"], made["esp_screen"], made["esp_corridor"] = zones.pattern(land)
    made["ws1"], made["ws2"], made["wsq"] = sources.zones(land)
    covered = cover.land_cover(land, made)
    made["farmland"] = cover.parcels(land, covered)
    made["pbf"] = cover.basic_farmland(land, made["farmland"], made)
    made["projects"] = projects.register(land, made)
    shown = land.canvas.burn([land.outline.buffer(facts["grid"]["shown_margin_m"])])
    height = np.where(shown, land.height, _NO_HEIGHT).astype(np.float32)
    return Drawing(land, made, height, covered)


def save(drawing: Drawing, folder: Path) -> None:
    """Write all layers into a folder."""
    for name, layer in drawing.layers.items():
        if name == "projects":
            write.write_geopackage(layer, folder / f"{name}.gpkg", name)
        else:
            write.write_parquet(layer, folder / f"{name}.parquet")
    canvas = drawing.land.canvas
    write.write_cog(drawing.height_m, canvas, folder / "dem.tif", nodata=_NO_HEIGHT, tags={"unit": "m"})
    classes = {str(c["code"]): c["key"] for c in drawing.land.facts["landcover"]["class"]}
    write.write_cog(drawing.cover, canvas, folder / "landcover.tif", nodata=0, tags=classes)


def main() -> None:
    """Redraw the workspace that is named on the command line."""
    if len(sys.argv) != 2:  # noqa: PLR2004 -- the program and one folder
        sys.exit("usage: python -m layers.drawing WORKSPACE")
    folder = Path(sys.argv[1])
    save(draw(folder), folder)
    for total in totals(folder):
        print(total.row())


if __name__ == "__main__":
    main()
