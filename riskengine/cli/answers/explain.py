"""What `riskengine explain` prints."""

from __future__ import annotations

import shutil
import sys
from typing import Any

from riskengine.cli.streams import tables_text
from riskengine.errors import escaped
from riskengine.reports.story.beside import Beside, beside_tables, beside_text, sum_lines
from riskengine.reports.story.shown import story_tables, sum_line, timeline_text, wrapped
from riskengine.reports.story.story import story_document
from riskengine.store.documents import to_json
from riskengine.verbs.explain import ExplainedTrial

_PIPE_WIDTH = 100
_WIDEST = 120  #: lines that are longer are hard to read on any screen
_REMARK = "Moves of a shortage or of lost output by less than 10 points: see the steps in --json."


def explain_answer(explained: ExplainedTrial, page: str | None, *, as_json: bool) -> str:
    """A story for people at a terminal or behind a pipe, or one JSON document."""
    story = explained.story
    if as_json:
        chosen = {"folder": str(explained.folder), "reason": explained.chosen.reason}
        whole = {**story_document(story), **chosen, **_bought(explained.beside)}
        return to_json(whole, ascii_only=True).rstrip("\n")
    on_terminal = sys.stdout.isatty()
    width = min(shutil.get_terminal_size().columns, _WIDEST) if on_terminal else _PIPE_WIDTH
    beside = explained.beside
    timeline = beside_text(beside, width) if beside else timeline_text(story, width)
    sums = sum_lines(beside) if beside else [sum_line(story)]
    closing = [
        line for each in (*sums, explained.checked) for line in wrapped(escaped(each), width)
    ]
    parts = [
        "\n".join(escaped(line) for line in [story.title, *explained.facts]),
        f"What happened\n{timeline}",
        _REMARK if story.events else "",
        tables_text(beside_tables(beside) if beside else story_tables(story)),
        "\n".join(closing),
        f"Page: {page}" if page is not None else "",
    ]
    return "\n\n".join(part for part in parts if part)


def _bought(beside: Beside | None) -> dict[str, Any]:
    """The same trial with a portfolio, as plain data for JSON."""
    if beside is None:
        return {}
    return {
        "portfolio": beside.portfolio,
        "cost": beside.cost,
        "with": story_document(beside.bought),
    }
