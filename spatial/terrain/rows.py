"""Handing the heights of a file to whoever works on its blocks."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from spatial.io.elevation import Dem, Heights
from spatial.runtime.blocks import Block
from spatial.runtime.executors import DASK, SERIAL, at_once


def read_ahead(dem: Dem, blocks: list[Block], workers: str) -> Iterator[Heights | None]:
    """Yield the heights of each block with its halo, or nothing where a cluster's workers read for themselves.

    One reader that goes through the file in order unpacks no tile twice and keeps all processors busy
    with unpacking, so threads are handed heights instead of opening the file themselves.

    Parameters
    ----------
    dem
    blocks
        In order.
    workers
        As in :func:`spatial.runtime.executors.ordered`.
    """
    if workers.startswith(DASK):
        yield from (None for _ in blocks)
        return
    threads = 1 if workers == SERIAL else at_once(workers) - 1
    yield from dem.read_many((block.read for block in blocks), threads=threads)


def with_rim(
    block: Block, heights: Heights, steps: NDArray[np.float64], halo: int
) -> tuple[Heights, NDArray[np.float64]]:
    """Add rows of nothing where a block's halo reaches beyond the grid, with the steps of the row next to them.

    Parameters
    ----------
    block
    heights : ndarray of float, shape (rows read, columns)
    steps : ndarray of float, shape (rows read, 2)
    halo
        Rows that the result has above and below the block's own.
    """
    above, below = halo - block.inner.start, halo - (heights.shape[0] - block.inner.stop)
    if not above and not below:
        return heights, steps
    rim = ((above, below), (0, 0))
    padded: Heights = np.pad(heights, rim, constant_values=np.nan)
    return padded, np.pad(steps, rim, mode="edge")
