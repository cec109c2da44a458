"""Values as TOML on one line, so that a suite's own values can be given like `--set`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date, time
from typing import Any

from riskengine.errors import format_path


def toml_text(value: Any) -> str:
    """A value as TOML.

    >>> toml_text({"level": "near-zero", "materials": ["gallium"]})
    '{level = "near-zero", materials = ["gallium"]}'
    >>> toml_text(True), toml_text(1.5)
    ('true', '1.5')
    """
    if isinstance(value, Mapping):
        parts = (f"{format_path((key,))} = {toml_text(item)}" for key, item in value.items())
        return "{" + ", ".join(parts) + "}"
    if isinstance(value, list):
        return f"[{', '.join(map(toml_text, value))}]"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, str):
        # A DEL is the one character that JSON leaves as it is and TOML refuses.
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    return repr(value)
