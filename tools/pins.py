"""Compile the pinned requirements: `make pins` (needs uv). One version of each package for all supported Pythons."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

FOLDER = Path(__file__).resolve().parents[1] / "requirements"
COMPILE = [
    "uv",
    "pip",
    "compile",
    "--quiet",
    "--universal",
    "--fork-strategy",
    "fewest",
    "--python-version",
    "3.11",
    "--generate-hashes",
    "--no-header",
    "--no-annotate",
    "--no-emit-index-url",
]
#: The compiler looks beyond the Pythons supported here and adds versions for those.
_BEYOND = re.compile(r"python_full_version >= '3\.1[4-9]'")
_WITHIN = re.compile(r" ; python_full_version < '3\.1[4-9]'")


def without_other_pythons(text: str) -> str:
    """Return pins without the blocks and markers that speak of Pythons beyond the supported ones."""
    blocks = re.split(r"\n(?=\S)", text)
    return "\n".join(_WITHIN.sub("", block) for block in blocks if not _BEYOND.search(block.splitlines()[0]))


def main() -> None:
    for name in ("run", "dev", "bench"):
        pinned = FOLDER / f"{name}.txt"
        subprocess.run([*COMPILE, str(FOLDER / f"{name}.in"), "-o", str(pinned)], check=True)
        pinned.write_text(without_other_pythons(pinned.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()
