"""Cutting a raster into blocks of rows, each with a rim that its neighbours share."""

from __future__ import annotations

from dataclasses import dataclass

from spatial.errors import InputError
from spatial.settings import setting

#: First row or column, and the one after the last.
Span = tuple[int, int]

_MIB = 2**20


@dataclass(frozen=True)
class Block:
    """Rows of a raster that are worked on at a time.

    Parameters
    ----------
    number
        Counted from the north, from 0.
    rows
        First row and the one after the last.
    read
        The same with the halo, cut off at the raster's edges.
    """

    number: int
    rows: Span
    read: Span

    @property
    def inner(self) -> slice:
        """The block's own rows among those read."""
        return slice(self.rows[0] - self.read[0], self.rows[1] - self.read[0])


def blocks_of(rows: int, *, halo: int = 0, height: int | None = None) -> list[Block]:
    """Cut a raster into blocks over its full width.

    Rows are contiguous in most files, and a block of full rows needs a halo on two sides only.

    Parameters
    ----------
    rows
        Of the raster.
    halo
        Rows that the work on a cell needs to either side of it.
    height
        Rows of a block, the setting ``block_rows`` where left out.

    Examples
    --------
    >>> [block.read for block in blocks_of(1000, halo=1, height=400)]
    [(0, 401), (399, 801), (799, 1000)]
    """
    height = height or int(setting("block_rows"))
    starts = range(0, rows, height)
    spans = [(start, min(start + height, rows)) for start in starts]
    return [
        Block(number, span, (max(span[0] - halo, 0), min(span[1] + halo, rows))) for number, span in enumerate(spans)
    ]


def require_memory(
    blocks: list[Block], columns: int, *, bytes_per_cell: float, at_once: int, besides_mib: float = 0.0
) -> float:
    """Return the memory that a run by blocks needs, refusing one that needs too much.

    Parameters
    ----------
    blocks
        All blocks of the run.
    columns
        Of the raster.
    bytes_per_cell
        What the work holds for each cell read: input, output, and what lies between.
    at_once
        Blocks in memory at a time, see :func:`spatial.runtime.executors.at_once`.
    besides_mib
        What else is held, such as heights read ahead [MiB].

    Returns
    -------
    float
        The estimate [MiB], without the libraries themselves.

    Raises
    ------
    InputError
        If the estimate exceeds the setting ``memory_mib``.
    """
    tallest = max(block.read[1] - block.read[0] for block in blocks)
    needed = tallest * columns * bytes_per_cell * at_once / _MIB + besides_mib
    most = setting("memory_mib")
    if needed > most:
        raise InputError("memory", needed=f"{needed:.0f}", most=f"{most:.0f}", columns=columns)
    return needed
