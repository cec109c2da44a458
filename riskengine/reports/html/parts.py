"""Pieces of a page: text that stays text, tables, and charts with words and numbers around them.

Markup has a type of its own, `Html`. Only this module and `charts` make it. `text` and `named` make
it from plain words, which they escape; the other parts make it from other markup. A part takes
`Html`, so mypy refuses plain words in its place; at run time they would be escaped.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from html import escape
from itertools import pairwise
from typing import NamedTuple

from riskengine.language.speaking import say, spoken
from riskengine.model.notices import Notice
from riskengine.model.spelling import legible
from riskengine.reports.html.style import STYLE
from riskengine.reports.screen import width_of
from riskengine.reports.tables.table import Table
from riskengine.reports.tables.words import NOTHING_TO_NOTE

# With it the browser refuses scripts, images, fonts and connections, whatever a name contains.
POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"


_SENTENCE = 40  #: columns: a longer cell is a text, which needs a wide column
_WORD = 22  #: columns: a longer word, such as a hash, may be broken anywhere
_HOLDERS = [chr(0xFDD0 + k) for k in range(32)]  #: no characters: they hold the place of markup
_HELD = re.compile("[\ufdd0-\ufdef]")


class Html(str):
    """Markup that a browser may show as it is."""

    __slots__ = ()


def text(*pieces: str) -> Html:
    """Words as text, whatever they contain; pieces that are `Html` already stay as they are.

    >>> text("a < b & c, 95 %")
    'a &lt; b &amp; c, 95&nbsp;%'
    >>> text("mostly ", named("<b>"), ".")
    'mostly <bdi>&lt;b&gt;</bdi>.'
    """
    if spoken().code == "en":
        return Html("".join(p if isinstance(p, Html) else _escaped(p) for p in pieces))
    return _told(pieces)


def _told(pieces: Sequence[str]) -> Html:
    """The whole text in the language that is spoken, its markup moved to where it then belongs."""
    markup = [piece for piece in pieces if isinstance(piece, Html)]
    is_held = any(_HELD.search(piece) for piece in pieces)
    if len(markup) in (0, len(pieces)) or len(markup) > len(_HOLDERS) or is_held:
        return Html("".join(p if isinstance(p, Html) else _escaped(say(p)) for p in pieces))
    holders = iter(_HOLDERS)
    words = "".join(next(holders) if isinstance(p, Html) else p for p in pieces)
    return Html(
        "".join(
            markup[_HOLDERS.index(piece)] if _HELD.fullmatch(piece) else _escaped(piece)
            for piece in re.split(f"({_HELD.pattern})", say(words))
        )
    )


def _escaped(words: str) -> str:
    """Words without markup or characters that turn the direction; `95 %` stays on one line."""
    return escape(legible(words)).replace(" %", "&nbsp;%")


def element(tag: str, *inner: Html, **attributes: str) -> Html:
    """An element with its attributes.

    Parameters
    ----------
    tag : str
        Its name, from the code.
    *inner : Html
        What it holds.
    **attributes : str
        Any text. `class_` is `class`, `aria_label` is `aria-label`; empty attributes are left out.

    >>> element("p", text("a & b"), class_="remark", aria_label='"quoted"')
    '<p class="remark" aria-label="&quot;quoted&quot;">a &amp; b</p>'
    """
    given = (
        f' {name.rstrip("_").replace("_", "-")}="{_escaped(value)}"'
        for name, value in attributes.items()
        if value
    )
    return Html(f"<{tag}{''.join(given)}>{text(*inner)}</{tag}>")


def joined(parts: Iterable[Html], between: str = "") -> Html:
    """Parts one after the other, with `between` between each two."""
    return Html(escape(between).join(text(part) for part in parts))


class Section(NamedTuple):
    """A section of a page."""

    key: str  #: to which the table of contents links
    heading: str
    parts: Iterable[Html]
    listed: str = ""  #: in the table of contents, where the heading is too long for it


def document(
    title: str,
    *,
    facts: Iterable[Html],
    sections: Iterable[Section],
    has_contents: bool = True,
    style: str = STYLE,
) -> Html:
    """A whole page. Every page is made here, so that all have the same content policy.

    Parameters
    ----------
    title : str
        Plain text, or what the page is called if its subject has no name.
    facts : iterable of Html
        Lines under the title.
    sections : iterable of Section
        In order; one without parts is left out.
    has_contents : bool
        Whether there is a table of contents under the title.
    style : str
        CSS, from the code.
    """
    found = [each for each in (s._replace(parts=list(s.parts)) for s in sections) if each.parts]
    items = [element("li", link(each.key, each.listed or each.heading)) for each in found]
    contents = element("nav", element("ul", *items), aria_label=say("Contents"))
    to_answer = element("a", text("To the answer"), class_="skip", href=f"#{found[0].key}")
    title = say(title)
    parts = [
        f'<!doctype html>\n<html lang="{spoken().code}">\n<head>\n<meta charset="utf-8">',
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        '<meta name="color-scheme" content="light dark">',
        f"{element('title', text(title))}\n<style>{style}{spoken().style}</style>\n</head>\n<body>",
        *([to_answer] if has_contents else []),
        f"<header>{element('h1', named(title))}",
        *map(paragraph, facts),
        *([contents] if has_contents else []),
        "</header>\n<main>",
        *map(_section, found),
        "</main>\n</body>\n</html>\n",
    ]  # fmt: skip
    return Html("\n".join(parts))


def named(name: str) -> Html:
    """A name inside a sentence; its script does not change the direction of the sentence."""
    return element("bdi", Html(_escaped(name)))


def strong(words: str) -> Html:
    return element("strong", text(words))


def link(key: str, words: str) -> Html:
    """Words that lead to a section of the same page."""
    return element("a", text(words), href=f"#{key}")


def subheading(words: str) -> Html:
    return element("h3", text(words))


def paragraph(html: Html, mark: str = "") -> Html:
    return element("p", html, class_=mark)


def paragraphs(sentences: Iterable[str]) -> Iterator[Html]:
    """Each sentence as a paragraph of its own."""
    return (paragraph(text(sentence)) for sentence in sentences)


def remark(words: str) -> Html:
    """What to know about the figures above, in smaller letters."""
    return paragraph(text(words), "remark")


def bullets(items: Iterable[Html], mark: str = "notes") -> Html:
    """A list of sentences."""
    return element("ul", *(element("li", item) for item in items), class_=mark)


def remarks(messages: Iterable[str]) -> Html:
    """What to note, or that there is nothing."""
    found = [text(message) for message in messages]
    return bullets(found) if found else paragraph(text(NOTHING_TO_NOTE))


def noted(notices: Sequence[Notice]) -> Iterator[Html]:
    """What to note; nothing where there is nothing."""
    if notices:
        yield bullets(text(notice.message) for notice in notices)


def cards(entries: Iterable[tuple[str, str, str]]) -> Html:
    """Large figures side by side: each entry is a heading, the figure and its meaning."""
    return element("dl", *(_card(*entry) for entry in entries), class_="cards")


def _card(label: str, value: str, meaning: str) -> Html:
    shown_value = element("dd", element("b", text(value)), element("span", text(meaning)))
    return element("div", element("dt", text(label)), shown_value)


def _section(section: Section) -> Html:
    heading = f"{section.key}-heading"
    title = element("h2", text(section.heading), id=heading)
    body = joined([title, *section.parts], "\n")
    return element("section", body, id=section.key, aria_labelledby=heading)


def figure(drawn: Html, caption: Html, numbers: Sequence[Table] = ()) -> Html:
    """A chart with its caption, and the same in numbers for readers who want them."""
    whole = element("figure", drawn, element("figcaption", caption))
    tables = joined(map(table_html, numbers))
    return text(whole, folded("In numbers", tables, mark="numbers")) if tables else whole


def panels(drawn: Iterable[Html]) -> Html:
    return element("div", *drawn, class_="panels")


def legend(entries: Mapping[str, str]) -> Html:
    """What the colours mean: the class of a swatch -> words."""
    items = (
        element("li", element("span", class_=f"swatch {mark}"), text(words))
        for mark, words in entries.items()
    )
    return element("ul", *items, class_="legend", aria_hidden="true")


def folded(summary: str, html: Html, *, mark: str = "") -> Html:
    """Content that is hidden until the reader opens it."""
    return element("details", element("summary", text(summary)), html, class_=mark)


def table_html(table: Table) -> Html:
    """A table that scrolls on its own where the screen is too narrow, also with the keyboard."""
    sides = ["left" if column.is_text else "right" for column in table.columns]
    head = (
        element("th", text(column.heading), scope="col", class_=side)
        for column, side in zip(table.columns, sides, strict=True)
    )
    whole = element(
        "table",
        element("caption", element("span", text(table.title))),
        element("thead", element("tr", *head)),
        element("tbody", *(_row(*cells, sides) for cells in pairwise([[""], *table.shown()]))),
    )
    scrolled = element(
        "div", whole, class_="scroll", role="region", tabindex="0", aria_label=say(table.title)
    )
    return text(scrolled, paragraph(text(table.remark), "remark")) if table.remark else scrolled


def _row(above: Sequence[str], cells: Sequence[str], sides: Sequence[str]) -> Html:
    marks = [" ".join([side, *_shape(cell)]) for cell, side in zip(cells, sides, strict=True)]
    rest = (
        element("td", named(cell), class_=mark)
        for cell, mark in zip(cells[1:], marks[1:], strict=True)
    )
    # A long text that stands in the row above already takes one line.
    again = " again" if "prose" in marks[0] and cells[0] == above[0] else ""
    first = element("th", named(cells[0]), scope="row", class_=f"{marks[0]}{again}")
    return element("tr", first, *rest)


def _shape(cell: str) -> Iterator[str]:
    """What the style has to know of a text to give it room: its length, and that of its parts."""
    if width_of(cell) > _SENTENCE:
        yield "prose"
    if max(map(width_of, re.split(r"[\s-]", cell))) > _WORD:
        yield "unbroken"


def told(words: str, *tables: Table, nothing: str = "") -> list[Html]:
    """A paragraph with tables below it; the sentence `nothing` if the first table has no rows."""
    if not tables[0].rows:
        return [paragraph(text(nothing))]
    return [paragraph(text(words)), *map(table_html, tables)]


def notebook_part(title: str, tables: Iterable[Table], notices: Sequence[Notice]) -> Html:
    """A heading, the tables and the notices for a notebook, which lacks the style of our pages."""
    style = ".riskengine .right { text-align: right; } .riskengine .left { text-align: left; }"
    parts = [element("style", text(style)), subheading(title), *map(table_html, tables)]
    if notices:
        parts += [paragraph(text("Please note:")), *noted(notices)]
    return element("div", joined(parts, "\n"), class_="riskengine")
