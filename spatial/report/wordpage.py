"""What every Word report has: numbered chapters, properties, a footer, and the same bytes for the same content."""

from __future__ import annotations

import datetime as dt
import tempfile
from pathlib import Path
from typing import Any

from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn

from spatial.report.package import stamp
from spatial.words import Lang, say

_NUMERALS = "一二三四五六七八九十"
_LONGEST_TITLE = 255


def chapter(document: Any, key: str, lang: Lang) -> None:
    """Add the heading of the next chapter, numbered as the language does it."""
    number = 1 + sum(paragraph.style.name == "Heading 1" for paragraph in document.paragraphs)
    title = say(lang, "chapter", chinese=_NUMERALS[number - 1], number=number, title=say(lang, key))
    document.add_heading(title, 1)


def set_properties(document: Any, title: str, date: dt.date, lang: Lang) -> None:
    """Set title, author, language and date of a document."""
    core = document.core_properties
    core.title, core.author, core.comments = title[:_LONGEST_TITLE], "ecopattern", say(lang, "notice_aid")
    core.language = "zh-CN" if lang == "zh" else "en-GB"
    core.subject = date.isoformat()


def add_footer(document: Any, lang: Lang, notice: str = "notice_aid") -> None:
    """Add a footer with the notice of a label, the page and the number of pages."""
    paragraph = document.sections[0].footer.paragraphs[0]
    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    before, between, after = say(lang, "page_of").split("|")
    paragraph.add_run(f"{say(lang, notice)}  {before}")
    _add_field(paragraph, "PAGE")
    paragraph.add_run(between)
    _add_field(paragraph, "NUMPAGES")
    paragraph.add_run(after)


def save(document: Any, path: Path, date: dt.date) -> None:
    """Write a document, its time stamps set to a day."""
    with tempfile.TemporaryDirectory() as folder:
        raw = Path(folder) / "raw.docx"
        document.save(str(raw))
        stamp(raw, path, date)


def _add_field(paragraph: Any, instruction: str) -> None:
    field = OxmlElement("w:fldSimple")
    field.set(qn("w:instr"), instruction)
    run = OxmlElement("w:r")
    text = OxmlElement("w:t")
    text.text = "1"
    run.append(text)
    field.append(run)
    paragraph._p.append(field)  # noqa: SLF001 - python-docx has no call for fields
