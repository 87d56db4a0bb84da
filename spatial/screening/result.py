"""What a screening found: the one object that table, text, report, map and JSON take their numbers from."""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal

from shapely.geometry.base import BaseGeometry

from spatial.findings import Finding
from spatial.loading import LayerUse
from spatial.overlay import Closure
from spatial.words import Text


class Verdict(StrEnum):
    """Decision of a rule, a zone or a whole project."""

    PROHIBITED = "X"
    REVIEW = "R"
    CONDITIONAL = "C"
    PERMITTED = "P"
    UNDETERMINED = "U"

    @property
    def severity(self) -> int:
        """Rank for combining: X > R > C > P; undetermined ranks below all and never hides one."""
        return "UPCRX".index(self.value)


#: How a project and the zones of one role meet.
Status = Literal["contact", "noise", "near", "general"]
#: How far a project could be assessed at all.
Location = Literal["given", "needed", "not_spatial"]
Kind = Literal["polygon", "line", "point", "none"]
YesNo = Literal["yes", "no", "unknown"]
#: New build, alteration or extension (改建、扩建), or standing already.
BuildStatus = Literal["new", "altered", "existing", "unknown"]


@dataclass(frozen=True)
class Project:
    """One project as the planner described it.

    Parameters
    ----------
    geometry
        Footprint in the workspace's analysis CRS, lines widened where a width is given;
        ``None`` where the location is needed or the project is not spatial.
    line
        The centre line of a line project (analysis CRS), ``None`` otherwise.
    stored_area_m2
        Area of the vertices as the file stores them, where moving it to the analysis plane added some.
    schematic
        True where the footprint was made from a stated area around a point (示意).
    """

    project_id: str
    name: str
    nature: str
    status: BuildStatus
    discharging: YesNo
    kind: Kind
    location: Location
    geometry: BaseGeometry | None
    line: BaseGeometry | None = None
    width_m: float | None = None
    declared_area_m2: float | None = None
    slope_deg: float | None = None
    alternative_group: str = ""
    stored_area_m2: float | None = None
    schematic: bool = False
    illustrative: bool = False
    note: str = ""
    source: str = ""


@dataclass(frozen=True)
class FiredRule:
    """A rule that applied, with the clause in force on the day.

    Parameters
    ----------
    clause
        Instrument and article in force on the screening's date, in Chinese as cited.
    documents
        Codes of the documents asked for (``D1`` ...).
    unresolved
        Names of project facts that were not given, so that the rule may or may not apply.
    """

    rule_id: str
    level: str
    zone: str
    decision: Verdict
    documents: tuple[str, ...]
    clause: str
    reason_zh: str
    reason_en: str
    confidence: str
    valid_from: dt.date | None
    valid_to: dt.date | None
    source: str
    unresolved: tuple[str, ...] = ()


@dataclass(frozen=True)
class ZoneRow:
    """One project against all zones of one role.

    Parameters
    ----------
    role
        Zone role; ``"*"`` for rules bound to no zone (status ``general``).
    gross_area_m2, gross_length_m, gross_share_pct
        What the zones of this role cover, each place once; share of the project's area or length.
    net_area_m2, net_length_m, net_share_pct
        The part where this role is the strictest.
    distance_m
        To the nearest zone, for status ``near``.
    sliver_area_m2
        Sum of the parts that are each below the role's noise limit.
    evidence, net_evidence
        The overlap itself, in the analysis CRS.
    """

    project_id: str
    role: str
    status: Status
    verdict: Verdict
    zone_names: tuple[str, ...] = ()
    gross_area_m2: float | None = None
    gross_length_m: float | None = None
    gross_share_pct: float | None = None
    net_area_m2: float | None = None
    net_length_m: float | None = None
    net_share_pct: float | None = None
    distance_m: float | None = None
    sliver_count: int = 0
    sliver_area_m2: float = 0.0
    reason: tuple[Text, ...] = ()
    documents: tuple[str, ...] = ()
    rules: tuple[FiredRule, ...] = ()
    layer_ids: tuple[str, ...] = ()
    editions: tuple[str, ...] = ()
    illustrative: bool = False
    evidence: BaseGeometry | None = None
    net_evidence: BaseGeometry | None = None


@dataclass(frozen=True)
class Avoidance:
    """The outline left when prohibited and conditional zones are cut out.

    Parameters
    ----------
    area_m2, removed_m2
        Official areas left and cut away.
    parts
        Number of separate pieces left.
    """

    geometry: BaseGeometry
    area_m2: float
    removed_m2: float
    parts: int
    roles: tuple[str, ...]


@dataclass(frozen=True)
class Receptor:
    """A sensitive receptor within the radius asked for."""

    name: str
    kind: str
    distance_m: float


