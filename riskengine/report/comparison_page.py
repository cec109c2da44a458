"""Two runs beside each other as one self-contained page: no script, nothing from the network."""

from __future__ import annotations

from html import escape

from riskengine.report.comparison import Comparison
from riskengine.report.markup import html_page_part
from riskengine.report.tables import printable

_STYLE = """
:root { color-scheme: light dark; --line: #c8ccd4; --soft: #59616e; --paper: #fff; --ink: #1a1d23; }
@media (prefers-color-scheme: dark) { :root { --line: #3d434e; --soft: #a2abb9; --paper: #16181d;
  --ink: #e8eaee; } }
body { max-width: 72rem; margin: 2rem auto; padding: 0 1rem; background: var(--paper);
  color: var(--ink); font: 16px/1.5 system-ui, "Segoe UI", "Noto Sans", sans-serif; }
h1 { margin-bottom: 0; font-size: 1.5rem; }
h3 { margin: 2rem 0 0.5rem; font-size: 1.15rem; }
.facts, p { color: var(--soft); margin: 0.2rem 0; overflow-wrap: anywhere; }
table { border-collapse: collapse; margin: 1rem 0 0.3rem; font-variant-numeric: tabular-nums; }
caption { text-align: left; font-weight: 600; padding: 0.3rem 0; }
th, td { padding: 0.2rem 0.9rem 0.2rem 0; border-bottom: 1px solid var(--line); }
tr { break-inside: avoid; }
@media print { :root { color-scheme: light; --paper: #fff; --ink: #000; --soft: #333;
  --line: #999; } body { margin: 0; max-width: none; font-size: 9pt; } }
"""
_POLICY = "default-src 'none'; style-src 'unsafe-inline'"


def comparison_page(comparison: Comparison) -> str:
    """The page, as HTML; every text in it is escaped."""
    title = _text(comparison.title)
    notices = [f"<li>{_text(notice.message)}</li>" for notice in comparison.notices]
    parts = [
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">',
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<title>{title}: comparison</title>",
        f"<style>{_STYLE}</style>\n</head>\n<body>",
        f'<h1 dir="auto">{title}</h1>',
        *(f'<p class="facts">{_text(line)}</p>' for line in comparison.lines()),
        html_page_part("B against A", comparison.tables(), []),
        *(["<p>Please note:</p>", "<ul>", *notices, "</ul>"] if notices else []),
        "</body>\n</html>\n",
    ]
    return "\n".join(parts)


def _text(text: str) -> str:
    """Any text as text: no markup, and nothing that turns the direction of what follows."""
    return escape(printable(text))
