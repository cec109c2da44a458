"""Input text: Unicode normal form, valid names, plain values from any mapping.

Two encodings of one visible name (composed and decomposed Hangul or accents) must be one name,
because names decide which tables belong together and which random draws they get.
"""

from __future__ import annotations

import numbers
import unicodedata
from collections.abc import Callable, Mapping
from typing import Any

from riskengine.errors import Fault
from riskengine.model.spelling import is_invisible, is_selector

MOST_DEPTH = 40  #: deepest nesting of tables and lists that is read
LONGEST_NAME = 300  #: characters
LONGEST_TEXT = 32_767  #: UTF-16 code units: the most that an Excel cell holds
TEXTS = f"a text of at most {LONGEST_TEXT:,} characters, without control characters"
NAMES = f"names of 1 to {LONGEST_NAME} characters that can be seen, each once"

_JOINERS = "\u200c\u200d"
#: scripts that need joiners: Arabic and related scripts, those of India, Burma, Cambodia
_JOINED = ((0x600, 0xDFF), (0x1000, 0x109F), (0x1780, 0x17FF), (0x1800, 0x18AF))

_Path = tuple[str, ...]


def normal(text: str) -> str:
    """The text in Unicode normal form C."""
    return text if text.isascii() else unicodedata.normalize("NFC", text)


def fault_of_text(text: str, lines: bool = False) -> str:
    """Why a text is not allowed (length, control or half characters); empty if it is allowed.

    Parameters
    ----------
    text
        The text to look at.
    lines
        Whether line breaks are allowed, as in notes.
    """
    length = len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2
    if length > LONGEST_TEXT:
        return f"is a text of {length:,} characters, more than a cell of Excel holds"
    if text.isascii() and text.isprintable():
        return ""
    for character in text:
        category = unicodedata.category(character)
        if category == "Cs":
            return f"holds half a character (U+{ord(character):04X}), which no file can store"
        if category == "Cc" and character != "\t" and not (lines and character in "\r\n"):
            return f"holds the control character U+{ord(character):04X}"
    return ""


def fault_of_name(name: str, longest: int = LONGEST_NAME) -> str:
    """Why a name is not allowed, or an empty string; unlike a text, it must be visible in full."""
    if not name or name.isspace():
        return "is an empty name"
    if len(name) > longest:
        return f"is a name of {len(name):,} characters; a name has at most {longest:,}"
    return fault_of_text(name) or _hidden(name)


def _hidden(name: str) -> str:
    """The fault of an invisible character in a name, or an empty string."""
    if name.isascii():
        return ""
    for place, character in enumerate(name):
        if is_invisible(character) and not _has_use(name, place):
            return f"holds U+{ord(character):04X}, which cannot be seen: two names could look alike"
    return ""


def _has_use(name: str, place: int) -> bool:
    """Whether an invisible character is needed to write the name correctly in its script."""
    before, after = name[place - 1 : place], name[place + 1 : place + 2]
    if is_selector(name[place]):
        return not before.isascii() and not before.isspace()  # an empty `before` is ASCII, too
    joins_letters = _is_joined(before) and _is_joined(after)
    return name[place] in _JOINERS and (joins_letters or (_is_sign(before) and _is_sign(after)))


def _is_sign(character: str) -> bool:
    """Whether a character is a pictogram, or selects the variant of one."""
    return bool(character) and (
        is_selector(character) or unicodedata.category(character) in ("So", "Sk")
    )


def _is_joined(character: str) -> bool:
    is_letter = unicodedata.category(character or " ")[0] in "LM"
    return is_letter and any(low <= ord(character) <= high for low, high in _JOINED)


def too_deep(path: _Path) -> Fault:
    """The fault of a path of more than `MOST_DEPTH` keys, of which it names the first six."""
    return Fault(
        path=path[:6],
        found=f"is nested more than {MOST_DEPTH} levels deep",
        allowed=f"tables nested at most {MOST_DEPTH} levels deep",
    )


def normalise(data: Mapping[Any, Any], report: Callable[[Fault], None]) -> dict[str, Any]:
    """A mapping as plain dicts, lists and scalars, every name in normal form C.

    Keys whose value is None are left out. Reported and left out are: keys that are not text, keys
    that become equal in normal form, invalid names, and nesting deeper than `MOST_DEPTH`.
    """
    return _table(data, (), report)


def normalise_value(value: Any, path: _Path, report: Callable[[Fault], None]) -> Any:
    """A value at a path of a document, normalised like the values of a whole document."""
    return _value(value, path, report)


def _table(data: Mapping[Any, Any], path: _Path, report: Callable[[Fault], None]) -> dict[str, Any]:
    if len(path) >= MOST_DEPTH - 1:
        report(too_deep(path))
        return {}
    plain: dict[str, Any] = {}
    for key, value in data.items():
        if value is None:
            continue
        name = normal(key) if isinstance(key, str) else str(key)
        reason = _fault_of_key(key, name, plain, path)
        if reason:
            where = (*path, name)
            report(Fault(path=where, found=reason, allowed=NAMES))
            continue
        plain[name] = _value(value, (*path, name), report)
    return plain


def _fault_of_key(key: object, name: str, known: Mapping[str, Any], path: _Path) -> str:
    if not isinstance(key, str):
        return f"has a key that is no text: {key!r}"
    if name in known:
        return "appears twice: the two names are equal in Unicode normal form (NFC)"
    return fault_of_name(name, longest_name(path))


def longest_name(path: _Path) -> int:
    """The most characters that a key of the table at a path may have."""
    return LONGEST_TEXT if _holds_paths(path) else LONGEST_NAME


def _holds_paths(path: _Path) -> bool:
    """Whether the keys of a table are dotted paths, each made of several names."""
    if path[:2] == ("mitigation", "options"):
        return path[3:] in (("set",), ("add",))
    if path[:2] == ("batch", "scenarios"):
        return path[3:] == ("set",)
    is_limits = path == ("mitigation", "limits")  # words, and the name of an industry
    return is_limits or path == ("sweep", "parameters") or path[-1:] == ("what_happened",)


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
    """Arrays and array scalars of numerical libraries as lists and numbers; all else unchanged.

    A value that is not plain is not allowed in a config; the schema check reports it.
    """
    if hasattr(value, "tolist"):
        plain = value.tolist()
        if isinstance(plain, bool | int | float | str | list):
            return _value(plain, path, report)
    return value


def _is_file_name(path: _Path) -> bool:
    """Whether a value is a file name. Those are not normalised: most file systems compare bytes."""
    if path[0] == "batch":
        return path[-1] in ("config", "previous")
    is_part = path[0] == "parts" and path[-1] == "config"
    return is_part or path[0] in ("extends", "tables") or path[-1] == "file"
