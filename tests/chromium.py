"""Chromium without a window, for tests and pictures."""

from __future__ import annotations

import shutil

#: No window, no profile of somebody, nothing fetched for the browser itself
FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-sync",
    "--disable-background-networking", "--disable-component-update",
)  # fmt: skip
NAMES = ("chromium", "google-chrome")


def find_browser() -> str:
    """Its path; the tests that need it run only where it is installed."""
    found = next(filter(None, map(shutil.which, NAMES)), None)
    assert found, "this test needs chromium on the path"
    return found
