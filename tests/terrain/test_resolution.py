from __future__ import annotations

import pytest

from spatial.terrain.resolution import coarseness
from tests.terrain.dems import grid


def test_cells_as_the_rule_asks_need_no_word() -> None:
    assert coarseness(grid(9, 9, 5.0), "a.tif") is None
    assert coarseness(grid(9, 9, 2.0), "a.tif") is None


@pytest.mark.parametrize(
    ("cell", "severity", "share", "factor"),
    [
        (10, "note", "12.3", "1.3"),
        (25, "note", "5.1", "3.1"),
        (30, "warning", "3.8", "4.2"),
        (200, "warning", "0.2", "79.5"),
    ],
)
def test_coarse_cells_are_told_with_figures(cell: float, severity: str, share: str, factor: str) -> None:
    found = coarseness(grid(9, 9, cell), "a.tif")
    assert found is not None
    assert (found.severity, found.values["share"], found.values["factor"]) == (severity, share, factor)
    assert f"{share} %" in found.text("en")
    assert "公告" in found.text("zh")


def test_a_second_of_arc_is_a_cell_of_28_metres() -> None:
    found = coarseness(grid(9, 9, 1 / 3600, 4490), "a.tif")
    assert found is not None
    assert found.values["cell"] == "27.8"
