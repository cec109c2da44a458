"""Pieces of a page: text that stays text, tables, figures with words and numbers beside them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from html import escape

from riskengine.reports.html.charts import Draw, Size, chart, cut_to
from riskengine.reports.html.style import STYLE
from riskengine.reports.tables.table import Column, Table, words
from riskengine.reports.tables.words import legible

# The browser then refuses scripts, images, fonts and connections, whatever a name contains.
POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"

WIDE = 760.0  #: pixels: the widest a chart gets
NARROW = 350.0  #: a chart on a phone
_HEADING = 60  #: columns of a name above a small chart; tables have it whole
PANEL = 270.0  #: one of several small charts


def document(
    title: str,
    *,
    facts: Iterable[str],
    sections: Iterable[str],
    contents: Mapping[str, str] | None = None,
    style: str = STYLE,
) -> str:
    """A whole page. Every page is made here, so that all have the same content policy.

    Parameters
    ----------
    title : str
        Plain text.
    facts : iterable of str
        Lines of HTML under the title.
    sections : iterable of str
        HTML of the sections.
    contents : mapping, optional
        Key of a section to its words in the table of contents.
    style : str
        CSS.
    """
    links = "".join(
        f'<li><a href="#{key}">{words}</a></li>' for key, words in (contents or {}).items()
    )
    first = next(iter(contents or ()), "")
    parts = [
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">',
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        '<meta name="color-scheme" content="light dark">',
        f"<title>{text(title)}</title>\n<style>{style}</style>\n</head>\n<body>",
        *([f'<a class="skip" href="#{first}">To the answer</a>'] if first else []),
        f"<header><h1>{named(title)}</h1>",
        *(f"<p>{fact}</p>" for fact in facts),
        *([f'<nav aria-label="Contents"><ul>{links}</ul></nav>'] if links else []),
        "</header>\n<main>",
        *sections,
        "</main>\n</body>\n</html>\n",
    ]
    return "\n".join(parts)


def text(words: str) -> str:
    """Any text as text: no markup, and nothing that turns the direction of what follows."""
    return escape(legible(words)).replace(" %", "&nbsp;%")


def named(name: str) -> str:
    """A name inside a sentence, which its script cannot turn around."""
    return f"<bdi>{text(name)}</bdi>"


def strong(words: str) -> str:
    return f"<strong>{text(words)}</strong>"


def paragraph(html: str, mark: str = "") -> str:
    return f'<p class="{mark}">{html}</p>' if mark else f"<p>{html}</p>"


def section(key: str, heading: str, parts: Iterable[str]) -> str:
    """A part of the page that its contents point to."""
    body = "\n".join(parts)
    return (
        f'<section id="{key}" aria-labelledby="{key}-heading">\n'
        f'<h2 id="{key}-heading">{text(heading)}</h2>\n{body}\n</section>'
    )


def figure(drawn: str, caption: str, numbers: Sequence[Table] = ()) -> str:
    """A chart with its caption, and the same in numbers for those who want them."""
    inner = "".join(table_html(table) for table in numbers)
    alternative = folded("In numbers", inner, mark="numbers") if inner else ""
    return f"<figure>{drawn}<figcaption>{caption}</figcaption></figure>{alternative}"


def both_sizes(key: str, label: str, heights: tuple[float, float], draw: Draw) -> str:
    """A chart drawn twice, for a desk and for a phone: shrunk letters cannot be read."""
    wide = chart(f"{key}w-", label, Size(WIDE, heights[0]), draw)
    narrow = chart(f"{key}n-", label, Size(NARROW, heights[1]), draw)
    return f'<div class="wide">{wide}</div><div class="narrow">{narrow}</div>'


def panel(key: str, label: str, heading: str, draw: Draw, height: float = 160.0) -> str:
    """One of several small charts beside each other, with a heading of its own."""
    drawn = chart(f"{key}-", label, Size(PANEL, height), draw)
    return f'<div class="panel"><h3>{named(cut_to(heading, _HEADING))}</h3>{drawn}</div>'


def panels(drawn: Iterable[str]) -> str:
    return f'<div class="panels">{"".join(drawn)}</div>'


def legend(entries: Mapping[str, str]) -> str:
    """What the colours mean: the class of a swatch -> words."""
    items = "".join(
        f'<li><span class="swatch {mark}"></span>{text(words)}</li>'
        for mark, words in entries.items()
    )
    return f'<ul class="legend" aria-hidden="true">{items}</ul>'


def folded(summary: str, html: str, *, mark: str = "") -> str:
    """Something that is there for those who open it."""
    return f'<details class="{mark}"><summary>{text(summary)}</summary>{html}</details>'


def table_html(table: Table) -> str:
    """A table that scrolls by itself where the screen is too narrow, also with the keyboard."""
    sides = ["left" if column.is_text else "right" for column in table.columns]
    head = "".join(
        f'<th scope="col" class="{side}">{text(column.heading)}</th>'
        for column, side in zip(table.columns, sides, strict=True)
    )
    body = "".join(_row(cells, sides) for cells in table.shown())
    remark = paragraph(text(table.remark), "remark") if table.remark else ""
    return (
        f'<div class="scroll" role="region" tabindex="0" aria-label="{text(table.title)}">'
        f"<table><caption>{text(table.title)}</caption><thead><tr>{head}</tr></thead>"
        f"<tbody>{body}</tbody></table></div>{remark}"
    )


def _row(cells: Sequence[str], sides: Sequence[str]) -> str:
    first = f'<th scope="row" class="{sides[0]}"><bdi>{text(cells[0])}</bdi></th>'
    rest = "".join(
        f'<td class="{side}"><bdi>{text(cell)}</bdi></td>'
        for cell, side in zip(cells[1:], sides[1:], strict=True)
    )
    return f"<tr>{first}{rest}</tr>"


def chart_pair(charts: Sequence[tuple[str, str, Draw]], width: float, height: float) -> str:
    """Charts (key, label, how) beside each other, one below the other on a phone."""
    drawn = (chart(key, label, Size(width, height), draw) for key, label, draw in charts)
    return f'<div class="pair">{"".join(drawn)}</div>'


def shown(key: str, heading: str) -> Column:
    """A column of figures that are words already."""
    return words(key, heading)
