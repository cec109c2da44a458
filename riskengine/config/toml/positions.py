"""The line of every key of a TOML text, which `tomllib` does not report.

The scanner only looks for keys; `tomllib` decides whether the text is valid. On invalid TOML the
scanner still ends, and the keys found before the mistake are right. It also refuses nesting so deep
that parsing it would exhaust the stack or take minutes.
"""

from __future__ import annotations

import re
from bisect import bisect_right

from riskengine.config.sources.names import MOST_DEPTH, normal

_Path = tuple[str, ...]

_BLANK = re.compile(r"[ \t]*")
_SPACE = re.compile(r"(?:[ \t\r\n]+|#[^\n]*)*")
_BARE = re.compile(r"[^\s.=\[\]{},\"'#]+")
_BASIC = re.compile(r'"(?:[^"\\\n]|\\.)*"?')
_LITERAL = re.compile(r"'[^'\n]*'?")
_LONG_BASIC = re.compile(r'"""(?:[^"\\]|\\.|"(?!""))*(?:"{3,5}|\Z)', re.DOTALL)
_LONG_LITERAL = re.compile(r"'''(?:[^']|'(?!''))*(?:'{3,5}|\Z)", re.DOTALL)
_SCALAR = re.compile(r"[^,\]}\n#]*")
_ESCAPE = re.compile(r'\\(?:u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|(["\\btnfre]))')
_ESCAPED = {"b": "\b", "t": "\t", "n": "\n", "f": "\f", "r": "\r", "e": "\x1b"}


class DepthError(Exception):
    """Tables or lists are nested more than `MOST_DEPTH` deep, at `line`.

    `found` holds the keys up to that line.
    """

    def __init__(self, line: int, found: list[tuple[_Path, int]]):
        super().__init__(line)
        self.line, self.found = line, found


def read_key(text: str, at: int = 0) -> tuple[_Path, int]:
    """A dotted key that starts at `at`, and where it ends; an empty path when there is no key.

    Bare parts may contain any letters, more than TOML allows, so that columns and the command line
    need no quotes.
    """
    parts: list[str] = []
    while True:
        at = _end(_BLANK, text, at)
        part, end = _read_part(text, at)
        if end == at:
            return tuple(parts), at
        parts.append(part)
        at = _end(_BLANK, text, end)
        if text[at : at + 1] != ".":
            return tuple(parts), at
        at += 1


def positions(text: str) -> list[tuple[_Path, int]]:
    """Every key of a TOML text in order: its path and its line, counted from 1.

    Raises
    ------
    DepthError
        When tables or lists are nested more than `MOST_DEPTH` deep.
    """
    return _Scanner(text).scan()


def _end(pattern: re.Pattern[str], text: str, at: int) -> int:
    match = pattern.match(text, at)
    return match.end() if match else at


def _read_part(text: str, at: int) -> tuple[str, int]:
    if text.startswith('"', at):
        end = _end(_BASIC, text, at)
        return normal(_ESCAPE.sub(_unescape, text[at + 1 : end - 1])), end
    if text.startswith("'", at):
        end = _end(_LITERAL, text, at)
        return normal(text[at + 1 : end - 1]), end
    end = _end(_BARE, text, at)
    return normal(text[at:end]), end


def _unescape(match: re.Match[str]) -> str:
    code = match[1] or match[2]
    if not code:
        return _ESCAPED.get(match[3], match[3])
    return chr(int(code, 16)) if int(code, 16) < 0x110000 else "\ufffd"


class _Scanner:
    def __init__(self, text: str):
        self._text = text
        self._line_ends = [match.start() for match in re.finditer("\n", text)]
        self._found: list[tuple[_Path, int]] = []

    def scan(self) -> list[tuple[_Path, int]]:
        text, at = self._text, 0
        header: _Path = ()
        while (at := _end(_SPACE, text, at)) < len(text):
            start = at
            if text[at] == "[":
                header, at = read_key(text, at + (2 if text.startswith("[[", at) else 1))
                self._record((), header, start)
                at = self._line_end(at)
            else:
                at = self._entry(header, at)
                at = self._line_end(at) if at == start or text[at : at + 1] != "\n" else at
        return self._found

    def _entry(self, table: _Path, at: int) -> int:
        """Read `key = value` into the index; return where it ends."""
        key, end = read_key(self._text, at)
        if not key:
            return at
        self._record(table, key, at)
        if self._text[end : end + 1] != "=":
            return end
        return self._value(table + key, end + 1)

    def _value(self, path: _Path, at: int) -> int:
        text = self._text
        at = _end(_BLANK, text, at)
        for quote, pattern in (
            ('"""', _LONG_BASIC),
            ("'''", _LONG_LITERAL),
            ('"', _BASIC),
            ("'", _LITERAL),
        ):
            if text.startswith(quote, at):
                return _end(pattern, text, at)
        if text.startswith("[", at):
            return self._items(path, at + 1, "]")
        if text.startswith("{", at):
            return self._items(path, at + 1, "}")
        return _end(_SCALAR, text, at)

    def _items(self, path: _Path, at: int, close: str) -> int:
        """Read the items of an array or inline table up to its closing bracket."""
        text = self._text
        self._check_depth(path, at)
        while (at := _end(_SPACE, text, at)) < len(text) and text[at] != close:
            start = at
            at = self._entry(path, at) if close == "}" else self._value((*path, "[]"), at)
            at = _end(_SPACE, text, at)
            at += text[at : at + 1] == ","
            if at == start:
                return at  # no progress: not TOML, as tomllib will report
        return at + 1

    def _record(self, table: _Path, key: _Path, at: int) -> None:
        self._check_depth(table + key if len(key) < MOST_DEPTH else key, at)
        line = self._line(at)
        self._found.extend((table + key[:length], line) for length in range(1, len(key) + 1))

    def _check_depth(self, path: _Path, at: int) -> None:
        if len(path) >= MOST_DEPTH:
            raise DepthError(self._line(at), self._found)

    def _line(self, at: int) -> int:
        return bisect_right(self._line_ends, at - 1) + 1

    def _line_end(self, at: int) -> int:
        end = self._text.find("\n", at)
        return len(self._text) if end < 0 else end
