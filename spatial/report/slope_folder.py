"""What slope classes leave for people and programs: workbook, JSON, rasters of slopes and classes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import geopandas as gpd

from spatial.errors import InputError
from spatial.findings import Finding
from spatial.io.atomic import staged
from spatial.io.writers import write_vector
from spatial.report.book import Book, write_book
from spatial.runtime.executors import THREADS, Progress
from spatial.tables.cells import notice, seen
from spatial.tables.slope import slope_tables
from spatial.terrain.classes import classify
from spatial.terrain.farmland import FarmlandClasses
from spatial.terrain.polygons import class_polygons
from spatial.terrain.result import SlopeResult, require_whole
from spatial.terrain.run import Job, write_terrain
from spatial.terrain.slope import slope_deg
from spatial.words import Lang, say

FILES = ("slope.xlsx", "slope.json", "slope.tif", "classes.tif")
POLYGONS, PARCELS = "classes.gpkg", "parcels.gpkg"


def write_slope_folder(
    result: SlopeResult, folder: Path, lang: Lang, *, workers: str = THREADS, progress: Progress | None = None
) -> list[Path]:
    """Write workbook, JSON, Cloud Optimized GeoTIFFs of slopes and classes, and the classes as polygons.

    The rasters are written first, each whole or not at all, so that a run that was killed goes on with
    them; workbook, JSON and polygons follow together. Heights that do not fit into memory get no polygons.

    Returns
    -------
    list of Path
        The files written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for name, product in ((FILES[2], "slope"), (FILES[3], "classes")):
        job = Job(product, result.method, result.scheme, workers, progress)  # type: ignore[arg-type]
        write_terrain(result.dem, folder / name, job)
    names = list(FILES)
    with staged(folder) as temporary:
        book = Book(
            title=slope_title(result, lang),
            notice=slope_notice(result, lang),
            tables=slope_tables(result, lang),
            charted={"slope_totals": ("area_ha",), "slope_parcels": ("area_ha",)},
            date=result.place.date if result.place else None,
        )
        write_book(book, temporary / FILES[0], lang)
        if without_polygons(result) is None:
            names.append(POLYGONS)
            write_vector({"slope_classes": _polygons(result)}, temporary / POLYGONS)
        if result.parcels is not None:
            names.append(PARCELS)
            write_vector({"farmland_slope": _parcels(result)}, temporary / PARCELS)
        content = json.dumps(to_json(result), ensure_ascii=False, indent=1, allow_nan=False)
        (temporary / FILES[1]).write_text(content + "\n", encoding="utf-8", newline="\n")
    return [folder / name for name in names]


def slope_title(result: SlopeResult, lang: Lang) -> str:
    """Return the title of every output: whose heights, and which classes."""
    scheme = result.scheme.name.say(lang)
    if result.place is None:
        return say(lang, "slope_title_file", file=seen(result.dem.path.name), scheme=scheme)
    return say(lang, "slope_title", place=seen(result.place.name.say(lang)), scheme=scheme)


def without_polygons(result: SlopeResult) -> Finding | None:
    """Say why the classes are not written as polygons; nothing where they are."""
    try:
        require_whole(result.dem)
    except InputError:
        rows, columns = result.dem.grid.shape
        return Finding("warning", "slope_no_polygons", result.dem.path.name, values={"cells": f"{rows * columns:,}"})
    return None


def _polygons(result: SlopeResult) -> gpd.GeoDataFrame:
    grid = result.dem.grid
    slope = slope_deg(result.dem.read(), grid, method=result.method)
    return class_polygons(classify(slope, result.scheme), grid, result.scheme).assign(illustrative=result.illustrative)


def _parcels(result: SlopeResult) -> gpd.GeoDataFrame:
    found = result.parcels
    if found is None:
        raise ValueError
    frame = gpd.GeoDataFrame(found.parcels.copy(), geometry=found.geometry, crs=found.plane)
    return frame.assign(illustrative=result.illustrative)


def to_json(result: SlopeResult) -> dict[str, Any]:
    """Return slope classes for programs, areas in m2, unrounded."""
    areas = result.areas
    return {
        "schema": "ecopattern.slope/1",
        "heights": {"file": result.dem.path.name, "sha256": result.sha256, "cell_m": result.dem.grid.cell_m},
        "illustrative": result.illustrative,
        "method": result.method,
        "scheme": {
            "key": result.scheme.key,
            "breaks_deg": list(result.scheme.breaks_deg),
            "closed": result.scheme.closed,
            "source": result.scheme.source,
            "confidence": result.scheme.confidence,
        },
        "zones": [
            {
                "zone": name,
                "area_m2": float(areas.zone_m2[number]),
                "outside_m2": float(areas.outside_m2[number]),
                "classes": [
                    {"code": int(row.code), "area_m2": float(row.area_m2)}
                    for row in areas.table[areas.table["zone"] == number].itertuples()
                ],
            }
            for number, name in enumerate(result.zones)
        ],
        "date": result.place.date.isoformat() if result.place else None,
        **({} if result.surface is None else {"surface_m2": result.surface.to_dict("records")}),
        **({} if result.parcels is None else {"farmland": _farmland(result.parcels)}),
        "findings": [{"code": finding.code, "text": finding.text("en")} for finding in result.findings],
    }


def _farmland(found: FarmlandClasses) -> dict[str, Any]:
    """Return classes of farmland for programs; areas in m2, unrounded, null where no coefficient is known."""
    sums = found.parcels.groupby(["stated", "code", "form"], sort=True).agg(
        parcels=("parcel", "size"), area_m2=("area_m2", "sum")
    )
    net = found.parcels.groupby(["stated", "code", "form"], sort=True)["net_m2"].sum(min_count=1)
    sums["net_m2"] = net.astype(object).where(net.notna(), None)
    return {
        "min_patch_m2": found.rule.min_patch_m2,
        "classes": sums.reset_index().to_dict("records"),
        "ridges": [
            {
                "code": code,
                "form": form,
                "coefficient": ridge.coefficient,
                "source": ridge.source,
                "confidence": ridge.confidence,
            }
            for (code, form), ridge in sorted(found.ridges.items())
        ],
        "without_ridge": [{"code": code, "form": form} for code, form in found.unknown],
        "layers": [{"id": layer.layer_id, "role": layer.role, "edition": layer.edition} for layer in found.layers],
    }


def slope_notice(result: SlopeResult, lang: Lang) -> str:
    """Return the line that every sheet carries."""
    said = [say(lang, "coverage_date", date=result.place.date.isoformat())] if result.place else []
    return notice(lang, [*said, say(lang, "slope_plan_area")], illustrative=result.illustrative)
