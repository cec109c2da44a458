"""The two streams: answers go to stdout, everything else to stderr."""

from __future__ import annotations

import io
import os
import shlex
import shutil
import sys
from collections.abc import Sequence
from contextlib import suppress

from riskengine.errors import RunFault
from riskengine.reports.tables.table import Table, printable


def prepare_streams() -> None:
    """Give the process all three streams, and let them take names in any script.

    A stream that the shell closed (`>&-`) goes nowhere. Its number would otherwise be that of the
    next file that is opened, and whatever a library prints would be written into the results.
    What a terminal cannot show is escaped, not a crash.
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

    A reader that has seen enough (`| head -1`), or a closed stream (`>&-`), is not a fault.

    Raises
    ------
    RunFault
        If the text cannot be written, on a full disk for example.
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
    """Print a message for the person at the terminal; names in it cannot steer the terminal."""
    lines = [printable(line) for line in text.split("\n")]
    try:
        sys.stderr.write("\n".join(lines) + "\n")
        sys.stderr.flush()
    except OSError:
        # There is nowhere left to complain to.
        return


def say_time(trials: int, *, keeps_rows: bool = False) -> None:
    """Say before so many trials are played how long they may take; nothing of a usual run."""
    from riskengine.model.notices import time_notices

    for notice in time_notices(trials, keeps_rows=keeps_rows):
        say(f"Please note: {notice.message}")


def remark_on_cache(*, wanted: bool) -> None:
    """Say why every start compiles, where other users could change what is kept.

    For a verb that plays trials, before it does; `wanted` is false where it answers a program.
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
    """Tables for stdout as it is: drawn on a terminal, plain elsewhere."""
    from riskengine.reports.screen import can_draw, drawn_text, plain_text, wants_colour

    if not can_draw(sys.stdout.isatty(), os.environ):
        return plain_text(tables)
    width = shutil.get_terminal_size().columns
    return drawn_text(tables, width=width, colour=wants_colour(os.environ))


def silence_stdout() -> None:
    """Python flushes stdout once more at its end, and would fail again."""
    with suppress(OSError, ValueError):
        _point_nowhere(sys.stdout.fileno())


def _point_nowhere(number: int) -> None:
    nowhere = os.open(os.devnull, os.O_RDWR)
    if nowhere != number:
        os.dup2(nowhere, number)
        os.close(nowhere)
