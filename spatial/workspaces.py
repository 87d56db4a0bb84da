"""Making a workspace: empty, or from a folder of a user's own layers, saying what was guessed."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import shapely
from pyproj import CRS

from spatial.catalog import CATALOG
from spatial.crs import CGCS2000_GEOGRAPHIC, gauss_kruger_of
from spatial.equal_area import reproject
from spatial.errors import InputError
from spatial.io.atomic import replacing
from spatial.io.formats import readable
from spatial.io.vector import VectorFile, read_vector
from spatial.provenance import sha256_of
from spatial.roles import data_rows, roles, zone_roles


@dataclass(frozen=True)
class Guess:
    """What a file was taken for, and why.

    Parameters
    ----------
    role
        Role code, or empty where nothing points to one.
    evidence
        The alias that matched, as file name or field.
    problem
        Why the file cannot be used, or ``None``.
    """

    path: Path
    role: str
    evidence: str
    problem: InputError | None
    file: VectorFile | None


def guess_layers(folder: Path) -> list[Guess]:
    """Guess the role of every vector file in a folder, from its name first, then from its fields.

    Parameters
    ----------
    folder
        Searched with its sub-folders.

    Raises
    ------
    InputError
        If the folder does not exist or holds no vector layer.
    """
    if not folder.is_dir():
        raise InputError("file_missing", file=folder)
    paths = sorted(path for path in folder.rglob("*") if path.suffix.lower() in readable() and path.name[0] != ".")
    if not paths:
        raise InputError("folder_without_layers", file=folder, formats=" ".join(readable()))
    return [_guess(path) for path in paths]


def _guess(path: Path) -> Guess:
    try:
        file = read_vector(path)
    except InputError as error:
        return Guess(path, "", "", error, None)
    role, evidence = role_of_name(path.stem, [str(column) for column in file.features.columns])
    return Guess(path, role, evidence, None, file)


def role_of_name(name: str, fields: list[str]) -> tuple[str, str]:
    """Return the role that a file name or a field points to, and the alias that says so.

    Examples
    --------
    >>> role_of_name("上党区STBHHX_2024", [])
    ('ECO_RED', 'STBHHX')
    >>> role_of_name("STBHZYYXPJJG", [])
    ('', 'STBHZYYXPJJG')
    >>> role_of_name("parcels", ["DLBM", "geometry"])
    ('LANDCOVER', 'DLBM')
    """
    for code in sorted(roles(), key=len, reverse=True):
        if name.upper() == code:
            return code, code
    rows = data_rows("layer_aliases.csv")
    # The longest alias wins: 核心景区 before 景区, YJJBNTBHTB before YJJBNT.
    for row in sorted(rows, key=lambda row: -len(row["alias"])):
        places = [name] if row["where"] == "name" else fields
        if any(row["alias"].lower() in place.lower() for place in places):
            return row["role"], row["alias"]
    return "", ""


def make_workspace(folder: Path, guesses: list[Guess]) -> Path:
    """Write a catalogue for layers, or an empty one to fill in.

    Parameters
    ----------
    folder
        Made where it does not exist; it must not be a workspace already.
    guesses
        As :func:`guess_layers` returns them; files without a role are listed as comments.

    Returns
    -------
    Path
        The catalogue.

    Raises
    ------
    InputError
        If there is a catalogue already: it is never overwritten.
    """
    path = folder / CATALOG
    if path.exists():
        raise InputError("workspace_exists", file=path)
    folder.mkdir(parents=True, exist_ok=True)
    outline = next((guess for guess in guesses if guess.role == "DISTRICT"), None)
    plane = _plane(outline.file) if outline is not None and outline.file is not None else "EPSG:4526"
    ids = _ids(guesses)
    blocks = [_district(plane, ids.get(outline.path) if outline is not None else None)]
    blocks.extend(_block(guess, ids[guess.path], folder) for guess in guesses if guess.role)
    blocks.extend(_unknown(guess, folder) for guess in guesses if not guess.role)
    with replacing(path) as temporary:
        temporary.write_text("\n".join(blocks), encoding="utf-8")
    return path


def missing_roles(guesses: list[Guess]) -> list[str]:
    """Return the zone roles that no file was taken for."""
    found = {guess.role for guess in guesses}
    return [role for role in zone_roles() if role not in found and not role.startswith("OLD_")]


def _plane(file: VectorFile) -> str:
    """Return the 3-degree Gauss-Kruger zone of a layer's middle."""
    geometry = np.asarray(file.features.geometry.array, dtype=object)
    west, _, east, _ = shapely.total_bounds(reproject(geometry, file.crs, CRS(CGCS2000_GEOGRAPHIC)))
    return gauss_kruger_of((float(west) + float(east)) / 2)


def _ids(guesses: list[Guess]) -> dict[Path, str]:
    ids: dict[Path, str] = {}
    for guess in guesses:
        base = guess.role.lower() or "unknown"
        taken = sum(used == base or used.startswith(f"{base}_") for used in ids.values())
        ids[guess.path] = f"{base}_{taken + 1}" if taken else base
    return ids


def _district(plane: str, outline: str | None) -> str:
    return f"""# 工作区目录 / catalogue of a workspace. 请核对每一项，尤其是 role 和 edition。
schema = 1

[district]
name_zh = "（请填写区县名称）"
name_en = "(name of the district)"
code = ""
analysis_crs = "{plane}"
outline_layer = "{outline or "district"}"
"""


def _block(guess: Guess, layer_id: str, folder: Path) -> str:
    return f"""[[layer]]
id = "{layer_id}"
role = "{guess.role}"  # {guess.evidence}
path = {_quoted(_relative(guess.path, folder))}
name_zh = "{roles()[guess.role].name_zh}"
name_en = "{roles()[guess.role].name_en}"
source = "（请填写来源）"
edition = "sha256-{sha256_of(guess.path)[:8]}（请填写版本）"
illustrative = false
"""


def _unknown(guess: Guess, folder: Path) -> str:
    why = guess.problem.text("zh") if guess.problem is not None else "无法由名称和字段判断分区类型"
    why = " ".join(why.split())
    return f"# 未使用 / not used: {_relative(guess.path, folder)}: {why}\n"


def _relative(path: Path, folder: Path) -> str:
    try:
        return Path(os.path.relpath(path, folder)).as_posix()
    except ValueError:
        # Another drive on Windows has no relative path.
        return path.resolve().as_posix()


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
