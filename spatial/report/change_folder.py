"""What a change leaves for people and programs: workbook, GeoPackage of the parts, map, JSON."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import shapely

from spatial.change.run import ChangeResult
from spatial.crs import equal_area_crs
from spatial.equal_area import reproject
from spatial.io.atomic import staged
from spatial.io.writers import write_vector
from spatial.publish.model import Publication
from spatial.publish.page import write_page
from spatial.publish.sources.change import layer_of
from spatial.report.book import Book, write_book
from spatial.roles import roles
from spatial.tables.cells import notice, seen
from spatial.tables.change import change_tables
from spatial.words import Lang, say

#: Columns that a chart of each table shows; tables without an entry have none.
_CHARTED = {"change_totals": ("real_ha",), "change_zones": ("added_ha", "removed_ha")}
FILES = ("change.xlsx", "change.json", "change.gpkg", "map.html")


def write_change_folder(result: ChangeResult, folder: Path, lang: Lang) -> list[Path]:
    """Write workbook, JSON, GeoPackage of all parts, and map: all of them or none.

    Returns
    -------
    list of Path
        The files written.
    """
    with staged(folder) as temporary:
        _write_xlsx(result, temporary / FILES[0], lang)
        content = json.dumps(to_json(result), ensure_ascii=False, indent=1, allow_nan=False)
        (temporary / FILES[1]).write_text(content + "\n", encoding="utf-8", newline="\n")
        write_vector({"change": _parts(result)}, temporary / FILES[2])
        write_page(_map(result, lang), temporary / FILES[3])
    return [folder / name for name in FILES]


def _map(result: ChangeResult, lang: Lang) -> Publication:
    layer = layer_of(result, lang)
    title = say(lang, "change_title", role=roles()[result.role].name(lang), district=seen(result.district.say(lang)))
    warnings = ["notice_internal", *(["notice_illustrative"] if result.illustrative else [])]
    editions = say(lang, "change_editions", old=result.old[0].edition, new=result.new[0].edition)
    west, south, east, north = shapely.total_bounds(layer.shapes).tolist()
    return Publication(
        title=title,
        lang=lang,
        lines=((say(lang, "sentence_mark").join(say(lang, key) for key in warnings), True), (seen(editions), False)),
        layers=(layer,),
        extent=(west, south, east, north),
        watermark=say(lang, "publish_watermark"),
        facts=(("audience", "office"),),
    )


def to_json(result: ChangeResult) -> dict[str, Any]:
    """Return a change for programs, areas in m2, unrounded."""
    change = result.change
    return {
        "schema": "ecopattern.change/1",
        "role": result.role,
        "illustrative": result.illustrative,
        "from": [{"id": layer.layer_id, "edition": layer.edition, "sha256": layer.sha256} for layer in result.old],
        "to": [{"id": layer.layer_id, "edition": layer.edition, "sha256": layer.sha256} for layer in result.new],
        "sliver_width_m": change.sliver_width_m,
        "old_m2": change.old_m2,
        "new_m2": change.new_m2,
        "totals": change.totals().to_dict("records"),
        "by_zone": change.by_zone().to_dict("records"),
        "attributes": change.attributes.to_dict("records"),
    }


def _parts(result: ChangeResult) -> gpd.GeoDataFrame:
    parts = result.change.parts.drop(columns="geometry").assign(illustrative=result.illustrative)
    geometry = np.array(result.change.parts["geometry"].tolist(), dtype=object)
    return gpd.GeoDataFrame(parts, geometry=reproject(geometry, equal_area_crs(), result.plane), crs=result.plane)


def change_notice(result: ChangeResult, lang: Lang) -> str:
    """Return the line that every sheet carries: editions, width of slivers, what the data are."""
    said = [
        say(lang, "change_editions", old=result.old[0].edition, new=result.new[0].edition),
        say(lang, "change_width", width=f"{result.change.sliver_width_m:g}"),
    ]
    return notice(lang, said, illustrative=result.illustrative)


def _write_xlsx(result: ChangeResult, path: Path, lang: Lang) -> None:
    title = say(lang, "change_title", role=roles()[result.role].name(lang), district=seen(result.district.say(lang)))
    tables = change_tables(result, lang)
    write_book(Book(title, change_notice(result, lang), tables, _CHARTED), path, lang)
