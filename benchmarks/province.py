"""A province in cells of 30 m, 174 million of them: slopes and soil loss by blocks, in how much memory, and after a kill.

Each job runs in a process of its own, on two threads. Then soil loss is begun anew, killed half-way, and
started again. ``python -m benchmarks.province --quick`` is a smoke test.
"""

from __future__ import annotations

import hashlib
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import rasterio

from benchmarks import terrain
from benchmarks.apart import machine, options_of
from benchmarks.erosion import our_job

RESULTS = Path(__file__).parent / "results"
FULL, QUICK = terrain.Extent(13_200, 3_300), terrain.Extent(1_400, 700)
COMMAND = (sys.executable, "-m", "benchmarks.province")
WORKERS = "threads:2"
MOST_MIB = 4096
"""What a job may take; the run fails beyond it."""


def read_job(folder: Path) -> str:
    """Read the heights block by block and do nothing with them."""
    from spatial.io.elevation import open_dem
    from spatial.runtime.blocks import blocks_of

    dem = open_dem(folder / "dem.tif")
    for _ in dem.read_many((block.rows for block in blocks_of(dem.grid.shape[0])), threads=2):
        pass
    return ""


def table_job(folder: Path) -> str:
    """Sum up slope classes by zone."""
    from spatial.io.elevation import open_dem
    from spatial.terrain.classes import scheme_of
    from spatial.terrain.zones import slope_class_areas

    dem = open_dem(folder / "dem.tif")
    zones, crs = terrain.zones(dem.grid.shape[0])
    found = slope_class_areas(dem, zones, crs, scheme_of("survey"), workers=WORKERS)
    return hashlib.sha256(found.table["area_m2"].to_numpy().tobytes()).hexdigest()


def slope_job(folder: Path) -> str:
    """Write a raster of slopes."""
    from spatial.io.elevation import open_dem
    from spatial.terrain.run import Job, write_terrain

    write_terrain(open_dem(folder / "dem.tif"), folder / "slope.tif", Job("slope", workers=WORKERS))
    return ""


def loss_job(folder: Path) -> str:
    """Compute soil loss: tables, and a raster on the disk."""
    told = our_job(folder, WORKERS, folder / "loss")
    return _digest(told.cube, told.parts_t_hm2_a())


def loss_rasters_job(folder: Path) -> str:
    """Compute soil loss and write it as a Cloud Optimized GeoTIFF."""
    from spatial.io.elevation import open_dem
    from spatial.io.rasters_writer import Band, write_cog

    told = our_job(folder, WORKERS, folder / "loss_of_raster")
    grid = open_dem(folder / "dem.tif").grid
    write_cog(folder / "loss.tif", told.parts_t_hm2_a(), grid, Band("soil_loss", "float32", float("nan"), "t/(hm2 a)"))
    told.discard()
    return ""


def _digest(table: Any, parts: Iterable[np.ndarray]) -> str:
    digest = hashlib.sha256(table.to_numpy().tobytes())
    for part in parts:
        digest.update(part.tobytes())
    return digest.hexdigest()


JOBS = {
    "reading the heights": read_job,
    "slope classes by zone": table_job,
    "raster of slopes": slope_job,
    "soil loss (CSLE): tables": loss_job,
    "soil loss (CSLE): tables and raster": loss_rasters_job,
}
LOSS = "soil loss (CSLE): tables"


def work(method: str, folder: Path) -> dict[str, Any]:
    """Run one job in this process."""
    started, cpu = time.perf_counter(), time.process_time()
    digest = JOBS[method](folder)
    return {
        "seconds": time.perf_counter() - started,
        "cpu_seconds": time.process_time() - cpu,
        "peak_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "digest": digest,
    }


def _process(method: str, folder: Path) -> subprocess.Popen[str]:
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parent.parent)}
    command = [*COMMAND, "--work", method, str(folder)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)


