"""Fonts, language and page of a Word document in Chinese.

A theme font attribute wins over a named font, so Word would show the theme's Japanese or Western
face: every theme attribute is removed, each style names its fonts, and the language is zh-CN.
"""

from __future__ import annotations

from typing import Any

from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Pt, RGBColor

from spatial.words import Lang

_FANGSONG, _SIMHEI, _SIMSUN, _KAITI = "仿宋", "黑体", "宋体", "楷体"
_WESTERN = "Times New Roman"
_THEME = ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme")
_LEFTOVERS = {"stylesWithEffects", "fontTable", "thumbnail"}
# Latin letters and digits called Chinese would be broken anywhere, in the middle of a number too.
_LANGUAGE = {"zh": "en-US", "en": "en-GB"}

#: Style, East Asian font, size in points, bold.
_STYLES = (
    ("Normal", _FANGSONG, 12.0, False),
    ("Title", _SIMSUN, 20.0, True),
    ("Subtitle", _KAITI, 12.0, False),
    ("Heading 1", _SIMHEI, 15.0, False),
    ("Heading 2", _SIMHEI, 13.0, False),
    ("Heading 3", _KAITI, 12.0, True),
    ("Caption", _SIMSUN, 9.0, False),
    ("Header", _SIMSUN, 9.0, False),
    ("Footer", _SIMSUN, 9.0, False),
    ("Table Grid", _SIMSUN, 9.0, False),
    ("List Number", _FANGSONG, 12.0, False),
    ("List Bullet", _FANGSONG, 12.0, False),
)

#: Margins of GB/T 9704-2012 official documents, in centimetres.
_MARGINS_CM = {"top_margin": 3.7, "bottom_margin": 3.5, "left_margin": 2.8, "right_margin": 2.6}


def prepare(document: Any, lang: Lang) -> None:
    """Set page, styles, fonts and language of a new document."""
    section = document.sections[0]
    section.page_width, section.page_height = Cm(21.0), Cm(29.7)
    for name, margin in _MARGINS_CM.items():
        setattr(section, name, Cm(margin))
    _drop_leftovers(document)
    root = document.styles.element
    for fonts in root.iter(qn("w:rFonts")):
        _drop_theme(fonts)
        name_fonts(fonts, _SIMSUN, lang)
    for language in root.iter(qn("w:lang")):
        _set_language(language, lang)
    for language in document.settings.element.iter(qn("w:themeFontLang")):
        _set_language(language, lang)
    for name, font, size, bold in _STYLES:
        _set_style(document.styles[name], font, size, lang, bold=bold)
    normal = document.styles["Normal"].paragraph_format
    normal.line_spacing, normal.space_after = 1.4, Pt(3)
    for name, before in (("Heading 1", 14), ("Heading 2", 10), ("Heading 3", 6)):
        document.styles[name].paragraph_format.space_before = Pt(before)
        document.styles[name].paragraph_format.space_after = Pt(4)
    for name in ("Title", "Subtitle", "Caption"):
        document.styles[name].paragraph_format.alignment = WD_ALIGN_PARAGRAPH.CENTER
    _drop_rule(document.styles["Title"])


def name_fonts(fonts: Any, east_asian: str, lang: Lang) -> None:
    """Name the fonts of one ``w:rFonts`` element."""
    western = east_asian if lang == "zh" else _WESTERN
    for slot in ("ascii", "hAnsi", "cs"):
        fonts.set(qn(f"w:{slot}"), western)
    fonts.set(qn("w:eastAsia"), east_asian)


def _set_style(style: Any, font: str, size: float, lang: Lang, *, bold: bool) -> None:
    properties = style.element.get_or_add_rPr()
    name_fonts(properties.get_or_add_rFonts(), font, lang)
    language = properties.find(qn("w:lang"))
    if language is None:
        language = OxmlElement("w:lang")
        properties.append(language)
    _set_language(language, lang)
    style.font.size, style.font.bold, style.font.italic = Pt(size), bold, False
    style.font.color.rgb = RGBColor(0, 0, 0)


def _drop_leftovers(document: Any) -> None:
    """Drop what the built-in template carries along: a second copy of all styles, fonts of its own, a thumbnail."""
    for relations in (document.part.rels, document.part.package.rels):
        for key in [key for key, relation in relations.items() if relation.reltype.rsplit("/", 1)[-1] in _LEFTOVERS]:
            relations.pop(key)


def _drop_theme(fonts: Any) -> None:
    for name in _THEME:
        fonts.attrib.pop(qn(f"w:{name}"), None)


def _set_language(element: Any, lang: Lang) -> None:
    element.set(qn("w:val"), _LANGUAGE[lang])
    element.set(qn("w:eastAsia"), "zh-CN")


def _drop_rule(style: Any) -> None:
    """Remove the blue line that the built-in title style draws below itself."""
    for border in style.element.iter(qn("w:pBdr")):
        border.getparent().remove(border)
        return
