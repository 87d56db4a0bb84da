"""What a finished page holds that it must not, or lacks that it must say; from the file alone."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import shapely

from spatial.crs import ELLIPSOID
from spatial.errors import InputError
from spatial.findings import Finding
from spatial.publish.backgrounds import TIANDITU_HOST
from spatial.publish.contents import strange_contents
from spatial.publish.decode import DecodedLayer, DecodedPage, read_page
from spatial.publish.model import Publication
from spatial.publish.page import page_text
from spatial.publish.reviewed import is_approval
from spatial.publish.secrets import fact_texts, secret_of
from spatial.roles import roles
from spatial.settings import setting
from spatial.words import LANGS, Lang, say

#: Positions are stored on a grid of their own, about a decimetre [m].
_STORED_M = 0.2
#: Parts of the distance of two nodes that rounding leaves.
_NODE = 1e-6
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:e-?\d+)?")
_BLOCK = re.compile(r"ep-(?:page|facts|picture|layer-\d+)")
_KEY = re.compile(r"[?&]tk=[0-9A-Za-z]{8,}")
_POLICY_SOURCES = {"'none'", "'unsafe-inline'", "data:", "blob:", "'self'"}


def verify(path: Path) -> list[Finding]:
    """Return what is wrong with a page that is to be public; nothing where nothing was found.

    Parameters
    ----------
    path
        An HTML file that ``ecopattern publish --public`` wrote, or says it did.

    Raises
    ------
    InputError
        If the file cannot be read.

    Notes
    -----
    The file may have been changed since: nothing that it says of itself is believed without looking at its
    scripts, its policy and its data.
    """
    try:
        text = path.read_bytes().decode("utf-8")
    except FileNotFoundError as error:
        raise InputError("file_missing", file=path) from error
    except UnicodeDecodeError:
        return [Finding("error", "verify_unreadable", str(path), values={"fault": "UTF-8"})]
    source = str(path)
    parts = _Parts()
    parts.feed(text)
    found = [*_scripts(parts, source), *_elements(parts, source)]
    if _KEY.search(text):
        found.append(Finding("error", "verify_key", source))
    try:
        page = read_page(text)
    except InputError as error:
        return [*found, Finding("error", "verify_unreadable", source, values={"fault": error})]
    found += strange_contents(text, source)
    found += _said(page, parts.heading, source)
    found += _secrets(page, source)
    found += _extent(page, source)
    for layer in page.layers:
        found += _layer(layer, page, source)
    return found


class _Parts(HTMLParser):
    """Scripts, styles, attributes, heading and the policy of a page."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.attributes: list[tuple[str, str, str]] = []
        self.scripts: list[tuple[dict[str, str], str]] = []
        self.styles: list[str] = []
        self.policies: list[str] = []
        self.heading = ""
        self._within: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        own = {name: value or "" for name, value in attrs}
        self.attributes += [(tag, name, value) for name, value in own.items()]
        if tag == "meta" and own.get("http-equiv", "").lower() == "content-security-policy":
            self.policies.append(own.get("content", ""))
        if tag == "script":
            self.scripts.append((own, ""))
        if tag == "style":
            self.styles.append("")
        self._within.append(tag)

    def handle_data(self, data: str) -> None:
        inside = self._within[-1] if self._within else ""
        if inside == "script":
            self.scripts[-1] = (self.scripts[-1][0], self.scripts[-1][1] + data)
        elif inside == "style":
            self.styles[-1] += data
        elif "header" in self._within:
            self.heading += data

    def handle_endtag(self, tag: str) -> None:
        # Tags without an end, such as <br>, end with what they stand in.
        while tag in self._within and self._within.pop() != tag:
            pass


