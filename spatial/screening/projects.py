"""The project schema: what a planner's file says of each project, in the program's words."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any, cast

import geopandas as gpd
import shapely
from pyproj import CRS
from shapely.geometry.base import BaseGeometry

from spatial.areas import official_area_m2, stored_vertex_area_m2
from spatial.errors import InputError
from spatial.findings import Finding
from spatial.io.vector import VectorFile, in_plane, text_of
from spatial.roles import OTHER, data_rows, nature_choices, nature_of
from spatial.screening.result import BuildStatus, Kind, Location, Project, YesNo
from spatial.units import AreaUnit, to_m2
from spatial.words import Both, Listed

_KINDS: dict[int, Kind] = {0: "point", 1: "line", 3: "polygon", 4: "point", 5: "line", 6: "polygon"}
#: Bytes that a Shapefile keeps of a field name.
_SHAPEFILE_NAME = 10

#: No project is wider [m], steeper [degrees] or larger than this.
_LARGEST = {
    "width_m": 10_000.0,
    "slope_deg": 90.0,
    "declared_area_m2": 1e11,
    "declared_area_ha": 1e7,
    "declared_area_mu": 1.5e8,
}

_DECLARED: dict[str, AreaUnit] = {"declared_area_m2": "m2", "declared_area_ha": "ha", "declared_area_mu": "mu"}


@dataclass(frozen=True)
class _Row:
    """One feature of the file, by field names of the schema."""

    source: str
    feature: str
    values: dict[str, Any]

    def text(self, field: str) -> str:
        return text_of(self.values.get(field))

    def number(self, field: str) -> float | None:
        text = self.text(field)
        if not text:
            return None
        try:
            value = float(text)
        except ValueError:
            value = math.nan
        if not math.isfinite(value) or not 0 <= value <= _LARGEST.get(field, math.inf):
            raise InputError("project_number", file=self.source, feature=self.feature, field=field, value=text)
        return value

    def word(self, field: str, default: str) -> str:
        text = self.text(field)
        if not text:
            return default
        known = _words()[field]
        if text not in known:
            # A value and the first of its aliases: what a program and what a person writes.
            first = {value: alias for alias, value in reversed(known.items()) if alias != value}
            allowed = Listed(tuple(Both(first.get(value, value), value) for value in dict.fromkeys(known.values())))
            said = Both(_fields()[field], field)
            raise InputError(
                "project_word", file=self.source, feature=self.feature, field=said, value=text, allowed=allowed
            )
        return known[text]


def projects_of(
    file: VectorFile, analysis_crs: CRS, *, nature: str = "", names: Sequence[str], prefix: str = ""
) -> tuple[list[Project], list[Finding]]:
    """Read the projects of a layer into the schema.

    Parameters
    ----------
    file
        A layer of polygons, lines and points, as read.
    analysis_crs
        Gauss-Kruger plane the projects are moved to.
    nature
        Nature of all projects whose own is not stated; empty means ``OTHER``.
    names
        What messages call each feature.
    prefix
        Put before the row number that is the id of a project without one.

    Returns
    -------
    projects
        In the file's order.
    findings
        What was assumed: natures not stated, footprints made from an area.

    Raises
    ------
    InputError
        For an unknown nature or word, a number that is none, or a project
        without geometry that does not say why.
    """
    source = str(file.path)
    default = nature_of(nature)
    if nature and not default:
        raise _unknown_nature(source, "--nature", nature)
    columns = _columns(file.features)
    attributes = file.features.drop(columns=file.features.geometry.name)
    geometry, moved = in_plane(file, analysis_crs)
    findings: list[Finding] = [*moved, *_unused_columns(source, attributes, columns)]
    projects = []
    records = attributes.to_dict("records")
    stored = stored_vertex_area_m2(file.features.geometry.array, file.crs)
    for number, (name, shape, record) in enumerate(zip(names, geometry, records, strict=True), start=1):
        row = _Row(source, name, {field: record[column] for field, column in columns.items()})
        project = _project(row, f"{prefix}{number}", shape, analysis_crs, default)
        if project.kind == "polygon":
            project = replace(project, stored_area_m2=float(stored[number - 1]))
        projects.append(project)
        findings.extend(_assumed(row, project, default))
    return projects, findings


@cache
def _words() -> dict[str, dict[str, str]]:
    known: dict[str, dict[str, str]] = {}
    for row in data_rows("project_values.csv"):
        names = [row["value"], *row["aliases"].split()]
        known.setdefault(row["field"], {}).update(dict.fromkeys(names, row["value"]))
    return known


@cache
def _fields() -> dict[str, str]:
    """Return the first Chinese name of each field."""
    return {
        row["field"]: next((alias for alias in row["aliases"].split() if not alias.isascii()), row["field"])
        for row in data_rows("project_fields.csv")
    }


def _columns(frame: gpd.GeoDataFrame) -> dict[str, Hashable]:
    """Return the column that holds each field of the schema."""
    by_name = {_spelling(str(column)): column for column in frame.columns}
    found: dict[str, Hashable] = {}
    for row in data_rows("project_fields.csv"):
        for alias in (row["field"], *row["aliases"].split()):
            # A Shapefile keeps ten bytes of a name.
            cut = alias.encode("gb18030")[:_SHAPEFILE_NAME].decode("gb18030", errors="ignore")
            name = next((name for name in (_spelling(alias), _spelling(cut)) if name in by_name), None)
            if name is not None:
                found[row["field"]] = by_name[name]
                break
    return found


def _spelling(name: str) -> str:
    """Return a name without the differences people do not see: case, width of brackets, blanks."""
    return unicodedata.normalize("NFKC", name).strip().lower().replace(" ", "")


def _unused_columns(source: str, frame: gpd.GeoDataFrame, columns: dict[str, Hashable]) -> list[Finding]:
    unused = [str(column) for column in frame.columns if column not in columns.values()]
    return [Finding("note", "columns_unused", source, values={"columns": ", ".join(unused)})] if unused else []


def _project(row: _Row, row_id: str, shape: BaseGeometry | None, crs: CRS, default: str) -> Project:
    location = cast("Location", row.word("location", "given"))
    if shape is not None and row.text("location") and location != "given":
        raise InputError("project_location", file=row.source, feature=row.feature, value=location)
    if shape is None and location == "given":
        raise InputError("project_without_geometry", file=row.source, feature=row.feature)
    kind: Kind = "none" if shape is None else _kind(row, shape)
    declared = _declared_m2(row)
    width = row.number("width_m")
    line = shape if kind == "line" else None
    footprint, schematic = shape, False
    if kind == "line" and width and shape is not None:
        footprint = shape.buffer(width / 2, cap_style="flat")
    elif kind == "point" and declared and shape is not None:
        if shapely.get_num_geometries(shape) > 1:
            raise InputError("project_points_area", file=row.source, feature=row.feature)
        footprint, schematic = circle_of_area(shape, declared, crs), True
    return Project(
        project_id=row.text("project_id") or row_id,
        name=row.text("name") or row.text("project_id") or row_id,
        nature=_nature(row, default),
        status=cast("BuildStatus", row.word("status", "unknown")),
        discharging=cast("YesNo", row.word("discharging", "unknown")),
        kind=kind,
        location="given" if shape is not None else location,
        geometry=footprint,
        line=line,
        width_m=width,
        declared_area_m2=declared,
        slope_deg=row.number("slope_deg"),
        alternative_group=row.text("alternative_group"),
        schematic=schematic,
        illustrative=row.word("illustrative", "no") == "yes",
        note=row.text("note"),
        source=row.source,
    )


def _kind(row: _Row, shape: BaseGeometry) -> Kind:
    kind = _KINDS.get(shapely.get_type_id(shape))
    if kind is None:
        raise InputError("project_geometry_type", file=row.source, feature=row.feature, kind=shape.geom_type)
    return kind


def _declared_m2(row: _Row) -> float | None:
    for field, unit in _DECLARED.items():
        value = row.number(field)
        if value:
            return to_m2(value, unit)
    return None


def _nature(row: _Row, default: str) -> str:
    text = row.text("nature")
    if not text:
        return default or OTHER
    code = nature_of(text)
    if not code:
        raise _unknown_nature(row.source, row.feature, text)
    return code


def _unknown_nature(source: str, feature: str, text: str) -> InputError:
    return InputError("unknown_nature", file=source, feature=feature, code=text, choices=nature_choices())


def _assumed(row: _Row, project: Project, default: str) -> list[Finding]:
    """Say what was taken for granted about a project."""
    found = []
    if not row.text("nature") and not default:
        found.append(Finding("warning", "nature_not_stated", row.source, row.feature))
    if project.schematic:
        values: dict[str, object] = {"area": f"{project.declared_area_m2:.2f}"}
        found.append(Finding("warning", "project_schematic", row.source, row.feature, values))
    return found


def require_unique(projects: list[Project]) -> None:
    """Refuse two projects of one id, in one file or in several.

    Raises
    ------
    InputError
        Naming the file of the second one.
    """
    seen: set[str] = set()
    for project in projects:
        if project.project_id in seen:
            raise InputError("project_twice", file=project.source, feature=project.project_id)
        seen.add(project.project_id)


def circle_of_area(point: BaseGeometry, area_m2: float, crs: CRS) -> BaseGeometry:
    """Return a circle around a point whose official area is the one stated: a schematic footprint.

    Parameters
    ----------
    point
        In ``crs``, a projected system.
    area_m2
        Official area wanted [m2].
    """
    centre = shapely.centroid(point)
    circle = shapely.buffer(centre, math.sqrt(area_m2 / math.pi), quad_segs=32)
    factor = math.sqrt(area_m2 / float(official_area_m2([circle], crs)[0]))
    return shapely.affinity.scale(circle, factor, factor, origin=centre)
