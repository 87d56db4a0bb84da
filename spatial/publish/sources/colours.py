"""A layer coloured by one of its columns: categories, or classes of numbers."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import numpy as np

from spatial.errors import InputError
from spatial.publish.model import Layer, Symbol
from spatial.publish.sources.scene import break_classes, break_labels, class_symbols, styles
from spatial.tables.cells import NUMERIC, as_text, shortened
from spatial.words import Lang, say

_LONGEST = 40


def coloured(layer: Layer, key: str, lang: Lang) -> Layer:
    """Return a layer whose features are coloured by a column.

    Parameters
    ----------
    key
        Numbers make classes of about as many features each, other values categories: the most frequent ones have
        a colour, the rest is "others"; what has no value is grey.

    Raises
    ------
    InputError
        If the layer has no such column.
    """
    keys = [column.key for column in layer.columns]
    if key not in keys:
        raise InputError("recipe_colour", layer=layer.title, key=key, known=", ".join(keys))
    column = layer.columns[keys.index(key)]
    values = [row[keys.index(key)] for row in layer.rows]
    if column.kind in NUMERIC:
        return _by_number(layer, np.array([np.nan if value is None else value for value in values], dtype=float), lang)
    texts = ["" if value in {None, ""} else as_text(value, column.kind) for value in values]
    return _by_category(layer, texts, lang)


def _by_number(layer: Layer, values: np.ndarray, lang: Lang) -> Layer:
    known = values[~np.isnan(values)]
    colours = styles()["share"]["colours"]
    shares = np.arange(1, len(colours)) / len(colours)
    breaks = [float(f"{value:.3g}") for value in np.unique(np.quantile(known, shares))] if len(known) else []
    breaks = sorted(set(breaks))
    labels = break_labels(breaks, "", lang) if breaks else [say(lang, "publish_no_figure")]
    symbols = class_symbols(
        [*labels, say(lang, "publish_no_figure")], [*colours[: len(labels)], styles()["categories"]["none"]]
    )
    symbol_of = break_classes(values, breaks) if breaks else np.zeros(len(values), dtype=np.int32)
    return replace(layer, symbols=symbols, symbol_of=symbol_of)


def _by_category(layer: Layer, texts: list[str], lang: Lang) -> Layer:
    palette = styles()["categories"]
    counted = Counter(text for text in texts if text)
    named = sorted(counted, key=lambda text: (-counted[text], text))[: len(palette["colours"])]
    place = {text: number for number, text in enumerate(named)}
    other, none = len(named), len(named) + 1
    labels = [
        *(shortened(text, _LONGEST) for text in named),
        say(lang, "publish_others"),
        say(lang, "publish_no_figure"),
    ]
    fills = [*palette["colours"][: len(named)], palette["others"], palette["none"]]
    base = layer.symbols[0]
    hatches = [*palette["hatches"][: len(named)], "", ""]
    symbols = tuple(
        Symbol(label, fill, base.edge, 0.7, base.width, base.dash, hatch, base.radius)
        for label, fill, hatch in zip(labels, fills, hatches, strict=True)
    )
    chosen = [place.get(text, other) if text else none for text in texts]
    return replace(layer, symbols=symbols, symbol_of=np.array(chosen, dtype=np.int32))
