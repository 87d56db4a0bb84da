"""What every source is given, and the pieces all of them make layers of."""

from __future__ import annotations

import datetime as dt
import itertools
import tomllib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pyproj import CRS

from spatial.catalog import Workspace
from spatial.crs import CGCS2000_GEOGRAPHIC
from spatial.equal_area import densify, reproject
from spatial.findings import Finding
from spatial.loading import LayerUse
from spatial.publish.model import Hatch, Layer, Symbol
from spatial.roles import Role
from spatial.tables.cells import Column, Kind, rounded
from spatial.units import from_m2
from spatial.words import Lang, say

GeometryArray = NDArray[np.object_]


@dataclass(frozen=True)
class Scene:
    """The district and the date that a map is made for."""

    workspace: Workspace
    date: dt.date
    lang: Lang
    made: dict[str, Any] = field(default_factory=dict, repr=False, compare=False)

    @property
    def plane(self) -> CRS:
        """The plane that layers are loaded into."""
        return CRS(self.workspace.analysis_crs)

    def once(self, key: str, make: Callable[[], Any]) -> Any:
        """Return what several layers of a map are drawn from, made when the first one asks."""
        if key not in self.made:
            self.made[key] = make()
        return self.made[key]


@dataclass(frozen=True)
class Drawn:
    """What a source made: layers from the bottom to the top, what took part, what was noticed."""

    layers: tuple[Layer, ...]
    uses: tuple[LayerUse, ...] = ()
    findings: tuple[Finding, ...] = ()


@cache
def styles() -> dict[str, Any]:
    """Return ``data/map_styles.toml``."""
    return tomllib.loads(files("spatial").joinpath("data", "map_styles.toml").read_text(encoding="utf-8"))


def to_lon_lat(geometry: GeometryArray, plane: CRS) -> GeometryArray:
    """Return geometries in CGCS2000 longitude and latitude; long edges are cut first, so that they bend as they should."""
    return reproject(densify(geometry, plane, step_m=_EDGE_M), plane, CRS(CGCS2000_GEOGRAPHIC))


#: A straight edge of this length in the plane is within a centimetre of straight in degrees.
_EDGE_M = 1000.0


def role_symbol(role: Role, areas: int) -> Symbol:
    """Return how a role is drawn; what is only an outline has no fill, so that a click means what it encloses."""
    table = styles()
    width = table["width"].get(role.code, table["width"]["default"]) * crowding(areas)
    hatch: Hatch = table["hatch"].get(role.code, "")
    return Symbol(
        label="",
        fill=role.style.fill if role.style.fill_opacity else "",
        edge=role.style.edge,
        fill_opacity=role.style.fill_opacity,
        width=width,
        dash=role.style.dash.replace(",", " "),
        hatch=hatch,
        radius=table["point"]["radius"],
    )


def crowding(areas: int) -> float:
    """Return how much thinner outlines of very many areas are: they would hide what they enclose."""
    table = styles()["crowded"]
    return float(table["width"]) if areas > table["features"] else 1.0


def without_unknown(symbols: tuple[Symbol, ...], symbol_of: NDArray[np.int32]) -> tuple[Symbol, ...]:
    """Leave out the last symbol, that of what has no figure, where everything has one."""
    return symbols if (symbol_of == len(symbols) - 1).any() else symbols[:-1]


def class_symbols(
    labels: Sequence[str], colours: Sequence[str], hatches: Sequence[Hatch] = (), *, opacity: float = 0.75
) -> tuple[Symbol, ...]:
    """Return the symbols of classes."""
    found = hatches or [""] * len(labels)
    edge, width = styles()["class_edge"]["colour"], styles()["class_edge"]["width"]
    return tuple(
        Symbol(label, colour, edge, opacity, width, hatch=hatch)
        for label, colour, hatch in zip(labels, colours, found, strict=True)
    )


def break_classes(values: NDArray[np.float64], uppers: Sequence[float]) -> NDArray[np.int32]:
    """Return the class [lower, upper) of each value, one more than the last for those that are none.

    Examples
    --------
    >>> break_classes(np.array([0.0, 5.0, 99.0, np.nan]), [5.0, 50.0]).tolist()
    [0, 1, 2, 3]
    """
    found = np.searchsorted(np.asarray(uppers), values, side="right")
    return np.where(np.isnan(values), len(uppers) + 1, found).astype(np.int32)


def break_labels(uppers: Sequence[float], unit: str, lang: Lang) -> list[str]:
    """Return what the legend calls classes [lower, upper).

    Examples
    --------
    >>> break_labels([5.0, 15.0], "%", "en")
    ['under 5 %', '5–15 %', '15 % or more']
    """
    first = say(lang, "publish_below", upper=f"{uppers[0]:g}", unit=unit)
    last = say(lang, "publish_above", lower=f"{uppers[-1]:g}", unit=unit)
    pairs = itertools.pairwise(uppers)
    return [first, *(f"{low:g}–{high:g} {unit}" for low, high in pairs), last]


def titled(lang: Lang, *pairs: tuple[str, Kind]) -> tuple[Column, ...]:
    """Make columns from keys and kinds; titles are the labels ``publish_col_<key>``."""
    return tuple(Column(key, say(lang, f"publish_col_{key}"), kind) for key, kind in pairs)


def hectares(area_m2: float) -> float | None:
    """Return an area in hectares as tables round it."""
    return rounded(from_m2(float(area_m2), "ha"), "ha")


def note_of(uses: Sequence[LayerUse], lang: Lang) -> str:
    """Return source and edition of layers as the legend says them, each once."""
    said = [say(lang, "publish_source", source=use.source, edition=use.edition) for use in uses]
    return say(lang, "part_mark").join(dict.fromkeys(said))
