"""Reading vector layers so that their areas will be right: every trap is an error or a finding."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import overload

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from pyproj import CRS

from spatial.crs import (
    OFFSET_LABELS,
    definition_of,
    offset_named,
    plain_crs,
    require_usable,
    system_of,
    transverse_mercator,
)
from spatial.equal_area import densify, reproject
from spatial.errors import InputError
from spatial.findings import Finding
from spatial.io.coordinates import check_coordinates
from spatial.io.datums import to_cgcs2000
from spatial.io.mending import mend, require_finite
from spatial.io.placing import UNSHIFTED, check_offset, recognise, require_in_place, unshifted
from spatial.io.readers import read_raw
from spatial.io.stated import Stated
from spatial.recognition.place import Place, place_of
from spatial.words import say

GeometryArray = NDArray[np.object_]


@dataclass(frozen=True)
class VectorFile:
    """A vector layer as read: features, and what was seen or mended on the way.

    Parameters
    ----------
    features
        Valid 2-D geometries, or ``None`` where the file has none; x is east.
    """

    path: Path
    features: gpd.GeoDataFrame
    findings: tuple[Finding, ...]

    @property
    def crs(self) -> CRS:
        """The layer's coordinate system."""
        return CRS(self.features.crs)


def read_vector(path: Path, stated: Stated | None = None, place: Place | None = None) -> VectorFile:
    """Read a vector layer and make sure that its areas will be right.

    Parameters
    ----------
    path
        A file of any format of ``data/formats.csv``.
    stated
        What the user says of the file: coordinate system, layer, encoding, district, parameters, offset.
    place
        Where the layer should lie. With it, more layers without a coordinate system are recognised,
        and a neighbouring zone and the offsets of web maps are found.

    Raises
    ------
    InputError
        If the file is missing, empty or unreadable, has several layers and none is named; if it names
        no coordinate system and its numbers fit none or several; if coordinates and system contradict
        each other, the layer misses its place or is offset against it; or if a geometry cannot be
        mended without changing its area.
    DatumShiftRequiredError
        If the datum is another than CGCS2000 or WGS 84 and no parameters are given for it.
    """
    stated = stated or Stated()
    if place is None and stated.district is not None:
        place = place_in(stated.district)
    raw = read_raw(path, stated)
    frame = raw.features
    if not isinstance(frame, gpd.GeoDataFrame) or frame.empty:
        raise InputError("layer_empty", file=path)
    frame, named = labelled(path, frame, stated, place)
    names = FeatureNames(frame)
    geometry = np.asarray(frame.geometry.array, dtype=object)
    _require_simple(path, geometry, names)
    require_finite(geometry, str(path), names)
    geometry, crs, placed = placed_in_cgcs2000(geometry, CRS(frame.crs), Reading(path, stated, place, names))
    geometry, mended = mend(geometry, crs, str(path), names)
    features = frame.set_geometry(gpd.GeoSeries(geometry, index=frame.index, crs=crs))
    if stated.unshift:
        features[UNSHIFTED] = say("en", "unshifted_column", kind=OFFSET_LABELS[stated.unshift])
    return VectorFile(path, features, (*raw.findings, *named, *placed, *mended))


def place_in(path: Path) -> Place:
    """Read the outline of a district, that other layers are expected to lie in.

    Raises
    ------
    InputError
        As :func:`read_vector`, and if it holds no polygon.
    """
    return place_from(read_vector(path))


def place_from(file: VectorFile) -> Place:
    """Return the place of an outline that was read already; errors as :func:`place_in`."""
    geometry = np.asarray(file.features.geometry.array, dtype=object)
    areal = geometry[shapely.get_dimensions(geometry) == 2]  # noqa: PLR2004 -- an area
    if not len(areal):
        raise InputError("outline_not_polygon", file=file.path)
    return place_of(areal, file.crs, str(file.path))


def labelled(
    path: Path, frame: gpd.GeoDataFrame, stated: Stated, place: Place | None
) -> tuple[gpd.GeoDataFrame, tuple[Finding, ...]]:
    """Return a layer with a coordinate system: the user's, the file's own, or the one its numbers fit.

    Parameters
    ----------
    path
        For messages.
    frame
        As read.
    stated, place
        As :func:`read_vector` takes them.

    Raises
    ------
    InputError
        If the user's system is not understood, or if there is none and several fit the numbers, or none.
    """
    label = None if frame.crs is None else plain_crs(CRS(frame.crs))
    if stated.crs:
        crs = plain_crs(system_of(stated.crs))
        values: dict[str, object] = {"label": "-" if label is None else crs_name(label), "crs": crs_name(crs)}
        found = Finding("warning", "crs_overrides", str(path), values=values)
        differs = label is not None and not label.equals(crs, ignore_axis_order=True)
        return frame.set_crs(crs, allow_override=True), (found,) if differs else ()
    if label is None:
        named, found = recognise(path, frame, place)
        return named, (found,)
    return frame.set_crs(label, allow_override=True), ()


@dataclass(frozen=True)
class Reading:
    """What reading a file goes by: the file, what is said of it, where it should lie, its features' names."""

    path: Path
    stated: Stated
    place: Place | None
    names: Sequence[str]


