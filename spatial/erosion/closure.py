"""Whether townships tile their district: what lies outside all of them, and what in more than one."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import CRS

from spatial.equal_area import to_equal_area
from spatial.findings import Finding
from spatial.settings import setting
from spatial.units import from_m2

GeometryArray = NDArray[np.object_]


@dataclass(frozen=True)
class Closure:
    """How townships and district differ, official areas [m2].

    Parameters
    ----------
    outside_m2
        Of the district in no township.
    shared_m2
        In more than one township, each further one counted.
    beyond_m2
        Of townships outside the district.
    """

    district_m2: float
    outside_m2: float
    shared_m2: float
    beyond_m2: float

    def findings(self, source: str) -> tuple[Finding, ...]:
        """Return what exceeds the closure that all areas keep."""
        amounts = {
            "townships_outside": self.outside_m2,
            "townships_shared": self.shared_m2,
            "townships_beyond": self.beyond_m2,
        }
        least = setting("closure_limit") * self.district_m2
        return tuple(
            Finding("warning", code, source, values={"area": f"{from_m2(area, 'ha'):.4f}"})
            for code, area in amounts.items()
            if area > least
        )


def closure_of(townships: GeometryArray, district: GeometryArray, crs: CRS) -> Closure:
    """Return how townships and district differ.

    Parameters
    ----------
    townships, district : ndarray of Polygon or MultiPolygon
        In ``crs``.
    crs
        CGCS2000 or WGS 84.

    Examples
    --------
    >>> from shapely import box
    >>> west, whole = box(38410000, 3980000, 38411000, 3981000), box(38410000, 3980000, 38412000, 3981000)
    >>> found = closure_of(np.array([west]), np.array([whole]), CRS(4526))
    >>> round(found.outside_m2 / found.district_m2, 3)
    0.5
    """
    parts = to_equal_area(townships, crs)
    whole, united = shapely.union_all(to_equal_area(district, crs)), shapely.union_all(parts)
    inside = float(shapely.area(shapely.intersection(whole, united)))
    district_m2, united_m2 = float(shapely.area(whole)), float(shapely.area(united))
    return Closure(
        district_m2=district_m2,
        outside_m2=max(district_m2 - inside, 0.0),
        shared_m2=max(float(shapely.area(parts).sum()) - united_m2, 0.0),
        beyond_m2=max(united_m2 - inside, 0.0),
    )
