"""Tables of points: what the rows mean is decided by evidence that is said, or refused."""

from __future__ import annotations

import zipfile
from pathlib import Path

import geopandas as gpd
import openpyxl
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from spatial.errors import InputError
from spatial.io.angles import chance_unpacked, degrees_of
from spatial.io.point_tables import point_layer
from spatial.io.stated import Stated
from spatial.io.table_cells import Cells
from spatial.io.vector import read_vector
from spatial.io.writers import write_vector
from spatial.settings import setting
from tests.small import CRS, EAST, NORTH, at
from tests.traps.formats import RING

XY = [[f"{x:.3f}", f"{y:.3f}"] for x, y in RING]


def layer(*rows: list[str], crs: str = ""):
    frame, findings = point_layer(Cells([list(row) for row in rows]), "a.csv", Stated(crs=crs))
    return frame, [finding.code for finding in findings if finding.code != "txt_plane_prefix"]


def numbered(names: str = "J{}", start: int = 1) -> list[list[str]]:
    return [[names.format(place), *pair] for place, pair in enumerate(XY, start=start)]


@pytest.mark.parametrize(
    ("rows", "code"),
    [
        ([["点号", "X", "Y"], *numbered()], "points_by_number"),
        ([["界址点号", "x坐标(m)", "Y坐标（米）"], *numbered("{}")], "points_by_number"),
        ([["点号", "X", "Y"], *numbered("J{:02d}"), ["J01", *XY[0]]], "points_by_number"),
        ([["X", "Y"], *XY, XY[0]], "points_by_closure"),
        ([["圈号", "北坐标", "东坐标"], *(["1", *pair] for pair in XY)], "points_by_ring"),
        ([["地块名称", "X", "Y"], *(["甲", *pair] for pair in XY)], "points_by_name"),
        (
            [["parcel", "northing", "easting"], *(["1" if pair is XY[0] else "", *pair] for pair in XY)],
            "points_by_parcel",
        ),
    ],
)
def test_rows_become_a_parcel(rows: list[list[str]], code: str) -> None:
    frame, codes = layer(*rows)
    assert frame.area.tolist() == [10_000.0]
    assert frame.crs is None
    assert code in codes


def test_titles_blank_rows_and_notes() -> None:
    rows = [["界址点成果表", "", ""], ["", "", ""], ["点号", "X", "Y"], *numbered(), ["", "", ""], ["合计", "", ""]]
    moved = [[name, x, f"{float(y) + 500:.3f}"] for name, x, y in numbered()]
    frame, codes = layer(*rows, *moved)
    assert frame.area.tolist() == [10_000.0, 10_000.0]
    assert "points_words" in codes


def test_a_header_of_two_rows() -> None:
    rows = [["点号", "坐标", ""], ["", "X(m)", "Y(m)"], *numbered()]
    assert layer(*rows)[0].area.tolist() == [10_000.0]


def test_repeated_headers_on_printed_pages() -> None:
    head = ["地块编号", "点号", "X", "Y"]
    rows = [["1", *row] for row in numbered()]
    assert layer(head, *rows[:2], head, *rows[2:])[0].area.tolist() == [10_000.0]


def test_rings_by_number_and_attributes_by_parcel() -> None:
    inner = [
        [
            "1",
            "甲",
            "工业",
            f"J{place}",
            "2",
            str(float(x) / 2 + NORTH / 2 + 25),
            str(float(y) / 2 + EAST / 2 + 25),
            "5",
        ]
        for place, (x, y) in enumerate(XY, start=5)
    ]
    outer = [["1", "甲", "工业", f"J{place}", "1", x, y, str(place)] for place, (x, y) in enumerate(XY, start=1)]
    frame, codes = layer(["地块编号", "地块名称", "用途", "点号", "圈号", "X", "Y", "边长"], *outer, *inner)
    assert frame.area.tolist() == [7_500.0]
    assert frame.drop(columns="geometry").to_numpy().tolist() == [["1", "甲", "工业"]]
    assert "points_varying" in codes


def test_sites_are_points() -> None:
    rows = [
        ["序号", "站点名称", "经度", "纬度", "高程"],
        ["1", "城东", "113.053", "36.071", "900"],
        ["2", "城西", "113.018", "36.082", "910"],
    ]
    frame, codes = layer(*rows)
    assert frame.geom_type.tolist() == ["Point", "Point"]
    assert frame["站点名称"].tolist() == ["城东", "城西"]
    assert frame.crs.to_epsg() == 4490
    assert {"points_sites_name", "points_degrees", "heights_dropped"} <= set(codes)


