"""Where a number comes from: hashes of inputs and versions of software."""

from __future__ import annotations

import hashlib
import sys
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path

import spatial

#: Packages whose version can change a figure.
_DECIDING = ("geopandas", "numpy", "pyogrio", "pyproj", "shapely")
#: Data tables that decide figures: of screening, of slopes, of erosion and measures.
_TABLES = (
    "roles.csv",
    "natures.csv",
    "settings.toml",
    "project_fields.csv",
    "project_values.csv",
    "role_fields.csv",
    "field_values.csv",
    "slope_schemes.toml",
    "slope_attenuation.csv",
    "parcel_rule.toml",
    "ridge_coefficients.csv",
    "erosion.toml",
    "erosion_cover.csv",
    "erosion_districts.csv",
    "erosion_grades.toml",
    "erosion_measures.csv",
    "measure_plan.csv",
    "measure_prices.csv",
    "budget_units.csv",
)
#: Bytes read at once: a raster may be larger than memory.
_CHUNK = 1 << 20


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file, or of a folder's files in order of their names.

    A Shapefile is all files of its name: the table and the projection decide results too.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder) / "a"
    ...     _ = file.write_bytes(b"")
    ...     sha256_of(file)[:8]
    'e3b0c442'
    """
    digest = hashlib.sha256()
    buffer = memoryview(bytearray(_CHUNK))
    for file in files_of(path):
        if file.is_file():
            with file.open("rb", buffering=0) as opened:
                while count := opened.readinto(buffer):
                    digest.update(buffer[:count])
    return digest.hexdigest()


def files_of(path: Path) -> list[Path]:
    """Return the files that make up a layer: those of a folder, all of a Shapefile's name, or the file itself."""
    if path.is_dir():
        return sorted(path.rglob("*"))
    if path.suffix.lower() == ".shp":
        return sorted(file for file in path.parent.iterdir() if file.stem == path.stem)
    return [path]


def tables_sha256() -> str:
    """Return the SHA-256 of the package's data tables: roles, thresholds, rules, words."""
    digest = hashlib.sha256()
    folder = files("spatial").joinpath("data")
    for name in _TABLES:
        digest.update(folder.joinpath(name).read_bytes())
    return digest.hexdigest()


def software() -> dict[str, str]:
    """Return the versions of this package, Python and the libraries that decide figures."""
    import pyproj
    import shapely

    return {
        "ecopattern": spatial.__version__,
        "python": ".".join(map(str, sys.version_info[:3])),
        **{name: version(name) for name in _DECIDING},
        "geos": shapely.geos_version_string,
        "proj": pyproj.proj_version_str,
    }
