"""The progress bar: on stderr, and only when somebody is there to see it."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def progress_bar(
    total: int, *, wanted: bool, unit: str = "trials"
) -> Iterator[Callable[[int], None] | None]:
    """Show how far a run is, for the length of a block.

    Parameters
    ----------
    total : int
        How much there is to do.
    wanted : bool
        Whether a bar is asked for at all.
    unit : str
        What is counted.

    Yields
    ------
    callable or None
        To be called with the number finished so far; None when nothing is shown.
    """
    if not (wanted and sys.stderr.isatty() and os.environ.get("TERM") not in ("dumb", "unknown")):
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, ProgressColumn, Task, TextColumn
    from rich.progress import TimeRemainingColumn as TimeLeft
    from rich.text import Text

    class Speed(ProgressColumn):
        """How much a second."""

        def render(self, task: Task) -> Text:
            speed = task.finished_speed or task.speed
            return Text(f"{speed:,.{0 if speed >= 100 else 1}f} {unit}/s" if speed else "")

    # On its own console: on stdout, the last frame would land in a pipe.
    columns = (
        TextColumn("{task.description}"),
        TextColumn("{task.completed:,.0f} of {task.total:,.0f} " + unit),
        BarColumn(),
        Speed(),
        TimeLeft(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("Getting ready; a first run compiles for half a minute", total=total)
        yield lambda done: bar.update(task, completed=done, description="Playing")
