"""Regenerate the golden files of the tests: `python -m tools.golden`; look at the difference before you commit it."""

from __future__ import annotations

import datetime as dt
import json
import os
import tempfile
from pathlib import Path

from spatial.catalog import load_workspace
from spatial.check.file import check_file
from spatial.check.reading import Asked
from spatial.check.to_json import to_json
from spatial.cli.places import sample_folder
from spatial.screening.run import run_screening
from tests.traps import shapes

GOLDEN = Path(__file__).resolve().parents[1] / "tests" / "golden" / "screening_shangdang.json"
CHECK_GOLDEN = GOLDEN.with_name("check_traps.json")
DATE = dt.date(2026, 11, 21)


def sample_summary() -> dict[str, object]:
    """Screen the sample's register and keep what a change must not move unseen."""
    folder = sample_folder("shangdang")
    result, _ = run_screening([folder / "projects.gpkg"], load_workspace(folder), DATE)
    return {
        found.project.project_id: {
            "verdict": found.verdict.value,
            "official_area_m2": None if found.official_area_m2 is None else round(found.official_area_m2, 2),
            "length_m": None if found.length_m is None else round(found.length_m, 2),
            "documents": list(found.documents),
            "zones": {
                f"{row.status} {row.role}": [
                    row.verdict.value,
                    round(row.gross_area_m2 or row.gross_length_m or 0.0, 2),
                ]
                for row in found.rows
            },
        }
        for found in result.projects
    }


def check_summary(folder: Path) -> object:
    """Check the small samples of every code and keep the whole report, files by name only."""
    content = []
    for code, path in sorted(shapes.write(folder).items()):
        reports = [one.report for one in check_file(path, Asked(tiles=code in shapes.TILES))]
        content.append(json.dumps(to_json(reports, "en"), ensure_ascii=False))
    return [json.loads(text.replace(f"{folder}{os.sep}", "")) for text in content]


def main() -> None:
    GOLDEN.parent.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        golden = {GOLDEN: sample_summary(), CHECK_GOLDEN: check_summary(Path(folder))}
    for path, content in golden.items():
        path.write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
        print(f"written: {path.name}")


if __name__ == "__main__":
    main()
