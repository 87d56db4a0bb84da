"""Folium elements of a page that asks nothing of a network.

User text never passes through folium's templates: they are rendered twice, so a name such as
``{{ 7*7 }}`` would be evaluated. Data go into inert ``application/json`` blocks of the page itself.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import folium
from branca.element import Figure, MacroElement
from jinja2 import Template

from spatial.render.assets import Assets, page_assets

_SCRIPT = re.compile(r"<script>(.*?)</script>", re.DOTALL)
_POLICY = "default-src 'none'; script-src {hashes}; style-src 'unsafe-inline'; img-src {images}; base-uri 'none'; form-action 'none'"
_POLICY_PLACE = "<!-- policy -->"


def json_block(value: Any) -> str:
    r"""Return JSON that cannot end the script element it stands in.

    Examples
    --------
    >>> json_block({"a": "</script>"})
    '{"a":"\\u003c/script\\u003e"}'
    """
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return text


class Page(Figure):
    """A whole page: header, map, data blocks, scripts inside, and a content security policy.

    Parameters
    ----------
    title
        Shown in the window and as the heading.
    language
        BCP 47 code, such as ``zh-CN``.
    lines
        Lines below the heading, each with whether it is a warning.
    assets
        Scripts and styles inside the page.
    waiting
        Shown until the page's script takes it away; empty for nothing.
    images
        Where images may come from, beside the page itself.
    """

    _template = Template(
        """<!DOCTYPE html>
<html lang="{{ this.language }}">
<head>
<meta charset="utf-8">
<!-- policy -->
<title>{{ this.title|e }}</title>
{% for style in this.styles %}<style>
{{ style }}</style>
{% endfor %}{{ this.header.render(**kwargs) }}
{% for script in this.scripts %}<script>
{{ script }}</script>
{% endfor %}</head>
<body>
<header class="page"><h1>{{ this.title|e }}</h1>
{% for line, warns in this.lines %}<p{% if warns %} class="warn"{% endif %}>{{ line|e }}</p>
{% endfor %}</header>
<main class="page">
{% if this.waiting %}<p id="ep-wait" role="status">{{ this.waiting|e }}</p>
{% endif %}{{ this.html.render(**kwargs) }}
</main>
{% for key, value in this.data.items() %}<script type="application/json" id="{{ key }}">{{ value }}</script>
{% endfor %}{% for key, value in this.blocks.items() %}<script type="application/x-deflate" id="{{ key }}">{{ value }}</script>
{% endfor %}<script>
{{ this.script.render(**kwargs) }}
</script>
</body>
</html>
"""
    )

    def __init__(
        self,
        title: str,
        language: str,
        lines: Sequence[tuple[str, bool]],
        *,
        assets: Assets | None = None,
        waiting: str = "",
        images: Sequence[str] = (),
    ) -> None:
        super().__init__(title=title)
        carried = page_assets() if assets is None else assets
        self.language = language
        self.lines = lines
        self.scripts = carried.scripts
        self.styles = carried.styles
        self.waiting = waiting
        self.images = " ".join(["data:", *images])
        self.data: dict[str, str] = {}
        self.blocks: dict[str, str] = {}

    def add_data(self, key: str, value: Any) -> None:
        """Put a value where the page's script finds it by ``key``."""
        self.data[key] = json_block(value)

    def add_block(self, key: str, block: str) -> None:
        """Put base64 where the page's script finds it by ``key``."""
        self.blocks[key] = block

    def text(self) -> str:
        """Return the page: folium's random ids numbered in order, its scripts named in the policy."""
        rendered: str = self.render().replace("\r\n", "\n")
        for number, identity in enumerate(_identities(self.to_dict()), start=1):
            rendered = rendered.replace(identity, str(number))
        hashes = " ".join(_source_hash(script) for script in _SCRIPT.findall(rendered))
        policy = (
            f'<meta http-equiv="Content-Security-Policy" content="{_POLICY.format(hashes=hashes, images=self.images)}">'
        )
        return rendered.replace(_POLICY_PLACE, policy, 1)


def _identities(element: dict[str, Any]) -> Iterator[str]:
    yield element["id"]
    for child in element.get("children", {}).values():
        yield from _identities(child)


def _source_hash(script: str) -> str:
    digest = hashlib.sha256(script.encode("utf-8")).digest()
    return f"'sha256-{base64.b64encode(digest).decode('ascii')}'"


class OfflineMap(folium.Map):
    """A folium map that links no files: the page it stands in has Leaflet inside."""

    default_js: list[tuple[str, str]] = []  # noqa: RUF012 - folium reads these class attributes
    default_css: list[tuple[str, str]] = []  # noqa: RUF012


class DrawnLayer(MacroElement):
    """Shapes and symbols of the data block ``key``, drawn into the feature group it is added to."""

    _template = Template(
        """{% macro script(this, kwargs) %}
ecopattern.draw({{ this._parent.get_name() }}, {{ this.key|tojson }});
{% endmacro %}"""
    )

    def __init__(self, key: str) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._name = "DrawnLayer"
        self.key = key


class Furniture(MacroElement):
    """The panel of layers and legend, the scale bar and the position of the pointer."""

    _template = Template(
        """{% macro script(this, kwargs) %}
ecopattern.panel({{ this._parent.get_name() }}, {{ this.key|tojson }}, {
{%- for key, group in this.groups.items() %}
{{ key|tojson }}: {{ group.get_name() }},
{%- endfor %}
});
ecopattern.position({{ this._parent.get_name() }}, {{ this.key|tojson }});
{% endmacro %}"""
    )

    def __init__(self, key: str, groups: Mapping[str, folium.FeatureGroup]) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._name = "Furniture"
        self.key = key
        self.groups = groups
