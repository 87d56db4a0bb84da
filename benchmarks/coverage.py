"""Coverage of 117 counties by 100,000 overlapping polygons: spatial.coverage beside geopandas, and how both grow.

The job is: read two GeoParquet files, find for every county the area that each of eight roles covers
and that any of them covers, overlaps counted once, and write the table. Each method runs in a process
of its own, all in one run of this script on the same files. Then spatial.coverage alone takes 10,000
to 1,000,000 polygons, once with the counties growing along and once in counties that stay, where ten
times as many polygons overlap ten times as deeply. ``python -m benchmarks.coverage --quick`` is a
smoke test.
"""

from __future__ import annotations

import datetime as dt
import importlib.metadata
import math
import os
import platform
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from benchmarks.apart import options_of, run
from benchmarks.generate import CRS, SEED, SOUTH_M, WEST_M

RESULTS = Path(__file__).parent / "results"
OURS, PEER = "spatial.coverage", "geopandas dissolve, overlay"
REPEATS = {OURS: 3, PEER: 1}
TOLERANCE = 1e-9
"""Difference of a county's and role's area, as a share of it, above which the run fails."""

MOST_MIB = 2048
"""Peak memory, once the files are read, above which the run fails."""

ROLES = ("ECO_RED", "PA_CORE", "PA_GENERAL", "WS1", "WS2", "SCENIC", "FOREST_PARK", "PBF")
GRID = (9, 13)
FULL, QUICK = (100_000, 600, 180_000.0), (4_000, 40, 36_000.0)
"""Polygons, vertices along each side of a county, metres along the side of all counties."""

GROWTH = (10_000, 30_000, 100_000, 300_000, 1_000_000)
QUICK_GROWTH = (1_000, 4_000)

Floats = NDArray[np.float64]


def _side(rng: np.random.Generator, start: Floats, end: Floats, vertices: int) -> Floats:
    """Return a crooked line between two corners that keeps within the diamond they span."""
    share = np.linspace(0.0, 1.0, vertices + 2)
    noise = np.fft.rfft(rng.standard_normal(vertices + 2))
    frequency = np.arange(len(noise), dtype=float)
    frequency[0] = np.inf
    wave = np.fft.irfft(noise / frequency**1.3, n=vertices + 2)
    offset = 0.45 * np.minimum(share, 1 - share) * wave / np.abs(wave).max()
    along = end - start
    return start + share[:, None] * along + offset[:, None] * np.array([-along[1], along[0]])


def counties(vertices: int, side_m: float) -> gpd.GeoDataFrame:
    """Return 9 by 13 counties that share their crooked borders vertex by vertex."""
    rng = np.random.default_rng(SEED + 4)
    columns, rows = GRID
    x, y = np.meshgrid(np.linspace(0, side_m, columns + 1), np.linspace(0, side_m, rows + 1))
    corner = np.add(np.stack([x, y], axis=-1), (WEST_M, SOUTH_M))
    level = [[_side(rng, corner[r, c], corner[r, c + 1], vertices) for c in range(columns)] for r in range(rows + 1)]
    upright = [[_side(rng, corner[r, c], corner[r + 1, c], vertices) for c in range(columns + 1)] for r in range(rows)]
    shapes = []
    for r in range(rows):
        for c in range(columns):
            ring = (level[r][c], upright[r][c + 1], level[r + 1][c][::-1], upright[r][c][::-1])
            shapes.append(shapely.Polygon(np.concatenate([line[:-1] for line in ring])))
    names = [f"{number:03d}" for number in range(len(shapes))]
    return gpd.GeoDataFrame({"county": names}, geometry=shapes, crs=CRS)


