from __future__ import annotations

import hashlib
import os
from pathlib import Path

from spatial.provenance import files_of, sha256_of


def test_a_file_larger_than_what_is_read_at_once_has_the_sum_of_all_its_bytes(tmp_path: Path) -> None:
    raw = os.urandom(3 * 2**20 + 17)
    (tmp_path / "a.gpkg").write_bytes(raw)
    assert sha256_of(tmp_path / "a.gpkg") == hashlib.sha256(raw).hexdigest()


def test_a_shapefile_is_all_files_of_its_name(tmp_path: Path) -> None:
    for name in ("a.shp", "a.dbf", "a.prj", "b.shp", "a.shp.xml"):
        (tmp_path / name).write_bytes(name.encode())
    assert [file.name for file in files_of(tmp_path / "a.shp")] == ["a.dbf", "a.prj", "a.shp"]
    assert sha256_of(tmp_path / "a.shp") == hashlib.sha256(b"a.dbfa.prja.shp").hexdigest()
