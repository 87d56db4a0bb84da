"""A run over a raster that goes on where it was killed.

Finished blocks go to a plain file of numbers beside the output, and a list says which they are. A
GeoTIFF could not be resumed: where its tiles lie is written last. The list begins with the key of
the run, the hashes of its inputs and its parameters; the rest of another run is thrown away.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import zlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

import spatial
from spatial.provenance import sha256_of, tables_sha256
from spatial.runtime.blocks import Block, Span

_ROWS, _LIST = "rows.raw", "finished.jsonl"


def key_of(inputs: Sequence[Path], parameters: Mapping[str, object]) -> str:
    """Return the key of a run: the same inputs, parameters, data tables and version give the same one.

    Parameters
    ----------
    inputs
        Files that decide the result.
    parameters
        Of plain numbers and texts.
    """
    told = {
        "version": spatial.__version__,
        # Constants and thresholds decide results as inputs do.
        "tables": tables_sha256(),
        "inputs": [sha256_of(path) for path in inputs],
        "parameters": dict(parameters),
    }
    return hashlib.sha256(json.dumps(told, sort_keys=True, default=str).encode()).hexdigest()


class Unfinished:
    """Blocks of an output that is not finished yet.

    Parameters
    ----------
    target
        The output; the blocks go to a hidden folder beside it.
    key
        From :func:`key_of`.
    columns, dtype
        Of the output.
    """

    def __init__(self, target: Path, key: str, columns: int, dtype: str) -> None:
        self.folder = target.parent / f".{target.name}.unfinished"
        self.rows_file = self.folder / _ROWS
        self._list = self.folder / _LIST
        self._dtype, self._columns = np.dtype(dtype), columns
        self._row_bytes = columns * self._dtype.itemsize
        self._finished = self._read_list(key)
        self._made: list[Path] = []
        if not self._finished:
            shutil.rmtree(self.folder, ignore_errors=True)
            self._made = [parent for parent in self.folder.parents if not parent.exists()]
            self.folder.mkdir(parents=True)
            self._append({"key": key})
            self.rows_file.touch()

    def has(self, block: Block) -> bool:
        """Whether a block was finished by an earlier run and is still as it was written."""
        if block.number not in self._finished:
            return False
        with self.rows_file.open("rb") as file:
            file.seek(block.rows[0] * self._row_bytes)
            stored = file.read((block.rows[1] - block.rows[0]) * self._row_bytes)
        return bool(zlib.crc32(stored) == self._finished[block.number]["crc32"])

    def told(self, block: Block) -> Any:
        """Return what was told with a finished block."""
        return self._finished[block.number]["told"]

    def add(self, block: Block, values: NDArray[Any], told: object = None) -> None:
        """Keep a finished block: first its numbers, then its name.

        Parameters
        ----------
        block
        values : ndarray, shape (rows of the block, columns)
        told
            What else is known of it: plain lists, numbers and texts. Numbers come back to the last bit.
        """
        data = np.ascontiguousarray(values, dtype=self._dtype).tobytes()
        with self.rows_file.open("rb+") as file:
            file.seek(block.rows[0] * self._row_bytes)
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        self._append({"block": block.number, "crc32": zlib.crc32(data), "told": told})

    def read(self, rows: Span) -> NDArray[Any]:
        """Return rows that are finished: the first, and the one after the last."""
        count = (rows[1] - rows[0]) * self._columns
        values = np.fromfile(self.rows_file, self._dtype, count, offset=rows[0] * self._row_bytes)
        return values.reshape(-1, self._columns)

    def whole(self) -> NDArray[Any]:
        """Return all rows as an array that stays on the disk; only what is looked at comes to memory."""
        return np.memmap(self.rows_file, self._dtype, mode="r").reshape(-1, self._columns)

    def discard(self) -> None:
        """Delete the blocks: the output is written, or never will be."""
        shutil.rmtree(self.folder, ignore_errors=True)
        # Folders that were made for the output, if it has not come.
        for parent in self._made:
            if parent.is_dir() and not any(parent.iterdir()):
                parent.rmdir()

    def _append(self, entry: dict[str, object]) -> None:
        with self._list.open("a", encoding="utf-8") as file:
            file.write(json.dumps(entry) + "\n")

    def _read_list(self, key: str) -> dict[int, dict[str, Any]]:
        if not (self._list.is_file() and self.rows_file.is_file()):
            return {}
        lines = self._list.read_text(encoding="utf-8").splitlines()
        entries = [entry for entry in map(_entry, lines) if entry]
        if not entries or entries[0].get("key") != key:
            return {}
        return {entry["block"]: entry for entry in entries[1:]}


class InMemory:
    """The same for an output that is kept in memory: nothing is left of a run that was killed."""

    def __init__(self, shape: tuple[int, int], dtype: str) -> None:
        self._rows = np.empty(shape, dtype=dtype)

    def has(self, block: Block) -> bool:  # noqa: ARG002
        """Return that no earlier run has finished anything."""
        return False

    def told(self, block: Block) -> Any:
        """Return nothing, as no block is from an earlier run."""
        raise KeyError(block.number)

    def add(self, block: Block, values: NDArray[Any], told: object = None) -> None:  # noqa: ARG002
        """Keep the rows of a block."""
        self._rows[slice(*block.rows)] = values

    def read(self, rows: Span) -> NDArray[Any]:
        """Return some rows."""
        return self._rows[slice(*rows)]

    def whole(self) -> NDArray[Any]:
        """Return all rows."""
        return self._rows

    def discard(self) -> None:
        """Do nothing: memory is freed with the object."""


def _entry(line: str) -> dict[str, Any]:
    try:
        found = json.loads(line)
    except ValueError:
        # The line that was being written when the run was killed.
        return {}
    return found if isinstance(found, dict) else {}
