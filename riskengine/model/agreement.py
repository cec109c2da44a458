"""Conditions that must hold between the figures of a result, and whether they do."""

from __future__ import annotations

from typing import NamedTuple

FINE, WRONG = "fine", "LOOK HERE"


class Agreement(NamedTuple):
    """A condition that must hold, and the number of cases in which it does not."""

    question: str
    looked_at: int
    wrong: int

    @property
    def verdict(self) -> str:
        return WRONG if self.wrong else FINE
