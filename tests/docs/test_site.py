"""The documentation builds without a warning, and its pages need nothing of any network."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

import riskengine
from riskengine.cli import root

pytestmark = [pytest.mark.whole, pytest.mark.processes]

ROOT = Path(__file__).parents[2]
#: Pages with a line that begins with a per cent sign, which MyST would take for a comment
PER_CENT = ("docs/intervals.md", "benchmarks/README.md")
LOADED = {"script": "src", "img": "src", "link": "href", "iframe": "src", "source": "src"}


def build(source: Path, site: Path) -> subprocess.CompletedProcess[str]:
    """Build as `make site` does."""
    options = ["-q", "-W", "--keep-going", "-E", "-c", str(ROOT / "docs"), "-d", f"{site}-doctrees"]
    command = [sys.executable, "-m", "sphinx", *options, str(source), str(site)]
    return subprocess.run(command, capture_output=True, text=True, cwd=ROOT)


class _Fetched(HTMLParser):
    """What a browser loads for a page without a click."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        address = dict(attrs).get(LOADED.get(tag, ""))
        if address:
            self.found.append(address)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site") / "site"
    done = build(ROOT, folder)
    assert done.returncode == 0, done.stderr
    return folder


def test_every_page_is_there_and_fetches_nothing_from_elsewhere(site: Path) -> None:
    sources = list((ROOT / "docs").rglob("*.md"))
    pages = list(site.rglob("*.html"))
    made = {str(page.relative_to(site).with_suffix("")) for page in pages}
    assert {str(path.relative_to(ROOT).with_suffix("")) for path in sources} <= made
    for page in pages:
        for address in _Fetched(page.read_text("utf-8")).found:
            assert not re.match(r"(?!data:)[a-z]+:|//", address), (page, address)
            here = page.parent / re.split(r"[?#]", address)[0]
            assert address.startswith("data:") or here.exists(), (page, address)
    for style in site.rglob("*.css"):
        assert not re.search(r"@import|url\(\s*[\"']?(https?:)?//", style.read_text("utf-8")), style


def test_a_line_that_begins_with_per_cent_is_no_comment(site: Path) -> None:
    lost = re.compile(r"^ *(%[\w ,.]*)", re.MULTILINE)
    found = [(name, each) for name in PER_CENT for each in lost.findall(_source(name))]
    assert found
    for name, words in found:
        shown = re.sub(r"\s+", " ", (site / name).with_suffix(".html").read_text("utf-8"))
        assert words.strip() in shown, name


def _source(name: str) -> str:
    return (ROOT / name).read_text("utf-8")


def test_the_reference_has_every_option_that_help_prints_and_every_public_name(site: Path) -> None:
    commands = (site / "docs/reference/commands.html").read_text("utf-8")
    for verb in root.list_commands(click.Context(root)):
        shown = CliRunner().invoke(root, [verb, "--help"]).output
        options = set(re.findall(r"^  (?:-h, )?--([a-z-]+)", shown, re.MULTILINE)) - {"help"}
        made = set(re.findall(rf'id="cmdoption-riskengine-{verb}-([a-z-]+)"', commands))
        assert options <= made, (verb, options - made)
    names = (site / "docs/reference/python.html").read_text("utf-8")
    for name in riskengine.__all__:
        assert f'id="riskengine.{name}"' in names, name


def test_the_notebook_is_stored_without_outputs_and_shown_with_them(site: Path) -> None:
    cells = json.loads((ROOT / "docs/notebooks/korea.ipynb").read_text("utf-8"))["cells"]
    assert not any(cell.get("outputs") or cell.get("execution_count") for cell in cells)
    plots = sum("plt.subplots" in "".join(cell["source"]) for cell in cells)
    page = (site / "docs/notebooks/korea.html").read_text("utf-8")
    assert page.count('src="../../_images/') == plots > 2
    assert "TVaR" in page.split('class="cell_output')[2]


def test_dead_links_dead_anchors_missing_pictures_and_lost_pages_fail(tmp_path: Path) -> None:
    docs = tmp_path / "docs"
    docs.mkdir()
    shutil.copytree(ROOT / "docs" / "_static", docs / "_static")
    text = "# Top\n\n[a](gone.md) [b](#gone) [c](there.md#gone) ![d](gone.png)\n"
    (docs / "index.md").write_text(text, encoding="utf-8")
    (docs / "there.md").write_text("# There\n", encoding="utf-8")
    done = build(tmp_path, tmp_path / "site")
    assert done.returncode != 0
    said = [line for line in done.stderr.splitlines() if "WARNING" in line]
    assert len(said) == 5, done.stderr
