"""A value as TOML writes it on one line, for tables and messages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from riskengine.config.schema.resolve import plain
from riskengine.config.schema.scalars import quoted
from riskengine.errors import format_path


def one_line(value: Any) -> str:
    """The text of a value.

    >>> one_line({"lognormal": {"median": 60, "p90": 245.5}})
    '{ lognormal = { median = 60, p90 = 245.5 } }'
    """
    value = plain(value)
    if isinstance(value, Mapping):
        entries = (f"{format_path((key,))} = {one_line(item)}" for key, item in value.items())
        return "{ " + ", ".join(entries) + " }" if value else "{}"
    if isinstance(value, list):
        return "[" + ", ".join(map(one_line, value)) + "]"
    if isinstance(value, bool):
        return str(value).lower()
    return quoted(value) if isinstance(value, str) else repr(value)
