"""A table of areas: one row per feature or per value of a field, by the three definitions of area."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

import numpy as np
import shapely

from spatial.areas import FloatArray, adjust_to_control, official_area_m2, planar_area_m2, stored_vertex_area_m2
from spatial.errors import InputError
from spatial.io.vector import FeatureNames, VectorFile
from spatial.units import AreaUnit, from_m2

#: Decimals of an adjusted area where the control is written with fewer (DOMAIN 1.6 and 1.7).
_DECIMALS: dict[AreaUnit, int] = {"m2": 2, "ha": 2, "km2": 6, "mu": 2}


@dataclass(frozen=True)
class Adjusted:
    """Areas forced to a control area, in the control's unit."""

    areas: list[Decimal]
    unit: AreaUnit


@dataclass(frozen=True)
class AreaTable:
    """Areas by name, in m2; ``planar_m2`` is ``None`` where the layer is in degrees."""

    names: tuple[str, ...]
    official_m2: FloatArray
    stored_m2: FloatArray
    planar_m2: FloatArray | None

    def rows(self) -> Iterator[tuple[str, float, float, float | None]]:
        """Yield name, official, stored-vertex and planar area."""
        for place, name in enumerate(self.names):
            planar = None if self.planar_m2 is None else float(self.planar_m2[place])
            yield name, float(self.official_m2[place]), float(self.stored_m2[place]), planar

    def totals(self) -> tuple[float, float, float | None]:
        """Return the sums; overlapping features count as often as they overlap."""
        planar = None if self.planar_m2 is None else float(self.planar_m2.sum())
        return float(self.official_m2.sum()), float(self.stored_m2.sum()), planar

    def adjusted(self, control: Decimal, unit: AreaUnit) -> Adjusted:
        """Force the official areas to a control area given in ``unit``.

        Parameters
        ----------
        control
            As written: its decimals, but at least the unit's usual ones, are those of the result.

        Raises
        ------
        InputError
            If the discrepancy is not rounding.
        """
        areas = [from_m2(float(area), unit) for area in self.official_m2]
        written = -int(control.as_tuple().exponent)
        quantum = Decimal(1).scaleb(-max(written, _DECIMALS[unit]))
        return Adjusted(adjust_to_control(areas, float(control), quantum=f"{quantum:f}"), unit)


def area_table(file: VectorFile, *, by: str | None = None) -> AreaTable:
    """Compute the areas of a layer.

    Parameters
    ----------
    file
        A layer as read; lines and points count 0, features without geometry count 0.
    by
        Field whose values are summed up; else one row per feature.

    Raises
    ------
    InputError
        If there is no such field, or no polygon.
    """
    geometry = np.asarray(file.features.geometry.array, dtype=object)
    if not (shapely.get_dimensions(geometry) == 2).any():  # noqa: PLR2004 -- an area
        raise InputError("area_no_polygon", file=file.path)
    names = FeatureNames(file.features) if by is None else _values(file, by)
    labels = tuple(dict.fromkeys(names))
    place = {label: number for number, label in enumerate(labels)}
    group = np.array([place[name] for name in names])

    def summed(areas: FloatArray) -> FloatArray:
        total = np.zeros(len(labels))
        np.add.at(total, group, np.nan_to_num(areas))
        return total

    planar = summed(planar_area_m2(geometry, file.crs)) if file.crs.is_projected else None
    official = summed(official_area_m2(geometry, file.crs))
    return AreaTable(labels, official, summed(stored_vertex_area_m2(geometry, file.crs)), planar)


def _values(file: VectorFile, by: str) -> list[str]:
    if by not in file.features.columns:
        columns = ", ".join(map(str, file.features.columns.drop(file.features.geometry.name)))
        raise InputError("area_no_field", file=file.path, field=by, columns=columns)
    return [str(value) for value in file.features[by]]
