"""Making sure that a layer lies where it should: recognised where it is unlabelled, refused where it is offset."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import CRS

from spatial.crs import CGCS2000_GEOGRAPHIC, OFFSET_LABELS, definition_of, transverse_mercator
from spatial.equal_area import reproject
from spatial.errors import InputError
from spatial.findings import Finding
from spatial.io.stated import Stated
from spatial.offsets import BACK, Offset
from spatial.recognition.candidates import Candidate, candidates, lonlat, within_plane
from spatial.recognition.dms import looks_packed
from spatial.recognition.place import Place
from spatial.recognition.shift import Shift, shift_of
from spatial.settings import setting
from spatial.words import Listed, Text

GeometryArray = NDArray[np.object_]
FloatArray = NDArray[np.float64]

#: Column of every layer that was moved back approximately: it goes wherever the features go.
UNSHIFTED = "unshift"

_FEW = 4


def recognise(path: Path, frame: gpd.GeoDataFrame, place: Place | None) -> tuple[gpd.GeoDataFrame, Finding]:
    """Return a layer without a coordinate system in the one its numbers fit, if there is exactly one.

    Parameters
    ----------
    path
        For messages.
    frame
        Without a system, as read.
    place
        Where it should lie, where that is known.

    Raises
    ------
    InputError
        If several systems fit, with the list, or none; if there are no coordinates at all.
    """
    points = _finite(np.asarray(frame.geometry.array, dtype=object))
    if not len(points):
        raise InputError("layer_empty", file=path)
    values: dict[str, object] = {"x": f"{points[0, 0]:.10g}", "y": f"{points[0, 1]:.10g}"}
    found = candidates(points, place)
    if not found:
        raise InputError("crs_none_fits", file=path, place=_elsewhere(points, place), **values)
    if len(found) > 1:
        mend = Text("or_district") if place is None else ""
        raise InputError("crs_ambiguous", file=path, candidates=_list(found), or_district=mend, **values)
    (chosen,) = found
    if chosen.crs == CGCS2000_GEOGRAPHIC and looks_packed(points):
        raise InputError("dms_suspected", file=path, **values)
    geometry = shapely.transform(np.asarray(frame.geometry.array, dtype=object), chosen.apply)
    named = frame.set_geometry(gpd.GeoSeries(geometry, index=frame.index, crs=chosen.crs))
    return named, Finding("warning", "crs_recognised", str(path), values={"candidate": chosen.text()})


def fitting(points: FloatArray, place: Place | None, crs: CRS) -> object:
    """Return what fits numbers that contradict their label, for the end of a message; empty where that is open."""
    label = (definition_of(crs), False, 1.0)
    found = [c for c in candidates(points, place) if (c.crs, c.swapped, c.per_m) != label]
    if len(found) > _FEW:
        # The label is wrong, but its central meridian may be right.
        plane = transverse_mercator(crs)
        found = [c for c in found if plane is not None and _meridian(c) == (plane[0], 1.0)]
    if not 0 < len(found) <= _FEW:
        return ""
    # Stating a system does not help where the numbers themselves must be changed.
    is_plain = all(not candidate.swapped and candidate.per_m == 1 for candidate in found)
    key = "candidate_fits_plain" if is_plain else "candidate_fits"
    return Text(key, {"candidates": _list(tuple(found))})


def _meridian(candidate: Candidate) -> tuple[float, float] | None:
    plane = transverse_mercator(CRS(candidate.crs))
    return None if plane is None else (plane[0], plane[2])


def require_in_place(path: Path, geometry: GeometryArray, crs: CRS, place: Place) -> None:
    """Refuse a layer that lies wholly outside its district: a neighbouring zone, most likely.

    Raises
    ------
    InputError
        With the system that would put it there, if one would.
    """
    points = _finite(geometry)
    if not len(points):
        return
    lon, lat = lonlat(points, definition_of(crs))
    if place.share_inside(lon, lat) > 0 or place.lies_within((lon.min(), lat.min(), lon.max(), lat.max())):
        return
    margin = f"{setting('place_margin_m') / 1000:g}"
    hint = fitting(points, place, crs)
    raise InputError("place_missed", file=path, crs=crs.name, place=place.source, margin_km=margin, hint=hint)


def check_offset(path: Path, geometry: GeometryArray, crs: CRS, place: Place, stated: Stated) -> tuple[Finding, ...]:
    """Compare a layer's linework with the outline of its district.

    Returns
    -------
    tuple of Finding
        A shift of unknown cause, if there is one.

    Raises
    ------
    InputError
        For GCJ-02 and BD-09 data that were not declared so, with the offset measured; for declared
        ones that are not offset like that.
    """
    sound = geometry[np.isfinite(shapely.bounds(geometry)).all(axis=1)]
    shift = shift_of(reproject(sound, crs, CRS(CGCS2000_GEOGRAPHIC)), place.outline)
    if stated.unshift:
        if shift.kind not in (stated.unshift, "unknown"):
            kind = OFFSET_LABELS[stated.unshift]
            raise InputError("unshift_wrong", file=path, reference=place.source, kind=kind)
        return ()
    values = _measured(shift, place)
    if shift.kind == "gcj02" or shift.kind == "bd09":  # noqa: PLR1714 -- narrows the type
        raise InputError("offset_found", file=path, kind=OFFSET_LABELS[shift.kind], option=shift.kind, **values)
    return (Finding("warning", "offset_other", str(path), values=values),) if shift.kind == "other" else ()


def unshifted(path: Path, geometry: GeometryArray, crs: CRS, kind: Offset) -> tuple[GeometryArray, Finding]:
    """Move offset geometries back by the unofficial formula, and say so."""
    geographic = CRS(CGCS2000_GEOGRAPHIC)

    def back(coords: FloatArray) -> FloatArray:
        return np.column_stack(BACK[kind](coords[:, 0], coords[:, 1]))

    moved = shapely.transform(reproject(geometry, crs, geographic), back)
    found = Finding("warning", "unshifted", str(path), values={"kind": OFFSET_LABELS[kind]})
    return reproject(moved, geographic, crs), found


def _measured(shift: Shift, place: Place) -> dict[str, object]:
    figures = {"distance": shift.distance_m, "azimuth": shift.azimuth_deg, "spread": shift.spread_m}
    said: dict[str, object] = {name: f"{value:.0f}" for name, value in figures.items()}
    return said | {"reference": Text("district_outline", {"file": place.source})}


def _list(found: tuple[Candidate, ...]) -> object:
    """Return candidates as text; the long row of central meridians as its two ends."""
    if len(found) <= _FEW:
        return Listed(tuple(candidate.text() for candidate in found))
    planes = [(candidate.crs, transverse_mercator(CRS(candidate.crs))) for candidate in found]
    plain = [(crs, plane[0]) for crs, plane in planes if plane is not None and plane[2] == 1 and plane[1] < 1e6]  # noqa: PLR2004
    utm = [crs for crs, plane in planes if plane is not None and plane[2] != 1]
    rest = [candidate.text() for candidate in found if candidate.crs not in {*dict(plain), *utm}]
    ends: dict[str, object] = {"first": plain[0][0], "first_meridian": f"{plain[0][1]:g}", "last": plain[-1][0]}
    values = ends | {"last_meridian": f"{plain[-1][1]:g}", "utm": utm[0], "last_utm": utm[-1]}
    return Listed((Text("candidate_meridians", values), *rest))


def _elsewhere(points: FloatArray, place: Place | None) -> object:
    """Return where the numbers do not lie, and the central meridian that would put them there."""
    if place is None:
        return ""
    said: dict[str, object] = {"place": place.source, "meridian": ""}
    if len(points) and within_plane(points):
        meridian = 111.0
        lon, lat = lonlat(points.mean(axis=0)[None, :], "EPSG:4546")
        middle = place.middle()
        if abs(float(lat[0]) - middle[1]) < 1:
            said["meridian"] = Text("meridian_guess", {"meridian": f"{middle[0] - float(lon[0]) + meridian:.1f}"})
    return Text("in_place", said)


def _finite(geometry: GeometryArray) -> FloatArray:
    points = shapely.get_coordinates(geometry)
    return np.asarray(points[np.isfinite(points).all(axis=1)])
