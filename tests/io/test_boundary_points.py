"""Every dialect of boundary-point files, written here; real parcels are read where they are."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from spatial.areas import official_area_m2
from spatial.errors import DatumShiftRequiredError, InputError
from spatial.io.boundary_points import parse
from spatial.io.boundary_points_writer import write_boundary_points
from spatial.io.parcel_shapes import assemble, parcel_layer, split_rings
from spatial.io.stated import Stated
from spatial.io.text import decode, read_text
from spatial.io.vector import read_vector
from spatial.io.writers import write_vector
from tests.shared import shared
from tests.small import CRS, at

HEADER = [
    "[属性描述]",
    "坐标系=2000国家大地坐标系",
    "几度分带=3",
    "计量单位=米",
    "带号=38",
    "精度=0.001",
    "转换参数=,,,,,,",
    "[地块坐标]",
]
RING = [(3980457.0, 38409778.0), (3980727.801, 38409778.0), (3980727.801, 38410048.801), (3980457.0, 38410048.801)]


def rows(ring=RING, number: str = "1", names: str = "J{}", *, close: bool = True) -> list[str]:
    lines = [f"{names.format(place)},{number},{x:.3f},{y:.3f}" for place, (x, y) in enumerate(ring, start=1)]
    return [*lines, f"{names.format(1)},{number},{ring[0][0]:.3f},{ring[0][1]:.3f}"] if close else lines


def layer(lines: list[str], **options):
    return parcel_layer(parse("\r\n".join(lines), "a.txt"), "a.txt", **options)


def codes(found) -> list[str]:
    usual = ("txt_plane", "txt_datum_assumed")
    return [finding.code for finding in found.findings if not finding.code.startswith(usual)]


ATTRIBUTES = "4,7.3319,1,污水处理厂,面,J49G0,公用设施用地,0809,@"


def test_the_example_of_the_domain_is_tv1() -> None:
    found = layer([*HEADER, ATTRIBUTES, *rows()])
    assert found.features.crs.to_epsg() == 4526
    assert found.features.DKMC.tolist() == ["污水处理厂"]
    # DOMAIN 3.1: TV1 to three decimals, 7.3319 ha on the ellipsoid and 7.3333 ha in the plane.
    assert official_area_m2(found.features.geometry.array, found.features.crs)[0] == pytest.approx(73318.5232, abs=0.01)
    assert found.features.area[0] == pytest.approx(73333.18, abs=0.01)
    assert codes(found) == []


@pytest.mark.parametrize(
    "lines",
    [
        [ATTRIBUTES, *rows()],
        ["[地块坐标]", *rows()],
        rows(),
        [*HEADER, "5,,FID_0,DKMC,面, , , ,@", *rows()],
        [*HEADER, "4,7.3,1,甲,面,,,,a,b,c,d,@", *rows()],
        [*HEADER, "4,7.3,1,甲,面,,,@", *rows()],
        [*HEADER, ATTRIBUTES, *rows(names="J{:02d}")],
        [*HEADER, ATTRIBUTES, *rows(names="{}")],
        [*HEADER, ATTRIBUTES, *rows(names="j{}")],
        [line.replace("[", "【").replace("]", "】").replace("=", "＝") for line in HEADER] + [ATTRIBUTES, *rows()],
        [*HEADER, ATTRIBUTES.replace(",", "，"), *(row.replace(",", "，") for row in rows())],
        [*HEADER, "", ATTRIBUTES, *(f" {row},  " for row in rows()), ""],
        [*HEADER, ATTRIBUTES, *(row.replace(",", "\t") for row in rows())],
    ],
    ids=lambda lines: lines[0][:8] + str(len(lines)),
)
def test_dialects_give_the_same_parcel(lines: list[str]) -> None:
    found = layer(lines)
    assert len(found.features) == 1
    assert found.features.area[0] == pytest.approx(73333.18, abs=0.01)
    assert codes(found) == []


def test_a_ring_closed_by_a_fresh_number() -> None:
    closing = f"J5,1,{RING[0][0]:.3f},{RING[0][1]:.3f}"
    found = layer([*HEADER, "5,7.3,1,甲,面,,,,@", *rows(close=False), closing])
    assert found.features.area[0] == pytest.approx(73333.18, abs=0.01)
    assert codes(found) == []


def test_an_open_ring_is_closed_and_said() -> None:
    assert codes(layer([*HEADER, ATTRIBUTES, *rows(close=False)])) == ["txt_ring_open"]


def test_a_wrong_count_is_said() -> None:
    assert codes(layer([*HEADER, ATTRIBUTES.replace("4,", "9,", 1), *rows()])) == ["txt_count_differs"]


def inner(x0: float, size: float) -> list[tuple[float, float]]:
    return [
        (3980457 + x0, 38409778 + x0),
        (3980457 + x0 + size, 38409778 + x0),
        (3980457 + x0 + size, 38409778 + x0 + size),
        (3980457 + x0, 38409778 + x0 + size),
    ]


@pytest.mark.parametrize(
    ("second", "parts", "holes", "area"),
    [(inner(50, 100), 1, 1, 73333.18 - 10_000), (inner(400, 100), 2, 0, 73333.18 + 10_000)],
)
def test_holes_and_parts_by_containment(second, parts: int, holes: int, area: float) -> None:
    for first_number, second_number in (("1", "2"), ("2", "1"), ("1", "1")):
        found = layer([*HEADER, "10,7,1,甲,面,,,,@", *rows(number=first_number), *rows(second, number=second_number)])
        shape = found.features.geometry[0]
        assert shapely.get_num_geometries(shape) == parts
        assert sum(shapely.get_num_interior_rings(shapely.get_parts(shape))) == holes
        assert shape.area == pytest.approx(area, abs=0.01)


def test_crossing_rings_are_refused() -> None:
    with pytest.raises(InputError, match="two rings of parcel 1 cross"):
        layer([*HEADER, "10,7,1,甲,面,,,,@", *rows(), *rows(inner(200, 200), number="2")])


def test_several_parcels_and_sections() -> None:
    found = layer(
        [*HEADER, ATTRIBUTES, *rows(), "[地块坐标]", ATTRIBUTES.replace("1,污", "2,污"), *rows(inner(400, 50))]
    )
    assert found.features.DKBH.tolist() == ["1", "2"]


def test_swapped_axes_are_mended_and_said() -> None:
    found = layer([*HEADER, ATTRIBUTES, *rows([(y, x) for x, y in RING])])
    assert codes(found) == ["txt_axes_swapped"]
    assert found.features.area[0] == pytest.approx(73333.18, abs=0.01)


def without_prefix(ring):
    return [(x, y - 38_000_000) for x, y in ring]


def test_eastings_without_prefix_need_the_header() -> None:
    assert layer([*HEADER, ATTRIBUTES, *rows(without_prefix(RING))]).features.crs.to_epsg() == 4547
    # Neither header nor prefix: reading goes on to ask the district.
    assert layer([ATTRIBUTES, *rows(without_prefix(RING))]).features.crs is None
    stated = layer([ATTRIBUTES, *rows(without_prefix(RING))], stated_crs="EPSG:4547")
    assert stated.features.crs.to_epsg() == 4547


def test_without_prefix_and_header_the_district_decides(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("\n".join([ATTRIBUTES, *rows(without_prefix(RING))]), encoding="utf-8")
    with pytest.raises(InputError, match=r"fit several.*--district"):
        read_vector(path)
    gpd.GeoDataFrame(geometry=[shapely.box(112.9, 35.8, 113.2, 36.2)], crs=4490).to_parquet(tmp_path / "d.parquet")
    file = read_vector(path, Stated(district=tmp_path / "d.parquet"))
    assert file.crs.to_epsg() == 4547
    assert [found.code for found in file.findings if found.severity == "warning"] == [
        "txt_datum_assumed",
        "crs_recognised",
    ]


def test_header_and_prefix_must_agree() -> None:
    with pytest.raises(InputError, match="names zone 37 but the coordinates carry zone 38"):
        layer([line.replace("带号=38", "带号=37") for line in HEADER] + [ATTRIBUTES, *rows()])


def test_six_degree_zones() -> None:
    header = [line.replace("=38", "=19").replace("分带=3", "分带=6") for line in HEADER]
    found = layer([*header, ATTRIBUTES, *rows([(x, y - 19_000_000) for x, y in RING])])
    assert found.features.crs.to_epsg() == 4497


@pytest.mark.parametrize(
    ("datum", "code"),
    [("80国家大地坐标系", 2362), ("1980西安坐标系", 2362), ("1954北京坐标系", 2414), ("北京54", 2414)],
)
def test_old_datums_need_parameters(tmp_path: Path, datum: str, code: int) -> None:
    lines = [line.replace("2000国家大地坐标系", datum) for line in HEADER] + [ATTRIBUTES, *rows()]
    assert layer(lines).features.crs.to_epsg() == code
    (tmp_path / "a.txt").write_text("\n".join(lines), encoding="gb18030")
    with pytest.raises(DatumShiftRequiredError, match="official parameters"):
        read_vector(tmp_path / "a.txt")


def test_an_unknown_datum_is_refused() -> None:
    with pytest.raises(DatumShiftRequiredError, match="official parameters"):
        layer([line.replace("2000国家大地坐标系", "某独立坐标系") for line in HEADER] + [ATTRIBUTES, *rows()])


def test_the_header_is_taken_at_its_word() -> None:
    def with_line(key: str, value: str) -> list[str]:
        return [f"{key}={value}" if line.startswith(key) else line for line in HEADER] + [ATTRIBUTES, *rows()]

    with pytest.raises(InputError, match="states the unit"):
        layer(with_line("计量单位", "毫米"))
    with pytest.raises(InputError, match="not Gauss-Kruger"):
        layer([*HEADER[:3], "投影类型=UTM", *HEADER[3:], ATTRIBUTES, *rows()])
    assert codes(layer(with_line("几度分带", "6"))) == ["txt_width"]
    assert codes(layer([line for line in HEADER if not line.startswith("坐标系")] + [ATTRIBUTES, *rows()])) == []
    found = layer([line for line in HEADER if not line.startswith("坐标系")] + [ATTRIBUTES, *rows()]).findings
    assert "txt_datum_assumed" in [finding.code for finding in found]


def test_parameters_in_the_header_are_said() -> None:
    header = [line.replace("=,,,,,,", "=1,2,3,0,0,0,0") for line in HEADER]
    found = layer([*header, ATTRIBUTES, *rows()])
    assert codes(found) == ["txt_parameters"]
    # Parameters are classified: that there are some is said, never which.
    assert all("1,2,3" not in finding.text(lang) for finding in found.findings for lang in ("zh", "en"))


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ([*HEADER], "no boundary points"),
        (["hello"], "no boundary points"),
        ([*HEADER, ATTRIBUTES, *rows(), "J9,1,north,38409778"], "line 15 is not"),
        ([*HEADER, ATTRIBUTES, *rows(), "J9,1,nan,38409778"], "line 15 is not"),
        ([*HEADER, ATTRIBUTES, "J1,1,3980457,38409778", "J2,1,3980467,38409778"], "only 2 points"),
        ([*HEADER, ATTRIBUTES, *rows([(x, 1.0) for x, _ in RING])], "no Gauss-Kruger"),
    ],
)
def test_faults_have_one_sentence(lines: list[str], said: str) -> None:
    with pytest.raises(InputError, match=said):
        layer(lines)


@pytest.mark.parametrize(
    ("encoding", "evidence"),
    [("gbk", "gb18030"), ("gb18030", "gb18030"), ("utf-8", "utf8"), ("utf-8-sig", "mark"), ("utf-16", "mark")],
)
@pytest.mark.parametrize("ending", ["\r\n", "\n"])
def test_encodings_and_line_ends(tmp_path: Path, encoding: str, evidence: str, ending: str) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(ending.join([*HEADER, ATTRIBUTES, *rows()]).encode(encoding))
    assert read_text(path).evidence == evidence
    file = read_vector(path)
    assert file.features.DKMC.tolist() == ["污水处理厂"]
    assert [finding.code for finding in file.findings] == [f"encoding_{evidence}", "txt_plane_prefix"]


def test_a_forced_encoding_that_does_not_fit() -> None:
    with pytest.raises(InputError, match="cannot be read as ascii"):
        decode("地块".encode("gbk"), "a.txt", stated="ascii")
    assert decode("地块".encode("gbk"), "a.txt", stated="gbk").text == "地块"


def test_the_writer_is_accepted_by_the_reader(tmp_path: Path) -> None:
    donut = at(0, 0, 100, 100).difference(at(10, 10, 20, 20))
    shape = shapely.MultiPolygon([donut, at(300, 0, 50, 50)])
    frame = gpd.GeoDataFrame({"name": ["甲"], "DKBH": ["7"]}, geometry=[shape], crs=CRS)
    write_boundary_points(frame, tmp_path / "a.txt")
    raw = (tmp_path / "a.txt").read_bytes()
    assert raw.count(b"\r\n") == raw.count(b"\n")
    assert "甲".encode("gb18030") in raw
    file = read_vector(tmp_path / "a.txt")
    assert file.features.geometry[0].equals(shape)
    assert [finding.code for finding in file.findings] == ["encoding_gb18030", "txt_plane_prefix"]


def test_txt_to_shapefile_to_geopackage_to_txt(tmp_path: Path) -> None:
    start = tmp_path / "a.txt"
    start.write_bytes(
        "\r\n".join([*HEADER, ATTRIBUTES, *rows(), *rows(inner(50, 99.123), number="2")]).encode("gb18030")
    )
    file = read_vector(start)
    for name in ("b.shp", "c.gpkg", "d.txt"):
        write_vector({"parcels": file.features}, tmp_path / name)
        file = read_vector(tmp_path / name)
    first, last = read_vector(start).features, file.features
    assert last.geometry[0].normalize().equals_exact(first.geometry[0].normalize(), 5e-4)
    fields = ["DKBH", "DKMC", "JXSX", "TFH", "DKYT", "DLBM", "DKMJ"]
    assert last[fields].to_numpy().tolist() == first[fields].to_numpy().tolist()


def test_what_cannot_be_written(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    for columns, shape, crs, said in (
        ({"name": ["a,b"]}, at(0, 0, 1, 1), CRS, "holds a comma"),
        ({"name": ["a"]}, None, CRS, "has no geometry"),
        ({"name": ["a"]}, shapely.box(113, 36, 114, 37), 4490, "need a CGCS2000 Gauss-Kruger plane"),
    ):
        with pytest.raises(InputError, match=said):
            write_boundary_points(gpd.GeoDataFrame(columns, geometry=[shape], crs=crs), path)
    assert list(tmp_path.iterdir()) == []


@given(st.integers(0, 5), st.integers(0, 1000), st.booleans())
def test_rings_survive_any_order_and_direction(turn: int, seed: int, backwards: bool) -> None:
    """Outer ring, hole, island in the hole, and a part aside, shuffled."""
    boxes = [at(0, 0, 100, 100), at(10, 10, 80, 80), at(20, 20, 10, 10), at(200, 0, 10, 10)]
    rings = [shapely.get_coordinates(box) for box in boxes]
    rings = [np.vstack([np.roll(ring[:-1], turn, axis=0), np.roll(ring[:-1], turn, axis=0)[:1]]) for ring in rings]
    rings = [ring[::-1] if backwards else ring for ring in rings]
    order = np.random.default_rng(seed).permutation(len(rings))
    shape = assemble([rings[place] for place in order])
    assert shape.is_valid
    assert shape.area == pytest.approx(10_000 - 6_400 + 100 + 100)
    labels = np.concatenate([np.full(len(rings[place]), place) for place in order])
    assert len(split_rings(labels, np.vstack([rings[place] for place in order]))) == len(rings)


@given(st.binary(max_size=400))
def test_any_bytes_are_read_or_refused_with_a_sentence(raw: bytes) -> None:
    try:
        parcel_layer(parse(decode(raw, "a.txt").text, "a.txt"), "a.txt")
    except InputError as error:
        assert error.text("zh")


@given(
    st.lists(
        st.sampled_from([*HEADER, ATTRIBUTES, *rows(), "J1,1,1", "@", "[", "J1;1;2;3", "，，，", "J1,1,1e999,1"]),
        max_size=14,
    )
)
def test_any_mixture_of_lines_is_read_or_refused(lines: list[str]) -> None:
    try:
        layer(lines)
    except InputError as error:
        assert "a.txt" in error.text("en")


def test_real_parcels_declare_the_planar_area() -> None:
    """Eleven of thirteen state hectares; each is the planar area to four decimals (shared/data)."""
    folder = shared("data", "txt_parcels")
    stated = 0
    for path in sorted(folder.glob("*.txt")):
        features = read_vector(path).features
        assert len(features) == 1
        assert features.crs.to_epsg() == 4526
        if features.DKMJ[0]:
            stated += 1
            assert round(features.area[0] / 1e4, 4) == float(features.DKMJ[0])
    assert stated == 11


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("坐 标 系 = 1980西安坐标系", 2362),
        ("坐标系：1980西安坐标系", 2362),
        ("坐标系名称=北京54", 2414),
        ("坐标系=WGS84", 4526),
        ("坐标系=WGS-84大地坐标系", 4526),
        ("坐标系=国家2000", 4526),
    ],
)
def test_the_key_of_the_datum_in_its_variants(line: str, code: int) -> None:
    found = layer([line if one.startswith("坐标系") else one for one in HEADER] + [ATTRIBUTES, *rows()])
    assert found.features.crs.to_epsg() == code
    assert "txt_datum_assumed" not in [finding.code for finding in found.findings]


@pytest.mark.parametrize("name", ["长治2000独立坐标系", "北京2000坐标系", "1980年长治地方坐标系"])
def test_a_local_system_is_none_of_the_national_ones(name: str) -> None:
    with pytest.raises(DatumShiftRequiredError, match=name):
        layer([f"坐标系={name}" if one.startswith("坐标系") else one for one in HEADER] + [ATTRIBUTES, *rows()])


@pytest.mark.parametrize("number", ["第38带", "38带", "38.0"])
def test_the_zone_in_words(number: str) -> None:
    header = [f"带号={number}" if line.startswith("带号") else line for line in HEADER]
    assert layer([*header, ATTRIBUTES, *rows(without_prefix(RING))]).features.crs.to_epsg() == 4547


@pytest.mark.parametrize(
    ("name", "kind"), [("甲,乙", "面"), ("甲,乙,丙", "线"), ("甲@乙", "面"), ("甲，乙（一期）", "面"), ("", "线")]
)
def test_signs_of_the_format_within_a_name(name: str, kind: str) -> None:
    attributes = f"4,7.3319,1,{name},{kind},J49G0,公用设施用地,0809,@"
    features = layer([*HEADER, attributes, *rows()]).features
    assert features[["DKMC", "JXSX", "DLBM"]].to_numpy().tolist() == [[name, kind, "0809"]]
    assert (features.geom_type[0] == "LineString") == (kind == "线")


def test_cells_after_the_coordinates_are_said() -> None:
    found = layer([*HEADER, ATTRIBUTES, *(f"{line},951.2" for line in rows())])
    (said,) = [finding for finding in found.findings if finding.code == "txt_cells_left_out"]
    assert said.values["count"] == 5
    assert codes(layer([*HEADER, ATTRIBUTES, *(f" {line},, ，" for line in rows())])) == []


@pytest.mark.parametrize(
    ("place", "line"),
    [
        (2, "J3,1,3980727.801,410048.801"),
        (3, "J4,1,38410048.801,3980457.000"),
        (1, "J2,1,1e308,38409778"),
        (4, "J1,1,3980457.000,384"),
    ],
)
def test_the_point_that_does_not_fit_is_named(place: int, line: str) -> None:
    second = rows([(x, y + 900) for x, y in RING])
    second[place] = line
    with pytest.raises(InputError) as caught:
        layer([*HEADER, ATTRIBUTES, *rows(), ATTRIBUTES.replace(",1,", ",二号,"), *second])
    assert caught.value.key == "txt_coordinates"
    assert caught.value.values["feature"] == "二号"
    assert float(str(caught.value.values["y"])) == float(line.split(",")[3])
    assert len(str(caught.value)) < 300
