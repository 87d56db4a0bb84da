"""Every code has its words, its thresholds, its sample, and its row in the documentation."""

from __future__ import annotations

import string
from pathlib import Path

import pytest

from spatial.check.codes import codes
from spatial.check.file import check_file
from spatial.check.reading import Asked
from spatial.check.shapes import code_of
from spatial.settings import setting
from spatial.words import table
from tests.traps import shapes
from tools import check_docs

#: GEOS has no polygon of a few lines that it would refuse for another reason than those that have codes.
UNREACHED = {"invalid_other"}
FIXED = {"file", "feature"}


@pytest.fixture(scope="module")
def samples(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    return shapes.write(tmp_path_factory.mktemp("traps"))


def found(path: Path, *, tiles: bool = False) -> list:
    return [finding for one in check_file(path, Asked(tiles=tiles)) for finding in one.report.findings]


@pytest.mark.parametrize("code", sorted(set(codes()) - UNREACHED))
def test_each_sample_has_its_fault_and_no_other(samples: dict[str, Path], code: str) -> None:
    seen = found(samples[code], tiles=code in shapes.TILES)
    assert {finding.code for finding in seen} == {code} | shapes.ALSO.get(code, set())
    for finding in seen:
        assert finding.severity == codes()[finding.code].severity
        used = {name for _, name, _, _ in string.Formatter().parse(table("messages")[finding.code]["en"]) if name}
        assert used <= set(finding.values) | FIXED
        assert finding.text("zh") != finding.text("en")


def test_clean_files_have_no_finding(tmp_path: Path) -> None:
    for path in shapes.clean(tmp_path):
        assert [finding.text("en") for finding in found(path, tiles=True)] == []


def test_every_code_has_a_sample(samples: dict[str, Path]) -> None:
    assert set(samples) == set(codes()) - UNREACHED


def test_an_unknown_reason_of_geos_has_a_code_too() -> None:
    assert code_of("Topology Validation Error[1 2]") == "invalid_other"
    assert code_of("Nested shells[1 2]") == "parts_overlap"


def test_codes_are_complete() -> None:
    for key, code in codes().items():
        assert code.severity in {"error", "warning", "note"}
        assert code.confidence in {"H", "M", "L"}
        assert key in table("messages")
        assert code.mend.zh
        assert code.title.zh != code.title.en
        for name in code.setting:
            assert setting(name) > 0


def test_the_documentation_is_the_table() -> None:
    assert check_docs.PAGE.read_text(encoding="utf-8") == check_docs.page()