def test_swapped_columns_are_said() -> None:
    frame, codes = layer(["点号", "X", "Y"], *([name, y, x] for name, x, y in numbered()))
    assert frame.area.tolist() == [10_000.0]
    assert "txt_axes_swapped" in codes
    frame, codes = layer(["名称", "经度", "纬度"], ["甲", "36.05", "113.05"])
    assert (frame.geometry[0].x, frame.geometry[0].y) == (113.05, 36.05)
    assert "points_lonlat_swapped" in codes


def test_without_a_zone_the_system_is_left_open() -> None:
    rows = [["点号", "X", "Y"], *([name, x, f"{float(y) - 38e6:.3f}"] for name, x, y in numbered())]
    assert layer(*rows)[0].crs is None
    assert layer(*rows, crs="EPSG:4547")[0].crs.to_epsg() == 4547


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([["a", "b"], ["1", "2"]], "there is no header"),
        ([["X", "Y"], *XY], "may be one outline or separate sites"),
        ([["点号", "X", "Y"], *numbered(), ["J9", XY[0][0], XY[1][1]]], "may be one outline or separate sites"),
        ([["X", "Y"], [*XY[0]], [XY[1][0], ""]], "row 3 has only one"),
        ([["X", "Y"], [*XY[0]], [XY[1][0], "abc"]], 'row 3: "abc" is not a coordinate'),
        ([["X", "Y"], [*XY[0]], [XY[1][0], "nan"]], "is not a coordinate"),
        ([["X(km)", "Y(km)"], *XY], "is not metres"),
        ([["X", "纵坐标", "Y"], ["1", "1", "1"]], "hold the same coordinate"),
        ([["X", "Y"]], "no features"),
        (
            [["名称", "X", "Y"], ["甲", *XY[0]], ["甲", *XY[1]], *(["乙", *pair] for pair in XY)],
            '"甲" has only 2 points',
        ),
        ([["名称", "经度", "纬度"], ["甲", "1130336.00", "360536.00"]], "packed into one number"),
    ],
)
def test_unclear_tables_are_refused(rows: list[list[str]], said: str) -> None:
    with pytest.raises(InputError, match=said):
        layer(*rows)


@pytest.mark.parametrize(
    "text",
    [
        "113.06",
        "113.06°",
        "113°03′36.00″",
        "113°03'36\"",
        "113-03-36",
        "113:03:36",
        "113 03 36",
        "113度03分36秒",
        "E113°03′36″",
        "东经113°03′36″",
        "１１３°０３′３６″",
        "113°03.6′",
        "113d03m36s",
    ],
)
def test_spellings_of_an_angle(text: str) -> None:
    """113 + 3/60 + 36/3600 = 113.06."""
    assert degrees_of(text) == pytest.approx(113.06, abs=1e-12)


@given(st.integers(73, 135), st.integers(0, 59), st.integers(0, 5999))
def test_packed_angles_say_the_same(degrees: int, minutes: int, hundredths: int) -> None:
    expected = degrees + minutes / 60 + hundredths / 360_000
    seconds = f"{hundredths // 100:02d}.{hundredths % 100:02d}"
    assert degrees_of(f"{degrees}{minutes:02d}{seconds}", "packed") == pytest.approx(expected)
    assert degrees_of(f"{degrees}.{minutes:02d}{seconds.replace('.', '')}", "packed") == pytest.approx(expected)
    assert degrees_of(f"{degrees}°{minutes}′{seconds}″") == pytest.approx(expected)


