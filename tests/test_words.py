"""Every text a person can meet exists in both languages, with the same placeholders."""

from __future__ import annotations

import ast
import re
import string
from pathlib import Path

import pytest

import spatial
from spatial.errors import InputError
from spatial.words import LANGS, table

PACKAGE = Path(spatial.__file__).parent
SOURCES = sorted(PACKAGE.rglob("*.py"))


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


@pytest.mark.parametrize("name", ["labels", "messages"])
def test_both_languages_with_the_same_placeholders(name: str) -> None:
    for key, entry in table(name).items():
        assert set(entry) == set(LANGS), key
        # A value that differs by language has two names: documents and documents_en, chinese and number.
        zh, en = (
            {name.removesuffix("_en").replace("chinese", "number") for name in placeholders(entry[lang])}
            for lang in LANGS
        )
        assert zh == en, key
        assert entry["zh"] + entry["en"], key


def calls(names: set[str]) -> list[tuple[str, str]]:
    """First arguments, where they are plain strings, of the calls named so."""
    found = []
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and node.args:
                called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
                place = 1 if called == "say" and isinstance(node.func, ast.Name) and len(node.args) > 1 else 0
                place = 1 if called == "Finding" else place
                if called in names and len(node.args) > place and isinstance(node.args[place], ast.Constant):
                    found.append((f"{path.name}:{node.lineno}", node.args[place].value))
    return found


def test_every_message_used_exists() -> None:
    used = calls({"InputError", "DatumShiftRequiredError", "Finding"})
    assert len(used) > 40
    assert not [place for place, key in used if key not in table("messages")]


def test_every_label_used_exists() -> None:
    used = calls({"say", "Text"})
    assert len(used) > 40
    assert not [(place, key) for place, key in used if key not in table("labels")]


def test_no_message_is_unused() -> None:
    source = "\n".join(path.read_text(encoding="utf-8") for path in SOURCES)
    beginnings = tuple(re.findall(r'f"([a-z_]+_)\{', source))
    assert not [key for key in table("messages") if f'"{key}"' not in source and not key.startswith(beginnings)]


def test_a_message_is_one_clear_sentence_with_a_mend() -> None:
    for key, entry in table("messages").items():
        assert re.search(r"[。.]$", entry["zh"]), key
        assert entry["en"].endswith("."), key


def test_an_error_speaks_both_languages() -> None:
    error = InputError("layer_empty", file="地块.shp")
    assert error.text("zh").startswith("地块.shp：")
    assert "no features" in error.text("en")
    assert str(error) == error.text("en")
