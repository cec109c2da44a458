"""`riskengine check --html`: a config as a page, with its ladder as a diagram."""

from __future__ import annotations

import json
import re
from html import unescape
from pathlib import Path

import pytest
from click.testing import CliRunner
from report.page_reading import Reader
from report.page_worlds import NASTY, SCRIPT, config

from riskengine.cli import root
from riskengine.config.toml.writing import document_lines
from riskengine.errors import RunFault

ROOT = Path(__file__).parents[2]
MINIMAL = str(ROOT / "configs" / "minimal.toml")
TAGS = re.compile("<[^>]*>")


def page_of(source: str, folder: Path) -> str:
    done = CliRunner().invoke(root, ["check", source, "--html", str(folder / "page.html")])
    assert done.exit_code == 0
    assert f"\nPage: {folder / 'page.html'}\n" in done.output
    assert [path.name for path in folder.iterdir()] == ["page.html"]
    return (folder / "page.html").read_text("utf-8")


def test_the_page_says_what_the_command_says(tmp_path: Path) -> None:
    page = page_of(MINIMAL, tmp_path)
    found = json.loads(CliRunner().invoke(root, ["check", MINIMAL, "--json"]).output)
    words = " ".join(unescape(TAGS.sub(" ", page)).split())
    texts = {
        value
        for rows in found.values()
        if isinstance(rows, list)
        for row in rows
        for value in row.values()
        if isinstance(value, str)
    }
    assert len(texts) > 30
    codes = {notice["code"] for notice in found["notices"]}
    missing = [text for text in texts - codes if " ".join(text.split()) not in words]
    assert missing == []
    assert f"{found['trials']:,} trials, seed {found['seed']}" in words
    assert "The config can be run" in words


def test_the_diagram_stands_on_top_and_each_table_once(tmp_path: Path) -> None:
    page = page_of(MINIMAL, tmp_path)
    Reader(page)
    sections = re.findall('<section id="([^"]*)"', page)
    assert sections == ["ladder", "scenario", "notes"]
    assert page.index("<svg") < page.index("<table")
    captions = re.findall("<caption><span>(.*?)</span></caption>", page)
    assert len(set(captions)) == len(captions)
    assert {"Disputes", "Materials", "Uses: what each industry depends on"} <= set(captions)


def test_the_same_config_gives_the_same_page_and_an_older_one_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "page.html").write_text("old")
    first = page_of(MINIMAL, tmp_path)
    assert first.startswith("<!doctype html>")
    assert page_of(MINIMAL, tmp_path) == first


def test_no_name_becomes_markup(tmp_path: Path) -> None:
    source = tmp_path / "hostile.toml"
    source.write_text("\n".join(document_lines(config(NASTY, title=SCRIPT))), "utf-8")
    folder = tmp_path / "pages"
    folder.mkdir()
    assert not {"script", "img"} & Reader(page_of(str(source), folder)).tags


def test_a_document_has_the_page_beside_it(tmp_path: Path) -> None:
    place = str(tmp_path / "page.html")
    with_page = CliRunner().invoke(root, ["check", MINIMAL, "--json", "--html", place])
    assert with_page.output == CliRunner().invoke(root, ["check", MINIMAL, "--json"]).output
    assert Path(place).exists()


@pytest.mark.parametrize("place", ["folder", "nowhere/page.html"])
def test_a_page_that_cannot_be_written_is_a_fault_and_leaves_nothing(
    tmp_path: Path, place: str
) -> None:
    (tmp_path / "folder").mkdir()
    done = CliRunner().invoke(root, ["check", MINIMAL, "--html", str(tmp_path / place)])
    assert isinstance(done.exception, RunFault)
    assert done.output == ""
    assert [path.name for path in tmp_path.rglob("*")] == ["folder"]


def test_a_config_with_mistakes_has_no_page(tmp_path: Path) -> None:
    place = tmp_path / "page.html"
    arguments = ["check", MINIMAL, "--set", "run.trials=0", "--html", str(place)]
    assert CliRunner().invoke(root, arguments).exit_code != 0
    assert not place.exists()
