"""Chinese characters in static figures: the shipped font, then installed ones for rare characters."""

from __future__ import annotations

from functools import cache
from importlib.resources import as_file, files

from matplotlib import font_manager

from spatial.tables.cells import settings

_SHIPPED = "EcopatternSansSC.otf"


@cache
def font_families() -> tuple[str, ...]:
    """Return the families a figure's text uses, in order.

    The shipped font comes first, so that figures look the same on every machine; it has the
    characters of GB 2312 level 1 and of the project's own tables.
    """
    with as_file(files("spatial").joinpath("data", "fonts", _SHIPPED)) as path:
        font_manager.fontManager.addfont(path)
        shipped = font_manager.FontProperties(fname=path).get_name()
    installed = set(font_manager.get_font_names())
    return (shipped, *(name for name in settings()["figure"]["fonts"] if name in installed))
