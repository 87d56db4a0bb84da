"""What all benchmarks do: every method in a process of its own, in turn, on a machine that is named."""

from __future__ import annotations

import argparse
import datetime as dt
import importlib.metadata
import json
import os
import platform
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent


def run(module: str, *work: str) -> dict[str, Any]:
    """Run one piece of a benchmark's work in a process of its own and return what it prints last."""
    command = [sys.executable, "-m", f"benchmarks.{module}", "--work", *work]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    answer = subprocess.run(command, check=True, capture_output=True, text=True, env=environment)
    found: dict[str, Any] = json.loads(answer.stdout.splitlines()[-1])
    print(f"{' '.join(work[:-1])}: {found['seconds']:.2f} s", file=sys.stderr)
    return found


def in_turn(repeats: Mapping[str, int], one: Callable[[str], dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    """Run every method so many times, all of them in each turn: what else the machine does meets all."""
    runs: dict[str, list[dict[str, Any]]] = {method: [] for method in repeats}
    for turn in range(max(repeats.values())):
        for method in (method for method in runs if turn < repeats[method]):
            runs[method].append(one(method))
    return runs


def machine(*packages: str) -> str:
    """Return day, processor and versions as a results page says them."""
    versions = ", ".join(f"{name} {importlib.metadata.version(name)}" for name in packages)
    return (
        f"{dt.datetime.now(tz=dt.UTC).date()}; {processor()}, {os.cpu_count()} logical cores; "
        f"Python {platform.python_version()}, {versions}"
    )


def processor() -> str:
    """Return the processor's model, where the system tells it."""
    information = Path("/proc/cpuinfo")
    text = information.read_text(encoding="utf-8") if information.exists() else ""
    models = [line.split(":", 1)[1].strip() for line in text.splitlines() if line.startswith("model name")]
    return models[0] if models else platform.machine()


def options_of(
    arguments: list[str] | None, document: str | None, work: Callable[..., dict[str, Any]], *names: str
) -> argparse.Namespace | None:
    """Read a benchmark's options; in a process that was started for one piece of work, do it and return nothing.

    Parameters
    ----------
    names
        What the work is given, its folder last.
    """
    parser = argparse.ArgumentParser(description=document)
    parser.add_argument("--quick", action="store_true", help="a smoke test of seconds; writes no results")
    parser.add_argument("--work", nargs=len(names), metavar=names, help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.work:
        *told, folder = options.work
        print(json.dumps(work(*told, Path(folder))))
        return None
    return options
