"""Markup has a type of its own: whatever a name holds, a page shows it as text."""

from __future__ import annotations

import ast
import subprocess
import sys
from html import unescape
from html.parser import HTMLParser
from pathlib import Path
from typing import cast

import pytest

import riskengine
from riskengine.reports.html.charts import Pen, both_sizes, chart_pair, panel
from riskengine.reports.html.parts import (
    Html,
    Section,
    bullets,
    cards,
    document,
    element,
    figure,
    folded,
    joined,
    legend,
    link,
    named,
    notebook_part,
    panels,
    paragraph,
    strong,
    subheading,
    table_html,
    text,
)
from riskengine.reports.tables.table import Table
from riskengine.reports.tables.table import text as text_column

HOSTILE = "\"'><script>alert(1)</script><img src=x onerror=alert(1)>&amp; <b"
PAGES = sorted((Path(riskengine.__file__).parent / "reports").rglob("*.py"))
TABLE = Table(
    key="t", title=HOSTILE, columns=[text_column("c", HOSTILE)], rows=[[HOSTILE]], remark=HOSTILE
)


def draw(pen: Pen) -> None:
    pen.name(HOSTILE)


class _Reader(HTMLParser):
    """Elements, names of attributes and text, as a browser would find them."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.values: list[str] = []
        self.words = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        self.values += [value or "" for _, value in attrs]

    def handle_data(self, data: str) -> None:
        self.words += data


@pytest.mark.parametrize(
    "html",
    [
        text(HOSTILE),
        text(named("x"), HOSTILE),
        named(HOSTILE),
        strong(HOSTILE),
        subheading(HOSTILE),
        link("notes", HOSTILE),
        bullets([text(HOSTILE)]),
        cards([(HOSTILE, HOSTILE, HOSTILE)]),
        folded(HOSTILE, text(HOSTILE)),
        joined([text("a"), text("b")], HOSTILE),
        legend({"blue": HOSTILE}),
        table_html(TABLE),
        figure(text(HOSTILE), text(HOSTILE), [TABLE]),
        panels([panel("k", HOSTILE, HOSTILE, draw)]),
        both_sizes("k", HOSTILE, (50.0, 50.0), draw),
        chart_pair([("k", HOSTILE, draw)], 50.0, 50.0),
        element("p", text(HOSTILE), title=HOSTILE),
        document(
            HOSTILE,
            facts=[text(HOSTILE)],
            sections=[Section("a", HOSTILE, [text(HOSTILE)], HOSTILE)],
        ),
        notebook_part(HOSTILE, [TABLE], []),
    ],
)
def test_a_hostile_name_stays_text_in_every_part(html: Html) -> None:
    found = _Reader(html)
    assert not found.tags & {"script", "img"}
    assert "onerror" not in found.attributes
    assert any("<script>alert(1)" in shown for shown in [found.words, *found.values])


def test_an_attribute_holds_any_text_whole() -> None:
    html = element("p", text("words"), title=HOSTILE)
    assert _Reader(html).values == [HOSTILE]
    assert unescape(html.split('title="')[1].split('"')[0]) == HOSTILE


def test_markup_is_never_escaped_twice() -> None:
    assert text(named("a & b"), ": c & d") == "<bdi>a &amp; b</bdi>: c &amp; d"
    assert paragraph(text("a & b")) == "<p>a &amp; b</p>"


def test_plain_words_in_place_of_markup_become_text_even_where_mypy_did_not_look() -> None:
    assert paragraph(cast("Html", "<script>")) == "<p>&lt;script&gt;</p>"
    assert "<script>" not in document(
        "", facts=[], sections=[Section("a", "", [cast("Html", "<script>")])]
    )


@pytest.mark.processes
def test_mypy_refuses_plain_words_in_place_of_markup(tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.py"
    wrong.write_text(
        "from riskengine.reports.html.parts import Html, paragraph, text\n"
        "paragraph(text('a', 'b'))\n"
        "paragraph('<b>name</b>')\n"
        "found: Html = f'<b>{text(\"a\")}</b>'\n"
    )
    # Without a folder of its own for the cache: what mypy knows of the package takes a minute.
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", str(wrong)], cwd=PAGES[0].parents[2],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    refused = [line.split(":")[1] for line in done.stdout.splitlines() if " error: " in line]
    assert refused == ["3", "4"], done.stdout


def test_markup_is_made_in_one_folder_alone() -> None:
    makers = set()
    for path in PAGES:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            is_call = isinstance(node, ast.Call) and ast.unparse(node.func).endswith("Html")
            # An empty one is no markup: a section that has nothing to show.
            if is_call and (node.args or node.keywords):  # type: ignore[attr-defined]
                makers.add(f"{path.parent.name}/{path.name}")
    assert makers == {"html/charts.py", "html/parts.py"}


def test_a_cell_says_whether_it_is_a_text_and_whether_it_may_be_broken_anywhere() -> None:
    long = "a text that is far longer than a name can be"
    cells = ["light-rare-earths", "light-rare-earths", long, long, "0" * 64]
    columns = [text_column("cell", "Cell", lambda row: row)]
    html = table_html(Table(key="k", columns=columns, rows=cells))
    marks = ["left", "left", "left prose", "left prose again", "left prose unbroken"]
    assert [row.split('class="')[1].split('"')[0] for row in html.split("<tr>")[2:]] == marks
