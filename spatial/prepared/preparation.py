"""Loading the layers of a screening: near the projects from what was prepared, else as ever, and prepared then."""

from __future__ import annotations

import logging
import shutil
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import geopandas as gpd
import shapely

from spatial.catalog import Layer
from spatial.io.atomic import replacing
from spatial.io.caches import home_cache, writable
from spatial.io.vector import VectorFile, text_of
from spatial.loading import LoadedLayer, load_layer, use_of
from spatial.prepared.key import Where, key_of, slot_of, spelling_of
from spatial.prepared.remarks import from_plain, to_plain
from spatial.prepared.sources import Sources
from spatial.prepared.store import ENTRY, Features, Near, opened, read_features, sealed, write_features

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

    def load(self, layer: Layer, where: Where, near: Near) -> LoadedLayer:
        """Return a layer as :func:`spatial.loading.load_layer` does, or only its features near the projects.

        Parameters
        ----------
        layer
            As the catalogue states it.
        where
            The plane, and what the layer is compared with.
        near
            The projects.

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

    def keep(self, loaded: LoadedLayer, where: Where) -> None:
        """Prepare a layer that was read whole and lies over the district; a disk that refuses is no fault."""
        entry = None if loaded.is_prepared else self._entry(loaded.layer, where)
        # A source that changed while it was read is prepared next time.
        if entry is None or loaded.use.sha256 != self._sources.sha256(loaded.layer) or not writable(entry.folder):
            return
        try:
            _write(entry, loaded, where)
        except (OSError, ValueError, TypeError) as error:
            _log.debug("%s: not prepared: %s", loaded.layer.path, error)

    def _entry(self, layer: Layer, where: Where) -> _Entry | None:
        source = self._sources.sha256(layer)
        if not source:
            return None
        key, spelling = key_of(layer, source, where), spelling_of(layer, where)
        return _Entry(_folder_of(self._root), slot_of(layer), key, spelling)

    def _found(self, layer: Layer, entry: _Entry, where: Where, near: Near) -> LoadedLayer | None:
        if not entry.remarks.is_file():
            return None
        try:
            content, remarks = _content(entry), opened(entry.remarks)
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


def _folder_of(root: Path) -> Path:
    """Return where the layers of a workspace are prepared: in it, else in the user's cache."""
    if writable(root / FOLDER):
        return root / FOLDER
    return home_cache() / "ecopattern" / sha256(str(root.resolve()).encode()).hexdigest()[:24]


def _content(entry: _Entry) -> dict[str, Any]:
    content = opened(entry.path / ENTRY)
    if content["key"] != entry.key:
        raise ValueError(entry.key)
    return content


def _write(entry: _Entry, loaded: LoadedLayer, where: Where) -> None:
    remarks = sealed({"findings": to_plain(loaded.file.findings)})
    if entry.path.is_dir():
        # Prepared already, with its paths spelled otherwise.
        _content(entry)
        with replacing(entry.remarks) as temporary:
            temporary.write_text(remarks, encoding="utf-8")
        return
    _make(entry.folder)
    temporary = Path(tempfile.mkdtemp(prefix=_UNFINISHED, dir=entry.folder))
    try:
        sums = write_features(temporary, _features(loaded), where.plane)
        content = {"key": entry.key, "features": loaded.use.features, "files": sums}
        (temporary / ENTRY).write_text(sealed(content), encoding="utf-8")
        (temporary / entry.remarks.name).write_text(remarks, encoding="utf-8")
        temporary.chmod(entry.folder.stat().st_mode & 0o777)
        # One of two processes comes first; the other one's is the same and is not needed.
        temporary.rename(entry.path)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
    for old in entry.folder.glob(f"{entry.slot}-*"):
        if old != entry.path:
            _remove(old)


def _features(loaded: LoadedLayer) -> Features:
    present = ~loaded.file.features.geometry.isna().to_numpy()
    frame = loaded.file.features
    texts = {"name": list(loaded.names)}
    for column in _COLUMNS.get(loaded.layer.role, ()):
        if column in frame.columns:
            texts[column] = [text_of(cell) for cell in frame.loc[present, column]]
    return Features(range(len(loaded.geometry)), loaded.geometry, texts)


def _make(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    ignore = folder / ".gitignore"
    if not ignore.exists():
        ignore.write_text("*\n", encoding="ascii")
    for left in folder.glob(f"{_UNFINISHED}*"):
        # Left by a process that was killed, unless another one is at it.
        if time.time() - left.stat().st_mtime > _DAY_S:
            _remove(left)


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)
