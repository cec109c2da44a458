"""Kernels as the compiler makes them; called as they are, they run as plain Python."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

from riskengine.kernel.compiled import build


@cache
def machine_code(kernel: Callable[..., Any]) -> Any:
    """The kernel compiled for whatever it is given, once a process."""
    return build(kernel)
