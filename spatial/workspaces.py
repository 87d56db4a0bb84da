"""Making a workspace: empty, or from a folder of a user's own layers, saying what was guessed."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import shapely
from pyproj import CRS

from spatial.catalog import CATALOG, TO_FILL_IN
from spatial.crs import CGCS2000_GEOGRAPHIC, gauss_kruger_of
from spatial.equal_area import reproject
from spatial.errors import InputError
from spatial.findings import Finding
from spatial.io.atomic import replacing
from spatial.io.formats import readable, reader_of
from spatial.io.vector import VectorFile, place_in, read_vector
from spatial.provenance import sha256_of
from spatial.recognition.place import Place
from spatial.roles import data_rows, roles, zone_roles


@dataclass(frozen=True)
class Alias:
    """What points to a role: the word found, the role it stands for (empty: none), how sure that is."""

    word: str
    role: str
    confidence: str


@dataclass(frozen=True)
class Guess:
    """What a file was taken for, and why.

    Parameters
    ----------
    problem
        Why the file cannot be used as it is, or ``None``.
    """

    path: Path
    alias: Alias
    problem: InputError | None
    file: VectorFile | None

    @property
    def warnings(self) -> tuple[Finding, ...]:
        """What reading the file had to assume, such as its coordinate system."""
        found = self.file.findings if self.file is not None else ()
        return tuple(finding for finding in found if finding.severity == "warning")

    @property
    def role(self) -> str:
        """Role of a file that can be used; empty where nothing points to one."""
        return self.alias.role if self.problem is None else ""


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
    paths = sorted(path for path in folder.rglob("*") if path.suffix.lower() in readable())
    paths = [path for path in paths if not any(part.startswith(".") for part in path.relative_to(folder).parts)]
    if not paths:
        raise InputError("folder_without_layers", file=folder, formats=" ".join(readable()))
    place = _place(paths)
    return [_guess(path, place) for path in paths]


def _place(paths: list[Path]) -> Place | None:
    """Return the outline of the district, where one file is called so: the other layers are expected in it."""
    outlines = [path for path in paths if role_of_name(path.stem, []).role == "DISTRICT"]
    if len(outlines) != 1:
        return None
    try:
        return place_in(outlines[0])
    except InputError:
        # What is wrong with it is said where the file itself is guessed.
        return None


def _guess(path: Path, place: Place | None) -> Guess:
    try:
        file = read_vector(path, place=place)
    except InputError as error:
        # Its name still says what it is meant to be: the catalogue shows the block to complete.
        alias = role_of_name(path.stem, [])
        return Guess(path, alias, error, None)
    # Boundary points have the same columns whatever they bound.
    columns = [] if reader_of(path) == "boundary_points" else [str(column) for column in file.features.columns]
    return Guess(path, role_of_name(path.stem, columns), None, file)


def role_of_name(name: str, fields: list[str]) -> Alias:
    """Return the alias that a file name holds, or that a field is called.

    The longest alias wins: 城镇开发边界外 before 城镇开发边界, YJJBNTBHTB before YJJBNT. A name
    that says nothing leaves the fields to decide.

    Examples
    --------
    >>> role_of_name("上党区STBHHX_2024", []).role
    'ECO_RED'
    >>> role_of_name("城镇开发边界外", []).role
    'UDB_OUT'
    >>> role_of_name("STBHZYYXPJJG", []).role
    ''
    >>> role_of_name("parcels", ["DLBM", "geometry"]).role
    'LANDCOVER'
    """
    if name.upper() in roles():
        return Alias(name, name.upper(), "H")
    rows = sorted(data_rows("layer_aliases.csv"), key=lambda row: -len(row["alias"]))
    by_name = [row for row in rows if row["where"] == "name" and row["alias"].lower() in name.lower()]
    by_field = [row for row in rows if row["where"] == "field" and row["alias"] in fields]
    for row in (*by_name, *by_field):
        return Alias(row["alias"], row["role"], row["confidence"])
    return Alias("", "", "")


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
    ids = _ids(guesses)
    outlines = [guess for guess in guesses if guess.role == "DISTRICT"]
    blocks = [_district(_plane(outlines or guesses), ids[outlines[0].path] if outlines else "district")]
    blocks.extend(_block(guess, ids[guess.path], folder) for guess in guesses)
    blocks.append(_ABSENT)
    with replacing(path) as temporary:
        temporary.write_text("\n".join(blocks), encoding="utf-8")
    return path


def missing_roles(guesses: list[Guess]) -> list[str]:
    """Return the zone roles that no file was taken for."""
    found = {guess.role for guess in guesses}
    return [role for role in zone_roles() if role not in found and not role.startswith("OLD_")]


def _plane(guesses: list[Guess]) -> str:
    """Return the 3-degree Gauss-Kruger zone of the layers' middle, or a mark to be filled in."""
    files = [guess.file for guess in guesses if guess.file is not None]
    if not files:
        return TO_FILL_IN
    spans = []
    for file in files:
        geometry = np.asarray(file.features.geometry.array, dtype=object)
        spans.append(shapely.total_bounds(reproject(geometry, file.crs, CRS(CGCS2000_GEOGRAPHIC))))
    bounds = np.array(spans)
    return gauss_kruger_of(float(bounds[:, 0].min() + bounds[:, 2].max()) / 2)


