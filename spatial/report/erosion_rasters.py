"""Rasters of soil loss and of its grade, written block by block."""

from __future__ import annotations

from pathlib import Path

import spatial
from spatial.erosion.grades import NO_GRADE, grade_colours, grade_names, grade_of
from spatial.erosion.model import PER_KM2
from spatial.erosion.result import ErosionResult
from spatial.io.rasters_writer import Band, write_cog


def write_erosion_rasters(result: ErosionResult, losses: tuple[Path, Path], grade: Path) -> None:
    """Write Cloud Optimized GeoTIFFs of soil loss, in t/(km2 a) and in t/(hm2 a), and of its grade by the leading region."""
    tags = {
        "ecopattern": spatial.__version__,
        "model": result.model.upper(),
        "illustrative": str(result.illustrative).lower(),
    }
    tolerance = result.regions[0].tolerance_t_km2_a
    names, colours = grade_names(), grade_colours()
    classes = [("", "#000000"), *((f"{names[code].zh} / {names[code].en}", colours[code]) for code in names)]
    graded = tags | {"tolerance_t_km2_a": f"{tolerance:g}"}
    for path, unit, times in zip(losses, ("t/(km2 a)", "t/(hm2 a)"), (PER_KM2, 1.0), strict=True):
        measured = Band("soil_loss", "float32", float("nan"), unit, tags)
        parts = (times * part for part in result.loss.parts_t_hm2_a())
        write_cog(path, parts, result.grid, measured)
    write_cog(
        grade,
        (grade_of(PER_KM2 * part, tolerance) for part in result.loss.parts_t_hm2_a()),
        result.grid,
        Band("erosion_grade", "uint8", NO_GRADE, "", graded, "mode", classes),
    )
