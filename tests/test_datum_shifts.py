"""Parameters invented for the tests: real ones are classified."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyproj import Transformer

from spatial.datum_shifts import ELLIPSOIDS, FourParameters, SevenParameters, read_parameters
from spatial.errors import InputError

SEVEN = """kind = "seven"
source = "xian1980"
convention = "{convention}"
dx_m = 13.5791
dy_m = -24.6802
dz_m = 31.4159
rx_arcsec = 1.2345
ry_arcsec = -2.3456
rz_arcsec = 3.4567
scale_ppm = -4.5678
"""
FOUR = """kind = "four"
source_crs = "EPSG:2383"
target_crs = "EPSG:4547"
rotation_direction = "counterclockwise"
east_m = 71.2345
north_m = -45.6789
rotation_arcsec = 1.9876
scale_ppm = 2.3456
"""
#: Digits that no output may hold.
SECRETS = ("13.579", "24.680", "31.415", "1.2345", "2.3456", "3.4567", "4.5678", "71.234", "45.678", "1.9876")


def parameters(tmp_path: Path, text: str):
    (tmp_path / "parameters.toml").write_text(text, encoding="utf-8")
    return read_parameters(tmp_path / "parameters.toml")


@pytest.mark.parametrize("convention", ["position_vector", "coordinate_frame"])
def test_seven_parameters_as_proj_applies_them(tmp_path: Path, convention: str) -> None:
    given_ = parameters(tmp_path, SEVEN.format(convention=convention))
    assert isinstance(given_, SevenParameters)
    a, rf = ELLIPSOIDS["xian1980"]
    pipeline = Transformer.from_pipeline(
        "+proj=pipeline +step +proj=unitconvert +xy_in=deg +xy_out=rad "
        f"+step +proj=cart +a={a} +rf={rf} +step +proj=helmert +x=13.5791 +y=-24.6802 +z=31.4159 +rx=1.2345 "
        f"+ry=-2.3456 +rz=3.4567 +s=-4.5678 +convention={convention} "
        "+step +inv +proj=cart +ellps=GRS80 +step +proj=unitconvert +xy_in=rad +xy_out=deg"
    )
    lon, lat = np.array([113.05, 110.99, 80.0]), np.array([36.05, 35.02, 44.0])
    x, y = given_.apply(lon, lat)
    expected = pipeline.transform(lon, lat, np.zeros(3))
    assert x == pytest.approx(expected[0], abs=1e-10)
    assert y == pytest.approx(expected[1], abs=1e-10)


def test_the_conventions_differ(tmp_path: Path) -> None:
    one, other = (parameters(tmp_path, SEVEN.format(convention=c)) for c in ("position_vector", "coordinate_frame"))
    start = np.array([113.05]), np.array([36.05])
    assert abs(one.apply(*start)[0] - other.apply(*start)[0])[0] > 1e-5


def test_four_parameters_by_hand() -> None:
    """A quarter turn, doubled, moved by (10, 20): (3, 4) goes to (10 - 8, 20 + 6)."""
    turn = FourParameters("EPSG:2383", "EPSG:4547", (10.0, 20.0), np.pi / 2, 1.0)
    x, y = turn.apply(np.array([3.0]), np.array([4.0]))
    assert (x[0], y[0]) == pytest.approx((2.0, 26.0))


@given(st.floats(1e5, 9e5), st.floats(3e6, 5e6), st.floats(-1e-5, 1e-5), st.floats(-1e-5, 1e-5))
def test_a_similarity_scales_every_distance_alike(x: float, y: float, angle: float, scale: float) -> None:
    turn = FourParameters("EPSG:2383", "EPSG:4547", (71.0, -45.0), angle, scale)
    to_x, to_y = turn.apply(np.array([x, x + 300.0]), np.array([y, y + 400.0]))
    assert np.hypot(*np.diff([to_x, to_y])) == pytest.approx(500 * (1 + scale), abs=1e-7)


@pytest.mark.parametrize(
    ("text", "key"),
    [
        (SEVEN.format(convention="position_vector").replace("dz_m = 31.4159\n", ""), "dz_m"),
        (SEVEN.format(convention="position_vector").replace("31.4159", '"31.4159"'), "dz_m"),
        (SEVEN.format(convention="position_vector").replace("31.4159", "nan"), "dz_m"),
        (SEVEN.format(convention="bursa-wolf"), "convention"),
        (SEVEN.replace('convention = "{convention}"\n', ""), "convention"),
        (SEVEN.format(convention="position_vector").replace("xian1980", "wgs72"), "source"),
        (FOUR.replace('rotation_direction = "counterclockwise"\n', ""), "rotation_direction"),
        (FOUR.replace('"EPSG:4547"', "4547"), "target_crs"),
        (FOUR.replace('"four"', '"five"'), "kind"),
        ("dx_m = 13.5791 13.5791", "TOML"),
    ],
)
def test_what_is_wrong_is_named_but_never_its_value(tmp_path: Path, text: str, key: str) -> None:
    with pytest.raises(InputError, match=f"lacks {key} or it is not valid") as caught:
        parameters(tmp_path, text)
    shown = f"{caught.value!r} {caught.value.values} {caught.value.text('zh')} {caught.value.__cause__} "
    shown += repr(caught.value.__context__)
    assert not [secret for secret in SECRETS if secret in shown]


@pytest.mark.parametrize("text", [SEVEN.format(convention="position_vector"), FOUR])
def test_objects_do_not_show_their_values(tmp_path: Path, text: str) -> None:
    shown = repr(parameters(tmp_path, text))
    assert not [secret for secret in SECRETS if secret in shown]
    assert "Parameters(" in shown


def test_no_file(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="does not exist"):
        read_parameters(tmp_path / "no.toml")
