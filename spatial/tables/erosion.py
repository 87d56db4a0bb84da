"""The tables of soil loss, as every output shows them."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from spatial.erosion.grades import NO_GRADE, grade_names
from spatial.erosion.land import management_factor
from spatial.erosion.result import ErosionResult
from spatial.erosion.run import Loss
from spatial.tables.cells import Cell, Column, Kind, Table, rounded, seen, without_folder
from spatial.units import from_m2
from spatial.words import Lang, say

_NO_COVER = 0


def erosion_tables(result: ErosionResult, lang: Lang) -> list[Table]:
    """Return all tables of soil loss; those that would be empty are left out."""
    tables = [
        _zones(result, lang),
        _grades(result, lang),
        _pivot(result, lang),
        _sheet(result, lang),
        _matrix(result, lang),
        _lost(result, lang),
        _basis(result, lang),
    ]
    return [table for table in tables if table.rows]


def erosion_title(result: ErosionResult, lang: Lang) -> str:
    """Return the title of every output: district and model."""
    return say(lang, "erosion_title", district=seen(result.district.say(lang)), model=result.model.upper())


def _zones(result: ErosionResult, lang: Lang) -> Table:
    """Return loss and mean loss of each township, and of the district's outline by itself."""
    rows = [(name, *row) for name, row in zip(result.zones, _rows(result.loss, len(result.zones)), strict=True)]
    rows.append((say(lang, "erosion_all"), *_rows(result.whole, 1)[0]))
    columns: list[tuple[str, Kind]] = [
        ("zone", "text"),
        ("area_ha", "ha"),
        ("lossy_ha", "ha"),
        ("loss_t_a", "m2"),
        ("mean_t_km2_a", "m2"),
    ]
    return _table("erosion_zones", columns, rows, lang)


def _rows(loss: Loss, zones: int) -> list[tuple[Cell, ...]]:
    graded = loss.cube[loss.cube["grade"] != NO_GRADE].groupby("zone")
    area, lossy, lost = loss.cube.groupby("zone")["area_m2"].sum(), graded["area_m2"].sum(), graded["loss_t_a"].sum()
    return [_row(area.get(n, 0.0), lossy.get(n, 0.0), lost.get(n, 0.0)) for n in range(zones)]


def _row(area_m2: float, lossy_m2: float, loss_t_a: float) -> tuple[Cell, ...]:
    mean = loss_t_a / (lossy_m2 / 1e6) if lossy_m2 else None
    return _ha(area_m2), _ha(lossy_m2), rounded(float(loss_t_a), "m2"), rounded(mean, "m2")


def _grades(result: ErosionResult, lang: Lang) -> Table:
    """Return the area of each grade within the district's outline, in each reading of the tolerance."""
    frame = result.whole.grades
    graded = frame[frame["grade"] != NO_GRADE]
    rows = []
    for region in result.regions:
        own = graded[graded["region"] == region.code].groupby("grade")["area_m2"].sum()
        for grade, name in grade_names().items():
            area = float(own.get(grade, 0.0))
            share = rounded(100 * area / float(own.sum()), "pct")
            tolerance = f"{region.name.say(lang)} {region.tolerance_t_km2_a:g}"
            rows.append((tolerance, name.say(lang), _ha(area), share))
    columns: list[tuple[str, Kind]] = [("region", "text"), ("grade", "text"), ("area_ha", "ha"), ("share", "pct")]
    return _table("erosion_grades", columns, rows, lang)


def _pivot(result: ErosionResult, lang: Lang) -> Table:
    """Return township by land cover by slope class by grade; it sums to the townships, not to the outline."""
    names, slopes = grade_names(), {one.code: one.name.say(lang) for one in result.scheme.classes}
    rows = [
        (
            result.zones[int(row.zone)],
            _cover(result, int(row.cover), lang),
            slopes.get(int(row.slope), say(lang, "slope_none")),
            names[int(row.grade)].say(lang) if row.grade != NO_GRADE else say(lang, "erosion_no_grade"),
            _ha(row.area_m2),
            rounded(float(row.loss_t_a), "m2"),
        )
        for row in result.loss.cube.itertuples()
    ]
    columns: list[tuple[str, Kind]] = [
        ("zone", "text"),
        ("cover", "text"),
        ("slope", "text"),
        ("grade", "text"),
        ("area_ha", "ha"),
        ("loss_t_a", "m2"),
    ]
    return _table("erosion_pivot", columns, rows, lang)


