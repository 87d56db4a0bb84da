"""Screening: every project against every zone role, from geometry to verdict; no files."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import CRS
from shapely.geometry.base import BaseGeometry

from spatial.crs import equal_area_crs
from spatial.equal_area import reproject
from spatial.errors import InputError
from spatial.overlay import Closure, Shares, closure, net_parts, share_out, split_slivers
from spatial.roles import roles
from spatial.screening.conclude import conclude
from spatial.screening.conditions import Facts
from spatial.screening.contacts import Contact, RoleContacts, Zones, find_contacts
from spatial.screening.judge import (
    Judgement,
    facts_named,
    judge_noise,
    judge_project,
    judge_zone,
    noise_limit_m2,
    strictest,
)
from spatial.screening.result import Avoidance, Project, ProjectResult, Receptor, Status, Verdict, ZoneRow
from spatial.screening.rules import ANY_ZONE, RuleBook
from spatial.screening.sites import Site, Sites, areas_m2, lengths_m, prepare_sites
from spatial.settings import setting
from spatial.units import from_m2
from spatial.words import Text

#: Told how many steps of how many are done.
Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Ground:
    """What the projects are screened against, in the analysis plane.

    Parameters
    ----------
    zones
        By role; a role without a layer is not in it.
    absent
        Roles declared not to exist in the district.
    receptors
        Geometry, name and kind of sensitive receptors.
    """

    crs: CRS
    district: BaseGeometry
    zones: Mapping[str, Zones]
    absent: frozenset[str]
    receptors: tuple[NDArray[np.object_], tuple[str, ...], tuple[str, ...]]


@dataclass(frozen=True)
class Terms:
    """How to screen: the rules, the date that decides their edition, and the distances [m]."""

    book: RuleBook
    date: dt.date
    near_m: float
    receptor_radius_m: float


#: An overlap this close to the whole site, relatively, is the whole site.
_WHOLE = 1e-9

_BATCH = 4096
"""Geometries that are projected together, which bounds the memory it takes."""


def screen(
    projects: list[Project],
    ground: Ground,
    terms: Terms,
    *,
    progress: Progress = lambda _done, _total: None,
) -> tuple[ProjectResult, ...]:
    """Screen projects against the zones of a district.

    Parameters
    ----------
    projects
        In the analysis plane of ``ground``; without geometry where the location is needed.
    ground, terms
        Against what, and how.
    progress
        Called with the steps done and all steps: one for each role and each project.

    Returns
    -------
    tuple of ProjectResult
        In the order of the projects. Areas are official: cut and summed in the equal-area plane,
        so that net parts, free and outside parts sum to the whole.

    Raises
    ------
    InputError
        If the parts of a project do not sum to the whole: no result is given then.
    """
    located = [project for project in projects if project.geometry is not None]
    assessed: list[ProjectResult] = []
    if located:
        sites = prepare_sites(located, ground.district, ground.crs)
        steps = len(ground.zones) + len(located)
        contacts: dict[str, RoleContacts] = {}
        for done, (role, zones) in enumerate(ground.zones.items(), start=1):
            contacts[role] = find_contacts(sites, zones, ground.crs, terms.near_m)
            progress(done, steps)
        receptors = _receptors(sites.plane, ground, terms.receptor_radius_m)
        wanted = terms.book.wanted_zones(terms.date)
        missing = tuple(role for role in wanted if role not in ground.zones and role not in ground.absent)
        rows = [_rows(site, place, contacts, ground, terms) for place, site in enumerate(sites.sites)]
        for place, partition in enumerate(_partitions(sites, rows, contacts)):
            found = _assess(sites.sites[place], partition, ground, terms)
            assessed.append(replace(found, receptors=receptors.get(place, ()), missing_roles=missing))
            progress(len(contacts) + place + 1, steps)
        assessed = _in_plane(assessed, sites, ground.crs)
    by_id = {found.project.project_id: found for found in assessed}
    return tuple(
        conclude(by_id.get(project.project_id, ProjectResult(project, Verdict.UNDETERMINED, ())), ground.zones)
        for project in projects
    )


def _assess(site: Site, partition: _Partition, ground: Ground, terms: Terms) -> ProjectResult:
    """Bring together what was found of one project: general rules, verdict, what is left."""
    rows = partition.rows
    general = judge_project(terms.book, terms.date, _facts(site))
    if general is not None:
        rows = [*rows, _row(site, ANY_ZONE, "general", general, ground)]
    counted = [row for row in rows if row.status in {"contact", "general"}]
    verdict = strictest([Verdict.PERMITTED, *(row.verdict for row in counted)])
    open_facts = dict.fromkeys(fact for row in counted for rule in row.rules for fact in rule.unresolved)
    listed = {row.role for row in rows}
    outside_m2, free_m2 = areas_m2([site.outside, partition.areas.left[-1]])
    outside_length_m, free_length_m = lengths_m([site.line_outside, partition.lines.left[-1]])
    return ProjectResult(
        project=site.project,
        verdict=verdict,
        conclusion=(),
        rows=tuple(rows),
        official_area_m2=site.area_m2,
        stored_area_m2=site.stored_m2,
        planar_area_m2=site.planar_m2,
        length_m=site.length_m,
        outside_m2=outside_m2,
        outside_length_m=outside_length_m,
        free_m2=free_m2,
        free_length_m=free_length_m,
        closure=partition.closure,
        documents=terms.book.united(code for row in counted for code in row.documents),
        absent_roles=tuple(role for role in roles() if role in ground.absent),
        clear_roles=tuple(role for role in roles() if role in ground.zones and role not in listed),
        questions=tuple(Text("question_fact", {"fact": facts_named((fact,))}) for fact in open_facts),
        avoidance=_avoidance(site, verdict, partition),
    )


def _facts(site: Site) -> Facts:
    project = site.project
    area_ha = from_m2(site.area_m2, "ha") if site.area_m2 is not None else None
    return Facts(project.nature, project.status, project.discharging, area_ha, project.slope_deg)


def _rows(site: Site, place: int, contacts: Mapping[str, RoleContacts], ground: Ground, terms: Terms) -> list[ZoneRow]:
    """Judge one project, by its place in the list, in every role it meets or is near to."""
    rows = []
    for role, found in contacts.items():
        if place not in found.touching and place not in found.near:
            continue
        judged = judge_zone(terms.book, terms.date, role, _facts(site))
        if place in found.touching:
            rows.append(_touching(site, role, found.touching[place], judged, ground))
        if place in found.near and judged.verdict != Verdict.PERMITTED:
            distance_m, names = found.near[place]
            row = _row(site, role, "near", judged, ground)
            reason = tuple(Text("reason_if_occupied", {"reason": text}) for text in row.reason)
            rows.append(replace(row, distance_m=distance_m, zone_names=names, reason=reason))
    return sorted(rows, key=_rank)


def _rank(row: ZoneRow) -> tuple[int, int, int]:
    """Order rows: occupation first, the strictest first, ties by the order of the roles table."""
    return (
        ("contact", "noise", "near").index(row.status),
        -row.verdict.severity,
        roles()[row.role].order,
    )


def _touching(site: Site, role: str, contact: Contact, full: Judgement, ground: Ground) -> ZoneRow:
    """Describe an overlap, or set it apart as digitising noise where it is too small to be meant."""
    judged = judge_noise(role, full) if contact.noise else full
    dismissed = contact.noise and roles()[role].noise_dismissible
    _, slivers = split_slivers(contact.geometry, noise_limit_m2(role, site.area_m2 or 0.0))
    areal = site.area_m2 is not None
    return replace(
        _row(site, role, "noise" if dismissed else "contact", judged, ground),
        zone_names=contact.names,
        gross_area_m2=contact.gross_area_m2 if areal else None,
        gross_length_m=contact.gross_length_m if site.length_m is not None else None,
        gross_share_pct=_share_pct(contact.gross_area_m2 if areal else contact.gross_length_m, site.size),
        sliver_count=0 if shapely.is_empty(slivers) else len(shapely.get_parts(slivers)),
        sliver_area_m2=float(shapely.area(slivers)),
        evidence=contact.geometry,
    )


def _row(site: Site, role: str, status: Status, judged: Judgement, ground: Ground) -> ZoneRow:
    zones = ground.zones.get(role)
    return ZoneRow(
        project_id=site.project.project_id,
        role=role,
        status=status,
        verdict=judged.verdict,
        reason=judged.reason,
        documents=judged.documents,
        rules=judged.rules,
        layer_ids=zones.layer_ids if zones else (),
        editions=zones.editions if zones else (),
        illustrative=zones.illustrative if zones else False,
    )


@dataclass(frozen=True)
class _Partition:
    """A project divided so that no place counts twice.

    Parameters
    ----------
    rows
        Occupied roles first, in the order in which they take their places.
    areas, lines
        What each of them takes and leaves of the footprint, and of the centre line.
    """

    rows: list[ZoneRow]
    areas: Shares
    lines: Shares
    closure: Closure | None


def _partitions(sites: Sites, rows: list[list[ZoneRow]], contacts: Mapping[str, RoleContacts]) -> Iterator[_Partition]:
    """Give every place to the strictest zone; the rest is free, or outside the district."""
    met = [
        [contacts[row.role].touching[place] for row in own if row.status == "contact"] for place, own in enumerate(rows)
    ]
    claims = [[contact.claim for contact in own] for own in met]
    areas = [Shares([], [inside]) for inside in sites.inside]
    for kind, within in ((sites.areal, True), (~sites.areal, False)):
        places = np.flatnonzero(kind).tolist()
        shared = share_out(sites.inside[places], [claims[place] for place in places], within=within)
        for place, shares in zip(places, shared, strict=True):
            areas[place] = shares
    wide = np.flatnonzero(sites.areal & ~shapely.is_empty(sites.lines))
    along = share_out(sites.lines[wide], [[contact.line_claim for contact in met[place]] for place in wide])
    lines = dict(zip(wide.tolist(), along, strict=True))
    nothing = shapely.LineString()
    for place, site in enumerate(sites.sites):
        lineless = Shares([nothing] * len(met[place]), [nothing])
        line = lines.get(place, lineless) if site.area_m2 is not None else areas[place]
        yield _partition(site, rows[place], areas[place], line)


def _partition(site: Site, rows: list[ZoneRow], areas: Shares, lines: Shares) -> _Partition:
    measured = site.measure([*areas.net, areas.left[-1], site.outside])
    lengths = lengths_m(lines.net)
    occupied = len(areas.net)
    done = [
        replace(
            row,
            net_area_m2=size if site.area_m2 is not None else None,
            net_length_m=length if site.length_m is not None else None,
            net_share_pct=_share_pct(size, site.size),
            net_evidence=part,
        )
        for row, part, size, length in zip(rows[:occupied], areas.net, measured[:occupied], lengths, strict=True)
    ]
    balance = closure(site.size, measured) if site.size else None
    if balance is not None:
        _require_closed(site, balance)
    return _Partition([*done, *rows[occupied:]], areas, lines, balance)


def _require_closed(site: Site, balance: Closure) -> None:
    # A difference that prints as 0.00 is rounding: of a site of a few square metres, 1e-9 is less
    # than the last digit of its coordinates.
    areal = site.area_m2 is not None
    limit, floor = setting("closure_limit"), setting("touch_m2" if areal else "touch_m")
    if balance.relative <= limit or abs(balance.difference) < floor:
        return
    raise InputError(
        "closure_broken",
        file=site.project.source,
        feature=site.project.project_id,
        parts=f"{balance.parts:.4f}",
        whole=f"{balance.whole:.4f}",
        unit="m2" if areal else "m",
        relative=f"{balance.relative:.1e}",
        limit=f"{limit:g}",
    )


def _share_pct(part: float, whole: float) -> float | None:
    return part / whole * 100 if whole else None


def _avoidance(site: Site, verdict: Verdict, partition: _Partition) -> Avoidance | None:
    """Cut out the zones that give the project its verdict."""
    deciding = [row for row in partition.rows if row.status == "contact" and row.verdict == verdict]
    inside_m2 = float(shapely.area(site.inside))
    cut = deciding
    if verdict == Verdict.CONDITIONAL:
        # A zone that covers the whole site, or the whole district with others, leaves no boundary to trim to.
        cut = [
            row for row in cut if roles()[row.role].avoidable and (row.gross_area_m2 or 0.0) < inside_m2 * (1 - _WHOLE)
        ]
    if verdict not in {Verdict.PROHIBITED, Verdict.CONDITIONAL} or not cut or site.area_m2 is None:
        return None
    # The deciding zones are the strictest, which took their places first.
    left = partition.areas.left[len(cut)]
    if len(cut) < len(deciding):
        _, left = net_parts(site.inside, [row.evidence for row in cut if row.evidence is not None])
    area_m2 = float(shapely.area(left))
    return Avoidance(
        geometry=left,
        area_m2=area_m2,
        removed_m2=inside_m2 - area_m2,
        parts=0 if shapely.is_empty(left) else len(shapely.get_parts(left)),
        roles=tuple(row.role for row in cut),
    )


def _in_plane(assessed: list[ProjectResult], sites: Sites, crs: CRS) -> list[ProjectResult]:
    """Move the geometries of all results to the analysis plane, many at once."""
    found: list[BaseGeometry | None] = []
    for result in assessed:
        found.extend(part for row in result.rows for part in (row.evidence, row.net_evidence))
        found.append(result.avoidance.geometry if result.avoidance else None)
    whole = {id(site.whole): shape for site, shape in zip(sites.sites, sites.plane, strict=True)}
    # What is the whole project goes back to the outline it came with, without the points added to it.
    once = {id(part): part for part in found if part is not None and not shapely.is_empty(part)}
    move = np.array([part for key, part in once.items() if key not in whole], dtype=object)
    for start in range(0, len(move), _BATCH):
        move[start : start + _BATCH] = reproject(move[start : start + _BATCH], equal_area_crs(), crs)
    moved = dict(zip((key for key in once if key not in whole), move, strict=True))
    moved |= {key: whole[key] for key in once if key in whole}
    parts = iter([moved.get(id(part)) for part in found])
    results = []
    for result in assessed:
        rows = tuple(replace(row, evidence=next(parts), net_evidence=next(parts)) for row in result.rows)
        left, avoidance = next(parts), result.avoidance
        if avoidance is not None:
            avoidance = replace(avoidance, geometry=shapely.Polygon() if left is None else left)
        results.append(replace(result, rows=rows, avoidance=avoidance))
    return results


def _receptors(sites: NDArray[np.object_], ground: Ground, radius_m: float) -> dict[int, tuple[Receptor, ...]]:
    geometry, names, kinds = ground.receptors
    site, receptor = shapely.STRtree(geometry).query(sites, predicate="dwithin", distance=radius_m)
    distance = shapely.distance(sites[site], geometry[receptor])
    found: dict[int, list[Receptor]] = {}
    for at in np.lexsort((receptor, distance)).tolist():
        number = int(receptor[at])
        found.setdefault(int(site[at]), []).append(Receptor(names[number], kinds[number], float(distance[at])))
    return {place: tuple(hits) for place, hits in found.items()}
