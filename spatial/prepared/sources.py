"""Which layers are worth preparing, and the sums of their files, computed beside other work."""

from __future__ import annotations

import datetime as dt
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

from spatial.catalog import Layer, Workspace
from spatial.provenance import files_of, sha256_of
from spatial.roles import zone_roles
from spatial.settings import setting

#: What a database keeps beside itself while somebody has it open: its own file may not hold everything then.
_OPEN = ("-wal", "-journal")


class Sources:
    """SHA-256 of the large layers that a screening on a date needs.

    Reading and summing a file takes no interpreter's lock: it is begun here, and asked for when the
    libraries are loaded and the projects read.

    Parameters
    ----------
    workspace, date
        Which layers.
    """

    def __init__(self, workspace: Workspace, date: dt.date) -> None:
        by_role = [workspace.of_role(role, date) for role in (*zone_roles(), "RECEPTOR")]
        # Layers of one role are compared with each other: all are prepared, or none.
        large = [layers for layers in by_role if any(_is_large(layer.path) for layer in layers)]
        paths = dict.fromkeys(layer.path for layers in large for layer in layers)
        worker = ThreadPoolExecutor(1)
        self._sums: dict[Path, Future[str]] = {path: worker.submit(sha256_of, path) for path in paths}
        worker.shutdown(wait=False)

    def sha256(self, layer: Layer) -> str:
        """Return the sum of a layer's source; empty for one that is not to be prepared."""
        if layer.path not in self._sums:
            return ""
        try:
            return self._sums[layer.path].result()
        except OSError:
            # The reader will say what is wrong with the file.
            return ""


def beside(layer: Layer) -> str:
    """Return the sum of what a database keeps beside its file; empty where it keeps nothing there."""
    found = [Path(f"{layer.path}{end}") for end in _OPEN]
    return " ".join(sha256_of(file) for file in found if file.is_file() and file.stat().st_size)


def _is_large(path: Path) -> bool:
    try:
        size = sum(file.stat().st_size for file in files_of(path) if file.is_file())
    except OSError:
        return False
    return size >= setting("prepared_source_mib") * 2**20
