"""What drainage leaves for people and programs: rasters, streams and watersheds, JSON."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

import spatial
from spatial.io.atomic import staged
from spatial.io.rasters_writer import Band, write_cog
from spatial.io.writers import write_vector
from spatial.provenance import software
from spatial.tables.cells import notice
from spatial.terrain.drainage import Drainage
from spatial.terrain.flow import ESRI_CODES
from spatial.words import Lang, say

FILES = ("filled.tif", "direction.tif", "accumulation_km2.tif", "flow.gpkg", "flow.json")
_NO_CELL = int(ESRI_CODES[-1])


def write_flow_folder(found: Drainage, folder: Path) -> list[Path]:
    """Write filled heights, directions and contributing areas as GeoTIFF, streams and watersheds, and JSON: all or none.

    Directions are those of GIS programs: 1 is east, then clockwise by powers of two; 0 leaves the grid.

    Returns
    -------
    list of Path
        The files written.
    """
    grid = found.dem.grid
    tags = {
        "ecopattern": spatial.__version__,
        "source_sha256": found.sha256,
        "accumulation": found.sharing,
        "illustrative": str(found.illustrative).lower(),
    }
    nan = float("nan")
    with staged(folder) as temporary:
        write_cog(temporary / FILES[0], found.flow.filled, grid, Band("filled", "float32", nan, "m", tags))
        direction = Band("direction", "uint8", _NO_CELL, "", tags, "nearest")
        write_cog(temporary / FILES[1], found.flow.esri, grid, direction)
        drained = Band("accumulation", "float32", nan, "km2", tags, "nearest")
        write_cog(temporary / FILES[2], found.drained_km2.astype(np.float32), grid, drained)
        layers = {"streams": found.streams.assign(illustrative=found.illustrative)}
        if len(found.watersheds):
            layers["watersheds"] = found.watersheds.assign(illustrative=found.illustrative)
        write_vector(layers, temporary / FILES[3])
        content = json.dumps(to_json(found), ensure_ascii=False, indent=1, allow_nan=False)
        (temporary / FILES[4]).write_text(content + "\n", encoding="utf-8", newline="\n")
    return [folder / name for name in FILES]


def to_json(found: Drainage) -> dict[str, Any]:
    """Return drainage for programs, unrounded."""
    by_order = found.streams.groupby("strahler").agg(reaches=("reach", "size"), length_m=("length_m", "sum"))
    return {
        "schema": "ecopattern.flow/1",
        "heights": {"file": found.dem.path.name, "sha256": found.sha256, "cell_m": found.dem.grid.cell_m},
        "illustrative": found.illustrative,
        "accumulation": found.sharing,
        "stream_km2": found.stream_km2,
        "whole_km2": found.whole_km2,
        "filled_km2": found.filled_km2,
        "filled_m3": found.filled_m3,
        "most_drained_km2": float(np.nanmax(found.drained_km2)),
        "streams": by_order.reset_index().to_dict("records"),
        "watersheds": found.watersheds.drop(columns="geometry").to_dict("records"),
        "software": software(),
        "findings": [{"code": finding.code, "text": finding.text("en")} for finding in found.findings],
    }


def flow_notice(found: Drainage, lang: Lang) -> str:
    """Return the line that goes before the tables."""
    return notice(lang, [say(lang, "flow_by_d8")], illustrative=found.illustrative)
