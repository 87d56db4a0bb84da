"""20,000 projects on zones of a million vertices: geopandas.overlay, spatial.overlay and a whole screening.

Each method runs in a process of its own, all in one run of this script on the same files, so only
the ratios between rows mean anything. ``python -m benchmarks.overlay --quick`` is a smoke test.
"""

from __future__ import annotations

import argparse
import csv
import datetime as dt
import importlib.metadata
import itertools
import json
import math
import os
import platform
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from pyproj import CRS

from benchmarks.generate import FULL, QUICK, SEED, Size, write
from spatial.crs import equal_area_crs
from spatial.equal_area import densify, reproject
from spatial.roles import zone_roles
from spatial.screening.contacts import Zones
from spatial.screening.result import Project
from spatial.screening.rule_files import load_rule_book
from spatial.screening.screen import Ground, Terms, screen
from spatial.settings import setting

RESULTS = Path(__file__).parent / "results"
_STEP_M = 45.0
"""Longest edge given to the screening, which would cut longer ones than 50 m in its own plane."""

TOLERANCE = 1e-9
"""Relative difference of total areas above which the run fails."""

AREAS = "spatial.overlay areas"
PIECES = "spatial.overlay pieces"
SCREEN = "spatial.screening.screen"
GEOPANDAS = "geopandas.overlay"
REPEATS = {AREAS: 5, PIECES: 3, SCREEN: 3, GEOPANDAS: 1}
COLUMNS = (
    "method",
    "seconds",
    "cpu_seconds",
    "again_seconds",
    "ratio",
    "cpu_ratio",
    "peak_mib",
    "total_area_m2",
    "rows",
    "runs",
)


def geopandas_job(projects: gpd.GeoDataFrame, zones: gpd.GeoDataFrame) -> tuple[float, int]:
    """Return total area and number of rows of geopandas' own overlay."""
    result = gpd.overlay(projects, zones, how="intersection")
    return float(result.area.sum()), len(result)


def areas_job(projects: gpd.GeoDataFrame, zones: gpd.GeoDataFrame) -> tuple[float, int]:
    """Return the same from the area-only path; index building and loading numba included."""
    from spatial.overlay import ZoneIndex

    pairs = ZoneIndex(zones.geometry.to_numpy()).areas(projects.geometry.to_numpy())
    return float(pairs.area_m2.sum()), pairs.area_m2.size


def pieces_job(projects: gpd.GeoDataFrame, zones: gpd.GeoDataFrame) -> tuple[float, int]:
    """Return the same from the path that builds the pieces."""
    from spatial.overlay import ZoneIndex

    pieces = ZoneIndex(zones.geometry.to_numpy()).pieces(projects.geometry.to_numpy())
    return float(shapely.area(pieces.geometry).sum()), pieces.geometry.size


def screen_job(projects: list[Project], ground: Ground) -> tuple[float, int]:
    """Return the same from a screening: contacts, near-misses, verdicts, net parts and evidence."""
    terms = Terms(load_rule_book(), dt.date(2026, 11, 21), setting("near_m"), setting("receptor_radius_m"))
    results = screen(projects, ground, terms)
    overlaps = [row.gross_area_m2 for found in results for row in found.rows if row.gross_area_m2 is not None]
    return math.fsum(overlaps), len(overlaps)


def as_screening(projects: gpd.GeoDataFrame, zones: gpd.GeoDataFrame) -> tuple[list[Project], Ground]:
    """Return the data as a screening takes them: in a Gauss-Kruger plane, each height class a zone role."""
    plane = CRS(4526)
    # The generator's plane is the equal-area one but for its central meridian. Edges are cut there
    # first, so that both planes hold the same shapes.
    sites, places = (
        reproject(densify(frame.geometry.to_numpy(), equal_area_crs(), step_m=_STEP_M), equal_area_crs(), plane)
        for frame in (projects, zones)
    )
    by_role = {}
    for level, role in zip(range(int(zones.height_class.max()) + 1), zone_roles().values(), strict=False):
        own = places[zones.height_class.to_numpy() == level]
        names = tuple(map(str, range(len(own))))
        by_role[role.code] = Zones(role, own, names, ("benchmark",), (str(SEED),), illustrative=True)
    district = shapely.box(*shapely.total_bounds(places))
    ground = Ground(plane, district, by_role, frozenset(), (np.empty(0, dtype=object), (), ()))
    natures = itertools.cycle(("WWTP", "IND", "LIN", "AGR"))
    listed = [
        Project(str(number), "", nature, "new", "no", "polygon", "given", site)
        for number, (site, nature) in enumerate(zip(sites, natures, strict=False))
    ]
    return listed, ground


JOBS: dict[str, Callable[..., tuple[float, int]]] = {
    AREAS: areas_job,
    PIECES: pieces_job,
    SCREEN: screen_job,
    GEOPANDAS: geopandas_job,
}


def work(method: str, folder: Path) -> dict[str, float]:
    """Run one method in this process: the first call, then once more unless it is slow."""
    started = time.perf_counter()
    projects, zones = gpd.read_parquet(folder / "projects.parquet"), gpd.read_parquet(folder / "zones.parquet")
    data = as_screening(projects, zones) if method == SCREEN else (projects, zones)
    read, cpu = time.perf_counter(), time.process_time()
    total_area_m2, rows = JOBS[method](*data)
    done, cpu_done = time.perf_counter(), time.process_time()
    peak_mib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    if method != GEOPANDAS:
        JOBS[method](*data)
    return {
        "read_seconds": read - started,
        "seconds": done - read,
        "cpu_seconds": cpu_done - cpu,
        "again_seconds": time.perf_counter() - done if method != GEOPANDAS else done - read,
        "peak_mib": peak_mib,
        "total_area_m2": total_area_m2,
        "rows": rows,
    }


