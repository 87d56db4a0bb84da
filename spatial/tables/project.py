"""The tables of one project's section: facts, zones for a narrow page, net figures, receptors."""

from __future__ import annotations

from typing import Literal

import shapely

from spatial.screening.result import ProjectResult, Verdict
from spatial.tables.cells import (
    NOTHING,
    Cell,
    Column,
    Kind,
    Table,
    as_text,
    file_name,
    joined,
    rounded,
    seen,
    sentences,
)
from spatial.tables.overview import (
    SUMMARY,
    clauses,
    make_table,
    project_zones_table,
    role_name,
    summary_cells,
    verdict_name,
    verdict_text,
)
from spatial.tables.points import points_of, rows_at
from spatial.words import Lang, say, table

_PAIRS = 3  # facts side by side
_NAMES_SHOWN = 4  # zone names in a narrow cell; the workbook has them all


def narrow_zones_table(found: ProjectResult, lang: Lang, status: str) -> Table:
    """Return a project's zone rows of one status for a narrow page, role and names, reason and clause in one cell."""
    table = project_zones_table(found, lang, (status,))
    extra = (Column("zone", say(lang, "col_zone"), "long"), Column("basis", say(lang, "col_basis"), "long"))
    rows = []
    shown = [row for row in found.rows if row.status == status]
    for zone, cells, role in zip(shown, table.rows, table.column("role"), strict=True):
        names = joined(lang, map(seen, zone.zone_names[:_NAMES_SHOWN]))
        if len(zone.zone_names) > _NAMES_SHOWN:
            names = say(lang, "names_and_more", names=names, count=len(zone.zone_names))
        why = sentences(lang, zone.reason)
        # A reason that cites its clause need not cite it twice.
        uncited = [rule for rule in zone.rules if seen(rule.clause) not in why]
        basis = f"{why}\n{say(lang, 'basis_clause', clause=clauses(uncited, lang))}" if uncited else why
        rows.append((*cells, f"{role}\n{names}" if names else role, basis))
    return Table("zones", say(lang, f"project_{status}"), (*table.columns, *extra), tuple(rows), table.verdicts)


def net_table(found: ProjectResult, lang: Lang) -> Table:
    """Return where the strictest zone takes each place, so that the parts sum to the project.

    Free and outside parts stand in it where there are any. The last row is the whole project's own figure, not the sum of the rounded rows.
    """
    line = found.official_area_m2 is None
    unit: Literal["m", "m2"] = "m" if line else "m2"
    whole = found.length_m if line else found.official_area_m2
    free, outside = (found.free_length_m, found.outside_length_m) if line else (found.free_m2, found.outside_m2)
    parts: list[tuple[str, Verdict | None, float | None, float | None]] = []
    for row in found.rows:
        net = row.net_length_m if line else row.net_area_m2
        if net:
            parts.append((role_name(row.role, lang), row.verdict, net, row.net_share_pct))
    for key, value in (("part_free", free), ("part_outside", outside), ("part_whole", whole)):
        if value or key == "part_whole":
            parts.append((say(lang, key), None, value, _share_pct(value, whole)))
    rows = tuple(
        (name, verdict_text(verdict, lang) if verdict else None, rounded(value, unit), rounded(share, "pct"))
        for name, verdict, value, share in parts
    )
    keys: tuple[tuple[str, Kind], ...] = (
        ("part", "text"),
        ("verdict", "verdict"),
        ("net_length_m" if line else "net_area_m2", unit),
        ("share_pct", "pct"),
    )
    return make_table("net", keys, rows, [part[1] for part in parts], lang)


