"""What a coverage leaves for people and programs: a workbook with charts, GeoParquet, JSON."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from openpyxl import Workbook
from openpyxl.chart import BarChart, Reference
from pyproj import CRS

from spatial.coverage.run import CoverageResult
from spatial.crs import equal_area_crs
from spatial.equal_area import reproject
from spatial.io.atomic import staged
from spatial.report.package import stamp
from spatial.report.sheets import font, put, set_heights, set_print, set_widths, spread, write_table
from spatial.tables.cells import NUMERIC, Table, seen
from spatial.tables.coverage import coverage_tables
from spatial.words import Lang, say

_HEADER_ROW = 3
#: Bars that a chart can still show apart, and its size in centimetres.
_MOST_BARS, _CHART_CM = 40, (18.0, 9.0)
#: Columns that a chart of each table shows; tables without an entry have none.
_CHARTED = {
    "coverage_totals": ("area_ha",),
    "coverage_units": ("covered_ha", "uncovered_ha"),
    "coverage_roles": ("area_ha", "only_ha"),
    "coverage_counts": ("area_ha",),
    "coverage_awarded": ("area_ha",),
    "coverage_gaps": ("wanted_ha", "gap_ha"),
}


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
    book = Workbook()
    book.remove(book.active)
    book.properties.creator = "ecopattern"
    title = say(lang, "coverage_title", district=seen(result.district.say(lang)))
    book.properties.title = title
    for table in coverage_tables(result, lang):
        _sheet(book, f"{title} · {table.title}", table, result, lang)
    with tempfile.TemporaryDirectory() as folder:
        raw = Path(folder) / "raw.xlsx"
        book.save(raw)
        stamp(raw, path, result.date)


def _sheet(book: Any, title: str, table: Table, result: CoverageResult, lang: Lang) -> None:
    sheet = book.create_sheet(table.title)
    put(sheet, 1, 1, title, look=font(lang, 14, bold=True))
    note = coverage_notice(result, lang)
    put(sheet, 2, 1, note, look=font(lang, 9, color="9C0006"))
    write_table(sheet, _HEADER_ROW, table, lang)
    widths = set_widths(sheet, [table])
    spread(sheet, note, widths)
    set_heights(sheet, _HEADER_ROW, table, widths)
    sheet.freeze_panes = sheet.cell(_HEADER_ROW + 1, 1)
    set_print(sheet, len(table.columns), result.date, lang)
    _add_chart(sheet, table)


def coverage_notice(result: CoverageResult, lang: Lang) -> str:
    """Return the line that every sheet carries: date, what its data are, what is missing."""
    keys = ["coverage_counts_once", *(["notice_illustrative"] if result.illustrative else [])]
    said = [say(lang, "coverage_date", date=result.date.isoformat()), *(say(lang, key) for key in keys)]
    if result.missing:
        said.append(say(lang, "coverage_roles_missing", roles=say(lang, "list_mark").join(result.missing)))
    return say(lang, "sentence_mark").join(said)


def _add_chart(sheet: Any, table: Table) -> None:
    """Put a bar chart beside a table; of very many rows only the first are drawn."""
    charted = _CHARTED.get(table.key, ())
    if not charted:
        return
    keys = [column.key for column in table.columns]
    label = next((place for place, column in enumerate(table.columns) if column.kind not in NUMERIC), 0)
    last = _HEADER_ROW + min(len(table.rows), _MOST_BARS)
    chart = BarChart()
    chart.type, chart.style = "bar", 10
    chart.width, chart.height = _CHART_CM
    for key in charted:
        column = 1 + keys.index(key)
        chart.add_data(Reference(sheet, min_col=column, min_row=_HEADER_ROW, max_row=last), titles_from_data=True)
    chart.set_categories(Reference(sheet, min_col=1 + label, min_row=_HEADER_ROW + 1, max_row=last))
    chart.title = table.title
    chart.x_axis.scaling.orientation = "maxMin"
    chart.x_axis.delete = chart.y_axis.delete = False
    if table.key == "coverage_units":
        chart.grouping, chart.overlap = "stacked", 100
    sheet.add_chart(chart, sheet.cell(_HEADER_ROW, len(table.columns) + 2).coordinate)
