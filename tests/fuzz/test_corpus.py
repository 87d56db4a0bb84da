"""What the fuzzer has found stays found, and a few thousand bytes of fresh damage each run."""

from __future__ import annotations

from itertools import islice
from pathlib import Path

import pytest

from tools.fuzz import CORPUS, fault, inputs, targets

_FRESH = 40
FOUND = [(path.parent.name, path) for path in sorted(CORPUS.glob("*/*")) if path.is_file()]


@pytest.mark.parametrize(("name", "path"), FOUND, ids=lambda value: value if isinstance(value, str) else value.name)
def test_what_was_found_is_mended(tmp_path: Path, name: str, path: Path) -> None:
    assert fault(targets()[name], path.read_bytes(), tmp_path) == ""


@pytest.mark.parametrize("name", sorted(targets()))
def test_samples_and_some_damage(tmp_path: Path, name: str) -> None:
    target = targets()[name]
    samples = tmp_path / "samples"
    samples.mkdir()
    for raw in islice(inputs(target, samples, 7), _FRESH):
        assert fault(target, raw, tmp_path) == "", raw[:200]


def test_the_fuzzer_sees_faults(tmp_path: Path) -> None:
    from tools.fuzz import Target, smaller

    def breaks(path: Path) -> None:
        if b"X" in path.read_bytes():
            raise KeyError("X")

    target = Target("test", ".txt", breaks)
    wrong = fault(target, b"abcXdef", tmp_path)
    assert wrong.startswith("KeyError in test_corpus.py")
    assert smaller(target, b"abcXdef", wrong, tmp_path) == b"X"
    assert fault(target, b"abc", tmp_path) == ""
