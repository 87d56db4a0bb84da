from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from spatial.grid import cell_areas_m2
from spatial.terrain.classes import scheme_of
from spatial.terrain.polygons import class_polygons
from spatial.terrain.surface import surface_areas_m2
from tests.terrain.dems import EAST, NORTH, grid

SURVEY = scheme_of("survey")


def test_patches_by_hand() -> None:
    codes = np.array([[1, 1, 3], [1, 3, 3], [0, 0, 3]], np.uint8)
    found = class_polygons(codes, grid(3, 3), SURVEY)
    assert found["code"].tolist() == [1, 3]
    assert found["name_zh"].tolist() == ["Ⅰ级（≤2°）", "Ⅲ级（6°～15°）"]
    assert shapely.area(found.geometry).tolist() == [2700, 3600]
    assert found.crs.to_epsg() == 4526
    assert found.geometry[0].bounds == (EAST, NORTH - 60, EAST + 60, NORTH)


@pytest.mark.parametrize("crs", [4526, 4490])
@given(hnp.arrays(np.uint8, st.tuples(st.integers(1, 12), st.integers(1, 12)), elements=st.integers(0, 5)))
def test_areas_sum_to_those_of_the_cells(crs: int, codes: np.ndarray) -> None:
    on = grid(*codes.shape, 30.0 if crs == 4526 else 1 / 3600, crs)
    found = class_polygons(codes, on, SURVEY)
    cells = np.bincount(codes.ravel(), cell_areas_m2(on).ravel(), minlength=6)
    polygons = np.bincount(found["code"], found["area_m2"], minlength=6)
    assert polygons[1:] == pytest.approx(cells[1:], rel=1e-12)
    assert shapely.is_valid(found.geometry).all()


def test_the_surface_is_larger_than_the_plan_by_domain_5_6() -> None:
    slope = np.array([[2, 6, 15, 25, np.nan]], np.float32)
    ratio = surface_areas_m2(slope, grid(1, 5)) / cell_areas_m2(grid(1, 5))
    assert ratio[0] == pytest.approx([1.00061, 1.00551, 1.03528, 1.10338, np.nan], abs=1e-5, nan_ok=True)