@dataclass(frozen=True)
class ProjectResult:
    """Everything found about one project.

    Parameters
    ----------
    verdict
        Strictest over all zones; ``U`` where the location is needed, no layer was there to check,
        or nothing was found but layers are missing.
    official_area_m2, stored_area_m2, planar_area_m2
        Three areas of the footprint by name; ``None`` for lines without width and points.
    outside_m2
        Official area outside the district: not assessed.
    free_m2
        Official area inside the district and in no zone.
    closure
        Net parts, free and outside parts against the whole, in m2 (in m for lines).
    missing_roles, absent_roles, clear_roles
        Roles without a layer, roles the workspace declares not to exist, roles without contact.
    questions
        Facts about the project that would settle an open rule.
    """

    project: Project
    verdict: Verdict
    conclusion: tuple[Text, ...]
    rows: tuple[ZoneRow, ...] = ()
    official_area_m2: float | None = None
    stored_area_m2: float | None = None
    planar_area_m2: float | None = None
    length_m: float | None = None
    outside_m2: float = 0.0
    outside_length_m: float = 0.0
    free_m2: float = 0.0
    free_length_m: float = 0.0
    closure: Closure | None = None
    documents: tuple[str, ...] = ()
    missing_roles: tuple[str, ...] = ()
    absent_roles: tuple[str, ...] = ()
    clear_roles: tuple[str, ...] = ()
    questions: tuple[Text, ...] = ()
    receptors: tuple[Receptor, ...] = ()
    avoidance: Avoidance | None = None


@dataclass(frozen=True)
class Provenance:
    """Where the numbers come from: inputs, versions, parameters."""

    software: dict[str, str]
    inputs: dict[str, str]
    parameters: dict[str, str]
    crs_path: tuple[str, ...]


@dataclass(frozen=True)
class ScreeningResult:
    """A screening of projects in a workspace on a date.

    Parameters
    ----------
    analysis_crs
        Coordinate system of every geometry in the result, such as ``EPSG:4526``.
    documents
        Names of the document codes: ``{code: (Chinese, English)}``.
    findings
        What was mended or noticed while reading; nothing is dropped in silence.
    """

    district_zh: str
    district_en: str
    date: dt.date
    analysis_crs: str
    projects: tuple[ProjectResult, ...]
    layers: tuple[LayerUse, ...]
    absent: dict[str, tuple[str, str]]
    documents: dict[str, tuple[str, str]]
    rule_set: str
    provenance: Provenance
    findings: tuple[Finding, ...] = field(default_factory=tuple)

    @property
    def illustrative(self) -> bool:
        """Whether any layer or project in it is drawn for illustration."""
        return any(layer.illustrative for layer in self.layers) or any(
            result.project.illustrative for result in self.projects
        )

    @property
    def notices(self) -> tuple[str, ...]:
        """Labels of what every output must say of its data: drawn for illustration, moved back approximately."""
        is_unshifted = any(finding.code == "unshifted" for finding in self.findings)
        seen = {"notice_illustrative": self.illustrative, "notice_unshifted": is_unshifted}
        return tuple(key for key, there in seen.items() if there)

    def alternatives(self) -> dict[str, list[ProjectResult]]:
        """Return the alternative sites by group, the most feasible first.

        Order: verdict, then prohibited area, then conditional area (both in whole m2), then number of documents.
        """
        groups: dict[str, list[ProjectResult]] = {}
        for result in self.projects:
            if result.project.alternative_group:
                groups.setdefault(result.project.alternative_group, []).append(result)
        return {
            name: sorted(group, key=lambda found: (_burden(found), found.project.project_id))
            for name, group in groups.items()
            if len(group) > 1
        }

    def ranked_alternatives(self) -> dict[str, list[tuple[int, ProjectResult]]]:
        """Return the alternative sites with their ranks; sites that differ in nothing compared share one."""
        ranked: dict[str, list[tuple[int, ProjectResult]]] = {}
        for name, group in self.alternatives().items():
            burdens = [_burden(found) for found in group]
            ranked[name] = [(burdens.index(burden) + 1, found) for burden, found in zip(burdens, group, strict=True)]
        return ranked


def _burden(result: ProjectResult) -> tuple[int, int, int, int]:
    """Return what makes a site worse than another, areas in whole m2: less is no difference between sites."""

    def net(verdict: Verdict) -> int:
        return math.floor(sum(row.net_area_m2 or 0.0 for row in result.rows if row.verdict == verdict) + 0.5)

    known = result.verdict.severity if result.verdict != Verdict.UNDETERMINED else Verdict.REVIEW.severity
    return (
        known,
        net(Verdict.PROHIBITED),
        net(Verdict.CONDITIONAL),
        len(result.documents),
    )
