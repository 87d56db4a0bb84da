"""A grid on the ground: where its cells lie, how large they are in metres, and whether two grids are one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from affine import Affine
from numpy.polynomial import chebyshev
from numpy.typing import NDArray
from pyproj import CRS, Proj

from spatial.crs import ELLIPSOID, definition_of, equal_area_crs, known_crs, to_degrees, transformers
from spatial.errors import InputError
from spatial.settings import setting
from spatial.words import Listed, Text

FloatArray = NDArray[np.float64]
#: First row or column, and the one after the last.
Span = tuple[int, int]

#: The area of a cell changes so smoothly over a plane that polynomials of this degree leave less than 1e-10 of it.
_DEGREE = 6
#: Side of the quadrilaterals by which the area of a plane is sampled [m]: long enough for the digits of
#: equal-area coordinates (1e-9 m), short enough for the ellipsoid's curvature, 1e-10 of an area each.
_SAMPLE_M = 60.0


@dataclass(frozen=True)
class Grid:
    """Where the cells of a raster lie.

    Parameters
    ----------
    crs
        CGCS2000 or WGS 84, geographic in degrees or projected in metres.
    transform
        From column and row to x (east) and y (north); row 0 is the northernmost.
    shape
        Rows and columns.

    Raises
    ------
    InputError
        If the grid is turned or mirrored, has no cells, or its datum is another one.

    Examples
    --------
    >>> grid = Grid(CRS(4526), Affine(30, 0, 38405040, 0, -30, 4005360), (1160, 767))
    >>> grid.bounds
    (38405040.0, 3970560.0, 38428050.0, 4005360.0)
    """

    crs: CRS
    transform: Affine
    shape: tuple[int, int]

    def __post_init__(self) -> None:
        a, b, _, d, e, _ = self.transform[:6]
        if b or d or a <= 0 or e >= 0:
            raise InputError("raster_turned")
        if min(self.shape) < 1:
            raise InputError("grid_empty")
        # One name for one plane: files list the axes of a coded system in different orders.
        object.__setattr__(self, "crs", CRS(definition_of(known_crs(self.crs.srs))))

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """West, south, east and north edge, in units of the system."""
        rows, columns = self.shape
        west, north = self.transform.c, self.transform.f
        return west, north + self.transform.e * rows, west + self.transform.a * columns, north

    @property
    def cell_m(self) -> float:
        """Side of a square as large as the cell in the middle [m]."""
        east_m, north_m = self.steps_m()
        middle = self.shape[0] // 2
        return float(np.sqrt(east_m[middle] * north_m[middle]))

    def latitudes_deg(self) -> FloatArray:
        """Return the latitude of the middle of each row of a geographic grid."""
        return np.asarray(self.transform.f + self.transform.e * (np.arange(self.shape[0]) + 0.5), dtype=np.float64)

    def steps_m(self) -> tuple[FloatArray, FloatArray]:
        """Return how far it is to the next cell in the east and in the north, for each row.

        Returns
        -------
        east_m, north_m : ndarray of float, shape (rows,)
            Metres. A projected grid has the same in all rows. On a geographic one a degree of
            longitude is ``N cos(B) pi/180`` and one of latitude ``M pi/180``, with the radii of the
            parallel's and the meridian's curvature on the ellipsoid of CGCS2000 (DOMAIN 2.2).

        Raises
        ------
        InputError
            If the plane stretches lengths so much that slopes in it would be wrong (Web Mercator).

        Examples
        --------
        >>> second = Grid(CRS(4490), Affine(1 / 3600, 0, 113, 0, -1 / 3600, 36.05 + 0.5 / 3600), (1, 1))
        >>> [round(float(step[0]), 3) for step in second.steps_m()]
        [25.03, 30.822]
        """
        rows = self.shape[0]
        if not self.crs.is_geographic:
            self._require_true_lengths()
            return np.full(rows, float(self.transform.a)), np.full(rows, -float(self.transform.e))
        latitude = np.radians(self.latitudes_deg())
        curvature = 1 - ELLIPSOID.es * np.sin(latitude) ** 2
        parallel = ELLIPSOID.a / np.sqrt(curvature) * np.cos(latitude)
        meridian = ELLIPSOID.a * (1 - ELLIPSOID.es) / curvature**1.5
        east_m: FloatArray = parallel * np.radians(self.transform.a)
        north_m: FloatArray = meridian * np.radians(-self.transform.e)
        return east_m, north_m

    def _require_true_lengths(self) -> None:
        west, south, east, north = self.bounds
        x, y = [west, west, east, east, (west + east) / 2], [south, north, south, north, (south + north) / 2]
        factors = Proj(self.crs).get_factors(*to_degrees(self.crs).transform(x, y))
        scales = np.concatenate([factors.meridional_scale, factors.parallel_scale])
        worst = float(scales[np.argmax(np.abs(scales - 1))])
        if not abs(worst - 1) <= setting("grid_stretch"):
            raise InputError("grid_stretched", crs=self.crs.name, percent=f"{100 * (worst - 1):+.1f}")

    def window(self, rows: Span, columns: Span) -> Grid:
        """Return the grid of a part of the cells, given first row and column and the ones after the last."""
        corner = self.transform @ Affine.translation(columns[0], rows[0])
        return Grid(self.crs, corner, (rows[1] - rows[0], columns[1] - columns[0]))


def require_same(first: Grid, second: Grid, names: tuple[str, str]) -> None:
    """Refuse two grids whose cells do not coincide.

    Parameters
    ----------
    first, second
    names
        Their files, for the message.

    Raises
    ------
    InputError
        With all that differs: coordinate system, cell size, origin, numbers of cells, common part.
    """
    found = differences(first, second)
    if found:
        raise InputError("grid_differs", first=names[0], second=names[1], what=Listed(tuple(found)))


def differences(first: Grid, second: Grid) -> list[Text]:
    """Return in what two grids differ, nothing where their cells coincide.

    Origins that differ by less than a thousandth of a cell are the same: files round them.
    """
    if first.crs != second.crs:
        names = {"first": definition_of(first.crs)[:40], "second": definition_of(second.crs)[:40]}
        return [Text("grid_other_crs", dict(names))]
    a, b = first.transform, second.transform
    span = max(*first.shape, *second.shape)
    found = []
    if max(abs(a.a / b.a - 1), abs(a.e / b.e - 1)) * span > 1e-3:  # noqa: PLR2004 -- a thousandth of a cell
        sizes = [f"{abs(one.a):.10g} x {abs(one.e):.10g}" for one in (a, b)]
        return [Text("grid_other_cells", {"first": sizes[0], "second": sizes[1]})]
    east, south = (b.c - a.c) / a.a, (b.f - a.f) / a.e
    if max(abs(east - round(east)), abs(south - round(south))) > 1e-3:  # noqa: PLR2004
        found.append(Text("grid_other_lattice", {"east": f"{east % 1:.3f}", "south": f"{south % 1:.3f}"}))
    elif max(abs(east), abs(south)) > 1e-3:  # noqa: PLR2004
        found.append(Text("grid_other_origin", {"east": round(east), "south": round(south)}))
    if first.shape != second.shape:
        sizes = [f"{columns} x {rows}" for rows, columns in (first.shape, second.shape)]
        found.append(Text("grid_other_size", {"first": sizes[0], "second": sizes[1]}))
    if found:
        found.append(Text("grid_common", {"percent": f"{100 * _common_share(first, second):.1f}"}))
    return found


def _common_share(first: Grid, second: Grid) -> float:
    """Return the share of the first grid's plane that the second one covers."""
    west, south, east, north = first.bounds
    other = second.bounds
    width, height = min(east, other[2]) - max(west, other[0]), min(north, other[3]) - max(south, other[1])
    return max(width, 0.0) * max(height, 0.0) / ((east - west) * (north - south))


