"""JSON documents as text: manifests, stories, and answers of the command line.

A module of its own, because a verb that prints JSON need not load all that writes results.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from datetime import date
from json.encoder import encode_basestring, encode_basestring_ascii
from typing import Any

_CONSTANTS = {None: "null", True: "true", False: "false"}


def to_json(document: Mapping[str, Any], *, ascii_only: bool = False) -> str:
    """A document as JSON text that any reader accepts: no NaN, dates as ISO text.

    Raises
    ------
    ValueError, TypeError
        If it holds a number that is not finite, or a value that has no JSON form.
    """
    quoted = encode_basestring_ascii if ascii_only else encode_basestring
    return _text(document, "\n", quoted) + "\n"


def _text(value: Any, margin: str, quoted: Callable[[str], str]) -> str:
    """A value as the json module writes it with an indent of 2, which takes it three times as long.

    `margin` is a line break and the indent of the line on which the value begins.
    """
    kind = type(value)
    if kind is str:
        return quoted(value)
    if kind is int or (kind is float and -math.inf < value < math.inf):
        return repr(value)
    if value is None or kind is bool:
        return _CONSTANTS[value]
    inner = margin + "  "
    if isinstance(value, dict) and value:
        parts = [f"{inner}{quoted(_key(key))}: {_text(value[key], inner, quoted)}" for key in value]
        return f"{{{','.join(parts)}{margin}}}"
    if isinstance(value, list | tuple) and value:
        parts = [inner + _text(each, inner, quoted) for each in value]
        return f"[{','.join(parts)}{margin}]"
    ascii_only = quoted is encode_basestring_ascii
    return json.dumps(value, ensure_ascii=ascii_only, allow_nan=False, default=_plain)


def _key(key: object) -> str:
    return key if isinstance(key, str) else json.dumps(key, allow_nan=False)


def _plain(value: object) -> str:
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} has no place in a manifest")
