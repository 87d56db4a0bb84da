"""Loading the layers of a screening: near the projects from what was prepared, else as ever, and prepared then."""

from __future__ import annotations

import logging
import shutil
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np

from spatial.catalog import Layer
from spatial.io.atomic import replacing
from spatial.io.caches import home_cache, writable
from spatial.io.vector import VectorFile, text_of
from spatial.loading import LoadedLayer, load_layer, use_of
from spatial.prepared.key import Where, key_of, slot_of, spelling_of
from spatial.prepared.remarks import from_plain, to_plain
from spatial.prepared.sources import Sources, beside
from spatial.prepared.store import ENTRY, Features, Near, opened, read_features, sealed, write_features
from spatial.prepared.tables import DamagedError

FOLDER = ".prepared"
_UNFINISHED = ".unfinished-"
_DAY_S = 86_400.0
#: Columns besides the names that a screening prints.
_COLUMNS = {"RECEPTOR": ("kind",)}

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class _Entry:
    """Where a layer's preparation is, or belongs."""

    folder: Path
    beside: str
    slot: str
    key: str
    spelling: str

    @property
    def path(self) -> Path:
        return self.folder / f"{self.slot}-{self.key[:24]}"

    @property
    def remarks(self) -> Path:
        return self.path / f"remarks-{self.spelling[:24]}.json"


class Preparation:
    """Large layers of a workspace, prepared on disk.

    Parameters
    ----------
    root
        Folder of the workspace.
    sources
        The large layers and the sums of their files.
    tell
        Called with the file of a layer that is about to be prepared, which takes as long as reading it.
    whole
        Whether all features are wanted, for maps, or only those near the projects.
    """

    def __init__(
        self, root: Path, sources: Sources, *, tell: Callable[[Path], None] = lambda _: None, whole: bool = False
    ) -> None:
        self._root, self._sources, self._tell, self._whole = root, sources, tell, whole
        self._entries: dict[tuple[str, str], _Entry | None] = {}

    def load(self, layer: Layer, where: Where, near: Near | None) -> LoadedLayer:
        """Return a layer as :func:`spatial.loading.load_layer` does, or only its features near the projects.

        Parameters
        ----------
        layer
            As the catalogue states it.
        where
            The plane, and what the layer is compared with.
        near
            The projects; ``None`` for all features.

        Raises
        ------
        InputError
            As :func:`spatial.loading.load_layer`.
        """
        entry = self._entry(layer, where)
        found = None if entry is None else self._found(layer, entry, where, near)
        if found is not None:
            return found
        if entry is not None and writable(entry.folder):
            self._tell(layer.path)
        return load_layer(layer, where.plane, where.place)

    def overlap(self, layers: Sequence[Layer], where: Where) -> bool | None:
        """Return whether layers of one role cover the same places, ``None`` where that is not known yet."""
        entries = self._known(layers, where)
        if not entries:
            return None
        try:
            content = opened(_overlap_path(entries))
        except (OSError, ValueError):
            return None
        return bool(content["overlap"]) if content.get("keys") == [entry.key for entry in entries] else None

    def keep(self, loaded: Sequence[LoadedLayer], where: Where, *, overlap: bool = False) -> None:
        """Prepare the layers of a role that were read whole and found right; a disk that refuses is no fault.

        Parameters
        ----------
        loaded
            All layers of the role; those that come from what was prepared are left as they are.
        where
            As they were loaded with.
        overlap
            Whether some of them cover the same places.
        """
        entries = self._known([layer.layer for layer in loaded], where)
        if not entries or not writable(entries[0].folder):
            return
        try:
            for entry, layer in zip(entries, loaded, strict=True):
                if layer.use.sha256 != self._sources.sha256(layer.layer) or beside(layer.layer) != entry.beside:
                    # It changed while it was read: it is prepared next time.
                    return
                if not layer.is_prepared:
                    _write(entry, layer, where)
            if len(loaded) > 1:
                _write_overlap(entries, overlap=overlap)
        except Exception as error:  # noqa: BLE001 -- the answer is there already, whatever fails now
            _log.debug("%s: not prepared: %r", loaded[0].layer.path, error)

    def _known(self, layers: Sequence[Layer], where: Where) -> list[_Entry]:
        """Return the entries of layers, none where one of the layers is not to be prepared."""
        entries = [self._entry(layer, where) for layer in layers]
        return [entry for entry in entries if entry is not None] if None not in entries else []

    def _entry(self, layer: Layer, where: Where) -> _Entry | None:
        name = (layer.layer_id, layer.edition)
        if name not in self._entries:
            source = self._sources.sha256(layer)
            try:
                self._entries[name] = _entry_of(self._root, layer, source, where) if source else None
            except OSError:
                self._entries[name] = None
        return self._entries[name]

    def _found(self, layer: Layer, entry: _Entry, where: Where, near: Near | None) -> LoadedLayer | None:
        if not entry.remarks.is_file():
            return None
        try:
            content, remarks = _content(entry, entry.path / ENTRY), _content(entry, entry.remarks)
            features = read_features(entry.path, content["files"], None if self._whole else near)
            findings = from_plain(remarks["findings"])
        except Exception as error:  # noqa: BLE001 -- whatever is wrong with it, it is made again
            _log.debug("%s: prepared anew: %r", layer.path, error)
            _remove(entry.path)
            return None
        texts = dict(features.texts)
        names = tuple(texts.pop("name"))
        frame = gpd.GeoDataFrame(texts, geometry=features.geometry, crs=where.plane)
        return LoadedLayer(
            layer,
            VectorFile(layer.path, frame, findings),
            features.geometry,
            names,
            use_of(layer, content["features"], self._sources.sha256(layer)),
            is_prepared=True,
            equal_area=features.equal_area,
        )


