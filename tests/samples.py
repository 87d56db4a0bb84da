"""A hand-made screening with every verdict and with text that tries to break outputs."""

from __future__ import annotations

import datetime as dt

import geopandas as gpd
import shapely
from shapely.geometry import LineString, MultiPoint, Point, Polygon, box

from spatial.loading import LayerUse
from spatial.overlay import Closure
from spatial.screening.result import (
    Avoidance,
    FiredRule,
    Project,
    ProjectResult,
    Provenance,
    Receptor,
    ScreeningResult,
    Verdict,
    ZoneRow,
)
from spatial.words import Text

CRS = "EPSG:4526"
EAST, NORTH = 38_414_400.0, 3_991_000.0

#: Names that try to break a workbook, a page, a document or a template.
NASTY = (
    "=1+1",
    "+SUM(A1:A9)",
    "-2+3",
    "@cmd|' /C calc'!A0",
    "<script>alert(1)</script>",
    "</script><script>alert(2)</script>",
    "<img src=x onerror=alert(3)>",
    "\"quotes\" and 'single' & ampersand <!-- comment ]]>",
    "{{ 7*7 }} {% raw %} ${7*7}",
    "污水\u202e厂\u200f右到左\u2066",
    "控制符\x00\x07\x1b\x0b结束",
    "emoji 🏞️👩🏽‍🌾 和生僻字𠮷",
    "长" * 10_000,
    "换行\r\n第二行\t制表",
    "孤立代理\ud800项",
)


def at(x: float, y: float, width: float, height: float) -> Polygon:
    """A box in metres from the sample's origin."""
    return box(EAST + x, NORTH + y, EAST + x + width, NORTH + y + height)


def rule(role: str, decision: Verdict, number: int, documents: tuple[str, ...] = (), **facts: object) -> FiredRule:
    given: dict[str, object] = {
        "rule_id": f"N-{role}-{number}",
        "level": "national",
        "zone": role,
        "decision": decision,
        "documents": documents,
        "clause": "生态环境法典第三百一十九条",
        "reason_zh": "一级保护区内禁止新建与供水设施无关的项目",
        "reason_en": "no project unrelated to water supply may be built in a level-1 zone",
        "confidence": "H",
        "valid_from": dt.date(2026, 8, 15),
        "valid_to": None,
        "source": "法典",
    }
    return FiredRule(**(given | facts))  # type: ignore[arg-type]


def reason(key: str = "notice_aid") -> Text:
    return Text(key)


def contact(
    project_id: str, role: str, verdict: Verdict, gross: float, *, net: float, whole: float, **more: object
) -> ZoneRow:
    given: dict[str, object] = {
        "zone_names": (f"{role}某区", "另一区"),
        "gross_area_m2": gross,
        "gross_share_pct": 100 * gross / whole,
        "net_area_m2": net,
        "net_share_pct": 100 * net / whole,
        "reason": (reason(),),
        "documents": ("D4",) if verdict == Verdict.CONDITIONAL else (),
        "rules": (rule(role, verdict, 1, ("D4",) if verdict == Verdict.CONDITIONAL else ()),),
        "layer_ids": (role.lower(),),
        "editions": ("2024年版",),
        "illustrative": True,
    }
    return ZoneRow(project_id, role, "contact", verdict, **(given | more))  # type: ignore[arg-type]


