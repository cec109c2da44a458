"""The two streams: answers go to stdout, everything else to stderr."""

from __future__ import annotations

import io
import os
import shutil
import sys
from collections.abc import Sequence

from riskengine.errors import RunFault
from riskengine.report.tables import Table, printable


def use_any_encoding() -> None:
    """Names may be in any script: what a terminal cannot show is escaped, not a crash."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def answer(text: str) -> None:
    """Print the answer of a command.

    A reader that has seen enough (`| head -1`) is not a fault.

    Raises
    ------
    RunFault
        If the text cannot be written, on a full disk for example.
    """
    try:
        sys.stdout.write(text + "\n")
        sys.stdout.flush()
    except BrokenPipeError:
        _silence_stdout()
    except OSError as error:
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


def tables_text(tables: Sequence[Table]) -> str:
    """Tables for stdout as it is: drawn on a terminal, plain elsewhere."""
    from riskengine.report.terminal import can_draw, drawn_text, plain_text, wants_colour

    if not can_draw(sys.stdout.isatty(), os.environ):
        return plain_text(tables)
    width = shutil.get_terminal_size().columns
    return drawn_text(tables, width=width, colour=wants_colour(os.environ))


def _silence_stdout() -> None:
    """Python flushes stdout once more at its end, and would fail again."""
    try:
        descriptor = sys.stdout.fileno()
    except (OSError, ValueError):
        return
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, descriptor)
    os.close(nowhere)
