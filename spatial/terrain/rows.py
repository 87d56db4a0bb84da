"""Handing the heights of a file to whoever works on its blocks."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from spatial.io.elevation import Dem, Heights
from spatial.runtime.ahead import ahead
from spatial.runtime.blocks import Block
from spatial.runtime.executors import DASK, SERIAL, at_once
from spatial.settings import setting


def read_ahead(dem: Dem, blocks: list[Block], workers: str) -> Iterator[Heights | None]:
    """Return the heights of each block with its halo, or nothing where a cluster's workers read for themselves.

    One reader that goes through the file in order unpacks no tile twice and keeps all processors busy
    with unpacking, so threads are handed heights instead of opening the file themselves. It begins at
    once, not when the first heights are asked for.

    Parameters
    ----------
    dem
    blocks
        In order.
    workers
        As in :func:`spatial.runtime.executors.ordered`.
    """
    spans = (block.read for block in blocks)
    if workers.startswith(DASK):
        return (None for _ in blocks)
    if workers == SERIAL:
        return dem.read_many(spans)
    return ahead(dem.read_many(spans, threads=at_once(workers) - 1), _blocks_ahead(dem, blocks))


def _blocks_ahead(dem: Dem, blocks: list[Block]) -> int:
    tallest = max((block.read[1] - block.read[0] for block in blocks), default=1)
    size = tallest * dem.grid.shape[1] * np.dtype(dem.dtype).itemsize
    return max(min(int(setting("ahead_mib") * 2**20 / size), len(blocks)), 1)


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
