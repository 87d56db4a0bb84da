from __future__ import annotations

from pathlib import Path

import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from pyproj import CRS

from spatial.areas import official_area_m2
from spatial.errors import InputError
from spatial.io.vector import FeatureNames, read_vector
from spatial.screening.projects import circle_of_area, projects_of, require_unique
from tests.small import EAST, NORTH, at, point, write

PLANE = CRS(4526)
LINE = shapely.LineString([(EAST, NORTH), (EAST + 100, NORTH)])


def read(path: Path, shapes, default: str = "", **columns):
    file = read_vector(write(path / "p.parquet", shapes, **columns))
    return projects_of(file, PLANE, nature=default, names=FeatureNames(file.features))


def test_chinese_headers_and_words(tmp_path: Path) -> None:
    projects, findings = read(
        tmp_path,
        {"厂": at(0, 0, 10, 10)},
        项目编号=["7"],
        项目性质=["污水处理厂、人工湿地"],
        建设性质=["扩建"],
        是否排污=["是"],
        **{"申报面积（亩）": ["43.21"], "坡度": ["12.5"], "比选组": ["一"]},
    )
    (project,) = projects
    assert (project.project_id, project.nature, project.status, project.discharging) == ("7", "WWTP", "altered", "yes")
    assert project.declared_area_m2 == pytest.approx(28806.6667, abs=1e-3)
    assert (project.slope_deg, project.alternative_group) == (12.5, "一")
    assert findings == []


def test_a_nature_not_stated_is_other_and_said(tmp_path: Path) -> None:
    projects, findings = read(tmp_path, {"厂": at(0, 0, 10, 10)})
    assert projects[0].nature == "OTHER"
    assert [finding.code for finding in findings] == ["nature_not_stated"]


def test_the_option_names_the_nature_of_those_that_state_none(tmp_path: Path) -> None:
    projects, findings = read(tmp_path, {"厂": at(0, 0, 1, 1), "路": LINE}, "WWTP", nature=[None, "LIN"])
    assert [project.nature for project in projects] == ["WWTP", "LIN"]
    assert findings == []


def test_a_line_with_a_width_has_a_footprint(tmp_path: Path) -> None:
    (project,), _ = read(tmp_path, {"路": LINE}, "LIN", width_m=[12.0])
    assert project.geometry is not None
    assert project.geometry.area == pytest.approx(1200)
    assert project.line is not None
    assert project.line.length == 100


def test_a_point_with_an_area_gets_a_schematic_circle(tmp_path: Path) -> None:
    (project,), findings = read(tmp_path, {"站": point(0, 0)}, "WWTP", declared_area_mu=[110.0])
    assert project.schematic
    assert float(official_area_m2([project.geometry], PLANE)[0]) == pytest.approx(73333.3333, abs=0.01)
    assert [finding.code for finding in findings] == ["project_schematic"]


@given(st.floats(1, 1e8))
def test_a_circle_has_the_official_area_asked_for(area_m2: float) -> None:
    circle = circle_of_area(point(0, 0), area_m2, PLANE)
    assert float(official_area_m2([circle], PLANE)[0]) == pytest.approx(area_m2, rel=1e-6)


def test_location_needed_and_not_spatial(tmp_path: Path) -> None:
    projects, _ = read(
        tmp_path, {"甲": None, "乙": None, "丙": at(0, 0, 1, 1)}, "ECO", location=["needed", "非空间", None]
    )
    assert [project.location for project in projects] == ["needed", "not_spatial", "given"]


@pytest.mark.parametrize(
    ("columns", "said"),
    [
        ({"nature": ["WWPT"]}, "is not a nature of project"),
        ({"status": ["old"]}, "write one of new, altered, existing, unknown"),
        ({"width_m": ["wide"]}, "not a sensible number"),
        ({"slope_deg": ["-3"]}, "not a sensible number"),
        ({"declared_area_ha": ["inf"]}, "not a sensible number"),
    ],
)
def test_faults_name_file_and_feature(tmp_path: Path, columns, said: str) -> None:
    with pytest.raises(InputError, match=said) as caught:
        read(tmp_path, {"厂": at(0, 0, 1, 1)}, **columns)
    assert "p.parquet" in str(caught.value)
    assert "厂" in str(caught.value)


def test_no_geometry_without_a_reason_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="has no geometry"):
        read(tmp_path, {"厂": None, "丙": at(0, 0, 1, 1)})


def test_two_projects_of_one_id_are_refused(tmp_path: Path) -> None:
    projects, _ = read(tmp_path, {"甲": at(0, 0, 1, 1), "乙": at(5, 0, 1, 1)}, project_id=["1", "1"])
    with pytest.raises(InputError, match=r"p\.parquet: the project id 1 stands twice"):
        require_unique(projects)


def test_collections_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="collection of different geometries"):
        read(tmp_path, {"甲": shapely.GeometryCollection([at(0, 0, 1, 1), LINE])})


def test_an_unknown_option_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="--nature"):
        read(tmp_path, {"甲": at(0, 0, 1, 1)}, "SEWAGE")


@pytest.mark.parametrize(
    ("text", "code"),
    [("WWTP", "WWTP"), ("wwtp", "WWTP"), ("污水处理厂", "WWTP"), ("污水处理厂、人工湿地", "WWTP"), ("tourism", "TOUR")],
)
def test_natures_are_known_by_code_name_and_word(text: str, code: str) -> None:
    from spatial.roles import nature_of

    assert nature_of(text) == code
