"""Which rows of a table of points belong together, and whether they are outlines or sites."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Protocol

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from spatial.errors import InputError
from spatial.findings import Finding

FloatArray = NDArray[np.float64]

_LAST_NUMBER = re.compile(r"(\d+)\D*$")
_SMALLEST = 3
_KINDS = frozenset("点线面")


@dataclass(frozen=True)
class Group:
    """Rows that make one feature.

    Parameters
    ----------
    name
        Its number or name.
    rows, rings : ndarray of int, shape (n,)
        Places of its rows, and a ring label for each.
    kind
        点, 线 or 面, or empty for an outline.
    """

    name: str
    rows: NDArray[np.intp]
    rings: NDArray[np.intp]
    kind: str = ""


class Table(Protocol):
    """What grouping needs of a table."""

    @property
    def lines(self) -> Sequence[int]:
        """Rows in the file."""

    @property
    def blocks(self) -> NDArray[np.intp]:
        """A number that changes where the table has a row without a point."""

    def column(self, meaning: str) -> list[str] | None:
        """Cells of a column."""


def groups_of(
    table: Table, xy: FloatArray, source: str, *, scattered: bool = False
) -> tuple[list[Group] | None, Finding]:
    """Decide which rows make one outline.

    Parameters
    ----------
    table
        The rows that hold points.
    xy : ndarray of float, shape (n, 2)
        East and north of each row.
    source
        File name for the finding and errors.
    scattered
        Whether points are sites unless they form a ring (survey points are numbered anyway).

    Returns
    -------
    groups : list of Group or None
        ``None`` where each row is a site of its own.
    finding : Finding
        What decided it.

    Raises
    ------
    InputError
        If the table does not tell.
    """
    kinds = _filled(table.column("kind"))
    for meaning in ("parcel", "name"):
        keys = _filled(table.column(meaning))
        if keys is not None and all(keys):
            return _by_key(table, keys, kinds, meaning, source)
    rings = table.column("ring")
    count = len(table.lines)
    if rings is not None and any(rings):
        return _said("ring", [Group("1", np.arange(count), _labels(rings, table.blocks))], source)
    if count == 1:
        return _sites("single", count, source)
    numbered = None if scattered else _by_number(table, xy, source)
    if numbered is not None:
        return _said("number", numbered, source)
    closed = _by_closure(table, xy)
    if closed is not None:
        return _said("closure", closed, source)
    if scattered:
        return _sites("survey", count, source)
    raise InputError("points_unclear", file=source, count=count)


def _filled(cells: list[str] | None) -> list[str] | None:
    """Carry values down over empty cells: merged cells hold theirs in the first row only."""
    if cells is None:
        return None
    last = ""
    found = []
    for cell in cells:
        last = cell or last
        found.append(last)
    return found


def _said(evidence: str, groups: list[Group], source: str) -> tuple[list[Group], Finding]:
    return groups, Finding("note", f"points_by_{evidence}", source, values={"count": len(groups)})


def _sites(evidence: str, count: int, source: str) -> tuple[None, Finding]:
    return None, Finding("note", f"points_sites_{evidence}", source, values={"count": count})


def _labels(rings: Sequence[str], blocks: NDArray[np.intp]) -> NDArray[np.intp]:
    """Return a label that changes where the ring number does, or the block where there are no numbers."""
    code = pd.factorize(np.array(_filled(list(rings)), dtype=object))[0]
    changed = np.diff(code if any(rings) else blocks) != 0
    return np.concatenate([[0], np.cumsum(changed)])


def _by_key(
    table: Table, keys: list[str], kinds: list[str] | None, meaning: str, source: str
) -> tuple[list[Group] | None, Finding]:
    codes, names = pd.factorize(np.array(keys, dtype=object))
    counts = np.bincount(codes)
    if kinds is None and counts.max() == 1:
        return _sites(meaning, len(keys), source)
    few = np.flatnonzero(counts < _SMALLEST)
    if few.size and kinds is None:
        raise InputError("points_few", file=source, feature=names[few[0]], count=int(counts[few[0]]))
    rings = table.column("ring")
    labels = _labels(rings if rings is not None else [""] * len(keys), table.blocks)
    rows = np.split(np.argsort(codes, kind="stable"), np.cumsum(counts)[:-1])
    groups = []
    for name, own in zip(names, rows, strict=True):
        # Rows of one parcel in two places of the table are two rings of it.
        apart = np.concatenate([[0], np.cumsum(np.diff(own) != 1)])
        kind = kinds[own[0]] if kinds is not None and kinds[own[0]] in _KINDS else ""
        groups.append(Group(str(name), own, labels[own] * (len(own) + 1) + apart, kind))
    return _said(meaning, groups, source)


def _by_number(table: Table, xy: FloatArray, source: str) -> list[Group] | None:
    """Return outlines of points numbered in sequence; a new start is a new outline."""
    cells = table.column("number")
    if cells is None:
        return None
    matches = [_LAST_NUMBER.search(cell) for cell in cells]
    if any(match is None for match in matches):
        return None
    numbers = [int(match.group(1)) for match in matches if match is not None]
    starts = [0]
    for at in range(1, len(numbers)):
        first = starts[-1]
        closes = numbers[at] == numbers[first] and bool((xy[at] == xy[first]).all())
        runs_on = table.blocks[at] != table.blocks[at - 1] and numbers[at] == numbers[at - 1] + 1
        if runs_on and not (xy[at - 1] == xy[first]).all():
            # The end of a page within an outline, or the end of an outline in a file that closes none.
            raise InputError("points_broken", file=source, feature=table.lines[at])
        after_closing = at - first >= _SMALLEST and numbers[at - 1] == numbers[first]
        if table.blocks[at] != table.blocks[at - 1] or after_closing:
            starts.append(at)
        elif numbers[at] != numbers[at - 1] + 1 and not closes:
            if numbers[at] != numbers[first]:
                return None
            starts.append(at)
    bounds = [*starts, len(numbers)]
    if any(stop - start < _SMALLEST for start, stop in pairwise(bounds)):
        return None
    return _numbered(bounds)


def _by_closure(table: Table, xy: FloatArray) -> list[Group] | None:
    """Return outlines where every block of rows comes back to its first point."""
    edges = np.flatnonzero(np.diff(table.blocks)) + 1
    bounds = [0, *edges.tolist(), len(xy)]
    for start, stop in pairwise(bounds):
        if stop - start <= _SMALLEST or not (xy[start] == xy[stop - 1]).all():
            return None
    return _numbered(bounds)


def _numbered(bounds: list[int]) -> list[Group]:
    return [
        Group(str(number), np.arange(start, stop), np.zeros(stop - start, dtype=np.intp))
        for number, (start, stop) in enumerate(pairwise(bounds), start=1)
    ]
