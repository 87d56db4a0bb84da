"""Soil loss of the district by grade, and of farmland before and after the measures that the plan prescribes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, cast

import numpy as np
import pandas as pd

from spatial.erosion.grades import NO_GRADE, Region, grade_colours, grade_names, grade_of
from spatial.erosion.model import PER_KM2
from spatial.erosion.practices import practices
from spatial.erosion.result import Asked, Chosen, ErosionResult, Measures, run_erosion
from spatial.loading import load_layer
from spatial.publish.model import Layer, Symbol
from spatial.publish.sources.patches import patches_of
from spatial.publish.sources.scene import (
    Drawn,
    Scene,
    break_classes,
    break_labels,
    class_symbols,
    crowding,
    hectares,
    note_of,
    styles,
    titled,
    to_lon_lat,
    without_unknown,
)
from spatial.tables.cells import Cell, Column, listed, rounded, seen
from spatial.tables.measures import ranked
from spatial.terrain.classes import scheme_of
from spatial.words import Lang, say

NO_OPTIONS: dict[str, type] = {}
_WITH, _WITHOUT = "erosion with measures", "erosion"

_FARMLAND: tuple[tuple[str, Any], ...] = (
    ("parcel", "text"),
    ("slope_class", "text"),
    ("practices", "text"),
    ("area_ha", "ha"),
    ("before_t_a", "m2"),
    ("after_t_a", "m2"),
    ("saved_t_a", "m2"),
    ("saved_t_hm2_a", "m2"),
    ("rank", "count"),
    ("cost_yuan", "count"),
)


def grades(scene: Scene, options: dict[str, Any]) -> Drawn:
    """Return the grades of soil loss inside the district as polygons."""
    del options
    lang, result = scene.lang, _erosion(scene)
    outline = load_layer(scene.workspace.outline(scene.date), scene.plane)
    region = result.regions[0]
    codes = grade_of(PER_KM2 * np.asarray(result.loss.raster_t_hm2_a), region.tolerance_t_km2_a)
    found = patches_of(codes, result.grid, outline.geometry, scene.plane)
    frame = result.whole.grades
    graded = frame[(frame["region"] == region.code) & (frame["grade"] != NO_GRADE)]
    own = graded.groupby("grade")["area_m2"].sum()
    names = grade_names()
    rows: list[tuple[Cell, ...]] = [
        (names[code].say(lang), hectares(own.get(code, 0.0)), rounded(100 * own.get(code, 0.0) / own.sum(), "pct"))
        for code in found.code.tolist()
    ]
    used = note_of([use for use in result.layers if use.role in {"DEM", "LANDCOVER"}], lang)
    tolerance = say(lang, "publish_tolerance", region=region.name.say(lang), value=f"{region.tolerance_t_km2_a:g}")
    layer = Layer(
        key="loss",
        role="DEM",
        title=_by_tolerance("publish_loss", region, lang),
        group=say(lang, "publish_group_analysis"),
        shapes=to_lon_lat(found.shapes, result.grid.crs),
        symbols=_grade_symbols(lang),
        symbol_of=(found.code - 1).astype(np.int32),
        columns=(
            *titled(lang, ("grade", "text"), ("class_ha", "ha")),
            # Not of the district: built-up land and water have no loss.
            Column("class_pct", say(lang, "publish_col_graded_pct"), "pct"),
        ),
        rows=tuple(rows),
        note=say(lang, "publish_merged", note=listed(lang, [tolerance, used]), side=f"{found.merged_m:.0f}"),
        illustrative=result.illustrative,
    )
    return Drawn((layer,), result.layers, result.findings)


def before(scene: Scene, options: dict[str, Any]) -> Drawn:
    """Return farmland by the grade of its loss today."""
    del options
    return _parcels(scene, "publish_before", _by_grade("loss_t_a"))


def after(scene: Scene, options: dict[str, Any]) -> Drawn:
    """Return farmland by the grade of its loss after the measures."""
    del options
    return _parcels(scene, "publish_after", _by_grade("after_t_a"))


def priority(scene: Scene, options: dict[str, Any]) -> Drawn:
    """Return the farmland that the plan prescribes measures for, by what they would save."""
    del options
    return _parcels(scene, "publish_priority", _by_saving, prescribed=True)


def _by_tolerance(title: str, region: Region, lang: Lang) -> str:
    """Return a title that says by which tolerance grades are read: slight erosion hangs on it."""
    return say(lang, "publish_by_tolerance", title=say(lang, title), value=f"{region.tolerance_t_km2_a:g}")


Classed = Callable[[pd.DataFrame, ErosionResult, Lang], tuple[tuple[Symbol, ...], Any]]


def _by_grade(column: str) -> Classed:
    def classed(parcels: pd.DataFrame, result: ErosionResult, lang: Lang) -> tuple[tuple[Symbol, ...], Any]:
        modulus = parcels[column] / (parcels["area_m2"] - parcels["without_loss_m2"]) * 1e6
        grade = grade_of(modulus.to_numpy(), result.regions[0].tolerance_t_km2_a)
        unknown = class_symbols([say(lang, "publish_no_figure")], ["#eeeeee"])
        codes = np.where(grade == NO_GRADE, len(grade_names()), grade.astype(np.int32) - 1)
        return (*_grade_symbols(lang), *unknown), codes

    return classed


def _by_saving(parcels: pd.DataFrame, result: ErosionResult, lang: Lang) -> tuple[tuple[Symbol, ...], Any]:
    del result
    table = styles()["saved"]
    labels = break_labels(table["upper_t_hm2_a"], say(lang, "publish_t_hm2_a"), lang)
    symbols = class_symbols([*labels, say(lang, "publish_no_figure")], [*table["colours"], "#dddddd"], opacity=0.9)
    return symbols, break_classes(parcels["saved_t_per_hm2"].to_numpy(dtype=np.float64), table["upper_t_hm2_a"])


def _grade_symbols(lang: Lang) -> tuple[Symbol, ...]:
    names, colours = grade_names(), grade_colours()
    hatches = styles()["class_hatch"]["grade"]
    return class_symbols([name.say(lang) for name in names.values()], list(colours.values()), hatches)


def _parcels(scene: Scene, title: str, classed: Classed, *, prescribed: bool = False) -> Drawn:
    lang, result = scene.lang, _erosion(scene, measures=True)
    # They were asked for.
    measures = cast("Measures", result.measures)
    farmland = measures.farmland
    saved = farmland.measures.add_prefix("m_")
    table = farmland.parcels.join(saved)
    # What nothing is prescribed for loses tomorrow what it loses today.
    table["after_t_a"] = table["m_after_t_a"].fillna(table["loss_t_a"])
    table["saved_t_per_hm2"] = table["m_saved_t_per_hm2"]
    # The ranking of the report, so that one parcel has one rank.
    table["rank"] = ranked(measures)["rank"].reindex(table.index)
    shapes = farmland.geometry
    if prescribed:
        shapes, table = shapes[table["m_practices"].notna().to_numpy()], table[table["m_practices"].notna()]
    symbols, symbol_of = classed(table, result, lang)
    symbol_of = np.asarray(symbol_of, dtype=np.int32)
    thinner = crowding(len(shapes))
    layer = Layer(
        key=title.removeprefix("publish_"),
        role="FARMLAND",
        title=say(lang, title) if prescribed else _by_tolerance(title, result.regions[0], lang),
        group=say(lang, "publish_group_measures"),
        shapes=to_lon_lat(shapes, scene.plane),
        symbols=tuple(replace(one, width=one.width * thinner) for one in without_unknown(symbols, symbol_of)),
        symbol_of=symbol_of,
        columns=titled(lang, *_FARMLAND),
        rows=tuple(_row(row, lang) for row in table.itertuples()),
        name_key="parcel",
        chart_keys=("before_t_a", "after_t_a"),
        note=note_of([use for use in result.layers if use.role == "FARMLAND"], lang),
        illustrative=result.illustrative,
    )
    return Drawn((layer,), result.layers, result.findings)


def _row(row: Any, lang: Lang) -> tuple[Cell, ...]:
    names = {one.code: one.name.say(lang) for one in scheme_of("survey").classes}
    known = practices()
    codes = row.m_practices.split() if isinstance(row.m_practices, str) else []
    return (
        seen(row.parcel),
        names.get(int(row.slope_class), ""),
        listed(lang, (known[code].name.say(lang) for code in codes)),
        hectares(row.area_m2),
        rounded(row.loss_t_a, "m2"),
        rounded(row.after_t_a, "m2"),
        rounded(row.m_saved_t_a, "m2"),
        rounded(row.saved_t_per_hm2, "m2"),
        None if np.isnan(row.rank) else int(row.rank),
        None if np.isnan(row.m_yuan) else round(row.m_yuan),
    )


def given(result: ErosionResult) -> dict[str, Any]:
    """Return what a scene has made already where a result is there."""
    return {_WITHOUT: result} | ({_WITH: result} if result.measures is not None else {})


def _erosion(scene: Scene, *, measures: bool = False) -> ErosionResult:
    chosen = Chosen(measures=Asked() if measures else None)
    key = _WITH if measures else _WITHOUT
    found: ErosionResult = scene.once(key, lambda: run_erosion(scene.workspace, scene.date, chosen))
    return found
