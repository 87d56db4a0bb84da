"""Files that other commands refuse: the check says what is wrong, and looks at everything else."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import geopandas as gpd
import pytest
import shapely
from shapely import Polygon

from spatial.check.file import check_file, files_in
from spatial.check.reading import Asked
from spatial.check.report import CheckReport
from spatial.errors import InputError
from spatial.io.stated import Stated
from spatial.io.vector import read_vector
from spatial.io.writers import write_vector
from spatial.render.check_map import write_check_map
from tests.shared import shared
from tests.traps import shapes
from tests.traps.shapes import EAST, NORTH, layer, square

HEAD = "[属性描述]\n坐标系=2000国家大地坐标系\n几度分带=3\n带号=38\n[地块坐标]\n"


def report(path: Path, **stated: str) -> CheckReport:
    (one,) = check_file(path, Asked(Stated(**stated)))
    return one.report


def parcel(name: str, points: list[tuple[float, float]], rings: list[int] | None = None, *, zone: bool = True) -> str:
    east = EAST if zone else EAST - 38_000_000
    labels = rings or [1] * len(points)
    lines = [f"{len(points)},1.0,{name},甲,面,,,,@"]
    lines += [
        f"J{n},{label},{NORTH + y:.3f},{east + x:.3f}"
        for n, ((x, y), label) in enumerate(zip(points, labels, strict=True), 1)
    ]
    return "\n".join(lines) + "\n"


SQUARE = [(0.0, 0.0), (100.0, 0.0), (100.0, 100.0), (0.0, 100.0), (0.0, 0.0)]
CROSSING = [*SQUARE, *[(x + 50, y + 50) for x, y in SQUARE]]


def moved(points: list[tuple[float, float]], x: float) -> list[tuple[float, float]]:
    return [(east + x, north) for east, north in points]


def test_one_bad_parcel_does_not_hide_the_others(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    good = [parcel(f"G{n}", moved(SQUARE, 200 * n)) for n in range(5)]
    bad = parcel("B1", moved(CROSSING, 2000), [1] * 5 + [2] * 5)
    short = parcel("B2", [(0.0, 0.0), (1.0, 1.0)])
    repeats = parcel("R1", moved([SQUARE[0], SQUARE[1], *SQUARE[1:]], 3000))
    path.write_text(HEAD + "".join([*good[:3], bad, short, *good[3:], repeats]), encoding="gb18030")
    with pytest.raises(InputError):
        read_vector(path)
    seen = report(path)
    errors = {finding.code: finding.feature for finding in seen.findings if finding.severity == "error"}
    assert errors["txt_rings_overlap"] == "B1"
    assert errors["txt_ring_short"] == "B2"
    assert seen.features == 8
    assert seen.kinds == {"Polygon": 6, "None": 2}
    assert "repeated_point" in seen.counts
    assert "CGCS2000" in seen.crs
    (place,) = [finding.location for finding in seen.findings if finding.code == "txt_rings_overlap"]
    assert place == (EAST + 2000, NORTH)


def test_parcels_without_a_plane_are_looked_at_in_their_own_units(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    head = HEAD.replace("带号=38\n", "")
    first, second = (parcel(str(x), moved(SQUARE, x), zone=False) for x in (0, 95))
    path.write_text(head + first + second, encoding="utf-8")
    seen = report(path)
    assert [finding.code for finding in seen.findings if finding.severity == "error"] == ["crs_ambiguous"]
    (overlap,) = [finding for finding in seen.findings if finding.code == "overlap"]
    assert overlap.values["area"] == "500.000"
    assert "own unit" in overlap.text("en")
    assert seen.crs == ""
    stated = report(path, crs="EPSG:4547")
    assert not stated.severities["error"] - stated.counts.get("declared_area_differs", 0)


@pytest.mark.parametrize(
    ("crs", "shape", "code"),
    [
        (None, Polygon([(1, 1), (9, 1), (9, 9)]), "crs_none_fits"),
        ("EPSG:2362", square(), "datum_shift"),
        ("EPSG:4490", square(), "metres_labelled_degrees"),
        (shapes.CRS, Polygon([(113, 36), (113.1, 36), (113, 36.1)]), "degrees_labelled_metres"),
    ],
)
def test_a_wrong_plane_is_an_error_and_the_outlines_are_checked(
    tmp_path: Path, crs: str | None, shape: Polygon, code: str
) -> None:
    spiked = shapes.at(shapes.SHAPES["repeated_point"][0])
    one = shapes.at(shape) if shape.bounds[0] == 0 else shape
    gpd.GeoDataFrame(geometry=[one, spiked], crs=crs).to_parquet(tmp_path / "a.parquet")
    seen = report(tmp_path / "a.parquet")
    assert code in seen.counts
    assert "repeated_point" in seen.counts
    assert seen.severities["error"] >= 1
    with pytest.raises(InputError):
        read_vector(tmp_path / "a.parquet")


@pytest.mark.parametrize("far", [0.0, 1e15])
def test_a_stray_vertex_is_named_and_the_others_keep_their_plane(tmp_path: Path, far: float) -> None:
    stray = shapes.at(square())
    stray = Polygon([*list(stray.exterior.coords)[:3], (far, far)])
    frame = layer([square(200, 0), square(295, 0), square(600, 0)], DKMJ=["1.0", "1.0", "1.0"])
    frame.loc[3] = ["1.0", stray]
    frame.to_parquet(tmp_path / "a.parquet")
    seen = report(tmp_path / "a.parquet")
    (outside,) = [finding for finding in seen.findings if finding.code == "coordinates_outside"]
    assert outside.feature == "4"
    (overlap,) = [finding for finding in seen.findings if finding.code == "overlap"]
    assert float(str(overlap.values["area"])) == pytest.approx(499.9, abs=0.1)
    assert seen.counts["declared_planar"] == 1
    assert seen.counts["declared_area_differs"] == 1
    write_check_map(check_file(tmp_path / "a.parquet"), tmp_path / "map.html")


def test_each_layer_is_checked_whatever_its_name(tmp_path: Path) -> None:
    """A drawing lists its layers with counts; names in a GeoPackage may hold commas and brackets."""
    frame = layer([square(), square(200)], layer=["甲", "乙, 丙"])
    write_vector({"layer": frame}, tmp_path / "a.dxf")
    write_vector({"甲": frame, "乙, 丙 (1)": frame}, tmp_path / "a.gpkg")
    reports = [checked.report for checked in check_file(tmp_path / "a.dxf")]
    assert [(one.file.rpartition("/")[2], one.features) for one in reports] == [
        ("a.dxf [甲]", 1),
        ("a.dxf [乙_ 丙]", 1),
    ]
    assert [checked.report.features for checked in check_file(tmp_path / "a.gpkg")] == [2, 2]


def test_an_open_ring_is_closed_and_said(tmp_path: Path) -> None:
    path = shapes.write(tmp_path)["ring_open"]
    with pytest.raises(InputError):
        read_vector(path)
    seen = report(path)
    assert (seen.features, seen.counts) == (2, {"ring_open": 1})


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("a.gpkg", b"", "file_empty"),
        ("a.geojson", b"{", "file_unreadable"),
        ("a.dwg", b"AC1032", "format_export"),
        ("a.zip", b"PK", "archive_damaged"),
        ("a.txt", "[地块坐标]\n".encode(), "txt_no_points"),
        ("a.geojson", b'{"type":"FeatureCollection","features":[]}', "layer_empty"),
    ],
)
def test_what_cannot_be_read_is_a_finding(tmp_path: Path, name: str, content: bytes, code: str) -> None:
    (tmp_path / name).write_bytes(content)
    seen = report(tmp_path / name)
    assert list(seen.counts) == [code]
    assert not seen.is_readable


def test_a_missing_file_is_no_finding(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="does not exist"):
        check_file(tmp_path / "gone.shp")


def test_each_layer_of_a_file_has_its_report(tmp_path: Path) -> None:
    path = tmp_path / "two.gpkg"
    layer([square()]).to_file(path, layer="ok")
    layer(shapes.SHAPES["self_intersection"]).to_file(path, layer="bad")
    reports = [one.report for one in check_file(path)]
    assert [(one.file[-5:], one.severities["error"]) for one in reports] == [(" [ok]", 0), ("[bad]", 1)]


def test_a_zip_is_looked_into(tmp_path: Path) -> None:
    layer(shapes.SHAPES["spike"]).to_file(tmp_path / "a.gpkg")
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.write(tmp_path / "a.gpkg", "a.gpkg")
    assert report(tmp_path / "a.zip").counts == {"spike": 1}


def test_a_folder_is_its_readable_files(tmp_path: Path) -> None:
    layer([square()]).to_file(tmp_path / "b.shp", encoding="UTF-8")
    layer([square()]).to_file(tmp_path / "a.gpkg")
    (tmp_path / "notes.md").write_text("x", encoding="utf-8")
    found = files_in(tmp_path)
    assert [path.name for path in found.files] == ["a.gpkg", "b.shp"]
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError, match="no vector layer"):
        files_in(tmp_path / "empty")


def test_a_real_map_of_echarts_is_invalid_where_geos_says(tmp_path: Path) -> None:
    """Coordinates of this file were cut to a grid: outlines touch and cross themselves."""
    text = shared("data", "boundaries_traps", "echarts_changzhi.js").read_text(encoding="utf-8")
    features = _echarts(text)
    path = tmp_path / "changzhi.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}), encoding="utf-8")
    frame = gpd.read_file(path)
    seen = report(path)
    wrong = {
        finding.feature.split(" ")[0]
        for finding in seen.findings
        if finding.code
        in {
            "self_intersection",
            "self_touch",
            "small_crossing",
            "hole_misplaced",
            "parts_overlap",
            "spike",
            "invalid_other",
        }
    }
    invalid = {str(row + 1) for row in range(len(frame)) if not frame.geometry[row].is_valid}
    assert invalid
    assert invalid <= wrong


def _echarts(text: str) -> list[dict]:
    """Decode the compressed polygons of an ECharts map: differences in 1/1024 degrees, zigzag, as characters."""
    start = text.index('{"type":"FeatureCollection"')
    content, _ = json.JSONDecoder().raw_decode(text[start:])
    features = []
    for feature in content["features"]:
        geometry = feature["geometry"]
        parts = geometry["coordinates"]
        offsets = geometry["encodeOffsets"]
        polygons = []
        for part, offset in zip(parts, offsets, strict=True):
            many = geometry["type"] == "MultiPolygon"
            rings = part if many else [part]
            starts = offset if many else [offset]
            polygons.append([_ring(one, at) for one, at in zip(rings, starts, strict=True)])
        if geometry["type"] == "Polygon":
            polygons = [[one[0] for one in polygons]]
        name = {"name": feature["properties"].get("name", "")}
        features.append(
            {"type": "Feature", "properties": name, "geometry": {"type": "MultiPolygon", "coordinates": polygons}}
        )
    return features


def _ring(text: str, offset: list[int]) -> list[list[float]]:
    x, y = offset
    points = []
    for place in range(0, len(text), 2):
        dx, dy = (ord(sign) - 64 for sign in text[place : place + 2])
        x += (dx >> 1) ^ -(dx & 1)
        y += (dy >> 1) ^ -(dy & 1)
        points.append([x / 1024, y / 1024])
    return points if points[0] == points[-1] else [*points, points[0]]


def test_the_gbk_shapefile_states_no_plane_and_has_three_cities_twice() -> None:
    seen = report(shared("data", "gbk_shapefile", "res2_4m.shp"))
    assert seen.counts["crs_recognised"] == 1
    assert seen.counts["duplicate"] == 3
    assert shapely.Point(97.16754150390625, 31.142181396484375).coords[0] in {
        finding.location for finding in seen.findings
    }


def test_parcels_that_are_right_alone_but_not_together(tmp_path: Path) -> None:
    """What the other commands refuse is an error here as well."""
    swapped = "\n".join(
        ",".join([*cells[:2], cells[3], cells[2]]) if line.startswith("J") else line
        for line in parcel("2", moved(SQUARE, 200)).splitlines()
        for cells in [line.split(",")]
    )
    path = tmp_path / "a.txt"
    path.write_text(HEAD + parcel("1", SQUARE) + swapped, encoding="utf-8")
    with pytest.raises(InputError, match="parcel 2"):
        read_vector(path)
    (error,) = [finding for finding in report(path).findings if finding.severity == "error"]
    assert (error.code, error.feature) == ("txt_coordinates", "2")


def test_without_any_coordinates_no_system_is_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text(HEAD + parcel("1", CROSSING, [1] * 5 + [2] * 5), encoding="utf-8")
    assert "crs_none_fits" not in report(path).counts
    assert report(path).severities["error"]
