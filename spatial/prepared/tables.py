"""GeoParquet files of which single row groups are read, each only if it is what was written."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray
from pyproj import CRS

FloatArray = NDArray[np.float64]
Indices = NDArray[np.intp]
#: Sizes and sums of a file, as JSON keeps them.
Sums = dict[str, Any]
#: Columns of a table.
Rows = dict[str, NDArray[Any]]

_SIDES = ("xmin", "ymin", "xmax", "ymax")
_BOX = pa.struct([(side, pa.float64()) for side in _SIDES])


class DamagedError(ValueError):
    """A prepared file is not what was written: it is made again."""


def write_table(path: Path, columns: dict[str, Any], boxes: FloatArray, starts: Sequence[int], plane: CRS) -> Sums:
    """Write columns and boxes, one row group from each start to the next.

    Parameters
    ----------
    columns
        Arrays for :func:`pyarrow.array`; ``geometry`` holds well-known binary in ``plane``.
    boxes : ndarray of float, shape (n, 4)
        Of the rows: west, south, east, north.
    starts
        First row of each row group, from 0 on.

    Returns
    -------
    dict
        What :class:`TableFile` compares the file with.
    """
    sides = pa.StructArray.from_arrays([pa.array(side) for side in boxes.T], fields=list(_BOX))
    table = pa.table({**columns, "bbox": sides})
    geo = {
        "version": "1.1.0",
        "primary_column": "geometry",
        "columns": {
            "geometry": {
                "encoding": "WKB",
                "geometry_types": [],
                "crs": plane.to_json_dict(),
                "covering": {"bbox": {side: ["bbox", side] for side in _SIDES}},
            }
        },
    }
    schema = table.schema.with_metadata({b"geo": json.dumps(geo).encode()})
    with pq.ParquetWriter(path, schema, compression="zstd") as writer:
        for start, stop in zip(starts, [*starts[1:], table.num_rows], strict=True):
            writer.write_table(table.slice(start, stop - start), row_group_size=max(stop - start, 1))
    with path.open("rb") as opened:
        spans = _spans(pq.ParquetFile(opened).metadata)
        return {
            "size": path.stat().st_size,
            "groups": [_sum(opened, *span) for span in spans],
            "end": spans[-1][1],
            "end_sum": _sum(opened, spans[-1][1], path.stat().st_size),
        }


class TableFile:
    """A table written by :func:`write_table`, open for reading.

    Parameters
    ----------
    opened
        The file.
    sums
        As returned when it was written.

    Raises
    ------
    DamagedError
        If the end of the file, which says where all is, is another than was written.
    """

    def __init__(self, opened: BinaryIO, sums: Sums) -> None:
        self._opened, self._sums = opened, sums
        size = opened.seek(0, 2)
        # The end is compared before anything believes it.
        if size != sums["size"] or _sum(opened, sums["end"], size) != sums["end_sum"]:
            raise DamagedError
        self._file = pq.ParquetFile(opened)
        self._spans = _spans(self._file.metadata)

    def boxes(self) -> FloatArray:
        """Return the box of each row group, shape (n, 4)."""
        meta = self._file.metadata
        at = {meta.schema.column(place).path: place for place in range(meta.num_columns)}
        found = []
        for number in range(meta.num_row_groups):
            group = meta.row_group(number)
            sides = [group.column(at[f"bbox.{side}"]).statistics for side in _SIDES]
            found.append([sides[0].min, sides[1].min, sides[2].max, sides[3].max])
        return np.array(found, dtype=float).reshape(-1, 4)

    def rows(self, groups: Indices) -> Rows:
        """Return the rows of some row groups, column by column; ``bbox`` has shape (n, 4).

        Raises
        ------
        DamagedError
            If one of the row groups is another than was written.
        """
        numbers = groups.tolist()
        if any(_sum(self._opened, *self._spans[number]) != self._sums["groups"][number] for number in numbers):
            raise DamagedError
        # As arrays: picking rows from Arrow's tables loads its whole library of functions.
        table = self._file.read_row_groups(numbers)
        found: Rows = {name: table[name].to_numpy() for name in table.column_names if name != "bbox"}
        sides = [np.concatenate([chunk.field(side) for chunk in table["bbox"].chunks] or [[]]) for side in _SIDES]
        return found | {"bbox": np.column_stack(sides).astype(float)}


def _spans(meta: pq.FileMetaData) -> list[tuple[int, int]]:
    """Return where the bytes of each row group begin and end."""
    spans = []
    for number in range(meta.num_row_groups):
        group = meta.row_group(number)
        columns = [group.column(place) for place in range(group.num_columns)]
        begins = [column.dictionary_page_offset or column.data_page_offset for column in columns]
        spans.append((min(begins), min(begins) + sum(column.total_compressed_size for column in columns)))
    return spans


def _sum(opened: BinaryIO, start: int, stop: int) -> str:
    opened.seek(start)
    return hashlib.sha256(opened.read(stop - start)).hexdigest()
