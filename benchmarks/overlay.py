"""20,000 projects on three kinds of zones: spatial.overlay beside geopandas, DuckDB and SedonaDB.

Each method runs in a process of its own, all in one run of this script on the same files, so only
the ratios between rows mean anything. A job is: read two GeoParquet files, find the area that each
project shares with each zone, write it to a Parquet file. ``python -m benchmarks.overlay --quick`` is a
smoke test.
"""

from __future__ import annotations

import argparse
import csv
import datetime as dt
import itertools
import json
import math
import resource
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import CRS

from benchmarks.apart import in_turn, machine, run
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
DUCKDB = "DuckDB spatial"
SEDONADB = "SedonaDB"
REPEATS = {AREAS: 5, PIECES: 3, SCREEN: 1, GEOPANDAS: 1, DUCKDB: 1, SEDONADB: 1}
CASES = {
    "A": "646 zones, six of them giants with holes",
    "B": "6,000 ordinary zones",
    "C": "height classes of a fractal terrain, which share their borders",
}
COLUMNS = (
    "case",
    "method",
    "seconds",
    "read_seconds",
    "work_seconds",
    "write_seconds",
    "cpu_seconds",
    "ratio",
    "cpu_ratio",
    "peak_mib",
    "total_area_m2",
    "rows",
    "runs",
)

Frame = gpd.GeoDataFrame
_QUERY = (
    "SELECT p.project AS project, z.place AS place, ST_Area(ST_Intersection(p.geometry, z.geometry)) AS area_m2 "
    "FROM projects p JOIN zones z ON ST_Intersects(p.geometry, z.geometry)"
)


def geopandas_job(projects: Frame, zones: Frame) -> pd.DataFrame:
    """Overlay by geopandas."""
    result = gpd.overlay(projects[["project", "geometry"]], zones[["place", "geometry"]], how="intersection")
    return pd.DataFrame({"project": result["project"], "place": result["place"], "area_m2": result.area})


def areas_job(projects: Frame, zones: Frame) -> pd.DataFrame:
    """Overlay by the area-only path; index building and loading numba included."""
    from spatial.overlay import ZoneIndex

    pairs = ZoneIndex(zones.geometry.to_numpy()).areas(projects.geometry.to_numpy())
    return pd.DataFrame({"project": pairs.project, "place": pairs.zone, "area_m2": pairs.area_m2})


def pieces_job(projects: Frame, zones: Frame) -> pd.DataFrame:
    """Overlay by the path that builds the pieces."""
    from spatial.overlay import ZoneIndex

    pieces = ZoneIndex(zones.geometry.to_numpy()).pieces(projects.geometry.to_numpy())
    area_m2 = shapely.area(pieces.geometry)
    return pd.DataFrame({"project": pieces.project, "place": pieces.zone, "area_m2": area_m2})


def duckdb_job(projects: Frame, zones: Frame) -> pd.DataFrame:
    """Overlay by DuckDB's spatial extension, which comes as a wheel."""
    import duckdb
    import duckdb_extension_spatial

    (extension,) = Path(duckdb_extension_spatial.__file__).parent.rglob("*.duckdb_extension")
    base = duckdb.connect(config={"allow_unsigned_extensions": "true"})
    base.execute(f"LOAD '{extension}'")
    for name, frame in (("projects", projects), ("zones", zones)):
        plain = pd.DataFrame(frame.drop(columns="geometry")).assign(wkb=frame.geometry.to_wkb())
        base.register("frame", plain)
        base.execute(f"CREATE TABLE {name} AS SELECT * EXCLUDE wkb, ST_GeomFromWKB(wkb) AS geometry FROM frame")  # noqa: S608
        base.unregister("frame")
    return base.sql(_QUERY).df()


def sedonadb_job(projects: Frame, zones: Frame) -> pd.DataFrame:
    """Overlay by SedonaDB."""
    import pyarrow as pa
    import sedonadb

    base = sedonadb.connect()
    for name, frame in (("projects", projects), ("zones", zones)):
        base.create_data_frame(frame).to_view(name)
    return pa.RecordBatchReader.from_stream(base.sql(_QUERY)).read_all().to_pandas()


def screen_job(projects: Frame, zones: Frame) -> pd.DataFrame:
    """Return the same from a screening: contacts, near-misses, verdicts, net parts and evidence."""
    sites, ground = as_screening(projects, zones)
    terms = Terms(load_rule_book(), dt.date(2026, 11, 21), setting("near_m"), setting("receptor_radius_m"))
    overlaps = [
        (number, row.gross_area_m2)
        for number, found in enumerate(screen(sites, ground, terms))
        for row in found.rows
        if row.gross_area_m2 is not None
    ]
    return pd.DataFrame(overlaps, columns=["project", "area_m2"])


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
    for level, role in zip(range(int(zones["height_class"].max()) + 1), zone_roles().values(), strict=False):
        own = places[zones["height_class"].to_numpy() == level]
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


JOBS: dict[str, Callable[[Frame, Frame], pd.DataFrame]] = {
    AREAS: areas_job,
    PIECES: pieces_job,
    SCREEN: screen_job,
    GEOPANDAS: geopandas_job,
    DUCKDB: duckdb_job,
    SEDONADB: sedonadb_job,
}


def methods(case: str) -> list[str]:
    """Return the methods measured in a case: the screening takes height classes for roles."""
    return [method for method in JOBS if method != SCREEN or case == "C"]


