from __future__ import annotations

import shutil
from collections.abc import Iterator
from typing import Any

import matplotlib as mpl
import pytest
from hypothesis import settings

mpl.use("Agg")

# The same examples in every run, however slow the machine: a failure can be repeated.
settings.register_profile("steady", deadline=None, derandomize=True, max_examples=60)
settings.load_profile("steady")


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """Chromium without a window, one for all tests."""
    chromium = shutil.which("chromium")
    if chromium is None:
        pytest.skip("no chromium on this machine: maps are not opened in a browser")
    playwright = pytest.importorskip("playwright.sync_api", reason="the playwright package is not installed")
    with playwright.sync_playwright() as driver:
        opened = driver.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield opened
        opened.close()
