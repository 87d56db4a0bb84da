"""Regenerate the golden files of the tests: `python -m tools.golden`; look at the difference before you commit it."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

from spatial.catalog import load_workspace
from spatial.cli.places import sample_folder
from spatial.screening.run import run_screening

GOLDEN = Path(__file__).resolve().parents[1] / "tests" / "golden" / "screening_shangdang.json"
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


def main() -> None:
    GOLDEN.parent.mkdir(exist_ok=True)
    text = json.dumps(sample_summary(), ensure_ascii=False, indent=1)
    GOLDEN.write_text(text + "\n", encoding="utf-8")
    print(f"written: {GOLDEN.name}")


if __name__ == "__main__":
    main()