@pytest.mark.parametrize("text", ["113°60′00″", "113-03-60", "x", "", "113..1", "1e5", "113-03-36-9"])
def test_what_is_no_angle(text: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        degrees_of(text)


def test_packed_angles_need_a_statement() -> None:
    cells = [("113.0336", "36.0512"), ("113.0402", "36.0533"), ("113.0415", "36.0459"), ("113.0327", "36.0447")]
    rows = [[f"J{place}", *cell] for place, cell in enumerate(cells, start=1)]
    assert chance_unpacked([text for cell in cells for text in cell]) < setting("packed_chance")
    with pytest.raises(InputError, match="packed into one number"):
        layer(["点号", "经度", "纬度"], *rows)
    packed, codes = layer(["点号", "经度(度分秒)", "纬度(度分秒)"], *rows)
    assert packed.total_bounds[0] == pytest.approx(113 + 3 / 60 + 27 / 3600)
    assert "points_packed_read" in codes
    assert layer(["点号", "经度(度)", "纬度(度)"], *rows)[0].total_bounds[0] == 113.0327


def test_several_sheets(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    for name in ("甲", "乙"):
        sheet = book.create_sheet(name)
        sheet.append(["点号", "X", "Y"])
        for place, (x, y) in enumerate(RING, start=1):
            sheet.append([place, x, y])
    book.save(tmp_path / "a.xlsx")
    with pytest.raises(InputError, match="several layers \\(甲, 乙\\)"):
        read_vector(tmp_path / "a.xlsx")
    assert read_vector(tmp_path / "a.xlsx", Stated(layer="乙")).features.area.tolist() == [10_000.0]


def test_damaged_and_hostile_workbooks(tmp_path: Path) -> None:
    for name in ("a.xlsx", "a.xls"):
        for raw in (b"", b"PK\x03\x04 not really", bytes(range(256)) * 20):
            (tmp_path / name).write_bytes(raw)
            with pytest.raises(InputError, match=r"damaged|empty"):
                read_vector(tmp_path / name)
    book = openpyxl.Workbook()
    book.worksheets[0]["XFD1048576"] = 1
    book.save(tmp_path / "far.xlsx")
    with pytest.raises(InputError, match="larger than is allowed"):
        read_vector(tmp_path / "far.xlsx")


def test_a_bomb_of_a_workbook(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "spatial.io.table_cells.setting", lambda name: 1.0 if name == "table_unpacked_mib" else setting(name)
    )
    with zipfile.ZipFile(tmp_path / "a.xlsx", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b" " * (8 << 20))
    with pytest.raises(InputError, match="larger than is allowed"):
        read_vector(tmp_path / "a.xlsx")


def test_wkt_columns(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(f'name,WKT\n甲,"{at(0, 0, 5, 5).wkt}"\n', encoding="utf-8")
    file = read_vector(tmp_path / "a.csv", Stated(crs=CRS))
    assert (file.features["name"].tolist(), file.features.area.tolist()) == (["甲"], [25.0])
    (tmp_path / "a.csv").write_text("name,WKT\n甲,POLYGON ((\n", encoding="utf-8")
    with pytest.raises(InputError, match="row 2"):
        read_vector(tmp_path / "a.csv", Stated(crs=CRS))


@pytest.mark.parametrize("suffix", ["csv", "xlsx"])
def test_the_writer_is_taken_back_exactly(tmp_path: Path, suffix: str) -> None:
    donut = at(0, 0, 100, 100 / 3).difference(at(10, 10, 1 / 7, 20))
    shape = shapely.MultiPolygon([donut, at(300, 0, 50, 50)])
    frame = gpd.GeoDataFrame(
        {"DKBH": ["A-1", "2"], "DKMC": ["=1+1", ""], "X": ["x", "y"], "用途": ["0809", "甲"]},
        geometry=[shape, donut],
        crs=CRS,
    )
    findings = write_vector({"地块": frame}, tmp_path / f"a.{suffix}")
    assert "table_no_crs" in {finding.code for finding in findings}
    back = read_vector(tmp_path / f"a.{suffix}").features
    # openpyxl writes 16 digits, repr 17.
    tolerance = 0 if suffix == "csv" else 1e-8
    assert shapely.equals_exact(back.geometry.array, frame.geometry.array, tolerance).all()
    assert back[["DKBH", "DKMC", "用途", "原X"]].to_numpy().tolist() == [
        ["A-1", "=1+1", "0809", "x"],
        ["2", "", "甲", "y"],
    ]
    degrees = frame.to_crs(4490)
    write_vector({"地块": degrees}, tmp_path / f"b.{suffix}")
    back = read_vector(tmp_path / f"b.{suffix}").features
    assert shapely.equals_exact(back.geometry.array, degrees.geometry.array, tolerance * 1e-5).all()


def test_repeated_numbers_are_renumbered_and_said(tmp_path: Path) -> None:
    frame = gpd.GeoDataFrame({"DKBH": ["1", "1"], "n": [1, 2]}, geometry=[at(0, 0, 1, 1), at(5, 0, 1, 1)], crs=CRS)
    findings = write_vector({"x": frame}, tmp_path / "a.csv")
    assert {finding.code for finding in findings} == {"table_no_crs", "table_numbered", "types_lost"}
    back = read_vector(tmp_path / "a.csv").features
    assert back[["DKBH", "原DKBH", "n"]].to_numpy().tolist() == [["1", "1", "1"], ["2", "1", "2"]]


@given(
    st.lists(
        st.lists(
            st.sampled_from(
                ["点号", "X", "Y", "经度", "纬度", "1", "J1", *XY[0], "113.05", "36.05", "", "甲", "nan", "1e999"]
            ),
            max_size=5,
        ),
        max_size=8,
    )
)
def test_any_cells_are_read_or_refused(rows: list[list[str]]) -> None:
    try:
        layer(*rows)
    except InputError as error:
        assert "a.csv" in error.text("zh")


def test_the_datum_in_a_title_or_a_sheet_name_counts(tmp_path: Path) -> None:
    for title in (["1980西安坐标系成果表", "", ""], ["坐标系", "西安80", ""]):
        frame, _ = layer(title, ["点号", "X", "Y"], *numbered())
        assert frame.crs.to_epsg() == 2362
    noted, _ = layer(["点号", "X", "Y"], *numbered(), ["注：坐标系为1954北京坐标系", "", ""])
    assert noted.crs.to_epsg() == 2414
    assert layer(["1980西安坐标系", "", ""], ["点号", "X", "Y"], *numbered(), crs=CRS)[0].crs.to_epsg() == 4526
    book = openpyxl.Workbook()
    book.active.title = "西安80"
    for row in (["点号", "X", "Y"], *numbered()):
        book.active.append(row)
    book.save(tmp_path / "a.xlsx")
    with pytest.raises(InputError, match="Xian 1980"):
        read_vector(tmp_path / "a.xlsx")


@pytest.mark.parametrize(
    "titles",
    [
        ("纵坐标(X)", "横坐标(Y)"),
        ("X坐标（纵坐标）", "Y坐标（横坐标）"),
        ("X(北)", "Y(东)"),
        ("X(CGCS2000)", "Y(2000)"),
        ("POINT_Y", "POINT_X"),
    ],
)
def test_brackets_that_name_an_axis_or_a_system(titles: tuple[str, str]) -> None:
    frame, codes = layer(["点号", *titles], *numbered())
    assert frame.area.tolist() == [10_000.0]
    assert "txt_axes_swapped" not in codes


def test_lengths_of_edges_between_the_rows_of_points() -> None:
    """The sheet of boundary points (界址点成果表) as survey offices print it."""
    between = [row for pair in numbered() for row in ([*pair, ""], ["", "", "", "80"])]
    frame, codes = layer(["点号", "坐标", "", "边长"], ["", "X", "Y", ""], *between)
    assert frame.area.tolist() == [10_000.0]
    assert frame.crs is None
    assert codes.count("points_words") == 1


def test_a_page_that_ends_within_an_outline_is_not_two_outlines() -> None:
    with pytest.raises(InputError, match="row 5"):
        layer(["点号", "X", "Y"], *numbered()[:2], ["第1页", "", ""], *numbered()[2:])
    closed = [*numbered(), ["J1", *XY[0]]]
    more = [[f"J{place}", *pair] for place, pair in enumerate(XY, start=5)]
    assert len(layer(["点号", "X", "Y"], *closed, ["", "", ""], *more)[0]) == 2


def test_outlines_inside_others_are_said() -> None:
    inner = [[f"{NORTH + x:.3f}", f"{EAST + y:.3f}"] for x, y in ((20, 20), (20, 40), (40, 40), (40, 20))]
    rows = [*numbered(), ["J1", *XY[0]], *([f"J{place}", *pair] for place, pair in enumerate(inner, start=1))]
    assert "points_nested" in layer(["点号", "X", "Y"], *rows)[1]
    told = [["1", *row] for row in numbered()] + [["2", f"J{place}", *pair] for place, pair in enumerate(inner)]
    assert "points_nested" not in layer(["地块编号", "点号", "X", "Y"], *told)[1]


@pytest.mark.parametrize("cell", ["3.98E+06", "3.980000E+7", "4E+6"])
def test_numbers_that_a_spreadsheet_has_shortened(cell: str) -> None:
    with pytest.raises(InputError, match="has lost its metres"):
        layer(["点号", "X", "Y"], ["J1", cell, XY[0][1]], *numbered()[1:])


def test_exact_numbers_may_be_written_with_a_power() -> None:
    rows = [[name, f"{float(x):.9E}", f"{float(y):.10e}"] for name, x, y in numbered()]
    assert layer(["点号", "X", "Y"], *rows)[0].area.tolist() == [10_000.0]


def test_angles_in_the_columns_x_and_y() -> None:
    spelled = [["J1", "36°03′00″", "113°03′00″"], ["J2", "36°03′00″", "113°03′36″"], ["J3", "36°03′36″", "113°03′36″"]]
    frame, _ = layer(["点号", "X", "Y"], *spelled)
    assert frame.total_bounds == pytest.approx([113.05, 36.05, 113.06, 36.06])
    packed = ["113.0336", "113.0402", "113.0415", "113.0327"]
    rows = [[f"J{place}", f"36.05{place}2", cell] for place, cell in enumerate(packed)]
    with pytest.raises(InputError, match="packed into one number"):
        layer(["点号", "X", "Y"], *rows)


def test_four_decimals_that_may_be_minutes_and_seconds_are_doubted() -> None:
    rows = [["J1", "113.0300", "36.0312"], ["J2", "113.0336", "36.0312"], ["J3", "113.0336", "36.0348"]]
    assert "points_packed_maybe" in layer(["点号", "经度", "纬度"], *rows)[1]
    assert "points_packed_maybe" not in layer(["点号", "经度(度)", "纬度(度)"], *rows)[1]
    longer = [[name, f"{lon}12", f"{lat}12"] for name, lon, lat in rows]
    assert "points_packed_maybe" not in layer(["点号", "经度", "纬度"], *longer)[1]
