"""Shapes that JSON documents must have, written like the documents themselves.

- A dict is a table with these keys. A key that ends in "?" may be missing; other keys are ignored.
- A list of one shape is a list of any length.
- `Each` is a table whose keys are names.
- `Value` is anything that is neither a table nor a list.

So the shape of a file reads like the file.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Collection, Iterator, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from riskengine.errors import format_path

_DEEPEST = 40  #: levels of nested tables and lists; ours have ten
LARGEST_AMOUNT = 1e150  #: of a loss or figure to read: larger squares could overflow
_LONGEST = 60  #: characters of a wrong value in a message


class Value(NamedTuple):
    """A check of a value, and a description of the allowed values."""

    allowed: str
    holds: Callable[[Any], bool]


class Each(NamedTuple):
    """A table of any size whose keys are names."""

    shape: Any
    key: Value | None = None


Shape = Value | Each | Mapping[str, Any] | list[Any]


def whole(low: int, high: int) -> Value:
    """A whole number between bounds."""
    return Value(
        f"a whole number from {low} to {high}",
        lambda found: _is_number(found) and isinstance(found, int) and low <= found <= high,
    )


def number(low: float = -math.inf, high: float = math.inf) -> Value:
    """A finite number between bounds."""
    between = (
        "" if math.isinf(low) else f" from {low:g}" + ("" if high > 1e300 else f" to {high:g}")
    )
    return Value(
        f"a finite number{between}",
        lambda found: _is_number(found) and _is_finite(found) and low <= found <= high,
    )


def one_of(*words: str) -> Value:
    """One of the given words."""
    return Value(" or ".join(words), lambda found: isinstance(found, str) and found in words)


def or_null(value: Value) -> Value:
    """A value that may be missing."""
    return Value(f"{value.allowed}, or null", lambda found: found is None or value.holds(found))


TEXT = Value("a text", lambda found: isinstance(found, str))
SCALAR = Value(
    "a text or a number", lambda found: found is None or isinstance(found, str | int | float)
)
SHA256 = Value("64 hexadecimal digits", lambda found: _is_like("[0-9a-f]{64}", found))
MOMENT = Value("a time such as 2026-01-08T09:30:00+00:00", lambda found: _is_moment(found))
#: of a file directly in the folder: no path, no drive, not hidden
FILE_NAME = Value(
    "the name of a file", lambda found: _is_like(r"[^./\\:\0][^/\\:\0]{0,199}", found)
)
ANYTHING = Value("anything", lambda found: True)
TABLE = Value("a table", lambda found: isinstance(found, dict))


def parsed(data: bytes, shape: Shape) -> Any:
    """Parse a JSON document that must have a shape.

    Raises
    ------
    ValueError
        If the data are not JSON or not of this shape; describes the first fault.
    """
    try:
        document = json.loads(data.decode(), parse_constant=_refuse)
        json.dumps(document, ensure_ascii=False).encode()  # refuses lone surrogates
    except RecursionError:
        raise ValueError("it is nested too deep") from None
    except UnicodeError:
        raise ValueError("it is no text in UTF-8") from None
    if _is_deeper(document, _DEEPEST):
        raise ValueError("it is nested too deep")
    for fault in faults(document, shape):
        raise ValueError(fault)
    return document


def faults(found: Any, shape: Shape, path: tuple[str, ...] = ()) -> Iterator[str]:
    """All differences of a document from a shape, each in a few words."""
    if isinstance(shape, Value):
        if not shape.holds(found):
            yield _fault(found, path, shape.allowed)
    elif isinstance(shape, list):
        if isinstance(found, list):
            for place, item in enumerate(found):
                yield from faults(item, shape[0], (*path, str(place)))
        else:
            yield _fault(found, path, "a list")
    elif not isinstance(found, dict):
        yield _fault(found, path, "a table")
    elif isinstance(shape, Each):
        for name, item in found.items():
            if shape.key is not None and not shape.key.holds(name):
                yield _fault(name, path, f"a key that is {shape.key.allowed}")
            yield from faults(item, shape.shape, (*path, name))
    else:
        for key, below in shape.items():
            name = key.removesuffix("?")
            if name in found:
                yield from faults(found[name], below, (*path, name))
            elif name == key:
                yield f"{format_path((*path, name))} is missing"


def _fault(found: Any, path: tuple[str, ...], allowed: str) -> str:
    shown = json.dumps(found)
    shown = shown if len(shown) <= _LONGEST else f"{shown[:_LONGEST]}..."
    return f"{format_path(path) or 'the whole'} is {shown} in place of {allowed}"


def _is_number(found: Any) -> bool:
    return isinstance(found, int | float) and not isinstance(found, bool)


def _is_finite(found: float) -> bool:
    try:
        return math.isfinite(found)
    except OverflowError:  # a whole number too large for a float
        return False


def _is_like(pattern: str, found: Any) -> bool:
    return isinstance(found, str) and re.fullmatch(pattern, found) is not None


def _is_moment(found: Any) -> bool:
    try:
        return isinstance(found, str) and datetime.fromisoformat(found) is not None
    except ValueError:
        return False


def _is_deeper(found: Any, most: int) -> bool:
    below: Collection[Any] = found.values() if isinstance(found, dict) else found
    if not isinstance(found, dict | list):
        return False
    return most == 0 or any(_is_deeper(item, most - 1) for item in below)


def _refuse(constant: str) -> Any:
    raise ValueError(f"{constant} is no number that JSON knows")