def _sheet(result: ErosionResult, lang: Lang) -> Table:
    own = result.whole.sheet.groupby("grade")["area_m2"].sum()
    whole = float(own[own.index != NO_GRADE].sum())
    rows = [
        (name.say(lang), _ha(float(own.get(grade, 0.0))), rounded(100 * float(own.get(grade, 0.0)) / whole, "pct"))
        for grade, name in grade_names().items()
        if whole
    ]
    return _table("erosion_sheet", [("grade", "text"), ("area_ha", "ha"), ("share", "pct")], rows, lang)


def _lost(result: ErosionResult, lang: Lang) -> Table:
    """Return the area that has no soil loss, by the input that it lacks."""
    own = result.whole.lost.groupby("reason")["area_m2"].sum()
    rows = [(say(lang, f"erosion_lost_{reason}"), _ha(float(area))) for reason, area in own.items()]
    return _table("erosion_lost", [("reason", "long"), ("area_ha", "ha")], rows, lang)


def _matrix(result: ErosionResult, lang: Lang) -> Table:
    """Return the loss of the district by land cover and slope class."""
    cube = result.whole.cube
    graded = cube[cube["grade"] != NO_GRADE]
    wide = graded.pivot_table(index="cover", columns="slope", values="loss_t_a", aggfunc="sum", fill_value=0.0)
    area = graded.groupby("cover")["area_m2"].sum()
    classes = [one for one in result.scheme.classes if one.code in wide.columns]
    columns = (
        Column("cover", say(lang, "col_erosion_cover"), "text"),
        Column("area_ha", say(lang, "col_erosion_lossy_ha"), "ha"),
        *(Column(f"slope_{one.code}", one.name.say(lang), "m2") for one in classes),
        Column("loss_t_a", say(lang, "col_erosion_loss_t_a"), "m2"),
    )
    rows = [
        (
            _cover(result, int(code), lang),
            _ha(float(area[code])),
            *(rounded(float(wide.loc[code, one.code]), "m2") for one in classes),
            rounded(float(wide.loc[code].sum()), "m2"),
        )
        for code in wide.index
    ]
    return Table("erosion_matrix", say(lang, "table_erosion_matrix"), columns, tuple(rows))


def _basis(result: ErosionResult, lang: Lang) -> Table:
    rusle = result.model == "rusle"
    works = "P" if rusle else "E"
    rows: list[tuple[Cell, ...]] = [(say(lang, "erosion_model"), say(lang, f"erosion_model_{result.model}"))]
    rows += [(works if factor == "E" else factor, source.say(lang)) for factor, source in result.basis.items()]
    rows += [
        (
            f"{'C' if rusle else 'B, T'}: {land.name.say(lang)}",
            say(lang, "erosion_management", factor=f"{management_factor(land):.4g}", source=land.source.say(lang))
            if rusle
            else f"{land.biological:g}, {land.tillage:g}: {land.source.say(lang)} ({land.confidence})",
        )
        for land in result.lands.values()
        if not pd.isna(land.biological)
    ]
    rows.append(("L, S", say(lang, f"erosion_ls_{result.model}")))
    rows += [
        (say(lang, "erosion_region"), f"{region.name.say(lang)} {region.tolerance_t_km2_a:g}")
        for region in result.regions
    ]
    rows.append((say(lang, "erosion_areas"), say(lang, "slope_plan_area")))
    rows.append((say(lang, "erosion_sums"), say(lang, "erosion_sums_by")))
    rows += [
        (say(lang, "erosion_file", option=file.purpose), f"{file.name}, {file.sha256[:16]}") for file in result.files
    ]
    rows += [(say(lang, "slope_remark"), without_folder(finding, lang)) for finding in result.findings]
    rows.append((say(lang, "slope_remark"), say(lang, "erosion_relative")))
    return _table("erosion_basis", [("item", "text"), ("value", "long")], rows, lang)


def _cover(result: ErosionResult, code: int, lang: Lang) -> str:
    return say(lang, "erosion_no_cover") if code == _NO_COVER else result.lands[code].name.say(lang)


def _ha(area_m2: float) -> float | None:
    return rounded(from_m2(float(area_m2), "ha"), "ha")


def _table(key: str, columns: Sequence[tuple[str, Kind]], rows: Sequence[tuple[Cell, ...]], lang: Lang) -> Table:
    titled = tuple(Column(name, say(lang, f"col_erosion_{name}"), kind) for name, kind in columns)
    return Table(key, say(lang, f"table_{key}"), titled, tuple(rows))
