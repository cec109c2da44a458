"""What `riskengine explain` prints."""

from __future__ import annotations

import shutil
import sys

from riskengine.cli.streams import tables_text
from riskengine.errors import escaped
from riskengine.reports.story.shown import story_tables, sum_line, timeline_text, wrapped
from riskengine.reports.story.story import story_document
from riskengine.store.documents import to_json
from riskengine.verbs.explain import CHECKED, ExplainedTrial

_PIPE_WIDTH = 100
_WIDEST = 120  #: lines that are longer are hard to read on any screen
_REMARK = "Moves of a shortage or of lost output by less than 10 points: see the steps in --json."


def explain_answer(explained: ExplainedTrial, page: str | None, *, as_json: bool) -> str:
    """A story for people at a terminal or behind a pipe, or one JSON document."""
    story = explained.story
    if as_json:
        chosen = {"folder": str(explained.stored.folder), "reason": explained.chosen.reason}
        return to_json({**story_document(story), **chosen}, ascii_only=True).rstrip("\n")
    on_terminal = sys.stdout.isatty()
    width = min(shutil.get_terminal_size().columns, _WIDEST) if on_terminal else _PIPE_WIDTH
    parts = [
        "\n".join(escaped(line) for line in [story.title, *explained.facts]),
        f"What happened\n{timeline_text(story, width)}",
        _REMARK if story.events else "",
        tables_text(story_tables(story)),
        "\n".join([*wrapped(escaped(sum_line(story)), width), CHECKED]),
        f"Page: {page}" if page is not None else "",
    ]
    return "\n\n".join(part for part in parts if part)