def prohibited() -> ProjectResult:
    whole = 73_333.33333333333
    outline = at(0, 0, 300, whole / 300)
    rows = (
        contact("P01", "WS1", Verdict.PROHIBITED, 20_000.005, net=20_000.005, whole=whole, evidence=at(0, 0, 100, 200)),
        contact("P01", "WS2", Verdict.CONDITIONAL, 30_000.125, net=10_000.12, whole=whole, evidence=at(0, 0, 150, 200)),
        ZoneRow(
            "P01",
            "RIVER_MGMT",
            "noise",
            Verdict.PERMITTED,
            ("黑水河",),
            0.62,
            gross_share_pct=0.0008,
            sliver_count=2,
            sliver_area_m2=0.62,
            reason=(reason(),),
            layer_ids=("river",),
            editions=("2023",),
            evidence=at(299, 0, 0.5, 1.24),
        ),
        ZoneRow("P01", "ECO_RED", "near", Verdict.REVIEW, ("老雄山",), distance_m=21.456, reason=(reason(),)),
        ZoneRow(
            "P01",
            "*",
            "general",
            Verdict.CONDITIONAL,
            documents=("D11", "D17"),
            reason=(reason(),),
            rules=(rule("*", Verdict.CONDITIONAL, 9, ("D11", "D17"), unresolved=("discharging", "slope_deg")),),
        ),
    )
    return ProjectResult(
        Project(
            "P01",
            "荫城镇污水处理厂（一期）",
            "WWTP",
            "new",
            "yes",
            "polygon",
            "given",
            outline,
            declared_area_m2=73_300.0,
            alternative_group="污水厂选址",
            illustrative=True,
        ),
        Verdict.PROHIBITED,
        (reason(),),
        rows,
        whole,
        73_333.31,
        73_352.8718,
        outside_m2=1_234.5678,
        free_m2=whole - 30_000.125 - 1_234.5678,
        closure=Closure(whole, whole + 2e-10, 2e-10, 2.7e-15),
        documents=("D4", "D11", "D17"),
        missing_roles=("PBF", "SPRING"),
        absent_roles=("WET_NAT",),
        clear_roles=("SCENIC",),
        questions=(Text("notice_internal"),),
        receptors=(Receptor("荫城小学", "学校", 312.4), Receptor("<b>村</b>", "居民点", 87.06)),
        avoidance=Avoidance(at(150, 0, 150, whole / 300), whole - 30_000.125, 30_000.125, 1, ("WS1", "WS2")),
    )


def conditional() -> ProjectResult:
    whole = 28_806.666666666668
    outline = Polygon(
        [(EAST + 800, NORTH), (EAST + 1000, NORTH + 20), (EAST + 980, NORTH + 160), (EAST + 790, NORTH + 150)]
    )
    return ProjectResult(
        Project(
            "P02",
            "扩建工程 二期",
            "WWTP",
            "existing",
            "no",
            "polygon",
            "given",
            outline,
            alternative_group="污水厂选址",
        ),
        Verdict.CONDITIONAL,
        (reason(),),
        (
            contact(
                "P02",
                "UDB_OUT",
                Verdict.CONDITIONAL,
                whole,
                net=whole,
                whole=whole,
                documents=("D6", "D17"),
                evidence=outline,
            ),
        ),
        whole,
        whole - 0.01,
        whole + 7.5,
        closure=Closure(whole, whole, 0.0, 0.0),
        documents=("D6", "D17"),
    )


def permitted_line() -> ProjectResult:
    line = LineString([(EAST - 900, NORTH - 600), (EAST - 100, NORTH - 500), (EAST + 700, NORTH - 700)])
    row = ZoneRow(
        "L01",
        "EUM_G",
        "contact",
        Verdict.PERMITTED,
        ("一般单元",),
        gross_length_m=1_000.5,
        gross_share_pct=61.3,
        net_length_m=1_000.5,
        net_share_pct=61.3,
        reason=(reason(),),
        rules=(rule("EUM_G", Verdict.PERMITTED, 1),),
        evidence=shapely.ops.substring(line, 0, 1000.5),
    )
    length = line.length
    return ProjectResult(
        Project("L01", "村村通管线", "PIPE", "new", "no", "line", "given", line, line=line),
        Verdict.PERMITTED,
        (reason(),),
        (row,),
        length_m=length,
        free_length_m=length - 1_100.5,
        outside_length_m=100.0,
        closure=Closure(length, length, 0.0, 0.0),
    )


def review_point() -> ProjectResult:
    place = Point(EAST + 300, NORTH + 900)
    row = ZoneRow(
        "T01",
        "PBF",
        "contact",
        Verdict.REVIEW,
        ("永农图斑",),
        reason=(reason(),),
        rules=(rule("PBF", Verdict.REVIEW, 2),),
    )
    return ProjectResult(
        Project("T01", "监测站", "MON", "new", "unknown", "point", "given", place),
        Verdict.REVIEW,
        (reason(),),
        (row,),
        questions=(Text("notice_aid"),),
    )


def stations() -> ProjectResult:
    """Three points, the second of them in farmland, all of them outside the urban boundary."""
    points = [Point(EAST + x, NORTH + 1_200) for x in (0, 200, 400)]
    rows = (
        ZoneRow("S01", "PBF", "contact", Verdict.REVIEW, ("永农图斑",), reason=(reason(),), evidence=points[1]),
        ZoneRow("S01", "UDB_OUT", "contact", Verdict.CONDITIONAL, reason=(reason(),), evidence=MultiPoint(points)),
    )
    return ProjectResult(
        Project("S01", "三个监测站", "MON", "new", "no", "point", "given", MultiPoint(points)),
        Verdict.REVIEW,
        (reason(),),
        rows,
    )


