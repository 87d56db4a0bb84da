"""Slope classes of the farmland of a workspace by the rule of 2008, beside those that its layer states."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pyproj import CRS

from spatial.catalog import Workspace
from spatial.grid import Grid
from spatial.loading import LayerUse, LoadedLayer, field_cells, load_layer, required_layers
from spatial.terrain.classes import NO_SLOPE, scheme_of
from spatial.terrain.parcels import Ridge, parcel_classes, ridge_table, ridges_of
from spatial.terrain.rule import ParcelRule, rule_of_2008

#: Digits of a district's code that are its province's.
_PROVINCE = 2


@dataclass(frozen=True)
class AskedParcels:
    """Whose farmland is classed.

    Parameters
    ----------
    workspace, date
        With a layer of ``FARMLAND``; announced land is that of ``SLOPE25``.
    ridges
        Table of field-ridge coefficients of the user's own; the project's where none, which holds class I only.
    """

    workspace: Workspace
    date: dt.date
    ridges: Path | None = None


@dataclass(frozen=True)
class FarmlandClasses:
    """Slope classes of farmland.

    Parameters
    ----------
    parcels : DataFrame
        As :func:`spatial.terrain.parcels.parcel_classes`, and ``parcel`` (name), ``stated`` (class by the layer,
        0 where it states none), ``form`` (``TT``, ``PD`` or empty), ``net_m2`` (without field ridges; nan where no
        coefficient is known).
    ridges
        Coefficients by class and form.
    unknown
        Class and form of parcels without a coefficient.
    geometry
        Of the parcels, in ``plane``.
    stated
        Whether the layers state classes.
    """

    parcels: pd.DataFrame
    rule: ParcelRule
    ridges: dict[tuple[int, str], Ridge]
    unknown: tuple[tuple[int, str], ...]
    geometry: NDArray[np.object_]
    plane: CRS
    stated: bool
    layers: tuple[LayerUse, ...]

    @property
    def illustrative(self) -> bool:
        """Whether any layer was drawn for the sample."""
        return any(layer.illustrative for layer in self.layers)


def farmland_classes(asked: AskedParcels, slope: NDArray[np.float32], grid: Grid) -> FarmlandClasses:
    """Return the slope class of each parcel of farmland, and its area without field ridges.

    Parameters
    ----------
    asked
        Workspace, date and coefficients.
    slope : ndarray of float32, shape (rows, columns)
        Degrees, nan where there is none.
    grid
        Where the cells lie.

    Raises
    ------
    InputError
        If the workspace has no farmland, or a table or layer cannot be read.
    """
    place, plane = asked.workspace, CRS(asked.workspace.analysis_crs)
    ridges = ridges_of(ridge_table(asked.ridges), f"{place.code[:_PROVINCE]}0000")
    known = required_layers(place, "FARMLAND", asked.date), place.of_role("SLOPE25", asked.date)
    fields, steep = (tuple(load_layer(layer, plane) for layer in layers) for layers in known)
    geometry = np.concatenate([layer.geometry for layer in fields])
    announced = np.concatenate([layer.geometry for layer in steep]) if steep else None
    found = parcel_classes(slope, grid, geometry, plane, announced=announced)
    own = pd.concat([_attributes(layer) for layer in fields], ignore_index=True)
    parcels = pd.concat([own, found], axis=1)
    keys = list(zip(parcels["code"].tolist(), parcels["form"].tolist(), strict=True))
    coefficient = np.array([ridges[key].coefficient if key in ridges else np.nan for key in keys])
    parcels["net_m2"] = parcels["area_m2"] * (1.0 - coefficient)
    unknown = {key for key in keys if key not in ridges and key[0] != NO_SLOPE}
    return FarmlandClasses(
        parcels=parcels,
        rule=rule_of_2008(),
        ridges=ridges,
        unknown=tuple(sorted(unknown)),
        geometry=geometry,
        plane=plane,
        stated=bool((own["stated"] != NO_SLOPE).any()),
        layers=tuple(layer.use for layer in (*fields, *steep)),
    )


def _attributes(layer: LoadedLayer) -> pd.DataFrame:
    """Return name, stated class and form of each parcel; a class that is none of the survey's counts as not stated."""
    numbered = [name or str(number) for number, name in enumerate(layer.names, start=1)]
    none = [""] * len(numbered)
    known = {str(one.code): one.code for one in scheme_of("survey").classes}
    stated = [known.get(text, NO_SLOPE) for text in field_cells(layer, "slope_class") or none]
    form = [text if text in {"TT", "PD"} else "" for text in field_cells(layer, "field_form") or none]
    return pd.DataFrame({"parcel": numbered, "stated": stated, "form": form})
