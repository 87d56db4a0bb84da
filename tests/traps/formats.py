"""Small samples of every dialect of the formats: ``write(folder)`` returns them by name."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

import ezdxf
import geopandas as gpd
import openpyxl
import shapely
import xlwt

from spatial.io.writers import write_vector
from tests.small import CRS, EAST, NORTH, at

#: The square that every sample holds, north first, as boundary-point files and tables have it.
RING = [(NORTH, EAST), (NORTH, EAST + 100), (NORTH + 100, EAST + 100), (NORTH + 100, EAST)]
AREA_M2 = 10_000.0
HEADER = (
    "[属性描述]\n坐标系=2000国家大地坐标系\n几度分带=3\n计量单位=米\n带号=38\n精度=0.001\n转换参数=,,,,,,\n[地块坐标]"
)
ATTRIBUTES = "5,1.0000,1,甲地,面,J49G0,公用设施用地,0809,@"


def points(names: str = "J{}", *, close: bool = True) -> list[str]:
    """Point lines of the square."""
    lines = [f"{names.format(place)},1,{x:.3f},{y:.3f}" for place, (x, y) in enumerate(RING, start=1)]
    return [*lines, f"{names.format(1)},1,{RING[0][0]:.3f},{RING[0][1]:.3f}"] if close else lines


def boundary_points() -> dict[str, bytes]:
    """Every dialect of boundary-point files (DOMAIN 3.1)."""
    plain = "\n".join([HEADER, ATTRIBUTES, *points()]) + "\n"
    wide = plain.translate(str.maketrans(",[]=", "，［］＝"))
    found = {
        "txt_gbk_crlf": plain.replace("\n", "\r\n").encode("gbk"),
        "txt_gb18030_lf": plain.encode("gb18030"),
        "txt_utf8": plain.encode(),
        "txt_utf8_mark": plain.encode("utf-8-sig"),
        "txt_utf16": plain.encode("utf-16"),
        "txt_no_final_newline": plain.rstrip("\n").encode("gbk"),
        "txt_full_width": wide.encode("gbk"),
        "txt_thick_brackets": plain.replace("[", "【").replace("]", "】").encode("gbk"),
        "txt_j01": "\n".join([HEADER, ATTRIBUTES, *points("J{:02d}")]).encode("gbk"),
        "txt_small_j": "\n".join([HEADER, ATTRIBUTES, *points("j{}")]).encode("gbk"),
        "txt_without_j": "\n".join([HEADER, ATTRIBUTES, *points("{}")]).encode("gbk"),
        "txt_without_header": "\n".join([ATTRIBUTES, *points()]).encode("gbk"),
        "txt_points_only": "\n".join(points()).encode("ascii"),
        "txt_trailing_commas": "\n".join([HEADER, ATTRIBUTES, *(f" {line},,  " for line in points())]).encode("gbk"),
        "txt_tabs": "\n".join([HEADER, ATTRIBUTES, *(line.replace(",", "\t") for line in points())]).encode("gbk"),
        "txt_open_ring": "\n".join([HEADER, ATTRIBUTES, *points(close=False)]).encode("gbk"),
        "txt_old_mac": plain.replace("\n", "\r").encode("gbk"),
    }
    for count in range(8, 13):
        cells = ["5", "1.0000", "1", "甲地", "面", "J49G0", "用途", "0809", "a", "b", "c", "d"][:count]
        found[f"txt_{count}_fields"] = "\n".join([HEADER, ",".join(cells) + ",@", *points()]).encode("gbk")
    return found


def tables() -> dict[str, bytes]:
    """Tables of points in CSV and CASS form that all hold the square."""
    rows = [f"{number},{x:.3f},{y:.3f}" for number, (x, y) in enumerate([*RING, RING[0]], start=1)]
    named = [f"1,甲地,J{number},1,{x:.3f},{y:.3f}" for number, (x, y) in enumerate(RING, start=1)]
    swapped = [f"J{number},{y:.3f},{x:.3f}" for number, (x, y) in enumerate(RING, start=1)]
    cass = [f"{number},,{y:.3f},{x:.3f},950.1" for number, (x, y) in enumerate([*RING, RING[0]], start=1)]
    return {
        "csv_titles_and_units": ("界址点成果表,,\n\n点号,X(m),Y（米）\n" + "\n".join(rows)).encode("gbk"),
        "csv_parcels": ("地块编号,地块名称,点号,圈号,X,Y\n" + "\n".join(named)).encode("utf-8-sig"),
        "csv_swapped": ("点号,纵坐标,横坐标\n" + "\n".join(swapped)).encode("gb18030"),
        "csv_full_width": ("点号,X,Y\n" + "\n".join(rows))
        .translate(str.maketrans("0123456789.", "０１２３４５６７８９．"))
        .encode(),
        "csv_semicolons": ("number;northing;easting\n" + "\n".join(rows).replace(",", ";")).encode(),
        "dat_cass": "\r\n".join(cass).encode("ascii"),
    }


def _sheets(folder: Path) -> dict[str, Path]:
    book = openpyxl.Workbook()
    sheet: Any = book.active
    sheet.append(["界址点成果表"])
    sheet.merge_cells("A1:D1")
    sheet.append(["地块编号", "点号", "X", "Y"])
    for number, (x, y) in enumerate(RING, start=1):
        sheet.append(["1" if number == 1 else None, f"J{number}", x, str(y)])
    sheet.merge_cells("A3:A6")
    book.save(folder / "xlsx_merged.xlsx")
    old = xlwt.Workbook()
    page = old.add_sheet("界址点")
    for place, row in enumerate([("点号", "X", "Y"), *((f"J{n}", *point) for n, point in enumerate(RING, start=1))]):
        for column, cell in enumerate(row):
            page.write(place, column, cell)
    old.save(str(folder / "xls_plain.xls"))
    return {"xlsx_merged": folder / "xlsx_merged.xlsx", "xls_plain": folder / "xls_plain.xls"}


def _drawings(folder: Path) -> dict[str, Path]:
    found = {}
    for name, version, units in (("dxf_r12", "R12", 0), ("dxf_r2000_gbk", "R2000", 6), ("dxf_r2018", "R2018", 6)):
        document = ezdxf.new(version)
        document.header["$INSUNITS"] = units
        if version == "R2000":
            document.header["$DWGCODEPAGE"] = "ANSI_936"
            document.encoding = "gbk"
        ring = [(y, x) for x, y in RING]
        space = document.modelspace()
        attributes = {"layer": "0" if version == "R12" else "地块"}
        if version == "R12":
            space.add_polyline2d(ring, close=True, dxfattribs=attributes)
        else:
            space.add_lwpolyline(ring, close=True, dxfattribs=attributes)
        found[name] = folder / f"{name}.dxf"
        document.saveas(found[name])
    return found


def _vectors(folder: Path) -> dict[str, Path]:
    frame = gpd.GeoDataFrame({"DKMC": ["甲地"]}, geometry=[at(0, 0, 100, 100)], crs=CRS)
    found = {}
    for suffix in ("shp", "zip", "gpkg", "geojson", "parquet", "fgb", "kml", "kmz"):
        found[suffix] = folder / f"vector_{suffix}.{suffix}"
        write_vector({"layer": frame}, found[suffix])
    frame.to_file(folder / "gbk.shp", encoding="GBK", engine="pyogrio")
    (folder / "gbk.cpg").unlink()
    found["shp_gbk_without_cpg"] = folder / "gbk.shp"
    frame.to_file(folder / "base.gdb", driver="OpenFileGDB", engine="pyogrio")
    found["gdb"] = folder / "base.gdb"
    found["gdb_zip"] = folder / "base.gdb.zip"
    with zipfile.ZipFile(found["gdb_zip"], "w") as archive:
        for file in sorted(found["gdb"].iterdir()):
            archive.write(file, f"base.gdb/{file.name}")
    return found


def write(folder: Path) -> dict[str, Path]:
    """Write all samples and return their paths by name."""
    found = {}
    for name, raw in {**boundary_points(), **tables()}.items():
        found[name] = folder / f"{name}.{name.partition('_')[0]}"
        found[name].write_bytes(raw)
    return {**found, **_sheets(folder), **_drawings(folder), **_vectors(folder)}


def square_of(shape: Any) -> bool:
    """Whether a geometry is the square of the samples."""
    (shape,) = shapely.get_parts(shape)
    return bool(shapely.equals_exact(shapely.normalize(shape), shapely.normalize(at(0, 0, 100, 100)), 1e-3))
