"""The Word report of soil loss and measures: what a planner pastes into a soil conservation section."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import docx
from docx.shared import Cm

from spatial.erosion.result import ErosionResult, Measures
from spatial.report.wordpage import add_footer, chapter, save, set_properties
from spatial.report.wordstyle import prepare
from spatial.report.wordtable import add_table, small
from spatial.tables.cells import Column, Kind, Table, seen, without_folder
from spatial.tables.erosion import erosion_tables, erosion_title
from spatial.tables.measures import first_rows, measures_notice, measures_tables, prices_notice
from spatial.words import Lang, say

#: Parcels that the report lists, the first of their ranking, and those to be given up.
_PARCELS, _CONVERTED = 20, 60
#: Relative widths of columns by their kind.
_WIDTHS = {"text": 2.2, "long": 5.0, "count": 1.6, "pct": 1.5, "exact": 1.0}
_OTHER_WIDTH = 1.9
_MAP_WIDTH_CM = 15.5
#: Columns that a page has room for, with their relative widths, by table; others show all.
_PICKED = {
    "erosion_basis": {"item": 2.4, "value": 7.6},
    "measures_basis": {"item": 2.4, "value": 7.6},
    "measures_scenarios": {
        "scenario": 2.0,
        "parcels": 0.9,
        "area_ha": 1.7,
        "saved_t_a": 1.5,
        "saved_pct": 1.2,
        "terrace_m": 1.9,
        "earthwork_m3": 2.1,
        "yuan": 2.3,
        "per_yuan": 1.2,
    },
    "measures_parcels": {
        "rank": 0.8,
        "parcel": 1.6,
        "slope": 2.2,
        "practices": 3.8,
        "area_ha": 1.2,
        "loss_t_a": 1.4,
        "saved_t_a": 1.4,
        "yuan": 1.5,
        "per_yuan": 1.4,
    },
}
#: What people read in a report needs fewer digits than the workbook: hectares with two, large sums whole.
_SHORTER: dict[str, Kind] = {"ha": "pct"}
_WHOLE = frozenset({"erosion_zones", "erosion_matrix", "measures_scenarios"})
_WHOLE_COLUMNS = frozenset({"yuan", "earthwork_m3", "terrace_m"})
_FINE_COLUMNS = frozenset({"per_yuan", "per_hm2"})


def write_erosion_docx(result: ErosionResult, maps: Mapping[str, Path], path: Path, lang: Lang) -> None:
    """Write soil loss and, where they were asked for, measures as a Word report; the same result gives the same bytes.

    Parameters
    ----------
    result
        As :func:`spatial.erosion.result.run_erosion` returns it.
    maps
        Pictures ``loss`` and ``priority``; what is not there is left out.
    path
        The .docx file, in a folder that is there.
    lang
        Language of the report.
    """
    tables = {table.key: table for table in (*erosion_tables(result, lang), *measures_tables(result, lang))}
    document = docx.Document()
    prepare(document, lang)
    title = erosion_title(result, lang)
    set_properties(document, title, result.date, lang)
    document.add_paragraph(title, style="Title")
    district = seen(result.district.say(lang))
    said = say(lang, "report_date", year=result.date.year, month=result.date.month, day=result.date.day)
    document.add_paragraph(f"{district}  {said}", style="Subtitle")
    keys = ("erosion_aid", *(("notice_illustrative",) if result.illustrative else ()))
    notice = say(lang, "sentence_mark").join(say(lang, key) for key in keys)
    document.add_paragraph(style="Subtitle").add_run(notice).bold = True
    _add_method(document, result, tables["erosion_basis"], lang)
    _add_loss(document, tables, lang)
    _add_map(document, maps.get("loss"))
    if result.measures is not None:
        _add_measures(document, result.measures, tables, lang)
        _add_map(document, maps.get("priority"))
    _add_caveats(document, result, lang)
    add_footer(document, lang, "erosion_aid")
    save(document, path, result.date)


def _add_method(document: Any, result: ErosionResult, basis: Table, lang: Lang) -> None:
    chapter(document, "erosion_heading_method", lang)
    formula = say(lang, f"erosion_model_{result.model}")
    document.add_paragraph(say(lang, "erosion_method_model", formula=formula))
    document.add_paragraph(say(lang, f"erosion_method_{result.model}"))
    # Remarks stand among the caveats.
    remark = say(lang, "slope_remark")
    _add(document, replace(basis, rows=tuple(row for row in basis.rows if row[0] != remark)))


def _add_loss(document: Any, tables: dict[str, Table], lang: Lang) -> None:
    chapter(document, "erosion_heading_loss", lang)
    for key in ("erosion_zones", "erosion_grades", "erosion_sheet", "erosion_matrix", "erosion_lost"):
        if key in tables:
            _titled(document, tables[key])


def _add_measures(document: Any, measures: Measures, tables: dict[str, Table], lang: Lang) -> None:
    chapter(document, "erosion_heading_measures", lang)
    small(document, measures_notice(measures, lang))
    if "measures_scenarios" in tables:
        _titled(document, tables["measures_scenarios"])
    parcels = tables.get("measures_parcels")
    if parcels:
        _titled(document, first_rows(parcels, _PARCELS, lang))
    _titled(document, first_rows(tables["measures_conversion"], _CONVERTED, lang))
    _titled(document, tables["measures_basis"])


def _add_caveats(document: Any, result: ErosionResult, lang: Lang) -> None:
    chapter(document, "erosion_heading_caveats", lang)
    said = [
        say(lang, key)
        for key in ("erosion_caveat_relative", "erosion_caveat_grades", "slope_plan_area", "erosion_sums_by")
    ]
    if result.measures:
        said += [say(lang, "measures_caveat_et"), say(lang, "measures_relative"), prices_notice(result.measures, lang)]
    said += [without_folder(finding, lang) for finding in result.findings if finding.severity != "note"]
    for text in said:
        document.add_paragraph(text, style="List Bullet")


def _add_map(document: Any, path: Path | None) -> None:
    if path is not None:
        document.add_paragraph().add_run().add_picture(str(path), width=Cm(_MAP_WIDTH_CM))


def _titled(document: Any, table: Table) -> None:
    heading = document.add_heading(table.title, 2)
    heading.paragraph_format.keep_with_next = True
    _add(document, table)


def _add(document: Any, table: Table) -> None:
    picked = _PICKED.get(table.key)
    shown = table.picked(tuple(picked)) if picked else table
    widths = list(picked.values()) if picked else [_WIDTHS.get(column.kind, _OTHER_WIDTH) for column in table.columns]
    columns = tuple(replace(column, kind=_kind(column, table.key)) for column in shown.columns)
    add_table(document, replace(shown, columns=columns), widths)


def _kind(column: Column, table: str) -> Kind:
    """Return the kind that says how many digits of a column the report shows."""
    whole = column.key in _WHOLE_COLUMNS or (table in _WHOLE and column.kind == "m2")
    if whole and column.key not in _FINE_COLUMNS:
        return "count"
    return _SHORTER.get(column.kind, column.kind)