def placed_in_cgcs2000(
    geometry: GeometryArray, crs: CRS, by: Reading
) -> tuple[GeometryArray, CRS, tuple[Finding, ...]]:
    """Return geometries in CGCS2000 and where they should be, or refuse them; ``check`` asks here too.

    Raises
    ------
    InputError
        As :func:`read_vector` where system, coordinates, parameters and place do not go together.
    """
    if by.stated.unshift and offset_named(crs) == by.stated.unshift:
        crs = _without_offset_name(crs)
    require_usable(crs, source=str(by.path))
    check_coordinates(by.path, geometry, crs, by.names, by.place)
    geometry, crs, findings = to_cgcs2000(by.path, geometry, crs, by.stated.parameters)
    found = [*findings, *_custom(by.path, crs)]
    if by.place is not None:
        require_in_place(by.path, geometry, crs, by.place)
        found.extend(check_offset(by.path, geometry, crs, by.place, by.stated))
    if by.stated.unshift:
        geometry, finding = unshifted(by.path, geometry, crs, by.stated.unshift)
        found.append(finding)
    return geometry, crs, tuple(found)


def _custom(path: Path, crs: CRS) -> tuple[Finding, ...]:
    """Say that a transverse Mercator plane is no standard zone."""
    plane = transverse_mercator(crs)
    if plane is None or definition_of(crs).startswith("EPSG"):
        return ()
    values: dict[str, object] = {"crs": crs.name, "meridian": f"{plane[0]:g}", "false_easting": f"{plane[1]:.0f}"}
    return (Finding("warning", "crs_custom", str(path), values=values),)


def _without_offset_name(crs: CRS) -> CRS:
    """Return the system that offset data are written in, degrees or Web Mercator; any other plane stays refused."""
    operation = crs.coordinate_operation
    if crs.is_projected and (operation is None or "Pseudo" not in operation.method_name):
        return crs
    return CRS(4326 if crs.is_geographic else 3857)


def in_plane(file: VectorFile, plane: CRS) -> tuple[NDArray[np.object_], tuple[Finding, ...]]:
    """Return a layer's geometries in another plane, its edges straight where they were drawn.

    Parameters
    ----------
    file
        A layer as read.
    plane
        Where to; the layer's own plane changes nothing.

    Returns
    -------
    geometry : ndarray of shapely geometries, shape (n,)
        Edges cut to at most 50 m before they are moved, and valid.
    findings : tuple of Finding
        What had to be mended after the move.
    """
    geometry = np.asarray(file.features.geometry.array, dtype=object)
    if file.crs == plane:
        return geometry, ()
    moved = reproject(densify(geometry, file.crs), file.crs, plane)
    return mend(moved, plane, str(file.path), FeatureNames(file.features))


def _require_simple(path: Path, geometry: NDArray[np.object_], names: Sequence[str]) -> None:
    """Refuse collections: whether they are meant as area or as line, nobody can say."""
    kinds = shapely.get_type_id(geometry)
    for row in np.flatnonzero(kinds == shapely.GeometryType.GEOMETRYCOLLECTION):
        raise InputError("feature_collection", file=path, feature=names[int(row)])


class FeatureNames(Sequence[str]):
    """How messages call each feature: by id or name where there is one, else by row from 1.

    Names are made when they are asked for: most features are never spoken of.

    Parameters
    ----------
    frame
        Features.

    Examples
    --------
    >>> list(FeatureNames(gpd.GeoDataFrame({"name": ["a", None]})))
    ['1 (a)', '2']
    """

    _COLUMNS = (
        "project_id",
        "项目编号",
        "编号",
        "id",
        "name",
        "Name",
        "名称",
        "项目名称",
        "地块名称",
        "DKMC",
        "地块编号",
        "DKBH",
    )

    def __init__(self, frame: pd.DataFrame) -> None:
        self._columns = [frame[column].array for column in self._COLUMNS if column in frame.columns]
        self._length = len(frame)

    def __len__(self) -> int:
        return self._length

    @overload
    def __getitem__(self, row: int) -> str: ...

    @overload
    def __getitem__(self, row: slice) -> list[str]: ...

    def __getitem__(self, row: int | slice) -> str | list[str]:
        if isinstance(row, slice):
            return [self._name(place) for place in range(*row.indices(self._length))]
        return self._name(range(self._length)[row])

    def _name(self, place: int) -> str:
        texts = (text_of(column[place]) for column in self._columns)
        name = next(filter(None, texts), "")
        return f"{place + 1} ({name})" if name not in {"", str(place + 1)} else str(place + 1)


def text_of(value: object) -> str:
    """Return a cell as text, empty where it holds nothing.

    Examples
    --------
    >>> text_of(7.0), text_of(None), text_of(" a ")
    ('7', '', 'a')
    """
    if value is None or value is pd.NA or value is pd.NaT:
        return ""
    if isinstance(value, float):
        # A column of whole numbers with a gap is read as decimals: 7.0 is project 7.
        return "" if math.isnan(value) else str(int(value) if value.is_integer() else value)
    return str(value).strip()


def crs_name(crs: CRS) -> str:
    """Return a coordinate system as people write it: code and name."""
    definition = definition_of(crs)
    return f"{definition} ({crs.name})" if definition.startswith("EPSG") else crs.name
