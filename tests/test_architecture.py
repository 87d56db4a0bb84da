"""Imports point one way through the house; documents hold no path or index of any machine."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import spatial

PACKAGE = Path(spatial.__file__).parent

#: From what everything stands on to what stands on everything; imports point upward only.
ORDER = [
    ("words", "settings", "validity", "units"),
    ("errors",),
    ("findings", "provenance"),
    ("roles", "gauss_kruger", "runtime"),
    ("offsets", "datum_shifts"),
    ("crs",),
    ("equal_area",),
    ("areas", "grid"),
    ("recognition",),
    ("io",),
    ("overlay",),
    ("schemas",),
    ("tabulate", "catalog", "check"),
    ("workspaces", "loading"),
    ("prepared",),
    ("screening", "coverage", "change", "surroundings", "terrain"),
    ("erosion",),
    ("tables",),
    ("render",),
    ("publish",),
    ("report",),
    ("cli",),
]
LEVEL = {name: level for level, names in enumerate(ORDER) for name in names}


def module_of(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imports_of(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("spatial."):
            found.add((node.module or "").split(".")[1])
        elif isinstance(node, ast.Import):
            found |= {alias.name.split(".")[1] for alias in node.names if alias.name.startswith("spatial.")}
    return found


def test_every_module_has_its_place() -> None:
    modules = {module_of(path) for path in PACKAGE.rglob("*.py")} - {"__init__", "__main__"}
    assert modules == set(LEVEL)


def test_imports_point_upward() -> None:
    wrong = [
        f"{path.relative_to(PACKAGE)} imports {name}"
        for path in sorted(PACKAGE.rglob("*.py"))
        for name in imports_of(path)
        if module_of(path) in LEVEL and LEVEL[name] > LEVEL[module_of(path)]
    ]
    assert wrong == []


def test_modules_and_functions_stay_small() -> None:
    too_long = []
    for path in sorted(PACKAGE.rglob("*.py")):
        text = path.read_text(encoding="utf-8")
        if len(text.splitlines()) > 500:
            too_long.append(str(path.relative_to(PACKAGE)))
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef):
                first = node.body[1].lineno if ast.get_docstring(node) and len(node.body) > 1 else node.lineno
                if (node.end_lineno or 0) - first > 60:
                    too_long.append(f"{path.relative_to(PACKAGE)}:{node.name}")
    assert too_long == []


@pytest.mark.parametrize("heavy", ["geopandas", "numba", "matplotlib", "folium", "docx", "openpyxl"])
def test_the_command_starts_light(heavy: str) -> None:
    code = f"import sys, spatial.cli.main; sys.exit({heavy!r} in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_screening_does_not_wait_for_compilers_and_figures() -> None:
    code = "import sys, spatial.screening.run; sys.exit(bool({'numba', 'matplotlib', 'folium', 'docx'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
