"""Regenerate the picture of the README: `python -m tools.screenshot` (needs Chromium)."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

from spatial.cli.main import main as ecopattern

PICTURE = Path(__file__).resolve().parents[1] / "docs" / "images" / "map.png"
SIZE = {"width": 1360, "height": 860}
#: Leaflet draws polygons some frames after the page has loaded.
SETTLED_MS = 2500


def main() -> None:
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as driver:
        ecopattern(["demo", "--out", folder, "--quiet"])
        browser = driver.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        page = browser.new_page(viewport=SIZE)
        page.goto((Path(folder) / "map.html").as_uri())
        page.wait_for_timeout(SETTLED_MS)
        page.screenshot(path=PICTURE)
        browser.close()
    print(f"written: {PICTURE.name}")


if __name__ == "__main__":
    main()
