from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from spatial.overlay import compiled as module
from spatial.overlay.compiled import compiled


def test_a_compiled_function_still_adds():
    @compiled
    def add(left: int, right: int) -> int:
        return left + right

    assert add(2, 3) == 5


@pytest.fixture
def no_variable(monkeypatch):
    monkeypatch.setenv("NUMBA_CACHE_DIR", "for the fixture to restore")
    monkeypatch.delenv("NUMBA_CACHE_DIR")


@pytest.mark.usefixtures("no_variable")
def test_cache_goes_to_the_temporary_folder_where_nothing_else_is_writable(monkeypatch, tmp_path):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr(os, "access", lambda *_: False)
    module._find_cache_folder(Path("source"))
    assert Path(os.environ["NUMBA_CACHE_DIR"]).parent == tmp_path
    assert Path(os.environ["NUMBA_CACHE_DIR"]).is_dir()


@pytest.mark.usefixtures("no_variable")
def test_cache_stays_beside_the_source_where_that_is_writable(tmp_path):
    module._find_cache_folder(tmp_path)
    assert "NUMBA_CACHE_DIR" not in os.environ


def test_a_read_only_installation_without_a_home_still_compiles(tmp_path):
    """Also after another package has imported numba."""
    code = (
        "import os, tempfile; tempfile.tempdir = sys.argv[1]; import numba; from spatial.overlay import compiled;"
        "compiled.writable = lambda _: False; from spatial.overlay import kernel, rings; import numpy, shapely;"
        "print(kernel.boxes(rings.flatten(numpy.array([shapely.box(1, 2, 3, 4)]), (0, 0))[0]))"
    )
    environment = {name: value for name, value in os.environ.items() if name != "NUMBA_CACHE_DIR"}
    command = [sys.executable, "-c", f"import sys; {code}", str(tmp_path)]
    done = subprocess.run(command, env=environment, check=True, capture_output=True, text=True)
    assert done.stdout == "[[1. 2. 3. 4.]]\n"
    assert list(tmp_path.glob("ecopattern-numba-*/*/kernel.boxes-*.nbi"))


def test_a_folder_that_the_user_named_is_kept(monkeypatch, tmp_path):
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))
    monkeypatch.setattr(os, "access", lambda *_: False)
    module._find_cache_folder(Path("source"))
    assert os.environ["NUMBA_CACHE_DIR"] == str(tmp_path)
