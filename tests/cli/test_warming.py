"""After warming up no kernel is left to compile, and none was compiled twice for nothing."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import spatial
from spatial.cli.main import main

_WARM = """
import importlib, json
from numba.core.registry import CPUDispatcher
from spatial.cli.warming import warm_up
warm_up(lambda: None)
found = {}
modules = ("overlay.kernel", "overlay.ledger", "overlay.sweep", "publish.simplify", "terrain.kernels")
for name in (*modules, "terrain.flow_kernels", "erosion.kernels"):
    module = importlib.import_module("spatial." + name)
    for key, value in vars(module).items():
        if isinstance(value, CPUDispatcher) and value.py_func.__module__ == module.__name__:
            found[name + "." + key] = len(value.signatures)
print(json.dumps(found))
"""


def test_every_kernel_has_its_one_form() -> None:
    done = subprocess.run([sys.executable, "-c", _WARM], check=True, capture_output=True, text=True)
    forms = json.loads(done.stdout)
    assert len(forms) > 50
    # Kernels that others call have forms only while compiling; loaded from the cache they are part of their callers.
    outer = {name: count for name, count in forms.items() if not name.rsplit(".", 1)[1].startswith("_")}
    inlined = {
        "overlay.kernel.clip_ring",
        "overlay.ledger.placed",
        "terrain.kernels.gradient_row",
        "terrain.kernels.row_areas",
    }
    assert {name: count for name, count in outer.items() if count != 1 and name not in inlined} == {}


def test_no_module_with_kernels_is_forgotten() -> None:
    folder = Path(spatial.__file__).parent
    with_kernels = {
        path.relative_to(folder).with_suffix("").as_posix().replace("/", ".")
        for path in folder.rglob("*.py")
        if "\n@compiled\n" in path.read_text(encoding="utf-8")
    }
    assert {name for name in with_kernels if name not in _WARM} == set()


def test_the_command_asks_to_be_told(monkeypatch, capsys) -> None:
    asked: list[object] = []
    monkeypatch.setattr("spatial.cli.main.when_compiling", asked.append)
    assert main(["--lang", "en", "rules", "check"]) == 0
    (tell,) = asked
    capsys.readouterr()
    tell()  # type: ignore[operator]
    assert "Compiling" in capsys.readouterr().err
