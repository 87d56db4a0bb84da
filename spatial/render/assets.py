"""The scripts and styles a page carries inside itself, so that it opens without a network."""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files

LEAFLET = "leaflet-1.9.4"

# Leaflet's style sheet names images that only its default markers and controls use; ours need none.
_IMAGE_RULE = re.compile(r"[^{}]*\{[^{}]*url\([^{}]*\}")
_SOURCE_MAP = re.compile(r"//# sourceMappingURL=.*\n?")
# The default attribution is a link and a flag; a page for an intranet and an official carries neither.
_ATTRIBUTION = re.compile(r"prefix:'<a href=\"https://leafletjs\.com\".*?\+\"Leaflet</a>\"")


def _asset(name: str) -> str:
    return files("spatial").joinpath("render", "assets", *name.split("/")).read_text(encoding="utf-8")


@cache
def scripts() -> tuple[str, ...]:
    """Return Leaflet with its licence, and the page's own script, in the order they run."""
    leaflet, cut = _ATTRIBUTION.subn('prefix:"Leaflet"', _SOURCE_MAP.sub("", _asset(f"{LEAFLET}/leaflet.js")))
    if cut != 1:
        raise ValueError(f"{LEAFLET}: the attribution link was expected once, found {cut} times")
    return (f"/*\n{_asset(f'{LEAFLET}/LICENSE')}*/\n{leaflet}", _asset("page.js"))


@cache
def styles() -> tuple[str, ...]:
    """Return Leaflet's style sheet without its image rules, and the page's own."""
    return (_IMAGE_RULE.sub("", _asset(f"{LEAFLET}/leaflet.css")), _asset("page.css"))