def run(method: str, folder: Path) -> dict[str, Any]:
    """Run one job in a process of its own."""
    process = _process(method, folder)
    told, _ = process.communicate()
    if process.returncode:
        raise SystemExit(f"{method} failed")
    found: dict[str, Any] = json.loads(told.splitlines()[-1])
    print(f"{method}: {found['seconds']:.1f} s, {found['peak_mib']:.0f} MiB", file=sys.stderr)
    if found["peak_mib"] > MOST_MIB:
        raise SystemExit(f"{method} took {found['peak_mib']:.0f} MiB")
    return found


def _finished(folder: Path) -> int:
    listed = folder / ".loss.unfinished" / "finished.jsonl"
    return max(len(listed.read_text(encoding="utf-8").splitlines()) - 1, 0) if listed.is_file() else 0


def killed(folder: Path, blocks: int, whole: str) -> dict[str, Any]:
    """Kill soil loss at half of its blocks, start it again, and compare with the run in one go."""
    unfinished = folder / ".loss.unfinished"
    unfinished.rename(folder / "whole")
    process = _process(LOSS, folder)
    while _finished(folder) < blocks // 2 and process.poll() is None:
        time.sleep(0.02)
    process.kill()
    process.wait()
    before = _finished(folder)
    again = run(LOSS, folder)
    if again["digest"] != whole:
        raise SystemExit("the run that was killed gave other numbers")
    return again | {"before": before, "added": _finished(folder) - before}


def measure(folder: Path, extent: terrain.Extent) -> tuple[dict[str, dict[str, Any]], dict[str, Any], int]:
    """Run every job once, then the one that is killed."""
    from spatial.runtime.blocks import blocks_of

    blocks = len(blocks_of(extent.cells))
    found = {method: run(method, folder) for method in JOBS}
    return found, killed(folder, blocks, found[LOSS]["digest"]), blocks


def markdown(extent: terrain.Extent, found: dict[str, dict[str, Any]], again: dict[str, Any], blocks: int) -> str:
    """Lay the results out as a page."""
    cells, reading = extent.cells**2, found["reading the heights"]["seconds"]
    lines = [
        "# A province",
        "",
        (
            f"{cells:,} heights in cells of {terrain.CELL_M:g} m and eight classes of land cover, compressed GeoTIFFs in tiles "
            f"of 512; 25 zones; {blocks} blocks; {WORKERS}. Generator and seed: `benchmarks/terrain.py`, {terrain.SEED}."
        ),
        "",
        (f"{machine('numpy', 'numba', 'rasterio')}, GDAL {rasterio.__gdal_version__}."),
        "",
        "| job | seconds | times the reading | CPU seconds | peak MiB | bytes a cell |",
        "|---|---:|---:|---:|---:|---:|",
        *(
            f"| {name} | {row['seconds']:.1f} | {row['seconds'] / reading:.1f} | {row['cpu_seconds']:.1f} | "
            f"{row['peak_mib']:.0f} | {row['peak_mib'] * 2**20 / cells:.1f} |"
            for name, row in found.items()
        ),
        "",
        (
            f"Killed (SIGKILL) with {again['before']} of {blocks} blocks finished and started again: the second run worked on "
            f"{again['added']} blocks, in {again['seconds']:.1f} s, and its tables and raster are those of the run in one go, "
            "to the last byte."
        ),
        "",
        (
            "One run each; the files are in the system's cache; imports of numpy and rasterio left out. Memory: peak of the "
            "process with all libraries."
        ),
        "",
    ]
    return "\n".join(lines)


def main(arguments: list[str] | None = None) -> None:
    """Generate, measure, print; the full size also renews ``benchmarks/results``."""
    options = options_of(arguments, __doc__, work, "METHOD", "FOLDER")
    if options is None:
        return
    extent = QUICK if options.quick else FULL
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        terrain.write_apart(extent, folder)
        page = markdown(extent, *measure(folder, extent))
    print(page)
    if not options.quick:
        RESULTS.mkdir(exist_ok=True)
        (RESULTS / "province.md").write_text(page, encoding="utf-8")


if __name__ == "__main__":
    main()
