"""Declared areas and numbers of points, with real parcels."""

from __future__ import annotations

import geopandas as gpd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyproj import CRS
from shapely import Polygon

from spatial.areas import official_area_m2, planar_area_m2
from spatial.check.declared import compare, field_of, number_of, unit_in
from spatial.check.file import check_file
from spatial.check.layer import check_layer
from spatial.units import M2_PER_UNIT, AreaUnit
from tests.shared import shared
from tests.traps.shapes import at, layer, square

PLANE = CRS("EPSG:4526")
#: TV2 of DOMAIN 1.5, zone 37: the plane is 4605000 m2, the official area 4604999.4920 m2.
TV2 = Polygon([(37497000, 3872000), (37499500, 3872200), (37499000, 3874800), (37498200, 3873500), (37497100, 3874600)])


def found(frame: gpd.GeoDataFrame) -> list:
    names = [str(row + 1) for row in range(len(frame))]
    return check_layer(frame, "a", names, crs=PLANE)


def test_the_ministrys_own_example() -> None:
    """TV1 (DOMAIN 3.1): 7.3333 ha of the plane are 110 mu, officially 7.3319 ha."""
    assert compare(7.3333, "ha", 73333.2899, 73318.6315).basis == "planar"
    assert compare(7.3319, "ha", 73333.2899, 73318.6315).basis == "official"
    assert compare(110, "mu", 73333.2899, 73318.6315).basis == "planar"
    wrong = compare(110, "ha", 73333.2899, 73318.6315)
    assert (wrong.unit, wrong.basis) == ("mu", "planar")
    assert compare(7.5, "ha", 73333.2899, 73318.6315).basis is None


def test_a_figure_in_mu_is_rounded_to_its_second_decimal() -> None:
    """5.27 mu are 3513.33 m2; with two decimals it stands for 3510.00 to 3516.67 m2."""
    assert compare(5.27, "mu", 3513.0, 3512.4).basis == "either"
    assert compare(5.27, "mu", 3517.0, 3516.4).basis == "official"
    assert compare(5.28, "mu", 3513.0, 3512.4).basis is None


def test_near_the_central_meridian_both_fit() -> None:
    assert compare(460.5, "ha", 4605000.0, 4604999.4920).basis == "planar"
    assert compare(4604999.75, "m2", 4605000.0, 4604999.4920).basis == "either"
    assert planar_area_m2([TV2], CRS(4525))[0] == pytest.approx(4605000)


@given(st.floats(10, 1e8), st.floats(0.9995, 1.0008), st.sampled_from(["m2", "ha", "mu", "km2"]), st.booleans())
def test_an_exact_figure_is_recognised_in_every_unit(
    official: float, stretch: float, unit: AreaUnit, is_planar: bool
) -> None:
    planar = official * stretch
    meant = planar if is_planar else official
    result = compare(meant / float(M2_PER_UNIT[unit]), unit, planar, official)
    assert result.unit == unit
    assert result.basis in {"either", "planar" if is_planar else "official"} or planar == official
    assert result.declared_m2 == pytest.approx(meant)


@pytest.mark.parametrize(
    ("column", "known"),
    [
        ("DKMJ", ("area", "ha")),
        ("地块面积(公顷)", ("area", "ha")),
        ("申报面积（亩）", ("area", "mu")),
        ("申报面积", ("area", None)),
        ("declared_area_ha", ("area", "ha")),
        ("JZDS", ("points", None)),
        ("SHAPE_Area", None),
        ("建筑面积", None),
    ],
)
def test_fields_that_declare(column: str, known: object) -> None:
    assert field_of(column) == known


def test_cells_may_name_their_unit() -> None:
    assert number_of("7.33 公顷") == (7.33, "ha")
    assert number_of(float("nan")) is None
    assert number_of("1,5") is None
    assert number_of("5 间") is None
    assert unit_in("面积(平方千米)") == "km2"


def test_a_column_of_matches_is_one_note_with_all_three_sums() -> None:
    shapes = [square(0, 0, 300), square(300, 0, 300)]
    frame = layer(shapes, DKMJ=["9.0000", "9.0000"])
    (finding,) = found(frame)
    official = official_area_m2([at(shape) for shape in shapes], PLANE).sum()
    assert (finding.code, finding.values["count"], finding.feature) == ("declared_planar", 2, "1, 2")
    assert finding.values["declared"] == "180000.00"
    assert finding.values["official"] == f"{official:.2f}"


def test_the_factor_of_a_wrong_unit() -> None:
    (finding,) = found(layer([square(0, 0, 300)], DKMJ=["90000"]))
    assert finding.code == "declared_unit"
    assert float(str(finding.values["factor"])) == pytest.approx(10_000, rel=1e-3)
    assert "平方米" in finding.text("zh")


def test_points_count_with_or_without_the_closing_one() -> None:
    for count, codes in ((4, []), (5, []), (3, ["declared_points"]), (6, ["declared_points"])):
        assert [finding.code for finding in found(layer([square()], JZDS=[str(count)]))] == codes


def test_without_a_plane_nothing_is_compared() -> None:
    frame = layer([square()], crs=None, DKMJ=["1.0"])
    assert check_layer(frame, "a", ["1"], crs=None) == []


def test_eleven_real_parcels_declare_the_planar_area() -> None:
    """Two of them are so small that both areas print as the same fourth decimal of a hectare."""
    basis = []
    for path in sorted(shared("data", "txt_parcels").glob("*.txt")):
        (one,) = check_file(path)
        declared = [finding for finding in one.report.findings if finding.code.startswith("declared_")]
        basis += [(finding.code, finding.values) for finding in declared]
    assert sorted(code for code, _ in basis) == ["declared_either"] * 2 + ["declared_planar"] * 9
    for _, values in basis:
        declared, planar = float(str(values["declared"])), float(str(values["planar"]))
        assert abs(declared - planar) <= 0.5
        assert 0 < planar - float(str(values["official"])) < 5e-4 * planar
