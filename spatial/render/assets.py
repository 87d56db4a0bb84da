"""The scripts and styles a page carries inside itself, so that it opens without a network."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

LEAFLET = "leaflet-1.9.4"

# Leaflet's style sheet names images that only its default markers and controls use; ours need none.
_IMAGE_RULE = re.compile(r"[^{}]*\{[^{}]*url\([^{}]*\}")
_SOURCE_MAP = re.compile(r"//# sourceMappingURL=.*\n?")
# The default attribution is a link and a flag; a page for an intranet and an official carries neither.
_ATTRIBUTION = re.compile(r"prefix:'<a href=\"https://leafletjs\.com\".*?\+\"Leaflet</a>\"")


@dataclass(frozen=True)
class Assets:
    """What a page carries: scripts in the order they run, and style sheets."""

    scripts: tuple[str, ...]
    styles: tuple[str, ...]


def _asset(name: str) -> str:
    return files("spatial").joinpath("render", "assets", *name.split("/")).read_text(encoding="utf-8")


@cache
def leaflet() -> Assets:
    """Return Leaflet with its licence, and its style sheet without its image rules."""
    script, cut = _ATTRIBUTION.subn('prefix:"Leaflet"', _SOURCE_MAP.sub("", _asset(f"{LEAFLET}/leaflet.js")))
    if cut != 1:
        raise ValueError(f"{LEAFLET}: the attribution link was expected once, found {cut} times")
    licensed = f"/*\n{_asset(f'{LEAFLET}/LICENSE')}*/\n{script}"
    return Assets((licensed,), (_IMAGE_RULE.sub("", _asset(f"{LEAFLET}/leaflet.css")),))


@cache
def page_assets() -> Assets:
    """Return what the maps of screenings, changes and checks carry."""
    base = leaflet()
    return Assets((*base.scripts, _asset("page.js")), (*base.styles, _asset("page.css")))
