"""A story as one self-contained page: no script, nothing from the network, fit for print."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape
from itertools import groupby
from typing import TYPE_CHECKING

from riskengine.report.markup import html_page_part
from riskengine.report.story_tables import story_tables, sum_line
from riskengine.report.tables import printable

if TYPE_CHECKING:
    from riskengine.report.story import Event, Story
    from riskengine.report.story_calendar import Calendar

_STYLE = """
:root { color-scheme: light dark; --line: #c8ccd4; --soft: #59616e; --bad: #b35900; --good: #1f5fa8;
  --paper: #fff; --ink: #1a1d23; }
@media (prefers-color-scheme: dark) { :root { --line: #3d434e; --soft: #a2abb9; --bad: #ffb066;
  --good: #8abaff; --paper: #16181d; --ink: #e8eaee; } }
body { max-width: 62rem; margin: 2rem auto; padding: 0 1rem; background: var(--paper);
  color: var(--ink); font: 16px/1.5 system-ui, "Segoe UI", "Noto Sans", sans-serif; }
h1 { margin-bottom: 0; font-size: 1.5rem; }
h2, h3 { margin: 2rem 0 0.5rem; font-size: 1.15rem; }
.facts, p { color: var(--soft); }
.facts { margin: 0.2rem 0; }
ol { list-style: none; margin: 0; padding: 0; }
ol > li { display: grid; grid-template-columns: 13rem 1fr; gap: 1rem; padding: 0.4rem 0;
  border-top: 1px solid var(--line); break-inside: avoid; }
time, .day { color: var(--soft); font-variant-numeric: tabular-nums; }
ul { margin: 0; padding: 0; list-style: none; }
ul li { padding-left: 0.7rem; border-left: 3px solid var(--line); overflow-wrap: anywhere; }
ul li.bad { border-color: var(--bad); }
ul li.good { border-color: var(--good); }
table { border-collapse: collapse; margin: 1rem 0; font-variant-numeric: tabular-nums; }
caption { text-align: left; font-weight: 600; padding: 0.3rem 0; }
th, td { padding: 0.2rem 0.8rem 0.2rem 0; border-bottom: 1px solid var(--line); }
tr { break-inside: avoid; }
@media (max-width: 40rem) { ol > li { grid-template-columns: 1fr; gap: 0; } }
@media print { :root { color-scheme: light; --paper: #fff; --ink: #000; --soft: #333;
  --line: #999; } body { margin: 0; max-width: none; font-size: 10pt; } }
"""

# The side of a sentence is told by its border; its words say the same without colour.
_BAD = frozenset(
    {"outbreak", "entry", "escalation", "cut", "failed", "too-late", "emptied", "short", "shorter",
     "inventory", "hit", "worse", "stopped", "still-short", "still-hit"}
)  # fmt: skip
_GOOD = frozenset(
    {"easing", "resolved", "whole", "arrival", "less-short", "supplied", "substitution",
     "restarted", "better", "recovered"}
)  # fmt: skip


def story_page(story: Story, facts: Sequence[str], closing: str) -> str:
    """The page, as HTML.

    Parameters
    ----------
    story : Story
    facts : sequence of str
        Lines under the title: which trial this is, and of which run.
    closing : str
        A sentence under the tables.
    """
    title = _text(story.title)
    parts = [
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<title>{title}: trial {story.trial}</title>",
        f"<style>{_STYLE}</style>\n</head>\n<body>",
        f'<h1 dir="auto">{title}</h1>',
        *(f'<p class="facts">{_text(fact)}</p>' for fact in facts),
        "<h2>What happened</h2>",
        "<ol>",
        *moments(story.events, story.calendar),
        "</ol>",
        html_page_part("What it cost", story_tables(story), []),
        f"<p>{_text(sum_line(story))}</p>",
        f"<p>{_text(closing)}</p>",
        "</body>\n</html>\n",
    ]
    return "\n".join(parts)


def moments(events: Sequence[Event], calendar: Calendar) -> Iterator[str]:
    """List items, one a moment, with the sentences of all that happened in it."""
    if not events:
        yield "<li>Nothing happened: no dispute broke out.</li>"
    for label, together in groupby(events, key=lambda event: calendar.label(event.day)):
        sentences = "".join(map(_sentence, together))
        yield f'<li><span class="day">{label}</span><ul>{sentences}</ul></li>'


def _sentence(event: Event) -> str:
    side = "bad" if event.kind in _BAD else "good" if event.kind in _GOOD else ""
    mark = f' class="{side}"' if side else ""
    return f"<li{mark}>{_text(event.text)}</li>"


def _text(text: str) -> str:
    """Any text as text: no markup, and nothing that turns the direction of what follows."""
    return escape(printable(text)).replace(" %", "&nbsp;%")
