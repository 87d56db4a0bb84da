"""Static figures and shaded relief."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from spatial.catalog import load_workspace
from spatial.io.elevation import open_dem
from spatial.publish.compose import compose
from spatial.publish.figure import write_figure
from spatial.publish.recipe import read_recipe
from spatial.publish.relief import relief, shade
from spatial.publish.sources.registry import SOURCES
from spatial.publish.sources.scene import Scene, styles

ROOT = Path(__file__).parents[2]
SAMPLE = ROOT / "layers" / "shangdang"
OPTIONS = {name: source.options for name, source in SOURCES.items()}


@pytest.fixture(scope="module")
def made():
    scene = Scene(load_workspace(SAMPLE), dt.date(2026, 1, 1), "zh")
    return compose(read_recipe(ROOT / "maps" / "coverage.toml", OPTIONS), scene).publication


@pytest.mark.parametrize("suffix", [".png", ".svg", ".pdf"])
def test_figures_are_the_same_twice(made, suffix, tmp_path):
    for name in ("one", "two"):
        write_figure(made, tmp_path / f"{name}{suffix}")
    assert (tmp_path / f"one{suffix}").read_bytes() == (tmp_path / f"two{suffix}").read_bytes()


def test_a_png_has_300_dots_an_inch(made, tmp_path):
    write_figure(made, tmp_path / "a.png")
    with Image.open(tmp_path / "a.png") as image:
        assert image.size == (3300, 2340)
        assert image.info["dpi"] == pytest.approx((300, 300), abs=0.1)


def test_a_drawing_names_what_a_figure_needs(made, tmp_path):
    write_figure(made, tmp_path / "a.svg")
    text = (tmp_path / "a.svg").read_text(encoding="utf-8")
    # Letters are outlines in an SVG, named in comments.
    for said in ("示意图", "15–30 %", "113°00′E", "36°00′N", "5 km", "北", "CGCS2000"):
        assert said in text, said


def test_light_on_a_plane_is_the_cosine_by_hand():
    # A plane that falls to the north-west by 45 degrees faces a light 45 degrees above the north-west.
    scale = styles()["relief"]["exaggeration"]
    rows, columns = np.mgrid[0:9, 0:9].astype(float)
    fall = 30.0 * (columns + rows) / np.sqrt(2) / scale
    assert shade(fall, 30.0)[4, 4] == pytest.approx(1.0, abs=1e-9)
    assert shade(-fall, 30.0)[4, 4] == pytest.approx(0.0, abs=1e-9)


def test_relief_lies_over_its_heights():
    dem = open_dem(SAMPLE / "dem.tif")
    picture = relief(dem)
    west, south, east, north = picture.bounds
    assert picture.png.startswith(b"\x89PNG")
    assert (west, south, east, north) == pytest.approx((112.94, 35.85, 113.21, 36.18), abs=0.03)
    assert relief(dem).png == picture.png


def test_public_relief_is_coarse(tmp_path):
    dem = open_dem(SAMPLE / "dem.tif")
    picture = relief(dem, least_m=100.0)
    (tmp_path / "a.png").write_bytes(picture.png)
    with Image.open(tmp_path / "a.png") as image:
        # 0.2 degrees of longitude are 23 km here.
        assert (picture.bounds[2] - picture.bounds[0]) * 90_000 / image.size[0] >= 99.0
