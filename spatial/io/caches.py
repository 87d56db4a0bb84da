"""Folders for what can be made again: beside what it belongs to, else in the user's cache."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path


def writable(folder: Path) -> bool:
    """Return whether files can be made in a folder, or in the nearest one above it that exists."""
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    return os.access(folder, os.W_OK | os.X_OK)


def home_cache() -> Path:
    """Return the user's cache folder; it need not exist, nor be writable."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path("~/.cache").expanduser())


def shared_cache(name: str) -> Path:
    """Return a user's own folder among the temporary files, for a user without a home; made where it is not there."""
    folder = Path(tempfile.gettempdir()) / f"ecopattern-{name}-{_user()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder


def _user() -> str:
    return str(os.getuid()) if hasattr(os, "getuid") else os.environ.get("USERNAME", "user")
