"""What a check leaves for people: a table, JSON, a map; a repaired copy and its log."""

from __future__ import annotations

import csv
import io
import json
import tempfile
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from openpyxl import Workbook
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter

from spatial.check.codes import codes
from spatial.check.file import Checked
from spatial.check.plane import plane_of
from spatial.check.reading import OF_A_PARCEL
from spatial.check.repair import Repair, repair
from spatial.check.report import is_repairable, mend_of, title_of
from spatial.check.to_json import to_json
from spatial.errors import InputError
from spatial.findings import Finding
from spatial.io.atomic import replacing, staged
from spatial.io.vector import FeatureNames
from spatial.io.writers import write_vector
from spatial.render.check_map import write_check_map
from spatial.report.package import NO_DAY, stamp
from spatial.report.sheets import guarded
from spatial.tables.cells import are_degrees, file_name, without_folder
from spatial.words import Lang, Text, say

#: Rings that were closed while reading.
_CLOSED = frozenset({"ring_open", "txt_ring_open"})
_COLUMNS = (
    ("severity", 9.0),
    ("code", 20.0),
    ("title", 18.0),
    ("file", 24.0),
    ("feature", 18.0),
    ("x", 16.0),
    ("y", 16.0),
    ("text", 60.0),
    ("mend", 48.0),
    ("repairable", 10.0),
)
_FILLS = {"error": "F8CBAD", "warning": "FFE699", "note": "DDEBF7"}
_MOST_ROWS = 1_000_000  # a sheet has 1,048,576


def write_check_folder(checked: Sequence[Checked], folder: Path, lang: Lang) -> list[Path]:
    """Write the findings as ``findings.xlsx``, ``findings.json`` and ``map.html``: all of them or none.

    Parameters
    ----------
    checked
        Reports and their layers.
    folder
        Made where it does not exist.
    lang
        Language of everything in it.

    Returns
    -------
    list of Path
        The files written.
    """
    reports = [one.report for one in checked]
    with staged(folder) as temporary:
        content = json.dumps(to_json(reports, lang), ensure_ascii=False, indent=1, allow_nan=False)
        (temporary / "findings.json").write_text(content + "\n", encoding="utf-8", newline="\n")
        findings = [(report.file, finding) for report in reports for finding in report.findings]
        _write_xlsx(findings, temporary / "findings.xlsx", lang)
        write_check_map(checked, temporary / "map.html", lang)
    return [folder / name for name in ("findings.xlsx", "findings.json", "map.html")]


def _write_xlsx(findings: list[tuple[str, Finding]], path: Path, lang: Lang) -> None:
    book = Workbook()
    book.properties.creator = "ecopattern"
    sheet = book.active
    sheet.title = say(lang, "check_title")
    sheet.append([say(lang, f"col_check_{key}") for key, _ in _COLUMNS])
    for file, finding in findings[:_MOST_ROWS]:
        sheet.append(_row(file, finding, lang))
    _dress(sheet, [finding for _, finding in findings[:_MOST_ROWS]], lang)
    with tempfile.TemporaryDirectory() as folder:
        raw = Path(folder) / "raw.xlsx"
        book.save(raw)
        stamp(raw, path, NO_DAY)


def _row(file: str, finding: Finding, lang: Lang) -> list[Any]:
    x, y = finding.location or (None, None)
    texts = [
        say(lang, f"severity_{finding.severity}"),
        finding.code,
        title_of(finding, lang),
        file_name(file),
        finding.feature,
    ]
    more = [without_folder(finding, lang), mend_of(finding, lang)]
    yes = say(lang, "check_yes" if is_repairable(finding) else "check_no")
    return [*map(guarded, texts), x, y, *map(guarded, more), yes]


