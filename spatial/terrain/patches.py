"""Small and narrow patches of slope classes go to a neighbour, the lower one first (就低不就高)."""

from __future__ import annotations

import heapq
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from spatial.grid import Grid, cell_areas_m2
from spatial.terrain.classes import NO_SLOPE


@dataclass
class _Patches:
    """Patches of a grid of classes, while they merge."""

    code: list[int]
    area_m2: list[float]
    beside: list[set[int]]
    root: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.root = list(range(len(self.code)))

    def target(self, patch: int) -> int | None:
        """Return the neighbour that takes a patch: of the lowest class, of those the largest, of those the first."""
        return min(self.beside[patch], key=lambda one: (self.code[one], -self.area_m2[one], one), default=None)

    def merge(self, patch: int, into: int) -> int:
        """Give a patch to a neighbour, and what thereby touches the neighbour's own class too; return who has it all."""
        waiting = [patch]
        while waiting:
            gone = waiting.pop()
            # The one with fewer neighbours moves: it is the cheaper one.
            code = self.code[into]
            if len(self.beside[gone]) > len(self.beside[into]):
                gone, into = into, gone
            self.code[into] = code
            self.root[gone] = into
            self.area_m2[into] += self.area_m2[gone]
            for other in self.beside[gone]:
                self.beside[other].discard(gone)
                if other != into:
                    self.beside[other].add(into)
                    self.beside[into].add(other)
            self.beside[gone] = set()
            waiting = [one for one in self.beside[into] if self.code[one] == code]
        return into

    def found(self, patch: int) -> int:
        """Return the patch that a patch has become part of."""
        while self.root[patch] != patch:
            patch = self.root[patch]
        return patch


def merge_small_patches(codes: NDArray[np.uint8], grid: Grid, min_patch_m2: float) -> NDArray[np.uint8]:
    """Merge patches that are too small, or nowhere two cells wide, with a neighbour.

    Parameters
    ----------
    codes : ndarray of uint8, shape (rows, columns)
        Slope classes; cells without a slope (0) stay and take nothing.
    grid
        Where the cells lie.
    min_patch_m2
        Patches of a smaller official area are merged, the smallest first.

    Returns
    -------
    ndarray of uint8, same shape

    Notes
    -----
    《利用DEM确定耕地坡度分级技术规定(试行)》2008, as DOMAIN 5.2 gives it: patches below 30 mm2 of the
    map go to the neighbour, the lower before the higher; so do stripes of one cell. The neighbour
    taken here is the one of the lowest class, of equal ones the largest. A patch whose neighbours all
    are steeper joins the least steep of them. Patches hang together along sides of cells, not corners.

    Examples
    --------
    >>> from affine import Affine
    >>> from pyproj import CRS
    >>> grid = Grid(CRS(4526), Affine(30, 0, 38405040, 0, -30, 4005360), (3, 4))
    >>> codes = np.array([[2, 2, 3, 3], [2, 4, 3, 3], [2, 2, 3, 3]], dtype=np.uint8)
    >>> merge_small_patches(codes, grid, 1000).tolist()
    [[2, 2, 3, 3], [2, 2, 3, 3], [2, 2, 3, 3]]
    """
    merged = _merged(codes, grid, min_patch_m2)
    while True:
        # Stripes that lie side by side become wide together, so each round looks at the grid anew.
        before, merged = merged, _merged(merged, grid, 0.0)
        if np.array_equal(before, merged):
            return merged


def _merged(codes: NDArray[np.uint8], grid: Grid, min_patch_m2: float) -> NDArray[np.uint8]:
    """Merge the patches below a size, until there are none; or, where it is nothing, the stripes that there are."""
    from spatial.terrain.kernels import label

    labels = np.empty(codes.shape, dtype=np.int32)
    count = label(np.ascontiguousarray(codes), labels)
    patches, wide = _patches(codes, labels, count, grid)
    small = [
        (area, patch)
        for patch, area in enumerate(patches.area_m2)
        if patches.code[patch] != NO_SLOPE and (area < min_patch_m2 if min_patch_m2 else not wide[patch])
    ]
    heapq.heapify(small)
    while small:
        area, patch = heapq.heappop(small)
        into = patches.target(patch) if patches.root[patch] == patch and patches.area_m2[patch] == area else None
        if into is None:
            continue
        whole = patches.merge(patch, into)
        if patches.area_m2[whole] < min_patch_m2:
            heapq.heappush(small, (patches.area_m2[whole], whole))
    return np.array([patches.code[patches.found(patch)] for patch in range(count)], dtype=np.uint8)[labels]


def _patches(
    codes: NDArray[np.uint8], labels: NDArray[np.int32], count: int, grid: Grid
) -> tuple[_Patches, NDArray[np.bool_]]:
    flat = labels.ravel()
    areas = np.bincount(flat, cell_areas_m2(grid).ravel(), minlength=count)
    code = np.zeros(count, dtype=np.int64)
    code[flat] = codes.ravel()
    # Wide is what has room for two by two cells somewhere.
    square = labels[:-1, :-1]
    same = (square == labels[1:, :-1]) & (square == labels[:-1, 1:]) & (square == labels[1:, 1:])
    wide = np.zeros(count, dtype=bool)
    wide[square[same]] = True
    beside: list[set[int]] = [set() for _ in range(count)]
    for one, other in ((labels[:, :-1], labels[:, 1:]), (labels[:-1], labels[1:])):
        touching = (one != other) & (code[one] != NO_SLOPE) & (code[other] != NO_SLOPE)
        pairs = np.unique(one[touching].astype(np.int64) * count + other[touching])
        for first, second in zip((pairs // count).tolist(), (pairs % count).tolist(), strict=True):
            beside[first].add(second)
            beside[second].add(first)
    return _Patches(code.tolist(), areas.tolist(), beside), wide