def _scripts(parts: _Parts, source: str) -> Iterator[Finding]:
    """Look at what runs, and at the policy that says what may."""
    run = [body for own, body in parts.scripts if _runs(own)]
    if len(parts.policies) != 1:
        yield Finding("error", "verify_policy_count", source, values={"count": len(parts.policies)})
    else:
        yield from _policy(parts.policies[0], run, source)
    strange = [body for body in run if _form(body) not in _known().scripts]
    if strange:
        yield Finding("error", "verify_script", source, values={"count": len(strange)})


def _elements(parts: _Parts, source: str) -> Iterator[Finding]:
    """Look at styles, data blocks and attributes."""
    styles = [body for body in parts.styles if _form(body) not in _known().styles]
    if styles:
        yield Finding("error", "verify_style", source, values={"count": len(styles)})
    blocks = {own.get("id", "") for own, _ in parts.scripts if not _runs(own)}
    for block in sorted(name for name in blocks if not _BLOCK.fullmatch(name)):
        yield Finding("error", "verify_block", source, values={"block": block or "-"})
    for tag, name, value in parts.attributes:
        if name.startswith("on") or (name in {"src", "href", "action"} and not value.startswith(("data:", "#"))):
            yield Finding("error", "verify_attribute", source, values={"tag": tag, "name": name, "value": value[:80]})


def _policy(policy: str, scripts: list[str], source: str) -> Iterator[Finding]:
    rules = {name: set(sources) for name, *sources in (rule.split() for rule in policy.split(";") if rule.strip())}
    if rules.get("default-src") != {"'none'"}:
        yield Finding("error", "verify_policy", source, values={"rule": "default-src"})
    allowed = rules.get("script-src", set())
    if allowed - {f"'{_hash(body)}'" for body in scripts}:
        yield Finding("error", "verify_policy", source, values={"rule": "script-src"})
    for name, sources in rules.items():
        if name != "script-src" and sources - _POLICY_SOURCES - {TIANDITU_HOST}:
            yield Finding("error", "verify_policy", source, values={"rule": name})


@dataclass(frozen=True)
class _Forms:
    """The forms of what every page has."""

    scripts: frozenset[str]
    styles: frozenset[str]


@cache
def _known() -> _Forms:
    empty = Publication(title="-", lang="zh", lines=(), layers=(), extent=(0.0, 0.0, 1.0, 1.0))
    parts = _Parts()
    parts.feed(page_text(empty))
    scripts = (body for own, body in parts.scripts if _runs(own))
    return _Forms(frozenset(map(_form, scripts)), frozenset(map(_form, parts.styles)))


def _form(script: str) -> str:
    """Return a script without what differs between pages: the numbers of the first view."""
    return _NUMBER.sub("0", script).strip()


def _runs(attributes: dict[str, str]) -> bool:
    return attributes.get("type", "") in {"", "text/javascript", "module"}


def _hash(script: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(script.encode("utf-8")).digest()).decode("ascii")


def _said(page: DecodedPage, heading: str, source: str) -> Iterator[Finding]:
    """Look at what the page says of itself."""
    lang: Lang = "zh" if page.lang.startswith("zh") else "en"
    facts, said = page.facts, " ".join(line for line, _ in page.lines)
    if facts.get("audience") != "public":
        yield Finding("error", "verify_audience", source)
    reviewed = facts.get("approval", "")
    if reviewed and (not is_approval(reviewed) or reviewed not in said or reviewed not in heading):
        yield Finding("error", "verify_approval", source, values={"number": reviewed})
    if not reviewed and page.watermark not in {say(one, "publish_watermark") for one in LANGS}:
        yield Finding("error", "verify_watermark", source)
    needed = [] if reviewed else [say(lang, "notice_internal")]
    needed += [say(lang, "publish_crs"), say(lang, "publish_date", date=facts.get("date", "?"))]
    needed.append(say(lang, "publish_sources_beside"))
    if any(layer.illustrative for layer in page.layers):
        needed.append(say(lang, "notice_illustrative"))
        if say(lang, "publish_sketch", title="").strip() not in page.title:
            yield Finding("error", "verify_sketch", source)
    for line in needed:
        # Once in the heading of the page, once in what the print says.
        if line not in said or line not in heading:
            yield Finding("error", "verify_line", source, values={"line": line})


