"""In which unit a drawing is drawn: what it states, checked against its coordinates."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spatial.errors import InputError
from spatial.findings import Finding
from spatial.recognition.candidates import are_eastings, are_northings

#: Metres in a unit of ``$INSUNITS``, whose code 0 states nothing (DXF reference, HEADER section).
_METRES = {1: 0.0254, 2: 0.3048, 4: 0.001, 5: 0.01, 6: 1.0, 7: 1000.0, 14: 0.1}
_NAMES = {1: "inch", 2: "foot", 4: "mm", 5: "cm", 6: "m", 7: "km", 14: "dm"}
_SAMPLE = 200


@dataclass(frozen=True)
class Unit:
    """Metres in a drawing unit, and how that was decided."""

    factor: float
    findings: tuple[Finding, ...]


def unit_of(document: Any, path: Path) -> Unit:
    """Decide the unit of a drawing.

    Parameters
    ----------
    document
        Of ezdxf.
    path
        For findings and errors.

    Raises
    ------
    InputError
        If the drawing states a unit that no survey is drawn in.
    """
    code = document.header.get("$INSUNITS", 0)
    code = code if isinstance(code, int) else 0
    if code and code not in _METRES:
        raise InputError("drawing_unit", file=path, code=code)
    stated = _METRES.get(code, 1.0)
    points = _some_points(document)
    for factor in dict.fromkeys((stated, 1.0, 0.001)):
        if points and all(_in_china(np.array(point) * factor) for point in points):
            return Unit(factor, _said(code, stated, factor, path))
    return Unit(stated, _said(code, stated, stated, path))


def _said(code: int, stated: float, factor: float, path: Path) -> tuple[Finding, ...]:
    unit = {1.0: "m", 0.001: "mm"}.get(factor, _NAMES.get(code, ""))
    values: dict[str, object] = {"unit": unit, "stated": _NAMES.get(code, "-"), "factor": f"{factor:g}"}
    if factor != stated:
        return (Finding("warning", "drawing_unit_by_range", str(path), values=values),)
    if not code:
        return (Finding("note", "drawing_unit_none", str(path), values=values),)
    return () if factor == 1 else (Finding("warning", "drawing_unit_scaled", str(path), values=values),)


def _some_points(document: Any) -> list[tuple[float, float]]:
    found = []
    for entity in islice(document.modelspace(), _SAMPLE):
        kind = entity.dxftype()
        if kind == "LWPOLYLINE" and len(entity.lwpoints):
            found.append((float(entity.lwpoints.values[0][0]), float(entity.lwpoints.values[0][1])))
            continue
        placed = entity.vertices[0] if kind == "POLYLINE" and len(entity.vertices) else entity
        for name in ("start", "center", "location", "insert"):
            at = placed.dxf.get(name) if placed.dxf.is_supported(name) else None
            if at is not None:
                found.append((at.x, at.y))
                break
    return found


def _in_china(point: NDArray[np.float64]) -> bool:
    """Whether x (east) and y (north) [m] are those of a Gauss-Kruger plane; each point by itself, zones may be mixed."""
    return are_eastings(point[:1]) and are_northings(point[1:])
