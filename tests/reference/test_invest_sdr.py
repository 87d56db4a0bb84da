"""From heights to soil loss as InVEST's sediment model computes it: every step from our own step before it."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
import rasterio

from spatial.erosion.model import soil_loss
from spatial.erosion.slope_length import ls_invest
from spatial.terrain import flow as water
from spatial.terrain.slope import slope_of_rows
from tests.shared import shared

CELL_M = 30.0
#: Cells beyond which InVEST calls a flow a stream, one of the parameters of the case.
STREAM_CELLS = 100
#: What the case's README asks for; its rasters are float32.
RELATIVE = 1e-5


def band(path: Path) -> np.ndarray:
    with rasterio.open(path) as source:
        values: np.ndarray = source.read(1, masked=True).astype(float).filled(np.nan)
        return values


class Chain:
    """Our results, each computed from the one before, and where InVEST's are."""

    def __init__(self) -> None:
        self.results = shared("cases", "invest_sdr_synthetic") / "D8"
        self.steps = self.results / "intermediate_outputs"
        heights = band(self.steps / "masked_dem.tif")
        rows = heights.shape[0]
        self.flow = water.route(heights, np.full(rows, CELL_M), CELL_M)
        # InVEST takes the slope of the filled heights; ours has none in the outermost cells.
        self.slope_deg = slope_of_rows(self.flow.filled.astype(float), np.full((rows, 2), CELL_M))
        self.cells = water.accumulated(self.flow, np.ones(heights.shape))
        self.ls = ls_invest(self.cells, CELL_M, self.slope_deg)
        factors = {
            "R": band(self.steps / "masked_erosivity.tif"),
            "K": band(self.steps / "masked_erodibility.tif"),
            "L": self.ls,
            # L and S come as one number.
            "S": 1.0,
        }
        cover, support = self.practice()
        # InVEST gives no loss to the bed of a stream.
        dry = np.where(self.cells <= STREAM_CELLS, 1.0, np.nan)
        self.rkls = dry * soil_loss(factors | {"C": 1.0, "P": 1.0}, "rusle", checked=False)
        self.usle = dry * soil_loss(factors | {"C": cover, "P": support}, "rusle", checked=False)

    def practice(self) -> tuple[np.ndarray, np.ndarray]:
        """C and P of each cell from the table of land cover."""
        table = shared("cases", "invest_sdr_synthetic") / "input" / "biophysical.csv"
        rows = list(csv.DictReader(table.read_text(encoding="utf-8").splitlines()))
        code = band(self.steps / "masked_lulc.tif").astype(int)
        cover, support = (
            np.array([float(row[name]) for row in sorted(rows, key=lambda row: int(row["lucode"]))])
            for name in ("usle_c", "usle_p")
        )
        return cover[code - 1], support[code - 1]


@pytest.fixture(scope="module")
def chain() -> Chain:
    return Chain()


def agree(found: np.ndarray, expected: np.ndarray) -> None:
    """Equal to the tolerance wherever InVEST has a value, the outermost cells left out."""
    inner = (slice(1, -1), slice(1, -1))
    known = np.isfinite(expected[inner])
    assert known.sum() > 4000
    np.testing.assert_array_equal(np.isfinite(found[inner]), known)
    np.testing.assert_allclose(found[inner][known], expected[inner][known], rtol=RELATIVE)


def test_filled_heights_and_slope(chain: Chain) -> None:
    agree(chain.flow.filled, band(chain.steps / "pit_filled_dem.tif"))
    agree(100 * np.tan(np.radians(chain.slope_deg)), band(chain.steps / "slope.tif"))


def test_directions_of_flow(chain: Chain) -> None:
    # InVEST counts from the east against the clock, 0 to 7; what leaves the grid may go several ways.
    theirs = band(chain.steps / "flow_direction.tif")[1:-1, 1:-1]
    ours = (8 - chain.flow.direction[1:-1, 1:-1].astype(int)) % 8
    assert np.mean(ours == theirs) == 1.0


def test_contributing_cells_and_streams(chain: Chain) -> None:
    np.testing.assert_array_equal(chain.cells, band(chain.steps / "flow_accumulation.tif"))
    np.testing.assert_array_equal(chain.cells > STREAM_CELLS, band(chain.results / "stream.tif") == 1)


def test_length_and_steepness(chain: Chain) -> None:
    agree(chain.ls, band(chain.steps / "ls.tif"))


def test_loss_of_bare_ground_and_of_the_ground_as_it_is(chain: Chain) -> None:
    agree(chain.rkls, band(chain.results / "rkls.tif"))
    agree(chain.usle, band(chain.results / "usle.tif"))
    # A test that compares C and P with ones would pass where all land is bare.
    assert np.nanmax(chain.usle / chain.rkls) == 1.0
    assert np.nanmin(chain.usle / chain.rkls) == pytest.approx(0.003)
