"""``ecopattern publish``: pages, figures, public maps and their check, bad input."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from spatial.cli.main import main
from spatial.publish.decode import read_page

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


HEAD = 'schema = 1\ntitle = { zh = "图", en = "map" }\naudience = "public"\nbackground = "none"\n'
LAYER = '[[layer]]\nsource = "roles"\nroles = ["TOWNSHIP"]\nattributes = ["name"]\n'


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (HEAD.replace('"map"', '"barracks"') + LAYER, "military places"),
        (HEAD + LAYER + 'group = { zh = "组", en = "call 138 1234 5678" }\n', "phone numbers"),
        (HEAD + '[public]\napproval = "\u200b"\n' + LAYER, "no map approval number"),
        (HEAD + '[public]\nrelease = { ECO_RED = "" }\n' + LAYER, "was released is not named"),
        (HEAD + "[public]\ntolerance_m = 1e9\n" + LAYER, "beyond recognition"),
        (HEAD + LAYER.replace('["TOWNSHIP"]', '[["TOWNSHIP"]]'), "is not known"),
        (HEAD + LAYER.replace('["TOWNSHIP"]', "[]"), "wrong kind"),
    ],
)
def test_a_recipe_that_must_not_be_public_is_refused(text, says, tmp_path, capsys):
    (tmp_path / "mine.toml").write_text(text, encoding="utf-8")
    assert run("publish", str(tmp_path / "mine.toml"), "-w", SAMPLE, "--public", "--out", str(tmp_path / "a.html")) == 2
    assert says in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["mine.toml"]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030"])
def test_a_recipe_as_windows_editors_write_it(encoding, tmp_path):
    (tmp_path / "mine.toml").write_text(HEAD.replace("图", "上党区各乡镇") + LAYER, encoding=encoding)
    assert run("publish", str(tmp_path / "mine.toml"), "-w", SAMPLE, "--out", str(tmp_path / "a.html")) == 0
    assert "map" in (tmp_path / "a.html").read_text(encoding="utf-8")


def test_a_recipe_is_not_overwritten_by_its_map(tmp_path, capsys):
    recipe = tmp_path / "mine.html"
    recipe.write_text(HEAD + LAYER, encoding="utf-8")
    assert run("publish", str(recipe), "-w", SAMPLE, "--out", str(recipe)) == 2
    assert "replace the recipe" in capsys.readouterr().err
    assert recipe.read_text(encoding="utf-8") == HEAD + LAYER


def test_a_public_map_carries_no_key(tmp_path, capsys):
    args = ("publish", "coverage", "-w", SAMPLE, "--public", "--tiles", "tianditu:vec", "--embed-key", "abcdef0123")
    assert run(*args, "--out", str(tmp_path / "a.html")) == 2
    assert "must not carry a key" in capsys.readouterr().err


def test_the_first_view_of_a_public_map_lies_on_the_grid(public):
    page = read_page(public.read_text(encoding="utf-8"))
    pitch = [float(page.facts[f"lattice_{axis}_deg"]) for axis in ("lon", "lat")] * 2
    assert all(abs(value / step - round(value / step)) < 1e-6 for value, step in zip(page.extent, pitch, strict=True))
