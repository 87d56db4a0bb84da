"""Draw a table of a screening in a Word document."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Pt

from spatial.tables.cells import NUMERIC, Table, as_text, verdict_styles

#: Width of the text between the margins, in centimetres.
TEXT_WIDTH_CM = 15.6
_HEADER_TINT = "#E8EEF2"
_SMALL = Pt(9)
_CELL_MARGIN_TWIPS = 57  # a millimetre


def add_table(document: Any, table: Table, widths: Sequence[float]) -> Any:
    """Add a table with a repeated header, verdict cells tinted.

    Parameters
    ----------
    widths
        Relative widths of the columns; together they fill the text's width.
    """
    drawn = document.add_table(rows=1, cols=len(table.columns), style="Table Grid")
    drawn.alignment, drawn.autofit = WD_TABLE_ALIGNMENT.CENTER, False
    _set_margins(drawn)
    sizes = [Cm(TEXT_WIDTH_CM * width / sum(widths)) for width in widths]
    for size, drawn_column in zip(sizes, drawn.columns, strict=True):
        drawn_column.width = size
    for cell, column, size in zip(drawn.rows[0].cells, table.columns, sizes, strict=True):
        fill(cell, column.title, bold=True, alignment=WD_ALIGN_PARAGRAPH.CENTER)
        tint(cell, _HEADER_TINT)
        cell.width = size
    _flag(drawn.rows[0], "w:tblHeader")
    styles = verdict_styles()
    for place, values in enumerate(table.rows):
        row = drawn.add_row()
        _flag(row, "w:cantSplit")
        verdict = table.verdicts[place] if table.verdicts else None
        for cell, column, value, size in zip(row.cells, table.columns, values, sizes, strict=True):
            cell.width = size
            number = column.kind in NUMERIC
            fill(cell, as_text(value, column.kind), alignment=WD_ALIGN_PARAGRAPH.RIGHT if number else None)
            if column.kind == "verdict" and verdict is not None:
                tint(cell, styles[verdict].tint)
    return drawn


def add_pairs(document: Any, table: Table, widths: Sequence[float]) -> None:
    """Add a table of labels and values side by side, without a header; labels are tinted."""
    drawn = document.add_table(rows=0, cols=len(table.columns), style="Table Grid")
    drawn.alignment, drawn.autofit = WD_TABLE_ALIGNMENT.CENTER, False
    _set_margins(drawn)
    sizes = [Cm(TEXT_WIDTH_CM * width / sum(widths)) for width in widths]
    for size, drawn_column in zip(sizes, drawn.columns, strict=True):
        drawn_column.width = size
    for number, values in enumerate(table.rows, start=1):
        for place, (cell, value) in enumerate(zip(drawn.add_row().cells, values, strict=True)):
            cell.width = sizes[place]
            fill(cell, "" if value is None else str(value))
            cell.paragraphs[0].paragraph_format.keep_with_next = number < len(table.rows)
            if place % 2 == 0:
                tint(cell, _HEADER_TINT)


def fill(cell: Any, text: str, *, bold: bool = False, alignment: Any = None) -> None:
    """Write a text into a cell, tightly set."""
    paragraph = cell.paragraphs[0]
    run = paragraph.add_run(text)
    run.font.size, run.bold = _SMALL, bold
    paragraph.alignment = alignment
    paragraph.paragraph_format.line_spacing = 1.0
    paragraph.paragraph_format.space_after = Pt(0)


def tint(cell: Any, colour: str) -> None:
    """Colour a cell's background; ``colour`` as ``#rrggbb``."""
    shade = OxmlElement("w:shd")
    for name, value in (("val", "clear"), ("color", "auto"), ("fill", colour[1:])):
        shade.set(qn(f"w:{name}"), value)
    cell._tc.get_or_add_tcPr().append(shade)  # noqa: SLF001 - python-docx has no call for shading


def _set_margins(drawn: Any) -> None:
    """Leave little room beside the text of a cell: the page is narrow."""
    margins = OxmlElement("w:tblCellMar")
    for side in ("left", "right"):
        margin = OxmlElement(f"w:{side}")
        margin.set(qn("w:w"), str(_CELL_MARGIN_TWIPS))
        margin.set(qn("w:type"), "dxa")
        margins.append(margin)
    properties = drawn._tbl.tblPr  # noqa: SLF001 - python-docx has no call for cell margins
    look = properties.find(qn("w:tblLook"))
    properties.append(margins) if look is None else look.addprevious(margins)


def keep_together(drawn: Any) -> None:
    """Keep all rows of a table on one page, with what stands before it where that is kept with next."""
    for number, row in enumerate(drawn.rows, start=1):
        _flag(row, "w:cantSplit")
        for cell in row.cells:
            cell.paragraphs[0].paragraph_format.keep_with_next = number < len(drawn.rows)


def small(document: Any, text: str) -> Any:
    """Add a paragraph in the size of tables, tightly set."""
    paragraph = document.add_paragraph()
    paragraph.add_run(text).font.size = _SMALL
    paragraph.paragraph_format.line_spacing = 1.1
    paragraph.paragraph_format.space_before = paragraph.paragraph_format.space_after = Pt(3)
    return paragraph


def _flag(row: Any, name: str) -> None:
    row._tr.get_or_add_trPr().append(OxmlElement(name))  # noqa: SLF001 - nor for these row properties
