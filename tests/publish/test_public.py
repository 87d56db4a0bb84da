"""What may leave the office: roles, secrets, attributes, positions."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from spatial.crs import ELLIPSOID
from spatial.errors import InputError
from spatial.publish.model import Layer, Symbol
from spatial.publish.public import lattice_of, make_public
from spatial.publish.recipe import Recipe
from spatial.publish.secrets import secret_of
from spatial.tables.cells import Column
from spatial.words import Both

RECIPE = Recipe(Path("r.toml"), Both("图", "map"), "public", "none", ())


def layer(*shapes: shapely.Geometry, role: str = "TOWNSHIP", names: tuple[str, ...] = (), **more: object) -> Layer:
    array = np.empty(len(shapes), dtype=object)
    array[:] = shapes
    found = names or tuple(f"n{place}" for place in range(len(shapes)))
    columns = (Column("name", "名称", "text"), Column("phone", "电话", "text"))
    rows = tuple((name, "x") for name in found)
    symbols = (Symbol("", "#ffffff", "#000000"),)
    made = Layer("a", role, "层", "组", array, symbols, np.zeros(len(shapes), dtype=np.int32), columns, rows, "name")
    return replace(made, **more)


SQUARE = shapely.box(113.0, 36.0, 113.02, 36.02)


def test_attributes_not_listed_are_gone_from_the_data():
    made = make_public([layer(SQUARE)], RECIPE, [("name",)])
    assert [column.key for column in made.layers[0].columns] == ["name"]
    assert made.layers[0].rows == (("n0",),)
    assert [(one.what, one.name) for one in made.removed] == [("attribute", "电话")]


def test_no_attribute_at_all_leaves_shapes_without_names():
    made = make_public([layer(SQUARE, labelled=True)], RECIPE, [()])
    assert (made.layers[0].columns, made.layers[0].rows, made.layers[0].name_key) == ((), (), "")
    assert not made.layers[0].labelled


@pytest.mark.parametrize("role", ["ECO_RED", "WS1", "PBF", "SOIL_LIST"])
def test_restricted_roles_need_a_release(role):
    zone = layer(SQUARE, role=role)
    made = make_public([zone], RECIPE, [("name",)])
    assert not made.layers
    assert made.removed[0].what == "layer"
    released = replace(RECIPE, release={role: "晋政函〔2026〕1号"})
    assert len(make_public([zone], released, [("name",)]).layers) == 1


def test_outlines_that_repeat_a_restricted_role_go_with_it():
    both = layer(SQUARE, SQUARE, role="PROJECT", feature_roles=("ECO_RED", "SCENIC"))
    made = make_public([both], RECIPE, [("name",)])
    assert made.layers[0].rows == (("n1",),)
    assert made.layers[0].feature_roles == ("SCENIC",)
    assert [one.what for one in made.removed if one.what == "feature"] == ["feature"]


@pytest.mark.parametrize(
    "name",
    ["羊驮寺村部队营区", "一号取水口", "医院放射源库", "油库", "Barracks", "王五13812345678", "140404199001011234"],
)
def test_secrets_are_found_by_their_words(name):
    assert secret_of([None, 1.0, name]) is not None
    made = make_public([layer(SQUARE, SQUARE, names=(name, "公园"))], RECIPE, [("name",)])
    assert made.layers[0].rows == (("公园",),)
    # The list of removals is read by more people than the map's maker: it must not repeat the secret.
    assert all(name not in one.name for one in made.removed)


@pytest.mark.parametrize("name", ["将军村", "陶清河", "南宋镇", "1381234567", "军山"])
def test_ordinary_names_are_kept(name):
    assert secret_of([name]) is None


@pytest.mark.parametrize(
    ("recipe", "listed", "key"),
    [
        (replace(RECIPE, audience="office"), ("name",), "publish_audience"),
        (replace(RECIPE, tolerance_m=10.0), ("name",), "publish_tolerance"),
        (RECIPE, None, "publish_attributes"),
    ],
)
def test_what_is_refused(recipe, listed, key):
    with pytest.raises(InputError) as raised:
        make_public([layer(SQUARE)], recipe, [listed])
    assert raised.value.key == key


def test_positions_move_by_the_tolerance_root_mean_square():
    # By hand: distances to the nearest node of a square grid of pitch p are p / sqrt(6), root mean square.
    generator = np.random.default_rng(5)
    points = shapely.points(113.0 + 0.2 * generator.random(4000), 36.0 + 0.2 * generator.random(4000))
    made = make_public([layer(*points)], RECIPE, [("name",)])
    moved, first = shapely.get_coordinates(made.layers[0].shapes), shapely.get_coordinates(points)
    _, _, shift_m = ELLIPSOID.inv(first[:, 0], first[:, 1], moved[:, 0], moved[:, 1])
    assert np.sqrt(np.mean(np.square(shift_m))) == pytest.approx(50.0, rel=0.02)
    assert np.max(shift_m) == pytest.approx(made.largest_shift_m, rel=1e-9)
    assert made.largest_shift_m <= 50.0 * np.sqrt(3.0) * 1.01


coordinates = st.floats(0.0, 0.05)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(coordinates, coordinates), min_size=3, max_size=12), st.floats(50.0, 400.0))
def test_every_vertex_is_a_node_and_nothing_vanishes(corners, tolerance_m):
    hull = shapely.convex_hull(shapely.multipoints([(113.0 + x, 36.0 + y) for x, y in corners]))
    made = make_public([layer(hull)], replace(RECIPE, tolerance_m=tolerance_m), [("name",)])
    lattice, shape = made.lattice, made.layers[0].shapes[0]
    assert not shape.is_empty
    assert shape.is_valid
    nodes = shapely.get_coordinates(shape) / [lattice.lon_deg, lattice.lat_deg]
    assert np.abs(nodes - np.round(nodes)).max() < 1e-6


def test_shared_borders_stay_shared():
    left, right = shapely.box(113.0, 36.0, 113.0123, 36.02), shapely.box(113.0123, 36.0, 113.03, 36.02)
    shapes = make_public([layer(left, right)], RECIPE, [("name",)]).layers[0].shapes
    assert shapely.area(shapely.intersection(*shapes)) == 0.0
    assert shapely.union(*shapes).geom_type == "Polygon"


def test_the_lattice_is_square_on_the_ground():
    lattice = lattice_of([layer(SQUARE)], 50.0)
    east = ELLIPSOID.inv(113.0, 36.01, 113.0 + lattice.lon_deg, 36.01)[2]
    north = ELLIPSOID.inv(113.0, 36.01, 113.0, 36.01 + lattice.lat_deg)[2]
    assert east == pytest.approx(50.0 * np.sqrt(6.0), rel=1e-5)
    assert north == pytest.approx(50.0 * np.sqrt(6.0), rel=1e-5)
