"""docs/python.md has all of the API. Its session is run with the other pages (test_pages.py)."""

from __future__ import annotations

from pathlib import Path

import riskengine

PAGE = Path(__file__).parents[2] / "docs" / "python.md"


def test_the_page_names_every_public_function_and_error() -> None:
    text = PAGE.read_text("utf-8")
    for name in riskengine.__all__:
        if name not in ("Replay", "Result") and not name.endswith(("Result", "Count")):
            assert name in text, name
