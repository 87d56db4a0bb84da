"""Screening: every project against every zone role, from geometry to verdict; no files."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import CRS
from shapely.geometry.base import BaseGeometry

from spatial.crs import equal_area_crs
from spatial.equal_area import reproject
from spatial.overlay import Closure, closure, net_parts, split_slivers
from spatial.roles import roles
from spatial.screening.conclude import conclude
from spatial.screening.conditions import Facts
from spatial.screening.contacts import (
    Contact,
    Near,
    RoleContacts,
    Site,
    Zones,
    area_m2,
    find_contacts,
    length_m,
    prepare_sites,
)
from spatial.screening.judge import (
    Judgement,
    facts_named,
    is_noise,
    judge_noise,
    judge_project,
    judge_zone,
    noise_limit_m2,
    strictest,
)
from spatial.screening.result import Avoidance, Project, ProjectResult, Receptor, Status, Verdict, ZoneRow
from spatial.screening.rules import ANY_ZONE, RuleBook
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
    """
    located = [project for project in projects if project.geometry is not None]
    assessed: dict[str, ProjectResult] = {}
    if located:
        sites = prepare_sites(located, ground.district, ground.crs)
        steps = len(ground.zones) + len(located)
        contacts: dict[str, RoleContacts] = {}
        for done, (role, zones) in enumerate(ground.zones.items(), start=1):
            contacts[role] = find_contacts(sites, zones, ground.crs, terms.near_m)
            progress(done, steps)
        receptors = _receptors(sites.plane, ground, terms.receptor_radius_m)
        for place, site in enumerate(sites.sites):
            met = {role: found.touching[place] for role, found in contacts.items() if place in found.touching}
            near = {role: found.near[place] for role, found in contacts.items() if place in found.near}
            found = _assess(site, met, near, ground, terms)
            assessed[site.project.project_id] = replace(found, receptors=receptors.get(place, ()))
            progress(len(contacts) + place + 1, steps)
    return tuple(
        conclude(assessed.get(project.project_id, ProjectResult(project, Verdict.UNDETERMINED, ())), ground.zones)
        for project in projects
    )


def _assess(
    site: Site, met: Mapping[str, Contact], near: Mapping[str, Near], ground: Ground, terms: Terms
) -> ProjectResult:
    """Bring the rows of one project together: net parts, general rules, verdict, what is left."""
    shares = _partition(site, _rows(site, met, near, ground, terms), met)
    rows = shares.rows
    general = judge_project(terms.book, terms.date, _facts(site))
    if general is not None:
        rows = [*rows, _row(site, ANY_ZONE, "general", general, ground)]
    counted = [row for row in rows if row.status in {"contact", "general"}]
    verdict = strictest([Verdict.PERMITTED, *(row.verdict for row in counted)])
    open_facts = dict.fromkeys(fact for row in counted for rule in row.rules for fact in rule.unresolved)
    return ProjectResult(
        project=site.project,
        verdict=verdict,
        conclusion=(),
        rows=tuple(_in_plane(row, ground.crs) for row in rows),
        official_area_m2=site.area_m2,
        stored_area_m2=site.stored_m2,
        planar_area_m2=site.planar_m2,
        length_m=site.length_m,
        outside_m2=area_m2(site.outside),
        outside_length_m=length_m(site.outside),
        free_m2=area_m2(shares.free),
        free_length_m=length_m(shares.free),
        closure=shares.closure,
        documents=terms.book.united(code for row in counted for code in row.documents),
        missing_roles=tuple(r for r in terms.book.wanted_zones if r not in ground.zones and r not in ground.absent),
        absent_roles=tuple(role for role in roles() if role in ground.absent),
        clear_roles=tuple(role for role in roles() if role in ground.zones and role not in {*met, *near}),
        questions=tuple(Text("question_fact", {"fact": facts_named((fact,))}) for fact in open_facts),
        avoidance=_avoidance(site, verdict, rows, ground.crs),
    )


def _facts(site: Site) -> Facts:
    project = site.project
    area_ha = from_m2(site.area_m2, "ha") if site.area_m2 is not None else None
    return Facts(project.nature, project.status, project.discharging, area_ha, project.slope_deg)


def _rows(
    site: Site, met: Mapping[str, Contact], near: Mapping[str, Near], ground: Ground, terms: Terms
) -> list[ZoneRow]:
    rows = [_touching(site, role, contact, ground, terms) for role, contact in met.items()]
    for role, (distance_m, names) in near.items():
        judged = judge_zone(terms.book, terms.date, role, _facts(site))
        if judged.verdict != Verdict.PERMITTED:
            row = _row(site, role, "near", judged, ground)
            rows.append(replace(row, distance_m=distance_m, zone_names=names))
    return sorted(rows, key=_rank)