def common_window(first: Grid, second: Grid) -> tuple[Span, Span] | None:
    """Return the rows and columns of the first grid that the second one covers as well.

    Parameters
    ----------
    first, second
        Of one coordinate system and one lattice (:func:`differences` says whether they are).

    Returns
    -------
    tuple of two spans, or None
        Rows and columns; ``None`` where nothing is common.
    """
    column = round((second.transform.c - first.transform.c) / first.transform.a)
    row = round((second.transform.f - first.transform.f) / first.transform.e)
    rows = max(row, 0), min(row + second.shape[0], first.shape[0])
    columns = max(column, 0), min(column + second.shape[1], first.shape[1])
    return (rows, columns) if rows[0] < rows[1] and columns[0] < columns[1] else None


def cell_area_series(grid: Grid) -> FloatArray:
    """Return the official area of the cells of each row as a polynomial of the column.

    A million areas need not be stored: they follow from a few numbers of each row.

    Returns
    -------
    ndarray of float, shape (rows, 7)
        Coefficients c so that the cell of column j has ``c[0] + c[1] u + c[2] u**2 + ...`` square
        metres, with ``u = (2 j + 1) / columns - 1`` between -1 and 1. All but the first are
        0 on a geographic grid.

    Notes
    -----
    The official area is the area in the equal-area plane (DOMAIN 1.2). How many times larger or
    smaller a small square is there than in the grid's plane is found at Chebyshev nodes of the
    grid's extent and interpolated between them.
    """
    rows = grid.shape[0]
    if grid.crs.is_geographic:
        x = np.array([0.0, grid.transform.a])
        latitude = grid.transform.f + grid.transform.e * np.arange(rows + 1.0)
        along, _ = _to_equal_area(grid, x, np.zeros(2))
        _, across = _to_equal_area(grid, np.zeros(rows + 1), latitude)
        areas = np.zeros((rows, _DEGREE + 1))
        areas[:, 0] = -np.diff(across) * (along[1] - along[0])
        return areas
    nodes = chebyshev.chebpts1(_DEGREE + 1)
    west, south, east, north = grid.bounds
    u, v = np.meshgrid(nodes, nodes)
    density = _density(grid, (west + east) / 2 + u * (east - west) / 2, (north + south) / 2 - v * (north - south) / 2)
    # The values at Chebyshev nodes give the coefficients in both directions.
    inverse = np.linalg.inv(chebyshev.chebvander(nodes, _DEGREE))
    coefficients = inverse @ density @ inverse.T
    middle = (2 * np.arange(rows) + 1) / rows - 1
    by_row = chebyshev.chebvander(middle, _DEGREE) @ coefficients
    to_powers = np.array([_padded(chebyshev.cheb2poly(unit)) for unit in np.eye(_DEGREE + 1)])
    series: FloatArray = by_row @ to_powers * (grid.transform.a * -grid.transform.e)
    return series


