"""Townships: one area per seat, bounded by ridges and rivers, that tile the district exactly."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely
from rasterio.features import shapes
from scipy import sparse
from scipy.ndimage import maximum_filter
from scipy.sparse.csgraph import dijkstra
from shapely.geometry import shape

from layers.drawing.canvas import smooth
from layers.drawing.land import ROUND_M, Land

if TYPE_CHECKING:
    from numpy.typing import NDArray

    FloatArray = NDArray[np.float64]


def travel_cost(land: Land) -> FloatArray:
    """Return the effort of crossing a cell: dear on slopes, crests and rivers."""
    numbers = land.facts["townships"]
    crest = np.clip(land.above_stream - smooth(land.above_stream, 8), 0, None) / numbers["crest_for_one_m"]
    large = land.network.drained > numbers["brook_km2"] * 1e6 / land.canvas.cell_m**2
    rivers = land.canvas.burn([land.network.river(*numbers["border_rivers"])], touched=True)
    barrier = maximum_filter(large, 3) * numbers["brook_cost"] + maximum_filter(rivers, 3) * numbers["river_cost"]
    winding = np.exp(numbers["winding"] * land.canvas.noise("townships", numbers["winding_m"]))
    return np.asarray(winding * (1 + smooth(land.slope, 2) / numbers["slope_for_one"] + crest) + barrier)


def nearest_seat(cost: FloatArray, seats: NDArray[np.int64]) -> NDArray[np.int32]:
    """
    Label every cell with the seat that is reached with the least effort.

    Parameters
    ----------
    cost : ndarray, shape (rows, columns)
        Effort of one step in a cell; a step costs the mean of its two cells times its length.
    seats : ndarray, shape (n, 2)
        Rows and columns of the seats.

    Returns
    -------
    ndarray of int32
        Index of the seat.
    """
    cells = np.arange(cost.size).reshape(cost.shape)
    pairs = [
        (cells[:, :-1], cells[:, 1:], 1.0),
        (cells[:-1], cells[1:], 1.0),
        (cells[:-1, :-1], cells[1:, 1:], np.sqrt(2)),
        (cells[:-1, 1:], cells[1:, :-1], np.sqrt(2)),
    ]
    ends = [np.concatenate([pair[end].ravel() for pair in pairs]) for end in (0, 1)]
    steps = np.concatenate([np.full(a.size, length) for a, _, length in pairs])
    effort = steps * (cost.ravel()[ends[0]] + cost.ravel()[ends[1]]) / 2
    graph = sparse.csr_array((effort, (ends[0], ends[1])), shape=(cost.size, cost.size))
    seat_cells = cells[seats[:, 0], seats[:, 1]]
    _, _, origin = dijkstra(graph, directed=False, indices=seat_cells, min_only=True, return_predecessors=True)
    number = {int(cell): index for index, cell in enumerate(seat_cells)}
    return np.asarray(np.vectorize(number.__getitem__, otypes=[np.int32])(origin).reshape(cost.shape))


def townships(land: Land) -> list[shapely.Polygon]:
    """Return one polygon per seat of the facts, in their order; together they are the district."""
    block = 2
    cost = travel_cost(land)[::block, ::block]
    rows, cols = land.canvas.cell_of(land.canvas.project([t["seat"] for t in land.facts["township"]]))
    labels = nearest_seat(cost, np.column_stack([rows, cols]) // block)
    found = shapes(labels, transform=land.canvas.window_transform(0, 0, block))
    coverage = [shape(geojson) for geojson, _ in found]
    thin = shapely.coverage_simplify(coverage, land.facts["townships"]["thin_m"], simplify_boundary=False)
    borders = shapely.union_all([*shapely.boundary(thin), land.outline.exterior], grid_size=ROUND_M)
    faces = shapely.get_parts(shapely.polygonize(shapely.get_parts(borders)))
    faces = faces[shapely.contains(land.outline, shapely.point_on_surface(faces))]
    row, col = land.canvas.cell_of(np.array([shapely.get_coordinates(f.representative_point())[0] for f in faces]))
    owner = labels[np.minimum(row // block, labels.shape[0] - 1), np.minimum(col // block, labels.shape[1] - 1)]
    owner = _without_exclaves(faces, owner)
    return [_one_piece(faces[owner == seat]) for seat in range(len(rows))]


def _without_exclaves(faces: NDArray[np.object_], owner: NDArray[np.int32]) -> NDArray[np.int32]:
    """Give every face that the outline cut off from its seat's main one to the neighbour it borders most."""
    areas = shapely.area(faces)
    largest = {int(seat): max(np.flatnonzero(owner == seat), key=lambda i: areas[i]) for seat in set(owner)}
    main = np.array(sorted(largest.values()))
    made = owner.copy()
    for index in sorted(set(range(len(faces))) - set(main.tolist())):
        shared = shapely.length(shapely.intersection(faces[main], faces[index].exterior))
        made[index] = owner[main[int(np.argmax(shared))]]
    return made


def _one_piece(faces: NDArray[np.object_]) -> shapely.Polygon:
    return shapely.orient_polygons(shapely.normalize(shapely.coverage_union_all(faces)))