def _ids(guesses: list[Guess]) -> dict[Path, str]:
    ids: dict[Path, str] = {}
    for guess in guesses:
        base = guess.role.lower() or "unknown"
        taken = sum(used == base or used.startswith(f"{base}_") for used in ids.values())
        ids[guess.path] = f"{base}_{taken + 1}" if taken else base
    return ids


_ABSENT = """# 本区确实没有的分区，逐个这样写明（否则筛查时列为“缺少图层”）：
# A role that does not exist in the district, declared so (else a screening lists it as missing):
# [[absent]]
# role = "SALTLAKE_CORE"
# reason_zh = "本区没有盐湖"
# reason_en = "no salt lake in the district"
# source = ""
"""


def _district(plane: str, outline: str) -> str:
    return f"""# 工作区目录 / catalogue of a workspace. 请核对每一项，尤其是 role 和 edition。
schema = 1

[district]
name_zh = "{TO_FILL_IN}"
name_en = "(to be filled in)"
code = ""
analysis_crs = "{plane}"
outline_layer = "{outline}"
"""


def _block(guess: Guess, layer_id: str, folder: Path) -> str:
    """Return the entry of a file; one that cannot be used stands as a comment ready to be completed."""
    role = roles().get(guess.alias.role)
    because = f"依据 {guess.alias.word}，可信度 {guess.alias.confidence}" if role is not None else "请填写类型代码"
    lines = [
        "[[layer]]",
        f'id = "{layer_id}"',
        f'role = "{guess.alias.role}"  # {because}',
        f"path = {_quoted(_relative(guess.path, folder))}",
        f'name_zh = "{role.name_zh if role is not None else TO_FILL_IN}"',
        f'source = "{TO_FILL_IN}"',
        f'edition = "sha256-{sha256_of(guess.path)[:8]}{TO_FILL_IN}"',
        "illustrative = false",
        "",
    ]
    lines = [*(f"# {' '.join(found.text('zh').split())}" for found in guess.warnings), *lines]
    if guess.role:
        return "\n".join(lines)
    why = guess.problem.text("zh") if guess.problem is not None else "无法由名称和字段判断分区类型"
    return "\n".join([f"# 未使用 / not used: {' '.join(why.split())}", *(f"# {line}".rstrip() for line in lines)])


def _relative(path: Path, folder: Path) -> str:
    try:
        return Path(os.path.relpath(path, folder)).as_posix()
    except ValueError:
        # Another drive on Windows has no relative path.
        return path.resolve().as_posix()


def _quoted(text: str) -> str:
    # A JSON string is a TOML basic string: control characters are escaped alike.
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
