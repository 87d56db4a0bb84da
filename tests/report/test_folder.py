"""The folder of outputs: complete, also where nothing was found."""

from __future__ import annotations

from pathlib import Path

import pyogrio
import pytest

from spatial.report.folder import evidence_layers, write_folder
from spatial.words import table
from tests import samples


def test_no_place_at_all_still_writes_valid_files(tmp_path: Path) -> None:
    result = samples.screening(samples.unlocated())
    files = write_folder(result, (), tmp_path / "out", "zh")
    assert {file.name for file in files} == {
        "evidence.gpkg", "map.html", "screening.docx", "screening.json", "screening.xlsx",
    }  # fmt: skip
    assert all(file.stat().st_size > 0 for file in files)
    layers = {name for name, _ in pyogrio.list_layers(tmp_path / "out" / "evidence.gpkg")}
    assert layers == {"projects", "gross", "net", "avoidance"}
    read = pyogrio.read_dataframe(tmp_path / "out" / "evidence.gpkg", layer="gross")
    assert (len(read), read.crs.to_epsg()) == (0, 4526)


@pytest.mark.parametrize("projects", [(samples.unlocated(),), (samples.prohibited(), samples.conditional())])
def test_evidence_has_the_same_columns_whether_anything_was_found(projects: tuple) -> None:
    layers = evidence_layers(samples.screening(*projects))
    assert list(layers["gross"].columns) == [
        "project_id",
        "role",
        "verdict",
        "area_m2",
        "length_m",
        "geometry",
        "notice",
    ]
    assert all("legal opinion" in notice for layer in layers.values() for notice in layer["notice"])
    assert layers["gross"]["area_m2"].dtype == "float64"
    assert layers["avoidance"]["removed_m2"].dtype == "float64"


def test_progress_is_told_by_keys_for_the_readers_own_language(tmp_path: Path) -> None:
    told: list[str] = []
    write_folder(samples.screening(samples.unlocated()), (), tmp_path / "out", "zh", tell=told.append)
    assert told == ["progress_evidence", "progress_map", "progress_report"]
    assert all(key in table("labels") for key in told)
