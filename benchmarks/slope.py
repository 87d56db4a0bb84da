"""36 million heights to the area of slope classes by zone: spatial.terrain beside gdaldem, reclass and exactextract.

Each method runs in a process of its own, all in one run of this script on the same files, so only
the ratios between rows mean anything. A job is: read a GeoTIFF of heights and a GeoParquet of zones,
write a Parquet table of areas. ``python -m benchmarks.slope --quick`` is a smoke test.
"""

from __future__ import annotations

import argparse
import json
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
import pandas as pd
import rasterio
import shapely
from affine import Affine

from benchmarks import gdaldem
from benchmarks.apart import in_turn, machine, run
from benchmarks.generate import SEED, SPECTRAL_SLOPE

RESULTS = Path(__file__).parent / "results"
FULL, QUICK = 6000, 600
CELL_M, ZONES = 5.0, 100
EAST_M, NORTH_M = 38_485_000.0, 4_000_000.0
"""A corner near the central meridian: there the plane, in which the chain counts cells, has official areas to 1e-5."""

# A plane of Gauss-Kruger is up to 2 in 10,000 larger than the ground.
TOLERANCE = 2e-4
"""Relative difference of the area of a class above which the run fails: plane against official area (1e-5), and
gdaldem's single precision, which puts slopes near a break into the other class."""

READ = "reading the file"
OURS = "spatial.terrain, one pass"
SERIAL = "spatial.terrain, one pass, one thread"
CHAIN = "gdaldem, reclass, exactextract"
REPEATS = {READ: 7, OURS: 7, SERIAL: 3, CHAIN: 3}
FILES = {"deflate": {"compress": "deflate"}, "plain": {}}
"""How the heights are stored; both in tiles of 512."""

COMMAND = (sys.executable, "-m", "benchmarks.slope")
BREAKS_DEG = (2.0, 6.0, 15.0, 25.0)


def generate(cells: int, folder: Path) -> None:
    """Write a fractal terrain and zones that tile it."""
    rng = np.random.default_rng(SEED)
    noise = np.fft.rfft2(rng.standard_normal((cells, cells)).astype(np.float32))
    frequency = np.hypot(np.fft.fftfreq(cells)[:, None], np.fft.rfftfreq(cells)[None, :])
    frequency[0, 0] = np.inf
    surface = np.fft.irfft2(noise / frequency**SPECTRAL_SLOPE, s=(cells, cells))
    heights = (1200 + 0.05 * cells * CELL_M / 30 * surface / surface.std()).astype(np.float32)
    profile = {"driver": "GTiff", "width": cells, "height": cells, "count": 1, "dtype": "float32", "nodata": -9999}
    profile |= {"crs": "EPSG:4526", "transform": Affine(CELL_M, 0, EAST_M, 0, -CELL_M, NORTH_M)}
    profile |= {"tiled": True, "blockxsize": 512, "blockysize": 512}
    for name, options in FILES.items():
        with rasterio.open(folder / f"{name}.tif", "w", **(profile | options)) as target:
            target.write(heights, 1)
    side = cells * CELL_M
    box = shapely.box(EAST_M, NORTH_M - side, EAST_M + side, NORTH_M)
    points = shapely.MultiPoint(rng.uniform(0, side, (ZONES, 2)) + np.array([EAST_M, NORTH_M - side]))
    tiles = shapely.get_parts(shapely.voronoi_polygons(points, extend_to=box))
    rough = shapely.transform(shapely.segmentize(tiles, 40.0), lambda at: at + _sway(at, side))
    zones = shapely.intersection(shapely.make_valid(rough), box)
    gpd.GeoDataFrame({"zone": np.arange(ZONES)}, geometry=zones, crs="EPSG:4526").to_parquet(folder / "zones.parquet")


