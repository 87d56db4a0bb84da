"""One small file for each way in which a layer's coordinates and its label can deceive.

``write(folder)`` draws them around a district of Shangdang's size whose outline is ``district``.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import CRS
from shapely.geometry.base import BaseGeometry

from spatial.equal_area import reproject
from spatial.offsets import to_bd09, to_gcj02
from spatial.recognition.place import Place, place_of

FloatArray = NDArray[np.float64]

#: Corner of a site well inside the district, in EPSG:4526.
EAST, NORTH = 38_414_400.0, 3_991_500.0

ON_KRASSOVSKY = (
    'GEOGCS["GCS_WGS_1984",DATUM["D_WGS_1984",SPHEROID["Krasovsky_1940",6378245.0,298.3]],'
    'PRIMEM["Greenwich",0.0],UNIT["Degree",0.0174532925199433]]'
)
GCJ_NAMED = (
    'GEOGCS["GCJ-02",DATUM["WGS_1984",SPHEROID["WGS 84",6378137,298.257223563]],'
    'PRIMEM["Greenwich",0],UNIT["degree",0.0174532925199433]]'
)
LOCAL = 'LOCAL_CS["上党区独立坐标系",UNIT["metre",1]]'
GRADS = (
    GCJ_NAMED.replace("GCJ-02", "WGS 84 in grads").replace("degree", "grad").replace("0.0174532925199433", "0.01570796")
)


def custom(meridian: float, false_easting: float = 500_000.0, unit: str = 'UNIT["Meter",1.0]') -> str:
    """ESRI's text of a CGCS2000 Gauss-Kruger plane."""
    return (
        'PROJCS["CGCS2000_GK",GEOGCS["GCS_China_Geodetic_Coordinate_System_2000",DATUM["D_China_2000",'
        'SPHEROID["CGCS2000",6378137.0,298.257222101]],PRIMEM["Greenwich",0.0],UNIT["Degree",0.0174532925199433]],'
        f'PROJECTION["Gauss_Kruger"],PARAMETER["False_Easting",{false_easting}],PARAMETER["False_Northing",0.0],'
        f'PARAMETER["Central_Meridian",{meridian}],PARAMETER["Scale_Factor",1.0],'
        f'PARAMETER["Latitude_Of_Origin",0.0],{unit}]'
    )


def outline() -> BaseGeometry:
    """A district of 20 by 24 km with an uneven outline, in EPSG:4526."""
    angle = np.linspace(0, 2 * np.pi, 90, endpoint=False)
    radius = 1 + 0.12 * np.sin(5 * angle) + 0.07 * np.cos(11 * angle)
    x, y = EAST + 10_000 * radius * np.cos(angle), NORTH + 12_000 * radius * np.sin(angle)
    return shapely.Polygon(np.column_stack([x, y]))


def site() -> BaseGeometry:
    """A site of 120 by 80 m in EPSG:4526, its corners not on round numbers."""
    return shapely.Polygon(
        [(EAST, NORTH), (EAST + 119.7, NORTH + 1.3), (EAST + 118.2, NORTH + 81.9), (EAST + 0.4, NORTH + 79.6)]
    )


def moved(shape: BaseGeometry, crs: str | int) -> BaseGeometry:
    """A shape of EPSG:4526 in another plane, its vertices moved."""
    found: BaseGeometry = reproject([shape], CRS(4526), CRS(crs))[0]
    return found


def offset(
    shape: BaseGeometry, formula: Callable[[FloatArray, FloatArray], tuple[FloatArray, FloatArray]]
) -> BaseGeometry:
    """A shape of EPSG:4526 in offset degrees."""
    found: BaseGeometry = shapely.transform(moved(shape, 4490), lambda c: np.column_stack(formula(c[:, 0], c[:, 1])))
    return found


def swapped(shape: BaseGeometry) -> BaseGeometry:
    """A shape with its axes in the wrong order."""
    found: BaseGeometry = shapely.transform(shape, lambda c: c[:, ::-1])
    return found


def layers() -> dict[str, tuple[BaseGeometry, object]]:
    """Every trap as a shape and what it is labelled with; ``district`` is the outline, and right."""
    xian = shapely.transform(site(), lambda c: c - [100.0, -60.0])
    return {
        "district": (moved(outline(), 4490), 4490),
        "right": (site(), 4526),
        "unlabelled_prefixed": (site(), None),
        "unlabelled_plain": (moved(site(), 4547), None),
        "unlabelled_utm": (moved(site(), 32649), None),
        "unlabelled_degrees": (moved(site(), 4490), None),
        "unlabelled_swapped": (swapped(site()), None),
        "unlabelled_lat_lon": (swapped(moved(site(), 4490)), None),
        "unlabelled_mm": (shapely.transform(moved(site(), 4547), lambda c: c * 1000), None),
        "unlabelled_mercator": (moved(site(), 3857), None),
        "unlabelled_local": (shapely.box(1200, 3400, 1320, 3480), None),
        "unlabelled_meridian_113": (moved(site(), custom(113.0)), None),
        "packed_degrees": (
            shapely.Polygon([(113.0300, 36.0259), (113.0315, 36.0312), (113.0405, 36.0448), (113.0559, 36.0501)]),
            None,
        ),
        "degrees_labelled_metres": (moved(site(), 4490), 4526),
        "metres_labelled_degrees": (site(), 4490),
        "swapped_labelled": (swapped(site()), 4526),
        "prefix_only_in_data": (site(), 4547),
        "prefix_only_in_label": (moved(site(), 4547), 4526),
        "neighbouring_zone": (moved(site(), 4547), 4546),
        "gcj02": (offset(outline(), to_gcj02), 4326),
        "bd09": (offset(outline(), to_bd09), 4326),
        "gcj02_named": (offset(outline(), to_gcj02), GCJ_NAMED),
        "shifted_100_m": (shapely.transform(outline(), lambda c: c + np.array([80.0, -60.0])), 4526),
        "xian1980": (xian, 2362),
        "beijing1954": (moved(site(), 4490), 4214),
        "wgs84_on_krassovsky": (moved(site(), 4490), ON_KRASSOVSKY),
        "local": (shapely.box(1200, 3400, 1320, 3480), LOCAL),
        "grads": (shapely.box(125.5, 40, 125.6, 40.1), GRADS),
        "kilometres": (
            shapely.box(38414.4, 3991.5, 38414.5, 3991.6),
            custom(114.0, 38_500.0, 'UNIT["Kilometer",1000.0]'),
        ),
        "meridian_113": (moved(site(), custom(113.0)), custom(113.0)),
        "esri_zone_38": (site(), custom(114.0, 38_500_000.0)),
    }


@cache
def place() -> Place:
    """The district that all traps belong to."""
    return place_of(np.array([outline()]), CRS(4526), "district")


def numbers() -> list[bytes]:
    """Every trap as text: its label in the first line, empty where it has none, then x and y line by line."""
    found = []
    for shape, label in layers().values():
        rows = "\n".join(f"{x!r} {y!r}" for x, y in shapely.get_coordinates(shape).tolist())
        found.append(f"{CRS(label).srs if label is not None else ''}\n{rows}\n".encode())
    return found


def write(folder: Path) -> dict[str, Path]:
    """Write every trap as one file and return them by name; ``district`` is the outline, and right."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = {name: folder / f"{name}.parquet" for name in layers()}
    for name, (shape, crs) in layers().items():
        gpd.GeoDataFrame({"name": [name]}, geometry=[shape], crs=crs).to_parquet(paths[name])
    return paths
