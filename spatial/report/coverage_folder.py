"""What a coverage leaves for people and programs: a workbook with charts, GeoParquet, JSON."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from pyproj import CRS

from spatial.coverage.run import CoverageResult
from spatial.crs import equal_area_crs
from spatial.equal_area import reproject
from spatial.io.atomic import staged
from spatial.report.book import Book, write_book
from spatial.tables.cells import notice, seen
from spatial.tables.coverage import coverage_tables
from spatial.words import Lang, say

#: Columns that a chart of each table shows; tables without an entry have none.
_CHARTED = {
    "coverage_totals": ("area_ha",),
    "coverage_units": ("covered_ha", "uncovered_ha"),
    "coverage_roles": ("area_ha", "only_ha"),
    "coverage_counts": ("area_ha",),
    "coverage_awarded": ("area_ha",),
    "coverage_dated": ("area_ha",),
    "coverage_gaps": ("wanted_ha", "gap_ha"),
}
#: Tables whose bars add up.
_STACKED = frozenset({"coverage_units"})


def write_coverage_folder(result: CoverageResult, plane: CRS, folder: Path, lang: Lang) -> list[Path]:
    """Write ``coverage.xlsx``, ``coverage.json`` and, where there are units, ``units.parquet``: all or none.

    Parameters
    ----------
    result
        A coverage.
    plane
        The workspace's analysis plane, in which the units are written.
    folder
        Made where it does not exist.
    lang
        Language of the workbook.

    Returns
    -------
    list of Path
        The files written.
    """
    names = ["coverage.xlsx", "coverage.json"]
    with staged(folder) as temporary:
        _write_xlsx(result, temporary / names[0], lang)
        content = json.dumps(to_json(result), ensure_ascii=False, indent=1, allow_nan=False)
        (temporary / names[1]).write_text(content + "\n", encoding="utf-8", newline="\n")
        if result.partitions:
            names.append("units.parquet")
            _units(result, plane).to_parquet(temporary / names[2], compression="zstd")
    return [folder / name for name in names]


def to_json(result: CoverageResult) -> dict[str, Any]:
    """Return a coverage for programs, areas in m2, unrounded."""
    found = result.coverage
    return {
        "schema": "ecopattern.coverage/1",
        "district": {"zh": result.district.zh, "en": result.district.en},
        "date": result.date.isoformat(),
        "illustrative": result.illustrative,
        "district_m2": found.district_m2,
        "covered_m2": found.covered_m2,
        "roles": list(found.roles),
        "wanted": list(found.wanted),
        "missing": list(result.missing),
        "absent": {role: {"zh": reason.zh, "en": reason.en} for role, reason in result.absent.items()},
        "partitions": list(found.partitions),
        "by_unit": found.by_unit().to_dict("records") if found.partitions else [],
        "by_role": found.by_role().to_dict("records"),
        "overlaps_m2": found.overlaps().to_dict("index"),
        "by_count": found.by_count().astype({"n_roles": int}).to_dict("records"),
        "awarded": found.awarded().to_dict("records"),
        "dated": [] if result.dated is None else result.dated.to_dict("records"),
        "gaps": found.gaps().to_dict("records"),
        "outside_m2": found.outside_m2,
        "units": found.units.to_dict("records"),
        "layers": [
            {"id": layer.layer_id, "role": layer.role, "edition": layer.edition, "sha256": layer.sha256}
            for layer in result.layers
        ],
    }


def _units(result: CoverageResult, plane: CRS) -> gpd.GeoDataFrame:
    """Return the units of each partition with their figures, as features."""
    found = result.coverage
    covered = found.places[list(found.roles)].to_numpy(dtype=bool).any(axis=1)
    rows: list[dict[str, Any]] = []
    shapes: list[shapely.Geometry] = []
    for part in result.partitions:
        area = found.places.groupby(part.name)["area_m2"].sum()
        inside = found.places[covered].groupby(part.name)["area_m2"].sum()
        for number, unit in enumerate(part.units):
            whole, own = float(area.get(unit, 0.0)), float(inside.get(unit, 0.0))
            rows.append({"partition": part.name, "unit": unit, "area_m2": whole, "covered_m2": own})
            shapes.append(shapely.union_all(part.geometry[part.unit == number]))
    frame = gpd.GeoDataFrame(
        rows, geometry=reproject(np.array(shapes, dtype=object), equal_area_crs(), plane), crs=plane
    )
    frame["share_pct"] = 100 * frame["covered_m2"] / frame["area_m2"].where(frame["area_m2"] > 0)
    frame["illustrative"] = result.illustrative
    return frame


def _write_xlsx(result: CoverageResult, path: Path, lang: Lang) -> None:
    book = Book(
        title=say(lang, "coverage_title", district=seen(result.district.say(lang))),
        notice=coverage_notice(result, lang),
        tables=coverage_tables(result, lang),
        charted=_CHARTED,
        stacked=_STACKED,
        date=result.date,
    )
    write_book(book, path, lang)


def coverage_notice(result: CoverageResult, lang: Lang) -> str:
    """Return the line that every sheet carries: date, what its data are, what is missing."""
    said = [say(lang, "coverage_date", date=result.date.isoformat()), say(lang, "coverage_counts_once")]
    if result.missing:
        said.append(say(lang, "coverage_roles_missing", roles=say(lang, "list_mark").join(result.missing)))
    return notice(lang, said, illustrative=result.illustrative)
