"""One project against a province: the prepared layer against a layer of ten features, and the run that prepares it.

``python -m benchmarks.prepared``: whole commands in processes of their own, A B A B ..., on 200,008
zones of ten million vertices, eight of them giants of 100,000. The first run reads the layer as ever
and prepares it; every later one must print the same bytes.
"""

from __future__ import annotations

import datetime as dt
import importlib.metadata
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import geopandas as gpd
import numpy as np
import shapely

from benchmarks.command import COMMAND, RESULTS
from benchmarks.generate import SEED, outline

ROUNDS = 7
ZONES, CORNERS, GIANTS, GIANT_CORNERS = 200_000, 45, 8, 100_000
CRS = "EPSG:4526"
WEST_M, SOUTH_M, SIDE_M = 38_300_000.0, 3_800_000.0, 250_000.0
NEAREST = 10
KINDS = {"gpkg": "GeoPackage", "shp": "Shapefile in GBK"}
#: The command, and then the largest memory the process has had, in KiB.
WITH_PEAK = (
    "import sys; from pathlib import Path; from spatial.cli.main import main; main(sys.argv[1:]); sys.stdout.flush();"
    "lines = Path('/proc/self/status').read_text().splitlines();"
    "print(next(line.split()[1] for line in lines if line.startswith('VmHWM')), file=sys.stderr)"
)


def province() -> gpd.GeoDataFrame:
    """Return the zones of a province, the giants first."""
    random = np.random.default_rng(SEED)
    corner = np.array([WEST_M, SOUTH_M])
    giants = [
        shapely.Polygon(
            outline(
                random, corner + random.uniform(0.3, 0.7, 2) * SIDE_M, SIDE_M * random.uniform(0.1, 0.2), GIANT_CORNERS
            )
        )
        for _ in range(GIANTS)
    ]
    centre = corner + random.uniform(0.01, 0.99, (ZONES, 1, 2)) * SIDE_M
    radius_m = np.minimum(np.exp(random.normal(np.log(150.0), 0.6, (ZONES, 1, 1))), 1_500.0)
    angle = np.linspace(0.0, 2.0 * np.pi, CORNERS, endpoint=False)
    ray = np.stack([np.cos(angle), np.sin(angle)], axis=-1)[None]
    reach = radius_m * (1 + 0.25 * np.clip(random.standard_normal((ZONES, CORNERS, 1)) / 2, -1, 1))
    shapes = [*giants, *shapely.polygons(np.round(centre + reach * ray, 3))]
    columns = {
        "name": [f"保护区{place}" for place in range(len(shapes))],
        "code": [f"140{place:06d}" for place in range(len(shapes))],
        "level": ["省级"] * len(shapes),
    }
    return gpd.GeoDataFrame(columns, geometry=shapes, crs=CRS)


def write_workspace(folder: Path, zones: gpd.GeoDataFrame, kind: str) -> None:
    """Write a workspace with an outline and one layer of ecological red lines."""
    folder.mkdir()
    west, south, east, north = WEST_M - 1e3, SOUTH_M - 1e3, WEST_M + SIDE_M + 1e3, SOUTH_M + SIDE_M + 1e3
    around = gpd.GeoDataFrame({"name": ["province"]}, geometry=[shapely.box(west, south, east, north)], crs=CRS)
    around.to_file(folder / "district.gpkg")
    zones.to_file(folder / f"zones.{kind}", engine="pyogrio", **({"encoding": "GBK"} if kind == "shp" else {}))
    layers = [("district", "DISTRICT", "district.gpkg"), ("eco_red", "ECO_RED", f"zones.{kind}")]
    blocks = [
        f'[[layer]]\nid = "{name}"\nrole = "{role}"\npath = "{file}"\nedition = "1"' for name, role, file in layers
    ]
    head = f'schema = 1\n[district]\nname_zh = "省"\nname_en = "Province"\nanalysis_crs = "{CRS}"'
    (folder / "catalog.toml").write_text("\n".join([head, *blocks]), encoding="utf-8")


def sites(zones: gpd.GeoDataFrame) -> dict[str, shapely.Polygon]:
    """Return one project within giants and one that no giant comes near."""
    giants = zones.geometry.array[:GIANTS]
    ordinary = np.asarray(zones.geometry.array[GIANTS:])
    deep = giants[0].representative_point()
    away = next(zone.centroid for zone in ordinary if not shapely.dwithin(giants, zone, 1_000).any())
    return {
        f"{name} ({int(shapely.dwithin(giants, place, 100).sum())} met)": shapely.box(
            place.x, place.y, place.x + 300, place.y + 300
        )
        for name, place in (("within giants", deep), ("away from giants", away))
    }