def pieces(count: int, side_m: float) -> gpd.GeoDataFrame:
    """Return irregular polygons of 15 to 60 corners and some 300 m radius, of eight roles."""
    rng = np.random.default_rng(SEED + 5)
    shapes = []
    for corners, own in zip((15, 20, 30, 60), np.array_split(np.arange(count), 4), strict=True):
        n = len(own)
        turn = (np.arange(corners) + rng.uniform(0.0, 0.9, (n, corners))) * (2 * np.pi / corners)
        radius = np.minimum(np.exp(rng.normal(np.log(300.0), 0.6, (n, 1))), 3_000.0)
        reach = radius * rng.uniform(0.6, 1.0, (n, corners))
        centre = rng.uniform(0.01, 0.99, (n, 1, 2)) * side_m + (WEST_M, SOUTH_M)
        shapes.append(shapely.polygons(centre + reach[..., None] * np.stack([np.cos(turn), np.sin(turn)], axis=-1)))
    role = np.array(ROLES)[rng.integers(0, len(ROLES), count)]
    return gpd.GeoDataFrame({"role": role}, geometry=np.concatenate(shapes), crs=CRS)


def our_job(units: gpd.GeoDataFrame, zones: gpd.GeoDataFrame) -> pd.DataFrame:
    """Cover by spatial.coverage; loading numba included."""
    from spatial.coverage import Partition, cover

    geometry, role = zones.geometry.to_numpy(), zones["role"].to_numpy()
    own = units.geometry.to_numpy()
    partition = Partition("county", tuple(units["county"]), own, np.arange(len(own)))
    found = cover({name: geometry[role == name] for name in ROLES}, [partition], own)
    anything = found.by_unit().rename(columns={"covered_m2": "m2"}).assign(role="")
    each = found.by_role().rename(columns={"area_m2": "m2"})
    return pd.concat([anything[["county", "role", "m2"]], each[["county", "role", "m2"]]], ignore_index=True)


def peer_job(units: gpd.GeoDataFrame, zones: gpd.GeoDataFrame) -> pd.DataFrame:
    """Dissolve and overlay by geopandas."""
    anything = zones[["geometry"]].dissolve().assign(role="")
    each = zones.dissolve(by="role").reset_index()
    laid = gpd.overlay(units, pd.concat([anything, each], ignore_index=True), how="intersection")
    return pd.DataFrame({"county": laid["county"], "role": laid["role"], "m2": laid.area})


JOBS: dict[str, Callable[[gpd.GeoDataFrame, gpd.GeoDataFrame], pd.DataFrame]] = {OURS: our_job, PEER: peer_job}


def work(method: str, folder: Path) -> dict[str, float]:
    """Run one method in this process, from files to a file."""
    started, cpu = time.perf_counter(), time.process_time()
    units, zones = gpd.read_parquet(folder / "counties.parquet"), gpd.read_parquet(folder / "pieces.parquet")
    read, read_mib = time.perf_counter(), _peak_mib()
    _forget_peak()
    result = JOBS[method](units, zones)
    found = time.perf_counter()
    name = "ours" if method == OURS else "peer"
    result[result["m2"] > 0].sort_values(["county", "role"]).to_parquet(folder / f"{name}.parquet", index=False)
    written = time.perf_counter()
    return {
        "seconds": written - started,
        "work_seconds": found - read,
        "cpu_seconds": time.process_time() - cpu,
        "read_mib": read_mib,
        "peak_mib": _peak_mib(),
        "vertices": float(shapely.get_num_coordinates(zones.geometry.to_numpy()).sum()),
        "drawn_m2": math.fsum(zones.area),
        "covered_m2": math.fsum(result["m2"][result["role"] == ""]),
    }


