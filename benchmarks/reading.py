"""Reading against the least that can be done with the same bytes.

``python -m benchmarks.reading``: 200,000 boundary points against numpy.loadtxt
on the same point lines, and 100,000 polygons of a Shapefile against pyogrio.read_dataframe. Each
job runs in a process of its own, in turn.
"""

from __future__ import annotations

import argparse
import datetime as dt
import importlib.metadata
import io
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import numpy as np
import pyogrio
import shapely

from spatial.io.boundary_points import parse
from spatial.io.parcel_shapes import parcel_layer
from spatial.io.readers import read_raw
from spatial.io.stated import Stated
from spatial.io.text import read_text
from spatial.io.vector import read_vector

RESULTS = Path(__file__).parent / "results"
ROUNDS = 7
PARCELS, POLYGONS, CORNERS = 10_000, 100_000, 20
SEED = 20261121
EAST, NORTH = 38_410_000.0, 3_980_000.0
#: Relative difference of the sums of coordinates above which the run fails.
TOLERANCE = 1e-12


def write(folder: Path) -> None:
    """Write both files: irregular parcels on a grid, each with 20 corners, rounded to the millimetre."""
    random = np.random.default_rng(SEED)
    angles = np.linspace(0, 2 * np.pi, CORNERS, endpoint=False)

    def rings(count: int) -> np.ndarray[tuple[int, int, int], np.dtype[np.float64]]:
        radius = random.uniform(20, 45, (count, CORNERS, 1))
        place = np.arange(count)
        centre = np.column_stack([EAST + place % 300 * 100, NORTH + place // 300 * 100])[:, None, :]
        return np.round(centre + radius * np.column_stack([np.cos(angles), np.sin(angles)]), 3)

    lines = ["[属性描述]", "坐标系=2000国家大地坐标系", "几度分带=3", "带号=38", "[地块坐标]"]
    for number, ring in enumerate(rings(PARCELS), start=1):
        lines.append(f"{CORNERS},0.4,{number},地块{number},面,,工业用地,0601,@")
        lines += [f"J{place},1,{y:.3f},{x:.3f}" for place, (x, y) in enumerate(ring.tolist(), start=1)]
    (folder / "points.txt").write_bytes("\r\n".join(lines).encode("gb18030"))
    shapes = shapely.polygons(rings(POLYGONS))
    frame = gpd.GeoDataFrame(
        {"name": [f"地块{place}" for place in range(POLYGONS)], "code": np.arange(POLYGONS)}, geometry=shapes, crs=4526
    )
    frame.to_file(folder / "polygons.shp", encoding="GBK", engine="pyogrio")


def point_bytes(path: Path) -> bytes:
    """Return the point lines of a boundary-point file, which is all that a plain parser can read."""
    return b"\n".join(line for line in path.read_bytes().split(b"\r\n") if line.startswith(b"J"))


def ours_parse(folder: Path) -> Callable[[], float]:
    """Parse the text into numbers: what loadtxt does, headers and attributes included."""
    path = folder / "points.txt"
    return lambda: float(sum(parcel.x.sum() + parcel.y.sum() for parcel in parse(read_text(path).text, "a").parcels))


def ours_layer(folder: Path) -> Callable[[], float]:
    """Make features of it, rings closed and the plane recognised."""
    path = folder / "points.txt"

    def job() -> float:
        found = parcel_layer(parse(read_text(path).text, "a"), "a").features
        coords, owner = shapely.get_coordinates(found.geometry.array, return_index=True)
        # Each ring repeats its first point.
        return float(coords[np.diff(owner, prepend=-1) == 0].sum())

    return job


def loadtxt(folder: Path) -> Callable[[], float]:
    """Read the point lines with numpy.loadtxt."""
    raw = point_bytes(folder / "points.txt")
    return lambda: float(np.loadtxt(io.BytesIO(raw), delimiter=",", usecols=(2, 3)).sum())


def ours_shapefile(folder: Path) -> Callable[[], float]:
    """Read the Shapefile with every check."""
    return lambda: float(shapely.get_coordinates(read_vector(folder / "polygons.shp").features.geometry.array).sum())


def ours_raw(folder: Path) -> Callable[[], float]:
    """Read it with its encoding decided, but nothing checked."""
    path = folder / "polygons.shp"
    return lambda: float(shapely.get_coordinates(read_raw(path, Stated()).features.geometry.array).sum())


def peer_shapefile(folder: Path) -> Callable[[], float]:
    """Read it with pyogrio alone, its encoding told."""
    path = folder / "polygons.shp"
    return lambda: float(shapely.get_coordinates(pyogrio.read_dataframe(path, encoding="GBK").geometry.array).sum())


JOBS: dict[str, tuple[Callable[[Path], Callable[[], float]], str]] = {
    "numpy.loadtxt, point lines only": (loadtxt, ""),
    "spatial: parse": (ours_parse, "numpy.loadtxt, point lines only"),
    "spatial: parse and make parcels": (ours_layer, "numpy.loadtxt, point lines only"),
    "pyogrio.read_dataframe": (peer_shapefile, ""),
    "spatial.io.readers.read_raw": (ours_raw, "pyogrio.read_dataframe"),
    "spatial.io.vector.read_vector": (ours_shapefile, "pyogrio.read_dataframe"),
}


def work(name: str, folder: Path) -> dict[str, float]:
    """Run one job in this process: once to warm up, then measured."""
    job = JOBS[name][0](folder)
    job()
    started, cpu = time.perf_counter(), time.process_time()
    total = job()
    return {
        "seconds": time.perf_counter() - started,
        "cpu_seconds": time.process_time() - cpu,
        "peak_mib": peak_mib(),
        "total": total,
    }


def peak_mib() -> float:
    """Return the largest memory this process has had; getrusage would count its parent's too."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(float(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM"))


def measure(folder: Path) -> dict[str, dict[str, float]]:
    """Run all jobs in turn and return medians; results of a job and its peer must agree."""
    runs: dict[str, list[dict[str, float]]] = {name: [] for name in JOBS}
    for _ in range(ROUNDS):
        for name, own in runs.items():
            command = [sys.executable, "-m", "benchmarks.reading", "--work", name, str(folder)]
            environment = os.environ | {"PYTHONPATH": str(Path(__file__).parent.parent)}
            answer = subprocess.run(command, check=True, capture_output=True, text=True, env=environment)
            own.append(json.loads(answer.stdout))
    found = {name: {key: statistics.median(run[key] for run in own) for key in own[0]} for name, own in runs.items()}
    for name, (_, peer) in JOBS.items():
        row = found[name]
        row["ratio"] = row["seconds"] / found[peer]["seconds"] if peer else 1.0
        row["cpu_ratio"] = row["cpu_seconds"] / found[peer]["cpu_seconds"] if peer else 1.0
        if peer and abs(row["total"] / found[peer]["total"] - 1) > TOLERANCE:
            raise SystemExit(f"{name}: the coordinates differ from those of {peer}")
    return found


def main(arguments: list[str] | None = None) -> None:
    """Measure, print and write the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", nargs=2, metavar=("JOB", "FOLDER"), help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.work:
        print(json.dumps(work(options.work[0], Path(options.work[1]))))
        return
    with tempfile.TemporaryDirectory() as folder:
        write(Path(folder))
        table = measure(Path(folder))
    packages = ("numpy", "pandas", "shapely", "geopandas", "pyogrio")
    versions = ", ".join(f"{name} {importlib.metadata.version(name)}" for name in packages)
    lines = [
        "# Reading",
        "",
        (
            f"{PARCELS * CORNERS:,} boundary points in {PARCELS:,} parcels, and a Shapefile in GBK of {POLYGONS:,} polygons "
            f"with {CORNERS} corners each; seed {SEED}. Sums of all coordinates agree to {TOLERANCE:.0e}, or the run fails."
        ),
        "",
        (
            f"{dt.datetime.now(tz=dt.UTC).date()}; {os.cpu_count()} logical cores; Python {platform.python_version()}, {versions}. "
            f"Medians of {ROUNDS} processes each, in turn, the second call in each process; peak memory of the whole process."
        ),
        "",
        "| job | seconds | times its peer | CPU seconds | times its peer | peak memory MiB |",
        "|---|---:|---:|---:|---:|---:|",
        *(
            f"| {name} | {row['seconds']:.3f} | {row['ratio']:.2f} | {row['cpu_seconds']:.3f} | {row['cpu_ratio']:.2f} | {row['peak_mib']:.0f} |"
            for name, row in table.items()
        ),
        "",
        (
            "The peer of the first three rows reads two columns of lines picked out beforehand; ours decodes the file, reads "
            "headers and attributes and finds the lines itself. `read_vector` beyond `read_raw` checks every ring for validity "
            "and every coordinate against its system, which is what makes the areas right."
        ),
    ]
    text = "\n".join(lines) + "\n"
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "reading.md").write_text(text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