def _entry_of(root: Path, layer: Layer, source: str, where: Where) -> _Entry:
    """Return where a layer is prepared: in the workspace, else in the user's cache."""
    sums = (source, beside(layer))
    entry = _Entry(root / FOLDER, sums[1], slot_of(layer), key_of(layer, sums, where), spelling_of(layer, where))
    if entry.path.is_dir() or writable(entry.folder):
        return entry
    own = _sum_of([str(root.resolve())])[:24]
    return replace(entry, folder=home_cache() / "ecopattern" / own)


def _content(entry: _Entry, path: Path) -> dict[str, Any]:
    content = opened(path)
    if content["key"] != entry.key:
        raise DamagedError
    return content


def _write(entry: _Entry, loaded: LoadedLayer, where: Where) -> None:
    remarks = sealed({"key": entry.key, "findings": to_plain(loaded.file.findings)})
    try:
        # Prepared already, by another process or with its paths spelled otherwise?
        _content(entry, entry.path / ENTRY)
    except (OSError, ValueError, KeyError):
        _remove(entry.path)
        _write_whole(entry, loaded, where, remarks)
    else:
        with replacing(entry.remarks) as temporary:
            temporary.write_text(remarks, encoding="utf-8")


def _write_whole(entry: _Entry, loaded: LoadedLayer, where: Where, remarks: str) -> None:
    _make(entry.folder)
    temporary = Path(tempfile.mkdtemp(prefix=_UNFINISHED, dir=entry.folder))
    try:
        sums = write_features(temporary, _features(loaded), where.plane)
        content = {"key": entry.key, "features": loaded.use.features, "files": sums}
        (temporary / ENTRY).write_text(sealed(content), encoding="utf-8")
        (temporary / entry.remarks.name).write_text(remarks, encoding="utf-8")
        temporary.chmod(entry.folder.stat().st_mode & 0o777)
        # One of two processes comes first; what the other one has made is the same and is not needed.
        temporary.rename(entry.path)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
    _remove_others(entry.path, f"{entry.slot}-*")


def _overlap_path(entries: Sequence[_Entry]) -> Path:
    slots, keys = _sum_of([entry.slot for entry in entries]), _sum_of([entry.key for entry in entries])
    return entries[0].folder / f"overlap-{slots[:12]}-{keys[:24]}.json"


def _sum_of(texts: Sequence[str]) -> str:
    return sha256(" ".join(texts).encode()).hexdigest()


def _write_overlap(entries: Sequence[_Entry], *, overlap: bool) -> None:
    path = _overlap_path(entries)
    with replacing(path) as temporary:
        temporary.write_text(sealed({"keys": [entry.key for entry in entries], "overlap": overlap}), encoding="utf-8")
    _remove_others(path, f"{path.name.rpartition('-')[0]}-*")


def _features(loaded: LoadedLayer) -> Features:
    frame = loaded.file.features
    present = ~frame.geometry.isna().to_numpy()
    texts = {"name": list(loaded.names)}
    for column in _COLUMNS.get(loaded.layer.role, ()):
        if column in frame.columns:
            texts[column] = [text_of(cell) for cell in frame.loc[present, column]]
    return Features(np.arange(len(loaded.geometry)), loaded.geometry, texts)


def _make(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    ignore = folder / ".gitignore"
    if not ignore.exists():
        ignore.write_text("*\n", encoding="ascii")
    for left in folder.glob(f"{_UNFINISHED}*"):
        # Left by a process that was killed, unless another one is at it.
        if time.time() - left.stat().st_mtime > _DAY_S:
            _remove(left)


def _remove_others(path: Path, pattern: str) -> None:
    """Delete what was prepared of a layer that has changed since."""
    for old in path.parent.glob(pattern):
        if old != path:
            _remove(old)


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)
