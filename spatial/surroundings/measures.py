"""What surrounds a zone: distance bands, what is exposed to what, and the length of a fence."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from pyproj import CRS

from spatial.areas import ellipsoidal_length_m, official_area_m2
from spatial.errors import InputError
from spatial.overlay.robust import difference, intersection, of_dimension, union
from spatial.settings import setting

GeometryArray = NDArray[np.object_]

_AREAL = 2


def bands(zones: GeometryArray, distances_m: Sequence[float]) -> GeometryArray:
    """Return the rings around zones between one distance and the next, the zones left out.

    Parameters
    ----------
    zones : ndarray of Polygon or MultiPolygon, shape (n,)
        In a Gauss-Kruger plane [m]; they may overlap.
    distances_m
        Outer distances, increasing: ``[100, 500]`` gives 0 to 100 m and 100 to 500 m.

    Returns
    -------
    ndarray of Polygon or MultiPolygon, shape (len(distances_m),)
        Rings that overlap neither each other nor the zones.

    Raises
    ------
    InputError
        If the distances are not positive and increasing, or the last exceeds ``around_most_m``.

    Notes
    -----
    Round buffers of 32 corners to the quarter circle: a ring's outline is nowhere more than
    0.03 per cent of its distance inside the true one.

    Examples
    --------
    >>> rings = bands(np.array([shapely.box(0, 0, 100, 100)]), [10, 20])
    >>> shapely.area(rings).round(0).tolist()
    [4314.0, 4942.0]
    """
    limits = _limits(distances_m)
    inner = union(zones)
    rings = np.empty(limits.size, dtype=object)
    for number, distance in enumerate(limits):
        outer = union(shapely.buffer(zones, distance, quad_segs=32))
        rings[number] = difference(np.array([outer], dtype=object), np.array([inner], dtype=object))[0]
        inner = outer
    return rings


def _limits(distances_m: Sequence[float]) -> NDArray[np.float64]:
    limits = np.array(distances_m, dtype=np.float64)
    most_m = setting("around_most_m")
    if (
        not limits.size
        or limits[-1] > most_m
        or not np.isfinite(limits).all()
        or (np.diff(limits, prepend=0.0) <= 0).any()
    ):
        raise InputError("bands_order", distances=", ".join(f"{value:g}" for value in limits), most=f"{most_m:g}")
    return limits


def exposure(zones: GeometryArray, sources: GeometryArray, distances_m: Sequence[float], plane: CRS) -> pd.DataFrame:
    """Return, for each zone and distance band, the risk sources or projects that lie there.

    Parameters
    ----------
    zones : ndarray of Polygon or MultiPolygon, shape (n,)
        In ``plane``.
    sources : ndarray of geometries, shape (m,)
        Points, lines or polygons in ``plane``; missing ones are passed over.
    distances_m
        Outer distances of the bands, increasing; what touches the zone is in the band ``0``.
    plane
        A Gauss-Kruger plane [m].

    Returns
    -------
    DataFrame
        ``zone`` and ``source`` (positions), ``distance_m``, ``band_m`` (outer distance; 0 where they
        meet) and ``inside_m2``, the official area of a polygon source inside the zone. Pairs farther
        apart than the last distance have no row.

    Raises
    ------
    InputError
        As :func:`bands`.
    """
    limits = _limits(distances_m)
    zone, source = shapely.STRtree(sources).query(zones, predicate="dwithin", distance=limits[-1])
    distance_m = shapely.distance(zones[zone], sources[source])
    meets = distance_m == 0.0
    band = np.where(meets, 0.0, limits[np.minimum(np.searchsorted(limits, distance_m), limits.size - 1)])
    inside = np.zeros(zone.size)
    areal = np.flatnonzero(meets & (shapely.get_dimensions(sources[source]) == _AREAL))
    inside[areal] = official_area_m2(_shared(zones[zone[areal]], sources[source[areal]]), plane)
    table = pd.DataFrame(
        {"zone": zone, "source": source, "distance_m": distance_m, "band_m": band, "inside_m2": inside}
    )
    return table.sort_values(["zone", "distance_m", "source"], ignore_index=True)


def _shared(zones: GeometryArray, sources: GeometryArray) -> GeometryArray:
    # Borders that touch as well leave lines and points beside the polygons.
    return of_dimension(intersection(zones, sources), _AREAL)


def fence_length_m(zones: GeometryArray, water: GeometryArray, plane: CRS, *, along_m: float = 1.0) -> float:
    """Return the length of the fence around zones, on the land side only.

    Parameters
    ----------
    zones : ndarray of Polygon or MultiPolygon, shape (n,)
        Such as first-level source zones; zones that overlap or touch share one fence. In ``plane``.
    water : ndarray of Polygon or MultiPolygon, shape (m,)
        Water surfaces, in ``plane``: no fence stands in them, nor along their shore.
    plane
        A Gauss-Kruger plane [m].
    along_m
        A border this close to the water runs along it [m].

    Returns
    -------
    float
        Geodesic length [m] on the CGCS2000 ellipsoid.

    Examples
    --------
    >>> zone = np.array([shapely.box(38410000, 3980000, 38410100, 3980100)])
    >>> lake = np.array([shapely.box(38410100, 3979000, 38410900, 3981000)])
    >>> round(fence_length_m(zone, lake, CRS(4526)))
    298
    """
    outline = shapely.boundary(union(zones))
    wet = union(shapely.buffer(water, along_m)) if len(water) else shapely.Polygon()
    land = difference(np.array([outline], dtype=object), np.array([wet], dtype=object))
    return float(ellipsoidal_length_m(land, plane)[0])
