"""The two streams: answers go to stdout, everything else to stderr."""

from __future__ import annotations

import io
import os
import shlex
import shutil
import sys
from collections.abc import Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

from riskengine.errors import RunFault

if TYPE_CHECKING:
    from riskengine.reports.tables.table import Table


def prepare_streams() -> None:
    """Give the process all three streams, and let them accept names in any script.

    A stream that the shell closed (`>&-`) is connected to the null device. Otherwise the next file
    opened would get its number, and anything a library prints would be written into the results.
    Characters that a terminal cannot show are escaped instead of raising an error.
    """
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            _point_nowhere(number)
    sys.stdout = sys.stdout or open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115
    sys.stderr = sys.stderr or open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def answer(text: str) -> None:
    """Print the answer of a command.

    It is not a fault if the reader has seen enough (`| head -1`) or the stream is closed (`>&-`).

    Raises
    ------
    RunFault
        If the text cannot be written, for example on a full disk.
    """
    try:
        sys.stdout.write(text + "\n")
        sys.stdout.flush()
    except BrokenPipeError:
        silence_stdout()
    except OSError as error:
        silence_stdout()
        raise RunFault(f"the answer could not be printed: {error.strerror}") from error


def say(text: str) -> None:
    """Print a message for the user; names in it cannot send control sequences to the terminal."""
    from riskengine.errors import escaped

    lines = [escaped(line) for line in text.split("\n")]
    try:
        sys.stderr.write("\n".join(lines) + "\n")
        sys.stderr.flush()
    except OSError:
        # No stream is left on which to report the failure.
        return


def say_time(trials: int, *, keeps_rows: bool = False) -> None:
    """Say how long a number of trials may take; nothing for a run of usual size."""
    from riskengine.model.notices import time_notices

    for notice in time_notices(trials, keeps_rows=keeps_rows):
        say(f"Please note: {notice.message}")


def remark_on_cache(*, wanted: bool) -> None:
    """Explain why every start compiles, if other users could change the cache.

    A verb calls this before it runs trials; `wanted` is false if the output is for a program.
    """
    from riskengine.machine.cache import refused

    place = refused() if wanted else None
    if place is not None:
        say(
            f"Please note: another user could change {place}, so compiled code is not kept there "
            "and every start takes a quarter of a minute longer. Close the folder (chmod go-w "
            f"{shlex.quote(str(place))}), or set NUMBA_CACHE_DIR to a folder of your own."
        )


def tables_text(tables: Sequence[Table]) -> str:
    """Tables in the form that suits stdout: with lines on a terminal, plain elsewhere."""
    from riskengine.reports.screen import can_draw, drawn_text, plain_text, wants_colour

    if not can_draw(sys.stdout.isatty(), os.environ):
        return plain_text(tables)
    width = shutil.get_terminal_size().columns
    return drawn_text(tables, width=width, colour=wants_colour(os.environ))


def silence_stdout() -> None:
    """Discard further output: Python flushes stdout once more at exit, and would fail again."""
    with suppress(OSError, ValueError):
        _point_nowhere(sys.stdout.fileno())


def _point_nowhere(number: int) -> None:
    nowhere = os.open(os.devnull, os.O_RDWR)
    if nowhere != number:
        os.dup2(nowhere, number)
        os.close(nowhere)
