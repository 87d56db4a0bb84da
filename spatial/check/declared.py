"""What a layer declares of its parcels against what their outlines give: areas and numbers of points."""

from __future__ import annotations

import math
import re
from collections import defaultdict
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

import numpy as np
import shapely
from numpy.typing import NDArray

from spatial.areas import planar_area_m2
from spatial.check.codes import found
from spatial.check.tiling import Layer
from spatial.findings import Finding
from spatial.roles import data_rows
from spatial.settings import setting
from spatial.units import M2_PER_UNIT, AreaUnit
from spatial.words import Text

Geometries = NDArray[np.object_]
Floats = NDArray[np.float64]

_AREA = 2
_M2 = {unit: float(m2) for unit, m2 in M2_PER_UNIT.items()}
_UNITS: tuple[AreaUnit, ...] = ("m2", "ha", "mu", "km2")
_NUMBER = re.compile(r"\s*([0-9]+(?:\.[0-9]*)?|\.[0-9]+)\s*(.*?)\s*")

Basis = Literal["planar", "official", "either"]


@dataclass(frozen=True)
class Declared:
    """One declared area against the outline.

    Parameters
    ----------
    unit
        The unit in which it was read.
    basis
        Which area it matches; ``None`` where it matches neither.
    factor
        Declared over official area.
    """

    unit: AreaUnit
    basis: Basis | None
    declared_m2: float
    factor: float


@cache
def declaring_fields() -> dict[str, tuple[str, AreaUnit | None]]:
    """Return the fields that declare something: what, and the unit where the field's name fixes it.

    Examples
    --------
    >>> declaring_fields()["DKMJ"], declaring_fields()["JZDS"]
    (('area', 'ha'), ('points', None))
    """
    return {row["field"]: (row["what"], _as_unit(row["unit"])) for row in data_rows("declared_fields.csv")}


def _as_unit(text: str) -> AreaUnit | None:
    return next((unit for unit in M2_PER_UNIT if unit == text), None)


def field_of(column: str) -> tuple[str, AreaUnit | None] | None:
    """Return what a column declares and in which unit, as far as its name tells.

    Examples
    --------
    >>> field_of("申报面积（亩）"), field_of("TBMJ"), field_of("NAME")
    (('area', 'mu'), ('area', 'm2'), None)
    """
    name = column.replace("（", "(").strip()
    plain = re.sub(r"(\(.*|_[a-z0-9]+)$", "", name)
    known = declaring_fields().get(name) or declaring_fields().get(plain)
    if known is None or known[0] != "area":
        return known
    return "area", unit_in(name) or known[1]


def unit_in(text: str) -> AreaUnit | None:
    """Return the unit that a field's name or a cell names.

    Examples
    --------
    >>> unit_in("面积_ha"), unit_in("7.33公顷"), unit_in("面积")
    ('ha', 'ha', None)
    """
    lowered = text.lower()
    return next((unit for sign, unit in _unit_signs() if sign in lowered), None)


@cache
def _unit_signs() -> tuple[tuple[str, AreaUnit | None], ...]:
    """Return the signs of units, the longer ones first: 平方千米 before 平方米."""
    rows = data_rows("unit_signs.csv")
    return tuple(sorted(((row["sign"], _as_unit(row["unit"])) for row in rows), key=lambda pair: -len(pair[0])))


def compare(value: float, unit: AreaUnit | None, planar_m2: float, official_m2: float) -> Declared:
    """Compare a declared figure with both areas.

    Parameters
    ----------
    value
        As declared.
    unit
        Of the figure, where something names it.
    planar_m2
        Area in the projection plane [m2]; nan where there is none.
    official_m2
        Official ellipsoidal area [m2].

    Returns
    -------
    Declared
        In the unit named if it fits, else in the first unit that does, else in the nearest one.

    Notes
    -----
    A figure matches within ``declared_area_m2`` (``declared_area_mu_m2`` for one in mu, which has
    two decimals) or ``declared_area_share`` of the nearer area (DOMAIN 3.1). Where it is within the
    first of both, it is not said which was meant.

    Examples
    --------
    >>> compare(7.3333, "ha", 73333.2899, 73318.6315).basis
    'planar'
    >>> found = compare(73333.29, "ha", 73333.2899, 73318.6315)
    >>> found.unit, found.basis
    ('m2', 'planar')
    """
    tried = [unit, *(other for other in _UNITS if other != unit)] if unit else list(_UNITS)
    results = []
    for one in tried:
        results.append(_in_unit(value, one, planar_m2, official_m2))
        if results[-1].basis is not None:
            return results[-1]
    return results[0] if unit else min(results, key=lambda result: abs(math.log(result.factor)))


def _in_unit(value: float, unit: AreaUnit, planar_m2: float, official_m2: float) -> Declared:
    declared = value * _M2[unit]
    least = setting("declared_area_mu_m2" if unit == "mu" else "declared_area_m2")
    to_planar, to_official = abs(declared - planar_m2), abs(declared - official_m2)
    fits = max(least, setting("declared_area_share") * official_m2)
    basis: Basis | None = None
    if max(to_planar, to_official) <= least:
        basis = "either"
    elif to_official <= fits or to_planar <= fits:
        basis = "planar" if to_planar < to_official else "official"
    return Declared(unit, basis, declared, declared / official_m2)


