"""Rows in few words, for tests that compare what two ways of playing show."""

from __future__ import annotations

import hashlib

from riskengine.model.losses import Losses, held


def digest(losses: Losses) -> tuple[int, int, str]:
    """What rows are, in few words: first trial, number, SHA-256 of all series."""
    found = hashlib.sha256()
    for name in held(losses):
        found.update(getattr(losses, name).tobytes())
    return losses.first_trial, losses.trials, found.hexdigest()


class Seen(list[tuple[int, int, str]]):
    """The blocks that were shown, in order."""

    def __call__(self, losses: Losses) -> None:
        self.append(digest(losses))