def unlocated() -> ProjectResult:
    return ProjectResult(
        Project("U01", "海子河公园下游湿地", "WWTP", "new", "unknown", "none", "needed", None),
        Verdict.UNDETERMINED,
        (reason(),),
        missing_roles=("ECO_RED", "WS1"),
    )


def nasty() -> tuple[ProjectResult, ...]:
    found = []
    for number, name in enumerate(NASTY):
        code = f"N{number:02d}{name[:3]}"
        shape = at(-800 + 90 * number, 600, 60, 60)
        row = contact(
            code,
            "WS2",
            Verdict.CONDITIONAL,
            1_800.0,
            net=1_800.0,
            whole=3_600.0,
            zone_names=(name,),
            evidence=shape,
            rules=(rule("WS2", Verdict.CONDITIONAL, number, ("D4",), clause=name, reason_zh=name),),
        )
        found.append(
            ProjectResult(
                Project(code, name, "OTHER", "new", "no", "polygon", "given", shape, note=name, source=name),
                Verdict.CONDITIONAL,
                (reason(),),
                (row,),
                3_600.0,
                3_600.0,
                3_600.9,
                free_m2=1_800.0,
                closure=Closure(3_600.0, 3_600.0, 0.0, 0.0),
                documents=("D4",),
                receptors=(Receptor(name, name[:20], 5.0),),
            )
        )
    return tuple(found)


def screening(*projects: ProjectResult, illustrative: bool = True) -> ScreeningResult:
    """A screening of the given projects, of one with each verdict by default."""
    layers = (
        LayerUse(
            "ws",
            "WS1",
            "饮用水水源保护区",
            "drinking-water sources",
            "2024年版",
            dt.date(2024, 1, 1),
            None,
            "示意",
            illustrative,
            "a" * 64,
            14,
        ),
        LayerUse(
            "=cmd",
            "RIVER_MGMT",
            "<b>河道</b>",
            "rivers",
            "2023",
            None,
            dt.date(2030, 1, 1),
            "水利局",
            False,
            "b" * 64,
            3,
        ),
    )
    chosen = projects or (prohibited(), conditional(), permitted_line(), review_point(), unlocated())
    return ScreeningResult(
        "上党区",
        "Shangdang District",
        dt.date(2026, 11, 21),
        CRS,
        chosen,
        layers,
        {"WET_NAT": ("本区无国家重要湿地", "the district has none")},
        {
            "D4": ("水源保护区不排污证明", "proof of no discharge"),
            "D6": ("城镇开发边界外正面清单", "positive list"),
            "D11": ("水土保持方案", "soil conservation plan"),
            "D17": ("用地预审与选址意见书", "site opinion"),
        },
        "national 2026-11",
        Provenance(
            {"ecopattern": "0.1.0", "GEOS": "3.14.1"},
            {"=evil.geojson": "c" * 64},
            {"near_m": "30"},
            ("EPSG:4526", "EPSG:4490", "CEA"),
        ),
    )


def map_layers() -> list[tuple[str, gpd.GeoDataFrame, bool]]:
    """Layers as the map takes them."""

    def frame(name: str, *shapes: shapely.Geometry) -> gpd.GeoDataFrame:
        return gpd.GeoDataFrame({"name": [name] * len(shapes)}, geometry=list(shapes), crs=CRS)

    district = at(-1500, -1500, 3300, 3000)
    return [
        ("DISTRICT", frame("上党区", district), False),
        ("TOWNSHIP", frame("荫城镇", at(-1500, -1500, 1700, 3000), at(200, -1500, 1600, 3000)), True),
        (
            "STREAM",
            frame("黑水河", LineString([(EAST - 1500, NORTH), (EAST, NORTH - 80), (EAST + 1800, NORTH + 300)])),
            True,
        ),
        ("ECO_RED", frame("老雄山</script>", at(-1400, 500, 500, 700)), True),
        ("WS1", frame("<img src=x onerror=alert(4)>", at(0, 0, 100, 200)), True),
        ("WS2", frame("二级{{ 7*7 }}", at(-50, -50, 200, 350)), True),
        ("UDB_OUT", frame("边界外", at(700, -200, 900, 900)), True),
        ("ESP_CORRIDOR", frame("廊道", at(-1500, -300, 3300, 120)), True),
    ]
