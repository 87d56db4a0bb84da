"""Soil loss of 16 million cells from heights to a table of classes, beside the steps of InVEST from heights to USLE.

InVEST itself does not install with plain pip, so its steps are taken by what does: pyflwdir fills
and routes, gdaldem computes slopes, numpy the rest, each with a raster on disk as InVEST has. Every method
runs in a process of its own. ``python -m benchmarks.erosion --quick`` is a smoke test.
"""

from __future__ import annotations

import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import rasterio

from benchmarks import gdaldem, terrain
from benchmarks.apart import in_turn, machine, options_of, run

RESULTS = Path(__file__).parent / "results"
FULL, QUICK = terrain.Extent(4000, 4000), terrain.Extent(600, 600)
RAIN, SOIL = 1900.0, 0.035
INVEST_BEFORE_S = 76.0
"""Seconds that InVEST's own steps from heights to USLE took for 16 million cells, measured before this project on a like machine."""

OURS = "spatial.erosion: CSLE to a table of classes"
ROUTING = "spatial.terrain: routing and what follows it"
PEER = "steps of InVEST, re-enacted"
REPEATS = {OURS: 5, ROUTING: 2, PEER: 2}
COMMAND = (sys.executable, "-m", "benchmarks.erosion")
Steps = dict[str, float]


@contextmanager
def timed(steps: Steps, name: str) -> Iterator[None]:
    """Add the seconds of a block to a step."""
    started = time.perf_counter()
    yield
    steps[name] = steps.get(name, 0.0) + time.perf_counter() - started


def our_job(folder: Path, workers: str = "threads", scratch: Path | None = None) -> Any:
    """Compute the loss of 25 zones by CSLE; loading compiled code included."""
    from spatial.erosion.grades import regions
    from spatial.erosion.land import land_table
    from spatial.erosion.rasters import aligned
    from spatial.erosion.run import Inputs, compute_loss
    from spatial.io.elevation import open_dem
    from spatial.terrain.classes import scheme_of

    dem = open_dem(folder / "dem.tif")
    cover = aligned(folder / "cover.tif", dem.grid, dem.path)
    known = regions()["north_rocky"], regions()["northwest_loess"]
    scheme = scheme_of("survey")
    told = Inputs(dem, cover, land_table(), RAIN, SOIL, known, scheme, workers=workers, scratch=scratch)
    return compute_loss(told, *terrain.zones(dem.grid.shape[0]))


def ours(folder: Path) -> Steps:
    """Run the whole job."""
    steps: Steps = {}
    with timed(steps, "all"):
        our_job(folder).cube.to_parquet(folder / "cube.parquet")
    return steps


def routing(folder: Path) -> Steps:
    """Run our steps over whole basins, which the table of classes does not need."""
    from spatial.erosion.slope_length import ls_invest
    from spatial.io.elevation import open_dem
    from spatial.terrain import flow
    from spatial.terrain.slope import slope_of_rows, steps_of

    steps: Steps = {}
    dem = open_dem(folder / "dem.tif")
    with timed(steps, "read"):
        heights = dem.read()
    metres = steps_of(dem.grid)
    with timed(steps, "fill and D8"):
        water = flow.route(heights, metres[:, 0], terrain.CELL_M)
    del heights
    with timed(steps, "slope"):
        slope = slope_of_rows(water.filled, metres)
    with timed(steps, "longest way"):
        flow.inlet_length_m(water, slope)
    with timed(steps, "accumulation"):
        cells = flow.accumulated(water, np.ones(slope.shape))
    del water
    with timed(steps, "LS"):
        for rows in np.array_split(np.arange(len(slope)), 16):
            ls_invest(cells[rows], terrain.CELL_M, slope[rows])
    return steps


def peer(folder: Path) -> Steps:
    """Take InVEST's steps: fill, D8, accumulation, slope, LS, RKLS, USLE, with a raster after each."""
    import pyflwdir

    from spatial.erosion.slope_length import ls_invest

    steps: Steps = {}
    with rasterio.open(folder / "dem.tif") as source:
        profile = source.profile | {"compress": "lzw", "num_threads": "1"}
        with timed(steps, "read"):
            heights = source.read(1)

    def keep(name: str, values: np.ndarray, nodata: float) -> None:
        told = profile | {"dtype": values.dtype.name, "nodata": nodata}
        with timed(steps, "rasters between"), rasterio.open(folder / f"peer_{name}.tif", "w", **told) as target:
            target.write(values, 1)

    with timed(steps, "fill and D8"):
        filled, codes = pyflwdir.dem.fill_depressions(heights, nodata=-9999.0)
        flow = pyflwdir.from_array(codes, ftype="d8", check_ftype=False)
    keep("filled", filled, -9999.0)
    keep("d8", codes, 247)
    with timed(steps, "accumulation"):
        cells = flow.accuflux(np.ones(filled.shape, np.float32))
    keep("cells", cells, -9999.0)
    with timed(steps, "slope"):
        gdaldem.slope(folder / "peer_filled.tif", folder / "peer_slope.tif")
        with rasterio.open(folder / "peer_slope.tif") as source:
            slope = source.read(1)
    with rasterio.open(folder / "cover.tif") as source, timed(steps, "read"):
        cover = source.read(1)
    factor = np.array([0, 0.28, 0.1, 0.05, 0.04, 0, 0, 0, 1.0], np.float32)
    with timed(steps, "LS"):
        ls = np.concatenate(
            [
                ls_invest(cells[rows], terrain.CELL_M, slope[rows]).astype(np.float32)
                for rows in np.array_split(np.arange(len(slope)), 16)
            ]
        )
    keep("ls", ls, -9999.0)
    with timed(steps, "RKLS, USLE"):
        rkls = ls * np.float32(RAIN * SOIL)
        usle = rkls * factor[cover]
    keep("rkls", rkls, -9999.0)
    keep("usle", usle, -9999.0)
    return steps


