"""A check and the reader of the other commands never disagree about the plane of a layer."""

from __future__ import annotations

from pathlib import Path

import ezdxf
import geopandas as gpd
import numpy as np
import pytest
import shapely

from spatial.check.file import check_file
from spatial.check.reading import Asked
from spatial.errors import InputError
from spatial.findings import Finding
from spatial.io.stated import Stated
from spatial.io.vector import place_in, read_vector
from tests.test_datum_shifts import SEVEN
from tests.traps import planes


@pytest.fixture(scope="module")
def traps(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("traps")
    (folder / "seven.toml").write_text(SEVEN.format(convention="position_vector"), encoding="utf-8")
    return planes.write(folder)


def said_by_both(path: Path, stated: Stated) -> tuple[set[str], set[str]]:
    """Codes of the reader, findings or the one refusal, and codes of the check that are not about shapes."""
    try:
        read = {found.code for found in read_vector(path, stated).findings}
    except InputError as error:
        read = {error.key}
    return read, {found.code for found in findings(path, stated)}


def findings(path: Path, stated: Stated) -> list[Finding]:
    place = place_in(stated.district) if stated.district is not None else None
    return [found for one in check_file(path, Asked(stated, place)) for found in one.report.findings]


@pytest.mark.parametrize("known", [False, True])
def test_every_trap_of_coordinates(traps: dict[str, Path], known: bool) -> None:
    stated = Stated(district=traps["district"] if known else None)
    for name in set(traps) - {"district"}:
        read, checked = said_by_both(traps[name], stated)
        assert read <= checked, name
        assert not {found.code for found in findings(traps[name], stated) if found.severity == "error"} - read, name


@pytest.mark.parametrize(
    ("name", "stated", "code"),
    [
        ("xian1980", {"parameters": "seven.toml"}, "datum_shifted"),
        ("xian1980", {"parameters": "gone.toml"}, "file_missing"),
        ("beijing1954", {"parameters": "seven.toml"}, "parameters_other"),
        ("gcj02_named", {"unshift": "gcj02"}, "unshifted"),
        ("gcj02", {"unshift": "gcj02"}, "unshifted"),
        ("gcj02", {"unshift": "bd09"}, "unshift_wrong"),
    ],
)
def test_parameters_and_offsets(traps: dict[str, Path], name: str, stated: dict[str, str], code: str) -> None:
    parameters = traps[name].with_name(stated["parameters"]) if "parameters" in stated else None
    said = Stated(district=traps["district"], parameters=parameters, unshift=stated.get("unshift", ""))  # type: ignore[arg-type]
    read, checked = said_by_both(traps[name], said)
    assert read == checked == {code}


def test_a_wrong_plane_of_a_large_layer_is_said_once(tmp_path: Path) -> None:
    rows = np.arange(3_000) * 10.0
    swapped = shapely.box(3_980_000 + rows, 38_410_000, 3_980_005 + rows, 38_410_005)
    gpd.GeoDataFrame(geometry=swapped, crs=4526).to_parquet(tmp_path / "a.parquet")
    assert [found.feature for found in findings(tmp_path / "a.parquet", Stated()) if found.code == "axes_swapped"] == [
        "1"
    ]


def test_every_stray_of_a_large_layer_is_named(tmp_path: Path) -> None:
    shapes = shapely.box(
        38_410_000 + np.arange(1_000) * 10.0, 3_980_000, 38_410_005 + np.arange(1_000) * 10.0, 3_980_005
    )
    for row in (0, 255, 256, 257, 999):
        shapes[row] = shapely.box(0, 0, 1000, 1000)
    gpd.GeoDataFrame({"DKBH": [f"P{row}" for row in range(1_000)]}, geometry=shapes, crs=4526).to_parquet(
        tmp_path / "a.parquet"
    )
    strays = [found for found in findings(tmp_path / "a.parquet", Stated()) if found.severity == "error"]
    assert [found.feature for found in strays] == ["1 (P0)", "256 (P255)", "257 (P256)", "258 (P257)", "1000 (P999)"]
    assert {found.location for found in strays} == {(1000.0, 0.0)}


def test_names_of_layers_may_hold_commas(tmp_path: Path) -> None:
    for name in ("a, b", "c"):
        gpd.GeoDataFrame(geometry=[planes.site()], crs=4526).to_file(tmp_path / "two.gpkg", layer=name)
    reports = [one.report for one in check_file(tmp_path / "two.gpkg")]
    assert [(one.file.partition(" ")[2], one.features) for one in reports] == [("[a, b]", 1), ("[c]", 1)]


def test_each_layer_of_a_drawing_is_checked(tmp_path: Path) -> None:
    drawing = ezdxf.new()
    for name in ("宗地", "红线"):
        corners = list(planes.site().exterior.coords)[:-1]
        drawing.modelspace().add_lwpolyline(corners, close=True, dxfattribs={"layer": name})
    drawing.saveas(tmp_path / "two.dxf")
    reports = [one.report for one in check_file(tmp_path / "two.dxf")]
    assert [(one.file.partition(" ")[2], one.features) for one in reports] == [("[宗地]", 1), ("[红线]", 1)]


def test_declared_points_of_a_table_are_compared_though_its_ring_was_open(tmp_path: Path) -> None:
    rows = ["P1,9,J1,3991508,38414397", "P1,9,J2,3991608,38414397", "P1,9,J3,3991608,38414497"]
    (tmp_path / "a.csv").write_text("\n".join(["地块编号,JZDS,点号,X,Y", *rows]), encoding="utf-8")
    codes = {found.code for found in findings(tmp_path / "a.csv", Stated())}
    assert "declared_points" in codes
    assert any("ring_open" in code for code in codes)
