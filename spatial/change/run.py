"""Change between two editions of a workspace's layers: which, read how, and what came of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import shapely
from pyproj import CRS

from spatial.catalog import Layer, Workspace
from spatial.change.compare import Change, Edition, change_between
from spatial.equal_area import to_equal_area
from spatial.errors import InputError
from spatial.findings import Finding
from spatial.io.vector import text_of
from spatial.loading import LayerUse, LoadedLayer, load_layer
from spatial.roles import nearest_code, roles
from spatial.schemas import column_of, fields_of
from spatial.words import Both

_AREAL = 2


@dataclass(frozen=True)
class ChangeResult:
    """A change, and what every output says of it."""

    change: Change
    role: str
    district: Both
    plane: CRS
    old: tuple[LayerUse, ...]
    new: tuple[LayerUse, ...]
    findings: tuple[Finding, ...]

    @property
    def illustrative(self) -> bool:
        """Whether any layer was drawn for the sample."""
        return any(layer.illustrative for layer in (*self.old, *self.new))


def run_change(workspace: Workspace, role: str, editions: tuple[str, str], sliver_width_m: float) -> ChangeResult:
    """Compare two editions of a role.

    Parameters
    ----------
    workspace
        Its catalogue lists both editions.
    role
        Role code.
    editions
        From and to, as the catalogue names them; empty where there are just two, whose dates say which is older.
    sliver_width_m
        A changed part that is nowhere this wide is redrawing [m].

    Raises
    ------
    InputError
        If the role is unknown, an edition is not in the catalogue, it is not clear which two to compare,
        or a layer cannot be read.
    """
    if role not in roles():
        raise InputError("role_unknown", code=role, nearest=nearest_code(role, roles()))
    before, after = _chosen(workspace, role, editions)
    plane = CRS(workspace.analysis_crs)
    old, new = ([load_layer(layer, plane) for layer in layers] for layers in (before, after))
    change = change_between(_edition(old, plane), _edition(new, plane), plane, sliver_width_m)
    return ChangeResult(
        change=change,
        role=role,
        district=workspace.name,
        plane=plane,
        old=tuple(layer.use for layer in old),
        new=tuple(layer.use for layer in new),
        findings=tuple(finding for layer in (*old, *new) for finding in layer.file.findings),
    )


def _chosen(workspace: Workspace, role: str, editions: tuple[str, str]) -> tuple[list[Layer], list[Layer]]:
    known: dict[str, list[Layer]] = {}
    for layer in workspace.layers:
        if layer.role == role:
            known.setdefault(layer.edition, []).append(layer)
    listed = ", ".join(known) or "-"
    if not known:
        raise InputError("change_no_layer", file=workspace.root, role=role)
    if not any(editions):
        begun = [layers[0].valid_from for layers in known.values()]
        # Without dates nothing says which of two is the older one.
        if len(known) != 2 or begun[0] == begun[1]:  # noqa: PLR2004 -- from and to
            raise InputError("change_editions", file=workspace.root, role=role, editions=listed)
        dated = sorted(known.values(), key=lambda layers: str(layers[0].valid_from or ""))
        return dated[0], dated[1]
    if not all(editions) or editions[0] == editions[1]:
        raise InputError("change_editions", file=workspace.root, role=role, editions=listed)
    for edition in editions:
        if edition not in known:
            raise InputError("change_edition", file=workspace.root, role=role, edition=edition, editions=listed)
    return known[editions[0]], known[editions[1]]


def _edition(layers: Sequence[LoadedLayer], plane: CRS) -> Edition:
    for layer in layers:
        if (shapely.get_dimensions(layer.geometry) != _AREAL).any():
            raise InputError("coverage_not_areal", file=layer.layer.path, role=layer.layer.role)
    geometry = np.concatenate([to_equal_area(layer.geometry, plane) for layer in layers])
    names = tuple(name for layer in layers for name in layer.names)
    frames = [_attributes(layer) for layer in layers]
    return Edition(layers[0].layer.edition, geometry, names, pd.concat(frames, ignore_index=True).fillna(""))


def _attributes(layer: LoadedLayer) -> pd.DataFrame:
    """Return the fields of the role that the layer has, by their own names."""
    frame = layer.file.features
    present = ~shapely.is_missing(np.asarray(frame.geometry.array, dtype=object))
    columns = {}
    for rule in fields_of(layer.layer.role):
        column = column_of(rule, map(str, frame.columns), layer.layer.fields)
        if column:
            columns[rule.field] = [text_of(value) for value in frame[column][present]]
    return pd.DataFrame(columns, index=range(int(present.sum())))