def _sway(at: np.ndarray, side: float) -> np.ndarray:
    """Return by how much borders wander, the same for both sides of one."""
    x, y = (at - (EAST_M, NORTH_M)).T / side * 200
    return np.column_stack([np.sin(y) + np.sin(2.7 * x + y), np.cos(x) + np.sin(3.1 * y)]) * side / 600


def read_job(dem: Path, _: gpd.GeoDataFrame) -> pd.DataFrame:
    """Read the heights and do nothing with them."""
    with rasterio.open(dem) as source:
        source.read(1)
    return pd.DataFrame({"zone": [0], "code": [0], "area_m2": [0.0]})


def our_job(dem: Path, zones: gpd.GeoDataFrame, workers: str = "threads") -> pd.DataFrame:
    """Run the one pass; loading compiled code included, but not scipy, which users of the project do not get."""
    # Numba imports it where it finds it, for a fifth of a second; here other benchmarks have brought it.
    sys.modules.setdefault("scipy", None)  # type: ignore[arg-type]
    from spatial.io.elevation import open_dem
    from spatial.terrain.classes import scheme_of
    from spatial.terrain.zones import slope_class_areas

    found = slope_class_areas(open_dem(dem), zones.geometry.to_numpy(), zones.crs, scheme_of("survey"), workers=workers)
    return found.table


def chain_job(dem: Path, zones: gpd.GeoDataFrame) -> pd.DataFrame:
    """Run gdaldem, a reclassification by rows of blocks, and exactextract, with a file between each two."""
    from exactextract import exact_extract

    slope, classes = dem.with_name("slope.tif"), dem.with_name("classes.tif")
    gdaldem.slope(dem, slope)
    with rasterio.open(slope) as source:
        profile = source.profile | {"dtype": "uint8", "nodata": 255}
        with rasterio.open(classes, "w", **profile) as target:
            for _, window in source.block_windows(1):
                steep = source.read(1, window=window)
                codes = np.searchsorted(np.asarray(BREAKS_DEG, np.float32), steep) + 1
                target.write(np.where(steep == source.nodata, 0, codes).astype(np.uint8), 1, window=window)
    found = exact_extract(
        str(classes),
        zones,
        ["unique", "frac", "count"],
        include_cols=["zone"],
        output="pandas",
        strategy="raster-sequential",
    )
    rows = [
        {"zone": row.zone, "code": int(code), "area_m2": share * row.count_ * CELL_M**2}
        for row in found.rename(columns={"count": "count_"}).itertuples()
        for code, share in zip(row.unique, row.frac, strict=True)
    ]
    return pd.DataFrame(rows)


JOBS: dict[str, Callable[[Path, gpd.GeoDataFrame], pd.DataFrame]] = {
    READ: read_job,
    OURS: our_job,
    SERIAL: lambda dem, zones: our_job(dem, zones, "serial"),
    CHAIN: chain_job,
}


def work(kind: str, method: str, folder: Path) -> dict[str, Any]:
    """Run one method in this process, from files to a file."""
    started, cpu = time.perf_counter(), time.process_time()
    zones = gpd.read_parquet(folder / "zones.parquet")
    result = JOBS[method](folder / f"{kind}.tif", zones)
    result.to_parquet(folder / "result.parquet")
    ended = time.perf_counter()
    used = time.process_time() - cpu
    JOBS[method](folder / f"{kind}.tif", zones)
    again = time.perf_counter() - ended
    by_class = result.groupby("code")["area_m2"].sum()
    return {
        "seconds": ended - started,
        "again_seconds": again,
        "cpu_seconds": used,
        "peak_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "areas": {str(code): float(area) for code, area in by_class.items()},
    }


