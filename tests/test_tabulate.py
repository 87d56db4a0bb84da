from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from spatial.areas import official_area_m2
from spatial.errors import InputError
from spatial.io.vector import read_vector
from spatial.tabulate import area_table
from tests.small import at, point, write


def table(path: Path, by: str | None = None):
    shapes = {"甲": at(0, 0, 100, 100), "乙": at(200, 0, 50, 100), "丙": at(400, 0, 10, 10)}
    file = read_vector(write(path / "a.parquet", shapes, town=["东", "西", "东"]))
    return file, area_table(file, by=by)


def test_one_row_per_feature(tmp_path: Path) -> None:
    file, areas = table(tmp_path)
    assert areas.planar_m2 is not None
    assert areas.planar_m2.tolist() == [10_000, 5_000, 100]
    assert areas.official_m2.tolist() == official_area_m2(file.features.geometry.array, file.crs).tolist()


def test_summed_by_a_field(tmp_path: Path) -> None:
    _, areas = table(tmp_path, by="town")
    assert areas.names == ("东", "西")
    assert areas.planar_m2 is not None
    assert areas.planar_m2.tolist() == [10_100, 5_000]


def test_adjusted_to_a_control_area_in_its_own_unit(tmp_path: Path) -> None:
    _, areas = table(tmp_path)
    control = Decimal(repr(round(areas.totals()[0], 2)))
    adjusted = areas.adjusted(control, "m2")
    assert sum(adjusted.areas) == control


def test_a_control_in_square_kilometres_is_not_rounded_to_hectares(tmp_path: Path) -> None:
    _, areas = table(tmp_path)
    control = Decimal("0.015097")
    adjusted = areas.adjusted(control, "km2")
    assert sum(adjusted.areas) == control
    assert min(adjusted.areas) > 0


def test_no_such_field_and_no_polygon(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="the fields are: name, town"):
        table(tmp_path, by="village")
    with pytest.raises(InputError, match="no polygons"):
        area_table(read_vector(write(tmp_path / "b.parquet", {"a": point(0, 0)})))
