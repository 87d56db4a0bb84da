"""What a prepared layer hangs on: where any of it changes, the layer is prepared anew."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import pyogrio
import shapely
from pyproj import CRS
from shapely.geometry.base import BaseGeometry

from spatial.catalog import Layer
from spatial.provenance import software, tables_sha256
from spatial.recognition.place import Place

#: Counted up when prepared layers look different or are made differently.
_FORMAT = 1
#: Tables that decide findings about a layer and are not among those of every output.
_TABLES = ("role_fields.csv", "field_values.csv")


@dataclass(frozen=True)
class Where:
    """Where the layers of a workspace lie.

    Parameters
    ----------
    plane
        The analysis plane.
    place
        The district that layers are compared with when they are read.
    district
        Its outline in the plane.
    """

    plane: CRS
    place: Place
    district: BaseGeometry


def slot_of(layer: Layer) -> str:
    """Return the name under which one edition of a layer is prepared, whatever its contents."""
    named = hashlib.sha256(f"{layer.layer_id}\0{layer.edition}".encode()).hexdigest()
    return f"{layer.role.lower()}-{named[:12]}"


def key_of(layer: Layer, source: Sequence[str], where: Where) -> str:
    """Return the sum of all that decides how a layer is read, the sums of its files among it."""
    outlines = [*shapely.to_wkb(where.place.outline), where.district.wkb]
    said = {
        "format": _FORMAT,
        "software": software() | {"gdal": pyogrio.__gdal_version_string__},
        "tables": [tables_sha256(), _more_tables_sha256()],
        "source": list(source),
        "suffix": layer.path.suffix.lower(),
        "stated": repr(layer.stated),
        "fields": layer.fields,
        "role": layer.role,
        "plane": where.plane.to_wkt(),
        "outlines": [hashlib.sha256(outline).hexdigest() for outline in outlines],
    }
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()


def spelling_of(layer: Layer, where: Where) -> str:
    """Return the sum of the paths as they were given: findings name them so."""
    return hashlib.sha256(json.dumps([str(layer.path), where.place.source]).encode()).hexdigest()


@cache
def _more_tables_sha256() -> str:
    digest = hashlib.sha256()
    for name in _TABLES:
        digest.update(files("spatial").joinpath("data", name).read_bytes())
    return digest.hexdigest()
