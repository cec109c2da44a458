"""An answer for programs: one JSON document."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from riskengine.store.documents import to_json

SCHEMA_VERSION = 1  #: of every JSON document printed


def document(**content: Any) -> str:
    """The text of a document, escaped to ASCII: any encoding of the terminal gives the same."""
    return to_json({"schema_version": SCHEMA_VERSION, **content}, ascii_only=True).rstrip("\n")


def record(row: Any) -> dict[str, Any]:
    """A dataclass as plain data: JSON has no NaN and no infinity, so they are null."""
    return {
        name: None if isinstance(value, float) and not math.isfinite(value) else value
        for name, value in asdict(row).items()
    }


def records(rows: Iterable[Any]) -> list[dict[str, Any]]:
    """The same of several."""
    return [record(row) for row in rows]