def _dress(sheet: Any, findings: list[Finding], lang: Lang) -> None:
    name = "宋体" if lang == "zh" else "Calibri"
    line = Side(style="thin", color="BFBFBF")
    border, wrap = Border(left=line, right=line, top=line, bottom=line), Alignment(vertical="top", wrap_text=True)
    head, body = Font(name=name, size=10, bold=True, color="FFFFFF"), Font(name=name, size=10)
    for cell in sheet[1]:
        cell.font, cell.border, cell.alignment = head, border, Alignment(vertical="center", wrap_text=True)
        cell.fill = PatternFill("solid", fgColor="1F3A4D")
    fills = {severity: PatternFill("solid", fgColor=colour) for severity, colour in _FILLS.items()}
    for row, finding in zip(sheet.iter_rows(min_row=2), findings, strict=True):
        for cell in row:
            cell.font, cell.border, cell.alignment = body, border, wrap
            if isinstance(cell.value, float):
                cell.number_format = "0.0000000" if are_degrees(cell.value) else "0.000"
        row[0].fill = fills[finding.severity]
    for place, (_, width) in enumerate(_COLUMNS, start=1):
        sheet.column_dimensions[get_column_letter(place)].width = width
    sheet.freeze_panes = "A2"
    sheet.auto_filter.ref = f"A1:{get_column_letter(len(_COLUMNS))}{len(findings) + 1}"
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.print_title_rows = "1:1"


@dataclass(frozen=True)
class Repaired:
    """A repaired copy as written.

    Parameters
    ----------
    log_path
        The log beside it.
    unit
        Of the areas in the log.
    mended, left
        How many features were mended, while reading or after, and how many need a person's decision.
    """

    log: tuple[Repair, ...]
    log_path: Path
    unit: Text
    mended: int
    left: int


def write_repaired(checked: Checked, out: Path, lang: Lang) -> Repaired:
    """Repair a checked layer and write the copy and its log, which says what was done to each feature.

    Parameters
    ----------
    checked
        A report with its layer.
    out
        The repaired copy; the log is ``<stem>.repair-log.csv`` beside it.
    lang
        Language of the log.

    Raises
    ------
    InputError
        If nothing could be read, or the copy cannot be written; neither file is left then.
    """
    loaded = checked.loaded
    if loaded.frame is None:
        raise InputError("repair_unread", file=checked.report.file)
    frame, log = repair(loaded.frame, crs=loaded.crs)
    if frame.crs is None and loaded.crs is not None:
        frame = frame.set_crs(loaded.crs)
    plane = plane_of(np.asarray(loaded.frame.geometry.array, dtype=object), loaded.crs)
    log_path = out.with_name(f"{out.stem}.repair-log.csv")
    names = list(FeatureNames(loaded.frame))
    text = _log_text(log, names, checked, plane.unit, lang)
    with replacing(log_path) as temporary:
        temporary.write_text(text, encoding="utf-8-sig", newline="")
        with warnings.catch_warnings():
            # That there is no coordinate system was a finding; the copy has none either.
            warnings.filterwarnings("ignore", "'crs' was not provided", UserWarning)
            write_vector({out.stem: frame}, out)
    closed, unformed = (_of_codes(checked, wanted) for wanted in (_CLOSED, OF_A_PARCEL))
    features = {names[entry.row] for entry in log if entry.steps}
    mended = len(features | {finding.feature for finding in closed})
    return Repaired(log, log_path, plane.unit, mended, sum(bool(entry.left) for entry in log) + len(unformed))


def _of_codes(checked: Checked, codes: frozenset[str]) -> list[Finding]:
    return [finding for finding in checked.loaded.findings if finding.code in codes]


def _log_text(log: tuple[Repair, ...], names: list[str], checked: Checked, unit: Text, lang: Lang) -> str:
    keys = ("feature", "done", "title", "x", "y", "before", "after", "change", "unit", "outlines", "alternating")
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\r\n")
    writer.writerow([say(lang, f"col_check_{key}") for key in keys])
    for done, wanted in (("check_log_read", _CLOSED), ("check_log_left", OF_A_PARCEL)):
        for finding in _of_codes(checked, wanted):
            x, y = finding.location or ("", "")
            row = [finding.feature, say(lang, done), without_folder(finding, lang), x, y]
            writer.writerow([guarded(cell) if isinstance(cell, str) else cell for cell in row])
    for entry in log:
        what = [*(codes()[step].title.say(lang) for step in entry.steps), *([entry.left] if entry.left else [])]
        done = "check_log_left" if entry.left else "check_log_mended"
        readings = entry.readings
        areas = [f"{value:.4f}" for value in (entry.before, entry.after, entry.change)]
        meant = ["", ""] if readings is None else [f"{readings.outlines:.4f}", f"{readings.alternating:.4f}"]
        writer.writerow(
            [
                guarded(names[entry.row]),
                say(lang, done),
                guarded(say(lang, "list_mark").join(what)),
                *entry.at,
                *areas,
                unit.say(lang),
                *meant,
            ]
        )
    return stream.getvalue()
