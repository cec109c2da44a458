"""Where the results of an interrupted study are kept, so that it can go on."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any, Protocol

from riskengine.mitigation.search.measured import Portfolio


class Kept(Protocol):
    """Results by name, as plain lists, numbers and texts."""

    def find(self, name: str) -> Any:
        """The result of a name; None if none is kept."""

    def keep(self, name: str, result: Any) -> None:
        """Keep a result."""


class KeptNowhere:
    """Keeps nothing."""

    def find(self, name: str) -> Any:
        """None."""

    def keep(self, name: str, result: Any) -> None:
        """Nothing."""


def block_name(kind: str, portfolios: Sequence[Portfolio], *others: int) -> str:
    """A name that depends on what is played: some portfolios, and other numbers."""
    text = " ".join([*(f"{each:x}" for each in portfolios), *map(str, others)])
    return f"{kind}-{hashlib.sha256(text.encode()).hexdigest()[:32]}"