JOBS = {OURS: ours, ROUTING: routing, PEER: peer}


def work(method: str, folder: Path) -> dict[str, Any]:
    """Run one method in this process."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    started, cpu = time.perf_counter(), time.process_time()
    steps = JOBS[method](folder)
    used = resource.getrusage(resource.RUSAGE_SELF)
    return {
        "seconds": time.perf_counter() - started,
        "cpu_seconds": time.process_time() - cpu,
        "before_mib": before,
        "peak_mib": used.ru_maxrss / 1024,
        "steps": steps,
    }


def measure(folder: Path) -> list[dict[str, Any]]:
    """Run every method in turn, several times; medians."""
    for method in (OURS, ROUTING, PEER):
        run("erosion", method, str(folder))  # compiles the kernels where no earlier run has left them
    runs = in_turn(REPEATS, lambda method: run("erosion", method, str(folder)))
    table = []
    for method, own in runs.items():
        numbers = ("seconds", "cpu_seconds", "before_mib", "peak_mib")
        row: dict[str, Any] = {key: statistics.median(one[key] for one in own) for key in numbers}
        steps = {name: statistics.median(one["steps"][name] for one in own) for name in own[0]["steps"]}
        table.append(row | {"method": method, "runs": len(own), "steps": steps})
    return table


def markdown(extent: terrain.Extent, table: list[dict[str, Any]]) -> str:
    """Lay the results out as a page."""
    packages = ("numpy", "numba", "rasterio", "pyflwdir")
    cells = extent.cells**2
    mine, routed, other = (next(row for row in table if row["method"] == method) for method in (OURS, ROUTING, PEER))
    bare = other["seconds"] - other["steps"]["rasters between"]
    lines = [
        "# Soil loss",
        "",
        (
            f"{cells:,} heights in cells of {terrain.CELL_M:g} m and eight classes of land cover, GeoTIFFs in tiles of 512; "
            f"25 zones. Generator and seed: `benchmarks/terrain.py`, {terrain.SEED}."
        ),
        "",
        (f"{machine(*packages)}, GDAL {rasterio.__gdal_version__}."),
        "",
        "| method | seconds | CPU seconds | peak MiB | bytes a cell | runs |",
        "|---|---:|---:|---:|---:|---:|",
        *(
            f"| {row['method']} | {row['seconds']:.1f} | {row['cpu_seconds']:.1f} | {row['peak_mib']:.0f} | "
            f"{row['peak_mib'] * 2**20 / cells:.0f} | {row['runs']} |"
            for row in table
        ),
        "",
        (
            f"The table of classes comes {other['seconds'] / mine['seconds']:.1f} times faster than InVEST's steps re-enacted "
            f"({bare / mine['seconds']:.1f} times without the writing of their rasters). InVEST's own steps were measured "
            f"once before this project, on a like machine: {INVEST_BEFORE_S:g} s, {INVEST_BEFORE_S / mine['seconds']:.0f} times as "
            "long; that figure is quoted, not measured in this run."
        ),
        "",
        "| step over whole basins | spatial.terrain, seconds | re-enacted, seconds |",
        "|---|---:|---:|",
        *(
            f"| {name} | {_cell(routed['steps'], name)} | {_cell(other['steps'], name)} |"
            for name in dict.fromkeys([*routed["steps"], *other["steps"]])
        ),
        "",
        (
            "Seconds: medians over processes, from files to a Parquet table (ours) or rasters (theirs); imports of numpy and "
            "rasterio left out, loading of compiled code included (compiled in an earlier process), as is all memory of the "
            f"process ({mine['before_mib']:.0f} MiB before it began). The lengths of slopes in our table are capped, so that blocks with a rim "
            "of cells do; InVEST's are not. Files are in the system's cache."
        ),
        "",
    ]
    return "\n".join(lines)


def _cell(steps: Steps, name: str) -> str:
    return f"{steps[name]:.2f}" if name in steps else ""


def main(arguments: list[str] | None = None) -> None:
    """Generate, measure, print; the full size also renews ``benchmarks/results``."""
    options = options_of(arguments, __doc__, work, "METHOD", "FOLDER")
    if options is None:
        return
    extent = QUICK if options.quick else FULL
    with tempfile.TemporaryDirectory() as name:
        terrain.write_apart(extent, Path(name))
        table = measure(Path(name))
    page = markdown(extent, table)
    print(page)
    if not options.quick:
        RESULTS.mkdir(exist_ok=True)
        (RESULTS / "erosion.md").write_text(page, encoding="utf-8")


if __name__ == "__main__":
    main()
