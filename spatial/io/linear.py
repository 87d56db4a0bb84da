"""Curves of databases (CurvePolygon, MultiSurface ...): GDAL cuts them in silence, here finely and said."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pyogrio

from spatial.findings import Finding
from spatial.settings import setting

_OPTION = "OGR_ARC_STEPSIZE"
_DATABASES = frozenset({".gpkg", ".gdb"})
_CURVED = ("CIRCULARSTRING", "COMPOUNDCURVE", "CURVEPOLYGON", "MULTICURVE", "MULTISURFACE")
#: Kinds of layers that cannot hold a curve.
_STRAIGHT = frozenset({"Point", "LineString", "Polygon", "MultiPoint", "MultiLineString", "MultiPolygon"})


@contextmanager
def fine_arcs() -> Iterator[None]:
    """Have GDAL cut curves by the step of ``arc_step_deg`` while the block runs."""
    before = pyogrio.get_gdal_config_option(_OPTION)
    pyogrio.set_gdal_config_options({_OPTION: str(setting("arc_step_deg"))})
    try:
        yield
    finally:
        pyogrio.set_gdal_config_options({_OPTION: None if before is None else str(before)})


def curve_findings(path: Path, layer: str | None, kind: str | None) -> list[Finding]:
    """Say how many features of a layer hold curves.

    Parameters
    ----------
    path, layer
        A GeoPackage or geodatabase, or any other file, which holds none.
    kind
        Geometry type that the layer states.
    """
    if path.suffix.lower() not in _DATABASES or (kind or "").removesuffix(" Z") in _STRAIGHT:
        return []
    name = layer or str(pyogrio.list_layers(path)[0, 0])
    quoted = name.replace('"', '""')
    kinds = ", ".join(f"'{one}'" for one in _CURVED)
    # OGR_GEOMETRY names the kind of each feature as stored; a height adds a Z to it.
    query = f'SELECT OGR_GEOMETRY FROM "{quoted}" WHERE OGR_GEOMETRY IN ({kinds})'  # noqa: S608 -- a name from the file, quoted
    count = len(pyogrio.read_dataframe(path, sql=query, sql_dialect="OGRSQL", read_geometry=False))
    values: dict[str, object] = {"count": count, "step": f"{setting('arc_step_deg'):g}"}
    return [Finding("warning", "curves_cut", str(path), values=values)] if count else []