def _secrets(page: DecodedPage, source: str) -> Iterator[Finding]:
    """Look at all texts but those of the features."""
    texts = [("title", page.title), ("lines", " ".join(line for line, _ in page.lines)), *fact_texts(page.facts)]
    texts += [("tiles", text) for text in page.tiles]
    texts += [(layer.title, text) for layer in page.layers for text in layer.texts]
    for where, text in texts:
        secret = secret_of([text])
        if secret is not None:
            yield Finding("error", "verify_secret", source, values={"layer": where, "reason": secret.reason})


def _layer(layer: DecodedLayer, page: DecodedPage, source: str) -> Iterator[Finding]:
    """Look at a layer's role, attributes and positions."""
    released, listed = (json.loads(page.facts.get(key, "{}")) for key in ("released", "attributes"))
    values: dict[str, object] = {"layer": layer.title}
    role = roles().get(layer.role)
    document = str(released.get(layer.role, ""))
    stated = bool(document) and any(document in line for line, _ in page.lines)
    if role is None or (not role.publishable and not stated):
        yield Finding("error", "verify_role", source, values=values)
    for column in layer.columns:
        if column.key not in listed.get(layer.key, []):
            yield Finding("error", "verify_column", source, values=values | {"column": column.title})
    for number, row in enumerate(layer.rows, start=1):
        secret = secret_of(row)
        if secret is not None:
            place = {"reason": secret.reason, "number": number}
            yield Finding("error", "verify_feature", source, values=values | place)
    if not layer.note:
        yield Finding("error", "verify_source", source, values=values)
    yield from _positions(layer, page, source)


def _positions(layer: DecodedLayer, page: DecodedPage, source: str) -> Iterator[Finding]:
    try:
        pitch = np.array([float(page.facts[f"lattice_{axis}_deg"]) for axis in ("lon", "lat")])
        tolerance_m = float(page.facts["tolerance_m"])
    except (KeyError, ValueError):
        pitch, tolerance_m = np.zeros(2), 0.0
    least_m = setting("publish_tolerance_m")
    coords = shapely.get_coordinates([shape for shape in layer.shapes if shape is not None])
    values: dict[str, object] = {"layer": layer.title, "least": f"{least_m:g}"}
    if not len(coords):
        return
    if not (pitch > 0).all() or _pitch_m(pitch, coords) < np.sqrt(6.0) * least_m * 0.99 or tolerance_m < least_m:
        yield Finding("error", "verify_tolerance", source, values=values)
        return
    nodes = np.round(coords / pitch) * pitch
    _, _, off_m = ELLIPSOID.inv(coords[:, 0], coords[:, 1], nodes[:, 0], nodes[:, 1])
    count = int((np.asarray(off_m) > _STORED_M).sum())
    if count:
        yield Finding("error", "verify_positions", source, values=values | {"count": count})


def _extent(page: DecodedPage, source: str) -> Iterator[Finding]:
    """Look at the first view: bounds of an outline are four of its coordinates."""
    try:
        pitch = np.array([float(page.facts[f"lattice_{axis}_deg"]) for axis in ("lon", "lat")] * 2)
    except (KeyError, ValueError):
        return
    nodes = np.array(page.extent) / pitch if len(page.extent) == len(pitch) else np.full(len(pitch), np.nan)
    if not (np.abs(nodes - np.round(nodes)) <= _NODE).all():
        yield Finding("error", "verify_extent", source)


def _pitch_m(pitch: np.ndarray, coords: np.ndarray) -> float:
    """Return the smaller distance of nodes on the ground [m]."""
    lon, lat = coords.mean(axis=0)
    east = ELLIPSOID.inv(lon, lat, lon + pitch[0], lat)[2]
    north = ELLIPSOID.inv(lon, lat, lon, lat + pitch[1])[2]
    return float(min(east, north))
