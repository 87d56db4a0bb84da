"""Regenerate docs/checks.md from the tables: `python -m tools.check_docs`."""

from __future__ import annotations

from pathlib import Path

from spatial.check.codes import Code, codes
from spatial.settings import entry
from spatial.words import table

PAGE = Path(__file__).resolve().parents[1] / "docs" / "checks.md"

_HEAD = """# What `ecopattern check` finds 检查项目

Made from `spatial/data/checks.toml`, `messages.toml` and `settings.toml` by `python -m tools.check_docs`; do not edit.

`ecopattern check FILE...` reads any file, those too that other commands refuse, and changes nothing. Each
finding has a code, a severity, a feature, a place in the file's own coordinates and a mend. Exit code 0: no
errors; 1: errors; 2: a file could not be read at all, or wrong usage.

- **error**: areas or overlays from this feature are wrong or impossible.
- **warning**: may change a result, a person should look.
- **note**: for the record.

Findings made while reading (encoding, coordinate system, boundary-point files) keep their own codes and carry
their mend in the sentence.

## What a repair does 修复

`--repair --out COPY` mends what is marked below and writes `COPY.repair-log.csv` beside it: feature, step,
place, area before and after, change. Everything else is left and said, and features that need nothing stay the
same to the last bit. A self-crossing outline is made valid only where all readings of its area agree (outer
rings filled; alternating inside and outside; the stored signed sum) within {area} m2 or {share} of it. A bow-tie
never is: its points are in the wrong order, and only the survey knows the right one; the log gives both areas.
Duplicates, overlaps and gaps are for whoever holds the titles, missing geometries keep their rows.

## Codes 代码

| code | severity | title | meaning | threshold | mend | repaired | confidence |
|---|---|---|---|---|---|---|---|
"""

_THRESHOLDS = """
## Thresholds 限差

| setting | value | unit | decides | source | confidence |
|---|---|---|---|---|---|
"""


def page() -> str:
    """Return the page."""
    head = _HEAD.format(area=entry("repair_area_m2")["value"], share=entry("repair_area_share")["value"])
    names = dict.fromkeys(name for code in codes().values() for name in code.setting)
    rows = [
        f"| `{name}` | {entry(name)['value']} | {entry(name)['unit']} | {entry(name)['decides']} "
        f"| {entry(name)['source']} | {entry(name)['confidence']} |\n"
        for name in names
    ]
    return head + "".join(_row(code) for code in codes().values()) + _THRESHOLDS + "".join(rows)


def _row(code: Code) -> str:
    meaning = table("messages")[code.key]["en"].removeprefix("{file}: ")
    settings = ", ".join(f"`{name}`" for name in code.setting) or "-"
    cells = [
        f"`{code.key}`",
        code.severity,
        f"{code.title.en} {code.title.zh}",
        meaning.replace("|", "/"),
        settings,
        code.mend.en,
        "yes" if code.repairable else "no",
        code.confidence,
    ]
    return f"| {' | '.join(cells)} |\n"


def main() -> None:
    PAGE.write_text(page(), encoding="utf-8", newline="\n")
    print(f"written: {PAGE.name}")


if __name__ == "__main__":
    main()
