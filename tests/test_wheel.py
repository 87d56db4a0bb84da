"""The built wheel, in an environment of its own, from an empty folder: it carries all it needs."""

from __future__ import annotations

import json
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(ROOT)]
    subprocess.run(command, check=True, capture_output=True)
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def python(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An interpreter that sees the wheel and the libraries, but not this checkout."""
    home = tmp_path_factory.mktemp("env")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(home)], check=True)
    site = next(home.glob("lib/python*/site-packages"))
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(site)
    (site / "libraries.pth").write_text(sysconfig.get_path("purelib") + "\n", encoding="utf-8")
    return home / "bin" / "python"


def run(python: Path, folder: Path, *args: str) -> subprocess.CompletedProcess[str]:
    command = [
        str(python),
        "-I",
        "-c",
        "import sys; from spatial.cli.main import main; sys.exit(main(sys.argv[1:]))",
        *args,
    ]
    return subprocess.run(command, cwd=folder, check=False, capture_output=True, text=True)


def test_what_the_wheel_holds(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    for needed in ("spatial/py.typed", "spatial/data/roles.csv", "spatial/_layers/shangdang/catalog.toml"):
        assert needed in names
    assert any(name.endswith("LICENSE") for name in names)
    metadata = {Path(name).name: zipfile.ZipFile(wheel).read(name).decode() for name in names if ".dist-info/" in name}
    assert "ecopattern = spatial.cli.main:run" in metadata["entry_points.txt"]
    assert "Requires-Python: <3.14,>=3.11" in metadata["METADATA"]
    assert "Requires-Dist: geopandas" in metadata["METADATA"]
    assert not [name for name in names if name.startswith(("tests", "layers", "benchmarks"))]


def test_the_wheel_is_what_runs(python: Path, tmp_path: Path) -> None:
    code = "import spatial; print(spatial.__file__)"
    found = subprocess.run([str(python), "-I", "-c", code], cwd=tmp_path, check=True, capture_output=True, text=True)
    assert str(python.parent.parent) in found.stdout


def test_the_sample_is_screened_from_an_empty_folder(python: Path, tmp_path: Path) -> None:
    register = next(python.parent.parent.glob("lib/python*/site-packages/spatial/_layers/shangdang/projects.gpkg"))
    found = run(python, tmp_path, "screen", str(register), "-w", "sample:shangdang", "--json", "--quiet")
    assert found.returncode == 1, found.stderr
    assert len(json.loads(found.stdout)["projects"]) > 60
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_the_demo_runs_from_an_empty_folder(python: Path, tmp_path: Path) -> None:
    found = run(python, tmp_path, "demo", "--lang", "en")
    assert found.returncode == 0, found.stderr
    names = {path.name for path in (tmp_path / "out" / "demo").iterdir()}
    assert names == {"evidence.gpkg", "map.html", "screening.docx", "screening.json", "screening.xlsx"}
