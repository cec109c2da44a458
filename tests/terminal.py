"""A terminal of the same width on every machine."""

from __future__ import annotations

import os
from contextlib import AbstractContextManager
from typing import Any
from unittest import mock


def same_width() -> AbstractContextManager[Any]:
    """Tables that are printed inside have room for 120 characters."""
    return mock.patch.dict(os.environ, COLUMNS="120")
