"""What coarse cells do to slopes: they flatten them, and the steep classes shrink."""

from __future__ import annotations

import numpy as np

from spatial.findings import Finding
from spatial.grid import Grid
from spatial.roles import data_rows
from spatial.terrain.rule import rule_value


def coarseness(grid: Grid, source: str) -> Finding | None:
    """Return a warning with figures where cells are larger than the rule of 2008 asks for.

    Parameters
    ----------
    grid
        Of the heights.
    source
        Their file, for the message.

    Returns
    -------
    Finding or None
        How much land above 25 degrees a relief shows with the finest cells and with such cells, by
        ``data/slope_attenuation.csv`` (DOMAIN 5.4), between its rows by the logarithm of the cell.

    Examples
    --------
    >>> from affine import Affine
    >>> from pyproj import CRS
    >>> grid = Grid(CRS(4526), Affine(30, 0, 38405040, 0, -30, 4005360), (9, 9))
    >>> coarseness(grid, "dem.tif").values["factor"]
    '4.2'
    """
    cell_m = grid.cell_m
    # A geographic grid of 1:10,000 has cells of somewhat more than five metres one way.
    if cell_m <= rule_value("finest_cell_m") * 1.05:
        return None
    rows = data_rows("slope_attenuation.csv")
    cells, steep = (np.array([float(row[name]) for row in rows]) for name in ("cell_m", "share_5_pct"))
    here = float(np.interp(np.log(cell_m), np.log(cells), steep))
    values: dict[str, object] = {
        "cell": f"{cell_m:.3g}",
        "finest": f"{cells[0]:g}",
        "fine_share": f"{steep[0]:.1f}",
        "share": f"{here:.1f}",
        "factor": f"{steep[0] / here:.1f}",
    }
    severe = cell_m > rule_value("coarsest_cell_m") * 1.05
    return Finding("warning" if severe else "note", "dem_coarse", source, values=values)