def run(method: str, folder: Path) -> dict[str, float]:
    """Run one method in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.overlay", "--work", method, str(folder)]
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parent.parent)}
    answer = subprocess.run(command, check=True, capture_output=True, text=True, env=environment)
    found: dict[str, float] = json.loads(answer.stdout)
    return found


def measure(folder: Path) -> list[dict[str, Any]]:
    """Run every method in turn, several times; medians, and ratios to geopandas."""
    run(AREAS, folder)  # compiles the kernels where no earlier run has left them
    runs: dict[str, list[dict[str, float]]] = {method: [] for method in REPEATS}
    for turn in range(max(REPEATS.values())):
        for method in (method for method, repeats in REPEATS.items() if turn < repeats):
            runs[method].append(run(method, folder))
            print(f"{method}: {runs[method][-1]['seconds']:.2f} s", file=sys.stderr)
    table: list[dict[str, Any]] = [
        {key: statistics.median(run[key] for run in own) for key in own[0]} | {"method": method, "runs": len(own)}
        for method, own in runs.items()
    ]
    slowest = next(row for row in table if row["method"] == GEOPANDAS)
    for row in table:
        row["ratio"] = slowest["seconds"] / row["seconds"]
        row["cpu_ratio"] = slowest["cpu_seconds"] / row["cpu_seconds"]
        difference = abs(row["total_area_m2"] / slowest["total_area_m2"] - 1)
        if difference > TOLERANCE:
            raise SystemExit(f"{row['method']}: total area differs from {GEOPANDAS} by {difference:.1e}")
    return table


def markdown(size: Size, folder: Path, table: list[dict[str, Any]]) -> str:
    """Lay the results out as a page."""
    zones, projects = (gpd.read_parquet(folder / f"{name}.parquet").geometry for name in ("zones", "projects"))
    corners = shapely.get_num_coordinates(zones.to_numpy())
    holes = int(shapely.get_num_interior_rings(zones.to_numpy()).max())
    packages = ("numpy", "shapely", "geopandas", "numba")
    versions = ", ".join(f"{name} {importlib.metadata.version(name)}" for name in packages)
    lines = [
        f"# Overlay, {size.name} size",
        "",
        (
            f"{len(projects):,} projects of {shapely.get_num_coordinates(projects.to_numpy()).sum():,} vertices on "
            f"{len(zones):,} zones of {corners.sum():,} vertices (height classes of a fractal terrain; the largest has "
            f"{corners.max():,} vertices, the one with most holes {holes:,} of them). Generator and seed: "
            f"`benchmarks/generate.py`, {SEED}. Total areas agree to {TOLERANCE:.0e} relative, or the run fails."
        ),
        "",
        (
            f"{dt.datetime.now(tz=dt.UTC).date()}; {processor()}, {os.cpu_count()} logical cores, one used; "
            f"Python {platform.python_version()}, {versions}, GEOS {shapely.geos_version_string}."
        ),
        "",
        "| method | seconds | once more | times faster | CPU seconds | times less CPU | peak memory MiB | total area m2 | rows | runs |",
        "|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|",
    ]
    lines += [
        f"| {row['method']} | {row['seconds']:.2f} | {row['again_seconds']:.2f} | {row['ratio']:.1f} | "
        f"{row['cpu_seconds']:.2f} | {row['cpu_ratio']:.1f} | {row['peak_mib']:.0f} | {row['total_area_m2']:.6f} | {row['rows']:.0f} | {row['runs']} |"
        for row in table
    ]
    lines += [
        "",
        (
            "Seconds: median over processes of the first call, from geometries in memory to the result, building the "
            "index and loading compiled code included (compiled in an earlier process); once more: the same again in the "
            f"same process. Reading the two files took {table[0]['read_seconds']:.2f} s more in each. Memory: peak of the "
            "process, with the data and all imports. The screening takes each height class as a zone role and returns, "
            "beside the overlaps, near-misses, verdicts with reasons, net and free parts and the evidence geometry; what "
            "its projects meet of one role is one row. The machine was shared with other work: compare rows, not pages."
        ),
        "",
    ]
    return "\n".join(lines)


def processor() -> str:
    """Return the processor's model, where the system tells it."""
    information = Path("/proc/cpuinfo")
    text = information.read_text(encoding="utf-8") if information.exists() else ""
    models = [line.split(":", 1)[1].strip() for line in text.splitlines() if line.startswith("model name")]
    return models[0] if models else platform.machine()


def main(arguments: list[str] | None = None) -> None:
    """Generate, measure, print; the full size also renews ``benchmarks/results``."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a smoke test of seconds; writes no results")
    parser.add_argument("--work", nargs=2, metavar=("METHOD", "FOLDER"), help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.work:
        print(json.dumps(work(options.work[0], Path(options.work[1]))))
        return
    size = QUICK if options.quick else FULL
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write(size, folder)
        table = measure(folder)
        page = markdown(size, folder, table)
    print(page)
    if not options.quick:
        RESULTS.mkdir(exist_ok=True)
        (RESULTS / "overlay.md").write_text(page, encoding="utf-8")
        with (RESULTS / "overlay.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, COLUMNS, extrasaction="ignore", lineterminator="\n")
            writer.writeheader()
            writer.writerows(table)


if __name__ == "__main__":
    main()
