"""The progress bar: on stderr, and only when somebody is there to see it."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def progress_bar(trials: int, *, wanted: bool) -> Iterator[Callable[[int], None] | None]:
    """Show how far a run is, for the length of a block.

    Yields
    ------
    callable or None
        To be called with the number of trials finished; None when nothing is shown.
    """
    if not (wanted and sys.stderr.isatty() and os.environ.get("TERM") not in ("dumb", "unknown")):
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, ProgressColumn, Task, TextColumn
    from rich.progress import TimeRemainingColumn as TimeLeft
    from rich.text import Text

    class Speed(ProgressColumn):
        """Trials a second."""

        def render(self, task: Task) -> Text:
            speed = task.finished_speed or task.speed
            return Text(f"{speed:,.0f} trials/s" if speed else "")

    # On its own console: on stdout, the last frame would land in a pipe.
    columns = (
        TextColumn("{task.description}"),
        TextColumn("{task.completed:,.0f} of {task.total:,.0f} trials"),
        BarColumn(),
        Speed(),
        TimeLeft(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("Getting ready; a first run compiles for some seconds", total=trials)
        yield lambda done: bar.update(task, completed=done, description="Playing")
