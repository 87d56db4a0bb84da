"""What a workspace and a user give for soil loss: layers in force, factors, tables, and their hashes."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from spatial.catalog import Workspace
from spatial.erosion.columns import TABLES
from spatial.erosion.constants import constants
from spatial.erosion.grades import Region, is_listed, regions, regions_of
from spatial.erosion.land import district_factors
from spatial.erosion.practices import Practice, practices
from spatial.erosion.ranges import require_factor
from spatial.erosion.rasters import Aligned, aligned
from spatial.erosion.station import rain_factor, soil_factor
from spatial.errors import InputError
from spatial.findings import Finding
from spatial.grid import Grid
from spatial.provenance import sha256_of
from spatial.runtime.blocks import blocks_of
from spatial.words import Both


@dataclass(frozen=True)
class UsedFile:
    """A file that the user named.

    Parameters
    ----------
    purpose
        The option that named it, such as ``--rain``.
    """

    purpose: str
    name: str
    sha256: str


@dataclass(frozen=True)
class Factors:
    """R and K, where each comes from, and the files they were read from."""

    rain: float | Aligned
    soil: float | Aligned
    basis: dict[str, Both]
    files: tuple[UsedFile, ...]


def used_file(purpose: str, path: Path) -> UsedFile:
    """Return what outputs say of a file that the user named."""
    return UsedFile(purpose, path.name, sha256_of(path))


def factors_of(workspace: Workspace, stated: tuple[str, str], grid: Grid, heights: Path) -> Factors:
    """Return R and K: those stated, else the district's indicative figures.

    Parameters
    ----------
    stated
        R and K: a number, the path of a raster or of a table of rain or soil, or nothing.
    grid, heights
        Cells that a raster must have, and the file they are of.

    Raises
    ------
    InputError
        If a factor is out of its range or not known, or a raster does not fit.
    """
    known = district_factors(workspace.code)
    found: list[float | Aligned] = []
    basis: dict[str, Both] = {}
    files: list[UsedFile] = []
    for place, (factor, option) in enumerate((("R", "--rain"), ("K", "--soil"))):
        text = stated[place]
        number = _number(text)
        if not text:
            if known is None:
                raise InputError("erosion_unknown", factor=factor, district=workspace.name, code=workspace.code)
            number = (known[0], known[1])[place]
            basis[factor] = Both(f"{number:g}：{known[2].zh}", f"{number:g}: {known[2].en}")
        elif number is not None:
            require_factor([number], factor, option)
            basis[factor] = Both(f"{number:g}：{option}", f"{number:g}: {option}")
        if number is None:
            path = Path(text)
            if path.suffix.lower() in TABLES:
                value, said = (rain_factor, soil_factor)[place](path)
                found.append(value)
                basis[factor] = Both(f"{value:.5g}：{said.zh}", f"{value:.5g}: {said.en}")
            else:
                found.append(_raster(path, factor, grid, heights))
                basis[factor] = Both(path.name, path.name)
            files.append(used_file(option, path))
        else:
            found.append(number)
    return Factors(found[0], found[1], basis, tuple(files))


def _raster(path: Path, factor: str, grid: Grid, heights: Path) -> Aligned:
    """Return a raster of a factor, its units looked at as a whole: a dry part of it alone would mislead."""
    raster = aligned(path, grid, heights)
    # Only the least and the greatest count, so that rasters larger than memory can be looked at.
    parts = (raster.read(block.rows, np.nan) for block in blocks_of(grid.shape[0]))
    extremes = [(np.fmin.reduce(part, axis=None), np.fmax.reduce(part, axis=None)) for part in parts]
    require_factor(extremes, factor, str(path))
    return raster


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def regions_for(workspace: Workspace, stated: str) -> tuple[Region, ...]:
    """Return the regions whose tolerance the grades are read by: the one stated, else those of the district.

    Raises
    ------
    InputError
        If there is no such region.
    """
    if not stated:
        return regions_of(workspace.code)
    known = regions()
    if stated not in known:
        listed = Both(
            "、".join(f"{code}（{region.name.zh}）" for code, region in known.items()),
            ", ".join(f"{code} ({region.name.en})" for code, region in known.items()),
        )
        raise InputError("erosion_region", value=stated, known=listed)
    return (known[stated],)


def regions_findings(workspace: Workspace, stated: str) -> tuple[Finding, ...]:
    """Say that a district is read by the readings of all that are not listed, unless its region was stated."""
    if stated or is_listed(workspace.code):
        return ()
    values: dict[str, object] = {"district": workspace.name, "code": workspace.code}
    return (Finding("warning", "erosion_region_default", "", values=values),)


def terrace_practice() -> tuple[Practice, Both]:
    """Return the kind of terrace that fields called terraced are taken to have, and why.

    Examples
    --------
    >>> terrace_practice()[0].factor
    0.084
    """
    own = constants("terraced")
    grade = f" ({own['confidence']})"
    return practices()[own["practice"]], Both(own["source_zh"] + grade, own["source"] + grade)
