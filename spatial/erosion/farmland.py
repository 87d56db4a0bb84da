"""The farmland of a workspace: its parcels, what they lose, and which must be given up."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from pyproj import CRS

from spatial.catalog import Workspace
from spatial.equal_area import to_equal_area
from spatial.erosion.measures import CONVERTED, Prescription, Price, measures_of
from spatial.errors import InputError
from spatial.grid import Grid, cell_area_series
from spatial.io.vector import text_of
from spatial.loading import LayerUse, LoadedLayer, load_layer
from spatial.overlay import ZoneIndex
from spatial.roles import roles
from spatial.schemas import column_of, fields_of
from spatial.terrain.fractions import zone_spans
from spatial.words import Both

GeometryArray = NDArray[np.object_]
_HALF = 0.5
_NEEDED = ("slope_class", "field_form", "mean_slope_deg")


@dataclass(frozen=True)
class Farmland:
    """What measures on farmland would do.

    Parameters
    ----------
    parcels : DataFrame
        All parcels: ``parcel`` (name), ``slope_class``, ``field_form``, ``slope_deg``, ``area_m2``, ``loss_t_a``, and
        ``announced``, the share in announced land above 25 degrees.
    measures : DataFrame
        As :func:`spatial.erosion.measures.measures_of` returns it; its index is the parcels' position.
    conversion : DataFrame
        Parcels to be given up or looked at: ``parcel``, ``basis`` (``announced``: most of it is; ``steep``: of
        class V, but not announced), ``area_m2``, ``announced``.
    known
        Whether the workspace has announced polygons.
    """

    parcels: pd.DataFrame
    measures: pd.DataFrame
    conversion: pd.DataFrame
    known: bool
    layers: tuple[LayerUse, ...]


def loss_of(raster_t_hm2_a: NDArray[np.float32], grid: Grid, zones: GeometryArray, crs: CRS) -> pd.DataFrame:
    """Return the area on the grid and the soil loss of zones.

    Parameters
    ----------
    raster_t_hm2_a : ndarray of float32, shape (rows, columns)
        nan where there is no loss.
    grid
        Its cells.
    zones : ndarray of Polygon or MultiPolygon, shape (n,)
        In ``crs``; each is measured by itself, by exact parts of cells.
    crs
        CGCS2000 or WGS 84.

    Returns
    -------
    DataFrame
        ``area_m2`` on the grid and ``loss_t_a``, a row per zone.
    """
    from spatial.erosion.kernels import code_sums

    sums = np.zeros((len(zones), 1)), np.zeros((len(zones), 1))
    codes = np.zeros(grid.shape, dtype=np.int32)
    code_sums(codes, raster_t_hm2_a.astype(np.float64), cell_area_series(grid), zone_spans(zones, crs, grid), sums)
    return pd.DataFrame({"area_m2": sums[0][:, 0], "loss_t_a": sums[1][:, 0] / 1e4})


def farmland_of(
    workspace: Workspace,
    date: dt.date,
    loss: tuple[NDArray[np.float32], Grid],
    tables: tuple[dict[int, Prescription], dict[str, Price]],
) -> Farmland:
    """Return what measures on the farmland of a workspace would do.

    Parameters
    ----------
    workspace, date
        With a layer of ``FARMLAND`` and perhaps one of ``SLOPE25``.
    loss
        Raster of soil loss [t/(hm2 a)] and its cells.
    tables
        What is prescribed and what it costs.

    Raises
    ------
    InputError
        If there is no farmland, or it lacks slope class or field form.
    """
    plane = CRS(workspace.analysis_crs)
    layers = [load_layer(layer, plane) for layer in workspace.of_role("FARMLAND", date)]
    if not layers:
        raise InputError("coverage_role_missing", role="FARMLAND", name=_name("FARMLAND"))
    announced = [load_layer(layer, plane) for layer in workspace.of_role("SLOPE25", date)]
    geometry = np.concatenate([layer.geometry for layer in layers])
    parcels = pd.concat([_attributes(layer) for layer in layers], ignore_index=True)
    parcels = pd.concat([parcels, loss_of(*loss, geometry, plane)], axis=1)
    parcels["announced"] = _share(geometry, announced, plane)
    kept = parcels[parcels["announced"] <= _HALF]
    steep = (parcels["slope_class"] == CONVERTED) & (parcels["announced"] <= _HALF)
    given_up = parcels[(parcels["announced"] > _HALF) | steep]
    basis = np.where(given_up["announced"] > _HALF, "announced", "steep")
    return Farmland(
        parcels=parcels,
        measures=measures_of(kept, *tables),
        conversion=given_up[["parcel", "area_m2", "announced"]].assign(basis=basis),
        known=bool(announced),
        layers=tuple(layer.use for layer in (*layers, *announced)),
    )


def _name(role: str) -> Both:
    return Both(roles()[role].name_zh, roles()[role].name_en)


def _attributes(layer: LoadedLayer) -> pd.DataFrame:
    frame = layer.file.features
    present = ~shapely.is_missing(np.asarray(frame.geometry.array, dtype=object))
    columns = {
        rule.field: column_of(rule, map(str, frame.columns), layer.layer.fields) for rule in fields_of("FARMLAND")
    }
    found = {"parcel": list(layer.names)}
    for field in _NEEDED:
        column = columns.get(field) or (field if field in frame.columns else "")
        if not column:
            raise InputError("farmland_field", file=layer.layer.path, field=field)
        found[field] = [text_of(value) for value in frame[column][present]]
    table = pd.DataFrame(found)
    for field in ("slope_class", "mean_slope_deg"):
        table[field] = pd.to_numeric(table[field], errors="coerce")
    wrong = table["slope_class"].isna() | table["mean_slope_deg"].isna()
    if wrong.any():
        raise InputError("farmland_value", file=layer.layer.path, feature=table["parcel"][wrong].iloc[0])
    table["slope_class"] = table["slope_class"].astype(int)
    return table.rename(columns={"mean_slope_deg": "slope_deg"})


def _share(geometry: GeometryArray, announced: list[LoadedLayer], plane: CRS) -> NDArray[np.float64]:
    """Return which part of each parcel lies in announced land; places that several polygons hold count once."""
    own = to_equal_area(geometry, plane)
    if not announced:
        return np.zeros(len(own))
    united = shapely.union_all(to_equal_area(np.concatenate([layer.geometry for layer in announced]), plane))
    pieces = ZoneIndex(np.array([united], dtype=object)).pieces(own)
    inside = np.bincount(pieces.project, shapely.area(pieces.geometry), len(own))
    share: NDArray[np.float64] = inside / shapely.area(own)
    return share