def work(case: str, method: str, folder: Path) -> dict[str, float]:
    """Run one method in this process, from files to a file."""
    started, cpu = time.perf_counter(), time.process_time()
    projects, zones = gpd.read_parquet(folder / "projects.parquet"), gpd.read_parquet(folder / f"{case}.parquet")
    zones["place"] = np.arange(len(zones))
    read = time.perf_counter()
    result = JOBS[method](projects, zones)
    found = time.perf_counter()
    result[result["area_m2"] > 0].to_parquet(folder / f"result-{case}.parquet")
    written = time.perf_counter()
    return {
        "seconds": written - started,
        "read_seconds": read - started,
        "work_seconds": found - read,
        "write_seconds": written - found,
        "cpu_seconds": time.process_time() - cpu,
        "peak_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "total_area_m2": math.fsum(result["area_m2"]),
        "rows": int((result["area_m2"] > 0).sum()),
    }


def measure(case: str, folder: Path) -> list[dict[str, Any]]:
    """Run every method of a case in turn, several times; medians, and ratios to geopandas."""
    run("overlay", case, AREAS, str(folder))  # compiles the kernels where no earlier run has left them
    repeats = {method: REPEATS[method] for method in methods(case)}
    runs = in_turn(repeats, lambda method: run("overlay", case, method, str(folder)))
    table: list[dict[str, Any]] = [
        {key: statistics.median(one[key] for one in own) for key in own[0]}
        | {"case": case, "method": method, "runs": len(own)}
        for method, own in runs.items()
    ]
    peer = next(row for row in table if row["method"] == GEOPANDAS)
    for row in table:
        row["ratio"] = peer["seconds"] / row["seconds"]
        row["cpu_ratio"] = peer["cpu_seconds"] / row["cpu_seconds"]
        difference = abs(row["total_area_m2"] / peer["total_area_m2"] - 1)
        if difference > TOLERANCE:
            raise SystemExit(f"{case} {row['method']}: total area differs from {GEOPANDAS} by {difference:.1e}")
    return table


def markdown(size: Size, folder: Path, case: str, table: list[dict[str, Any]]) -> str:
    """Lay the results of a case out as a page."""
    projects, zones = (gpd.read_parquet(folder / f"{name}.parquet").geometry for name in ("projects", case))
    corners = shapely.get_num_coordinates(zones)
    packages = ("numpy", "shapely", "geopandas", "numba", "duckdb", "sedonadb")
    lines = [
        f"# Overlay {case}: {CASES[case]}",
        "",
        (
            f"{len(projects):,} projects of {shapely.get_num_coordinates(projects).sum():,} vertices on {len(zones):,} zones "
            f"of {corners.sum():,} vertices, the largest of {corners.max():,}. Generator and seed: `benchmarks/generate.py`, "
            f"{SEED}, {size.name} size. Total areas agree to {TOLERANCE:.0e} relative, or the run fails."
        ),
        "",
        (f"{machine(*packages)}, GEOS {shapely.geos_version_string}."),
        "",
        "| method | seconds | read | work | write | times faster than geopandas | CPU seconds | times less CPU | peak MiB | total area m2 | rows | runs |",
        "|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|",
        *(
            f"| {row['method']} | {row['seconds']:.2f} | {row['read_seconds']:.2f} | {row['work_seconds']:.2f} | "
            f"{row['write_seconds']:.2f} | {row['ratio']:.1f} | {row['cpu_seconds']:.2f} | {row['cpu_ratio']:.1f} | "
            f"{row['peak_mib']:.0f} | {row['total_area_m2']:.6f} | {row['rows']:.0f} | {row['runs']} |"
            for row in table
        ),
        "",
        (
            "Seconds: median over processes, from two GeoParquet files to a Parquet file of project, zone and area, building "
            "the index and loading compiled code included (compiled in an earlier process); imports of Python itself are not. "
            "DuckDB, SedonaDB and the areas use all cores, the others one. Memory: peak of the process, with the data and all "
            "imports."
        ),
        "",
    ]
    if case == "C":
        lines += [
            (
                "The screening takes each height class as a zone role and returns, beside the overlaps, near-misses, "
                "verdicts with reasons, net and free parts and the evidence geometry; what its projects meet of one "
                "role is one row."
            ),
            "",
        ]
    return "\n".join(lines)


def main(arguments: list[str] | None = None) -> None:
    """Generate, measure, print; the full size also renews the pages of its cases in ``benchmarks/results``."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a smoke test of seconds; writes no results")
    parser.add_argument("--cases", nargs="+", choices=tuple(CASES), default=tuple(CASES), help="all unless given")
    parser.add_argument("--work", nargs=3, metavar=("CASE", "METHOD", "FOLDER"), help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.work:
        print(json.dumps(work(options.work[0], options.work[1], Path(options.work[2]))))
        return
    size = QUICK if options.quick else FULL
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write(size, folder)
        for case in options.cases:
            table = measure(case, folder)
            page = markdown(size, folder, case, table)
            print(page)
            if not options.quick:
                RESULTS.mkdir(exist_ok=True)
                (RESULTS / f"overlay_{case}.md").write_text(page, encoding="utf-8")
                with (RESULTS / f"overlay_{case}.csv").open("w", encoding="utf-8", newline="") as file:
                    writer = csv.DictWriter(file, COLUMNS, extrasaction="ignore", lineterminator="\n")
                    writer.writeheader()
                    writer.writerows(table)


if __name__ == "__main__":
    main()
