"""What two editions of a layer changed: kept, added and removed area, redrawing told apart from change."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from pyproj import CRS

from spatial.crs import equal_area_crs
from spatial.equal_area import reproject
from spatial.errors import InputError
from spatial.overlay import ZoneIndex, merge_by_project
from spatial.overlay.parts import closure
from spatial.overlay.robust import difference, of_dimension, sound, union
from spatial.settings import setting

GeometryArray = NDArray[np.object_]

Kind = Literal["kept", "added", "removed"]
_AREAL = 2


@dataclass(frozen=True)
class Edition:
    """One edition of a layer.

    Parameters
    ----------
    name
        Such as ``2022``.
    geometry : ndarray of Polygon or MultiPolygon, shape (n,)
        In the equal-area plane; features of one edition do not overlap each other. Outlines that are
        not valid are taken as :func:`spatial.overlay.robust.valid` repairs them.
    names
        What people call each feature.
    attributes
        Columns whose changes are of interest, such as type and level; one row per feature.
    """

    name: str
    geometry: GeometryArray
    names: tuple[str, ...]
    attributes: pd.DataFrame


@dataclass(frozen=True)
class Change:
    """The parts that two editions have in common or not.

    Parameters
    ----------
    parts
        One row per part: ``kind`` (kept, added, removed), ``old`` and ``new`` (names, empty where the
        edition has nothing there), ``sliver`` (bool: narrower than the stated width, as redrawing
        leaves it), ``area_m2``, ``changed`` (names of the attributes that differ, space-separated)
        and ``geometry`` in the equal-area plane.
    attributes
        Kept area by attribute, old value and new value, where they differ.
    old_m2, new_m2
        Area of the editions; kept + removed sums to the old one, kept + added to the new one.
    sliver_width_m
        Width below which a part is a sliver.
    """

    parts: pd.DataFrame
    attributes: pd.DataFrame
    old_m2: float
    new_m2: float
    sliver_width_m: float

    def totals(self) -> pd.DataFrame:
        """Return the area of each kind, real change and slivers apart.

        Returns
        -------
        DataFrame
            ``kind``, ``area_m2``, ``sliver_m2`` (part of it), ``count``.
        """
        rows = []
        for kind in ("kept", "added", "removed"):
            own = self.parts[self.parts["kind"] == kind]
            slivers = own[own["sliver"]]
            rows.append((kind, math.fsum(own["area_m2"]), math.fsum(slivers["area_m2"]), len(own)))
        return pd.DataFrame(rows, columns=["kind", "area_m2", "sliver_m2", "count"])

    def by_zone(self) -> pd.DataFrame:
        """Return kept, added, removed area by name of the zone, without slivers.

        Returns
        -------
        DataFrame
            ``zone`` (the new name, else the old one), ``kept_m2``, ``added_m2``, ``removed_m2``, ``sliver_m2``.
        """
        table = self.parts.assign(zone=self.parts["new"].where(self.parts["new"] != "", self.parts["old"]))
        columns = {}
        for kind in ("kept", "added", "removed"):
            real = (table["kind"] == kind) & ~table["sliver"]
            columns[f"{kind}_m2"] = table["area_m2"].where(real, 0.0)
        columns["sliver_m2"] = table["area_m2"].where(table["sliver"], 0.0)
        return table[["zone"]].assign(**columns).groupby("zone", sort=False, as_index=False).agg(math.fsum)


def change_between(old: Edition, new: Edition, plane: CRS, sliver_width_m: float) -> Change:
    """Compare two editions of a layer.

    Parameters
    ----------
    old, new
        The editions, in the equal-area plane.
    plane
        Gauss-Kruger plane in which widths are measured.
    sliver_width_m
        A changed part that is nowhere this wide is a sliver of redrawing [m].

    Returns
    -------
    Change

    Raises
    ------
    InputError
        If the features of one edition overlap each other, or the parts do not sum to the editions.

    Notes
    -----
    A part is nowhere as wide as w where nothing is left of it after shrinking it by w/2 (a
    morphological opening by a disc of diameter w).
    """
    old, new = (replace(edition, geometry=sound(edition.geometry)) for edition in (old, new))
    common = ZoneIndex(old.geometry).pieces(new.geometry)
    areal = shapely.get_dimensions(common.geometry) == _AREAL
    kept = (common.zone[areal], common.project[areal], common.geometry[areal])
    added = of_dimension(difference(new.geometry, merge_by_project(common, len(new.geometry))), _AREAL)
    back = ZoneIndex(new.geometry).pieces(old.geometry)
    removed = of_dimension(difference(old.geometry, merge_by_project(back, len(old.geometry))), _AREAL)
    parts = pd.concat(
        [
            _rows("kept", kept[2], _named(old, kept[0]), _named(new, kept[1]), _differences(old, new, kept[:2])),
            _rows("added", added, [""] * len(added), list(new.names)),
            _rows("removed", removed, list(old.names), [""] * len(removed)),
        ],
        ignore_index=True,
    )
    changed = parts["kind"] != "kept"
    parts["sliver"] = False
    parts.loc[changed, "sliver"] = _narrow(parts.loc[changed, "geometry"].to_numpy(), plane, sliver_width_m)
    found = Change(
        parts,
        _attribute_table(old, new, kept),
        math.fsum(np.nan_to_num(shapely.area(old.geometry))),
        math.fsum(np.nan_to_num(shapely.area(new.geometry))),
        sliver_width_m,
    )
    _require_closed(found, old, new)
    return found


def _named(edition: Edition, rows: NDArray[np.intp]) -> list[str]:
    return [edition.names[row] for row in rows]


def _rows(
    kind: Kind, geometry: GeometryArray, old: list[str], new: list[str], changed: list[str] | None = None
) -> pd.DataFrame:
    """Return one row per connected part, the largest first within each feature."""
    parts, owner = shapely.get_parts(geometry, return_index=True)
    filled = shapely.area(parts) > 0
    parts, owner = parts[filled], owner[filled]
    texts = changed if changed is not None else [""] * len(geometry)
    return pd.DataFrame(
        {
            "kind": kind,
            "old": [old[row] for row in owner],
            "new": [new[row] for row in owner],
            "changed": [texts[row] for row in owner],
            "area_m2": shapely.area(parts),
            "geometry": parts,
        }
    )


def _differences(old: Edition, new: Edition, pairs: tuple[NDArray[np.intp], NDArray[np.intp]]) -> list[str]:
    shared = [column for column in old.attributes.columns if column in new.attributes.columns]
    names = [[] for _ in pairs[0]]  # type: list[list[str]]
    for column in shared:
        before = old.attributes[column].astype(str).to_numpy()[pairs[0]]
        after = new.attributes[column].astype(str).to_numpy()[pairs[1]]
        for row in np.flatnonzero(before != after):
            names[row].append(str(column))
    return [" ".join(row) for row in names]


def _attribute_table(
    old: Edition, new: Edition, kept: tuple[NDArray[np.intp], NDArray[np.intp], GeometryArray]
) -> pd.DataFrame:
    frames = []
    for column in old.attributes.columns:
        if column in new.attributes.columns:
            table = pd.DataFrame(
                {
                    "attribute": str(column),
                    "old": old.attributes[column].astype(str).to_numpy()[kept[0]],
                    "new": new.attributes[column].astype(str).to_numpy()[kept[1]],
                    "area_m2": shapely.area(kept[2]),
                }
            )
            frames.append(table[table["old"] != table["new"]])
    columns = ["attribute", "old", "new"]
    if not frames:
        return pd.DataFrame(columns=[*columns, "area_m2"])
    return pd.concat(frames, ignore_index=True).groupby(columns, sort=False, as_index=False)["area_m2"].agg(math.fsum)


def _narrow(parts: Sequence[shapely.Geometry] | GeometryArray, plane: CRS, width_m: float) -> NDArray[np.bool_]:
    """Return which parts a disc of the width fits into nowhere."""
    flat = reproject(np.asarray(parts, dtype=object), equal_area_crs(), plane)
    found: NDArray[np.bool_] = shapely.is_empty(shapely.buffer(flat, -width_m / 2))
    return found


def _require_closed(found: Change, old: Edition, new: Edition) -> None:
    # Borders of neighbours that share no vertices differ by a hair once they are projected.
    sums = {kind: own["area_m2"].tolist() for kind, own in found.parts.groupby("kind")}
    for edition, whole, kind in ((old, found.old_m2, "removed"), (new, found.new_m2, "added")):
        closed = closure(whole, [*sums.get("kept", []), *sums.get(kind, [])])
        # Where the other edition has nothing, features that overlap would only be counted twice.
        once = closure(whole, [float(shapely.area(union(edition.geometry)))])
        if once.relative > setting("control_limit"):
            closed = once
        if closed.relative > setting("control_limit"):
            raise InputError(
                "change_not_closed", edition=edition.name, whole=f"{whole:.2f}", parts=f"{closed.parts:.2f}"
            )
