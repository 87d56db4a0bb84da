"""A screening from files to the result object: read projects and layers, screen, state where all comes from."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import CRS
from shapely.geometry.base import BaseGeometry

from spatial.areas import official_area_m2, planar_area_m2
from spatial.catalog import Layer, Workspace
from spatial.equal_area import DENSIFY_STEP_M
from spatial.errors import InputError
from spatial.findings import Finding
from spatial.io.stated import Stated
from spatial.io.vector import FeatureNames, crs_name, place_from, read_vector, text_of
from spatial.loading import LoadedLayer, cover_each_other, load_layer, outline_of, overlap_finding, require_over
from spatial.prepared.key import Where
from spatial.prepared.preparation import Preparation
from spatial.prepared.store import Near
from spatial.provenance import sha256_of, software, tables_sha256
from spatial.roles import roles, zone_roles
from spatial.screening.contacts import FEW_SITES, Zones
from spatial.screening.projects import projects_of, require_unique
from spatial.screening.result import Project, ProjectResult, Provenance, ScreeningResult
from spatial.screening.rule_files import load_rule_book
from spatial.screening.screen import Ground, Progress, Terms, screen
from spatial.settings import setting


@dataclass(frozen=True)
class Loaded:
    """The layers of a workspace that a screening on a date needs."""

    ground: Ground
    layers: tuple[LoadedLayer, ...]
    findings: tuple[Finding, ...]


@dataclass(frozen=True)
class _Layers:
    """Where layers are read from: what was prepared of them near the projects, or their files."""

    where: Where
    preparation: Preparation | None
    projects: NDArray[np.object_]

    def of_role(self, known: list[Layer], margin_m: float | None) -> list[LoadedLayer]:
        """Read the layers of a role; what lies farther than a margin [m] from all projects may be left out."""
        if self.preparation is None:
            return [load_layer(layer, self.where.plane, self.where.place) for layer in known]
        near = None
        if margin_m is not None:
            boxes = shapely.bounds(self.projects) + margin_m * np.array([-1, -1, 1, 1])
            near = Near(boxes, exactly=len(self.projects) <= FEW_SITES)
        return [self.preparation.load(layer, self.where, near) for layer in known]

    def overlap(self, known: list[Layer]) -> bool | None:
        """Return whether layers of one role cover the same places; ``None``: they must be read whole to tell."""
        if len(known) < 2:  # noqa: PLR2004 -- one alone overlaps nothing
            return False
        return None if self.preparation is None else self.preparation.overlap(known, self.where)

    def keep(self, loaded: list[LoadedLayer], *, overlap: bool = False) -> None:
        """Prepare what was read whole and found right, for the next time."""
        if self.preparation is not None and loaded:
            self.preparation.keep(loaded, self.where, overlap=overlap)


def load_ground(
    workspace: Workspace, date: dt.date, projects: Sequence[Project] = (), preparation: Preparation | None = None
) -> Loaded:
    """Read the outline, the zones and the receptors that are valid on a date.

    Parameters
    ----------
    workspace, date
        What to read.
    projects
        In the analysis plane; what is far from all of them may be left out where there is a preparation.
    preparation
        Of the large layers; without it all are read whole.

    Raises
    ------
    InputError
        As :func:`spatial.io.vector.read_vector`, and if the outline is no polygon.
    """
    plane = CRS(workspace.analysis_crs)
    outline = load_layer(workspace.outline(date), plane)
    place = place_from(outline.file)
    district = shapely.union_all(outline.geometry)
    if shapely.get_dimensions(district) != 2:  # noqa: PLR2004 -- an area
        raise InputError("outline_not_polygon", file=outline.layer.path)
    stretch = float(planar_area_m2([district], plane)[0] / official_area_m2([district], plane)[0] - 1)
    if abs(stretch) > setting("plane_stretch"):
        raise InputError("catalog_plane_unfit", file=workspace.root, crs=plane.name, stretch=f"{stretch:+.2%}")
    located = np.array([project.geometry for project in projects if project.geometry is not None], dtype=object)
    layers = _Layers(Where(plane, place, district), preparation, located)
    found: list[LoadedLayer] = [outline]
    zones: dict[str, Zones] = {}
    twice: list[Finding] = []
    for role in zone_roles():
        known = workspace.of_role(role, date)
        overlap = layers.overlap(known)
        loaded = layers.of_role(known, None if overlap is None else setting("near_m"))
        found.extend(loaded)
        for layer in loaded:
            if not layer.is_prepared:
                require_over(layer, district, workspace)
        if loaded:
            zones[role] = _zones(role, loaded)
            overlap = cover_each_other(loaded) if overlap is None else overlap
            twice.extend([overlap_finding(loaded)] if overlap else [])
            layers.keep(loaded, overlap=overlap)
    receptors = layers.of_role(workspace.of_role("RECEPTOR", date), setting("receptor_radius_m"))
    layers.keep(receptors)
    ground = Ground(plane, district, zones, frozenset(workspace.absent), _receptors(receptors))
    every = (*found, *receptors)
    return Loaded(ground, every, (*twice, *(finding for layer in every for finding in layer.file.findings)))


def _zones(role: str, loaded: list[LoadedLayer]) -> Zones:
    geometry = np.concatenate([layer.geometry for layer in loaded])
    areal = shapely.get_dimensions(geometry) == 2  # noqa: PLR2004 -- an area
    if not areal.all():
        raise InputError("zone_not_polygon", file=loaded[0].layer.path, role=role)
    return Zones(
        role=roles()[role],
        geometry=geometry,
        names=tuple(name for layer in loaded for name in layer.names),
        layer_ids=tuple(layer.layer.layer_id for layer in loaded),
        editions=tuple(layer.layer.edition for layer in loaded),
        illustrative=any(layer.layer.illustrative for layer in loaded),
        equal_area={
            start + place: moved
            for start, layer in zip(
                accumulate((len(layer.geometry) for layer in loaded), initial=0), loaded, strict=False
            )
            for place, moved in layer.equal_area.items()
        },
    )


def _receptors(loaded: list[LoadedLayer]) -> tuple[NDArray[np.object_], tuple[str, ...], tuple[str, ...]]:
    if not loaded:
        return np.empty(0, dtype=object), (), ()
    kinds: list[str] = []
    for layer in loaded:
        features = layer.file.features[~layer.file.features.geometry.isna()]
        kinds.extend(map(text_of, features["kind"] if "kind" in features.columns else [""] * len(features)))
    geometry = np.concatenate([layer.geometry for layer in loaded])
    return geometry, tuple(name for layer in loaded for name in layer.names), tuple(kinds)


def run_screening(
    paths: Sequence[Path],
    workspace: Workspace,
    date: dt.date,
    *,
    stated: Stated | None = None,
    nature: str = "",
    preparation: Preparation | None = None,
    progress: Progress = lambda _done, _total: None,
) -> tuple[ScreeningResult, Loaded]:
    """Screen the projects of files in a workspace on a date.

    Parameters
    ----------
    paths
        Project files; ids must be unique over all of them.
    date
        Decides the editions of layers and rules.
    stated
        What the user says of the project files.
    nature
        Nature of projects that state none.
    preparation
        Of large layers: it changes how long the answer takes, not the answer.
    progress
        Called with the steps done and all steps.

    Returns
    -------
    result
        Everything found.
    loaded
        The layers in the analysis plane, for maps and figures.

    Raises
    ------
    InputError
        For bad input, before anything is computed.
    """
    book = load_rule_book(workspace.rule_files)
    plane = CRS(workspace.analysis_crs)
    projects: list[Project] = []
    findings: list[Finding] = []
    inputs: dict[str, str] = {}
    crs_path: list[str] = []
    place = outline_of(workspace, date)
    for path in paths:
        file = read_vector(path, stated, place)
        prefix = f"{_stem(path, paths)}-" if len(paths) > 1 else ""
        names = FeatureNames(file.features)
        read, noted = projects_of(file, plane, nature=nature, names=names, prefix=prefix)
        projects.extend(read)
        findings.extend([*file.findings, *noted])
        inputs[_unused(path.name, inputs)] = sha256_of(path)
        crs_path.append(f"{path.name}: {crs_name(file.crs)} -> {crs_name(plane)} -> cylindrical equal area (CGCS2000)")
    require_unique(projects)
    loaded = load_ground(workspace, date, projects, preparation)
    _require_inside(projects, loaded.ground.district, workspace)
    terms = Terms(book, date, setting("near_m"), setting("receptor_radius_m"))
    results = screen(projects, loaded.ground, terms, progress=progress)
    if workspace.unfilled():
        values: dict[str, object] = {"keys": ", ".join(workspace.unfilled())}
        findings.append(Finding("warning", "catalog_placeholder", str(workspace.root), values=values))
    if not workspace.of_role("RECEPTOR", date):
        findings.append(Finding("warning", "receptors_missing", str(workspace.root)))
    findings = [*loaded.findings, *findings, *_declared(results)]
    result = ScreeningResult(
        district_zh=workspace.name.zh,
        district_en=workspace.name.en,
        date=date,
        analysis_crs=workspace.analysis_crs,
        projects=results,
        layers=tuple(layer.use for layer in loaded.layers),
        absent={role: (absence.reason.zh, absence.reason.en) for role, absence in workspace.absent.items()},
        documents={code: (document.name.zh, document.name.en) for code, document in book.documents.items()},
        rule_set="; ".join(book.sources),
        provenance=Provenance(
            software=software(),
            inputs=inputs | {layer.use.layer_id: layer.use.sha256 for layer in loaded.layers} | book.sources,
            parameters={
                "densify_step_m": f"{DENSIFY_STEP_M:g}",
                "near_m": f"{terms.near_m:g}",
                "receptor_radius_m": f"{terms.receptor_radius_m:g}",
                "touch_m2": f"{setting('touch_m2'):g}",
                "repair_area_m2": f"{setting('repair_area_m2'):g}",
                "nature": nature or "-",
                "date": date.isoformat(),
                "tables_sha256": tables_sha256(),
            },
            crs_path=tuple(crs_path),
        ),
        findings=tuple(findings),
    )
    return result, loaded


def _stem(path: Path, paths: Sequence[Path]) -> str:
    """Return what tells a file from the others: its stem, with the suffix where two share one."""
    alike = [other for other in paths if other.stem == path.stem]
    return path.stem if len(alike) == 1 else path.name


def _unused(name: str, names: Mapping[str, str]) -> str:
    """Return a name that is not taken yet: two folders may hold files of one name."""
    number = 2
    taken = name
    while taken in names:
        taken = f"{name} ({number})"
        number += 1
    return taken


def _require_inside(projects: list[Project], district: BaseGeometry, workspace: Workspace) -> None:
    """Refuse a project wholly outside the district: its coordinates are wrong, or the workspace is."""
    shapely.prepare(district)
    for project in projects:
        # Touching the outline from outside is being outside.
        inside = project.geometry is None or shapely.relate_pattern(district, project.geometry, "T********")
        if not inside:
            raise InputError(
                "project_outside",
                file=project.source,
                feature=project.project_id,
                district=workspace.name,
                distance_km=f"{district.distance(project.geometry) / 1000:.1f}",
            )


def _declared(results: tuple[ProjectResult, ...]) -> list[Finding]:
    """Note declared areas that match neither the official nor the planar one."""
    found = []
    for result in results:
        declared, official, planar = result.project.declared_area_m2, result.official_area_m2, result.planar_area_m2
        if not declared or not official or not planar:
            continue
        if min(abs(declared - official), abs(declared - planar)) > setting("declared_share") * declared:
            values: dict[str, object] = {"declared": f"{declared:.2f}", "official": f"{official:.2f}"}
            project = result.project
            found.append(Finding("warning", "declared_differs", project.source, project.project_id, values))
    return found