def _peak_mib() -> float:
    """Return the peak memory of this process; the usual counter would inherit that of its parent."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return float(status.split("VmHWM:")[1].split()[0]) / 1024


def _forget_peak() -> None:
    """Count the peak from here on, without what reading no longer needs: it is the same for all."""
    import pyarrow as pa

    pa.default_memory_pool().release_unused()
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")


def largest_difference(folder: Path) -> float:
    """Return the largest difference of a county's and role's area, as a share of it."""
    keys = ["county", "role"]
    ours, peer = (pd.read_parquet(folder / f"{name}.parquet").set_index(keys)["m2"] for name in ("ours", "peer"))
    together = pd.DataFrame({"ours": ours, "peer": peer}).fillna(0.0)
    return float(((together["ours"] - together["peer"]).abs() / together["peer"]).max())


def beside_peer(folder: Path, *, quick: bool) -> tuple[dict[str, dict[str, float]], float]:
    """Run both methods in turn, several times; medians, and the largest difference."""
    run("coverage", OURS, str(folder))  # compiles where no earlier run has
    runs: dict[str, list[dict[str, float]]] = {method: [] for method in JOBS}
    for turn in range(1 if quick else max(REPEATS.values())):
        for method in (method for method in JOBS if turn < REPEATS[method]):
            runs[method].append(run("coverage", method, str(folder)))
    difference = largest_difference(folder)
    if not difference <= TOLERANCE:
        raise SystemExit(f"areas of a county differ by {difference:.1e}")
    return {
        m: {key: statistics.median(one[key] for one in own) for key in own[0]} for m, own in runs.items()
    }, difference


def growth(counts: tuple[int, ...], size: tuple[int, int, float]) -> dict[str, list[dict[str, float]]]:
    """Run spatial.coverage on more and more polygons, at one density and in one area."""
    middle, vertices, side_m = size
    tables: dict[str, list[dict[str, float]]] = {"density": [], "area": []}
    for kind, rows in tables.items():
        for count in counts:
            own_side_m = side_m * math.sqrt(count / middle) if kind == "density" else side_m
            with tempfile.TemporaryDirectory() as name:
                counties(vertices, own_side_m).to_parquet(Path(name) / "counties.parquet")
                pieces(count, own_side_m).to_parquet(Path(name) / "pieces.parquet")
                found = run("coverage", OURS, name)
            rows.append({"count": count, "side_km": own_side_m / 1000, **found})
            if found["peak_mib"] > MOST_MIB:
                print(f"{kind}, {count:,}: {found['peak_mib']:.0f} MiB is more than {MOST_MIB}", file=sys.stderr)
    return tables


def n_log_n(rows: list[dict[str, float]]) -> list[float]:
    """Return what each row would take if time grew as n log n from the row of 100,000, or the last one."""
    base = next((row for row in rows if row["count"] == FULL[0]), rows[-1])
    scale = base["cpu_seconds"] / (base["count"] * math.log(base["count"]))
    return [scale * row["count"] * math.log(row["count"]) for row in rows]


def plot(tables: dict[str, list[dict[str, float]]], path: Path) -> None:
    """Draw time against number, both logarithmic, with n log n beside it."""
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot as plt

    figure, axes = plt.subplots(figsize=(5.2, 3.6), layout="constrained")
    labels = {"density": "constant density (area grows along)", "area": "constant area (overlaps deepen)"}
    for (kind, rows), colour in zip(tables.items(), ("#1f6f8b", "#c0562f"), strict=True):
        counts = [row["count"] for row in rows]
        axes.loglog(counts, [row["cpu_seconds"] for row in rows], "o-", color=colour, label=labels[kind])
        axes.loglog(counts, n_log_n(rows), ":", color=colour, label="n log n")
    axes.set_xlabel("polygons")
    axes.set_ylabel("CPU seconds, file to file")
    axes.set_title("Coverage of 117 counties by eight roles", fontsize=10)
    axes.grid(visible=True, which="major", linewidth=0.4)
    axes.legend(fontsize=8)
    figure.savefig(path, dpi=110, metadata={"Software": None})


def growth_lines(tables: dict[str, list[dict[str, float]]]) -> list[str]:
    """Lay the growth out as Markdown."""
    titles = {"density": "Constant density: the counties grow along", "area": "Constant area: the overlaps deepen"}
    lines = []
    for kind, rows in tables.items():
        lines += [
            "",
            f"### {titles[kind]}",
            "",
            "| polygons | vertices | side km | drawn over counties' area | covered | seconds, file to file | CPU | n log n of the CPU | MiB while reading | MiB after |",
            "|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|",
        ]
        for row, expected in zip(rows, n_log_n(rows), strict=True):
            whole = (row["side_km"] * 1000) ** 2
            lines.append(
                f"| {row['count']:,.0f} | {row['vertices']:,.0f} | {row['side_km']:.0f} | {row['drawn_m2'] / whole:.2f} | "
                f"{row['covered_m2'] / whole:.1%} | {row['seconds']:.2f} | {row['cpu_seconds']:.2f} | {expected:.2f} | "
                f"{row['read_mib']:.0f} | {row['peak_mib']:.0f} |"
            )
    return lines


def markdown(size: tuple[int, int, float], found: dict[str, dict[str, float]], difference: float) -> list[str]:
    """Lay the comparison out as Markdown."""
    count, vertices, side_m = size
    packages = ("numpy", "shapely", "geopandas", "numba")
    versions = ", ".join(f"{name} {importlib.metadata.version(name)}" for name in packages)
    peer = found[PEER]["seconds"]
    return [
        "# Coverage",
        "",
        (
            f"{count:,} overlapping polygons of {found[OURS]['vertices']:,.0f} vertices and eight roles; "
            f"{GRID[0] * GRID[1]} counties of {4 * (vertices + 1):,} vertices each that share their borders, "
            f"{side_m / 1000:.0f} km across. Generator: `benchmarks/coverage.py`, seed {SEED}."
        ),
        "",
        (
            f"{dt.datetime.now(tz=dt.UTC).date()}; {os.cpu_count()} logical cores, shared; Python {platform.python_version()}, "
            f"{versions}, GEOS {shapely.geos_version_string}. Areas of every county and role agree to {difference:.1e} of each."
        ),
        "",
        "| method | seconds, file to file | work | times faster | CPU seconds | times less CPU | MiB while reading | MiB after |",
        "|---|---:|---:|---:|---:|---:|---:|---:|",
        *(
            f"| {method} | {row['seconds']:.2f} | {row['work_seconds']:.2f} | {peer / row['seconds']:.1f} | "
            f"{row['cpu_seconds']:.2f} | {found[PEER]['cpu_seconds'] / row['cpu_seconds']:.1f} | {row['read_mib']:.0f} | {row['peak_mib']:.0f} |"
            for method, row in found.items()
        ),
        "",
        (
            "Ours returns more than the peer: the area of every combination of roles in every county, so also what two roles "
            "share and what each covers alone. Every method runs on one core. Memory is the peak of the whole process, while geopandas reads the files, and from there on with the polygons in memory."
        ),
    ]


def main(arguments: list[str] | None = None) -> None:
    """Generate, measure, print; the full size also renews ``benchmarks/results``."""
    options = options_of(arguments, __doc__, work, "METHOD", "FOLDER")
    if options is None:
        return
    size = QUICK if options.quick else FULL
    with tempfile.TemporaryDirectory() as name:
        counties(*size[1:]).to_parquet(Path(name) / "counties.parquet")
        pieces(size[0], size[2]).to_parquet(Path(name) / "pieces.parquet")
        found, difference = beside_peer(Path(name), quick=options.quick)
    tables = growth(QUICK_GROWTH if options.quick else GROWTH, size)
    lines = markdown(size, found, difference)
    lines += ["", "## Growth", "", "![Growth](coverage_growth.png)", *growth_lines(tables)]
    page = "\n".join(lines) + "\n"
    print(page)
    most = max(row["peak_mib"] for rows in (*tables.values(), [found[OURS]]) for row in rows)
    if not options.quick:
        RESULTS.mkdir(exist_ok=True)
        plot(tables, RESULTS / "coverage_growth.png")
        (RESULTS / "coverage.md").write_text(page, encoding="utf-8")
    if most > MOST_MIB:
        raise SystemExit(f"{most:.0f} MiB is more than {MOST_MIB}")


if __name__ == "__main__":
    main()
