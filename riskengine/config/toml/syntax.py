"""Parses TOML to plain dicts; a syntax error becomes a fault that names its line and reason."""

from __future__ import annotations

import re
import tomllib
from typing import Any

from riskengine.config.layers.layers import clean
from riskengine.config.sources.names import MOST_DEPTH
from riskengine.config.toml.positions import DepthError, positions
from riskengine.errors import Fault, format_path

_WHERE = re.compile(r" \(at (?:line (\d+), column (\d+)|end of document)\)$")
_LONG_INTEGER = re.compile(r"[0-9][0-9_]{4000}")
_TWICE = re.compile(r"Cannot (?:overwrite|declare|mutate)|Duplicate inline table key")

_REASONS = {
    "Invalid value": "the value is no TOML value; a text needs quotes",
    "Expected '=' after a key in a key/value pair": "a key needs = and a value",
    "Expected newline or end of document after a statement": "something follows the value",
    "Invalid statement": "this is neither a [table] nor key = value",
    "Unclosed array": "a list is never closed by ]",
    "Unclosed inline table": "an inline table is never closed by }, or a comma is missing",
    "Unterminated string": "a text is never closed by its quote",
    "Expected ']' at the end of a table declaration": "a [table] header is not closed by ]",
    "Illegal character '\\n'": "a line ends inside a text: its closing quote is missing",
    "Illegal character": "a character that cannot be printed stands here",
    "Unescaped '\\' in a string": "a backslash in a text: write two, or use single quotes",
}


class TomlError(Exception):
    """A text is not valid TOML; `line`, `found` and `hint` go into the fault."""

    def __init__(self, line: int, found: str, hint: str = ""):
        super().__init__(found)
        self.line, self.found, self.hint = line, found, hint


def parse(text: str) -> dict[str, Any]:
    """Parse a TOML text.

    Raises
    ------
    TomlError
        When the text is not TOML, is nested too deeply or holds a number too long to read.
    """
    try:
        if any(line.count(".") >= MOST_DEPTH for line in text.split("\n")):
            positions(text)  # tomllib takes quadratic time in the parts of a dotted key
        return tomllib.loads(text)
    except DepthError as error:
        raise _too_deep(error) from None
    except tomllib.TOMLDecodeError as error:
        raise _explained(text, str(error)) from None
    except (ValueError, RecursionError, OverflowError):
        raise _too_long(text) from None


def parse_value(text: str) -> Any:
    """The value of a text that is one TOML value, on one line.

    Raises
    ------
    TomlError
        When the text is not a single TOML value.
    """
    data = parse(f"value = {text}")
    if list(data) != ["value"]:
        raise TomlError(1, "is more than one value")
    return data["value"]


def syntax_fault(error: TomlError, text: str, shown: str) -> Fault:
    """The fault of a syntax error in a file."""
    lines = text.split("\n")
    line = min(max(error.line, 1), len(lines))
    return Fault(
        path=(),
        found=error.found,
        allowed="TOML",
        hint=error.hint,
        file=shown,
        line=line,
        text=clean(lines[line - 1]),
    )


def _explained(text: str, message: str) -> TomlError:
    where = _WHERE.search(message)
    reason = _WHERE.sub("", message)
    last = text.rstrip("\n").count("\n") + 1
    line = int(where[1]) if where and where[1] else last
    if _TWICE.match(reason):
        return _twice(text, line)
    plain = next((words for start, words in _REASONS.items() if reason.startswith(start)), reason)
    return TomlError(line, f"is no valid TOML: {plain}", _hint(text, line))


def _twice(text: str, line: int) -> TomlError:
    """The fault of a key given twice: names the key and the line where it first appeared."""
    found = positions("\n".join(text.split("\n")[:line]))
    first = dict(reversed([(path, number) for number, (path, _) in enumerate(found)]))
    for number in range(len(found) - 1, -1, -1):
        path, at = found[number]
        if first[path] < number:
            hint = f"it stands first in line {found[first[path]][1]}"
            return TomlError(at, f"the key {format_path(path)} appears twice", hint)
    return TomlError(line, "a key appears twice")


def _hint(text: str, line: int) -> str:
    content = text.split("\n")[line - 1] if line <= text.count("\n") + 1 else ""
    if re.search(r"=\s*[0-9.]+\s*%", content):
        return "write a percentage as a fraction: 0.35 for 35 %"
    if re.search(r"=\s*[0-9]+,[0-9]", content):
        return "numbers have a decimal point: 1.5, not 1,5"
    if re.search(r"=\s*(True|False|yes|no)\s*$", content):
        return "write true or false"
    if re.search("[\u2018-\u201f]", content):
        return 'curly quotes are no quotes in TOML: use "'
    if not content.isascii() and re.match(r"\s*\[?[^\"'=]*[^\x00-\x7f]", content):
        return "names with letters other than A-Z need quotes in a key"
    return ""


def _too_deep(error: DepthError) -> TomlError:
    return TomlError(error.line, f"is nested more than {MOST_DEPTH} levels deep")


def _too_long(text: str) -> TomlError:
    try:
        positions(text)
    except DepthError as error:
        return _too_deep(error)
    match = _LONG_INTEGER.search(text)
    line = text.count("\n", 0, match.start()) + 1 if match else 1
    return TomlError(line, "holds a number too long to read")
