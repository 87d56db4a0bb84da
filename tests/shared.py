"""Data of other people that tests compare with; it stays outside the project."""

from __future__ import annotations

from pathlib import Path

import pytest

_ROOT = Path(__file__).resolve().parents[1]
SHARED = _ROOT.parent / "shared"


def shared(*parts: str) -> Path:
    """The path of shared data, or a skip that says what is missing."""
    path = SHARED.joinpath(*parts)
    if not path.exists():
        pytest.skip(f"shared data not here: {'/'.join(parts)}")
    return path
