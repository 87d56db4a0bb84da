"""Map tiles under a published map: a folder of the office's own or Tianditu, nothing else."""

from __future__ import annotations

import os
import re
from pathlib import Path
from urllib.parse import quote

from spatial.errors import InputError
from spatial.publish.model import Tiles
from spatial.roles import data_rows

_TIANDITU = "tianditu:"
#: Of Tianditu's layers those without labels in Web Mercator.
_THEMES = {"vec": "vec", "img": "img", "ter": "ter"}
TIANDITU_HOST = "https://t0.tianditu.gov.cn"
_URL = (
    TIANDITU_HOST + "/{theme}_w/wmts?SERVICE=WMTS&REQUEST=GetTile&VERSION=1.0.0&LAYER={theme}&STYLE=default"
    "&TILEMATRIXSET=w&FORMAT=tiles&TILEMATRIX={{z}}&TILEROW={{y}}&TILECOL={{x}}&tk={key}"
)
_KEY = re.compile(r"[0-9A-Za-z]{8,64}")
#: Nobody draws tiles deeper than 29, where a pixel is less than a millimetre.
_ZOOM = re.compile(r"[0-9]|[12][0-9]")


def tiles_of(asked: str, key: str, page: Path) -> Tiles | None:
    """Return the background of tiles that a user asks for, none where nothing is asked.

    Parameters
    ----------
    asked
        ``tianditu:vec``, ``tianditu:img``, ``tianditu:ter``, or a folder with ``z/x/y.png``.
    key
        Of Tianditu, to be written into the file; where empty, the page asks its reader for one.
    page
        The page to be written: a folder is linked from there.

    Raises
    ------
    InputError
        If the service's tiles are not in CGCS2000, the theme or folder does not exist, or a key is none.
    """
    if not asked:
        if key:
            raise InputError("tiles_key_alone")
        return None
    if asked.startswith(_TIANDITU):
        theme = asked.removeprefix(_TIANDITU)
        if theme not in _THEMES:
            raise InputError("tiles_theme", value=theme, known=", ".join(_THEMES))
        if key and not _KEY.fullmatch(key):
            raise InputError("tiles_key")
        url = _URL.format(theme=theme, key=key or "{key}")
        return Tiles(url, (TIANDITU_HOST,), "天地图", ask_key=not key)
    if "://" in asked:
        raise _refusal(asked)
    return _folder(Path(asked), page)


def _refusal(url: str) -> InputError:
    """Return why tiles of a service are refused: those of most Chinese services lie hundreds of metres aside."""
    for row in data_rows("tile_hosts.csv"):
        if re.search(row["pattern"], url, re.IGNORECASE):
            return InputError("tiles_shifted", service=row["service"], system=row["system"])
    return InputError("tiles_foreign", value=url)


def _folder(folder: Path, page: Path) -> Tiles:
    images = [path for path in folder.glob("*/*/*.*") if path.suffix.lower() in {".png", ".jpg", ".jpeg", ".webp"}]
    zooms = [int(path.parent.parent.name) for path in images if _ZOOM.fullmatch(path.parent.parent.name)]
    if not zooms:
        raise InputError("tiles_folder", folder=folder)
    # Pages are opened from anywhere: the folder goes along, at the same place beside them.
    beside = Path(os.path.relpath(folder.resolve(), page.resolve().parent)).as_posix()
    suffix = images[0].suffix
    # A browser takes #, ? and % in names for parts of the address, Leaflet takes braces for its own.
    return Tiles(f"{quote(beside)}/{{z}}/{{x}}/{{y}}{suffix}", (), folder.name, max_zoom=max(zooms))
