"""The farmland of a workspace: its parcels, what they lose, and which must be given up."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from pyproj import CRS

from spatial.areas import official_area_m2
from spatial.equal_area import to_equal_area
from spatial.erosion.measures import CONVERTED, TERRACED, measures_of
from spatial.erosion.plan import Prescription, Price
from spatial.errors import InputError
from spatial.findings import Finding
from spatial.grid import Grid, cell_area_series
from spatial.loading import LoadedLayer, field_cells
from spatial.overlay import ZoneIndex
from spatial.runtime.blocks import blocks_of
from spatial.settings import setting
from spatial.terrain.forms import rows_of
from spatial.terrain.fractions import zone_spans
from spatial.units import from_m2
from spatial.words import Both

GeometryArray = NDArray[np.object_]
_HALF = 0.5
#: How many parcels a finding names.
_NAMED = 10
_AREA = 2
#: Slope classes of the land survey.
_CLASSES = range(1, 6)
_UPRIGHT_DEG = 90.0


@dataclass(frozen=True)
class Farmland:
    """What measures on farmland would do.

    Parameters
    ----------
    parcels : DataFrame
        All parcels: ``parcel`` (name), ``slope_class``, ``field_form``, ``slope_deg`` (nan where neither the layer nor
        the heights say it), ``area_m2`` (official), ``loss_t_a`` (nan where no cell has one), ``without_loss_m2``, the
        area of it without a loss, of that ``beyond_m2`` beyond the heights, and ``announced``, the share in announced
        land above 25 degrees.
    measures : DataFrame
        As :func:`spatial.erosion.measures.measures_of` returns it; its index is the parcels' position;
        parcels without any loss or slope are left out.
    conversion : DataFrame
        Parcels to be given up or looked at: ``parcel``, ``basis`` (``announced``: most of it is; ``steep``: of
        class V, but not announced), ``area_m2``, ``announced``, ``slope_class``, ``loss_t_a``.
    geometry : ndarray of Polygon or MultiPolygon
        Of all parcels, in the plane they were given in.
    known
        Whether the workspace has announced polygons.
    slopes_stated
        Whether the layers state the mean slope of every parcel; else it comes from the heights.
    """

    parcels: pd.DataFrame
    measures: pd.DataFrame
    conversion: pd.DataFrame
    geometry: GeometryArray
    known: bool
    slopes_stated: bool


def terraced(layers: tuple[LoadedLayer, ...]) -> GeometryArray | None:
    """Return the parcels that are terraced already; none where no layer says which are.

    Parameters
    ----------
    layers
        Of role ``FARMLAND``; a layer without a field form has no terraces that are known.
    """
    known = [(layer, field_cells(layer, "field_form")) for layer in layers]
    found = [layer.geometry[np.asarray(form, dtype=object) == TERRACED] for layer, form in known if form is not None]
    return np.concatenate(found) if found else None


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
        ``area_m2`` on the grid, ``with_loss_m2``, the area of it that has a loss, and ``loss_t_a``, nan where none
        has; a row per zone.
    """
    from spatial.erosion.kernels import code_sums

    sums = np.zeros((len(zones), 2)), np.zeros((len(zones), 2))
    areas, spans = cell_area_series(grid), zone_spans(zones, crs, grid)
    # By blocks: the raster may lie on the disk and be larger than memory.
    for block in blocks_of(grid.shape[0]):
        part = np.asarray(raster_t_hm2_a[slice(*block.rows)], dtype=np.float64)
        # 0 with a loss, 1 without one.
        codes = np.isnan(part).astype(np.int32)
        code_sums(codes, part, areas[slice(*block.rows)], rows_of(spans, block.rows), sums)
    with_loss = sums[0][:, 0]
    loss_t_a = np.where(with_loss > 0, sums[1][:, 0] / 1e4, np.nan)
    return pd.DataFrame({"area_m2": sums[0].sum(axis=1), "with_loss_m2": with_loss, "loss_t_a": loss_t_a})


def require_farmland(layers: tuple[LoadedLayer, ...]) -> None:
    """Refuse farmland that measures cannot be worked out for, before anything is computed.

    Raises
    ------
    InputError
        If a layer lacks slope class or field form, or a parcel is no polygon or of no class or slope there is.
    """
    for layer in layers:
        _attributes(layer)


def farmland_findings(farmland: Farmland, source: Path, plane: CRS) -> tuple[Finding, ...]:
    """Return what of the farmland is counted twice, or not at all.

    Parameters
    ----------
    farmland
        As :func:`farmland_of` returns it.
    source
        Its file.
    plane
        The plane of its parcels.
    """
    parcels = farmland.parcels
    without, no_loss = parcels["without_loss_m2"], parcels["loss_t_a"].isna()
    no_slope = parcels["slope_deg"].isna()
    masked = without - parcels["beyond_m2"]
    told = {
        "farmland_beyond": (parcels["beyond_m2"] > 0, parcels["beyond_m2"]),
        "farmland_masked": (masked > 0, masked),
        "farmland_no_loss": (no_loss, parcels["area_m2"]),
        "farmland_no_slope": (no_slope, parcels["area_m2"]),
    }
    found = []
    for code, (which, area_m2) in told.items():
        if which.any():
            area = f"{from_m2(float(area_m2[which].sum()), 'ha'):.4f}"
            values = {"count": int(which.sum()), "area": area, "parcels": _listed(parcels["parcel"][which])}
            found.append(Finding("warning", code, str(source), values=values))
    parts = to_equal_area(farmland.geometry, plane)
    shared_m2 = float(shapely.area(parts).sum() - shapely.area(shapely.union_all(parts)))
    if shared_m2 > setting("area_change") * float(parcels["area_m2"].sum()):
        area = f"{from_m2(shared_m2, 'ha'):.4f}"
        found.append(Finding("warning", "farmland_shared", str(source), values={"area": area}))
    return tuple(found)


