"""The search of the site in a real browser, from a folder, with no network.

These tests need Chromium and run only when asked for: `pytest -m browser`.
"""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
from docs.test_site import ROOT, build

from tests.chromium import FLAGS, find_browser

pytestmark = pytest.mark.browser

OWN_FLAGS = (
    "--dump-dom", "--enable-logging=stderr", "--virtual-time-budget=10000",
    "--host-resolver-rules=MAP * ~NOTFOUND",
)  # fmt: skip


def test_a_word_is_found_from_a_folder_and_the_browser_complains_of_nothing(tmp_path: Path) -> None:
    docs = tmp_path / "docs"
    docs.mkdir()
    shutil.copytree(ROOT / "docs" / "_static", docs / "_static")
    nav = "```{toctree}\nthere\nelsewhere\n```\n"
    (docs / "index.md").write_text(f"# Top\n\n{nav}", encoding="utf-8")
    (docs / "there.md").write_text("# Stocks\n\nA stockpile of yttrium.\n", encoding="utf-8")
    (docs / "elsewhere.md").write_text("# Bans\n\nNothing of it.\n", encoding="utf-8")
    done = build(tmp_path, tmp_path / "site")
    assert done.returncode == 0, done.stderr
    address = f"file://{tmp_path}/site/search.html?q=yttrium"
    shown = subprocess.run(
        [find_browser(), *FLAGS, *OWN_FLAGS, f"--user-data-dir={tmp_path / 'profile'}", address],
        capture_output=True, text=True, timeout=600, check=True,
    )  # fmt: skip
    results = shown.stdout.split('id="search-results"')[1].split("</article>")[0]
    assert 'href="docs/there.html' in results
    assert "docs/elsewhere.html" not in results
    assert [line for line in shown.stderr.splitlines() if "CONSOLE" in line] == []
