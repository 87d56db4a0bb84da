"""The slope class of farmland parcels by the rule of 2008, and their area without field ridges."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from pyproj import CRS

from spatial.areas import official_area_m2
from spatial.errors import InputError
from spatial.grid import Grid, cell_area_series
from spatial.roles import data_rows
from spatial.terrain.classes import NO_SLOPE, Scheme, classify, scheme_of
from spatial.terrain.fractions import zone_spans
from spatial.terrain.patches import merge_small_patches
from spatial.terrain.rule import ParcelRule, rule_of_2008

GeometryArray = NDArray[np.object_]
FloatArray = NDArray[np.float64]

#: Who says that a parcel is of its class.
ANNOUNCED, BY_DEM = "announced", "dem"

_SURVEY = "survey"
_POLYGONAL = {shapely.GeometryType.POLYGON, shapely.GeometryType.MULTIPOLYGON}
#: Columns of the kernel's sums before those of the codes.
_SLOPE_SUMS = 4


def parcel_classes(
    slope: NDArray[np.float32],
    grid: Grid,
    parcels: GeometryArray,
    crs: CRS,
    *,
    announced: GeometryArray | None = None,
    rule: ParcelRule | None = None,
) -> pd.DataFrame:
    """Return the land-survey slope class of each parcel.

    Slopes become classes; small patches and stripes of them go to the lower neighbour; a parcel is of
    the class that takes most of its area. Land within the announced polygons of more than 25 degrees
    is of the steepest class whatever the heights say.

    Parameters
    ----------
    slope : ndarray of float32, shape (rows, columns)
        Degrees, nan where there is none; from :func:`spatial.terrain.slope.slope_deg`.
    grid
        Where the cells lie.
    parcels : ndarray of Polygon or MultiPolygon, shape (n,)
        Valid, in ``crs``.
    crs
        CGCS2000 or WGS 84.
    announced : ndarray of Polygon or MultiPolygon, shape (m,)
        Steep land that the government has announced, in ``crs``; may overlap each other.
    rule
        That of 2008 where left out.

    Returns
    -------
    DataFrame
        A row per parcel: ``code`` (0 where nothing is known), ``basis`` (``"announced"``, ``"dem"``, or
        empty), ``mean_slope_deg``, ``max_slope_deg`` (of the cells at least half in the parcel; of all
        where there are none; both before merging), ``area_m2`` (official), ``without_m2`` (without a
        slope or beyond the grid), ``announced_m2``, and ``class_1_m2`` ... ``class_5_m2``. A parcel of
        the steepest class with the basis ``"dem"`` is a hint only: legally steep is what is announced.

    Notes
    -----
    《利用DEM确定耕地坡度分级技术规定(试行)》2008 (DOMAIN 5.2); classes of TD/T 1055-2019 (DOMAIN 5.1).
    """
    rule = rule or rule_of_2008()
    scheme = scheme_of(_SURVEY)
    codes = merge_small_patches(classify(slope, scheme), grid, rule.min_patch_m2)
    sums = _sums(codes, slope, grid, (parcels, crs), scheme)
    by_class = sums[:, _SLOPE_SUMS + 1 :].copy()
    steep_m2 = np.zeros(len(parcels))
    if announced is not None and len(announced):
        steep = shapely.intersection(parcels, shapely.union_all(announced))
        by_class -= _sums(codes, slope, grid, (_polygons(steep), crs), scheme)[:, _SLOPE_SUMS + 1 :]
        by_class = np.maximum(by_class, 0.0)
        steep_m2 = official_area_m2(_polygons(steep), crs)
        by_class[:, -1] += steep_m2
    area_m2 = official_area_m2(parcels, crs)
    most = by_class.max(axis=1, keepdims=True, initial=0.0)
    code = np.where(most[:, 0] > 0, np.argmax(by_class >= most - rule.tie_m2, axis=1) + 1, NO_SLOPE)
    steepest = len(scheme.classes)
    by_dem = by_class[:, -1] - steep_m2
    basis = np.where((code == steepest) & (steep_m2 > by_dem), ANNOUNCED, np.where(code == NO_SLOPE, "", BY_DEM))
    with np.errstate(invalid="ignore"):
        mean = np.where(sums[:, 1] > 0, sums[:, 0] / sums[:, 1], np.nan)
    highest = np.where(sums[:, 2] >= 0, sums[:, 2], sums[:, 3])
    return pd.DataFrame(
        {
            "code": code.astype(np.uint8),
            "basis": basis,
            "mean_slope_deg": mean,
            "max_slope_deg": np.where(highest >= 0, highest, np.nan),
            "area_m2": area_m2,
            "without_m2": np.maximum(area_m2 - by_class.sum(axis=1), 0.0),
            "announced_m2": steep_m2,
            **{f"class_{one.code}_m2": by_class[:, one.code - 1] for one in scheme.classes},
        }
    )


def _sums(
    codes: NDArray[np.uint8],
    slope: NDArray[np.float32],
    grid: Grid,
    zones: tuple[GeometryArray, CRS],
    scheme: Scheme,
) -> FloatArray:
    from spatial.terrain.kernels import parcel_sums

    out = np.zeros((len(zones[0]), _SLOPE_SUMS + 1 + len(scheme.classes)))
    out[:, 2:_SLOPE_SUMS] = -1.0
    spans = zone_spans(*zones, grid)
    parcel_sums(codes, np.ascontiguousarray(slope), cell_area_series(grid), spans, out)
    return out


def _polygons(shapes: GeometryArray) -> GeometryArray:
    """Return the polygonal part of each shape; where two only touch, an intersection holds lines and points."""
    kept = [
        one
        if shapely.get_type_id(one) in _POLYGONAL
        else shapely.MultiPolygon([part for part in shapely.get_parts(one) if shapely.get_type_id(part) in _POLYGONAL])
        for one in shapes
    ]
    return np.array(kept, dtype=object)


@dataclass(frozen=True)
class Ridge:
    """Which part of cultivated land of a class its field ridges (田坎) take.

    Parameters
    ----------
    province
        Code of six digits, or ``*`` for all.
    code
        Land-survey slope class.
    kind
        ``"TT"`` terraced, ``"PD"`` sloping, empty for both.
    coefficient
        From 0 to 1.
    source, confidence
        Where it comes from, and how sure that is (H, M, L).
    """

    province: str
    code: int
    kind: str
    coefficient: float
    source: str
    confidence: str


def ridge_table(path: Path | None = None) -> tuple[Ridge, ...]:
    """Return the field-ridge coefficients of a table; rows without a number are passed over.

    Parameters
    ----------
    path
        CSV with the columns of ``data/ridge_coefficients.csv``, which is taken where it is left out:
        no published table was at hand, so it holds class I only and rows to be filled in.

    Raises
    ------
    InputError
        If a coefficient is no number from 0 up to but without 100.
    """
    if path is None:
        rows = data_rows("ridge_coefficients.csv")
    else:
        if not path.is_file():
            raise InputError("file_missing", file=path)
        rows = list(csv.DictReader(path.read_text(encoding="utf-8-sig").splitlines()))
    return tuple(_ridge(row, path or Path("ridge_coefficients.csv")) for row in rows if row["coefficient_pct"].strip())


def _ridge(row: dict[str, str], path: Path) -> Ridge:
    try:
        coefficient = float(row["coefficient_pct"]) / 100
        code = int(row["code"])
    except ValueError as error:
        raise InputError("ridge_bad", file=path, row=", ".join(row.values())) from error
    if not 0 <= coefficient < 1:
        raise InputError("ridge_bad", file=path, row=", ".join(row.values()))
    return Ridge(row["province"], code, row["kind"], coefficient, row["source"], row["confidence"])


def ridges_of(table: tuple[Ridge, ...], province: str) -> dict[tuple[int, str], Ridge]:
    """Return the coefficients of a province by class and kind; its own go before those of all provinces.

    Parameters
    ----------
    table
        From :func:`ridge_table`.
    province
        Code of six digits.

    Examples
    --------
    >>> ridges_of(ridge_table(), "140000")[1, "PD"].coefficient
    0.0
    """
    known: dict[tuple[int, str], Ridge] = {}
    for ridge in sorted(table, key=lambda one: one.province == province):
        if ridge.province in {"*", province}:
            # A field of no stated form may stand where the form does not matter.
            known.update({(ridge.code, own): ridge for own in ([ridge.kind] if ridge.kind else ["TT", "PD", ""])})
    return known


def net_farmland_m2(
    area_m2: FloatArray,
    code: NDArray[np.uint8],
    kind: NDArray[np.object_],
    *,
    table: tuple[Ridge, ...],
    province: str,
) -> FloatArray:
    """Return the area of cultivated parcels without their field ridges.

    Parameters
    ----------
    area_m2 : ndarray of float, shape (n,)
        Official area.
    code : ndarray of uint8, shape (n,)
        Land-survey slope class, from :func:`parcel_classes`.
    kind : ndarray of str, shape (n,)
        ``"TT"`` terraced or ``"PD"`` sloping.
    table
        From :func:`ridge_table`.
    province
        Code of six digits.

    Returns
    -------
    ndarray of float, shape (n,)
        ``area (1 - coefficient)``; nan where the slope class is not known.

    Raises
    ------
    InputError
        If the table has no coefficient for a class and kind that occurs: none is made up.

    Examples
    --------
    >>> table = (Ridge("*", 3, "TT", 0.1, "", "L"),)
    >>> net_farmland_m2(np.array([1000.0]), np.array([3]), np.array(["TT"]), table=table, province="140000").tolist()
    [900.0]
    """
    known = ridges_of(table, province)
    net = np.full(len(area_m2), np.nan)
    for of_code, of_kind in sorted(set(zip(code.tolist(), kind.tolist(), strict=True))):
        if of_code == NO_SLOPE:
            continue
        if (of_code, of_kind) not in known:
            raise InputError("ridge_missing", code=of_code, kind=of_kind, province=province)
        chosen = (code == of_code) & (kind == of_kind)
        net[chosen] = area_m2[chosen] * (1 - known[of_code, of_kind].coefficient)
    return net
