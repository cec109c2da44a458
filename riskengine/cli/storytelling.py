"""A story in the forms in which the command line gives it: text, JSON, a page."""

from __future__ import annotations

import os
import secrets
import shutil
import sys
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from riskengine.cli.stored_trials import StoredTrial
from riskengine.cli.streams import tables_text
from riskengine.errors import RunFault
from riskengine.reports.story.page import story_page
from riskengine.reports.story.story import Story, story_document
from riskengine.reports.story.tables import story_tables, sum_line
from riskengine.reports.story.text import timeline_text, wrapped
from riskengine.reports.tables.numbers import significant, with_unit
from riskengine.reports.tables.table import printable
from riskengine.store import disk
from riskengine.store.results import StoredResults, to_json

_PIPE_WIDTH = 100
_WIDEST = 120  #: lines that are longer are hard to read on any screen
_CHECKED = "The trial was played again; its figures are those stored in the results, to the bit."
_REMARK = "Moves of a shortage or of lost output by less than 10 points: see the steps in --json."


@dataclass(frozen=True, slots=True)
class Telling:
    """A stored trial and its story."""

    stored: StoredResults
    chosen: StoredTrial
    story: Story

    @property
    def facts(self) -> list[str]:
        """Which trial this is, and of which run."""
        story, trials = self.story, self.stored.manifest["trials"]
        which = f"Trial {story.trial:,}"
        if self.chosen.reason:
            which += f": {self.chosen.reason}"
        loss = with_unit(significant(story.losses.total), story.money)
        return [
            which,
            f"Loss {loss} over {story.horizon_days:g} days; one of {trials:,} trials, "
            f"seed {story.seed}",
        ]

    def text(self, page: str | None) -> str:
        """For people at a terminal or behind a pipe."""
        on_terminal = sys.stdout.isatty()
        width = min(shutil.get_terminal_size().columns, _WIDEST) if on_terminal else _PIPE_WIDTH
        parts = [
            "\n".join(printable(line) for line in [self.story.title, *self.facts]),
            f"What happened\n{timeline_text(self.story, width)}",
            _REMARK if self.story.events else "",
            tables_text(story_tables(self.story)),
            "\n".join([*wrapped(printable(sum_line(self.story)), width), _CHECKED]),
            f"Page: {page}" if page is not None else "",
        ]
        return "\n\n".join(part for part in parts if part)

    def page(self) -> str:
        """One HTML page that needs nothing else."""
        return story_page(self.story, self.facts, _CHECKED)

    def document(self) -> str:
        """One JSON document."""
        content = {"folder": str(self.stored.folder), "reason": self.chosen.reason}
        # Escaped to ASCII: a program reads it the same through any encoding of the terminal.
        return to_json({**story_document(self.story), **content}, ascii_only=True).rstrip("\n")


def write_page(path: str, page: str) -> None:
    """Write a page in place of what is there, or leave that as it was.

    Raises
    ------
    RunFault
        When it cannot be written.
    """
    target = Path(path)
    fresh = target.with_name(f".{secrets.token_hex(8)}.new")
    try:
        with disk.new_file(fresh) as file:
            file.write(page.encode(errors="backslashreplace"))
        os.replace(fresh, target)
    except OSError as error:
        with suppress(OSError):
            os.unlink(fresh)
        raise RunFault(f"the page could not be written to {path}: {error.strerror}") from error