def facts_table(found: ProjectResult, lang: Lang) -> Table:
    """Return a project's facts as pairs of label and value, three pairs a row."""
    summary = summary_cells(found, lang)
    shown = {key: as_text(value, kind) for (key, kind), value in zip(SUMMARY, summary, strict=True)}
    project = found.project
    keys = ["length_m"] if found.length_m is not None else []
    if found.official_area_m2 is not None:
        keys += ["official_area_m2", "official_area_ha", "official_area_mu", "stored_area_m2", "planar_area_m2"]
    if project.declared_area_m2 is not None:
        keys += ["declared_area_m2", "declared_area_mu"]
        keys += ["declared_difference_pct"] if found.official_area_m2 else []
    pairs = [
        (say(lang, "col_nature"), shown["nature"]),
        (say(lang, "fact_status"), say(lang, f"status_of_{project.status}")),
        (say(lang, "fact_discharging"), say(lang, f"answer_{project.discharging}")),
        (say(lang, "col_location"), shown["location"]),
        *((say(lang, f"col_{key}"), shown[key]) for key in keys),
    ]
    if project.width_m is not None:
        pairs.append((say(lang, "fact_width_m"), as_text(rounded(project.width_m, "m"), "m")))
    if project.slope_deg is not None:
        pairs.append((say(lang, "fact_slope_deg"), as_text(rounded(project.slope_deg, "deg"), "deg")))
    for key, value in (
        ("remarks", shown["remarks"]),
        ("note", seen(project.note)),
        ("source", seen(file_name(project.source))),
    ):
        if value and value != NOTHING:
            pairs.append((say(lang, f"col_{key}"), value))
    pairs += [("", "")] * (-len(pairs) % _PAIRS)
    rows = tuple(
        tuple(text for pair in pairs[start : start + _PAIRS] for text in pair) for start in range(0, len(pairs), _PAIRS)
    )
    titles = (say(lang, "col_item"), say(lang, "col_value"))
    columns = tuple(
        Column(f"{kind}_{side}", title, "text")
        for side in range(1, _PAIRS + 1)
        for kind, title in zip(("item", "value"), titles, strict=True)
    )
    return Table("facts", say(lang, "table_facts"), columns, rows)


def receptors_table(found: ProjectResult, lang: Lang) -> Table:
    """Return the sensitive receptors within the radius, the nearest first."""
    nearest = sorted(found.receptors, key=lambda receptor: receptor.distance_m)
    rows = tuple(
        (seen(place.name), receptor_kind(place.kind, lang), rounded(place.distance_m, "m")) for place in nearest
    )
    keys: tuple[tuple[str, Kind], ...] = (("receptor", "long"), ("receptor_kind", "text"), ("distance_m", "m"))
    return make_table("receptors", keys, rows, (), lang)


def receptor_kind(kind: str, lang: Lang) -> str:
    """Return the name of a kind of receptor, the kind as it is where the labels have none.

    Examples
    --------
    >>> receptor_kind("school", "en"), receptor_kind("kiln", "en")
    ('school', 'kiln')
    """
    return say(lang, f"receptor_{kind}") if f"receptor_{kind}" in table("labels") else seen(kind)


def receptors_text(found: ProjectResult, lang: Lang) -> str:
    """Return the receptors nearby in one line, the nearest first."""
    return joined(
        lang,
        (
            say(lang, "receptors_text", name=name, kind=kind, distance=as_text(distance_m, "m"))
            for name, kind, distance_m in receptors_table(found, lang).rows
        ),
    )


def points_table(found: ProjectResult, lang: Lang) -> Table:
    """Return each point of a project with the zones it lies in, coordinates in the analysis CRS [m]."""
    rows: list[tuple[Cell, ...]] = []
    verdicts: list[str | None] = []
    for number, point in enumerate(points_of(found), start=1):
        met = rows_at(found, number)
        zones = [
            say(lang, "zone_decision", role=role_name(row.role, lang), verdict=verdict_name(row.verdict, lang))
            for row in met
        ]
        named = joined(lang, zones) or say(lang, "point_in_no_zone")
        east_m, north_m = rounded(shapely.get_x(point), "m"), rounded(shapely.get_y(point), "m")
        rows.append((number, named, east_m, north_m))
        verdicts.append(met[0].verdict if met else None)
    keys: tuple[tuple[str, Kind], ...] = (
        ("point", "count"),
        ("point_zones", "long"),
        ("easting_m", "m"),
        ("northing_m", "m"),
    )
    return make_table("points", keys, tuple(rows), verdicts, lang)


def _share_pct(value: float | None, whole: float | None) -> float | None:
    return 100.0 * value / whole if value is not None and whole else None