def _rank(row: ZoneRow) -> tuple[int, int, int]:
    """Order rows: occupation first, the strictest first, ties by the order of the roles table."""
    return (
        ("contact", "noise", "near").index(row.status),
        -row.verdict.severity,
        roles()[row.role].order,
    )


def _touching(site: Site, role: str, contact: Contact, ground: Ground, terms: Terms) -> ZoneRow:
    """Judge an overlap, or set it apart as digitising noise where it is too small to be meant."""
    gross = site.measure(contact.geometry)
    limit_m2 = noise_limit_m2(role, site.area_m2 or 0.0)
    noise = is_noise(role, gross, site.area_m2)
    judged = judge_noise(role) if noise else judge_zone(terms.book, terms.date, role, _facts(site))
    dismissed = noise and roles()[role].noise_dismissible
    _, slivers = split_slivers(contact.geometry, limit_m2)
    along = contact.line if site.project.width_m else contact.geometry
    return replace(
        _row(site, role, "noise" if dismissed else "contact", judged, ground),
        zone_names=contact.names,
        gross_area_m2=gross if site.area_m2 is not None else None,
        gross_length_m=length_m(along) if site.length_m is not None else None,
        gross_share_pct=_share_pct(gross, site.size),
        sliver_count=0 if shapely.is_empty(slivers) else len(shapely.get_parts(slivers)),
        sliver_area_m2=area_m2(slivers),
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
    """A project divided so that no place counts twice."""

    rows: list[ZoneRow]
    free: BaseGeometry
    closure: Closure | None


def _partition(site: Site, rows: list[ZoneRow], met: Mapping[str, Contact]) -> _Partition:
    """Give every place to the strictest zone; the rest is free, or outside the district."""
    occupying = [row for row in rows if row.status == "contact"]
    net, free = net_parts(site.inside, [met[row.role].claim for row in occupying])
    done = [_with_net(site, row, part) for row, part in zip(occupying, net, strict=True)]
    parts = [site.measure(part) for part in (*net, free, site.outside)]
    balance = closure(site.measure(site.whole), parts) if site.size else None
    return _Partition([*done, *(row for row in rows if row.status != "contact")], free, balance)


def _with_net(site: Site, row: ZoneRow, part: BaseGeometry) -> ZoneRow:
    net = site.measure(part)
    return replace(
        row,
        net_area_m2=net if site.area_m2 is not None else None,
        net_length_m=net if site.area_m2 is None and site.length_m is not None else None,
        net_share_pct=_share_pct(net, site.size),
        net_evidence=part,
    )


def _share_pct(part: float, whole: float) -> float | None:
    return part / whole * 100 if whole else None


def _avoidance(site: Site, verdict: Verdict, rows: list[ZoneRow], crs: CRS) -> Avoidance | None:
    """Cut out the zones that give the project its verdict."""
    cut = [row for row in rows if row.status == "contact" and row.verdict == verdict]
    if verdict == Verdict.CONDITIONAL:
        # A conditional zone that covers the whole site leaves no boundary to trim to.
        cut = [row for row in cut if area_m2(row.evidence) < area_m2(site.inside) * (1 - _WHOLE)]
    if verdict not in {Verdict.PROHIBITED, Verdict.CONDITIONAL} or not cut or site.area_m2 is None:
        return None
    _, left = net_parts(site.inside, [row.evidence for row in cut])
    return Avoidance(
        geometry=_to_plane(left, crs) or shapely.Polygon(),
        area_m2=area_m2(left),
        removed_m2=area_m2(site.inside) - area_m2(left),
        parts=0 if shapely.is_empty(left) else len(shapely.get_parts(left)),
        roles=tuple(row.role for row in cut),
    )


def _in_plane(row: ZoneRow, crs: CRS) -> ZoneRow:
    return replace(row, evidence=_to_plane(row.evidence, crs), net_evidence=_to_plane(row.net_evidence, crs))


def _to_plane(geometry: BaseGeometry | None, crs: CRS) -> BaseGeometry | None:
    if geometry is None or shapely.is_empty(geometry):
        return None
    return reproject([geometry], equal_area_crs(), crs)[0]


def _receptors(sites: NDArray[np.object_], ground: Ground, radius_m: float) -> dict[int, tuple[Receptor, ...]]:
    geometry, names, kinds = ground.receptors
    site, receptor = shapely.STRtree(geometry).query(sites, predicate="dwithin", distance=radius_m)
    distance = shapely.distance(sites[site], geometry[receptor])
    found: dict[int, list[Receptor]] = {}
    for at in np.lexsort((receptor, distance)).tolist():
        number = int(receptor[at])
        found.setdefault(int(site[at]), []).append(Receptor(names[number], kinds[number], float(distance[at])))
    return {place: tuple(hits) for place, hits in found.items()}
