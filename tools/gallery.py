"""Regenerate the gallery of maps: `python -m tools.gallery` (needs Chromium).

Draws every recipe of `maps/` on the sample district, for the public where the recipe allows it, takes a
picture of each page, and writes `maps/index.html`.
"""

from __future__ import annotations

import html
import io
import shutil
import tomllib
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, sync_playwright

from spatial.cli.main import main as ecopattern

MAPS = Path(__file__).resolve().parents[1] / "maps"
PUBLISHED = MAPS / "published"
#: The sample's editions in force on this day; the same day gives the same pages.
DATE = "2026-01-01"
_SIZE = {"width": 1280, "height": 800}
_THUMBNAIL = (640, 400)
_SETTLED_MS = 800
_COLOURS = 128
_DISTRICT = "{district}"


def main() -> None:
    PUBLISHED.mkdir(exist_ok=True)
    recipes = {path.stem: tomllib.loads(path.read_text(encoding="utf-8")) for path in sorted(MAPS.glob("*.toml"))}
    for name, recipe in recipes.items():
        public = ["--public"] if recipe.get("audience") == "public" else []
        page = str(PUBLISHED / f"{name}.html")
        done = ecopattern(
            ["publish", name, "-w", "sample:shangdang", "--date", DATE, "--out", page, "--quiet", *public]
        )
        if done != 0:
            raise SystemExit(f"{name} was not drawn")
        # The list of what the public does not get stays in the office.
        (PUBLISHED / f"{name}.removed.csv").unlink(missing_ok=True)
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        for name in recipes:
            take(browser, PUBLISHED / f"{name}.html", PUBLISHED / f"{name}.png")
        browser.close()
    (MAPS / "index.html").write_text(gallery(recipes), encoding="utf-8", newline="\n")
    print(f"written: maps/index.html, {len(recipes)} maps")


def take(browser: Browser, page: Path, picture: Path) -> None:
    """Take a small picture of a page."""
    window = browser.new_page(viewport=_SIZE)
    window.goto(page.as_uri())
    window.wait_for_selector("body.ep-ready")
    window.wait_for_timeout(_SETTLED_MS)
    with Image.open(io.BytesIO(window.screenshot())) as shot:
        small = shot.convert("RGB").resize(_THUMBNAIL, Image.Resampling.LANCZOS)
    small.quantize(_COLOURS, dither=Image.Dither.NONE).save(picture, optimize=True)
    window.close()


def gallery(recipes: dict[str, dict[str, object]]) -> str:
    """Return the page that shows all maps."""
    cards = "\n".join(_card(name, recipe) for name, recipe in recipes.items())
    return _PAGE.replace("<!-- cards -->", cards)


def _card(name: str, recipe: dict[str, object]) -> str:
    title = recipe["title"]
    said = [str(title[lang]).replace(_DISTRICT, "").strip(": ") for lang in ("zh", "en")]  # type: ignore[index]
    audience = "公开 / public" if recipe.get("audience") == "public" else "内部 / office"
    zh, en = map(html.escape, said)
    return (
        f'<a href="published/{name}.html"><img src="published/{name}.png" width="640" height="400" alt="{zh}">'
        f"<h2>{zh}</h2><p>{en}</p><p><code>{name}.toml</code> · {audience}</p></a>"
    )


_PAGE = """<!DOCTYPE html>
<html lang="zh-CN">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src 'self' file:; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>ecopattern 地图集 / maps</title>
<style>
body { margin: 0 auto; max-width: 1320px; padding: 24px; background: #f4f6f6; color: #1c2a33;
  font: 15px/1.5 "Noto Sans SC", "Noto Sans CJK SC", "Microsoft YaHei", "PingFang SC", sans-serif; }
h1 { font-size: 24px; margin: 0; }
.warn { color: #9c0006; }
main { display: grid; grid-template-columns: repeat(auto-fill, minmax(320px, 1fr)); gap: 20px; margin-top: 20px; }
a { display: block; padding: 0 0 12px; background: #fff; border: 1px solid #d5dcdf; border-radius: 6px; overflow: hidden;
  color: inherit; text-decoration: none; }
a:hover, a:focus-visible { border-color: #0b6e4f; box-shadow: 0 2px 8px rgb(0 0 0 / 12%); }
img { display: block; width: 100%; height: auto; border-bottom: 1px solid #d5dcdf; }
h2 { margin: 10px 14px 0; font-size: 16px; }
a p { margin: 2px 14px 0; color: #53626b; font-size: 13px; }
</style>
</head>
<body>
<h1>ecopattern 地图集 / maps</h1>
<p>每幅地图由一个配方（<code>maps/*.toml</code>）生成，是一个不联网即可打开的 HTML 文件。
Each map is made by one recipe and is one HTML file that opens without a network.</p>
<p class="warn">示例区：行政区界线为真，其余图层均为示意，不得作为任何决策依据。
The sample district: its outline is real, all else is illustrative and no basis for any decision.</p>
<main>
<!-- cards -->
</main>
</body>
</html>
"""


if __name__ == "__main__":
    main()
