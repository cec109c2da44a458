"""What a page shows beside what was printed: the same, line by line, or new lines for the page."""

from __future__ import annotations

import re
from collections.abc import Sequence

_CHANGING = (
    (re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(\+00:00|Z)?"), "<moment>"),
    (re.compile(r"\b[0-9,.]+ seconds\b"), "<seconds> seconds"),
    (re.compile(r"\b[0-9a-f]{64}\b"), "<sha256>"),
)  # fmt: skip
_NUMBERS = re.compile(r"[<>]?[-+]?\d[\d,.]*")


def steady(line: str) -> str:
    """The line without what differs by machine and moment, and without blanks at its end."""
    for pattern, word in _CHANGING:
        line = pattern.sub(word, line)
    return line.rstrip()


def agree(shown: Sequence[str], given: Sequence[str]) -> bool:
    """Whether the lines of a page are those given; `...` stands for any number of lines.

    Parameters
    ----------
    shown : Sequence[str]
        The lines of the page.
    given : Sequence[str]
        The lines that were printed.
    """
    parts: list[list[str]] = [[]]
    for line in shown:
        if line.strip() == "...":
            parts.append([])
        else:
            parts[-1].append(steady(line))
    rest = _to_last_words([steady(line) for line in given])
    if len(parts) == 1:
        return rest == parts[0]
    first, *middle, last = parts
    if rest[: len(first)] != first:
        return False
    rest = rest[len(first) :]
    for part in middle:
        found = next((at for at in range(len(rest) + 1) if rest[at : at + len(part)] == part), None)
        if found is None:
            return False
        rest = rest[found + len(part) :]
    return len(rest) >= len(last) and (not last or rest[-len(last) :] == last)


def renewed(shown: Sequence[str], given: Sequence[str]) -> list[str] | None:
    """The lines of the page with the figures that were printed; None where that cannot be told.

    Without `...` these are all lines given. With it, each line of the page takes the next line
    given that differs from it in numbers and blanks alone.

    Parameters
    ----------
    shown : Sequence[str]
        The lines of the page.
    given : Sequence[str]
        The lines that were printed.
    """
    rest = _to_last_words([line.rstrip() for line in given])
    if not any(line.strip() == "..." for line in shown):
        return rest
    lines: list[str] = []
    at = 0
    for line in shown:
        if line.strip() == "...":
            lines.append(line)
            continue
        found = next((i for i in range(at, len(rest)) if _mask(rest[i]) == _mask(line)), None)
        if found is None:
            return None
        lines.append(rest[found])
        at = found + 1
    return lines


def _to_last_words(lines: list[str]) -> list[str]:
    """The lines without empty ones at their end."""
    while lines and not lines[-1]:
        lines.pop()
    return lines


def _mask(line: str) -> str:
    """The line without numbers and blanks, but with the first cell of a row of a table."""
    first, gap, rest = line.strip().partition("  ")
    if not gap:
        first, rest = "", first
    return " ".join([first, *_NUMBERS.sub("#", rest).split()])
