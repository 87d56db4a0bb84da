"""Compare what was drawn with the published figures it was scaled to."""

from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING, NamedTuple

import geopandas as gpd
import numpy as np

from spatial.areas import ellipsoidal_length_m, official_area_m2

if TYPE_CHECKING:
    from pathlib import Path


class Total(NamedTuple):
    """A published figure and what was drawn for it, in the same unit."""

    key: str
    name_zh: str
    name_en: str
    unit: str
    published: float
    drawn: float
    flag: str

    def row(self) -> str:
        """Return the line of a Markdown table."""
        units = {"pct_of_outline": "%"}
        cells = (
            f"{self.name_zh} / {self.name_en}",
            f"{self.published:g}",
            f"{self.drawn:.4f}".rstrip("0").rstrip("."),
            f"{round(self.drawn - self.published, 4) + 0.0:+.4f}",
            units.get(self.unit, self.unit.replace("km2", "km²")),
            self.flag or "—",
        )
        return "| " + " | ".join(cells) + " |"


def totals(folder: Path) -> list[Total]:
    """
    Measure the layers of a workspace against the targets of its `facts.toml`.

    Areas are official areas; a share is one of the official area of the real outline.
    """
    facts = tomllib.loads((folder / "facts.toml").read_text(encoding="utf-8"))
    district = gpd.read_parquet(folder / "district.parquet")
    whole_m2 = _area_m2(district)
    drawn = [
        Total(
            "district",
            "行政区面积",
            "District",
            "km2",
            facts["district"]["published_area_km2"],
            whole_m2 / 1e6,
            "",
        )
    ]
    for key, target in facts["target"].items():
        layers = [gpd.read_parquet(folder / f"{layer}.parquet") for layer in target["layers"]]
        if target["unit"] == "m":
            figure = sum(float(ellipsoidal_length_m(layer.boundary, layer.crs).sum()) for layer in layers)
        else:
            figure = sum(_area_m2(layer) for layer in layers) / 1e6
        if target["unit"] == "pct_of_outline":
            figure *= 1e8 / whole_m2
        drawn.append(
            Total(
                key,
                target["name_zh"],
                target["name_en"],
                target["unit"],
                target["value"],
                figure,
                target.get("flag", ""),
            )
        )
    return drawn


def _area_m2(layer: gpd.GeoDataFrame) -> float:
    return float(np.sum(official_area_m2(layer.geometry.to_numpy(), layer.crs)))