def cell_areas_m2(grid: Grid, rows: Span | None = None) -> FloatArray:
    """Return the official area of each cell.

    Parameters
    ----------
    grid
        In any plane of the datum.
    rows
        First row and the one after the last; all where left out.

    Returns
    -------
    ndarray of float, shape (rows, columns)
        Square metres, within 1e-9 of the area in the equal-area plane.
    """
    series = cell_area_series(grid)[slice(*rows) if rows else slice(None)]
    u = (2 * np.arange(grid.shape[1]) + 1) / grid.shape[1] - 1
    areas = np.zeros((len(series), u.size))
    for term in series.T[::-1]:
        areas = areas * u + term[:, None]
    return areas


def _padded(powers: NDArray[Any]) -> FloatArray:
    return np.pad(powers, (0, _DEGREE + 1 - len(powers)))


def _density(grid: Grid, x: FloatArray, y: FloatArray) -> FloatArray:
    """Return the official area of a unit of the plane at each point, by a small square around it."""
    half = _SAMPLE_M / 2
    corners = [
        _to_equal_area(grid, x + east, y + north)
        for east, north in ((-half, -half), (half, -half), (half, half), (-half, half))
    ]
    first = corners[2][0] - corners[0][0], corners[2][1] - corners[0][1]
    second = corners[3][0] - corners[1][0], corners[3][1] - corners[1][1]
    # The area of a quadrilateral is half the cross product of its diagonals.
    area: FloatArray = (first[0] * second[1] - first[1] * second[0]) / 2 / _SAMPLE_M**2
    return area


def _to_equal_area(grid: Grid, x: FloatArray, y: FloatArray) -> tuple[FloatArray, FloatArray]:
    for step in transformers(grid.crs.srs, equal_area_crs().srs):
        x, y = step.transform(x, y)
    return np.asarray(x), np.asarray(y)
