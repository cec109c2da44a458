"""JSON documents as text: manifests, stories, and answers of the command line.

A module of its own, because a verb that prints JSON need not load all that writes results.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from typing import Any


def to_json(document: Mapping[str, Any], *, ascii_only: bool = False) -> str:
    """A document as JSON text that any reader accepts: no NaN, dates as ISO text."""
    text = json.dumps(document, indent=2, ensure_ascii=ascii_only, allow_nan=False, default=_plain)
    return text + "\n"


def _plain(value: object) -> str:
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} has no place in a manifest")
