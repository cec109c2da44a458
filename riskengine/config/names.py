"""Text on entry: Unicode normal form, what a name may hold, plain values from any mapping.

Two spellings of one visible name (composed and decomposed Hangul or accents) must be one name,
because names decide which tables belong together and which random draws they get.
"""

from __future__ import annotations

import numbers
import unicodedata
from collections.abc import Callable, Mapping
from typing import Any

from riskengine.errors import Fault

MOST_DEPTH = 40  #: deepest nesting of tables and lists that is read

_Path = tuple[str, ...]


def normal(text: str) -> str:
    """The text in Unicode normal form C."""
    return text if text.isascii() else unicodedata.normalize("NFC", text)


def fault_of_text(text: str, lines: bool = False) -> str:
    """What forbids a text, or an empty text: control characters and half characters do.

    Parameters
    ----------
    text
        The text to look at.
    lines
        Whether line breaks are allowed, as in notes.
    """
    if text.isascii() and text.isprintable():
        return ""
    for character in text:
        category = unicodedata.category(character)
        if category == "Cs":
            return f"holds half a character (U+{ord(character):04X}), which no file can store"
        if category == "Cc" and character != "\t" and not (lines and character in "\r\n"):
            return f"holds the control character U+{ord(character):04X}"
    return ""


def fault_of_name(name: str) -> str:
    """What forbids a name, or an empty text; beside `fault_of_text`, a name is not empty."""
    if not name or name.isspace():
        return "is an empty name"
    return fault_of_text(name)


def normalise(data: Mapping[Any, Any], report: Callable[[Fault], None]) -> dict[str, Any]:
    """A mapping as plain dicts, lists and scalars, every name in normal form C.

    Keys whose value is None are left out. Keys that are no text, that become equal in normal form,
    that are no proper names, and nesting deeper than `MOST_DEPTH` are reported and left out.
    """
    return _table(data, (), report)


def _table(data: Mapping[Any, Any], path: _Path, report: Callable[[Fault], None]) -> dict[str, Any]:
    if len(path) >= MOST_DEPTH - 1:
        report(
            Fault(
                path=path[:6],
                found=f"is nested more than {MOST_DEPTH} levels deep",
                allowed=f"tables nested at most {MOST_DEPTH} levels deep",
            )
        )
        return {}
    plain: dict[str, Any] = {}
    for key, value in data.items():
        if value is None:
            continue
        name = normal(key) if isinstance(key, str) else str(key)
        reason = _fault_of_key(key, name, plain)
        if reason:
            where = (*path, name)
            report(Fault(path=where, found=reason, allowed="names that differ, as text"))
            continue
        plain[name] = _value(value, (*path, name), report)
    return plain


def _fault_of_key(key: object, name: str, known: Mapping[str, Any]) -> str:
    if not isinstance(key, str):
        return f"has a key that is no text: {key!r}"
    if name in known:
        return "appears twice: the two names are equal in Unicode normal form (NFC)"
    return fault_of_name(name)


def _value(value: Any, path: _Path, report: Callable[[Fault], None]) -> Any:
    if isinstance(value, float):
        return float(value) or 0.0  # -0.0 becomes 0.0
    if isinstance(value, bool | int):
        return value
    if isinstance(value, dict):
        return _table(value, path, report)
    if isinstance(value, str):
        return str(value) if _is_file_name(path) else normal(value)
    if isinstance(value, list | tuple):
        return _list(value, path, report)
    if isinstance(value, Mapping):
        return _table(value, path, report)
    if isinstance(value, numbers.Integral):
        return int(value)
    return _from_array(value, path, report)


def _list(
    value: list[Any] | tuple[Any, ...], path: _Path, report: Callable[[Fault], None]
) -> list[Any]:
    if len(path) >= MOST_DEPTH - 1:
        _table({}, path, report)
        return []
    return [_value(item, (*path, str(number)), report) for number, item in enumerate(value)]


def _from_array(value: Any, path: _Path, report: Callable[[Fault], None]) -> Any:
    """Arrays and array scalars of numerical libraries as lists and numbers; all else as it is.

    What is no plain value has no place in a config: the schema will say so.
    """
    if hasattr(value, "tolist"):
        plain = value.tolist()
        if isinstance(plain, bool | int | float | str | list):
            return _value(plain, path, report)
    return value


def _is_file_name(path: _Path) -> bool:
    """File names keep their own spelling: most file systems compare bytes."""
    return path[0] in ("extends", "tables") or path[-1] == "file"
