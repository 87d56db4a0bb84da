"""How long the command takes, against what no command of this kind can do without: importing its libraries.

``python -m benchmarks.command``: each pair is run in turn, A B A B ..., so that a drift of the
machine hits both.
"""

from __future__ import annotations

import datetime as dt
import importlib.metadata
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import geopandas as gpd

from spatial.cli.places import sample_folder

RESULTS = Path(__file__).parent / "results"
ROUNDS = 11
COMMAND = Path(sys.executable).parent / "ecopattern"


def seconds(command: list[str]) -> float:
    """Run a command once and return its wall time."""
    started = time.perf_counter()
    done = subprocess.run(command, check=False, capture_output=True)
    if done.returncode not in {0, 1}:
        raise SystemExit(done.stderr.decode())
    return time.perf_counter() - started


def pair(ours: list[str], peer: list[str]) -> tuple[float, float, float]:
    """Return the medians of both commands, and of their ratio round by round."""
    seconds(ours), seconds(peer)
    times = [(seconds(ours), seconds(peer)) for _ in range(ROUNDS)]
    first, second = (statistics.median(column) for column in zip(*times, strict=True))
    return first, second, statistics.median(a / b for a, b in times)


def main() -> None:
    """Measure, print and write the table."""
    with tempfile.TemporaryDirectory() as folder:
        register = gpd.read_file(sample_folder("shangdang") / "projects.gpkg")
        site = Path(folder) / "one.geojson"
        register[register["project_id"].astype(str) == "26"].to_crs(4490).to_file(site, driver="GeoJSON")
        jobs = {
            "ecopattern --help": ([str(COMMAND), "--help"], [sys.executable, "-c", "import click"]),
            "ecopattern screen one.geojson -w sample:shangdang --json": (
                [str(COMMAND), "screen", str(site), "-w", "sample:shangdang", "--json"],
                [sys.executable, "-c", "import geopandas"],
            ),
        }
        rows = [(name, peer[-1], *pair(ours, peer)) for name, (ours, peer) in jobs.items()]
    versions = ", ".join(f"{name} {importlib.metadata.version(name)}" for name in ("click", "geopandas", "shapely"))
    lines = [
        "# The command",
        "",
        (
            f"{dt.datetime.now().astimezone().date()}; {os.cpu_count()} logical cores; Python {platform.python_version()},"
            f" {versions}. Medians of {ROUNDS} rounds, run in turn."
        ),
        "",
        "| command | against | seconds | its seconds | ratio |",
        "|---|---|---:|---:|---:|",
        *(f"| `{name}` | `{peer}` | {a:.3f} | {b:.3f} | {ratio:.2f} |" for name, peer, a, b, ratio in rows),
    ]
    text = "\n".join(lines) + "\n"
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "command.md").write_text(text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
