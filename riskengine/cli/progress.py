"""The progress bar: on stderr, and only if that is a terminal."""

from __future__ import annotations

import os
import sys
from contextlib import ExitStack
from types import TracebackType
from typing import TYPE_CHECKING

from riskengine.cli.streams import remark_on_cache, say_time

if TYPE_CHECKING:
    from rich.progress import Progress

    from riskengine.verbs.progress import ProgressCount


class ProgressBar:
    """Shows the progress of a verb within a `with` block; called with each `ProgressCount`.

    Before the first trial it prints remarks on stderr: if the trials will take long, and if
    compiled code is not kept.

    Parameters
    ----------
    wanted : bool
        Whether to show a bar at all.
    remarks : bool
        Whether to print a remark on the cache.
    keeps_rows : bool
        Whether the files will hold every trial.
    """

    def __init__(self, *, wanted: bool, remarks: bool, keeps_rows: bool = False) -> None:
        self._wanted = wanted and _is_watched()
        self._remarks = remarks
        self._keeps_rows = keeps_rows
        self._shown = ExitStack()
        self._bar: Progress | None = None

    def __enter__(self) -> ProgressBar:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._shown.close()

    def __call__(self, count: ProgressCount) -> None:
        if count.done == 0:
            self._begin(count)
        elif self._bar is not None:
            playing = f"Playing {count.name}".strip()
            self._bar.update(self._bar.task_ids[0], completed=count.done, description=playing)
        if count.done == count.total:
            self._shown.close()

    def _begin(self, count: ProgressCount) -> None:
        remark_on_cache(wanted=self._remarks)
        self._remarks = False  # only once, for any number of bars
        say_time(count.trials, keeps_rows=self._keeps_rows)
        if self._wanted and count.total:
            self._bar = self._shown.enter_context(_bar(count.unit))
            waiting = "Getting ready; a first run compiles for half a minute"
            self._bar.add_task(waiting, total=count.total)


def _is_watched() -> bool:
    return sys.stderr.isatty() and os.environ.get("TERM") not in ("dumb", "unknown")


def _bar(unit: str) -> Progress:
    from rich.console import Console
    from rich.progress import BarColumn, Progress, ProgressColumn, Task, TextColumn
    from rich.progress import TimeRemainingColumn as TimeLeft
    from rich.text import Text

    class Speed(ProgressColumn):
        """The column with the number finished per second."""

        def render(self, task: Task) -> Text:
            speed = task.finished_speed or task.speed
            return Text(f"{speed:,.{0 if speed >= 100 else 1}f} {unit}/s" if speed else "")

    # A console of its own on stderr: on stdout the last frame would end up in a pipe.
    columns = (
        TextColumn("{task.description}"),
        TextColumn("{task.completed:,.0f} of {task.total:,.0f} " + unit),
        BarColumn(),
        Speed(),
        TimeLeft(),
    )
    return Progress(*columns, console=Console(stderr=True), transient=True)