def screen(site: Path, folder: Path) -> list[str]:
    """Return the arguments of a screening of one project."""
    return ["--quiet", "screen", str(site), "-w", str(folder), "--json"]


def answer(arguments: list[str]) -> tuple[float, bytes]:
    """Run the command once and return its wall time and what it prints."""
    started = time.perf_counter()
    done = subprocess.run([str(COMMAND), *arguments], check=False, capture_output=True)
    seconds = time.perf_counter() - started
    if done.returncode not in {0, 1}:
        raise SystemExit(done.stderr.decode())
    return seconds, done.stdout


def answer_with_peak(arguments: list[str]) -> tuple[float, bytes, float]:
    """Run it and return its largest memory [MiB] too; getrusage would count this process's."""
    started = time.perf_counter()
    done = subprocess.run([sys.executable, "-c", WITH_PEAK, *arguments], check=True, capture_output=True)
    return time.perf_counter() - started, done.stdout, float(done.stderr.split()[-1]) / 1024


def measure(kind: str, site: tuple[str, Path, shapely.Polygon], large: Path, zones: gpd.GeoDataFrame) -> list[str]:
    """Prepare the province and measure one site against it and against ten features; return the table's cells."""
    name, path, shape = site
    shutil.rmtree(large / ".prepared", ignore_errors=True)
    # This answer is read from the source itself.
    first_seconds, expected, first_mib = answer_with_peak(screen(path, large))
    ten = large.parent / f"{kind}-{path.stem}"
    distance = shapely.distance(np.asarray(zones.geometry.array[GIANTS:]), shape)
    write_workspace(ten, zones.iloc[GIANTS + np.argsort(distance, kind="stable")[:NEAREST]], kind)
    answer(screen(path, ten))
    times = []
    for _ in range(ROUNDS):
        seconds, found = answer(screen(path, large))
        if found != expected:
            raise SystemExit(f"{kind}, {name}: another answer than from the source")
        times.append((seconds, answer(screen(path, ten))[0]))
    ours, least = (statistics.median(column) for column in zip(*times, strict=True))
    ratio = statistics.median(a / b for a, b in times)
    peaks = [answer_with_peak(screen(path, folder))[2] for folder in (large, ten)]
    return [
        KINDS[kind],
        name,
        f"{first_seconds:.1f}",
        f"{first_mib:.0f}",
        f"{least:.3f}",
        f"{ours:.3f}",
        f"{ratio:.2f}",
        f"{peaks[1]:.0f}",
        f"{peaks[0]:.0f}",
    ]


def mebibytes(folder: Path) -> str:
    """Return the size of the files in a folder."""
    return f"{sum(file.stat().st_size for file in folder.rglob('*') if file.is_file()) / 2**20:.0f}"


def main() -> None:
    """Measure, print and write the table."""
    zones = province()
    rows, sizes = [], []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        known = []
        for number, (title, shape) in enumerate(sites(zones).items()):
            path = folder / f"site{number}.gpkg"
            gpd.GeoDataFrame({"project_id": ["1"], "nature": ["WWTP"]}, geometry=[shape], crs=CRS).to_file(path)
            known.append((title, path, shape))
        for kind, title in KINDS.items():
            large = folder / kind
            write_workspace(large, zones, kind)
            source = mebibytes(large)
            rows += [measure(kind, site, large, zones) for site in known]
            sizes.append(f"{title} {source} MiB, prepared {mebibytes(large / '.prepared')} MiB")
            shutil.rmtree(large)
    versions = ", ".join(f"{name} {importlib.metadata.version(name)}" for name in ("geopandas", "pyarrow", "shapely"))
    vertices = int(shapely.get_num_coordinates(zones.geometry.array).sum())
    lines = [
        "# One project against a province",
        "",
        (
            f"{dt.datetime.now().astimezone().date()}; {os.cpu_count()} logical cores; Python {platform.python_version()},"
            f" {versions}. `ecopattern screen` of one project against {len(zones):,} zones of {vertices:,} vertices,"
            f" {GIANTS} of them giants of {GIANT_CORNERS:,}, and against a layer of the {NEAREST} nearest ordinary ones:"
            f" whole commands, medians of {ROUNDS} rounds, run in turn. The first run reads the source whole and"
            f" prepares it; all later ones printed the same bytes. {'; '.join(sizes)}."
        ),
        "",
        (
            "| source | project | first run, s | first run, MiB | ten features, s | province, s | ratio"
            " | ten features, MiB | province, MiB |"
        ),
        "|---|---|---:|---:|---:|---:|---:|---:|---:|",
        *(f"| {' | '.join(cells)} |" for cells in rows),
    ]
    text = "\n".join(lines) + "\n"
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "prepared.md").write_text(text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
