"""``ecopattern publish``: pages, figures, public maps and their check, bad input."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from spatial.cli.main import main

SAMPLE = "sample:shangdang"


def run(*args: str) -> int:
    return main([*args, "--date", "2026-01-01", "--lang", "en"])


@pytest.fixture(scope="module")
def public(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("public") / "coverage.html"
    assert run("publish", "coverage", "-w", SAMPLE, "--public", "--out", str(path)) == 0
    return path


def test_a_public_map_passes_its_check(public, capsys):
    assert main(["publish", "--verify", str(public), "--lang", "en"]) == 0
    assert "nothing was found" in capsys.readouterr().out


def test_what_the_public_does_not_get_is_listed(public):
    with public.with_suffix(".removed.csv").open(encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(file))
    assert {row["removed"] for row in rows} == {"layer", "attribute"}
    assert any("level-1" in row["layer"] or "level-2" in row["layer"] for row in rows if row["removed"] == "layer")


def test_an_office_map_fails_the_check(tmp_path, capsys):
    path = tmp_path / "coverage.html"
    assert run("publish", "coverage", "-w", SAMPLE, "--out", str(path)) == 0
    capsys.readouterr()
    assert main(["publish", "--verify", str(path), "--lang", "en"]) == 1
    assert "made for the office" in capsys.readouterr().out


def test_two_runs_write_the_same_bytes(public, tmp_path):
    again = tmp_path / "coverage.html"
    assert run("publish", "coverage", "-w", SAMPLE, "--public", "--out", str(again)) == 0
    assert again.read_bytes() == public.read_bytes()


def test_a_figure_by_its_suffix(tmp_path):
    path = tmp_path / "pattern.svg"
    assert run("publish", "pattern", "-w", SAMPLE, "--out", str(path)) == 0
    assert path.read_text(encoding="utf-8").startswith("<?xml")
    assert [found.name for found in tmp_path.iterdir()] == ["pattern.svg"]


@pytest.mark.parametrize(
    ("args", "says"),
    [
        (("publish",), "name a map recipe"),
        (("publish", "no_such", "-w", SAMPLE), "these come with the project: coverage"),
        (("publish", "coverage", "-w", SAMPLE, "--out", "a.gif"), ".html"),
        (("publish", "soil_loss", "-w", SAMPLE, "--public"), 'audience = "public"'),
        (("publish", "coverage", "-w", SAMPLE, "--tiles", "https://webrd01.is.autonavi.com/{x}"), "GCJ-02"),
        (("publish", "--verify", "no.html"), "does not exist"),
    ],
)
def test_bad_input_is_one_sentence_and_no_file(args, says, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    given = [*args] if "--verify" in args else [*args, "--date", "2026-01-01"]
    assert main([*given, "--lang", "en"]) == 2
    said = capsys.readouterr().err
    assert says in said
    assert "Traceback" not in said
    assert list(tmp_path.iterdir()) == []


def test_an_unknown_attribute_is_named_with_the_nearest(tmp_path, capsys):
    recipe = tmp_path / "mine.toml"
    text = 'schema = 1\ntitle = { zh = "图", en = "map" }\n[[layer]]\nsource = "roles"\nroles = ["TOWNSHIP"]\n'
    recipe.write_text(text + 'attributes = ["nam"]\n', encoding="utf-8")
    assert run("publish", str(recipe), "-w", SAMPLE, "--out", str(tmp_path / "a.html")) == 2
    assert "the nearest is name" in capsys.readouterr().err
