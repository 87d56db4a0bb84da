"""Where a number comes from: hashes of inputs and versions of software."""

from __future__ import annotations

import hashlib
import sys
from importlib.metadata import version
from pathlib import Path

import spatial

#: Packages whose version can change a figure.
_DECIDING = ("geopandas", "numpy", "pyogrio", "pyproj", "shapely")


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file, or of a folder's files in order of their names.

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
    for file in sorted(path.rglob("*")) if path.is_dir() else [path]:
        if file.is_file():
            digest.update(file.read_bytes())
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
