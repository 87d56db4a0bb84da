"""Checking files: one report for each layer, whatever the other commands would say to it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import shapely

from spatial.check.layer import check_layer
from spatial.check.reading import Asked, Loaded, as_finding, load
from spatial.check.report import CheckReport, in_order
from spatial.errors import InputError
from spatial.findings import Finding
from spatial.io.formats import readable
from spatial.io.vector import FeatureNames
from spatial.schemas import check_fields

#: How the names of files begin that systems hide, or that programs keep while another one is open.
_HIDDEN = (".", "~")
#: Files that stand beside a Shapefile and are read with it.
_BESIDE = frozenset({".dbf", ".shx", ".prj", ".cpg", ".sbn", ".sbx", ".xml", ".qix", ".qpj"})


@dataclass(frozen=True)
class Checked:
    """A report, and the layer it is about for repairs and maps."""

    report: CheckReport
    loaded: Loaded

    def without_features(self) -> Checked:
        """Return the report alone."""
        return replace(self, loaded=replace(self.loaded, frame=None))


def check_file(path: Path, asked: Asked | None = None) -> list[Checked]:
    """Check a file; one report for each of its layers.

    Parameters
    ----------
    path
        A file or file geodatabase.
    asked
        What is known of it, and what it should be.

    Raises
    ------
    InputError
        If the file does not exist. Everything else is a finding.
    """
    asked = asked or Asked()
    if not path.exists():
        raise InputError("file_missing", file=path)
    try:
        loaded = load(path, asked)
    except InputError as error:
        layers = error.values.get("names")
        if asked.stated.layer or not isinstance(layers, tuple):
            return [_refused(path, error)]
        return [
            _with_layer(checked, name)
            for name in layers
            for checked in check_file(path, replace(asked, stated=replace(asked.stated, layer=name)))
        ]
    return [_checked(path, loaded, asked)]


def _refused(path: Path, error: InputError) -> Checked:
    finding = as_finding(error, path)
    return Checked(CheckReport(str(path), "", 0, 0, {}, (finding,), is_readable=False), Loaded(None, None, "", ()))


def _with_layer(checked: Checked, name: str) -> Checked:
    return replace(checked, report=replace(checked.report, file=f"{checked.report.file} [{name}]"))


def _checked(path: Path, loaded: Loaded, asked: Asked) -> Checked:
    frame = loaded.frame
    if frame is None:
        return Checked(CheckReport(str(path), "", 0, 0, {}, in_order(list(loaded.findings)), is_readable=False), loaded)
    findings = check_layer(
        frame,
        str(path),
        list(FeatureNames(frame)),
        crs=loaded.crs,
        tiles=asked.tiles,
        points_compared=loaded.points_compared,
    )
    if asked.role:
        findings += _field_findings(frame, asked, path)
    return Checked(_summary(path, frame, loaded, findings=[*loaded.findings, *findings]), loaded)


def _field_findings(frame: gpd.GeoDataFrame, asked: Asked, path: Path) -> tuple[Finding, ...]:
    try:
        return check_fields(frame, asked.role, asked.fields, str(path)).findings
    except InputError as error:
        return (as_finding(error, path),)


def _summary(path: Path, frame: gpd.GeoDataFrame, loaded: Loaded, *, findings: list[Finding]) -> CheckReport:
    geometry = np.asarray(frame.geometry.array, dtype=object)
    kinds = Counter("None" if shape is None else str(shape.geom_type) for shape in geometry)
    vertices = int(shapely.get_num_coordinates(geometry).sum())
    return CheckReport(str(path), loaded.stated_crs, len(frame), vertices, dict(kinds), in_order(findings))


@dataclass(frozen=True)
class Folder:
    """The files of a folder that are to be checked, and those that nobody looks at."""

    files: list[Path]
    passed_over: list[Path]


def files_in(path: Path) -> Folder:
    """Return the files that can be read in a folder, tables of points among them, or the path itself.

    Parameters
    ----------
    path
        A file, a file geodatabase or a folder, which is not searched further down.

    Raises
    ------
    InputError
        If the path does not exist, or the folder holds no file that can be read.
    """
    if not path.exists():
        raise InputError("file_missing", file=path)
    known = readable(tables=True)
    if path.is_file() or path.suffix.lower() in known:
        return Folder([path], [])
    inside = sorted(file for file in path.iterdir() if not file.name.startswith(_HIDDEN))
    files = [file for file in inside if file.suffix.lower() in known]
    if not files:
        raise InputError("folder_without_layers", file=path, formats=" ".join(known))
    stems = {file.stem for file in files}
    rest = [
        file for file in inside if file not in files and not (file.stem in stems and file.suffix.lower() in _BESIDE)
    ]
    return Folder(files, [file for file in rest if file.is_file()])
