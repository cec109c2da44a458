"""A value as TOML on one line, complete for files and shortened for messages."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import date, time
from typing import Any

from riskengine.config.schema.resolve import plain
from riskengine.config.schema.scalars import quoted
from riskengine.errors import format_path


def one_line(value: Any) -> str:
    """A value for people: long texts are cut, and unprintable characters are escaped.

    >>> one_line({"lognormal": {"median": 60, "p90": 245.5}})
    '{ lognormal = { median = 60, p90 = 245.5 } }'
    """
    return _written(plain(value), quoted)


def toml_text(value: Any) -> str:
    """A value as TOML text, from which the same value can be read back.

    >>> toml_text({"pert": {"low": 9, "rare earths": ["x", True]}})
    '{ pert = { low = 9, "rare earths" = ["x", true] } }'
    """
    return _written(value, _whole)


def _whole(text: str) -> str:
    # DEL is the only character that JSON leaves unescaped and TOML refuses.
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _written(value: Any, quote: Callable[[str], str]) -> str:
    if isinstance(value, Mapping):
        entries = [f"{format_path((k,))} = {_written(v, quote)}" for k, v in value.items()]
        return f"{{ {', '.join(entries)} }}" if entries else "{}"
    if isinstance(value, list):
        return f"[{', '.join(_written(item, quote) for item in value)}]"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, date | time):
        return value.isoformat()
    return quote(value) if isinstance(value, str) else repr(value)