def _listed(names: pd.Series) -> Both:
    """Return the first names of a list."""
    shown, more = names.head(_NAMED).tolist(), "…" if len(names) > _NAMED else ""
    return Both("、".join(shown) + more, ", ".join(shown) + more)


def farmland_of(
    layers: tuple[tuple[LoadedLayer, ...], tuple[LoadedLayer, ...]],
    plane: CRS,
    loss: tuple[NDArray[np.float32], Grid],
    tables: tuple[dict[int, Prescription], dict[str, Price]],
    *,
    base_tillage: float,
    slopes: Callable[[], NDArray[np.float32]],
) -> Farmland:
    """Return what measures on farmland would do.

    Parameters
    ----------
    layers
        Those of ``FARMLAND``, at least one, and those of ``SLOPE25``.
    plane
        The plane they were read into.
    loss
        Raster of soil loss [t/(hm2 a)] and its cells.
    tables
        What is prescribed and what it costs.
    base_tillage
        T of the rotation before.
    slopes
        Gives the slopes of the cells [degrees], from which the mean slope of a parcel comes where its layer does
        not state it; called only then.

    Raises
    ------
    InputError
        If the farmland lacks slope class or field form.
    """
    fields, announced = layers
    geometry = np.concatenate([layer.geometry for layer in fields])
    parcels = pd.concat([_attributes(layer) for layer in fields], ignore_index=True)
    parcels = pd.concat([parcels, _losses(loss, geometry, plane)], axis=1)
    unstated = parcels["slope_deg"].isna()
    if unstated.any():
        own = loss_of(slopes(), loss[1], geometry[unstated], plane)
        # Sums of slopes are divided as losses are, by the area that has a slope; nan where none has.
        mean_deg = 1e4 * own["loss_t_a"] / own["with_loss_m2"]
        parcels.loc[unstated, "slope_deg"] = mean_deg.to_numpy()
    parcels["announced"] = _share(geometry, announced, plane)
    known = parcels["loss_t_a"].notna() & parcels["slope_deg"].notna()
    kept = parcels[(parcels["announced"] <= _HALF) & known]
    steep = (parcels["slope_class"] == CONVERTED) & (parcels["announced"] <= _HALF)
    given_up = parcels[(parcels["announced"] > _HALF) | steep]
    basis = np.where(given_up["announced"] > _HALF, "announced", "steep")
    return Farmland(
        parcels=parcels,
        measures=measures_of(kept, *tables, base_tillage),
        conversion=given_up[["parcel", "area_m2", "announced", "slope_class", "loss_t_a"]].assign(basis=basis),
        geometry=geometry,
        known=bool(announced),
        slopes_stated=not unstated.any(),
    )


def _losses(loss: tuple[NDArray[np.float32], Grid], geometry: GeometryArray, plane: CRS) -> pd.DataFrame:
    """Return official area, loss, and the area without a loss, of it also that beyond the cells."""
    own, area_m2 = loss_of(*loss, geometry, plane), official_area_m2(geometry, plane)
    # Less than this is the rounding of a border.
    least = setting("area_change") * area_m2
    lacking = {"without_loss_m2": area_m2 - own["with_loss_m2"], "beyond_m2": area_m2 - own["area_m2"]}
    areas = {name: np.where(part > least, part, 0.0) for name, part in lacking.items()}
    return pd.DataFrame({"area_m2": area_m2, "loss_t_a": own["loss_t_a"], **areas})


def _attributes(layer: LoadedLayer) -> pd.DataFrame:
    numbered = [name or str(number) for number, name in enumerate(layer.names, start=1)]
    found: dict[str, list[str]] = {"parcel": numbered}
    for field in ("slope_class", "field_form"):
        cells = field_cells(layer, field)
        if cells is None:
            raise InputError("farmland_field", file=layer.layer.path, field=field)
        found[field] = cells
    table = pd.DataFrame(found)
    plain = shapely.get_dimensions(layer.geometry) != _AREA
    if plain.any():
        raise InputError("farmland_kind", file=layer.layer.path, feature=table["parcel"][plain].iloc[0])
    stated = field_cells(layer, "mean_slope_deg")
    table["slope_deg"] = np.nan if stated is None else pd.to_numeric(stated, errors="coerce")
    table["slope_class"] = pd.to_numeric(table["slope_class"], errors="coerce")
    wrong = table["slope_class"].isna() | (table["slope_deg"].isna() & (stated is not None))
    if wrong.any():
        raise InputError("farmland_value", file=layer.layer.path, feature=table["parcel"][wrong].iloc[0])
    level, steep = table["slope_class"], table["slope_deg"]
    wrong = ~level.isin(_CLASSES) | (steep.notna() & ~steep.between(0.0, _UPRIGHT_DEG, inclusive="left"))
    if wrong.any():
        raise InputError("farmland_range", file=layer.layer.path, feature=table["parcel"][wrong].iloc[0])
    table["slope_class"] = level.astype(int)
    return table


def _share(geometry: GeometryArray, announced: tuple[LoadedLayer, ...], plane: CRS) -> NDArray[np.float64]:
    """Return which part of each parcel lies in announced land; places that several polygons hold count once."""
    own = to_equal_area(geometry, plane)
    if not announced:
        return np.zeros(len(own))
    united = shapely.union_all(to_equal_area(np.concatenate([layer.geometry for layer in announced]), plane))
    pieces = ZoneIndex(np.array([united], dtype=object)).pieces(own)
    inside = np.bincount(pieces.project, shapely.area(pieces.geometry), len(own))
    share: NDArray[np.float64] = inside / shapely.area(own)
    return share
