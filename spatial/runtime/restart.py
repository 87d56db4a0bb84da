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
from spatial.provenance import sha256_of
from spatial.runtime.blocks import Block

_ROWS, _LIST = "rows.raw", "finished.jsonl"


def key_of(inputs: Sequence[Path], parameters: Mapping[str, object]) -> str:
    """Return the key of a run: the same inputs, parameters and version give the same one.

    Parameters
    ----------
    inputs
        Files that decide the result.
    parameters
        Of plain numbers and texts.
    """
    told = {
        "version": spatial.__version__,
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
        self._dtype, self._row_bytes = np.dtype(dtype), columns * np.dtype(dtype).itemsize
        self._finished = self._read_list(key)
        if not self._finished:
            shutil.rmtree(self.folder, ignore_errors=True)
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
        return zlib.crc32(stored) == self._finished[block.number]

    def add(self, block: Block, values: NDArray[Any]) -> None:
        """Keep a finished block, shape (rows of the block, columns): first its numbers, then its name."""
        data = np.ascontiguousarray(values, dtype=self._dtype).tobytes()
        with self.rows_file.open("rb+") as file:
            file.seek(block.rows[0] * self._row_bytes)
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        self._append({"block": block.number, "crc32": zlib.crc32(data)})

    def discard(self) -> None:
        """Delete the blocks: the output is written."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def _append(self, entry: dict[str, object]) -> None:
        with self._list.open("a", encoding="utf-8") as file:
            file.write(json.dumps(entry) + "\n")

    def _read_list(self, key: str) -> dict[int, int]:
        if not (self._list.is_file() and self.rows_file.is_file()):
            return {}
        lines = self._list.read_text(encoding="utf-8").splitlines()
        entries = [entry for entry in map(_entry, lines) if entry]
        if not entries or entries[0].get("key") != key:
            return {}
        return {entry["block"]: entry["crc32"] for entry in entries[1:]}


def _entry(line: str) -> dict[str, Any]:
    try:
        found = json.loads(line)
    except ValueError:
        # The line that was being written when the run was killed.
        return {}
    return found if isinstance(found, dict) else {}
