"""Static figures: drawn for each kind of project, with Chinese characters, alike in two runs."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import matplotlib as mpl
import matplotlib.image
import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from matplotlib import font_manager
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ft2font import FT2Font

from spatial.render.drawing import draw_areas, nice_length_m, wrapped
from spatial.render.figures import _Frame, _visible, project_figure
from spatial.render.fonts import font_families
from spatial.roles import natures, roles
from spatial.words import table
from tests import samples


def context() -> list[tuple[str, Any, str]]:
    return [(code, np.asarray(frame.geometry.array, dtype=object), "") for code, frame, _ in samples.map_layers()]


def test_each_kind_of_project_is_drawn(tmp_path: Path) -> None:
    result = samples.screening()
    for found in result.projects:
        path = tmp_path / f"{found.project.project_id}.png"
        drawn = project_figure(result, found, context(), path)
        assert drawn == path.exists() == (found.project.geometry is not None)
    picture = matplotlib.image.imread(tmp_path / "P01.png")
    assert picture.shape[:2] == (1188, 1584)


def test_zones_and_verdict_have_their_colours(tmp_path: Path) -> None:
    project_figure(samples.screening(), samples.prohibited(), context(), tmp_path / "a.png")
    picture = (matplotlib.image.imread(tmp_path / "a.png")[..., :3] * 255).round().astype(int)
    edge = np.array([0xB2, 0x18, 0x2B])
    assert (np.abs(picture - edge).max(axis=-1) <= 2).sum() > 2_000


def test_two_runs_give_equal_bytes_whatever_the_users_settings(tmp_path: Path) -> None:
    arguments = (samples.screening(), samples.prohibited(), context())
    project_figure(*arguments, tmp_path / "a.png")
    with mpl.rc_context({"font.size": 20, "axes.facecolor": "pink"}):
        project_figure(*arguments, tmp_path / "b.png")
        assert mpl.rcParams["axes.facecolor"] == "pink"
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()


@pytest.mark.parametrize("number", range(0, len(samples.NASTY), 3))
def test_odd_names_are_drawn_without_complaint(tmp_path: Path, number: int) -> None:
    found = samples.nasty()[number]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert project_figure(samples.screening(found), found, [], tmp_path / "a.png", "en")


def test_the_shipped_font_has_every_character_of_our_tables() -> None:
    font = FT2Font(font_manager.findfont(font_families()[0], fallback_to_default=False))
    texts = [text for name in ("labels",) for entry in table(name).values() for text in entry.values()]
    texts += [role.name_zh for role in roles().values()] + [nature.name_zh for nature in natures().values()]
    missing = {sign for text in texts for sign in text if sign != "\n" and not font.get_char_index(ord(sign))}
    assert missing == set()


@given(st.floats(0.01, 1e6))
def test_a_scale_bar_is_round_and_fits(most_m: float) -> None:
    length_m = nice_length_m(most_m)
    assert most_m / 2.5 - 1e-9 < length_m <= most_m * (1 + 1e-9)
    assert f"{length_m:.0e}"[0] in "125"


def test_legend_texts_take_at_most_two_lines() -> None:
    assert wrapped("风景名胜区", 26) == "风景名胜区"
    assert wrapped("长" * 40, 26) == "长" * 13 + "\n" + "长" * 12 + "…"
    assert wrapped("a\nb", 26) == "a b"


def test_points_and_holes_are_drawn(tmp_path: Path) -> None:
    place = np.array([shapely.Point(samples.EAST + 50, samples.NORTH + 300), None], dtype=object)[:1]
    ring = samples.at(-100, -100, 500, 500).difference(samples.at(-50, -50, 400, 400))
    layers = [("ECO_RED", np.array([ring, None], dtype=object)[:1], ""), ("RECEPTOR", place, "学校")]
    project_figure(samples.screening(), samples.prohibited(), layers, tmp_path / "a.png")
    picture = (matplotlib.image.imread(tmp_path / "a.png")[..., :3] * 255).round().astype(int)
    receptor = np.array([0xFF, 0x64, 0x00])
    assert (np.abs(picture - receptor).max(axis=-1) <= 12).sum() > 50


def test_layers_far_away_are_left_out(tmp_path: Path) -> None:
    far = np.array([samples.at(50_000, 0, 10, 10), None], dtype=object)[:1]
    project_figure(samples.screening(), samples.prohibited(), [("ECO_RED", far, "")], tmp_path / "a.png")
    project_figure(samples.screening(), samples.prohibited(), [], tmp_path / "b.png")
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()


def test_a_hole_stays_open_whichever_way_round_its_ring_runs() -> None:
    """A ring that runs the same way round as the outline is filled with it, unless turned."""
    outline = shapely.box(1, 1, 9, 9)
    for hole in (shapely.box(3, 3, 7, 7).exterior, shapely.box(3, 3, 7, 7).exterior.reverse()):
        figure = Figure(figsize=(2, 2), dpi=100)
        axes = figure.add_axes((0, 0, 1, 1), xlim=(0, 10), ylim=(0, 10))
        axes.set_axis_off()
        zone = shapely.Polygon(outline.exterior, [hole])
        draw_areas(axes, np.array([zone, None], dtype=object)[:1], facecolor="#009966", edgecolor="none")
        canvas = FigureCanvasAgg(figure)
        canvas.draw()
        picture = np.asarray(canvas.buffer_rgba())[..., :3]
        assert picture[100, 100].tolist() == [255, 255, 255]
        assert picture[100, 40].tolist() == [0x00, 0x99, 0x66]


def test_a_hole_in_a_zone_wider_than_the_frame_stays_open(tmp_path: Path) -> None:
    whole = samples.at(-5_000, -5_000, 12_000, 12_000)
    hole = samples.at(340, 0, 80, 240)
    found = samples.prohibited()
    for name, zone in (("open", whole.difference(hole)), ("filled", whole)):
        layer = ("ECO_RED", np.array([zone, None], dtype=object)[:1], "")
        project_figure(samples.screening(found), found, [layer], tmp_path / f"{name}.png")
    with_hole, without = (matplotlib.image.imread(tmp_path / f"{name}.png")[..., :3] for name in ("open", "filled"))
    rows, columns = np.nonzero(np.abs(with_hole - without).max(axis=-1) > 0.1)
    middle = int(rows.mean()), int(columns.mean())
    assert (with_hole[middle] > 0.97).all()
    assert (without[middle] < 0.97).any()


def test_a_vertex_on_the_frames_edge_loses_no_area() -> None:
    frame = _Frame(0.0, 0.0, 100.0, 75.0)
    zone = shapely.Polygon([(-2.0, -2.0), (102.0, -2.0), (102.0, 77.0), (50.0, 80.0), (-2.0, 77.0), (-50.0, 30.0)])
    seen = _visible(np.array([zone, None], dtype=object)[:1], frame)
    assert shapely.area(seen).sum() == pytest.approx(104.0 * 79.0)


def test_only_overlaps_that_decide_are_hatched(tmp_path: Path) -> None:
    """A land-use regime that covers the whole project is no overlap to look at."""
    black = {}
    for name, found in (("decides", samples.prohibited()), ("regime", samples.conditional())):
        project_figure(samples.screening(found), found, [], tmp_path / f"{name}.png")
        picture = matplotlib.image.imread(tmp_path / f"{name}.png")[150:1000, 200:1000, :3]
        black[name] = int((picture.max(axis=-1) < 0.3).sum())
    assert black["decides"] > 3 * black["regime"]


def test_every_point_of_a_project_is_numbered(tmp_path: Path) -> None:
    found = samples.stations()
    project_figure(samples.screening(found), found, [], tmp_path / "a.png")
    picture = (matplotlib.image.imread(tmp_path / "a.png")[..., :3] * 255).round().astype(int)
    for colour, least in (((0x76, 0x2A, 0x83), 400), ((0xE0, 0x82, 0x14), 800)):
        assert (np.abs(picture - np.array(colour)).max(axis=-1) <= 4).sum() > least
