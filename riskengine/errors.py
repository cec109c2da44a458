"""The errors that reach a user: each knows its exit code and how its message is laid out."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

_BARE = re.compile(r"[A-Za-z0-9_-]+")  #: a key that TOML takes without quotes
_MOST_SHOWN = 200  #: characters of one name in a message


class RiskengineError(Exception):
    """Root of every error a user can meet; `exit_code` is what the command line returns."""

    exit_code = 1


class UsageFault(RiskengineError):
    """The command line asks for something that makes no sense; nothing was run or written."""

    exit_code = 2


class TypeFault(UsageFault, TypeError):
    """A function of the library is given an argument of the wrong type."""


class RunFault(RiskengineError):
    """A run failed before its end; what was there before is intact."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One thing that is wrong with a config.

    `path` is the tuple of keys that leads to the value, from the top of the file.
    """

    path: tuple[str, ...]
    found: str  #: what is there, or the sum of the values
    allowed: str  #: what is allowed there, with its unit and range
    hint: str = ""  #: the nearest valid word, or the likely intention
    file: str = ""  #: file (and sheet) the value came from; empty for a config given as a dict
    line: int = 0  #: 1-based line in `file`; 0 when unknown
    cell: str = ""  #: cell in a table, such as "C7"
    text: str = ""  #: the line itself

    @property
    def place(self) -> str:
        """Where the value is: `file:line`, `file!cell`, or nothing."""
        if self.cell:
            return f"{self.file}!{self.cell}"
        if self.line:
            return f"{self.file}:{self.line}"
        return self.file


class ConfigFault(RiskengineError):
    """A config cannot be run; `faults` holds every problem found, in file order."""

    exit_code = 2

    def __init__(self, faults: Sequence[Fault]):
        self.faults = tuple(faults)
        super().__init__(self.layout())

    def layout(self, most: int = 50) -> str:
        """The message for people: every fault with its place, and the count at the end."""
        count = len(self.faults)
        noun = "problem" if count == 1 else "problems"
        return f"{self.described(most)}\n\n{count} {noun} found; nothing was run."

    def described(self, most: int) -> str:
        """Every fault with its place, or the first ones if there are more than `most`."""
        blocks = [_layout_fault(fault) for fault in self.faults[:most]]
        count = len(self.faults)
        if count > most:
            blocks.append(f"... and {count - most} more")
        return "\n\n".join(blocks)


def _layout_fault(fault: Fault) -> str:
    path = format_path([_short(part) for part in fault.path])
    head = ": ".join(part for part in (fault.place, path) if part)
    lines = [f"{head}: {fault.found}" if head else fault.found]
    if fault.text:
        lines.append(f"    {fault.text.strip()}")
    if fault.allowed:
        lines.append(f"  allowed: {fault.allowed}")
    if fault.hint:
        lines.append(f"  {fault.hint}")
    return "\n".join(lines)


def _short(part: str) -> str:
    return part if len(part) <= _MOST_SHOWN else f"{part[:_MOST_SHOWN]}..."


def format_path(path: Sequence[str]) -> str:
    """The dotted path of a value as TOML would write it, quoting the parts that need it.

    >>> format_path(("materials", "rare earths", "share"))
    'materials."rare earths".share'
    """
    return ".".join(part if _is_bare(part) else _quote(part) for part in path)


def escaped(text: str, kept: str = "") -> str:
    """A text for a message: unprintable characters as TOML escapes them, all but those in `kept`.

    Nothing that a config is called or holds can then move the cursor or colour a terminal.

    >>> escaped("a" + chr(27) + "[2J")
    'a\\\\u001b[2J'
    """
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() or c in kept else _escape(c) for c in text)


def _escape(character: str) -> str:
    code = ord(character)
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def _is_bare(part: str) -> bool:
    return _BARE.fullmatch(part) is not None


def _quote(part: str) -> str:
    quotable = part.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped(quotable)}"'
