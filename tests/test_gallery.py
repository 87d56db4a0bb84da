"""The gallery shows every recipe, and its public maps pass their check."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from spatial.publish.decode import read_page
from spatial.publish.verify import verify
from tools.gallery import gallery

MAPS = Path(__file__).resolve().parents[1] / "maps"
RECIPES = {path.stem: tomllib.loads(path.read_text(encoding="utf-8")) for path in sorted(MAPS.glob("*.toml"))}


def test_the_index_is_that_of_the_recipes() -> None:
    assert (MAPS / "index.html").read_text(encoding="utf-8") == gallery(RECIPES)


@pytest.mark.parametrize("name", RECIPES)
def test_every_recipe_has_its_page_and_picture(name: str) -> None:
    page = read_page((MAPS / "published" / f"{name}.html").read_text(encoding="utf-8"))
    assert page.layers
    assert page.facts["audience"] == RECIPES[name]["audience"]
    assert (MAPS / "published" / f"{name}.png").stat().st_size < 150_000


@pytest.mark.parametrize("name", [name for name, recipe in RECIPES.items() if recipe["audience"] == "public"])
def test_public_maps_of_the_gallery_pass_their_check(name: str) -> None:
    assert verify(MAPS / "published" / f"{name}.html") == []


def test_every_recipe_goes_into_the_wheel() -> None:
    project = tomllib.loads((MAPS.parent / "pyproject.toml").read_text(encoding="utf-8"))
    included = project["tool"]["hatch"]["build"]["targets"]["wheel"]["force-include"]
    assert {path for path in included if path.startswith("maps/")} == {f"maps/{name}.toml" for name in RECIPES}
