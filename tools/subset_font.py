"""Make the small Chinese font that static figures fall back on.

Takes Noto Sans CJK SC (Debian package fonts-noto-cjk) and keeps GB 2312 level 1, ASCII, Chinese
punctuation and every character of the project's own tables. Run with fonttools installed:

    python tools/subset_font.py /usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc
"""

from __future__ import annotations

import sys
from pathlib import Path

from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTCollection

ROOT = Path(__file__).parents[1]
TARGET = ROOT / "spatial" / "data" / "fonts" / "EcopatternSansSC.otf"
FAMILY = "Ecopattern Sans SC"
TABLES = ("spatial/data", "layers")


def gb2312_level_1() -> str:
    """Return the 3,755 common characters: rows 16 to 55 of GB 2312."""
    rows = (bytes((0xA0 + row, 0xA0 + cell)) for row in range(16, 56) for cell in range(1, 95))
    return "".join(pair.decode("gb2312", errors="ignore") for pair in rows)


def own_texts() -> str:
    """Return every character of the project's tables."""
    files = (path for folder in TABLES for path in sorted((ROOT / folder).rglob("*")))
    return "".join(path.read_text(encoding="utf-8") for path in files if path.suffix in {".toml", ".csv", ".md"})


def main(source: str) -> None:
    fonts = TTCollection(source).fonts
    font = next(font for font in fonts if font["name"].getDebugName(1) == "Noto Sans CJK SC")
    options = Options()
    options.hinting = False
    options.layout_features = []
    options.name_IDs = [0, 1, 2, 3, 4, 5, 6, 13, 14]
    options.name_languages = [0x409]
    options.notdef_outline = True
    options.drop_tables += ["vhea", "vmtx", "VORG", "BASE", "GPOS", "GSUB"]
    subsetter = Subsetter(options)
    punctuation = "".join(
        map(chr, [*range(0x20, 0x7F), *range(0xA0, 0x100), *range(0x3000, 0x3020), *range(0xFF01, 0xFF5F)])
    )
    extra = "—–‘’“”…·×÷±≤≥≈°′″㎡√№←→↑↓○●△▲□■◇◆☆★�"
    subsetter.populate(text="".join(sorted(set(gb2312_level_1() + own_texts() + punctuation + extra))))
    subsetter.subset(font)
    # The licence forbids reserved names for changed fonts; a name of its own also avoids clashes.
    for number, text in ((1, FAMILY), (3, f"{FAMILY} subset"), (4, FAMILY), (6, FAMILY.replace(" ", ""))):
        font["name"].setName(text, number, 3, 1, 0x409)
    font["CFF "].cff.fontNames[0] = FAMILY.replace(" ", "")
    # No time of day in the file: the same source gives the same bytes.
    font["head"].modified = font["head"].created
    font.recalcTimestamp = False
    TARGET.parent.mkdir(parents=True, exist_ok=True)
    font.save(TARGET)
    print(f"{TARGET.relative_to(ROOT)}: {TARGET.stat().st_size:,} bytes, {len(font.getBestCmap()):,} characters")


if __name__ == "__main__":
    main(sys.argv[1])
