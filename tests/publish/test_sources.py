"""Sources of layers on the sample: their figures are those of the analyses, to the printed digit."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from pyproj import CRS

from spatial.areas import official_area_m2
from spatial.catalog import load_workspace
from spatial.coverage.run import Asked, run_coverage
from spatial.crs import CGCS2000_GEOGRAPHIC
from spatial.equal_area import reproject
from spatial.erosion.result import Chosen, run_erosion
from spatial.errors import InputError
from spatial.loading import load_layer, only_layer
from spatial.publish.sources.colours import coloured
from spatial.publish.sources.patches import coarser, patches_of
from spatial.publish.sources.registry import SOURCES
from spatial.publish.sources.scene import Scene, break_classes, styles
from spatial.tables.coverage import units_table
from spatial.tables.erosion import erosion_tables
from spatial.tables.measures import ranked
from tests.terrain.dems import grid as grid_of

SAMPLE = Path(__file__).parents[2] / "layers" / "shangdang"
DATE = dt.date(2026, 1, 1)


@pytest.fixture(scope="module")
def scene() -> Scene:
    return Scene(load_workspace(SAMPLE), DATE, "zh")


def column(layer, key):
    return [row[[one.key for one in layer.columns].index(key)] for row in layer.rows]


def test_roles_are_drawn_with_the_strictest_on_top(scene):
    layers = SOURCES["roles"].draw(scene, {}).layers
    assert [layer.role for layer in layers][-1] == "ECO_RED"
    assert not next(layer for layer in layers if layer.role == "UDB_OUT").shown
    assert all(layer.illustrative and layer.note for layer in layers)


def test_areas_of_roles_are_official(scene):
    (layer,) = SOURCES["roles"].draw(scene, {"roles": ["ECO_RED"]}).layers
    loaded = load_layer(only_layer(scene.workspace, "ECO_RED", DATE), scene.plane)
    official = official_area_m2(loaded.geometry, scene.plane) / 1e4
    assert column(layer, "area_ha") == pytest.approx(official, abs=5e-5)
    lon, lat = shapely.get_coordinates(layer.shapes).T
    assert 112.9 < lon.min() < lon.max() < 113.3
    assert 35.8 < lat.min() < lat.max() < 36.2


def test_coverage_says_what_its_table_says(scene):
    (layer,) = SOURCES["coverage"].draw(scene, {}).layers
    table = units_table(run_coverage(scene.workspace, DATE, Asked((), ("TOWNSHIP",))), "zh")
    known = {row[0]: row[1:5] for row in table.rows}
    for name, unit, covered, share in zip(
        *(column(layer, key) for key in ("name", "unit_ha", "covered_ha", "share_pct")), strict=True
    ):
        assert (unit, covered, share) == pytest.approx((known[name][0], known[name][1], known[name][3]))
    assert set(layer.chart_keys) >= {"ECO_RED", "SCENIC"}


def test_slope_classes_sum_to_the_district(scene):
    (layer,) = SOURCES["slope"].draw(scene, {}).layers
    shares = dict(zip(column(layer, "slope_class"), column(layer, "class_pct"), strict=True))
    assert sum(shares.values()) == pytest.approx(100.0, abs=0.05)
    assert len(layer.symbols) == len(shares) == 5


def test_farmland_loses_less_after_measures(scene):
    (before,) = SOURCES["loss_before"].draw(scene, {}).layers
    (after,) = SOURCES["loss_after"].draw(scene, {}).layers
    (priority,) = SOURCES["priority"].draw(scene, {}).layers
    first, last = (np.array(column(before, key), dtype=float) for key in ("before_t_a", "after_t_a"))
    assert (last <= first).all()
    assert last.sum() < first.sum()
    assert (after.symbol_of <= before.symbol_of).all()
    ranks = dict(zip(column(priority, "parcel"), column(priority, "rank"), strict=True))
    reported = ranked(scene.made["erosion with measures"].measures)
    assert ranks == dict(zip(reported["parcel"], reported["rank"], strict=True))


def test_loss_by_grade_is_the_table_of_the_analysis_and_names_its_tolerance(scene):
    (layer,) = SOURCES["loss"].draw(scene, {}).layers
    result = run_erosion(scene.workspace, scene.date, Chosen())
    table = next(table for table in erosion_tables(result, "zh") if table.key == "erosion_grades")
    first = [row for row in table.rows if row[0] == table.rows[0][0]]
    assert [row[1:] for row in first] == [*layer.rows]
    assert sum(column(layer, "class_pct")) == pytest.approx(100, abs=0.05)
    assert str(table.rows[0][0]).endswith(" 200")
    assert "200 t/(km²·a)" in layer.title
    assert layer.chart_keys == ()


def test_what_loss_is_drawn_is_near_what_there_is(scene):
    (layer,) = SOURCES["loss"].draw(scene, {}).layers
    plane = scene.plane
    drawn = official_area_m2(reproject(layer.shapes, CRS(CGCS2000_GEOGRAPHIC), plane), plane) / 1e4
    assert drawn == pytest.approx(np.array(column(layer, "class_ha"), dtype=float), rel=0.25)


def test_an_outline_has_no_fill_to_be_clicked_and_a_zone_has(scene):
    layers = {layer.role: layer for layer in SOURCES["roles"].draw(scene, {"roles": ["DISTRICT", "ECO_RED"]}).layers}
    assert layers["DISTRICT"].symbols[0].fill == ""
    assert layers["ECO_RED"].symbols[0].fill


def test_change_has_its_states(scene):
    (layer,) = SOURCES["change"].draw(scene, {"role": "ECO_RED"}).layers
    assert {layer.symbols[place].label for place in set(layer.symbol_of.tolist())} == {
        "保留",
        "新增",
        "减少",
        "重绘碎片",
    }


def test_projects_have_the_verdict_of_the_screening(scene):
    overlaps, projects = SOURCES["screening"].draw(scene, {}).layers
    verdicts = column(projects, "verdict")
    assert all(projects.symbols[place].label in text for place, text in zip(projects.symbol_of, verdicts, strict=True))
    assert len(overlaps.feature_roles) == len(overlaps.shapes)


def test_a_workspace_without_heights(tmp_path):
    text = (SAMPLE / "catalog.toml").read_text(encoding="utf-8").replace('role = "DEM"', 'role = "FOREST"')
    for path in SAMPLE.iterdir():
        if path.suffix in {".parquet", ".tif", ".gpkg"}:
            (tmp_path / path.name).symlink_to(path)
    (tmp_path / "catalog.toml").write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as raised:
        SOURCES["slope"].draw(Scene(load_workspace(tmp_path), DATE, "zh"), {})
    assert raised.value.key == "role_missing"


def test_break_classes_are_open_above():
    assert break_classes(np.array([4.999, 5.0, 15.0, 60.0, np.nan]), [5.0, 15.0]).tolist() == [0, 1, 2, 2, 3]


@given(arrays(np.uint8, st.tuples(st.integers(1, 9), st.integers(1, 9)), elements=st.integers(0, 5)), st.integers(1, 4))
def test_coarser_classes_are_among_those_of_their_square(codes, factor):
    found = coarser(codes, factor)
    assert found.shape == tuple(-(-size // factor) for size in codes.shape)
    for row in range(found.shape[0]):
        for place in range(found.shape[1]):
            square = codes[row * factor : (row + 1) * factor, place * factor : (place + 1) * factor]
            known = square[square > 0]
            counts = np.bincount(known, minlength=6) if known.size else np.zeros(6)
            assert counts[found[row, place]] == counts.max()


def test_patches_leave_out_what_is_outside():
    grid = grid_of(60, 60)
    codes = np.ones((60, 60), dtype=np.uint8)
    codes[30:, :] = 2
    codes[5:8, 5:8] = 2
    west, south, east, north = grid.bounds
    half = np.array([shapely.box(west, south, (west + east) / 2, north), None], dtype=object)[:1]
    found = patches_of(codes, grid, half, grid.crs)
    # One polygon for each class, and a small patch of it is drawn.
    assert found.code.tolist() == [1, 2]
    assert shapely.area(found.shapes).tolist() == pytest.approx([(30 * 30 - 9) * 900.0, (30 * 30 + 9) * 900.0])


def test_patches_are_merged_only_as_far_as_their_number_asks(monkeypatch):
    grid = grid_of(60, 60)
    codes = np.ones((60, 60), dtype=np.uint8)
    codes[::4, ::4] = 2
    codes[10:13, 10:13] = 3
    whole = np.array([shapely.box(*grid.bounds)], dtype=object)
    monkeypatch.setitem(styles(), "sieve", {"cells": 1, "most_patches": 1000})
    every = patches_of(codes, grid, whole, grid.crs)
    assert every.code.tolist() == [1, 2, 3]
    assert shapely.area(every.shapes).tolist() == pytest.approx([(codes == code).sum() * 900.0 for code in (1, 2, 3)])
    monkeypatch.setitem(styles(), "sieve", {"cells": 1, "most_patches": 100})
    fewer = patches_of(codes, grid, whole, grid.crs)
    assert fewer.code.tolist() == [1, 3]
    assert fewer.merged_m == pytest.approx(30.0)


def named(scene, **options):
    (layer,) = SOURCES["roles"].draw(scene, {"roles": ["ECO_RED"], **options}).layers
    return layer


def test_a_layer_coloured_by_a_category(scene):
    layer = named(scene, colour_by="type")
    labels = [layer.symbols[place].label for place in layer.symbol_of]
    assert labels == column(layer, "type")
    # The most frequent comes first.
    assert layer.symbols[0].label == "水土保持"


def test_a_layer_coloured_by_a_number(scene):
    layer = named(scene, colour_by="area_ha")
    areas = np.array(column(layer, "area_ha"))
    assert (np.diff(layer.symbol_of[np.argsort(areas)]) >= 0).all()
    assert set(layer.symbol_of.tolist()) == {0, 1, 2, 3, 4}


def test_nulls_and_many_categories_have_a_symbol_each(scene):
    layer = named(scene)
    many = replace(
        layer,
        shapes=np.repeat(layer.shapes[:1], 203),
        symbol_of=np.zeros(203, dtype=np.int32),
        rows=tuple((f"c{number}" if number < 200 else "", *layer.rows[0][1:]) for number in range(203)),
    )
    made = coloured(many, "name", "zh")
    assert len(made.symbols) == 14
    assert [made.symbols[place].label for place in made.symbol_of[-3:]] == ["无数据"] * 3
    assert np.bincount(made.symbol_of).tolist() == [1] * 12 + [188, 3]


def test_numbers_that_are_all_missing_have_one_class(scene):
    layer = named(scene)
    empty = replace(layer, rows=tuple((*row[:2], None, *row[3:]) for row in layer.rows))
    made = coloured(empty, "area_ha", "en")
    assert {made.symbols[place].label for place in made.symbol_of} == {"no figure"}


def test_a_style_of_the_recipe(scene):
    layer = named(scene, style={"fill": "#123456", "width": 3, "hatch": "dots"})
    assert (layer.symbols[0].fill, layer.symbols[0].width, layer.symbols[0].hatch) == ("#123456", 3, "dots")


@pytest.mark.parametrize(
    ("options", "key"),
    [
        ({"colour_by": "no"}, "recipe_colour"),
        ({"style": {"colour": "#000000"}}, "recipe_style"),
        ({"style": {"fill": "red"}}, "recipe_style_value"),
        ({"style": {"width": "3"}}, "recipe_style_value"),
        ({"style": {"hatch": "waves"}}, "recipe_style_value"),
    ],
)
def test_styles_that_are_refused(scene, options, key):
    with pytest.raises(InputError) as raised:
        named(scene, **options)
    assert raised.value.key == key


def test_the_map_of_grades_has_the_shares_of_the_table(scene):
    (layer,) = SOURCES["loss"].draw(scene, {}).layers
    result = scene.made["erosion"]
    (table,) = [one for one in erosion_tables(result, "zh") if one.key == "erosion_grades"]
    leading = {row[1]: row[3] for row in table.rows[:6]}
    drawn = dict(zip(column(layer, "grade"), column(layer, "class_pct"), strict=True))
    assert drawn == {grade: leading[grade] for grade in drawn}
