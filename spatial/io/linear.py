"""Curves of databases (CurvePolygon, MultiSurface ...): GDAL cuts them in silence, here finely and said."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pyogrio

from spatial.findings import Finding
from spatial.io.gdal import option
from spatial.settings import setting

_OPTION = "OGR_ARC_STEPSIZE"
_DATABASES = frozenset({".gpkg", ".gdb"})
_CURVED = ("CIRCULARSTRING", "COMPOUNDCURVE", "CURVEPOLYGON", "MULTICURVE", "MULTISURFACE")
#: What a GeoPackage calls layers that cannot hold a curve.
_STRAIGHT = frozenset({"POINT", "LINESTRING", "POLYGON", "MULTIPOINT", "MULTILINESTRING", "MULTIPOLYGON"})


@contextmanager
def fine_arcs() -> Iterator[None]:
    """Have GDAL cut curves by the step of ``arc_step_deg`` while the block runs."""
    with option(_OPTION, str(setting("arc_step_deg"))):
        yield


def curve_findings(path: Path, layer: str | None) -> list[Finding]:
    """Say how many features of a layer hold curves.

    Parameters
    ----------
    path, layer
        A GeoPackage or geodatabase, or any other file, which holds none.
    """
    if path.suffix.lower() not in _DATABASES:
        return []
    name = layer or str(pyogrio.list_layers(path)[0, 0])
    if path.suffix.lower() == ".gpkg" and _declared(path, name) in _STRAIGHT:
        return []
    quoted = name.replace('"', '""')
    kinds = ", ".join(f"'{one}'" for one in _CURVED)
    # OGR_GEOMETRY names the kind of each feature as stored.
    query = f'SELECT OGR_GEOMETRY FROM "{quoted}" WHERE OGR_GEOMETRY IN ({kinds})'  # noqa: S608 -- a name from the file, quoted
    count = len(pyogrio.read_dataframe(path, sql=query, sql_dialect="OGRSQL", read_geometry=False))
    values: dict[str, object] = {"count": count, "step": f"{setting('arc_step_deg'):g}"}
    return [Finding("warning", "curves_cut", str(path), values=values)] if count else []


def _declared(path: Path, layer: str) -> str:
    """Return the geometry type that a GeoPackage declares: GDAL names curved ones as if they were straight."""
    query = "SELECT geometry_type_name FROM gpkg_geometry_columns WHERE table_name = ?"
    with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro&immutable=1", uri=True)) as base:
        row = base.execute(query, (layer,)).fetchone()
    return str(row[0]).upper() if row else ""