def measure(kind: str, folder: Path) -> list[dict[str, Any]]:
    """Run every method in turn, several times; medians."""
    run("slope", kind, OURS, str(folder))  # compiles the kernels where no earlier run has left them
    runs = in_turn(REPEATS, lambda method: run("slope", kind, method, str(folder)))
    numbers = ("seconds", "again_seconds", "cpu_seconds", "peak_mib")
    table = [
        {key: statistics.median(one[key] for one in own) for key in numbers}
        | {"method": method, "runs": len(own), "areas": own[0]["areas"]}
        for method, own in runs.items()
    ]
    by_name = {row["method"]: row for row in table}
    for row in (by_name[OURS], by_name[SERIAL]):
        for code, area in by_name[CHAIN]["areas"].items():
            if abs(row["areas"][code] / area - 1) > TOLERANCE:
                raise SystemExit(f"{kind} {row['method']}: class {code} has {row['areas'][code]}, in the chain {area}")
    for row in table:
        row["of_reading"] = row["seconds"] / by_name[READ]["seconds"]
        row["of_chain"] = by_name[CHAIN]["seconds"] / row["seconds"]
    return table


def markdown(cells: int, tables: dict[str, list[dict[str, Any]]]) -> str:
    """Lay the results out as a page."""
    packages = ("numpy", "numba", "rasterio", "exactextract", "shapely")
    lines = [
        "# Slope classes by zone",
        "",
        (
            f"{cells**2:,} heights in cells of {CELL_M:g} m, float32 in tiles of 512, and {ZONES} zones that tile them. "
            f"Generator and seed: `benchmarks/slope.py`, {SEED}. The areas of the classes agree to {TOLERANCE:.0e}, or the "
            "run fails: the chain counts cells in the plane, spatial.terrain gives official areas."
        ),
        "",
        (f"{machine(*packages)}, GDAL {rasterio.__gdal_version__}; gdaldem is {gdaldem.name()}."),
    ]
    for kind, table in tables.items():
        lines += [
            "",
            f"## {kind}",
            "",
            "| method | seconds | times the reading | times faster than the chain | once more | CPU seconds | peak MiB | runs |",
            "|---|---:|---:|---:|---:|---:|---:|---:|",
        ]
        lines += [
            f"| {row['method']} | {row['seconds']:.2f} | {row['of_reading']:.2f} | {row['of_chain']:.1f} | "
            f"{row['again_seconds']:.2f} | {row['cpu_seconds']:.2f} | {row['peak_mib']:.0f} | {row['runs']} |"
            for row in table
        ]
    lines += [
        "",
        (
            "Seconds: median over processes, from the files of heights and zones to a Parquet file of zone, class and area, "
            "loading compiled code included (compiled in an earlier process); imports of Python's own and of numpy, rasterio "
            "and geopandas are not, nor is scipy's, which numba imports where it finds it and the project does not install. Once more: the same again in the same process. Reading is one `rasterio` read of the whole band by one thread; spatial.terrain lets GDAL "
            "unpack with all cores. Files are in the system's cache. Memory: peak of the process, with all imports."
        ),
        "",
    ]
    return "\n".join(lines)


def main(arguments: list[str] | None = None) -> None:
    """Generate, measure, print; the full size also renews ``benchmarks/results``."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a smoke test of seconds; writes no results")
    parser.add_argument("--work", nargs=3, metavar=("KIND", "METHOD", "FOLDER"), help=argparse.SUPPRESS)
    parser.add_argument("--generate", nargs=2, metavar=("CELLS", "FOLDER"), help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.generate:
        generate(int(options.generate[0]), Path(options.generate[1]))
        return
    if options.work:
        print(json.dumps(work(options.work[0], options.work[1], Path(options.work[2]))))
        return
    cells = QUICK if options.quick else FULL
    with tempfile.TemporaryDirectory() as name:
        # In a process of its own: the others would inherit its peak memory.
        subprocess.run([*COMMAND, "--generate", str(cells), name], check=True)
        tables = {kind: measure(kind, Path(name)) for kind in FILES}
    page = markdown(cells, tables)
    print(page)
    if not options.quick:
        RESULTS.mkdir(exist_ok=True)
        (RESULTS / "slope.md").write_text(page, encoding="utf-8")


if __name__ == "__main__":
    main()
