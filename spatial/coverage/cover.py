"""How much of what is covered by what, each place counted once, whatever overlaps whatever."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from spatial.errors import InputError
from spatial.overlay import robust
from spatial.overlay.places import MAX_STATUSES, Claims, Places, places
from spatial.settings import setting

GeometryArray = NDArray[np.object_]
FloatArray = NDArray[np.float64]

#: Status bit of the district, which bounds what is counted.
_DISTRICT = 0

#: How a place that is in no unit of a partition is called in tables.
NO_UNIT = ""
#: How a unit is called whose feature has no name: it is a unit all the same.
UNNAMED = "?"


@dataclass(frozen=True)
class Partition:
    """What the district is divided into: townships, classes, grid cells.

    Parameters
    ----------
    name
        Role or field, which names the tables' columns.
    units
        Names of the units; where two overlap, the earlier one takes the place.
    geometry : ndarray of Polygon or MultiPolygon, shape (n,)
        In the equal-area plane; several may make up one unit.
    unit : ndarray of int, shape (n,)
        Position in ``units`` of each geometry.
    """

    name: str
    units: tuple[str, ...]
    geometry: GeometryArray
    unit: NDArray[np.intp]


@dataclass(frozen=True)
class Coverage:
    """Areas of a district by unit and by the set of roles that hold there.

    Parameters
    ----------
    roles
        The roles that cover, the strictest first.
    wanted
        Roles that should be covered, such as FOREST; they cover nothing themselves.
    partitions
        Names of the partitions.
    places
        One row per combination that occurs in the district: one column per partition with the unit's
        name (empty where the place is in none), one column per role (bool), and ``area_m2``.
    district_m2
        Area of the district.
    outside_m2 : dict
        Area of each role beyond the district, which nothing else counts.
    units : DataFrame
        For each unit of each partition its own area, the part in the district, the part that
        other units claim as well, and the part where its own features overlap; all m2.
    """

    roles: tuple[str, ...]
    wanted: tuple[str, ...]
    partitions: tuple[str, ...]
    places: pd.DataFrame
    district_m2: float
    outside_m2: dict[str, float]
    units: pd.DataFrame

    @property
    def covered_m2(self) -> float:
        """Area that at least one role covers, once per place."""
        return math.fsum(self.places["area_m2"][self._counts() > 0])

    @property
    def uncovered_m2(self) -> float:
        """Area that no role covers."""
        return math.fsum(self.places["area_m2"][self._counts() == 0])

    def _counts(self) -> NDArray[np.intp]:
        counts: NDArray[np.intp] = self.places[list(self.roles)].to_numpy(dtype=bool).sum(axis=1)
        return counts

    def by_unit(self, by: Sequence[str] | None = None) -> pd.DataFrame:
        """Return covered and uncovered area by combination of units, and their sum.

        Parameters
        ----------
        by
            Some of the partitions; all unless given.

        Returns
        -------
        DataFrame
            One row per combination of units: ``area_m2``, ``covered_m2``, ``uncovered_m2``, ``share_pct``.
        """
        keys = list(self.partitions if by is None else by)
        table = self.places[keys].copy()
        covered = self._counts() > 0
        table["area_m2"] = self.places["area_m2"]
        table["covered_m2"] = self.places["area_m2"].where(covered, 0.0)
        table["uncovered_m2"] = self.places["area_m2"].where(~covered, 0.0)
        summed = _summed(table, keys)
        summed["share_pct"] = 100 * summed["covered_m2"] / summed["area_m2"]
        return summed

    def by_role(self, by: Sequence[str] | None = None) -> pd.DataFrame:
        """Return the area of each role by combination of units.

        Parameters
        ----------
        by
            Some of the partitions; all unless given, ``()`` for the whole district.

        Returns
        -------
        DataFrame
            One row per combination of units and role: ``area_m2`` covered by the role, ``only_m2``
            covered by no other role, ``share_pct`` of the units' area.
        """
        keys = list(self.partitions if by is None else by)
        flags = self.places[list(self.roles)].to_numpy(dtype=bool)
        alone = flags.sum(axis=1) == 1
        whole = self.by_unit(keys)[[*keys, "area_m2"]].rename(columns={"area_m2": "unit_m2"})
        frames = []
        for number, role in enumerate(self.roles):
            table = self.places[keys].copy()
            table["role"] = role
            table["area_m2"] = self.places["area_m2"].where(flags[:, number], 0.0)
            table["only_m2"] = self.places["area_m2"].where(flags[:, number] & alone, 0.0)
            frames.append(_summed(table, (*keys, "role")))
        empty = pd.DataFrame(columns=[*keys, "role", "area_m2", "only_m2"])
        found = pd.concat(frames, ignore_index=True) if frames else empty
        units = found.merge(whole, on=keys, how="left")["unit_m2"] if keys else whole["unit_m2"][0]
        found["share_pct"] = 100 * found["area_m2"] / units
        return found

    def overlaps(self) -> pd.DataFrame:
        """Return the area that each two roles share; on the diagonal the area of each role.

        Returns
        -------
        DataFrame
            Roles by roles, the wanted ones last; m2, symmetric.
        """
        both = [*self.roles, *self.wanted]
        flags = self.places[both].to_numpy(dtype=bool)
        shared = (flags * self.places["area_m2"].to_numpy()[:, None]).T @ flags
        return pd.DataFrame(shared, index=both, columns=both)

    def by_count(self) -> pd.DataFrame:
        """Return the area covered by exactly n roles, from 0 on.

        Returns
        -------
        DataFrame
            ``n_roles``, ``area_m2``, ``share_pct`` of the district.
        """
        table = pd.DataFrame({"n_roles": self._counts(), "area_m2": self.places["area_m2"]})
        summed = _summed(table, ("n_roles",))
        summed["share_pct"] = 100 * summed["area_m2"] / self.district_m2
        return summed

    def awarded(self, order: Sequence[str] | None = None) -> pd.DataFrame:
        """Give every place to the first of its roles, so that areas sum to what is covered.

        Parameters
        ----------
        order
            Roles, the one that takes the place first; the strictest first unless given.

        Returns
        -------
        DataFrame
            ``role`` (empty for uncovered places) and the partitions' columns; ``area_m2``.
        """
        ordered = list(order or self.roles)
        flags = self.places[ordered].to_numpy(dtype=bool)
        first = np.column_stack([flags, np.ones(len(flags), dtype=bool)]).argmax(axis=1)
        table = self.places[list(self.partitions)].copy()
        table["role"] = np.array([*ordered, NO_UNIT])[first]
        table["area_m2"] = self.places["area_m2"]
        return _summed(table, ("role", *self.partitions))

    def gaps(self) -> pd.DataFrame:
        """Return what should be covered and is not: places of wanted roles that no role covers.

        Returns
        -------
        DataFrame
            ``role``, the partitions' columns, ``area_m2`` of the wanted role, ``gap_m2`` uncovered, ``gap_pct``.
        """
        covered = self._counts() > 0
        frames = []
        for role in self.wanted:
            here = self.places[role].to_numpy(dtype=bool)
            table = self.places.loc[here, list(self.partitions)].copy()
            table["role"] = role
            table["area_m2"] = self.places["area_m2"][here]
            table["gap_m2"] = self.places["area_m2"].where(~covered, 0.0)[here]
            frames.append(_summed(table, ("role", *self.partitions)))
        columns = ["role", *self.partitions, "area_m2", "gap_m2"]
        found = pd.concat(frames, ignore_index=True) if frames else pd.DataFrame(columns=columns)
        found["gap_pct"] = 100 * found["gap_m2"] / found["area_m2"]
        return found


def cover(
    zones: Mapping[str, GeometryArray],
    partitions: Sequence[Partition],
    district: GeometryArray,
    *,
    wanted: Mapping[str, GeometryArray] | None = None,
) -> Coverage:
    """Lay roles and partitions over a district and sum up each place once.

    Parameters
    ----------
    zones : mapping of role to ndarray of Polygon or MultiPolygon
        In the equal-area plane; the strictest role first. Features of one role may overlap. Outlines
        that are not valid are taken as :func:`spatial.overlay.robust.valid` repairs them, here and below.
    partitions
        At most three.
    district : ndarray of Polygon or MultiPolygon
        In the equal-area plane.
    wanted : mapping of role to ndarray of Polygon or MultiPolygon
        What should be covered, in the equal-area plane.

    Returns
    -------
    Coverage

    Raises
    ------
    InputError
        If there are too many roles, if the district is no area, or if the parts do not sum to the
        whole within ``closure_limit``.

    Examples
    --------
    >>> box = lambda *sides: np.array([shapely.box(*sides)])
    >>> found = cover({"ECO_RED": box(0, 0, 2, 1), "SCENIC": box(1, 0, 3, 1)}, [], box(0, 0, 4, 1))
    >>> found.covered_m2, found.by_count()["area_m2"].tolist()
    (3.0, [1.0, 2.0, 1.0])
    """
    wanted = wanted or {}
    roles = (*zones, *wanted)
    if len(roles) >= MAX_STATUSES:
        raise InputError("coverage_too_many", count=len(roles), most=MAX_STATUSES - 1)
    layers = [robust.sound(layer) for layer in (district, *zones.values(), *wanted.values())]
    partitions = [replace(part, geometry=robust.sound(part.geometry)) for part in partitions]
    geometry = np.concatenate(layers)
    label = np.repeat(np.arange(len(layers)), list(map(len, layers)))
    found = places(Claims(geometry, label), [Claims(part.geometry, part.unit) for part in partitions])
    table = _table(found, roles, partitions)
    inside = table.pop("district").to_numpy(dtype=bool)
    beyond = table[~inside]
    whole = float(shapely.area(robust.union(layers[0])))
    within = table[inside].reset_index(drop=True)
    total = math.fsum(within["area_m2"])
    if not whole or abs(total - whole) > setting("closure_limit") * whole:
        raise InputError("coverage_not_closed", whole=f"{whole:.4f}", parts=f"{total:.4f}")
    outside = {role: math.fsum(beyond["area_m2"][beyond[role]]) for role in roles}
    names = tuple(part.name for part in partitions)
    return Coverage(tuple(zones), tuple(wanted), names, within, whole, outside, _unit_table(partitions, found, inside))


def _table(found: Places, roles: tuple[str, ...], partitions: Sequence[Partition]) -> pd.DataFrame:
    columns: dict[str, object] = {}
    for number, part in enumerate(partitions):
        columns[part.name] = np.array([*part.units, NO_UNIT], dtype=object)[found.units[:, number]]
    for bit, name in enumerate(("district", *roles)):
        columns[name] = (found.statuses >> np.uint64(bit) & np.uint64(1)).astype(bool)
    columns["area_m2"] = found.area_m2
    return pd.DataFrame(columns)


def _unit_table(partitions: Sequence[Partition], found: Places, inside: NDArray[np.bool_]) -> pd.DataFrame:
    """Return what is known of each unit, so that overlaps and gaps of a partition are seen."""
    frames = []
    for number, part in enumerate(partitions):
        n = len(part.units)
        drawn = np.bincount(part.unit, shapely.area(part.geometry), n)
        own = found.units[:, number] >= 0
        taken = np.bincount(found.units[own, number], found.area_m2[own], n)
        in_district = np.bincount(found.units[own & inside, number], found.area_m2[own & inside], n)
        frames.append(
            pd.DataFrame(
                {
                    "partition": part.name,
                    "unit": part.units,
                    "drawn_m2": drawn,
                    "taken_m2": taken,
                    "in_district_m2": in_district,
                    "shared_m2": np.pad(found.shared_m2[number], (0, n - len(found.shared_m2[number]))),
                }
            )
        )
    return pd.concat(frames, ignore_index=True) if frames else pd.DataFrame()


def _summed(table: pd.DataFrame, keys: Sequence[str]) -> pd.DataFrame:
    """Sum the areas by some columns, exactly; without columns, over all."""
    values = [column for column in table.columns if column not in keys]
    if not keys:
        return pd.DataFrame({column: [math.fsum(table[column])] for column in values})
    return table.groupby(list(keys), sort=False, as_index=False)[values].agg(math.fsum)
