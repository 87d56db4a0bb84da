"""After warming up no kernel is left to compile, and none was compiled twice for nothing."""

from __future__ import annotations

import json
import subprocess
import sys

from spatial.cli.main import main

_WARM = """
import importlib, json
from numba.core.registry import CPUDispatcher
from spatial.cli.warming import warm_up
warm_up(lambda: None)
found = {}
for name in ("overlay.kernel", "overlay.ledger", "overlay.sweep", "terrain.kernels", "terrain.flow_kernels", "erosion.kernels"):
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


def test_the_command_asks_to_be_told(monkeypatch, capsys) -> None:
    asked: list[object] = []
    monkeypatch.setattr("spatial.cli.main.when_compiling", asked.append)
    assert main(["--lang", "en", "rules", "check"]) == 0
    (tell,) = asked
    capsys.readouterr()
    tell()  # type: ignore[operator]
    assert "Compiling" in capsys.readouterr().err
