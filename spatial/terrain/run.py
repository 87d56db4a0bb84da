"""Slopes, aspects and slope classes of a whole file, block by block into another."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

import spatial
from spatial.io.elevation import Dem, Heights
from spatial.io.rasters_writer import Band, write_cog
from spatial.provenance import sha256_of
from spatial.runtime.blocks import Block, blocks_of, require_memory
from spatial.runtime.executors import THREADS, Progress, at_once, ordered
from spatial.runtime.restart import Unfinished, key_of
from spatial.settings import setting
from spatial.terrain.classes import NO_SLOPE, Scheme, classify
from spatial.terrain.rows import read_ahead, with_rim
from spatial.terrain.slope import HALO, Method, aspect_of_rows, slope_of_rows, steps_of

Product = Literal["slope", "aspect", "classes"]

#: Heights and what GDAL keeps of them, padded heights, slopes, classes.
_BYTES_PER_CELL = 24.0


@dataclass(frozen=True)
class Job:
    """What is to be made of the heights.

    Parameters
    ----------
    product
        ``"slope"`` and ``"aspect"`` in degrees, or ``"classes"``.
    method
        As in :func:`spatial.terrain.slope.slope_deg`.
    scheme
        Of the classes; only they need one.
    workers
        As in :func:`spatial.runtime.executors.ordered`; the output is the same to the last byte.
    progress
        Called after each block; blocks of an earlier run count at once.
    """

    product: Product
    method: Method = "horn"
    scheme: Scheme | None = None
    workers: str = THREADS
    progress: Progress | None = field(default=None, compare=False)


@dataclass(frozen=True)
class _Work:
    """The work on one block, the same for all blocks."""

    dem: Dem
    product: Product
    method: Method
    scheme: Scheme | None

    def __call__(self, task: tuple[Block, NDArray[np.float64], Heights | None]) -> tuple[Block, NDArray[Any]]:
        block, steps, read = task
        heights = self.dem.read(block.read) if read is None else read
        heights, steps = with_rim(block, heights, steps, HALO)
        if self.product == "aspect":
            return block, aspect_of_rows(heights, steps, method=self.method)[HALO:-HALO]
        slope = slope_of_rows(heights, steps, method=self.method)[HALO:-HALO]
        return block, slope if self.scheme is None else classify(slope, self.scheme)


def write_terrain(dem: Dem, path: Path, job: Job) -> None:
    """Write slopes, aspects or classes of a file of heights to a Cloud Optimized GeoTIFF.

    A run that was killed goes on with the blocks that it had not finished, if heights, job and
    version are the same.

    Parameters
    ----------
    dem
        From :func:`spatial.io.elevation.open_dem`.
    path
        ``.tif``; its folder must exist. Written whole or not at all.
    job

    Raises
    ------
    InputError
        If the heights cannot be read or are none, the plane stretches lengths too much, the run
        would need too much memory, or the output cannot be written.
    """
    columns = dem.grid.shape[1]
    blocks = blocks_of(dem.grid.shape[0], halo=HALO)
    require_memory(
        blocks, columns, bytes_per_cell=_BYTES_PER_CELL, at_once=at_once(job.workers), besides_mib=setting("ahead_mib")
    )
    scheme = job.scheme if job.product == "classes" else None
    parameters = {
        "product": job.product,
        "method": job.method,
        "scheme": repr(scheme),
        "nodata": dem.nodata,
        "crs": dem.grid.crs.srs,
        "blocks": [block.rows for block in blocks],
    }
    steps = steps_of(dem.grid)
    kept = Unfinished(path, key_of([dem.path], parameters), columns, "float32" if scheme is None else "uint8")
    missing = [block for block in blocks if not kept.has(block)]
    done = len(blocks) - len(missing)
    work = _Work(dem, job.product, job.method, scheme)
    heights = read_ahead(dem, missing, job.workers)
    tasks = ((block, steps[slice(*block.read)], read) for block, read in zip(missing, heights, strict=True))
    for block, values in ordered(work, tasks, job.workers):
        kept.add(block, values)
        done += 1
        if job.progress:
            job.progress(done, len(blocks))
    write_cog(path, kept.rows_file, dem.grid, _band(dem, job))
    kept.discard()


def _band(dem: Dem, job: Job) -> Band:
    tags = {
        "ecopattern": spatial.__version__,
        "method": job.method,
        "source_sha256": sha256_of(dem.path),
    }
    if job.scheme is None or job.product != "classes":
        overview: Literal["average", "nearest"] = "average" if job.product == "slope" else "nearest"
        return Band(job.product, "float32", float("nan"), "degree", tags, overview)
    scheme = job.scheme
    named = [("", "#000000"), *((f"{one.name.zh} / {one.name.en}", one.colour) for one in scheme.classes)]
    tags |= {"scheme": scheme.key, "closed_end": scheme.closed}
    tags |= {"breaks_deg": " ".join(f"{end:g}" for end in scheme.breaks_deg)}
    return Band("slope_class", "uint8", NO_SLOPE, "", tags, "mode", named)
