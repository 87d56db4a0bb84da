"""How long the project's kernels take to compile on a fresh machine: each of them, with an empty cache.

``python -m benchmarks.compiling``: what ``make demo`` does once.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks.apart import machine

RESULTS = Path(__file__).parent / "results"
RUNS = 3
PARTS = {
    "spatial.publish": "maps",
    "spatial.terrain": "slope, zones, flow",
    "spatial.erosion": "soil loss",
    "spatial.overlay": "areas, coverage",
}


def work() -> list[dict[str, Any]]:
    """Compile everything in this process and return what each outermost kernel took."""
    from numba.core import event

    from spatial.cli.warming import warm_up

    found: list[dict[str, Any]] = []
    running: list[tuple[str, str, float, float]] = []

    class Clock(event.Listener):
        def on_start(self, event: Any) -> None:
            kernel = event.data["dispatcher"].py_func
            running.append((kernel.__module__, kernel.__name__, time.perf_counter(), time.process_time()))

        def on_end(self, event: Any) -> None:
            del event
            module, name, started, cpu = running.pop()
            # What others call is compiled within them.
            if not running:
                seconds, used = time.perf_counter() - started, time.process_time() - cpu
                found.append({"module": module, "name": name, "seconds": seconds, "cpu": used})

    event.register("numba:compile", Clock())
    warm_up(lambda: None)
    return found


def run() -> list[dict[str, Any]]:
    """Compile everything in a process of its own, with a cache of its own."""
    with tempfile.TemporaryDirectory() as cache:
        environment = os.environ | {"PYTHONPATH": str(Path(__file__).parent.parent), "NUMBA_CACHE_DIR": cache}
        command = [sys.executable, "-m", "benchmarks.compiling", "--work"]
        answer = subprocess.run(command, check=True, capture_output=True, text=True, env=environment)
    found: list[dict[str, Any]] = json.loads(answer.stdout.splitlines()[-1])
    return found


def markdown(runs: list[list[dict[str, Any]]]) -> str:
    """Lay the results out as a page, medians."""
    names = [(row["module"], row["name"]) for row in runs[0]]
    kernels = {
        name: tuple(statistics.median(own[at][key] for own in runs) for key in ("seconds", "cpu"))
        for at, name in enumerate(names)
    }
    totals = {
        part: tuple(sum(kernels[name][key] for name in names if name[0].startswith(part)) for key in (0, 1))
        for part in PARTS
    }
    lines = [
        "# Compiling the kernels",
        "",
        (
            f"{machine('numba', 'llvmlite', 'numpy')}. Medians of {len(runs)} processes with empty caches. What a kernel calls "
            "is compiled with the first one that calls it."
        ),
        "",
        "| part | seconds | CPU seconds |",
        "|---|---:|---:|",
        *(f"| `{part}`: {PARTS[part]} | {own[0]:.1f} | {own[1]:.1f} |" for part, own in totals.items()),
        f"| all | {sum(own[0] for own in totals.values()):.1f} | {sum(own[1] for own in totals.values()):.1f} |",
        "",
        "| kernel | seconds | CPU seconds |",
        "|---|---:|---:|",
        *(
            f"| `{module}.{name}` | {own[0]:.2f} | {own[1]:.2f} |"
            for (module, name), own in sorted(kernels.items(), key=lambda entry: -entry[1][0])
        ),
        "",
    ]
    return "\n".join(lines)


def main() -> None:
    """Measure, print and write the page."""
    page = markdown([run() for _ in range(RUNS)])
    print(page)
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "compiling.md").write_text(page, encoding="utf-8")


if __name__ == "__main__":
    if "--work" in sys.argv:
        print(json.dumps(work()))
    else:
        main()