def check_declared_areas(columns: dict[str, list[Any]], geometry: Geometries, layer: Layer) -> list[Finding]:
    """Compare declared areas with the planar and the official area of each polygon.

    Parameters
    ----------
    columns
        Values of each field, one per feature.
    geometry : ndarray of shapely geometries, shape (n,)
        Valid ones only; others are ``None``.

    Returns
    -------
    list of Finding
        One note per field and basis on those that match, one finding for each that does not.
    """
    wanted = [(name, known[1]) for name in columns if (known := field_of(name)) and known[0] == "area"]
    rows = np.flatnonzero(shapely.get_dimensions(geometry) == _AREA)
    if not wanted or rows.size == 0 or not layer.plane.is_official or layer.plane.crs is None:
        return []
    official = layer.plane.areas_m2(geometry[rows])
    planar = np.full(rows.size, np.nan)
    if layer.plane.crs.is_projected:
        planar = planar_area_m2(geometry[rows], layer.plane.crs)
    areas = dict(zip(rows.tolist(), zip(planar.tolist(), official.tolist(), strict=True), strict=True))
    findings: list[Finding] = []
    for name, unit in wanted:
        findings += _field(name, unit, columns[name], areas, layer)
    return findings


def _field(
    name: str, unit: AreaUnit | None, values: list[Any], areas: dict[int, tuple[float, float]], layer: Layer
) -> list[Finding]:
    findings: list[Finding] = []
    matched: dict[tuple[Basis, AreaUnit], list[tuple[int, float]]] = defaultdict(list)
    blank = []
    for row, (planar, official) in areas.items():
        figure = number_of(values[row])
        if figure is None or figure[0] <= 0 or official <= 0:
            blank.append(row)
            continue
        stated = figure[1] or unit
        result = compare(figure[0], stated, planar, official)
        if result.basis is not None and stated in {None, result.unit}:
            matched[result.basis, result.unit].append((row, result.declared_m2))
            continue
        code = "declared_unit" if result.basis is not None else "declared_area_differs"
        values_of = _figures(name, values[row], planar, official) | {
            "unit": Text(f"unit_{stated or result.unit}"),
            "right": Text(f"unit_{result.unit}"),
            "factor": f"{figure[0] * _M2[stated or result.unit] / official:.6g}",
            "difference": f"{result.declared_m2 - official:+.2f}",
        }
        findings.append(found(code, layer.source, layer.names[row], **values_of))
    for (basis, one_unit), pairs in matched.items():
        total: dict[str, Any] = {
            "declared": f"{sum(declared for _, declared in pairs):.2f}",
            "planar": _shown(sum(areas[row][0] for row, _ in pairs)),
            "official": f"{sum(areas[row][1] for row, _ in pairs):.2f}",
        }
        who = layer.name(np.array([row for row, _ in pairs]))
        unit_text = Text(f"unit_{one_unit}")
        findings.append(
            found(f"declared_{basis}", layer.source, who, field=name, count=len(pairs), unit=unit_text, **total)
        )
    if blank and len(blank) == len(areas):
        return findings
    if blank:
        who = layer.name(np.array(blank))
        findings.append(found("declared_missing", layer.source, who, field=name, count=len(blank)))
    return findings


def _figures(name: str, value: Any, planar: float, official: float) -> dict[str, Any]:
    return {"field": name, "declared": str(value).strip(), "planar": _shown(planar), "official": f"{official:.2f}"}


def _shown(area_m2: float) -> str:
    return "-" if np.isnan(area_m2) else f"{area_m2:.2f}"


def number_of(value: Any) -> tuple[float, AreaUnit | None] | None:
    """Return a cell's figure and the unit it names; ``None`` where it holds no number.

    Examples
    --------
    >>> number_of("7.3319"), number_of("110亩"), number_of(""), number_of("约5")
    ((7.3319, None), (110.0, 'mu'), None, None)
    """
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, int | float | np.number):
        return None if not np.isfinite(value) else (float(value), None)
    match = _NUMBER.fullmatch(str(value))
    if match is None:
        return None
    rest = match.group(2)
    return (float(match.group(1)), unit_in(rest)) if not rest or unit_in(rest) else None


def check_declared_points(columns: dict[str, list[Any]], geometry: Geometries, layer: Layer) -> list[Finding]:
    """Compare declared numbers of points with the outline's, closing points counted or not.

    Parameters as in :func:`check_declared_areas`.
    """
    wanted = [name for name in columns if (known := field_of(name)) and known[0] == "points"]
    rows = np.flatnonzero(shapely.get_dimensions(geometry) == _AREA)
    parts, owner = shapely.get_parts(geometry[rows], return_index=True)
    rings = np.bincount(owner, shapely.get_num_interior_rings(parts) + 1, len(rows)).astype(int)
    points = shapely.get_num_coordinates(geometry[rows])
    findings = []
    for name in wanted:
        for place, row in enumerate(rows.tolist()):
            figure = number_of(columns[name][row])
            if figure is None or points[place] - rings[place] <= figure[0] <= points[place]:
                continue
            counts: dict[str, Any] = {"declared": f"{figure[0]:g}", "open": int(points[place] - rings[place])}
            findings.append(
                found(
                    "declared_points",
                    layer.source,
                    layer.names[row],
                    field=name,
                    closed=int(points[place]),
                    **counts,
                )
            )
    return findings
