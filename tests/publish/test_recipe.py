"""Recipes: those of the project are short and right; each fault is one sentence with the nearest name."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spatial.errors import InputError
from spatial.publish.recipe import read_recipe
from spatial.publish.sources.registry import SOURCES

MAPS = Path(__file__).parents[2] / "maps"
OPTIONS = {name: source.options for name, source in SOURCES.items()}
GOOD = """schema = 1
title = { zh = "图", en = "map" }
[[layer]]
source = "roles"
roles = ["DISTRICT"]
"""


def read(text: str, folder: Path):
    path = folder / "a.toml"
    path.write_text(text, encoding="utf-8")
    return read_recipe(path, OPTIONS)


@pytest.mark.parametrize("path", sorted(MAPS.glob("*.toml")), ids=lambda path: path.stem)
def test_recipes_of_the_project_are_short_and_right(path):
    recipe = read_recipe(path, OPTIONS)
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 40
    assert recipe.entries
    if recipe.audience == "public":
        assert all(entry.attributes is not None for entry in recipe.entries)


def test_the_six_recipes_that_are_promised():
    names = {path.stem for path in MAPS.glob("*.toml")}
    promised = {"zones_and_projects", "pattern", "coverage", "slope_and_farmland", "soil_loss", "redline_change"}
    assert promised <= names


def test_defaults(tmp_path):
    recipe = read(GOOD, tmp_path)
    assert (recipe.audience, recipe.background, recipe.approval) == ("office", "relief", "")
    assert recipe.entries[0].attributes is None
    assert recipe.entries[0].options == {"roles": ["DISTRICT"]}


@pytest.mark.parametrize(
    ("text", "key", "says"),
    [
        ("schema = ", "recipe_toml", ""),
        (GOOD.replace("schema = 1", "schema = 2"), "recipe_schema", "2"),
        (GOOD.replace("title", "titel"), "recipe_key", "title"),
        (GOOD.replace('title = { zh = "图", en = "map" }\n', ""), "recipe_missing", "title"),
        (GOOD.replace('en = "map"', 'en = ""'), "recipe_title", "title"),
        (GOOD.replace('"roles"', '"role"'), "recipe_value", "roles"),
        (GOOD.replace("roles = [", "rolls = ["), "recipe_key", "roles"),
        (GOOD.replace('"DISTRICT"', '"DISTRIKT"'), "recipe_value", "DISTRICT"),
        (GOOD + "shown = 1\n", "recipe_type", "shown"),
        (GOOD + "attributes = [1]\n", "recipe_type", "attributes"),
        ('audience = "all"\n' + GOOD, "recipe_value", "public"),
        ("public = { tolerance_m = -1 }\n" + GOOD, "recipe_type", "tolerance_m"),
        ("public = { tolerance_m = true }\n" + GOOD, "recipe_type", "tolerance_m"),
        ('public = { release = { ECO_REDD = "x" } }\n' + GOOD, "recipe_value", "ECO_RED"),
        ('schema = 1\ntitle = { zh = "图", en = "m" }\nlayer = []\n', "recipe_missing", "layer"),
    ],
)
def test_faults_are_named(text, key, says, tmp_path):
    with pytest.raises(InputError) as raised:
        read(text, tmp_path)
    assert raised.value.key == key
    assert says in raised.value.text("en")
    assert "a.toml" in raised.value.text("zh")


def test_a_missing_file(tmp_path):
    with pytest.raises(InputError) as raised:
        read_recipe(tmp_path / "no.toml", OPTIONS)
    assert raised.value.key == "file_missing"


@given(st.text(max_size=80))
def test_any_text_is_read_or_refused_with_a_sentence(tmp_path_factory, text):
    path = tmp_path_factory.mktemp("recipe") / "a.toml"
    path.write_text(text, encoding="utf-8", errors="replace", newline="")
    with pytest.raises(InputError) as raised:
        read_recipe(path, OPTIONS)
    assert raised.value.text("zh")
